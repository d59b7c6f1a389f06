//! What can be wrong with the content, and where.

use thiserror::Error;

/// A defect of the content, with the offset in the content at which it was seen.
///
/// Only a holder of the content encryption key can cause one; the tags were right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind} (at byte {offset} of the content)")]
#[non_exhaustive]
pub struct ContentError {
    /// What is wrong.
    #[source]
    pub kind: ContentErrorKind,
    /// The offset in the content, in bytes.
    pub offset: u64,
}

impl ContentError {
    /// Joins a defect with its place.
    #[must_use]
    pub const fn at(kind: ContentErrorKind, offset: u64) -> Self {
        Self { kind, offset }
    }
}

/// One variant for each rejection of SPEC section 7.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ContentErrorKind {
    /// A record kind below 80 that version 1 does not define.
    #[error("unknown record kind {0:#04x}")]
    UnknownRecord(u8),
    /// A record where the grammar has no place for it.
    #[error("record {0:#04x} stands out of order")]
    OutOfOrder(u8),
    /// A record of a length that its kind cannot have.
    #[error("record {kind:#04x} cannot be {length} bytes long")]
    RecordLength {
        /// The record's kind.
        kind: u8,
        /// The length that its header claims.
        length: u64,
    },
    /// A record longer than the reader's limit.
    #[error("record {kind:#04x} of {length} bytes exceeds the limit of {limit}")]
    Limit {
        /// The record's kind.
        kind: u8,
        /// The length that its header claims.
        length: u64,
        /// The limit.
        limit: u64,
    },
    /// More items than the reader's limit.
    #[error("more than {0} items")]
    TooManyItems(usize),
    /// A manifest that is not in the one form that it can have.
    #[error("the manifest is malformed: {0}")]
    Manifest(&'static str),
    /// An index that is not in the one form that it can have.
    #[error("the index is malformed: {0}")]
    Index(&'static str),
    /// An index that does not say what the content is.
    #[error("the index does not agree with the content")]
    IndexMismatch,
    /// A digest that is not the digest of the data.
    #[error("the digest does not agree with the data of item {0}")]
    DigestMismatch(u64),
    /// A digest in a stream that was opened without digests: it must be compared, and was not computed.
    #[error(
        "item {0} carries a digest, which was not to be computed: open the stream with digests"
    )]
    DigestNotComputed(u64),
    /// A CLOSE that is not in the one form that it can have.
    #[error("the closing record is malformed: {0}")]
    Close(&'static str),
    /// A stream that ends without CLOSE, or inside a record.
    #[error("the content ends without its closing record")]
    Unfinished,
}
