//! Records: `kind u8 ‖ length u56 ‖ body` (SPEC section 7).

/// The length of a record's header.
pub const RECORD_HEADER_LEN: usize = 8;

const LENGTH_MASK: u64 = u64::MAX >> 8;

/// The kinds of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordKind {
    /// `01`: what an item is.
    Manifest,
    /// `02`: a small picture of the item.
    Preview,
    /// `03`: the original bytes, or a part of them.
    Data,
    /// `04`: SHA-256 of the original bytes.
    Digest,
    /// `05`: where the items are.
    Index,
    /// `06`: the end, or a checkpoint.
    Close,
    /// `80` to `FF`: may be skipped by who does not know it.
    Skippable(u8),
}

impl RecordKind {
    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Manifest => 0x01,
            Self::Preview => 0x02,
            Self::Data => 0x03,
            Self::Digest => 0x04,
            Self::Index => 0x05,
            Self::Close => 0x06,
            Self::Skippable(number) => number,
        }
    }

    /// Finds a kind by its number. Zero is padding and no kind.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0x01 => Some(Self::Manifest),
            0x02 => Some(Self::Preview),
            0x03 => Some(Self::Data),
            0x04 => Some(Self::Digest),
            0x05 => Some(Self::Index),
            0x06 => Some(Self::Close),
            0x80..=0xFF => Some(Self::Skippable(number)),
            _ => None,
        }
    }
}

/// The header of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordHeader {
    /// What the record is.
    pub kind: RecordKind,
    /// The length of its body in bytes, below 2^56.
    pub length: u64,
}

impl RecordHeader {
    /// Makes a header. Only the low 56 bits of `length` reach the stream.
    #[must_use]
    pub const fn new(kind: RecordKind, length: u64) -> Self {
        Self { kind, length }
    }

    /// Parses eight bytes; an unknown kind is returned as its number.
    ///
    /// # Errors
    /// The number of a kind that version 1 does not define.
    pub fn parse(bytes: [u8; RECORD_HEADER_LEN]) -> Result<Self, u8> {
        let [number, ..] = bytes;
        let kind = RecordKind::from_number(number).ok_or(number)?;
        Ok(Self::new(kind, u64::from_be_bytes(bytes) & LENGTH_MASK))
    }

    /// Returns the eight bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; RECORD_HEADER_LEN] {
        let kind = u64::from(self.kind.number()) << 56;
        (kind | (self.length & LENGTH_MASK)).to_be_bytes()
    }
}
