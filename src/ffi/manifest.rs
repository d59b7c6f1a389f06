//! What an item claims to be.

use core::ffi::c_char;
use core::ptr;
use std::ffi::CString;

use crate::content::Manifest;
use crate::io::names::check_name;

use super::fail::Fail;
use super::guard::{guard, value};
use super::handle::{Boxed, Handle, borrow};
use super::memory::{c_text, put, text, write_text};
use super::status::secimg_status;
use super::texts::text_at;

/// What an item claims to be. It is lent by a report, an opener, a reader or what was opened, and there is nothing to
/// free. Every number is a claim of the file's own header and no more than that; 0 says nothing.
///
/// A NUL inside a text is shown as U+FFFD.
#[derive(Debug)]
pub struct secimg_manifest {
    _opaque: [u8; 0],
}

pub(super) struct ManifestView {
    manifest: Manifest,
    format: CString,
    media_type: CString,
    name: Option<CString>,
    attribute_names: Vec<CString>,
    attribute_values: Vec<CString>,
}

impl ManifestView {
    pub(super) const fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}

impl Handle for secimg_manifest {
    type Inner = ManifestView;
    const TAG: u32 = 0x5EC1_000D;
}

/// A manifest at an address that C may keep.
pub(super) type LentManifest = Box<Boxed<ManifestView>>;

pub(super) fn manifest_for_c(manifest: Manifest) -> LentManifest {
    Boxed::new::<secimg_manifest>(ManifestView {
        format: c_text(&manifest.format),
        media_type: c_text(&manifest.media_type),
        name: manifest.name.as_deref().map(c_text),
        attribute_names: manifest.attributes.keys().map(|s| c_text(s)).collect(),
        attribute_values: manifest.attributes.values().map(|s| c_text(s)).collect(),
        manifest,
    })
}

unsafe fn read<T>(
    manifest: *const secimg_manifest,
    otherwise: T,
    get: impl FnOnce(&ManifestView) -> T,
) -> T {
    // SAFETY: the caller's handle.
    value(None, || Ok(Some(get(unsafe { borrow(manifest)? })))).unwrap_or(otherwise)
}

/// Returns the format's short name, such as `"dicom"`, and `"opaque"` where it is not known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_format(manifest: *const secimg_manifest) -> *const c_char {
    // SAFETY: as the module says.
    unsafe { read(manifest, ptr::null(), |m| m.format.as_ptr()) }
}

/// Returns the media type (RFC 6838).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_media_type(
    manifest: *const secimg_manifest,
) -> *const c_char {
    // SAFETY: as the module says.
    unsafe { read(manifest, ptr::null(), |m| m.media_type.as_ptr()) }
}

/// Returns the name that the sender gave it, or `NULL`. Never use it as a path: see `secimg_manifest_file_name`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_name(manifest: *const secimg_manifest) -> *const c_char {
    let get = |m: &ManifestView| m.name.as_ref().map_or(ptr::null(), |name| name.as_ptr());
    // SAFETY: as the module says.
    unsafe { read(manifest, ptr::null(), get) }
}

/// Copies the name into `buffer`, ended by NUL, if it is safe as the name of a file in a folder of the caller's: one
/// component, the same on Linux, macOS and Windows, no device, nothing invisible. `*out_len` is its length without
/// the NUL. `SECIMG_ERR_INVALID_ARGUMENT` where there is no name or it is not safe.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_file_name(
    manifest: *const secimg_manifest,
    buffer: *mut c_char,
    capacity: usize,
    out_len: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let manifest = unsafe { borrow(manifest)? };
        let name = manifest.manifest.name.as_deref();
        let name = name.ok_or_else(|| Fail::argument("the image has no name"))?;
        check_name(name).map_err(|error| Fail {
            text: error.to_string().into(),
            ..Fail::argument("")
        })?;
        // SAFETY: as the module says.
        unsafe { put(out_len, name.len())? };
        if capacity <= name.len() {
            return Err(Fail::too_small(capacity, name.len() as u64 + 1));
        }
        if buffer.is_null() {
            return Err(Fail::null());
        }
        // SAFETY: as the module says.
        unsafe { write_text(name, buffer, capacity) };
        Ok(())
    })
}

/// Returns the number of columns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_width(manifest: *const secimg_manifest) -> u32 {
    // SAFETY: as the module says.
    unsafe { read(manifest, 0, |m| m.manifest.claimed_width.unwrap_or(0)) }
}

/// Returns the number of rows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_height(manifest: *const secimg_manifest) -> u32 {
    // SAFETY: as the module says.
    unsafe { read(manifest, 0, |m| m.manifest.claimed_height.unwrap_or(0)) }
}

/// Returns the number of frames, pages or images.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_frames(manifest: *const secimg_manifest) -> u32 {
    // SAFETY: as the module says.
    unsafe { read(manifest, 0, |m| m.manifest.claimed_frames.unwrap_or(0)) }
}

/// Returns the number of samples a pixel.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_channels(manifest: *const secimg_manifest) -> u32 {
    let get = |m: &ManifestView| m.manifest.claimed_channels.unwrap_or(0).into();
    // SAFETY: as the module says.
    unsafe { read(manifest, 0, get) }
}

/// Returns the number of bits a sample.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_bits(manifest: *const secimg_manifest) -> u32 {
    let get = |m: &ManifestView| m.manifest.claimed_bits.unwrap_or(0).into();
    // SAFETY: as the module says.
    unsafe { read(manifest, 0, get) }
}

/// Stores the image's time, in seconds since 1970-01-01T00:00:00Z, and returns true; false where it has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_time(
    manifest: *const secimg_manifest,
    out: *mut i64,
) -> bool {
    value(false, || {
        // SAFETY: as the module says.
        let Some(time) = unsafe { borrow(manifest)? }.manifest.time else {
            return Ok(false);
        };
        // SAFETY: as the module says.
        unsafe { put(out, time)? };
        Ok(true)
    })
}

/// Returns the number of the sender's own words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_attribute_count(
    manifest: *const secimg_manifest,
) -> usize {
    // SAFETY: as the module says.
    unsafe { read(manifest, 0, |m| m.attribute_names.len()) }
}

/// Returns the name of word `index`, in the order of the names; `NULL` behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_attribute_name(
    manifest: *const secimg_manifest,
    index: usize,
) -> *const c_char {
    let get = |m: &ManifestView| text_at(&m.attribute_names, index);
    // SAFETY: as the module says.
    unsafe { read(manifest, ptr::null(), get) }
}

/// Returns the value of word `index`; `NULL` behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_attribute_value(
    manifest: *const secimg_manifest,
    index: usize,
) -> *const c_char {
    let get = |m: &ManifestView| text_at(&m.attribute_values, index);
    // SAFETY: as the module says.
    unsafe { read(manifest, ptr::null(), get) }
}

/// Returns the value of the word `name`, or `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_attribute(
    manifest: *const secimg_manifest,
    name: *const c_char,
) -> *const c_char {
    value(ptr::null(), || {
        // SAFETY: as the module says.
        let manifest = unsafe { borrow(manifest)? };
        // SAFETY: as the module says.
        let name = unsafe { text(name)? };
        let names = &mut manifest.manifest.attributes.keys();
        let at = names.position(|known| known == name);
        Ok(at.map_or(ptr::null(), |at| text_at(&manifest.attribute_values, at)))
    })
}
