//! The formats that sniffing knows, one file each.
//!
//! A probe answers from the first bytes alone. It takes a file for its own by the signature, also where the file
//! ends right behind it, and then reads what the header says.

use super::Claims;

mod bigtiff;
mod bmp;
mod dicom;
mod exr;
mod fits;
mod gif;
mod hdr;
mod heif;
mod ico;
mod j2c;
mod jp2;
mod jpeg;
mod jxl;
mod png;
mod pnm;
mod qoi;
mod tga;
mod tiff;
mod webp;

#[cfg(test)]
pub(super) mod samples;

/// Describes one image format: a row of [`FORMATS`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ImageFormat {
    /// The short name that manifests and reports use.
    pub name: &'static str,
    /// The media type: the one that is registered with IANA, or, where none is, the one in use.
    ///
    /// Not registered are those of QOI, `OpenEXR`, TGA and the Netpbm formats.
    pub media_type: &'static str,
    /// The usual extension, without a dot.
    pub extension: &'static str,
    /// Looks at the first bytes of a file; `Some` means that it is of this format.
    pub probe: fn(&[u8]) -> Option<Claims>,
}

/// Lists every known format; the first whose probe answers wins.
///
/// DICOM comes before TIFF: its 128 free bytes in front may hold a TIFF header, for a file that is both. Formats
/// with weak signatures come last, and TGA, which has none, behind all.
pub const FORMATS: &[&ImageFormat] = &[
    &dicom::FORMAT,
    &jpeg::FORMAT,
    &png::FORMAT,
    &bmp::FORMAT,
    &gif::FORMAT,
    &webp::FORMAT,
    &tiff::FORMAT,
    &bigtiff::FORMAT,
    &jp2::JP2,
    &jp2::JPX,
    &jp2::JPM,
    &jp2::JPH,
    &j2c::FORMAT,
    &j2c::HIGH_THROUGHPUT,
    &heif::AVIF,
    &heif::HEIC,
    &heif::HEICS,
    &heif::HEIF,
    &heif::HEIFS,
    &qoi::FORMAT,
    &exr::FORMAT,
    &hdr::FORMAT,
    &fits::FORMAT,
    &jxl::FORMAT,
    &ico::ICON,
    &ico::CURSOR,
    &pnm::PBM,
    &pnm::PGM,
    &pnm::PPM,
    &pnm::PAM,
    &tga::FORMAT,
];
