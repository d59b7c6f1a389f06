//! Other recipients for a stream in memory.

use crate::oneshot::rewrap;
use crate::stream::SealOptions;

use super::guard::guard;
use super::handle::borrow;
use super::memory::{bytes, clear_buf, give_buf, secimg_buf};
use super::open_options::secimg_open_options;
use super::recipients::secimg_recipients;
use super::status::secimg_status;

/// Makes the same stream for other recipients: the whole set is replaced, the payload and its signature stay. Free it
/// with `secimg_buf_free`.
///
/// It changes the wrapping and not the key: a former recipient who kept the key can still read the stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_rewrap(
    options: *const secimg_open_options,
    recipients: *const secimg_recipients,
    sealed: *const u8,
    sealed_len: usize,
    out: *mut secimg_buf,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear_buf(out)? };
        // SAFETY: as the module says.
        let opening = unsafe { borrow(options)? };
        // SAFETY: as the module says.
        let recipients = unsafe { borrow(recipients)? }.clone();
        // SAFETY: as the module says.
        let sealed = unsafe { bytes(sealed, sealed_len)? };
        let options = SealOptions::new().recipients(recipients.list);
        let options = if recipients.allow_mixing {
            options.allow_mixing()
        } else {
            options
        };
        let rewrapped = rewrap(sealed, &opening.options, &options)?;
        // SAFETY: as the module says.
        unsafe { give_buf(out, rewrapped.into_boxed_slice()) }
    })
}
