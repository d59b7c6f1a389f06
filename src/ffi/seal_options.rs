//! How a stream is to be sealed.

use core::ffi::c_void;
use core::mem::take;
use std::sync::Arc;

use crate::crypto::find_suite;
use crate::format::{ChunkSize, SuiteId};
use crate::stream::SealOptions;

use super::fail::Fail;
use super::guard::{guard, release};
use super::handle::{Handle, Lent, borrow, borrow_mut, create, free};
use super::memory::bytes;
use super::progress::{Progress, secimg_progress_fn};
use super::recipients::secimg_recipients;
use super::signer::secimg_signer;
use super::status::secimg_status;

/// AES-256-CBC with HMAC-SHA-256, the default.
pub const SECIMG_SUITE_AES_256_CBC_HMAC_SHA_256: u32 = 1;
/// AES-256-GCM.
pub const SECIMG_SUITE_AES_256_GCM: u32 = 2;

/// How streams are to be sealed: for whom, signed by whom, and how. What it is given is copied, and it can be used
/// for any number of streams, by many threads at once when nothing changes it any more.
#[derive(Debug)]
pub struct secimg_seal_options {
    _opaque: [u8; 0],
}

pub(super) struct Sealing {
    pub(super) options: SealOptions,
    pub(super) progress: Progress,
}

impl Handle for secimg_seal_options {
    type Inner = Sealing;
    const TAG: u32 = 0x5EC1_000A;
}

impl Sealing {
    fn change(&mut self, change: impl FnOnce(SealOptions) -> SealOptions) {
        self.options = change(take(&mut self.options));
    }
}

/// Starts with these recipients, the default suite and chunk size, no signer and an empty context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_seal_options_new(
    recipients: *const secimg_recipients,
    out: *mut *mut secimg_seal_options,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let recipients = unsafe { borrow(recipients)? };
            let options = SealOptions::new().recipients(recipients.list.iter().map(Arc::clone));
            Ok(Sealing {
                options: if recipients.allow_mixing {
                    options.allow_mixing()
                } else {
                    options
                },
                progress: Progress::NONE,
            })
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

unsafe fn lent<'a>(options: *mut secimg_seal_options) -> Result<Lent<'a, Sealing>, Fail> {
    // SAFETY: the caller's handle.
    unsafe { borrow_mut(options) }
}

/// Signs streams. Only recipients see who signed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_seal_options_set_signer(
    options: *mut secimg_seal_options,
    signer: *const secimg_signer,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let mut options = unsafe { lent(options)? };
        // SAFETY: as the module says.
        let signer = Arc::clone(unsafe { borrow(signer)? });
        options.change(|o| o.signer(signer));
        Ok(())
    })
}

/// Sets the time that a signature states, in seconds since 1970-01-01T00:00:00Z; 0, the default, is the time at
/// which each stream is begun, by the system's clock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_seal_options_set_signing_time(
    options: *mut secimg_seal_options,
    seconds: u64,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { lent(options)? }.change(|o| o.signing_time(seconds));
        Ok(())
    })
}

/// Binds streams to something that both sides know and that is not stored: a study UID, an endpoint.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_seal_options_set_context(
    options: *mut secimg_seal_options,
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

/// Chooses the cipher suite, one of `SECIMG_SUITE_*`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_seal_options_set_suite(
    options: *mut secimg_seal_options,
    suite: u32,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let mut options = unsafe { lent(options)? };
        let suite = u16::try_from(suite).ok().map(SuiteId);
        let suite = suite.and_then(find_suite);
        let suite = suite.ok_or_else(|| Fail::argument("a suite that is not defined"))?;
        options.change(|o| o.suite(suite));
        Ok(())
    })
}

/// Chooses the chunk size, 2^`log2` bytes: 12 (4 KiB) to 23 (8 MiB); 16 is the default. Smaller chunks make
/// ranges cheaper to read and the whole a little longer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_seal_options_set_chunk_log2(
    options: *mut secimg_seal_options,
    log2: u32,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let mut options = unsafe { lent(options)? };
        let size = u8::try_from(log2).ok().and_then(ChunkSize::from_log2);
        let size = size.ok_or_else(|| Fail::argument("the chunk size is 2^12 to 2^23"))?;
        options.change(|o| o.chunk_size(size));
        Ok(())
    })
}

/// Says whether each image carries the SHA-256 of its original (not 0, the default).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_seal_options_set_digests(
    options: *mut secimg_seal_options,
    digests: u32,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { lent(options)? }.change(|o| o.digests(digests != 0));
        Ok(())
    })
}

/// Says whether streams are padded so that their lengths say little of the images' (Padmé; at most 12 % longer).
/// 0 is the default.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_seal_options_set_padded(
    options: *mut secimg_seal_options,
    padded: u32,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { lent(options)? }.change(|o| o.set_padded(padded != 0));
        Ok(())
    })
}

/// Allows at most so many threads, 0 being 1 and more than 16 being 16, for the chunks of the streams that are sealed with these options; 1 is the
/// default. They belong to the options, start when there is work for a second one, and end when the options and everything
/// made with them are freed. A library that was built without the feature `parallel` uses the caller's thread alone. The
/// bytes are the same for every number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_seal_options_set_threads(
    options: *mut secimg_seal_options,
    threads: u32,
) -> secimg_status {
    guard(|| {
        let threads = usize::try_from(threads).unwrap_or(usize::MAX);
        // SAFETY: as the module says.
        unsafe { lent(options)? }.change(|o| o.threads(threads));
        Ok(())
    })
}

/// Names a function that is told how far `secimg_encrypt` is and may stop it; `NULL` for none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_seal_options_set_progress(
    options: *mut secimg_seal_options,
    progress: secimg_progress_fn,
    userdata: *mut c_void,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { lent(options)? }.progress = Progress::new(progress, userdata);
        Ok(())
    })
}

/// Frees the options. Sealers that were made with them go on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_seal_options_free(options: *mut secimg_seal_options) {
    // SAFETY: as the module says.
    release(|| unsafe { free(options) });
}
