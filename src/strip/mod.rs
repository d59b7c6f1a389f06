//! Metadata removal: what an image tells beside its pixels is taken out, and its pixels stay as they are.
//!
//! Floor 2. Each walker has a list of what is needed to show the picture, and copies that, as it stands; whatever else
//! the file holds is left out, known or not: Exif with its place and its thumbnail, XMP, IPTC, comments, texts, times,
//! second images, and all that lies behind the end. Nothing is decoded, so the pixels cannot change. Kept are the
//! colour profile, and the orientation, as an Exif block with this one field. What is not one of the three formats, or
//! not sound, is refused: half of it removed would be worse than none. What somebody hid inside the image data or the
//! colour profile is not looked for: those are copied as they stand.
//!
//! ```text
//! strip ── jpeg, png, webp ── exif, output
//! ```

use core::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

use output::Output;

mod exif;
mod jpeg;
mod output;
mod png;
#[cfg(test)]
mod tests;
mod webp;

/// An image without its metadata.
#[derive(Clone)]
#[non_exhaustive]
pub struct Stripped {
    /// The image, which shows the same pixels.
    pub image: Zeroizing<Vec<u8>>,
    /// What was removed, in the order of the file.
    pub removed: Vec<Removed>,
}

impl fmt::Debug for Stripped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stripped")
            .field("bytes", &self.image.len())
            .field("removed", &self.removed)
            .finish()
    }
}

/// Something that was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// What it is.
    pub what: Metadata,
    /// Where it began in the file, in bytes.
    pub offset: usize,
    /// How many bytes it had, with its own header.
    pub bytes: usize,
}

/// What can be told by a file beside its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Metadata {
    /// Exif: the camera, the time, the place, a thumbnail.
    Exif,
    /// XMP (ISO 16684).
    Xmp,
    /// IPTC and other data of Photoshop.
    Iptc,
    /// A thumbnail outside Exif.
    Thumbnail,
    /// A comment or another text.
    Text,
    /// A time of modification.
    Time,
    /// Another image in the same file, such as a gain map, or a list of such.
    SecondImage,
    /// Provenance (JUMBF, C2PA).
    Provenance,
    /// Data of an application, or a part that this library does not know.
    Other,
    /// Bytes behind the end of the image.
    Trailing,
}

impl Metadata {
    /// Returns the word that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exif => "exif",
            Self::Xmp => "xmp",
            Self::Iptc => "iptc",
            Self::Thumbnail => "thumbnail",
            Self::Text => "text",
            Self::Time => "time",
            Self::SecondImage => "second_image",
            Self::Provenance => "provenance",
            Self::Other => "other",
            Self::Trailing => "trailing",
        }
    }
}

/// Why nothing was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StripError {
    /// The format is not one of which it is known where metadata can be.
    #[error("metadata can be removed from JPEG, PNG and WebP only")]
    Format,
    /// A variant of the format that is not walked through.
    #[error("{1} at byte {2} of this {0}, of which it is not known what it tells")]
    Unsupported(&'static str, &'static str, usize),
    /// The file ends too soon.
    #[error("this {0} ends at byte {1}, before its image does")]
    Truncated(&'static str, usize),
    /// The file breaks a rule of its format.
    #[error("{1} at byte {2} of this {0}; it is not sound, and what it holds is not known")]
    Malformed(&'static str, &'static str, usize),
}

/// Removes the metadata of a JPEG, PNG or WebP.
///
/// ```
/// use secimg::strip::{Metadata, strip};
/// # let png = {
/// #     let chunk = |kind: &[u8], data: &[u8]| {
/// #         let mut crc = !0_u32;
/// #         for byte in kind.iter().chain(data) {
/// #             crc ^= u32::from(*byte);
/// #             for _ in 0..8 { crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()); }
/// #         }
/// #         [&(data.len() as u32).to_be_bytes(), kind, data, &(!crc).to_be_bytes()].concat()
/// #     };
/// #     [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]),
/// #      chunk(b"tEXt", b"Author\0Jane"), chunk(b"IDAT", &[]), chunk(b"IEND", &[])].concat()
/// # };
///
/// let stripped = strip(&png)?;
/// assert_eq!(stripped.removed[0].what, Metadata::Text);
/// assert!(!stripped.image.windows(4).any(|bytes| bytes == b"Jane"));
/// # Ok::<(), secimg::strip::StripError>(())
/// ```
///
/// # Errors
/// [`StripError`]; the image is then to be sealed with all that it tells, or not at all.
pub fn strip(image: &[u8]) -> Result<Stripped, StripError> {
    let walk = [
        (jpeg::MAGIC, jpeg::walk as fn(&[u8], &mut Output) -> _),
        (png::MAGIC, png::walk),
        (webp::MAGIC, webp::walk),
    ]
    .into_iter()
    .find_map(|(magic, walk)| image.starts_with(magic).then_some(walk));
    let mut output = Output::for_image_of(image.len());
    walk.ok_or(StripError::Format)?(image, &mut output)?;
    Ok(output.into_stripped())
}
