//! AES in counter mode beside GHASH (SP 800-38D), with AES-NI and PCLMULQDQ, or VAES and VPCLMULQDQ.
//!
//! GHASH is computed as POLYVAL (RFC 8452, appendix A), whose order of bits is that of the instructions: blocks are read with
//! their bytes reversed, and H is multiplied by x once. Eight blocks are multiplied by eight powers and reduced together.

use core::arch::x86_64::{
    __m128i, _mm_clmulepi64_si128, _mm_set_epi64x, _mm_shuffle_epi32, _mm_slli_si128,
    _mm_srli_si128, _mm_xor_si128,
};

use zeroize::Zeroizing;

use super::xmm::{self, load, store};
use crate::crypto::lanes::{AesBlock, RoundKeys, ZERO, round_keys};

/// Blocks that are handled together.
pub(super) const TOGETHER: usize = 8;

/// H to the powers 8 down to 1, as POLYVAL has them.
type Powers = [AesBlock; TOGETHER];

/// The keys of one stream, on a processor that has the instructions.
pub(in crate::crypto::lanes) struct CounterAndHash {
    keys: Zeroizing<RoundKeys>,
    powers: Zeroizing<Powers>,
    wide: bool,
}

/// Reduces a product modulo x^128 + x^127 + x^126 + x^121 + 1, and divides it by x^128, as POLYVAL does.
#[inline]
#[target_feature(enable = "pclmulqdq,sse2")]
fn reduce([low, middle, high]: [__m128i; 3]) -> __m128i {
    let mut low = _mm_xor_si128(low, _mm_slli_si128::<8>(middle));
    let high = _mm_xor_si128(high, _mm_srli_si128::<8>(middle));
    let polynomial = _mm_set_epi64x(0xC200_0000_0000_0000_u64.cast_signed(), 1);
    for _ in 0..2 {
        let folded = _mm_clmulepi64_si128::<0x10>(low, polynomial);
        low = _mm_xor_si128(_mm_shuffle_epi32::<0x4E>(low), folded);
    }
    _mm_xor_si128(low, high)
}

/// The kernels for one width: `V` vectors hold eight blocks.
macro_rules! kernels {
    ($module:ident, $width:ident, $features:literal) => {
        mod $module {
            use super::{Powers, TOGETHER, reduce};
            use crate::crypto::lanes::x86_64::xmm::{load, store};
            use crate::crypto::lanes::x86_64::$width::{
                begin, counters, encrypt_round, first, fold, load_run, multiply, reversed, splat,
                store_run, xor,
            };
            use crate::crypto::lanes::{AesBlock, ROUNDS, RoundKeys};

            /// Adds the key stream to `texts`, eight blocks at a time, the first with `counter`.
            #[target_feature(enable = $features)]
            pub(super) fn count<const V: usize>(
                keys: &RoundKeys,
                nonce: &AesBlock,
                counter: u32,
                source: Option<&[AesBlock]>,
                text: &mut [AesBlock],
            ) {
                let nonce = load(nonce);
                let mut loaded = [splat(&keys[0]); ROUNDS + 1];
                for (to, from) in loaded.iter_mut().zip(keys.iter()) {
                    *to = splat(from);
                }
                let mut counter = counter;
                for at in (0..text.len()).step_by(TOGETHER) {
                    let mut x = [loaded[0]; V];
                    for x in &mut x {
                        *x = begin(counters(nonce, &mut counter), &loaded);
                    }
                    for round in 0..ROUNDS {
                        for x in &mut x {
                            *x = encrypt_round(*x, &loaded, round);
                        }
                    }
                    for (v, x) in x.iter().enumerate() {
                        let at = at + TOGETHER / V * v;
                        let plain = load_run(source.unwrap_or(text), at);
                        store_run(text, at, xor(plain, *x));
                    }
                }
            }

            /// Goes on hashing, eight blocks at a time.
            #[target_feature(enable = $features)]
            pub(super) fn hash<const V: usize>(
                powers: &Powers,
                state: &mut AesBlock,
                text: &[AesBlock],
            ) {
                let mut loaded = [splat(&powers[0]); V];
                for (v, power) in loaded.iter_mut().enumerate() {
                    *power = load_run(powers, TOGETHER / V * v);
                }
                let mut sum = load(state);
                for at in (0..text.len()).step_by(TOGETHER) {
                    let start = xor(reversed(load_run(text, at)), first(sum));
                    let mut product = multiply(start, loaded[0]);
                    for (v, power) in loaded.iter().enumerate().skip(1) {
                        let block = reversed(load_run(text, at + TOGETHER / V * v));
                        let next = multiply(block, *power);
                        for (sum, next) in product.iter_mut().zip(next) {
                            *sum = xor(*sum, next);
                        }
                    }
                    let [low, middle, high] = product;
                    sum = reduce([fold(low), fold(middle), fold(high)]);
                }
                store(state, sum);
            }
        }
    };
}

