//! The question of this room: what are these bytes?

use super::{Claims, FORMATS};

/// How many leading bytes [`sniff`] wants.
///
/// Fewer are fine and so are more; a header that lies further in the file than the bytes that were given costs its
/// claims, seldom its format. Give the same number for the same file and the claims will be the same.
pub const SNIFF_LEN: usize = 65_536;

/// Names a format, and what an image in it claims to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageInfo {
    /// The format's short name, as in [`FORMATS`], or `opaque`.
    pub format: &'static str,
    /// The format's media type.
    pub media_type: &'static str,
    /// The extension that files of this format usually carry, without a dot.
    pub extension: &'static str,
    /// What the header says of the image.
    pub claims: Claims,
}

/// Tells what an image that begins with `prefix` is, as far as its first bytes say.
///
/// Bytes that no format knows are `opaque`, which is an answer and not an error: secimg carries any bytes.
///
/// ```
/// # use secimg::image::sniff;
/// let info = sniff(b"GIF89a\x40\x01\xF0\x00\x00\x00\x00");
/// assert_eq!((info.format, info.media_type), ("gif", "image/gif"));
/// assert_eq!((info.claims.width, info.claims.height), (Some(320), Some(240)));
/// assert_eq!(sniff(b"Hello").format, "opaque");
/// ```
#[must_use]
pub fn sniff(prefix: &[u8]) -> ImageInfo {
    FORMATS
        .iter()
        .find_map(|format| {
            Some(ImageInfo {
                format: format.name,
                media_type: format.media_type,
                extension: format.extension,
                claims: (format.probe)(prefix)?,
            })
        })
        .unwrap_or(OPAQUE)
}

const OPAQUE: ImageInfo = ImageInfo {
    format: "opaque",
    media_type: "application/octet-stream",
    extension: "bin",
    claims: Claims {
        width: None,
        height: None,
        frames: None,
        channels: None,
        bits: None,
    },
};
