//! How a stream is to be opened.

use core::ffi::c_void;
use core::mem::take;
use core::time::Duration;
use std::sync::Arc;

use crate::stream::OpenOptions;

use super::fail::Fail;
use super::guard::{guard, release};
use super::handle::{Handle, Lent, borrow, borrow_mut, create, free};
use super::identity::secimg_identity;
use super::memory::bytes;
use super::progress::{Progress, secimg_progress_fn};
use super::status::secimg_status;
use super::trusted_signers::secimg_trusted_signers;

/// How streams are to be opened: by whom, and what is required of them. What it is given is copied, and it can be
/// used for any number of streams, by many threads at once when nothing changes it any more.
#[derive(Debug)]
pub struct secimg_open_options {
    _opaque: [u8; 0],
}

pub(super) struct Opening {
    pub(super) options: OpenOptions,
    pub(super) progress: Progress,
}

impl Handle for secimg_open_options {
    type Inner = Opening;
    const TAG: u32 = 0x5EC1_000B;
}

impl Opening {
    fn change(&mut self, change: impl FnOnce(OpenOptions) -> OpenOptions) {
        self.options = change(take(&mut self.options));
    }
}

/// Starts without an identity, without a required signer, with an empty context and the default limits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_open_options_new(
    out: *mut *mut secimg_open_options,
) -> secimg_status {
    guard(|| {
        let make = || {
            Ok(Opening {
                options: OpenOptions::new(),
                progress: Progress::NONE,
            })
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

unsafe fn lent<'a>(options: *mut secimg_open_options) -> Result<Lent<'a, Opening>, Fail> {
    // SAFETY: the caller's handle.
    unsafe { borrow_mut(options) }
}

/// Adds an identity. They are tried in order, each only on entries whose key id is its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_open_options_add_identity(
    options: *mut secimg_open_options,
    identity: *const secimg_identity,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let mut options = unsafe { lent(options)? };
        // SAFETY: as the module says.
        let identity = Arc::clone(unsafe { borrow(identity)? });
        options.change(|o| o.identity(identity));
        Ok(())
    })
}

/// Requires a signature by one of these signers. An empty set trusts nobody and refuses every stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_open_options_require_signer(
    options: *mut secimg_open_options,
    trusted: *const secimg_trusted_signers,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let mut options = unsafe { lent(options)? };
        // SAFETY: as the module says.
        let trusted = unsafe { borrow(trusted)? }.clone();
        options.change(|o| o.require_signer(trusted));
        Ok(())
    })
}

/// Refuses a signature of a required signer that was made more than `past` seconds before the present or more than `future`
/// seconds behind it, by the signer's clock and this system's; both ends are accepted, and a signing time that was not said is
/// not: `SECIMG_ERR_STALE_SIGNATURE`. `future` is for clocks that are ahead, 300 for instance. Without
/// `secimg_open_options_require_signer` nothing can be opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_open_options_set_signing_window(
    options: *mut secimg_open_options,
    past: u64,
    future: u64,
) -> secimg_status {
    guard(|| {
        let (past, future) = (Duration::from_secs(past), Duration::from_secs(future));
        // SAFETY: as the module says.
        unsafe { lent(options)? }.change(|o| o.signed_within(past, future));
        Ok(())
    })
}

/// Gives the context that streams were bound to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_open_options_set_context(
    options: *mut secimg_open_options,
    context: *const u8,
    len: usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let context = unsafe { bytes(context, len)? };
        // SAFETY: as the module says.
        unsafe { lent(options)? }.change(|o| o.context(context));
        Ok(())
    })
}

/// Sets the longest stream that is accepted, in bytes; longer ones are `SECIMG_ERR_LIMIT`. The default is what
/// the format allows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_open_options_set_max_stream_bytes(
    options: *mut secimg_open_options,
    bytes: u64,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { lent(options)? }.change(|o| {
            let limits = o.get_limits().stream_bytes(bytes);
            o.limits(limits)
        });
        Ok(())
    })
}

/// Sets the most images in one stream; the default is 100 000.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_open_options_set_max_items(
    options: *mut secimg_open_options,
    items: usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { lent(options)? }.change(|o| {
            let limits = o.get_limits().items(items);
            o.limits(limits)
        });
        Ok(())
    })
}

/// Promises (not 0) that nothing that a `secimg_opener` gives is used before `secimg_opener_finish` succeeds. An
/// opener with a required signer starts only with this promise, for the signature stands at the end. The one-shot
/// functions and readers do not need it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_open_options_set_spooled(
    options: *mut secimg_open_options,
    spooled: u32,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { lent(options)? }.change(|o| o.set_spooled(spooled != 0));
        Ok(())
    })
}

/// Allows at most so many threads, 0 being 1 and more than 16 being 16, for the chunks of the streams that are opened with these options; 1 is the
/// default. They belong to the options, start when there is work for a second one, and end when the options and everything
/// made with them are freed. A library that was built without the feature `parallel` uses the caller's thread alone. The
/// bytes are the same for every number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_open_options_set_threads(
    options: *mut secimg_open_options,
    threads: u32,
) -> secimg_status {
    guard(|| {
        let threads = usize::try_from(threads).unwrap_or(usize::MAX);
        // SAFETY: as the module says.
        unsafe { lent(options)? }.change(|o| o.threads(threads));
        Ok(())
    })
}

/// Names a function that is told how far `secimg_decrypt`, `secimg_decrypt_all` and `secimg_verify` are and may
/// stop them; `NULL` for none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_open_options_set_progress(
    options: *mut secimg_open_options,
    progress: secimg_progress_fn,
    userdata: *mut c_void,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { lent(options)? }.progress = Progress::new(progress, userdata);
        Ok(())
    })
}

/// Frees the options. Openers and readers that were made with them go on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_open_options_free(options: *mut secimg_open_options) {
    // SAFETY: as the module says.
    release(|| unsafe { free(options) });
}
