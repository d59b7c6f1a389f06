//! AES on one block an instruction (AES-NI), and products without carries (PCLMULQDQ).

use core::arch::asm;
use core::arch::x86_64::{
    __m128i, _mm_aesdec_si128, _mm_aesdeclast_si128, _mm_aesenc_si128, _mm_aesenclast_si128,
    _mm_clmulepi64_si128, _mm_insert_epi32, _mm_loadu_si128, _mm_set_epi64x, _mm_shuffle_epi8,
    _mm_storeu_si128, _mm_xor_si128,
};
use core::ops::Deref;

use crate::crypto::lanes::{AesBlock, ROUNDS};

pub(super) type Vector = __m128i;

#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn load(bytes: &AesBlock) -> __m128i {
    // SAFETY: a reference to 16 bytes, and this load asks for no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn store(bytes: &mut AesBlock, value: __m128i) {
    // SAFETY: a reference to 16 bytes, and this store asks for no alignment.
    unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), value) }
}

/// The same block everywhere in a vector.
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn splat(block: &AesBlock) -> Vector {
    load(block)
}

/// Block `at` of the lanes that vector `v` holds.
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn load_lanes<const N: usize>(
    lanes: &[impl Deref<Target = [AesBlock]>; N],
    v: usize,
    at: usize,
) -> Vector {
    load(&lanes[v][at])
}

#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn store_lanes<const N: usize>(
    lanes: &mut [&mut [AesBlock]; N],
    v: usize,
    at: usize,
    value: Vector,
) {
    store(&mut lanes[v][at], value);
}

/// The blocks from `at` on.
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn load_run(blocks: &[AesBlock], at: usize) -> Vector {
    load(&blocks[at])
}

#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn store_run(blocks: &mut [AesBlock], at: usize, value: Vector) {
    store(&mut blocks[at], value);
}

/// The blocks of `now`, each exchanged for the one before it, where `before` ends with the one before all.
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn one_earlier(before: Vector, _: Vector) -> Vector {
    before
}

#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn xor(a: Vector, b: Vector) -> Vector {
    _mm_xor_si128(a, b)
}

/// What comes before the first round.
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn begin(x: Vector, keys: &[Vector; ROUNDS + 1]) -> Vector {
    xor(x, keys[0])
}

/// Round number `round`, counted from 0.
#[inline]
#[target_feature(enable = "aes")]
pub(super) fn encrypt_round(x: Vector, keys: &[Vector; ROUNDS + 1], round: usize) -> Vector {
    if round == ROUNDS - 1 {
        _mm_aesenclast_si128(x, keys[ROUNDS])
    } else {
        _mm_aesenc_si128(x, keys[round + 1])
    }
}

#[inline]
#[target_feature(enable = "aes")]
pub(super) fn decrypt_round(x: Vector, keys: &[Vector; ROUNDS + 1], round: usize) -> Vector {
    if round == ROUNDS - 1 {
        _mm_aesdeclast_si128(x, keys[ROUNDS])
    } else {
        _mm_aesdec_si128(x, keys[round + 1])
    }
}

/// As [`keep_sha`](super::sha256::keep_sha).
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn keep(x: &mut Vector) {
    // SAFETY: no instruction, only a value that the compiler must have computed here.
    unsafe {
        asm!(
            "/* {0} */",
            inout(xmm_reg) * x,
            options(nomem, nostack, preserves_flags)
        );
    };
}

/// The next block of a counter, which stands behind `nonce`.
#[inline]
#[target_feature(enable = "sse4.1")]
pub(super) fn counters(nonce: __m128i, counter: &mut u32) -> Vector {
    let block = _mm_insert_epi32::<3>(nonce, counter.swap_bytes().cast_signed());
    *counter = counter.wrapping_add(1);
    block
}

/// Blocks, each with its bytes reversed.
#[inline]
#[target_feature(enable = "ssse3")]
pub(super) fn reversed(blocks: Vector) -> Vector {
    let order = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F);
    _mm_shuffle_epi8(blocks, order)
}

/// A block as the first of a vector whose others are nothing.
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn first(block: __m128i) -> Vector {
    block
}

/// Products without carries: the low, middle and high parts.
#[inline]
#[target_feature(enable = "pclmulqdq")]
pub(super) fn multiply(a: Vector, b: Vector) -> [Vector; 3] {
    let middle = xor(
        _mm_clmulepi64_si128::<0x01>(a, b),
        _mm_clmulepi64_si128::<0x10>(a, b),
    );
    let (low, high) = (
        _mm_clmulepi64_si128::<0x00>(a, b),
        _mm_clmulepi64_si128::<0x11>(a, b),
    );
    [low, middle, high]
}

/// The sum of the blocks of a vector.
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn fold(x: Vector) -> __m128i {
    x
}
