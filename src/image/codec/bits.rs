//! Bits in and out, the lowest of each byte first.

use zeroize::Zeroizing;

/// How many bits one call may write or take: what a 64-bit register holds beside seven that wait.
pub(super) const MOST_BITS: u32 = 56;

/// Writes bits into memory that the caller holds ready.
pub(super) struct BitWriter {
    waiting: u64,
    waiting_bits: u32,
    row: Zeroizing<Vec<u8>>,
    at: usize,
}

impl BitWriter {
    /// Makes a writer with room for so many bytes between two calls of [`BitWriter::flush_into`].
    pub(super) fn new(room: usize) -> Self {
        Self {
            waiting: 0,
            waiting_bits: 0,
            // A store is always of eight bytes.
            row: Zeroizing::new(vec![0; room.saturating_add(8)]),
            at: 0,
        }
    }

    /// Writes the `len` lowest bits of `bits`, at most [`MOST_BITS`]; those above must be zero.
    #[inline]
    pub(super) fn put(&mut self, bits: u64, len: u32) {
        debug_assert!(len <= MOST_BITS && bits >> len == 0, "{len} bits of {bits}");
        self.waiting |= bits.wrapping_shl(self.waiting_bits);
        let held = self.waiting_bits.wrapping_add(len);
        let rest = self.row.get_mut(self.at..).unwrap_or_default();
        debug_assert!(rest.len() >= 8, "the room was counted");
        if let Some(place) = rest.first_chunk_mut::<8>() {
            *place = self.waiting.to_le_bytes();
        }
        let whole = held / 8;
        self.at = self.at.wrapping_add(usize::from(whole.to_le_bytes()[0]));
        // Up to 63 bits are held, so up to 56 are whole bytes.
        self.waiting = self.waiting.wrapping_shr(whole.wrapping_mul(8));
        self.waiting_bits = held % 8;
    }

    /// Appends the whole bytes to `out`, and begins again in front.
    pub(super) fn flush_into(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.row.get(..self.at).unwrap_or_default());
        self.at = 0;
    }

    /// Ends the last byte with zeros.
    pub(super) fn finish_into(mut self, out: &mut Vec<u8>) {
        self.flush_into(out);
        if self.waiting_bits > 0 {
            out.push(self.waiting.to_le_bytes()[0]);
        }
    }
}

/// Takes bits. Behind the end come zeros: whoever reads asks [`BitReader::is_overrun`] in time.
pub(super) struct BitReader<'a> {
    data: &'a [u8],
    at: usize,
    held: u64,
    held_bits: u32,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            at: 0,
            held: 0,
            held_bits: 0,
        }
    }

    /// Makes sure that [`MOST_BITS`] bits can be looked at and taken.
    #[inline]
    pub(super) fn refill(&mut self) {
        let rest = self.data.get(self.at..).unwrap_or_default();
        if let Some(bytes) = rest.first_chunk::<8>() {
            self.held |= u64::from_le_bytes(*bytes).wrapping_shl(self.held_bits);
            let more = 63_u32.wrapping_sub(self.held_bits) / 8;
            self.at = self.at.wrapping_add(usize::from(more.to_le_bytes()[0]));
            self.held_bits |= MOST_BITS;
        } else {
            self.refill_at_end();
        }
    }

    #[cold]
    fn refill_at_end(&mut self) {
        while self.held_bits < MOST_BITS {
            let byte = self.data.get(self.at).copied().unwrap_or_default();
            self.held |= u64::from(byte).wrapping_shl(self.held_bits);
            self.held_bits = self.held_bits.wrapping_add(8);
            self.at = self.at.saturating_add(1);
        }
    }

    /// Looks at the next bits, the first one lowest.
    #[inline]
    pub(super) const fn peek(&self) -> u64 {
        self.held
    }

    /// Goes on by `len` bits, no more than were made sure of.
    #[inline]
    pub(super) const fn skip(&mut self, len: u32) {
        self.held = self.held.wrapping_shr(len);
        self.held_bits = self.held_bits.wrapping_sub(len);
    }

    /// Takes `len` bits, below [`MOST_BITS`], that were made sure of.
    #[inline]
    pub(super) const fn take(&mut self, len: u32) -> u64 {
        let bits = self.held & low_bits(len);
        self.skip(len);
        bits
    }

    fn bits_taken(&self) -> u64 {
        let bytes = u64::try_from(self.at).unwrap_or(u64::MAX);
        bytes
            .saturating_mul(8)
            .saturating_sub(u64::from(self.held_bits))
    }

    /// Returns in which byte the next bit stands.
    pub(super) fn offset(&self) -> u64 {
        self.bits_taken() / 8
    }

    /// Says whether more was taken than there is.
    pub(super) fn is_overrun(&self) -> bool {
        let bytes = u64::try_from(self.data.len()).unwrap_or(u64::MAX);
        self.bits_taken() > bytes.saturating_mul(8)
    }

    /// Says whether nothing is left but the zeros that end the last byte.
    pub(super) fn is_at_end(&mut self) -> bool {
        let end = self.bits_taken().div_ceil(8);
        let bytes = u64::try_from(self.data.len()).unwrap_or(u64::MAX);
        let filling = 8_u64.wrapping_sub(self.bits_taken() % 8) % 8;
        self.refill();
        let filling = u32::try_from(filling).unwrap_or_default();
        end == bytes && self.peek() & low_bits(filling) == 0
    }
}

/// A mask of the `len` lowest bits, below 64.
#[inline]
pub(super) const fn low_bits(len: u32) -> u64 {
    1_u64.wrapping_shl(len).wrapping_sub(1)
}
