//! CORE, the immutable header (SPEC section 3).
//!
//! ```text
//! magic 8 ‖ 01 00 00 45 ‖ version u8 ‖ suite u16 ‖ flags u8 ‖ chunk_log2 u8 ‖ salt 32 ‖ commitment 32
//! ```

use super::codec::{Reader, Writer};
use super::error::{FormatError, FormatErrorKind};
use super::frame::{FRAME_HEADER_LEN, FrameHeader, FrameKind, MAGIC, check_magic};
use super::geometry::ChunkSize;

/// The length of CORE's body.
pub const CORE_BODY_LEN: usize = 69;
/// The length of magic and CORE frame together: where RECIPIENTS begins.
pub const CORE_FRAME_LEN: usize = 8 + FRAME_HEADER_LEN + CORE_BODY_LEN;

const VERSION: u8 = 1;
const FLAG_SIGNED: u8 = 0x01;
const BODY_LEN_U32: u32 = 69;

/// The 32 random bytes that make every stream's keys its own.
pub type Salt = [u8; 32];
/// The value that binds the content encryption key, the header and the context.
pub type Commitment = [u8; 32];

/// A suite's number on the wire. Any number fits; which are supported is the suite table's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SuiteId(pub u16);

impl SuiteId {
    /// Makes a suite's number, of a suite that may or may not be supported.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// `0001`: AES-256-CBC and HMAC-SHA-256.
    pub const AES_256_CBC_HMAC_SHA_256: Self = Self(0x0001);
    /// `0002`: AES-256-GCM.
    pub const AES_256_GCM: Self = Self(0x0002);
}

/// The flags of CORE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Flags {
    /// Every CLOSE of this stream carries a signature.
    pub signed: bool,
}

impl Flags {
    /// Makes the flags of a stream that is signed, or is not.
    #[must_use]
    pub const fn new(signed: bool) -> Self {
        Self { signed }
    }
}

/// The immutable header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Core {
    /// Which algorithms seal the chunks.
    pub suite: SuiteId,
    /// See [`Flags`].
    pub flags: Flags,
    /// How many bytes of content a full chunk holds.
    pub chunk_size: ChunkSize,
    /// Random; in every derived key.
    pub salt: Salt,
    /// `K[commit]`; all zero until the keys are known.
    pub commitment: Commitment,
}

impl Core {
    /// Makes a header whose commitment is still unknown.
    #[must_use]
    pub const fn new(suite: SuiteId, flags: Flags, chunk_size: ChunkSize, salt: Salt) -> Self {
        Self {
            suite,
            flags,
            chunk_size,
            salt,
            commitment: [0; 32],
        }
    }

    /// Returns the header with its commitment.
    #[must_use]
    pub const fn with_commitment(mut self, commitment: Commitment) -> Self {
        self.commitment = commitment;
        self
    }

    /// Parses magic and CORE frame.
    ///
    /// Whether the suite is supported is asked later: an unknown suite is a sound header.
    ///
    /// # Errors
    /// A [`FormatError`] for each rejection of SPEC sections 2 and 3.
    pub fn parse(bytes: &[u8; CORE_FRAME_LEN]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, 0);
        check_magic(reader.array()?)?;
        let at = reader.offset();
        let header = FrameHeader::parse_kind(reader.array()?, FrameKind::Core, at)?;
        if header.length != BODY_LEN_U32 {
            return Err(header.bad_length(at));
        }
        let at = reader.offset();
        let version = reader.u8()?;
        if version != VERSION {
            return Err(FormatError::at(
                FormatErrorKind::UnsupportedVersion(version),
                at,
            ));
        }
        let suite = SuiteId(reader.u16()?);
        let at = reader.offset();
        let flags = reader.u8()?;
        if flags & !FLAG_SIGNED != 0 {
            return Err(FormatError::at(FormatErrorKind::ReservedFlags(flags), at));
        }
        let at = reader.offset();
        let log2 = reader.u8()?;
        let chunk_size = ChunkSize::from_log2(log2)
            .ok_or_else(|| FormatError::at(FormatErrorKind::ChunkSize(log2), at))?;
        Ok(Self {
            suite,
            flags: Flags::new(flags == FLAG_SIGNED),
            chunk_size,
            salt: reader.array()?,
            commitment: reader.array()?,
        })
    }

    /// Returns magic and CORE frame.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.bytes(&self.hashed_part()).bytes(&self.commitment);
        out.finish()
    }

    /// Returns what `core_hash` is taken over: magic, frame header, and the body without the commitment.
    #[must_use]
    pub fn hashed_part(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.bytes(&MAGIC)
            .bytes(&FrameHeader::new(FrameKind::Core, BODY_LEN_U32).to_bytes())
            .u8(VERSION)
            .u16(self.suite.0)
            .u8(if self.flags.signed { FLAG_SIGNED } else { 0 })
            .u8(self.chunk_size.log2())
            .bytes(&self.salt);
        out.finish()
    }
}
