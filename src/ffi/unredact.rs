//! Redacted pictures, restored.

use core::ffi::c_char;
use core::ptr;
use std::ffi::CString;

use zeroize::Zeroizing;

use super::guard::{guard, release, value};
use super::handle::{Boxed, Handle, borrow, create, free};
use super::memory::{bytes, lend};
use super::open_options::secimg_open_options;
use super::redact::{sealed_part, unredact};
use super::redaction::{put_rect, secimg_rect};
use super::report::{ReportView, secimg_report};
use super::status::secimg_status;

/// A picture that was restored, and the proof. The picture is wiped when this is freed.
#[derive(Debug)]
pub struct secimg_unredacted {
    _opaque: [u8; 0],
}

pub(super) struct UnredactedView {
    pub(super) image: Zeroizing<Vec<u8>>,
    pub(super) restores: u32,
    pub(super) name: Option<CString>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) rects: Vec<secimg_rect>,
    pub(super) report: Box<Boxed<ReportView>>,
}

impl Handle for secimg_unredacted {
    type Inner = UnredactedView;
    const TAG: u32 = 0x5EC1_0022;
}

/// Restores a picture that `secimg_redact` made. `beside` is the sealed part that was kept apart, and then the picture may have been
/// stored in another format since, if no pixel changed; with 0 bytes of it the sealed part is looked for in the picture.
///
/// Nothing is handed out unless the sealed part is verified as a whole and belongs to these very pixels. `SECIMG_ERR_NO_SEALED_PART`
/// where none is in the picture, `SECIMG_ERR_OTHER_PICTURE` where it belongs to other pixels, `SECIMG_ERR_CONTENT` where it is a stream
/// and not that of a redaction, and otherwise the errors of `secimg_decrypt_all`. No progress is told.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_unredact(
    options: *const secimg_open_options,
    picture: *const u8,
    picture_len: usize,
    beside: *const u8,
    beside_len: usize,
    out: *mut *mut secimg_unredacted,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let opening = unsafe { borrow(options)? };
            // SAFETY: as the module says.
            let picture = unsafe { bytes(picture, picture_len)? };
            // SAFETY: as the module says.
            let beside = unsafe { bytes(beside, beside_len)? };
            let beside = (!beside.is_empty()).then_some(beside);
            unredact(&opening.options, picture, beside)
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Lends the sealed part of a redacted PNG: a stream, for `secimg_inspect` or `secimg_rewrap`, which is a part of `png` and good as long as
/// that is. Nothing of it is opened or proven. `SECIMG_ERR_NO_SEALED_PART` where there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealed_part(
    png: *const u8,
    png_len: usize,
    data: *mut *const u8,
    len: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let png = unsafe { bytes(png, png_len)? };
        // SAFETY: as the module says.
        unsafe { lend(sealed_part(png)?, data, len) }
    })
}

unsafe fn read<T>(
    restored: *const secimg_unredacted,
    otherwise: T,
    get: impl FnOnce(&UnredactedView) -> T,
) -> T {
    // SAFETY: the caller's handle.
    value(None, || Ok(Some(get(unsafe { borrow(restored)? })))).unwrap_or(otherwise)
}

/// Lends the picture: a PNG, or the original file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_unredacted_image(
    restored: *const secimg_unredacted,
    data: *mut *const u8,
    len: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let image = &unsafe { borrow(restored)? }.image;
        // SAFETY: as the module says.
        unsafe { lend(image, data, len) }
    })
}

/// Returns what was restored: `SECIMG_RESTORES_PIXELS` or `SECIMG_RESTORES_FILE`; 0 for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_unredacted_restores(restored: *const secimg_unredacted) -> u32 {
    // SAFETY: as the module says.
    unsafe { read(restored, 0, |r| r.restores) }
}

/// Returns the original file's name, where the whole file was sealed with one; `NULL` otherwise. It is the sender's word and no path:
/// `secimg_manifest_file_name` of the report's item 0 gives it only if it is safe as a file's name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_unredacted_name(
    restored: *const secimg_unredacted,
) -> *const c_char {
    let get = |r: &UnredactedView| r.name.as_ref().map_or(ptr::null(), |name| name.as_ptr());
    // SAFETY: as the module says.
    unsafe { read(restored, ptr::null(), get) }
}

/// Returns the redacted picture's columns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_unredacted_width(restored: *const secimg_unredacted) -> u32 {
    // SAFETY: as the module says.
    unsafe { read(restored, 0, |r| r.width) }
}

/// Returns the redacted picture's rows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_unredacted_height(restored: *const secimg_unredacted) -> u32 {
    // SAFETY: as the module says.
    unsafe { read(restored, 0, |r| r.height) }
}

/// Returns the number of rectangles.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_unredacted_rect_count(restored: *const secimg_unredacted) -> usize {
    // SAFETY: as the module says.
    unsafe { read(restored, 0, |r| r.rects.len()) }
}

/// Stores what had been filled: rectangle `index`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_unredacted_rect(
    restored: *const secimg_unredacted,
    index: usize,
    out: *mut secimg_rect,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let rects = &unsafe { borrow(restored)? }.rects;
        // SAFETY: as the module says.
        unsafe { put_rect(rects, index, out) }
    })
}

/// Lends the report on the sealed part, its signer among it. It lives as long as the picture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_unredacted_report(
    restored: *const secimg_unredacted,
) -> *const secimg_report {
    // SAFETY: as the module says.
    unsafe { read(restored, ptr::null(), |r| r.report.as_handle()) }
}

/// Wipes the picture and frees it with everything that was lent of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_unredacted_free(restored: *mut secimg_unredacted) {
    // SAFETY: as the module says.
    release(|| unsafe { free(restored) });
}
