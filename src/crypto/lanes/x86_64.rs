//! AES-256-CBC beside SHA-256 with the instructions of x86-64: AES-NI or VAES, and the SHA extensions.
//!
//! `unsafe` is what loads, stores, keeps an order and calls in. The arithmetic is safe in functions that name the
//! features they need, and [`Simd::new`] is the only way in: it asks the processor for all of them.

mod gcm;
mod sha256;
mod xmm;
mod ymm;

use core::arch::x86_64::{
    _mm_aesimc_si128, _mm_aeskeygenassist_si128, _mm_cvtsi128_si32, _mm_set1_epi32,
};

use zeroize::Zeroizing;

use super::kernels::kernels;
use super::{AesBlock, Hashing, RoundKeys, ShaBlock, Sources, State, Texts, round_keys};
use xmm::{load, store};

kernels!(narrow, xmm, "aes,avx,sha", encrypt, compress);
kernels!(wide, ymm, "aes,avx2,sha,vaes");

pub(super) use gcm::CounterAndHash;

/// The round keys of one stream, on a processor that has the instructions.
pub(super) struct Simd {
    encrypt: Zeroizing<RoundKeys>,
    decrypt: Zeroizing<RoundKeys>,
    wide: bool,
}

impl Simd {
    /// Expands a key, or says that the processor lacks an instruction.
    pub(super) fn new(key: &[u8; 32]) -> Option<Self> {
        let narrow = is_x86_feature_detected!("aes")
            && is_x86_feature_detected!("avx")
            && is_x86_feature_detected!("sha");
        // SAFETY: the processor has AES-NI.
        narrow.then(|| unsafe { expand_key(key, has_wide() && mixes_encodings()) })
    }

    /// Every set of kernels that the processor has, the widest first, also where it is not the quickest.
    #[cfg(test)]
    pub(super) fn every_width(key: &[u8; 32]) -> Vec<Self> {
        let set = |wide| Self::new(key).map(|simd| Self { wide, ..simd });
        let wide = has_wide().then(|| set(true)).flatten();
        wide.into_iter().chain(set(false)).collect()
    }

    /// Encrypts the blocks from `from` to `to` of each lane, as CBC; the first block of a lane comes with the IV
    /// added.
    pub(super) fn encrypt<const N: usize>(&self, texts: &mut Texts<'_, N>, from: usize, to: usize) {
        // SAFETY: a `Simd` exists, so the processor has what the narrow kernels need.
        unsafe { narrow::encrypt(&self.encrypt, texts, from, to) }
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
        // SAFETY: a `Simd` exists, so the processor has what the narrow kernels need.
        unsafe { narrow::compress(states, blocks) }
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
        let keys = &self.encrypt;
        // SAFETY: a `Simd` exists, so the processor has what the narrow kernels need, and `wide` says that it has VAES and
        // AVX2 as well.
        unsafe {
            match (self.wide, hash) {
                (true, Some((hash, hashed))) => {
                    wide::seal::<4, 2, 2, true>(
                        keys, states, hash, hashed, sources, texts, from, to,
                    );
                }
                (true, None) => {
                    let hash = &mut [[0; 8]];
                    wide::seal::<4, 2, 2, false>(keys, states, hash, &[], sources, texts, from, to);
                }
                (false, Some((hash, hashed))) => {
                    narrow::seal::<4, 4, 2, true>(
                        keys, states, hash, hashed, sources, texts, from, to,
                    );
                }
                (false, None) => {
                    let hash = &mut [[0; 8]];
                    narrow::seal::<4, 4, 2, false>(
                        keys,
                        states,
                        hash,
                        &[],
                        sources,
                        texts,
                        from,
                        to,
                    );
                }
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
        // SAFETY: a `Simd` exists, so the processor has what the narrow kernels need.
        unsafe {
            narrow::seal::<2, 2, 2, false>(
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
        // SAFETY: a `Simd` exists, so the processor has what the narrow kernels need.
        unsafe {
            narrow::seal::<1, 1, 1, false>(
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
        let keys = &self.decrypt;
        // SAFETY: a `Simd` exists, so the processor has what the narrow kernels need, and `wide` says that it has VAES and
        // AVX2 as well.
        unsafe {
            match (self.wide, hash) {
                (true, Some((hash, hashed))) => {
                    wide::open::<2, true>(keys, states, hash, hashed, blocks, chain, source, text);
                }
                (true, None) => {
                    let hash = &mut [[0; 8]];
                    wide::open::<2, false>(keys, states, hash, &[], blocks, chain, source, text);
                }
                (false, Some((hash, hashed))) => {
                    narrow::open::<4, true>(
                        keys, states, hash, hashed, blocks, chain, source, text,
                    );
                }
                (false, None) => {
                    let hash = &mut [[0; 8]];
                    narrow::open::<4, false>(keys, states, hash, &[], blocks, chain, source, text);
                }
            }
        }
    }
}

/// Whether the wide kernels can run.
fn has_wide() -> bool {
    is_x86_feature_detected!("vaes") && is_x86_feature_detected!("avx2")
}

/// Whether 256-bit instructions and those of SHA-256 stand side by side without a penalty.
///
/// SHA-256 has only the legacy encoding. AMD's Zen 3, the first of its line with VAES, takes about a hundred cycles for each
/// step between the two encodings while upper halves are in use (AMD's Software Optimization Guides, "Mixing AVX and
/// SSE"), so that the wide kernels are a hundred times as slow as the narrow ones there. Zen 4 was seen to be without
/// it, and has AVX-512, as Zen 3 has not: that is what is asked for.
fn mixes_encodings() -> bool {
    is_x86_feature_detected!("avx512f")
}

/// Makes the round keys.
#[target_feature(enable = "aes")]
fn expand_key(key: &[u8; 32], wide: bool) -> Simd {
    let encrypt = round_keys::expand(key, |word| substitute(word));
    let decrypt = round_keys::inverse(&encrypt, |key| {
        let inverted = _mm_aesimc_si128(load(key));
        store(key, inverted);
    });
    Simd {
        encrypt,
        decrypt,
        wide,
    }
}

/// The S-box on each byte of a word.
#[inline]
#[target_feature(enable = "aes")]
fn substitute(word: u32) -> u32 {
    let words = _mm_set1_epi32(word.cast_signed());
    _mm_cvtsi128_si32(_mm_aeskeygenassist_si128::<0>(words)).cast_unsigned()
}
