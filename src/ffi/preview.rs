//! Small pictures of images.

use core::ffi::c_void;

use crate::image::RawFrame;

use super::fail::Fail;
use super::frame_layout::secimg_frame_layout;
use super::frame_memory::Samples;
use super::guard::guard;
use super::memory::{bytes, clear_buf, give_buf, secimg_buf};
use super::status::secimg_status;

/// Makes a small picture of an image, for `secimg_description_set_preview`: a JPEG, or a PNG where the image has transparent
/// parts, of at most 512 pixels and 65536 bytes, turned as the image is shown, with nothing in it but pixels. Free it with
/// `secimg_buf_free`.
///
/// JPEG, PNG, WebP, BMP, TIFF, GIF, QOI, TGA, ICO, PNM and Radiance HDR are decoded. `SECIMG_ERR_UNSUPPORTED` for every
/// image of which none is made, and from a library that was built without decoders; seal it without a preview then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_make_preview(
    image: *const u8,
    len: usize,
    out: *mut secimg_buf,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear_buf(out)? };
        // SAFETY: as the module says.
        let image = unsafe { bytes(image, len)? };
        let preview = make(image)?;
        // SAFETY: as the module says.
        unsafe { give_buf(out, preview) }
    })
}

/// Makes a small picture of a raw frame, as `secimg_make_preview` makes one of a file, with the samples as `secimg_encrypt_frame`
/// takes them.
///
/// Samples of 8 bits and colours are shown as they are; of other samples the darkest becomes black and the brightest white.
/// `SECIMG_ERR_UNSUPPORTED` where several samples of a pixel are `SECIMG_PHOTOMETRIC_UNSPECIFIED`, and from a library that was
/// built without decoders.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_make_frame_preview(
    layout: *const secimg_frame_layout,
    samples: *const c_void,
    samples_len: usize,
    stride: usize,
    out: *mut secimg_buf,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear_buf(out)? };
        // SAFETY: as the module says.
        let samples = unsafe { Samples::read(layout, samples, samples_len, stride)? };
        let preview = make_of_frame(&samples.frame()?)?;
        // SAFETY: as the module says.
        unsafe { give_buf(out, preview) }
    })
}

#[cfg(feature = "image")]
fn make_of_frame(frame: &RawFrame<'_>) -> Result<Box<[u8]>, Fail> {
    let preview = crate::preview::make_frame_preview(frame)?;
    Ok(preview.as_slice().into())
}

#[cfg(not(feature = "image"))]
fn make_of_frame(_: &RawFrame<'_>) -> Result<Box<[u8]>, Fail> {
    Err(without_decoders())
}

#[cfg(feature = "image")]
fn make(image: &[u8]) -> Result<Box<[u8]>, Fail> {
    let preview = crate::preview::make_preview(image)?;
    Ok(preview.as_slice().into())
}

#[cfg(not(feature = "image"))]
fn make(_: &[u8]) -> Result<Box<[u8]>, Fail> {
    Err(without_decoders())
}

#[cfg(not(feature = "image"))]
const fn without_decoders() -> Fail {
    Fail::unsupported("this library was built without decoders")
}