kernels!(narrow, xmm, "aes,avx,pclmulqdq");
kernels!(wide, ymm, "aes,avx2,pclmulqdq,vaes,vpclmulqdq");

impl CounterAndHash {
    /// Expands a key, of which `h` is AES of nothing, or says that the processor lacks an instruction.
    pub(in crate::crypto::lanes) fn new(key: &[u8; 32], h: &AesBlock) -> Option<Self> {
        let narrow = is_x86_feature_detected!("aes")
            && is_x86_feature_detected!("avx")
            && is_x86_feature_detected!("pclmulqdq");
        let wide = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("vaes")
            && is_x86_feature_detected!("vpclmulqdq");
        // SAFETY: the processor has AES-NI and PCLMULQDQ.
        narrow.then(|| unsafe { prepare(key, h, wide) })
    }

    /// Leaves the widest instructions aside, which a test compares.
    #[cfg(test)]
    pub(in crate::crypto::lanes) fn narrowed(self) -> Self {
        Self {
            wide: false,
            ..self
        }
    }

    /// Adds the key stream to blocks, a multiple of eight, from `source` or in place; the last four bytes of `nonce` are
    /// the counter's.
    pub(in crate::crypto::lanes) fn count(
        &self,
        nonce: &AesBlock,
        counter: u32,
        source: Option<&[AesBlock]>,
        text: &mut [AesBlock],
    ) {
        if self.wide {
            // SAFETY: `wide` says that the processor has VAES, VPCLMULQDQ and AVX2 as well.
            unsafe { wide::count::<4>(&self.keys, nonce, counter, source, text) }
        } else {
            // SAFETY: the value exists, so the processor has what the narrow kernels need.
            unsafe { narrow::count::<8>(&self.keys, nonce, counter, source, text) }
        }
    }

    /// Goes on hashing blocks, a multiple of eight.
    pub(in crate::crypto::lanes) fn hash(&self, state: &mut AesBlock, text: &[AesBlock]) {
        if self.wide {
            // SAFETY: `wide` says that the processor has VAES, VPCLMULQDQ and AVX2 as well.
            unsafe { wide::hash::<4>(&self.powers, state, text) }
        } else {
            // SAFETY: the value exists, so the processor has what the narrow kernels need.
            unsafe { narrow::hash::<8>(&self.powers, state, text) }
        }
    }
}

/// Makes round keys and powers.
#[target_feature(enable = "aes,pclmulqdq,ssse3")]
fn prepare(key: &[u8; 32], h: &AesBlock, wide: bool) -> CounterAndHash {
    let mut powers = Zeroizing::new([ZERO; TOGETHER]);
    let one = load(&times_x(h));
    let mut power = one;
    for place in powers.iter_mut().rev() {
        store(place, power);
        power = reduce(xmm::multiply(power, one));
    }
    CounterAndHash {
        keys: round_keys::expand(key, |word| super::substitute(word)),
        powers,
        wide,
    }
}

/// H as POLYVAL has it: its bytes reversed, times x.
fn times_x(h: &AesBlock) -> AesBlock {
    let h = u128::from_be_bytes(*h);
    let carry = (h >> 127).wrapping_neg();
    ((h << 1) ^ (carry & 0xC200_0000_0000_0000_0000_0000_0000_0001)).to_le_bytes()
}
