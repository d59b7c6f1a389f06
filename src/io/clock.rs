//! The system's clock, where a caller did not say what time it is.

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::stream::{OpenOptions, SealOptions};

/// Returns the options with a signing time.
pub(crate) fn stamped(options: &SealOptions) -> SealOptions {
    if options.has_signing_time() {
        return options.clone();
    }
    options.clone().signing_time(now())
}

/// Returns the options with the present, where signing times are judged by it.
pub(crate) fn timed(options: &OpenOptions) -> Cow<'_, OpenOptions> {
    if options.needs_now() {
        return Cow::Owned(options.clone().now(now()));
    }
    Cow::Borrowed(options)
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
