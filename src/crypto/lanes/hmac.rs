//! HMAC-SHA-256 (FIPS 198-1) as its states, so that lanes of SHA-256 can go on from them.

use sha2::block_api::compress256;
use zeroize::Zeroizing;

use super::{LEAD, MacHead, ShaBlock, State};
use crate::hash::{INITIAL, to_bytes};

/// The states behind the two padded keys.
pub(super) struct MacKey {
    pub(super) inner: Zeroizing<State>,
    pub(super) outer: Zeroizing<State>,
}

impl MacKey {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self {
            inner: behind(key, 0x36),
            outer: behind(key, 0x5C),
        }
    }
}

fn behind(key: &[u8; 32], pad: u8) -> Zeroizing<State> {
    let mut block = Zeroizing::new([[pad; 64]]);
    for (byte, key) in block[0].iter_mut().zip(key) {
        *byte ^= key;
    }
    let mut state = Zeroizing::new(INITIAL);
    compress256(&mut state, &*block);
    state
}

/// The first block behind the padded key.
pub(super) fn first_block(head: &MacHead, ciphertext: &[u8]) -> ShaBlock {
    let mut block = [0; 64];
    block[..head.len()].copy_from_slice(head);
    block[head.len()..].copy_from_slice(&ciphertext[..LEAD]);
    block
}

/// The last blocks: the rest of a ciphertext, whole blocks of which were compressed up to `done`, with SHA-256's padding.
pub(super) struct Tail {
    blocks: [ShaBlock; 4],
    count: usize,
}

impl Tail {
    pub(super) fn new(ciphertext: &[u8], done: usize) -> Self {
        let rest = &ciphertext[done..];
        let mut blocks = [[0; 64]; 4];
        let flat = blocks.as_flattened_mut();
        flat[..rest.len()].copy_from_slice(rest);
        flat[rest.len()] = 0x80;
        let count = (rest.len() + 1 + 8).div_ceil(64);
        let bits = 8 * (64 + size_of::<MacHead>() + ciphertext.len()) as u64;
        flat[64 * count - 8..64 * count].copy_from_slice(&bits.to_be_bytes());
        Self { blocks, count }
    }

    pub(super) fn blocks(&self) -> &[ShaBlock] {
        &self.blocks[..self.count]
    }
}

/// The one block behind the outer padded key.
pub(super) fn outer_block(inner: &State) -> ShaBlock {
    let mut block = [0; 64];
    block[..32].copy_from_slice(&to_bytes(inner));
    block[32] = 0x80;
    block[56..].copy_from_slice(&(8 * (64 + 32_u64)).to_be_bytes());
    block
}
