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

#[cfg(test)]
mod tests {
    use super::*;
    use Grammar as G;
    use RecordKind as K;

    const DATA: G = G::InData { empty: false };
    const EMPTY: G = G::InData { empty: true };
    const STATES: [G; 7] = [
        G::BetweenItems,
        G::AfterManifest,
        G::AfterPreview,
        DATA,
        EMPTY,
        G::AfterDigest,
        G::AfterIndex,
    ];

    const KINDS: [K; 6] = [
        K::Manifest,
        K::Preview,
        K::Data,
        K::Digest,
        K::Index,
        K::Close,
    ];

    /// What SPEC section 7.5 allows behind each state, and where it leads.
    const ALLOWED: [(G, K, u64, G); 12] = [
        (G::BetweenItems, K::Manifest, 9, G::AfterManifest),
        (G::BetweenItems, K::Index, 9, G::AfterIndex),
        (G::BetweenItems, K::Close, 9, G::BetweenItems),
        (G::AfterManifest, K::Preview, 9, G::AfterPreview),
        (G::AfterManifest, K::Data, 0, EMPTY),
        (G::AfterManifest, K::Data, 9, DATA),
        (G::AfterPreview, K::Data, 0, EMPTY),
        (G::AfterPreview, K::Data, 9, DATA),
        (DATA, K::Data, 9, DATA),
        (DATA, K::Digest, 32, G::AfterDigest),
        (EMPTY, K::Digest, 32, G::AfterDigest),
        (G::AfterIndex, K::Close, 9, G::AfterIndex),
    ];

    #[test]
    fn every_record_has_its_places() {
        for state in STATES {
            for kind in KINDS {
                for length in [0, 9, 31, 32, 33] {
                    // The lengths of the others are not the grammar's to judge.
                    let says = match kind {
                        K::Data if length > 0 => 9,
                        K::Data | K::Digest => length,
                        _ => 9,
                    };
                    let row = ALLOWED
                        .iter()
                        .find(|row| (row.0, row.1, row.2) == (state, kind, says));
                    let mut after = state;
                    let result = after.accept(RecordHeader { kind, length });
                    let in_data = matches!(state, G::InData { .. });
                    let expected = match row {
                        Some(row) => Ok(row.3),
                        None if in_data && matches!(kind, K::Data | K::Digest) => {
                            Err(ContentErrorKind::RecordLength {
                                kind: kind.number(),
                                length,
                            })
                        }
                        None => Err(ContentErrorKind::OutOfOrder(kind.number())),
                    };
                    assert_eq!(
                        result.map(|()| after),
                        expected,
                        "{state:?} {kind:?} {length}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_may_be_skipped_changes_nothing() {
        for state in STATES {
            let mut after = state;
            let header = RecordHeader {
                kind: K::Skippable(0xFF),
                length: 7,
            };
            assert_eq!(after.accept(header), Ok(()));
            assert!(!after.ends_item(K::Skippable(0xFF)));
            assert_eq!(after, state);
        }
    }

    #[test]
    fn an_item_ends_where_another_record_than_its_own_begins() {
        for state in STATES {
            for kind in KINDS {
                let ends = matches!(kind, K::Manifest | K::Index | K::Close);
                let without_digest = matches!(state, G::InData { .. });
                let mut after = state;
                assert_eq!(
                    after.ends_item(kind),
                    ends && without_digest,
                    "{state:?} {kind:?}"
                );
                let between = ends && (without_digest || state == G::AfterDigest);
                let expected = if between { G::BetweenItems } else { state };
                assert_eq!(after, expected, "{state:?} {kind:?}");
            }
        }
    }
}
