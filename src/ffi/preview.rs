//! Small pictures of images.

use super::fail::Fail;
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

#[cfg(feature = "image")]
fn make(image: &[u8]) -> Result<Box<[u8]>, Fail> {
    let preview = crate::preview::make_preview(image)?;
    Ok(preview.as_slice().into())
}

#[cfg(not(feature = "image"))]
fn make(_: &[u8]) -> Result<Box<[u8]>, Fail> {
    Err(Fail::unsupported("this library was built without decoders"))
}
