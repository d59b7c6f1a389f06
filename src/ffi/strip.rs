//! Images without their metadata.

use core::ffi::{CStr, c_char};
use core::ptr;

use crate::strip::{Metadata, Removed, StripError, Stripped, strip};

use super::fail::Fail;
use super::guard::{guard, release, value};
use super::handle::{Handle, borrow, create, free};
use super::memory::{bytes, lend};
use super::status::{
    SECIMG_ERR_FORMAT, SECIMG_ERR_TRUNCATED, SECIMG_ERR_UNSUPPORTED, secimg_status,
};

/// An image without its metadata, and what was removed. The image is wiped when this is freed.
#[derive(Debug)]
pub struct secimg_stripped {
    _opaque: [u8; 0],
}

impl Handle for secimg_stripped {
    type Inner = Stripped;
    const TAG: u32 = 0x5EC1_0023;
}

impl From<StripError> for Fail {
    fn from(error: StripError) -> Self {
        let status = match error {
            StripError::Format | StripError::Unsupported(..) => SECIMG_ERR_UNSUPPORTED,
            StripError::Truncated(..) => SECIMG_ERR_TRUNCATED,
            StripError::Malformed(..) => SECIMG_ERR_FORMAT,
        };
        Self::of(status, &error)
    }
}

/// Removes what a JPEG, PNG or WebP tells beside its pixels: Exif with its place and its thumbnail, XMP, IPTC, comments, texts, times,
/// second images, what is not known, and all behind the end. Nothing is decoded, and the pixels stay as they are; colour
/// profile and orientation are kept.
///
/// Other formats and variants are `SECIMG_ERR_UNSUPPORTED`, a file that ends too soon is `SECIMG_ERR_TRUNCATED`, and one that breaks the
/// rules of its format is `SECIMG_ERR_FORMAT`; nothing is removed then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_strip(
    image: *const u8,
    len: usize,
    out: *mut *mut secimg_stripped,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let make = || Ok(strip(unsafe { bytes(image, len)? })?);
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Lends the image.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_stripped_image(
    stripped: *const secimg_stripped,
    data: *mut *const u8,
    len: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let image = &unsafe { borrow(stripped)? }.image;
        // SAFETY: as the module says.
        unsafe { lend(image, data, len) }
    })
}

/// Returns how many things were removed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_stripped_count(stripped: *const secimg_stripped) -> usize {
    // SAFETY: as the module says.
    value(0, || Ok(unsafe { borrow(stripped)? }.removed.len()))
}

unsafe fn removed<T>(
    stripped: *const secimg_stripped,
    index: usize,
    otherwise: T,
    get: impl FnOnce(&Removed) -> T,
) -> T {
    let found = value(None, || {
        // SAFETY: the caller's handle.
        Ok(unsafe { borrow(stripped)? }.removed.get(index).map(get))
    });
    found.unwrap_or(otherwise)
}

/// Returns what thing `index` was, in the order of the file: `"exif"`, `"xmp"`, `"iptc"`, `"thumbnail"`, `"text"`, `"time"`,
/// `"second_image"`, `"provenance"`, `"other"` or `"trailing"`. The text is static; `NULL` behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_stripped_what(
    stripped: *const secimg_stripped,
    index: usize,
) -> *const c_char {
    // SAFETY: as the module says.
    unsafe { removed(stripped, index, ptr::null(), |r| word(r.what).as_ptr()) }
}

/// The words of [`Metadata::name`], ended by NUL.
const fn word(what: Metadata) -> &'static CStr {
    match what {
        Metadata::Exif => c"exif",
        Metadata::Xmp => c"xmp",
        Metadata::Iptc => c"iptc",
        Metadata::Thumbnail => c"thumbnail",
        Metadata::Text => c"text",
        Metadata::Time => c"time",
        Metadata::SecondImage => c"second_image",
        Metadata::Provenance => c"provenance",
        Metadata::Other => c"other",
        Metadata::Trailing => c"trailing",
    }
}

/// Returns where thing `index` began in the file, in bytes; 0 behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_stripped_offset(
    stripped: *const secimg_stripped,
    index: usize,
) -> usize {
    // SAFETY: as the module says.
    unsafe { removed(stripped, index, 0, |r| r.offset) }
}

/// Returns how many bytes thing `index` had, with its own header; 0 behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_stripped_bytes(
    stripped: *const secimg_stripped,
    index: usize,
) -> usize {
    // SAFETY: as the module says.
    unsafe { removed(stripped, index, 0, |r| r.bytes) }
}

/// Wipes the image and frees it with everything that was lent of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_stripped_free(stripped: *mut secimg_stripped) {
    // SAFETY: as the module says.
    release(|| unsafe { free(stripped) });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_library() {
        for what in [
            Metadata::Exif,
            Metadata::Xmp,
            Metadata::Iptc,
            Metadata::Thumbnail,
            Metadata::Text,
            Metadata::Time,
            Metadata::SecondImage,
            Metadata::Provenance,
            Metadata::Other,
            Metadata::Trailing,
        ] {
            assert_eq!(word(what).to_str(), Ok(what.name()));
        }
    }
}
