//! What of a picture is to be redacted.

use super::fail::Fail;
use super::guard::{guard, release};
use super::handle::{Handle, borrow_mut, create, free};
use super::memory::put;
use super::status::secimg_status;

/// A rectangle of pixels of the picture as it is shown, from its top left corner.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct secimg_rect {
    /// The first column.
    pub x: u32,
    /// The first row.
    pub y: u32,
    /// How many columns.
    pub width: u32,
    /// How many rows.
    pub height: u32,
}

/// What is to be redacted, and how. It can be used for any number of pictures.
#[derive(Debug)]
pub struct secimg_redaction {
    _opaque: [u8; 0],
}

#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) rects: Vec<secimg_rect>,
    pub(super) fill: [u8; 3],
    pub(super) whole: bool,
    pub(super) beside: bool,
}

impl Handle for secimg_redaction {
    type Inner = Wanted;
    const TAG: u32 = 0x5EC1_0020;
}

/// Stores rectangle `index` of a list.
pub(super) unsafe fn put_rect(
    rects: &[secimg_rect],
    index: usize,
    out: *mut secimg_rect,
) -> Result<(), Fail> {
    let rect = rects.get(index);
    let rect = rect.ok_or_else(|| Fail::argument("there is no rectangle of this number"))?;
    // SAFETY: the caller's out parameter.
    unsafe { put(out, *rect) }
}

/// Starts without a rectangle, with black, for the pixels alone, in the picture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redaction_new(out: *mut *mut secimg_redaction) -> secimg_status {
    // SAFETY: as the module says.
    guard(|| unsafe { create(out, || Ok(Wanted::default())) })
}

/// Adds a rectangle of at least one pixel, in pixels of the picture as it is shown. It is clipped to the picture, in which some of it
/// must lie; rectangles may overlap, and there are at most 1000.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redaction_add_rect(
    redaction: *mut secimg_redaction,
    x: u32,
    y: u32,
    width: u32,
    height: u32,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let mut redaction = unsafe { borrow_mut(redaction)? };
        if width == 0 || height == 0 {
            return Err(Fail::argument(
                "a rectangle without a pixel: its width and its height are at least 1",
            ));
        }
        redaction.rects.push(secimg_rect {
            x,
            y,
            width,
            height,
        });
        Ok(())
    })
}

/// Chooses the colour of the filled rectangles; black at first. A grey picture takes its brightness.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redaction_set_fill(
    redaction: *mut secimg_redaction,
    red: u8,
    green: u8,
    blue: u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { borrow_mut(redaction)? }.fill = [red, green, blue];
        Ok(())
    })
}

/// Seals all of the original file (not 0), so that it can be restored byte for byte, or the pixels of the rectangles (0, the default).
/// For a JPEG it is always the file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redaction_set_whole(
    redaction: *mut secimg_redaction,
    whole: u32,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { borrow_mut(redaction)? }.whole = whole != 0;
        Ok(())
    })
}

/// Leaves the sealed part out of the picture (not 0), for a file of its own, or puts it in (0, the default). Services that take pictures
/// drop what they do not know from them. A JPEG's is always apart.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redaction_set_beside(
    redaction: *mut secimg_redaction,
    beside: u32,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { borrow_mut(redaction)? }.beside = beside != 0;
        Ok(())
    })
}

/// Frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_redaction_free(redaction: *mut secimg_redaction) {
    // SAFETY: as the module says.
    release(|| unsafe { free(redaction) });
}
