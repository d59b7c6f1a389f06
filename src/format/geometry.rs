//! Where each chunk lies: sizes, offsets and counts, all computed and none stored (SPEC section 6).

use super::error::{FormatError, FormatErrorKind};
use super::frame::{FRAME_HEADER_LEN, FrameHeader, FrameKind};

/// A chunk's place in the stream: CHUNKs and FINAL are counted together, from 0.
pub type ChunkIndex = u64;

/// How many bytes of content a full chunk holds: a power of two from 4 KiB to 8 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkSize(u8);

impl ChunkSize {
    /// 64 KiB.
    pub const DEFAULT: Self = Self(16);
    /// 4 KiB, the smallest.
    pub const MIN: Self = Self(12);
    /// 8 MiB, the largest.
    pub const MAX: Self = Self(23);

    /// Makes a chunk size from its exponent, 12 to 23.
    #[must_use]
    pub const fn from_log2(log2: u8) -> Option<Self> {
        if log2 >= Self::MIN.0 && log2 <= Self::MAX.0 {
            Some(Self(log2))
        } else {
            None
        }
    }

    /// Returns the exponent, as it stands in CORE.
    #[must_use]
    pub const fn log2(self) -> u8 {
        self.0
    }

    /// Returns the size in bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        1_usize << self.0
    }

    /// Returns the size in bytes, for arithmetic on offsets.
    #[must_use]
    pub const fn bytes_u64(self) -> u64 {
        1_u64 << self.0
    }
}

/// How a suite lays out one chunk: the bytes it adds, and how it pads the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Layout {
    /// The length of the tag behind the ciphertext.
    pub tag_len: usize,
    /// FINAL's ciphertext is padded to a multiple of this, always by at least one byte; 1 = no padding.
    pub final_block: usize,
}

impl Layout {
    /// Describes a suite's chunks.
    #[must_use]
    pub const fn new(tag_len: usize, final_block: usize) -> Self {
        Self {
            tag_len,
            final_block,
        }
    }

    /// Returns the length of FINAL's ciphertext for `plain` bytes of content.
    #[must_use]
    pub const fn final_ciphertext_len(self, plain: usize) -> usize {
        if self.final_block == 1 {
            return plain;
        }
        match plain.checked_div(self.final_block) {
            Some(blocks) => blocks.saturating_add(1).saturating_mul(self.final_block),
            None => plain,
        }
    }
}

/// Chunk size and suite layout together: everything that offsets follow from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Geometry {
    /// The content in a full chunk.
    pub chunk_size: ChunkSize,
    /// What the suite adds.
    pub layout: Layout,
}

impl Geometry {
    /// Joins the two.
    #[must_use]
    pub const fn new(chunk_size: ChunkSize, layout: Layout) -> Self {
        Self { chunk_size, layout }
    }

    /// Returns the length of a CHUNK's body: ciphertext and tag.
    #[must_use]
    pub const fn chunk_body_len(self) -> usize {
        self.chunk_size.bytes().saturating_add(self.layout.tag_len)
    }

    /// Returns the length of a whole CHUNK frame, which is the distance between two chunks.
    #[must_use]
    pub const fn stride(self) -> usize {
        self.chunk_body_len().saturating_add(FRAME_HEADER_LEN)
    }

    /// Returns the longest body that FINAL may have.
    ///
    /// Padding never makes FINAL's ciphertext longer than a chunk, for its content is shorter than one.
    #[must_use]
    pub const fn final_body_max(self) -> usize {
        let longest_plain = self.chunk_size.bytes().saturating_sub(1);
        self.layout
            .final_ciphertext_len(longest_plain)
            .saturating_add(self.layout.tag_len)
    }

    /// Checks the header of a payload frame: a CHUNK has one length, FINAL a bounded one.
    ///
    /// # Errors
    /// [`FormatErrorKind::UnexpectedFrame`] and [`FormatErrorKind::FrameLength`].
    pub fn check_payload_frame(self, header: FrameHeader, offset: u64) -> Result<(), FormatError> {
        let length = usize::try_from(header.length).unwrap_or(usize::MAX);
        let sound = match header.kind {
            FrameKind::Chunk => length == self.chunk_body_len(),
            FrameKind::Final => self.final_body_fits(length),
            FrameKind::Core | FrameKind::Recipients => {
                let kind = FormatErrorKind::UnexpectedFrame {
                    expected: FrameKind::Chunk.number(),
                    found: header.kind.number(),
                };
                return Err(FormatError::at(kind, offset));
            }
        };
        if sound {
            Ok(())
        } else {
            Err(header.bad_length(offset))
        }
    }

    fn final_body_fits(self, body: usize) -> bool {
        let Some(ciphertext) = body.checked_sub(self.layout.tag_len) else {
            return false;
        };
        if body > self.final_body_max() {
            return false;
        }
        // A padded FINAL is never empty and always whole blocks.
        self.layout.final_block == 1
            || (ciphertext > 0 && ciphertext.is_multiple_of(self.layout.final_block))
    }

