//! The system's clock, where a caller did not set a signing time.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::stream::SealOptions;

/// Returns the options with a signing time.
pub(crate) fn stamped(options: &SealOptions) -> SealOptions {
    if options.has_signing_time() {
        return options.clone();
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    options.clone().signing_time(now)
}
