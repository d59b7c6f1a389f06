//! What can be wrong with the bytes in the clear, and where.

use thiserror::Error;

/// A defect of the stream's structure, with the offset in the stream at which it was seen.
///
/// These errors depend on public bytes only; they may be as exact as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{kind} (at byte {offset})")]
#[non_exhaustive]
pub struct FormatError {
    /// What is wrong.
    #[source]
    pub kind: FormatErrorKind,
    /// The offset in the stream, in bytes from its first.
    pub offset: u64,
}

impl FormatError {
    /// Joins a defect with its place.
    #[must_use]
    pub const fn at(kind: FormatErrorKind, offset: u64) -> Self {
        Self { kind, offset }
    }
}

/// One variant for each rejection of SPEC sections 2 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FormatErrorKind {
    /// The first eight bytes are not the magic (SPEC 2).
    #[error("not a secimg stream: the first eight bytes are not its magic")]
    NotSecimg,
    /// The magic was changed as text transfers change it: line ends, or the high bit (SPEC 2).
    #[error("a secimg stream damaged by a transfer in text mode; send it as binary")]
    TextMode,
    /// The stream ends before its FINAL frame does (SPEC 2).
    #[error("the stream is truncated")]
    Truncated,
    /// Bytes stand behind FINAL (SPEC 2).
    #[error("bytes follow the end of the stream")]
    TrailingBytes,
    /// A wire frame of an unknown kind (SPEC 2).
    #[error("unknown wire frame kind {0:#04x}")]
    UnknownFrame(u8),
    /// A known wire frame where another must stand (SPEC 2).
    #[error("wire frame {found:#04x} stands where {expected:#04x} must")]
    UnexpectedFrame {
        /// The kind that must stand here.
        expected: u8,
        /// The kind that does.
        found: u8,
    },
    /// A wire frame of a length that its kind cannot have (SPEC 2, 3, 4, 6).
    #[error("a wire frame of kind {kind:#04x} cannot be {length} bytes long")]
    FrameLength {
        /// The frame's kind.
        kind: u8,
        /// The length that its header claims.
        length: u32,
    },
    /// A version other than 1 (SPEC 3).
    #[error("version {0} is not supported; this program reads version 1")]
    UnsupportedVersion(u8),
    /// A suite that is not in the table, 0000 among them (SPEC 3).
    #[error("cipher suite {0:#06x} is not supported")]
    UnsupportedSuite(u16),
    /// A flag bit that version 1 does not define (SPEC 3).
    #[error("reserved flag bits are set ({0:#04x})")]
    ReservedFlags(u8),
    /// A chunk size outside 2^12 ..= 2^23 (SPEC 3).
    #[error("chunk size 2^{0} is outside 2^12 to 2^23")]
    ChunkSize(u8),
    /// No recipient, or more than 32 (SPEC 4).
    #[error("{0} recipients; there must be 1 to 32")]
    RecipientCount(u8),
    /// A recipient type that version 1 does not define (SPEC 4).
    #[error("unknown recipient type {0}")]
    RecipientType(u16),
    /// A recipient body of a length or form that its type cannot have (SPEC 4).
    #[error("the body of a recipient of type {0} is malformed")]
    RecipientBody(u16),
    /// A recipient's entry that runs past the block (SPEC 4).
    #[error("the recipients do not fit into their block")]
    RecipientsOverrun,
    /// The same type and key id twice (SPEC 4).
    #[error("the same recipient stands twice")]
    DuplicateRecipient,
    /// A passphrase beside another recipient (SPEC 4.3).
    #[error("a passphrase must be the only recipient")]
    PassphraseNotAlone,
    /// Bytes other than zero between the last recipient and the MAC (SPEC 4).
    #[error("the padding of the recipient block is not zero")]
    RecipientPadding,
    /// Key derivation parameters outside the bounds (SPEC 4.3).
    #[error("the passphrase parameters are outside the accepted bounds")]
    KdfParameters,
    /// More cipher blocks than one key may encrypt (SPEC 6).
    #[error("the stream is longer than one key may encrypt (2^36 AES blocks)")]
    TooLong,
    /// A limit that the caller set.
    #[error("the stream exceeds the caller's limit of {0} bytes")]
    CallerLimit(u64),
}