    /// Returns the number of full chunks in a payload of `payload_len` bytes (all frames, FINAL among them).
    ///
    /// FINAL is opened to prove it; until then this is arithmetic on a length.
    ///
    /// # Errors
    /// [`FormatErrorKind::Truncated`] when no FINAL frame fits what is left.
    pub fn full_chunks(self, payload_len: u64, payload_offset: u64) -> Result<u64, FormatError> {
        let stride = u64::try_from(self.stride()).unwrap_or(u64::MAX);
        let count = payload_len
            .div_ceil(stride)
            .checked_sub(1)
            .ok_or_else(|| FormatError::at(FormatErrorKind::Truncated, payload_offset))?;
        Ok(count)
    }

    /// Returns the offset of chunk `index` from the first byte of the payload.
    #[must_use]
    pub fn offset_of(self, index: ChunkIndex) -> u64 {
        index.saturating_mul(u64::try_from(self.stride()).unwrap_or(u64::MAX))
    }

    /// Returns how many chunks one key may seal: 2^36 AES blocks a stream (SPEC section 6).
    #[must_use]
    pub const fn max_chunks(self) -> u64 {
        1_u64 << (36_u8.saturating_sub(self.chunk_size.log2().saturating_sub(4)))
    }

    /// Refuses an index beyond what one key may seal.
    ///
    /// # Errors
    /// [`FormatErrorKind::TooLong`].
    pub fn check_index(self, index: ChunkIndex, offset: u64) -> Result<(), FormatError> {
        if index < self.max_chunks() {
            return Ok(());
        }
        Err(FormatError::at(FormatErrorKind::TooLong, offset))
    }

    /// Returns the exact size of a whole stream that holds `content` bytes of content (CLOSE among
    /// them) behind a header of `header_len` bytes.
    #[must_use]
    pub fn sealed_len(self, header_len: u64, content: u64) -> u64 {
        let full = content >> self.chunk_size.log2();
        let rest = content & self.chunk_size.bytes_u64().saturating_sub(1);
        let last = self
            .layout
            .final_ciphertext_len(usize::try_from(rest).unwrap_or(usize::MAX))
            .saturating_add(self.layout.tag_len)
            .saturating_add(FRAME_HEADER_LEN);
        header_len
            .saturating_add(self.offset_of(full))
            .saturating_add(u64::try_from(last).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CBC: Layout = Layout::new(32, 16);
    const GCM: Layout = Layout::new(16, 1);

    #[test]
    fn final_is_always_shorter_than_the_next_chunk() {
        for layout in [CBC, GCM] {
            let g = Geometry::new(ChunkSize::MIN, layout);
            assert!(g.final_body_max() <= g.chunk_body_len());
            for plain in [0, 1, 15, 16, 17, 4094, 4095] {
                let body = layout.final_ciphertext_len(plain) + layout.tag_len;
                let header = FrameHeader::new(FrameKind::Final, u32::try_from(body).unwrap());
                assert_eq!(g.check_payload_frame(header, 0), Ok(()), "{plain}");
            }
        }
    }

    #[test]
    fn lengths_that_no_writer_makes_are_refused() {
        let g = Geometry::new(ChunkSize::MIN, CBC);
        for body in [0, 31, 32, 33, 47, 49, 4096 + 33, 4096 + 48] {
            let header = FrameHeader::new(FrameKind::Final, body);
            assert!(g.check_payload_frame(header, 0).is_err(), "FINAL {body}");
        }
        for body in [0, 4096, 4096 + 31, 4096 + 33] {
            let header = FrameHeader::new(FrameKind::Chunk, body);
            assert!(g.check_payload_frame(header, 0).is_err(), "CHUNK {body}");
        }
        let gcm = Geometry::new(ChunkSize::MIN, GCM);
        assert!(
            gcm.check_payload_frame(FrameHeader::new(FrameKind::Final, 4096 + 16), 0)
                .is_err()
        );
        assert!(
            gcm.check_payload_frame(FrameHeader::new(FrameKind::Final, 15), 0)
                .is_err()
        );
    }

    #[test]
    fn the_chunk_count_follows_from_the_length() {
        for layout in [CBC, GCM] {
            let g = Geometry::new(ChunkSize::MIN, layout);
            for content in [0_u64, 1, 15, 16, 4095, 4096, 4097, 8191, 8192, 81920] {
                let sealed = g.sealed_len(0, content);
                assert_eq!(g.full_chunks(sealed, 0), Ok(content / 4096), "{content}");
            }
            assert!(g.full_chunks(0, 0).is_err());
        }
    }

    #[test]
    fn one_key_seals_at_most_two_to_the_36_blocks() {
        for log2 in 12..=23 {
            let g = Geometry::new(ChunkSize::from_log2(log2).unwrap(), CBC);
            let blocks = u128::from(g.max_chunks()) * u128::from(g.chunk_size.bytes_u64() / 16);
            assert_eq!(blocks, 1 << 36);
            assert!(g.check_index(g.max_chunks() - 1, 0).is_ok());
            assert!(g.check_index(g.max_chunks(), 0).is_err());
        }
    }
}
