//! Redacted pictures.

use super::description::{Description, secimg_description};
use super::fail::Fail;
use super::guard::{guard, release, value};
use super::handle::{Handle, borrow, create, free};
use super::memory::{bytes, lend, put_bytes};
use super::redaction::{put_rect, secimg_rect, secimg_redaction};
use super::seal_options::secimg_seal_options;
use super::status::secimg_status;

#[cfg(feature = "image")]
mod made;
#[cfg(not(feature = "image"))]
#[path = "redact/refused.rs"]
mod made;

pub(super) use made::{sealed_part, unredact};

/// Every pixel can be restored, in a PNG that is written anew.
pub const SECIMG_RESTORES_PIXELS: u32 = 1;
/// The original file can be restored, byte for byte.
pub const SECIMG_RESTORES_FILE: u32 = 2;

/// A picture that was redacted.
#[derive(Debug)]
pub struct secimg_redacted {
    _opaque: [u8; 0],
}

pub(super) struct RedactedView {
    image: Vec<u8>,
    beside: Option<Vec<u8>>,
    width: u32,
    height: u32,
    rects: Vec<secimg_rect>,
    restores: u32,
    sealed_bytes: usize,
    transfer_id: [u8; 32],
}

impl Handle for secimg_redacted {
    type Inner = RedactedView;
    const TAG: u32 = 0x5EC1_0021;
}

/// Redacts a PNG, BMP, TIFF or JPEG: fills the rectangles with one colour, writes the picture anew as a PNG without any byte of
/// metadata, and seals with `options` what they showed. The sealed part is in the PNG, or apart from it where that was asked for
/// and always for a JPEG, whose rectangles grow to the blocks that they touch.
///
/// Of `description` (`NULL`: none) name, time and words are sealed where the whole file is, and never a preview. No progress is told.
/// A rectangle outside the picture, none at all, and a description with a format are `SECIMG_ERR_INVALID_ARGUMENT`. Other formats,
/// and what can be restored as a whole file only (the text says so), are `SECIMG_ERR_UNSUPPORTED`, and so is everything from a
/// library that was built without decoders.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redact(
    options: *const secimg_seal_options,
    redaction: *const secimg_redaction,
    description: *const secimg_description,
    image: *const u8,
    image_len: usize,
    out: *mut *mut secimg_redacted,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let sealing = unsafe { borrow(options)? };
            // SAFETY: as the module says.
            let wanted = unsafe { borrow(redaction)? };
            // SAFETY: as the module says.
            let description = unsafe { Description::read(description)? };
            // SAFETY: as the module says.
            let image = unsafe { bytes(image, image_len)? };
            description.check()?;
            let words = description.words_alone().ok_or_else(|| {
                Fail::argument(
                    "a picture's own bytes say what it is: leave secimg_description_set_format out",
                )
            })?;
            made::redact(&sealing.options, wanted, words, image)
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

unsafe fn read<T>(
    redacted: *const secimg_redacted,
    otherwise: T,
    get: impl FnOnce(&RedactedView) -> T,
) -> T {
    // SAFETY: the caller's handle.
    value(None, || Ok(Some(get(unsafe { borrow(redacted)? })))).unwrap_or(otherwise)
}

/// Lends the redacted picture, a PNG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redacted_image(
    redacted: *const secimg_redacted,
    data: *mut *const u8,
    len: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let image = &unsafe { borrow(redacted)? }.image;
        // SAFETY: as the module says.
        unsafe { lend(image, data, len) }
    })
}

/// Lends the sealed part where it is not in the picture, a stream, which belongs into a file beside it; `(NULL, 0)` where it is in it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redacted_beside(
    redacted: *const secimg_redacted,
    data: *mut *const u8,
    len: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let beside = unsafe { borrow(redacted)? }.beside.as_deref();
        // SAFETY: as the module says.
        unsafe { lend(beside.unwrap_or_default(), data, len) }
    })
}

/// Returns the picture's columns, as it is shown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redacted_width(redacted: *const secimg_redacted) -> u32 {
    // SAFETY: as the module says.
    unsafe { read(redacted, 0, |r| r.width) }
}

/// Returns the picture's rows, as it is shown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redacted_height(redacted: *const secimg_redacted) -> u32 {
    // SAFETY: as the module says.
    unsafe { read(redacted, 0, |r| r.height) }
}

/// Returns the number of rectangles.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redacted_rect_count(redacted: *const secimg_redacted) -> usize {
    // SAFETY: as the module says.
    unsafe { read(redacted, 0, |r| r.rects.len()) }
}

/// Stores what was filled for rectangle `index`: clipped to the picture, and in a JPEG grown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redacted_rect(
    redacted: *const secimg_redacted,
    index: usize,
    out: *mut secimg_rect,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let rects = &unsafe { borrow(redacted)? }.rects;
        // SAFETY: as the module says.
        unsafe { put_rect(rects, index, out) }
    })
}

/// Returns what can be restored: `SECIMG_RESTORES_PIXELS` or `SECIMG_RESTORES_FILE`; 0 for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redacted_restores(redacted: *const secimg_redacted) -> u32 {
    // SAFETY: as the module says.
    unsafe { read(redacted, 0, |r| r.restores) }
}

/// Returns the length of the sealed part in bytes, wherever it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redacted_sealed_bytes(redacted: *const secimg_redacted) -> usize {
    // SAFETY: as the module says.
    unsafe { read(redacted, 0, |r| r.sealed_bytes) }
}

/// Stores the sealed part's name, `SECIMG_TRANSFER_ID_LEN` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redacted_transfer_id(
    redacted: *const secimg_redacted,
    out: *mut u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let redacted = unsafe { borrow(redacted)? };
        // SAFETY: as the module says.
        unsafe { put_bytes(out, &redacted.transfer_id) }
    })
}

/// Frees it with everything that was lent of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redacted_free(redacted: *mut secimg_redacted) {
    // SAFETY: as the module says.
    release(|| unsafe { free(redacted) });
}
