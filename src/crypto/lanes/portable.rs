//! CBC encryption in as many lanes as the AES of the `aes` crate is wide, on every processor.

use aes::Aes256Enc;
use aes::cipher::consts::U16;
use aes::cipher::typenum::Unsigned;
use aes::cipher::{
    Array, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser,
    ParBlocks,
};

use super::AesBlock;

/// Encrypts lanes of equal length in place, each from its IV.
pub(in crate::crypto) fn encrypt_lanes(
    cipher: &Aes256Enc,
    ivs: &[AesBlock],
    lanes: &mut [&mut [AesBlock]],
) {
    cipher.encrypt_with_backend(Lanes { ivs, lanes });
}

struct Lanes<'a, 'b> {
    ivs: &'a [AesBlock],
    lanes: &'a mut [&'b mut [AesBlock]],
}

impl BlockSizeUser for Lanes<'_, '_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Lanes<'_, '_> {
    #[inline]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let width = B::ParBlocksSize::USIZE;
        for (ivs, lanes) in self.ivs.chunks(width).zip(self.lanes.chunks_mut(width)) {
            // Blocks of nothing fill the width; where nearly all would be such, one lane after the other is faster.
            if lanes.len() * 8 <= width {
                one_after_the_other(backend, ivs, lanes);
            } else {
                side_by_side(backend, ivs, lanes);
            }
        }
    }
}

#[inline]
fn side_by_side<B: BlockCipherEncBackend<BlockSize = U16>>(
    backend: &B,
    ivs: &[AesBlock],
    lanes: &mut [&mut [AesBlock]],
) {
    let mut chains = ParBlocks::<B>::default();
    for (chain, iv) in chains.iter_mut().zip(ivs) {
        *chain = Array(*iv);
    }
    let blocks = lanes.iter().map(|lane| lane.len()).min().unwrap_or(0);
    for at in 0..blocks {
        for (chain, lane) in chains.iter_mut().zip(lanes.iter()) {
            *chain = Array(xor(chain.0, lane[at]));
        }
        backend.encrypt_par_blocks((&mut chains).into());
        for (chain, lane) in chains.iter().zip(lanes.iter_mut()) {
            lane[at] = chain.0;
        }
    }
}

#[inline]
fn one_after_the_other<B: BlockCipherEncBackend<BlockSize = U16>>(
    backend: &B,
    ivs: &[AesBlock],
    lanes: &mut [&mut [AesBlock]],
) {
    for (iv, lane) in ivs.iter().zip(lanes) {
        let mut chain = Array(*iv);
        for block in lane.iter_mut() {
            chain = Array(xor(chain.0, *block));
            backend.encrypt_block((&mut chain).into());
            *block = chain.0;
        }
    }
}

#[inline]
fn xor(a: AesBlock, b: AesBlock) -> AesBlock {
    (u128::from_ne_bytes(a) ^ u128::from_ne_bytes(b)).to_ne_bytes()
}
