//! What a sender says of an image.

use core::ffi::c_char;

use zeroize::Zeroizing;

use crate::content::Manifest;
use crate::format::Limits;
use crate::stream::{ImageDescription, describe};

use super::fail::Fail;
use super::guard::{guard, release};
use super::handle::{Handle, borrow, borrow_mut, create, free};
use super::memory::{bytes, text};
use super::status::secimg_status;

/// What a sender says of an image: its name, its time, words of its own. Where the format is not said, the image's
/// first bytes are recognised. It can be used for any number of images.
#[derive(Debug)]
pub struct secimg_description {
    _opaque: [u8; 0],
}

#[derive(Debug, Clone, Default)]
pub(super) struct Description {
    words: ImageDescription,
    format: Option<Manifest>,
}

impl Handle for secimg_description {
    type Inner = Description;
    const TAG: u32 = 0x5EC1_000C;
}

impl Description {
    /// Takes the caller's description, or an empty one for NULL.
    pub(super) unsafe fn read(description: *const secimg_description) -> Result<Self, Fail> {
        if description.is_null() {
            return Ok(Self::default());
        }
        // SAFETY: the caller's handle.
        Ok(unsafe { borrow(description)? }.clone())
    }

    /// Tells whether the image's first bytes are to be looked at.
    pub(super) const fn needs_prefix(&self) -> bool {
        self.format.is_none()
    }

    /// Makes the manifest of an image that begins with `prefix`.
    pub(super) fn manifest(&self, prefix: &[u8]) -> Manifest {
        let Some(format) = &self.format else {
            return describe(prefix, &self.words);
        };
        let mut manifest = format.clone();
        manifest.name.clone_from(&self.words.name);
        manifest.time = self.words.time;
        manifest.attributes.clone_from(&self.words.attributes);
        manifest
    }

    /// What is said of an image whose format is known without a word of it; nothing where one was said.
    pub(super) const fn words_alone(&self) -> Option<&ImageDescription> {
        if self.format.is_some() {
            return None;
        }
        Some(&self.words)
    }

    /// The small picture that stands before the image.
    pub(super) fn preview(&self) -> Option<&[u8]> {
        self.words.preview_bytes()
    }

    /// Refuses what no manifest can hold, before an image is begun with it.
    pub(super) fn check(&self) -> Result<(), Fail> {
        match self.manifest(&[]).to_bytes() {
            Ok(_) => Ok(()),
            Err(_) => Err(Fail::argument(
                "a description that cannot be stored: a name has 1 to 1024 bytes, there are at most 64 \
                 attributes, and format and media type are 1 to 127 visible ASCII characters",
            )),
        }
    }
}

/// Makes a description that says nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_description_new(
    out: *mut *mut secimg_description,
) -> secimg_status {
    // SAFETY: as the module says.
    guard(|| unsafe { create(out, || Ok(Description::default())) })
}

/// Sets the name, 1 to 1024 bytes, which readers may give to the file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_description_set_name(
    description: *mut secimg_description,
    name: *const c_char,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let name = unsafe { text(name)? };
        // SAFETY: as the module says.
        unsafe { borrow_mut(description)? }.words.name = Some(name.to_owned());
        Ok(())
    })
}

/// Sets the image's time, in seconds since 1970-01-01T00:00:00Z.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_description_set_time(
    description: *mut secimg_description,
    seconds: i64,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { borrow_mut(description)? }.words.time = Some(seconds);
        Ok(())
    })
}

/// Sets a small picture of the image, of 1 to 65536 bytes, in a format that those who open it can show; it is sealed like
/// the image and stands before it. `secimg_make_preview` makes one. NULL with 0 bytes takes it away.
///
/// A description is used for any number of images, and so would a preview be: give each image its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_description_set_preview(
    description: *mut secimg_description,
    preview: *const u8,
    len: usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let preview = unsafe { bytes(preview, len)? };
        if preview.len() > Limits::DEFAULT.preview_bytes {
            return Err(Fail::argument("a preview has at most 65536 bytes"));
        }
        let preview = (!preview.is_empty()).then(|| Zeroizing::new(preview.to_vec()));
        // SAFETY: as the module says.
        unsafe { borrow_mut(description)? }.words.preview = preview;
        Ok(())
    })
}

/// Sets a word of the caller's own, at most 64 of them; one of the same name is replaced.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_description_set_attribute(
    description: *mut secimg_description,
    name: *const c_char,
    value: *const c_char,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let name = unsafe { text(name)? };
        // SAFETY: as the module says.
        let value = unsafe { text(value)? };
        // SAFETY: as the module says.
        let mut description = unsafe { borrow_mut(description)? };
        let attributes = &mut description.words.attributes;
        attributes.insert(name.to_owned(), value.to_owned());
        Ok(())
    })
}

/// Says what the image is, such as `"dicom"` and `"application/dicom"`; its bytes are then not looked at. Both are 1
/// to 127 visible ASCII characters. For bytes of no known format say `"opaque"` and
/// `"application/octet-stream"`; pixels without a file are raw frames: `secimg_sealer_add_frame`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_description_set_format(
    description: *mut secimg_description,
    format: *const c_char,
    media_type: *const c_char,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let format = unsafe { text(format)? };
        // SAFETY: as the module says.
        let media_type = unsafe { text(media_type)? };
        // SAFETY: as the module says.
        let mut description = unsafe { borrow_mut(description)? };
        description.format = Some(Manifest::new(format, media_type));
        Ok(())
    })
}

/// Says how large the image is: columns, rows, frames, samples a pixel, bits a sample; 0 says nothing. The format
/// must have been set before (`SECIMG_ERR_STATE`), which forgets what was said of the size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_description_set_dimensions(
    description: *mut secimg_description,
    width: u32,
    height: u32,
    frames: u32,
    channels: u8,
    bits: u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let mut description = unsafe { borrow_mut(description)? };
        let Some(format) = &mut description.format else {
            return Err(Fail::state(
                "the format is not set; the image's own bytes say its size",
            ));
        };
        let said = |n: u32| (n != 0).then_some(n);
        format.claimed_width = said(width);
        format.claimed_height = said(height);
        format.claimed_frames = said(frames);
        format.claimed_channels = (channels != 0).then_some(channels);
        format.claimed_bits = (bits != 0).then_some(bits);
        Ok(())
    })
}

/// Frees the description.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_description_free(description: *mut secimg_description) {
    // SAFETY: as the module says.
    release(|| unsafe { free(description) });
}
