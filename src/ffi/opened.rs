//! Everything that came out of a verified stream.

use core::ptr;

use zeroize::Zeroizing;

use crate::content::Manifest;

use super::fail::Fail;
use super::guard::{guard, release, value};
use super::handle::{Boxed, Handle, borrow, free};
use super::manifest::{LentManifest, secimg_manifest};
use super::memory::lend;
use super::report::{ReportView, secimg_report};
use super::status::secimg_status;

/// The images of a verified stream, and the report. They are wiped when this is freed.
#[derive(Debug)]
pub struct secimg_opened {
    _opaque: [u8; 0],
}

pub(super) struct Opened {
    pub(super) images: Vec<(LentManifest, Zeroizing<Vec<u8>>)>,
    pub(super) report: Box<Boxed<ReportView>>,
}

impl Opened {
    /// Finds an image, and what it claims to be.
    pub(super) fn image(&self, index: usize) -> Result<(&Manifest, &[u8]), Fail> {
        let image = self.images.get(index);
        let (manifest, bytes) =
            image.ok_or_else(|| Fail::argument("there is no image of this number"))?;
        Ok((manifest.get().manifest(), bytes))
    }
}

impl Handle for secimg_opened {
    type Inner = Opened;
    const TAG: u32 = 0x5EC1_000F;
}

/// Returns the number of images; 0 for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opened_count(opened: *const secimg_opened) -> usize {
    // SAFETY: as the module says.
    value(0, || Ok(unsafe { borrow(opened)? }.images.len()))
}

/// Lends the bytes of image `index`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opened_image(
    opened: *const secimg_opened,
    index: usize,
    data: *mut *const u8,
    len: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let (_, bytes) = unsafe { borrow(opened)? }.image(index)?;
        // SAFETY: as the module says.
        unsafe { lend(bytes, data, len) }
    })
}

/// Lends what image `index` claims to be; `NULL` behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opened_manifest(
    opened: *const secimg_opened,
    index: usize,
) -> *const secimg_manifest {
    value(ptr::null(), || {
        // SAFETY: as the module says.
        let image = unsafe { borrow(opened)? }.images.get(index);
        Ok(image.map_or(ptr::null(), |(manifest, _)| manifest.as_handle()))
    })
}

/// Lends the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opened_report(
    opened: *const secimg_opened,
) -> *const secimg_report {
    value(ptr::null(), || {
        // SAFETY: as the module says.
        Ok(unsafe { borrow(opened)? }.report.as_handle())
    })
}

/// Wipes the images and frees them with everything that was lent of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opened_free(opened: *mut secimg_opened) {
    // SAFETY: as the module says.
    release(|| unsafe { free(opened) });
}
