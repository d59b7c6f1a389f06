//! Lanes of SHA-256.

use core::arch::asm;
use core::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_loadu_si128, _mm_set_epi64x,
    _mm_setzero_si128, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32,
    _mm_shuffle_epi8, _mm_shuffle_epi32, _mm_storeu_si128,
};

use super::xmm::load;
use crate::crypto::lanes::{ROUND_CONSTANTS, ShaBlock, State};

#[inline]
#[target_feature(enable = "sse2")]
fn load_words(words: &[u32; 4]) -> __m128i {
    // SAFETY: a reference to 16 bytes, and this load asks for no alignment.
    unsafe { _mm_loadu_si128(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "sse2")]
fn store_words(words: &mut [u32; 4], value: __m128i) {
    // SAFETY: a reference to 16 bytes, and this store asks for no alignment.
    unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), value) }
}

/// A state of SHA-256 in the order of words that the instructions ask for.
#[derive(Clone, Copy)]
pub(super) struct Sha {
    abef: __m128i,
    cdgh: __m128i,
}

/// Sixteen words of the message schedule.
type Words = [__m128i; 4];

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn load_state(state: &State) -> Sha {
    let (words, _) = state.as_chunks::<4>();
    let cdab = _mm_shuffle_epi32(load_words(&words[0]), 0xB1);
    let efgh = _mm_shuffle_epi32(load_words(&words[1]), 0x1B);
    Sha {
        abef: _mm_alignr_epi8(cdab, efgh, 8),
        cdgh: _mm_blend_epi16(efgh, cdab, 0xF0),
    }
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn store_state(state: &mut State, sha: Sha) {
    let feba = _mm_shuffle_epi32(sha.abef, 0x1B);
    let dchg = _mm_shuffle_epi32(sha.cdgh, 0xB1);
    let (words, _) = state.as_chunks_mut::<4>();
    store_words(&mut words[0], _mm_blend_epi16(feba, dchg, 0xF0));
    store_words(&mut words[1], _mm_alignr_epi8(dchg, feba, 8));
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn load_states<const N: usize>(states: &[State; N]) -> [Sha; N] {
    let mut lanes = [load_state(&states[0]); N];
    for (sha, state) in lanes.iter_mut().zip(states) {
        *sha = load_state(state);
    }
    lanes
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn store_states<const N: usize>(states: &mut [State; N], lanes: &[Sha; N]) {
    for (state, sha) in states.iter_mut().zip(lanes) {
        store_state(state, *sha);
    }
}

/// A place for a message.
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn no_words() -> __m128i {
    _mm_setzero_si128()
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn load_message(block: &ShaBlock) -> Words {
    let big_endian = _mm_set_epi64x(0x0C0D_0E0F_0809_0A0B, 0x0405_0607_0001_0203);
    let (parts, _) = block.as_chunks::<16>();
    [
        _mm_shuffle_epi8(load(&parts[0]), big_endian),
        _mm_shuffle_epi8(load(&parts[1]), big_endian),
        _mm_shuffle_epi8(load(&parts[2]), big_endian),
        _mm_shuffle_epi8(load(&parts[3]), big_endian),
    ]
}

/// Four rounds in all lanes, number 4 `group` and on, behind the message schedule that they need.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn four_rounds<const L: usize>(
    lanes: &mut [Sha; L],
    words: &mut [Words; L],
    group: usize,
) {
    let now = group % 4;
    if group >= 4 {
        for w in words.iter_mut() {
            let (w1, w2, w3) = (w[(now + 1) % 4], w[(now + 2) % 4], w[(now + 3) % 4]);
            let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[now], w1), _mm_alignr_epi8(w3, w2, 4));
            w[now] = _mm_sha256msg2_epu32(sum, w3);
        }
    }
    let constants = load_words(&ROUND_CONSTANTS[group]);
    for (sha, w) in lanes.iter_mut().zip(words.iter()) {
        let added = _mm_add_epi32(w[now], constants);
        sha.cdgh = _mm_sha256rnds2_epu32(sha.cdgh, sha.abef, added);
        sha.abef = _mm_sha256rnds2_epu32(sha.abef, sha.cdgh, _mm_shuffle_epi32(added, 0x0E));
    }
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn add_states<const L: usize>(lanes: &mut [Sha; L], before: &[Sha; L]) {
    for (sha, before) in lanes.iter_mut().zip(before) {
        sha.abef = _mm_add_epi32(sha.abef, before.abef);
        sha.cdgh = _mm_add_epi32(sha.cdgh, before.cdgh);
    }
}

/// Keeps the rounds before this point before it. Left alone, the compiler puts all of AES behind all of
/// SHA-256, where nothing of it is hidden.
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn keep_sha<const L: usize>(lanes: &mut [Sha; L]) {
    for sha in lanes {
        // SAFETY: no instruction, only values that the compiler must have computed here.
        unsafe {
            asm!("/* {0} {1} */", inout(xmm_reg) sha.abef, inout(xmm_reg) sha.cdgh,
                options(nomem, nostack, preserves_flags));
        }
    }
}
