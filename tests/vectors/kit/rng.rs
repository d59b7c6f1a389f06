//! The kit's randomness: SHA-256 in counter mode, so that every language can draw the same bytes.

use core::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};

/// The bytes SHA-256("secimg test rng" ‖ 00 ‖ seed ‖ be64(0)) ‖ SHA-256(… ‖ be64(1)) ‖ …, in order.
pub(crate) struct TestRng {
    seed: String,
    next_block: u64,
    left: Vec<u8>,
}

impl TestRng {
    pub(crate) fn new(seed: &str) -> Self {
        Self {
            seed: seed.to_owned(),
            next_block: 0,
            left: Vec::new(),
        }
    }

    /// The generator for CLOSE number `n` of a stream, counted from 0. It is one of its own because
    /// signing may draw more than it uses, for blinding.
    pub(crate) fn for_close(seed: &str, n: usize) -> Self {
        Self::new(&format!("{seed} close {n}"))
    }

    pub(crate) fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Draws a number from 1 to `most`.
    pub(crate) fn up_to(&mut self, most: usize) -> usize {
        usize::from(u16::from_be_bytes(self.take())) % most + 1
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        while self.left.len() < bytes.len() {
            let block = Sha256::new()
                .chain_update(b"secimg test rng\0")
                .chain_update(&self.seed)
                .chain_update(self.next_block.to_be_bytes())
                .finalize();
            self.left.extend_from_slice(&block);
            self.next_block += 1;
        }
        let rest = self.left.split_off(bytes.len());
        bytes.copy_from_slice(&self.left);
        self.left = rest;
    }
}

impl TryRng for TestRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.take()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.take()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for TestRng {}
