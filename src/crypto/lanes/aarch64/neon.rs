//! AES on one block an instruction.

use core::arch::aarch64::{
    uint8x16_t, vaesdq_u8, vaeseq_u8, vaesimcq_u8, vaesmcq_u8, veorq_u8, vld1q_u8, vst1q_u8,
};
use core::arch::asm;
use core::ops::Deref;

use crate::crypto::lanes::{AesBlock, ROUNDS};

pub(super) type Vector = uint8x16_t;

#[inline]
#[target_feature(enable = "neon")]
pub(super) fn load(bytes: &AesBlock) -> Vector {
    // SAFETY: a reference to 16 bytes, and this load asks for no alignment.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
pub(super) fn store(bytes: &mut AesBlock, value: Vector) {
    // SAFETY: a reference to 16 bytes, and this store asks for no alignment.
    unsafe { vst1q_u8(bytes.as_mut_ptr(), value) }
}

/// The same block everywhere in a vector.
#[inline]
#[target_feature(enable = "neon")]
pub(super) fn splat(block: &AesBlock) -> Vector {
    load(block)
}

/// Block `at` of the lanes that vector `v` holds.
#[inline]
#[target_feature(enable = "neon")]
pub(super) fn load_lanes<const N: usize>(
    lanes: &[impl Deref<Target = [AesBlock]>; N],
    v: usize,
    at: usize,
) -> Vector {
    load(&lanes[v][at])
}

#[inline]
#[target_feature(enable = "neon")]
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
#[target_feature(enable = "neon")]
pub(super) fn load_run(blocks: &[AesBlock], at: usize) -> Vector {
    load(&blocks[at])
}

#[inline]
#[target_feature(enable = "neon")]
pub(super) fn store_run(blocks: &mut [AesBlock], at: usize, value: Vector) {
    store(&mut blocks[at], value);
}

/// The blocks of `now`, each exchanged for the one before it, where `before` ends with the one before all.
#[inline]
#[target_feature(enable = "neon")]
pub(super) fn one_earlier(before: Vector, _: Vector) -> Vector {
    before
}

#[inline]
#[target_feature(enable = "neon")]
pub(super) fn xor(a: Vector, b: Vector) -> Vector {
    veorq_u8(a, b)
}

/// What comes before the first round: nothing, since these instructions add the key first.
#[inline]
#[target_feature(enable = "neon")]
pub(super) fn begin(x: Vector, _: &[Vector; ROUNDS + 1]) -> Vector {
    x
}

/// Round number `round`, counted from 0.
#[inline]
#[target_feature(enable = "aes")]
pub(super) fn encrypt_round(x: Vector, keys: &[Vector; ROUNDS + 1], round: usize) -> Vector {
    let x = vaeseq_u8(x, keys[round]);
    if round == ROUNDS - 1 {
        xor(x, keys[ROUNDS])
    } else {
        vaesmcq_u8(x)
    }
}

#[inline]
#[target_feature(enable = "aes")]
pub(super) fn decrypt_round(x: Vector, keys: &[Vector; ROUNDS + 1], round: usize) -> Vector {
    let x = vaesdq_u8(x, keys[round]);
    if round == ROUNDS - 1 {
        xor(x, keys[ROUNDS])
    } else {
        vaesimcq_u8(x)
    }
}

/// As [`keep_sha`](super::sha256::keep_sha).
#[inline]
#[target_feature(enable = "neon")]
pub(super) fn keep(x: &mut Vector) {
    // SAFETY: no instruction, only a value that the compiler must have computed here.
    unsafe {
        asm!(
            "/* {0:v} */",
            inout(vreg) * x,
            options(nomem, nostack, preserves_flags)
        );
    };
}
