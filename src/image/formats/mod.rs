//! The formats that sniffing knows, one file each.
//!
//! A probe answers from the first bytes alone. It takes a file for its own by the signature, also where the file
//! ends right behind it, and then reads what the header says.

use super::Claims;

mod bmp;
mod dicom;
mod gif;
mod jpeg;
mod png;
mod tiff;
mod webp;

/// Describes one image format: a row of [`FORMATS`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ImageFormat {
    /// The short name that manifests and reports use.
    pub name: &'static str,
    /// The registered media type.
    pub media_type: &'static str,
    /// The usual extension, without a dot.
    pub extension: &'static str,
    /// Looks at the first bytes of a file; `Some` means that it is of this format.
    pub probe: fn(&[u8]) -> Option<Claims>,
}

/// Lists every known format; the first whose probe answers wins.
///
/// DICOM comes before TIFF: its 128 free bytes in front may hold a TIFF header, for a file that is both.
pub const FORMATS: &[&ImageFormat] = &[
    &dicom::FORMAT,
    &jpeg::FORMAT,
    &png::FORMAT,
    &bmp::FORMAT,
    &gif::FORMAT,
    &webp::FORMAT,
    &tiff::FORMAT,
];
