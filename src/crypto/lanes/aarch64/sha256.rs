//! Lanes of SHA-256.

use core::arch::aarch64::{
    uint32x4_t, vaddq_u32, vdupq_n_u32, vld1q_u32, vreinterpretq_u32_u8, vrev32q_u8,
    vsha256h2q_u32, vsha256hq_u32, vsha256su0q_u32, vsha256su1q_u32, vst1q_u32,
};
use core::arch::asm;

use super::neon::load;
use crate::crypto::lanes::{ROUND_CONSTANTS, ShaBlock, State};

#[inline]
#[target_feature(enable = "neon")]
fn load_words(words: &[u32; 4]) -> uint32x4_t {
    // SAFETY: a reference to four words.
    unsafe { vld1q_u32(words.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store_words(words: &mut [u32; 4], value: uint32x4_t) {
    // SAFETY: a reference to four words.
    unsafe { vst1q_u32(words.as_mut_ptr(), value) }
}

/// A state of SHA-256, four words to a vector.
#[derive(Clone, Copy)]
pub(super) struct Sha {
    abcd: uint32x4_t,
    efgh: uint32x4_t,
}

/// Sixteen words of the message schedule.
type Words = [uint32x4_t; 4];

#[inline]
#[target_feature(enable = "neon")]
pub(super) fn load_states<const N: usize>(states: &[State; N]) -> [Sha; N] {
    let mut lanes = [Sha {
        abcd: no_words(),
        efgh: no_words(),
    }; N];
    for (sha, state) in lanes.iter_mut().zip(states) {
        let (words, _) = state.as_chunks::<4>();
        (sha.abcd, sha.efgh) = (load_words(&words[0]), load_words(&words[1]));
    }
    lanes
}

#[inline]
#[target_feature(enable = "neon")]
pub(super) fn store_states<const N: usize>(states: &mut [State; N], lanes: &[Sha; N]) {
    for (state, sha) in states.iter_mut().zip(lanes) {
        let (words, _) = state.as_chunks_mut::<4>();
        store_words(&mut words[0], sha.abcd);
        store_words(&mut words[1], sha.efgh);
    }
}

/// A place for a message.
#[inline]
#[target_feature(enable = "neon")]
pub(super) fn no_words() -> uint32x4_t {
    vdupq_n_u32(0)
}

#[inline]
#[target_feature(enable = "neon")]
pub(super) fn load_message(block: &ShaBlock) -> Words {
    let mut words = [no_words(); 4];
    for (words, part) in words.iter_mut().zip(block.as_chunks::<16>().0) {
        *words = vreinterpretq_u32_u8(vrev32q_u8(load(part)));
    }
    words
}

/// Four rounds in all lanes, number 4 `group` and on, behind the message schedule that they need.
#[inline]
#[target_feature(enable = "sha2")]
pub(super) fn four_rounds<const L: usize>(
    lanes: &mut [Sha; L],
    words: &mut [Words; L],
    group: usize,
) {
    let now = group % 4;
    if group >= 4 {
        for w in words.iter_mut() {
            let (w1, w2, w3) = (w[(now + 1) % 4], w[(now + 2) % 4], w[(now + 3) % 4]);
            w[now] = vsha256su1q_u32(vsha256su0q_u32(w[now], w1), w2, w3);
        }
    }
    let constants = load_words(&ROUND_CONSTANTS[group]);
    for (sha, w) in lanes.iter_mut().zip(words.iter()) {
        let added = vaddq_u32(w[now], constants);
        let before = sha.abcd;
        sha.abcd = vsha256hq_u32(sha.abcd, sha.efgh, added);
        sha.efgh = vsha256h2q_u32(sha.efgh, before, added);
    }
}

#[inline]
#[target_feature(enable = "neon")]
pub(super) fn add_states<const L: usize>(lanes: &mut [Sha; L], before: &[Sha; L]) {
    for (sha, before) in lanes.iter_mut().zip(before) {
        sha.abcd = vaddq_u32(sha.abcd, before.abcd);
        sha.efgh = vaddq_u32(sha.efgh, before.efgh);
    }
}

/// Keeps the rounds before this point before it. Left alone, the compiler puts all of AES behind all of
/// SHA-256, where nothing of it is hidden.
#[inline]
#[target_feature(enable = "neon")]
pub(super) fn keep_sha<const L: usize>(lanes: &mut [Sha; L]) {
    for sha in lanes {
        // SAFETY: no instruction, only values that the compiler must have computed here.
        unsafe {
            asm!("/* {0:v} {1:v} */", inout(vreg) sha.abcd, inout(vreg) sha.efgh,
                options(nomem, nostack, preserves_flags));
        }
    }
}
