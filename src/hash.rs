//! Floor 1: SHA-256 (FIPS 180-4) as a stream whose state can be taken along by who compresses many blocks at once.

use core::fmt;

use sha2::block_api::compress256;
use zeroize::Zeroize;

/// The eight words between two blocks.
pub type State = [u32; 8];
/// What is compressed at once.
pub type Block = [u8; 64];

/// FIPS 180-4 section 5.3.3.
pub(crate) const INITIAL: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// A hash in the making.
#[derive(Clone)]
pub struct Sha256Stream {
    state: State,
    /// Bytes that wait for the rest of their block.
    block: Block,
    filled: usize,
    len: u64,
}

impl Sha256Stream {
    /// Starts with nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            state: INITIAL,
            block: [0; 64],
            filled: 0,
            len: 0,
        }
    }

    /// Takes bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let rest = self.align(bytes);
        let (blocks, rest) = rest.as_chunks();
        if !blocks.is_empty() {
            compress256(self.state_for(blocks.len()), blocks);
        }
        self.keep(rest);
    }

    /// Takes what completes the block that is begun, and returns the rest: whole blocks of it may be compressed elsewhere.
    /// Nothing is left where nothing is completed.
    pub(crate) fn align<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.filled == 0 {
            return bytes;
        }
        let (head, rest) = bytes.split_at(bytes.len().min(64 - self.filled));
        self.keep(head);
        rest
    }

    /// Counts blocks that the caller compresses, from and into the state that this returns. The last bytes given must have
    /// ended a block.
    pub(crate) fn state_for(&mut self, blocks: usize) -> &mut State {
        debug_assert_eq!(self.filled, 0, "between two blocks");
        self.len = self.len.saturating_add(64 * blocks as u64);
        &mut self.state
    }

    /// Takes bytes that do not go beyond the end of a block.
    fn keep(&mut self, bytes: &[u8]) {
        self.block[self.filled..self.filled + bytes.len()].copy_from_slice(bytes);
        self.filled += bytes.len();
        self.len = self.len.saturating_add(bytes.len() as u64);
        if self.filled == 64 {
            compress256(&mut self.state, &[self.block]);
            self.filled = 0;
        }
    }

    /// Returns the hash: behind a one, zeros, and the length in bits (section 5.1.1).
    #[must_use]
    pub fn finalize(mut self) -> [u8; 32] {
        let bits = self.len.wrapping_mul(8).to_be_bytes();
        self.keep(&[0x80]);
        if self.filled > 56 {
            self.keep(&[0; 64][self.filled..]);
        }
        self.keep(&[0; 64][self.filled..56]);
        self.keep(&bits);
        to_bytes(&self.state)
    }
}

/// A state as the hash that it is at the end.
pub(crate) fn to_bytes(state: &State) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (four, word) in bytes.as_chunks_mut().0.iter_mut().zip(state) {
        *four = word.to_be_bytes();
    }
    bytes
}

impl Default for Sha256Stream {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Sha256Stream {
    fn drop(&mut self) {
        self.block.zeroize();
        self.state.zeroize();
    }
}

impl fmt::Debug for Sha256Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sha256Stream(..)")
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn every_length_in_every_two_pieces_is_what_the_crate_gives() {
        let bytes: Vec<u8> = (0..300_u32).map(|i| (i * 7).to_le_bytes()[0]).collect();
        for len in 0..bytes.len() {
            let expected: [u8; 32] = Sha256::digest(&bytes[..len]).into();
            for cut in (0..=len).step_by(13).chain([len]) {
                let mut stream = Sha256Stream::new();
                stream.update(&bytes[..cut]);
                stream.update(&bytes[cut..len]);
                assert_eq!(stream.finalize(), expected, "{len} cut at {cut}");
            }
        }
    }

    #[test]
    fn blocks_compressed_elsewhere_count() {
        let bytes: Vec<u8> = (0..1000_u32).map(|i| (i * 11).to_le_bytes()[0]).collect();
        for start in 0..130 {
            let mut stream = Sha256Stream::new();
            stream.update(&bytes[..start]);
            let rest = stream.align(&bytes[start..]);
            let (blocks, tail) = rest.as_chunks();
            compress256(stream.state_for(blocks.len()), blocks);
            stream.update(tail);
            assert_eq!(
                stream.finalize(),
                <[u8; 32]>::from(Sha256::digest(&bytes)),
                "{start}"
            );
        }
    }
}
