//! The order in which records may stand (SPEC section 7.5).
//!
//! ```text
//! content = item* INDEX? CLOSE          item = MANIFEST PREVIEW? DATA+ DIGEST?
//! ```
//!
//! Whoever walks over records asks this: the parser that reads everything, and the reader that seeks.

use super::error::ContentErrorKind;
use super::record::{RecordHeader, RecordKind};

/// Where in the grammar a walk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Grammar {
    /// Before the first item, or behind a whole one.
    #[default]
    BetweenItems,
    /// Behind MANIFEST.
    AfterManifest,
    /// Behind PREVIEW.
    AfterPreview,
    /// Behind the item's DATA; an empty one must be its only one.
    InData {
        /// The first DATA was empty.
        empty: bool,
    },
    /// Behind DIGEST.
    AfterDigest,
    /// Behind INDEX.
    AfterIndex,
}

impl Grammar {
    /// Ends the open item if a record of this kind does, and says whether an item ended that had no
    /// DIGEST to say so.
    pub fn ends_item(&mut self, kind: RecordKind) -> bool {
        let ends = matches!(
            kind,
            RecordKind::Manifest | RecordKind::Index | RecordKind::Close
        );
        let open = matches!(self, Self::InData { .. });
        if ends && (open || *self == Self::AfterDigest) {
            *self = Self::BetweenItems;
        }
        ends && open
    }

    /// Goes on over a record. Ask [`Grammar::ends_item`] first.
    ///
    /// # Errors
    /// [`ContentErrorKind::OutOfOrder`] and, for DATA and DIGEST, [`ContentErrorKind::RecordLength`].
    pub fn accept(&mut self, header: RecordHeader) -> Result<(), ContentErrorKind> {
        use RecordKind as K;
        let bad_length = ContentErrorKind::RecordLength {
            kind: header.kind.number(),
            length: header.length,
        };
        *self = match (header.kind, *self) {
            (K::Manifest, Self::BetweenItems) => Self::AfterManifest,
            (K::Preview, Self::AfterManifest) => Self::AfterPreview,
            (K::Data, Self::AfterManifest | Self::AfterPreview) => Self::InData {
                empty: header.length == 0,
            },
            (K::Data, Self::InData { empty: false }) if header.length > 0 => *self,
            (K::Digest, Self::InData { .. }) if header.length == 32 => Self::AfterDigest,
            (K::Data | K::Digest, Self::InData { .. }) => return Err(bad_length),
            (K::Index, Self::BetweenItems) => Self::AfterIndex,
            (K::Close, Self::BetweenItems | Self::AfterIndex) | (K::Skippable(_), _) => *self,
            _ => return Err(ContentErrorKind::OutOfOrder(header.kind.number())),
        };
        Ok(())
    }
}
