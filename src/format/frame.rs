//! Wire frames: `kind u8 ‖ length u24 ‖ body` (SPEC section 2).

use super::error::{FormatError, FormatErrorKind};

/// The first eight bytes of every stream.
pub const MAGIC: [u8; 8] = [0x89, 0x53, 0x49, 0x4D, 0x47, 0x0D, 0x0A, 0x1A];

/// The length of a wire frame's header.
pub const FRAME_HEADER_LEN: usize = 4;

/// The four kinds of wire frame; there are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameKind {
    /// `01`: the immutable header.
    Core,
    /// `02`: the mutable header.
    Recipients,
    /// `03`: one full chunk.
    Chunk,
    /// `04`: the last, shorter chunk.
    Final,
}

impl FrameKind {
    /// Returns the number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Core => 0x01,
            Self::Recipients => 0x02,
            Self::Chunk => 0x03,
            Self::Final => 0x04,
        }
    }

    const fn from_number(number: u8) -> Option<Self> {
        match number {
            0x01 => Some(Self::Core),
            0x02 => Some(Self::Recipients),
            0x03 => Some(Self::Chunk),
            0x04 => Some(Self::Final),
            _ => None,
        }
    }
}

/// The header of a wire frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameHeader {
    /// What the frame is.
    pub kind: FrameKind,
    /// The length of its body in bytes, below 2^24.
    pub length: u32,
}

impl FrameHeader {
    /// Makes a header. Only the low 24 bits of `length` reach the wire.
    #[must_use]
    pub const fn new(kind: FrameKind, length: u32) -> Self {
        Self { kind, length }
    }

    /// Parses the four bytes that stand at `offset` of the stream.
    ///
    /// # Errors
    /// [`FormatErrorKind::UnknownFrame`].
    pub fn parse(bytes: [u8; FRAME_HEADER_LEN], offset: u64) -> Result<Self, FormatError> {
        let [number, a, b, c] = bytes;
        let kind = FrameKind::from_number(number)
            .ok_or_else(|| FormatError::at(FormatErrorKind::UnknownFrame(number), offset))?;
        Ok(Self::new(kind, u32::from_be_bytes([0, a, b, c])))
    }

    /// Parses a header that must be of one kind.
    ///
    /// # Errors
    /// [`FormatErrorKind::UnknownFrame`] or [`FormatErrorKind::UnexpectedFrame`].
    pub fn parse_kind(
        bytes: [u8; FRAME_HEADER_LEN],
        expected: FrameKind,
        offset: u64,
    ) -> Result<Self, FormatError> {
        let header = Self::parse(bytes, offset)?;
        if header.kind == expected {
            return Ok(header);
        }
        let kind = FormatErrorKind::UnexpectedFrame {
            expected: expected.number(),
            found: header.kind.number(),
        };
        Err(FormatError::at(kind, offset))
    }

    /// Returns the four bytes on the wire.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; FRAME_HEADER_LEN] {
        let [_, a, b, c] = self.length.to_be_bytes();
        [self.kind.number(), a, b, c]
    }

    /// Makes the error for a length that this kind of frame cannot have.
    #[must_use]
    pub const fn bad_length(self, offset: u64) -> FormatError {
        let kind = FormatErrorKind::FrameLength {
            kind: self.kind.number(),
            length: self.length,
        };
        FormatError::at(kind, offset)
    }
}

/// Compares the first bytes of a stream with the magic.
///
/// # Errors
/// [`FormatErrorKind::NotSecimg`], or [`FormatErrorKind::TextMode`] where the bytes look like the
/// magic after a text-mode transfer.
pub(super) fn check_magic(bytes: [u8; 8]) -> Result<(), FormatError> {
    if bytes == MAGIC {
        return Ok(());
    }
    let text = bytes.starts_with(&[0x89, b'S', b'I', b'M', b'G', 0x0A])
        || bytes.starts_with(&[0x09, b'S', b'I', b'M', b'G'])
        || bytes.starts_with(&[0x89, b'S', b'I', b'M', b'G', 0x0D, 0x0D]);
    let kind = if text {
        FormatErrorKind::TextMode
    } else {
        FormatErrorKind::NotSecimg
    };
    Err(FormatError::at(kind, 0))
}
