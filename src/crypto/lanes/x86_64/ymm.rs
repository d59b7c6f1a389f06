//! AES on two blocks an instruction (VAES), and products without carries (VPCLMULQDQ).

use core::arch::asm;
use core::arch::x86_64::{
    __m128i, __m256i, _mm_set_epi64x, _mm_xor_si128, _mm256_aesdec_epi128,
    _mm256_aesdeclast_epi128, _mm256_aesenc_epi128, _mm256_aesenclast_epi128,
    _mm256_broadcastsi128_si256, _mm256_castsi256_si128, _mm256_clmulepi64_epi128,
    _mm256_extracti128_si256, _mm256_permute2x128_si256, _mm256_set_m128i, _mm256_shuffle_epi8,
    _mm256_xor_si256, _mm256_zextsi128_si256,
};
use core::ops::Deref;

use super::xmm::{self, load, store};
use crate::crypto::lanes::{AesBlock, ROUNDS};

pub(super) type Vector = __m256i;

/// The same block everywhere in a vector.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn splat(block: &AesBlock) -> Vector {
    _mm256_broadcastsi128_si256(load(block))
}

/// Block `at` of the lanes that vector `v` holds.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn load_lanes<const N: usize>(
    lanes: &[impl Deref<Target = [AesBlock]>; N],
    v: usize,
    at: usize,
) -> Vector {
    _mm256_set_m128i(load(&lanes[2 * v + 1][at]), load(&lanes[2 * v][at]))
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn store_lanes<const N: usize>(
    lanes: &mut [&mut [AesBlock]; N],
    v: usize,
    at: usize,
    value: Vector,
) {
    store(&mut lanes[2 * v][at], _mm256_castsi256_si128(value));
    store(
        &mut lanes[2 * v + 1][at],
        _mm256_extracti128_si256::<1>(value),
    );
}

/// The blocks from `at` on.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn load_run(blocks: &[AesBlock], at: usize) -> Vector {
    _mm256_set_m128i(load(&blocks[at + 1]), load(&blocks[at]))
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn store_run(blocks: &mut [AesBlock], at: usize, value: Vector) {
    store(&mut blocks[at], _mm256_castsi256_si128(value));
    store(&mut blocks[at + 1], _mm256_extracti128_si256::<1>(value));
}

/// The blocks of `now`, each exchanged for the one before it, where `before` ends with the one before all.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn one_earlier(before: Vector, now: Vector) -> Vector {
    _mm256_permute2x128_si256::<0x21>(before, now)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn xor(a: Vector, b: Vector) -> Vector {
    _mm256_xor_si256(a, b)
}

/// What comes before the first round.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn begin(x: Vector, keys: &[Vector; ROUNDS + 1]) -> Vector {
    xor(x, keys[0])
}

/// Round number `round`, counted from 0.
#[inline]
#[target_feature(enable = "vaes")]
pub(super) fn encrypt_round(x: Vector, keys: &[Vector; ROUNDS + 1], round: usize) -> Vector {
    if round == ROUNDS - 1 {
        _mm256_aesenclast_epi128(x, keys[ROUNDS])
    } else {
        _mm256_aesenc_epi128(x, keys[round + 1])
    }
}

#[inline]
#[target_feature(enable = "vaes")]
pub(super) fn decrypt_round(x: Vector, keys: &[Vector; ROUNDS + 1], round: usize) -> Vector {
    if round == ROUNDS - 1 {
        _mm256_aesdeclast_epi128(x, keys[ROUNDS])
    } else {
        _mm256_aesdec_epi128(x, keys[round + 1])
    }
}

/// As [`keep_sha`](super::sha256::keep_sha).
#[inline]
#[target_feature(enable = "avx")]
pub(super) fn keep(x: &mut Vector) {
    // SAFETY: no instruction, only a value that the compiler must have computed here.
    unsafe {
        asm!(
            "/* {0} */",
            inout(ymm_reg) * x,
            options(nomem, nostack, preserves_flags)
        );
    };
}

/// The next two blocks of a counter, which stands behind `nonce`.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn counters(nonce: __m128i, counter: &mut u32) -> Vector {
    let first = xmm::counters(nonce, counter);
    _mm256_set_m128i(xmm::counters(nonce, counter), first)
}

/// Blocks, each with its bytes reversed.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn reversed(blocks: Vector) -> Vector {
    let order = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F);
    _mm256_shuffle_epi8(blocks, _mm256_broadcastsi128_si256(order))
}

/// A block as the first of a vector whose others are nothing.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn first(block: __m128i) -> Vector {
    _mm256_zextsi128_si256(block)
}

/// Products without carries: the low, middle and high parts.
#[inline]
#[target_feature(enable = "avx2,vpclmulqdq")]
pub(super) fn multiply(a: Vector, b: Vector) -> [Vector; 3] {
    let middle = xor(
        _mm256_clmulepi64_epi128::<0x01>(a, b),
        _mm256_clmulepi64_epi128::<0x10>(a, b),
    );
    let (low, high) = (
        _mm256_clmulepi64_epi128::<0x00>(a, b),
        _mm256_clmulepi64_epi128::<0x11>(a, b),
    );
    [low, middle, high]
}

/// The sum of the blocks of a vector.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn fold(x: Vector) -> __m128i {
    _mm_xor_si128(_mm256_castsi256_si128(x), _mm256_extracti128_si256::<1>(x))
}
