//! From an image's first bytes to its manifest. Nothing is decoded, and nothing can fail.

use core::fmt;
use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::content::Manifest;
use crate::image::sniff;

/// What a caller says of an image, beside its bytes.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageDescription {
    /// The name to store.
    pub name: Option<String>,
    /// The time to store, in seconds since 1970-01-01T00:00:00Z.
    pub time: Option<i64>,
    /// The caller's own words.
    pub attributes: BTreeMap<String, String>,
    /// A small picture of the image: see [`ImageDescription::with_preview`].
    pub preview: Option<Zeroizing<Vec<u8>>>,
}

/// A preview is a picture, and does not belong in a log.
impl fmt::Debug for ImageDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let preview = self.preview.as_ref().map(|preview| preview.len());
        f.debug_struct("ImageDescription")
            .field("name", &self.name)
            .field("time", &self.time)
            .field("attributes", &self.attributes)
            .field("preview_bytes", &preview)
            .finish()
    }
}

impl ImageDescription {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Adds a time, in seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn at_time(mut self, seconds: i64) -> Self {
        self.time = Some(seconds);
        self
    }

    /// Adds a preview: the bytes of a small picture in a format that those who open it can show, of 1 to 65 536 bytes. It is
    /// sealed like the image, and stands before it. With the feature `image`, `secimg::preview::make_preview` makes one.
    #[must_use]
    pub fn with_preview(mut self, preview: Zeroizing<Vec<u8>>) -> Self {
        self.preview = Some(preview);
        self
    }

    /// Returns the preview's bytes, as a sealer takes them.
    #[must_use]
    pub fn preview_bytes(&self) -> Option<&[u8]> {
        self.preview.as_ref().map(|preview| preview.as_slice())
    }

    /// Adds a word of the caller's own.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// Makes the manifest of an image that begins with `prefix`; [`SNIFF_LEN`](crate::image::SNIFF_LEN) bytes
/// are all that is looked at.
#[must_use]
pub fn describe(prefix: &[u8], description: &ImageDescription) -> Manifest {
    let prefix = prefix.get(..crate::image::SNIFF_LEN).unwrap_or(prefix);
    let info = sniff(prefix);
    let mut manifest = Manifest::new(info.format, info.media_type);
    manifest.claimed_width = info.claims.width;
    manifest.claimed_height = info.claims.height;
    manifest.claimed_frames = info.claims.frames;
    manifest.claimed_channels = info.claims.channels;
    manifest.claimed_bits = info.claims.bits;
    manifest.name.clone_from(&description.name);
    manifest.time = description.time;
    manifest.attributes.clone_from(&description.attributes);
    manifest
}
