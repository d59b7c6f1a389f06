//! AES-256-CBC beside SHA-256 with the cryptographic instructions of ARMv8.
//!
//! `unsafe` is what loads, stores, keeps an order and calls in. The arithmetic is safe in functions that name the
//! features they need, and [`Simd::new`] is the only way in: it asks the processor for all of them.

mod neon;
mod sha256;

use core::arch::aarch64::{
    vaeseq_u8, vaesimcq_u8, vdupq_n_u8, vdupq_n_u32, vgetq_lane_u32, vreinterpretq_u8_u32,
    vreinterpretq_u32_u8,
};
use std::arch::is_aarch64_feature_detected;

use zeroize::Zeroizing;

use super::kernels::kernels;
use super::{AesBlock, Hashing, RoundKeys, ShaBlock, Sources, State, Texts, round_keys};
use neon::{load, store};

kernels!(beside, neon, "aes,sha2", encrypt, compress);

/// The round keys of one stream, on a processor that has the instructions.
pub(super) struct Simd {
    encrypt: Zeroizing<RoundKeys>,
    decrypt: Zeroizing<RoundKeys>,
}

impl Simd {
    /// Expands a key, or says that the processor lacks an instruction.
    pub(super) fn new(key: &[u8; 32]) -> Option<Self> {
        let able = is_aarch64_feature_detected!("aes") && is_aarch64_feature_detected!("sha2");
        // SAFETY: the processor has the instructions for AES.
        able.then(|| unsafe { expand_key(key) })
    }

    /// Every set of kernels that the processor has: there is one width.
    #[cfg(test)]
    pub(super) fn every_width(key: &[u8; 32]) -> Vec<Self> {
        Self::new(key).into_iter().collect()
    }

    /// Encrypts the blocks from `from` to `to` of each lane, as CBC; the first block of a lane comes with the IV
    /// added.
    pub(super) fn encrypt<const N: usize>(&self, texts: &mut Texts<'_, N>, from: usize, to: usize) {
        // SAFETY: a `Simd` exists, so the processor has what the kernels need.
        unsafe { beside::encrypt(&self.encrypt, texts, from, to) }
    }

    /// Advances lanes of SHA-256, each by its blocks.
    #[expect(
        clippy::unused_self,
        reason = "that there is one shows that the processor can do it"
    )]
    pub(super) fn compress<const L: usize>(
        &self,
        states: &mut [State; L],
        blocks: [&[ShaBlock]; L],
    ) {
        // SAFETY: a `Simd` exists, so the processor has the instructions for SHA-256.
        unsafe { beside::compress(states, blocks) }
    }

    /// Encrypts columns of four blocks in four lanes, from `sources` or in place, and compresses what lies
    /// [`LAG`](super::LAG) columns behind.
    pub(super) fn seal4(
        &self,
        states: &mut [State; 4],
        hash: Option<Hashing<'_>>,
        sources: Option<&Sources<'_, 4>>,
        texts: &mut Texts<'_, 4>,
        from: usize,
        to: usize,
    ) {
        // SAFETY: a `Simd` exists, so the processor has what the kernels need.
        unsafe {
            match hash {
                Some((hash, hashed)) => beside::seal::<4, 4, 2, true>(
                    &self.encrypt,
                    states,
                    hash,
                    hashed,
                    sources,
                    texts,
                    from,
                    to,
                ),
                None => beside::seal::<4, 4, 2, false>(
                    &self.encrypt,
                    states,
                    &mut [[0; 8]],
                    &[],
                    sources,
                    texts,
                    from,
                    to,
                ),
            }
        }
    }

    /// As [`Simd::seal4`], in two lanes.
    pub(super) fn seal2(
        &self,
        states: &mut [State; 2],
        _: Option<Hashing<'_>>,
        sources: Option<&Sources<'_, 2>>,
        texts: &mut Texts<'_, 2>,
        from: usize,
        to: usize,
    ) {
        // SAFETY: a `Simd` exists, so the processor has what the kernels need.
        unsafe {
            beside::seal::<2, 2, 2, false>(
                &self.encrypt,
                states,
                &mut [[0; 8]],
                &[],
                sources,
                texts,
                from,
                to,
            );
        }
    }

    /// As [`Simd::seal4`], in one lane.
    pub(super) fn seal1(
        &self,
        states: &mut [State; 1],
        _: Option<Hashing<'_>>,
        sources: Option<&Sources<'_, 1>>,
        texts: &mut Texts<'_, 1>,
        from: usize,
        to: usize,
    ) {
        // SAFETY: a `Simd` exists, so the processor has what the kernels need.
        unsafe {
            beside::seal::<1, 1, 1, false>(
                &self.encrypt,
                states,
                &mut [[0; 8]],
                &[],
                sources,
                texts,
                from,
                to,
            );
        }
    }

    /// Advances two lanes of SHA-256 by one block for each eight blocks that are decrypted, from `source` or in place; `chain`
    /// is the ciphertext before them, or the IV.
    pub(super) fn open(
        &self,
        states: &mut [State; 2],
        hash: Option<Hashing<'_>>,
        blocks: [&[ShaBlock]; 2],
        chain: &AesBlock,
        source: Option<&[AesBlock]>,
        text: &mut [AesBlock],
    ) {
        // SAFETY: a `Simd` exists, so the processor has what the kernels need.
        unsafe {
            match hash {
                Some((hash, hashed)) => beside::open::<4, true>(
                    &self.decrypt,
                    states,
                    hash,
                    hashed,
                    blocks,
                    chain,
                    source,
                    text,
                ),
                None => beside::open::<4, false>(
                    &self.decrypt,
                    states,
                    &mut [[0; 8]],
                    &[],
                    blocks,
                    chain,
                    source,
                    text,
                ),
            }
        }
    }
}

/// Makes the round keys.
#[target_feature(enable = "aes")]
fn expand_key(key: &[u8; 32]) -> Simd {
    let encrypt = round_keys::expand(key, |word| substitute(word));
    let decrypt = round_keys::inverse(&encrypt, |key| {
        let inverted = vaesimcq_u8(load(key));
        store(key, inverted);
    });
    Simd { encrypt, decrypt }
}

/// The S-box on each byte of a word. A round of AES also moves bytes between columns, which are all the
/// same here.
#[inline]
#[target_feature(enable = "aes")]
fn substitute(word: u32) -> u32 {
    let columns = vreinterpretq_u8_u32(vdupq_n_u32(word));
    vgetq_lane_u32::<0>(vreinterpretq_u32_u8(vaeseq_u8(columns, vdupq_n_u8(0))))
}
