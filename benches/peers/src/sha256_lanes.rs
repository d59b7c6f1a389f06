//! How fast this machine hashes two SHA-256 chains side by side: the limit of suite 1, whose every byte goes
//! through SHA-256 once.
//!
//! One chain waits for its own last instruction most of the time. A second one fills the gaps; a third one finds
//! hardly any.

use crate::Result;

/// Hashes all of `bytes` as two chains of equal length. Whole blocks only; a rest is left out.
///
/// # Errors
/// Where the processor has no SHA instructions of the x86-64 kind.
pub(crate) fn hash(bytes: &[u8]) -> Result<[[u32; 8]; 2]> {
    let (blocks, _) = bytes.as_chunks::<64>();
    let (left, right) = blocks.split_at(blocks.len() / 2);
    lanes::compress([left, &right[..left.len()]]).ok_or_else(|| "no SHA instructions".into())
}

#[cfg(not(target_arch = "x86_64"))]
mod lanes {
    pub(super) fn compress(_: [&[[u8; 64]]; 2]) -> Option<[[u32; 8]; 2]> {
        None
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(
    unsafe_code,
    reason = "intrinsics: a function for some processors is entered, and 16 bytes are loaded"
)]
mod lanes {
    use core::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_extract_epi32, _mm_loadu_si128, _mm_set_epi32,
        _mm_set_epi64x, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32,
        _mm_shuffle_epi8, _mm_shuffle_epi32,
    };
    use core::hint::black_box;

    /// FIPS 180-4 section 5.3.3, in the order that the instructions want: f e b a, h g d c.
    const START: [[u32; 4]; 2] = [
        [0x9B05_688C, 0x510E_527F, 0xBB67_AE85, 0x6A09_E667],
        [0x5BE0_CD19, 0x1F83_D9AB, 0xA54F_F53A, 0x3C6E_F372],
    ];

    /// FIPS 180-4 section 4.2.2, four at a time.
    const CONSTANTS: [[u32; 4]; 16] = [
        [0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5],
        [0x3956_C25B, 0x59F1_11F1, 0x923F_82A4, 0xAB1C_5ED5],
        [0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3],
        [0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174],
        [0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC],
        [0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA],
        [0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7],
        [0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967],
        [0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13],
        [0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85],
        [0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3],
        [0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070],
        [0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5],
        [0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3],
        [0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208],
        [0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2],
    ];

    pub(super) fn compress(blocks: [&[[u8; 64]]; 2]) -> Option<[[u32; 8]; 2]> {
        let has = is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("sse4.1")
            && is_x86_feature_detected!("ssse3");
        // SAFETY: the processor has what the function is compiled for, as was asked just now.
        has.then(|| unsafe { two_lanes(blocks) })
    }

    /// One chain: its state in the order that the instructions want, and the sixteen words that come next.
    #[derive(Clone, Copy)]
    struct Lane {
        abef: __m128i,
        cdgh: __m128i,
        words: [__m128i; 4],
    }

    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn two_lanes(blocks: [&[[u8; 64]]; 2]) -> [[u32; 8]; 2] {
        let mut lanes = [start(); 2];
        for (left, right) in blocks[0].iter().zip(blocks[1]) {
            // Copied out of the compiler's sight. Otherwise it keeps only what lies in memory and loads it again at
            // once, and both chains wait for that: 9 % of the whole on a Zen 4.
            let before = black_box(lanes.map(|lane| [lane.abef, lane.cdgh]));
            load(&mut lanes[0], left);
            load(&mut lanes[1], right);
            all_rounds(&mut lanes);
            for (lane, before) in lanes.iter_mut().zip(&before) {
                lane.abef = _mm_add_epi32(lane.abef, before[0]);
                lane.cdgh = _mm_add_epi32(lane.cdgh, before[1]);
            }
        }
        lanes.map(|lane| state(&lane))
    }

    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn all_rounds(lanes: &mut [Lane; 2]) {
        four_rounds::<0>(lanes);
        four_rounds::<1>(lanes);
        four_rounds::<2>(lanes);
        four_rounds::<3>(lanes);
        four_rounds::<4>(lanes);
        four_rounds::<5>(lanes);
        four_rounds::<6>(lanes);
        four_rounds::<7>(lanes);
        four_rounds::<8>(lanes);
        four_rounds::<9>(lanes);
        four_rounds::<10>(lanes);
        four_rounds::<11>(lanes);
        four_rounds::<12>(lanes);
        four_rounds::<13>(lanes);
        four_rounds::<14>(lanes);
        four_rounds::<15>(lanes);
    }

    /// Each step is written for both lanes before the next one: what the compiler sees side by side, the
    /// processor does side by side.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn four_rounds<const GROUP: usize>(lanes: &mut [Lane; 2]) {
        let constants = vector(CONSTANTS[GROUP]);
        let mut sums = [constants; 2];
        for (lane, sum) in lanes.iter_mut().zip(&mut sums) {
            if GROUP >= 4 {
                extend::<GROUP>(&mut lane.words);
            }
            *sum = _mm_add_epi32(lane.words[GROUP % 4], *sum);
        }
        for (lane, sum) in lanes.iter_mut().zip(&sums) {
            lane.cdgh = _mm_sha256rnds2_epu32(lane.cdgh, lane.abef, *sum);
        }
        for (lane, sum) in lanes.iter_mut().zip(&sums) {
            // The upper two sums, for the next two rounds; the halves of the state have changed places.
            let upper = _mm_shuffle_epi32::<0b00_00_11_10>(*sum);
            lane.abef = _mm_sha256rnds2_epu32(lane.abef, lane.cdgh, upper);
        }
    }

    /// Replaces the four oldest words of the message schedule by the next four.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn extend<const GROUP: usize>(words: &mut [__m128i; 4]) {
        let [oldest, second, third, newest] = [0, 1, 2, 3].map(|age| words[(GROUP + age) % 4]);
        let seven_back = _mm_alignr_epi8::<4>(newest, third);
        let sum = _mm_add_epi32(_mm_sha256msg1_epu32(oldest, second), seven_back);
        words[GROUP % 4] = _mm_sha256msg2_epu32(sum, newest);
    }

    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn load(lane: &mut Lane, block: &[u8; 64]) {
        // The message is big-endian words.
        let swap = _mm_set_epi64x(0x0C0D_0E0F_0809_0A0B, 0x0405_0607_0001_0203);
        for (words, sixteen) in lane.words.iter_mut().zip(block.as_chunks::<16>().0) {
            // SAFETY: `sixteen` is sixteen bytes, and the load asks for no alignment.
            let loaded = unsafe { _mm_loadu_si128(sixteen.as_ptr().cast()) };
            *words = _mm_shuffle_epi8(loaded, swap);
        }
    }

    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn start() -> Lane {
        Lane {
            abef: vector(START[0]),
            cdgh: vector(START[1]),
            words: [vector([0; 4]); 4],
        }
    }

    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn state(lane: &Lane) -> [u32; 8] {
        let words = |v: __m128i| {
            [
                _mm_extract_epi32::<0>(v),
                _mm_extract_epi32::<1>(v),
                _mm_extract_epi32::<2>(v),
                _mm_extract_epi32::<3>(v),
            ]
            .map(i32::cast_unsigned)
        };
        let (abef, cdgh) = (words(lane.abef), words(lane.cdgh));
        [
            abef[3], abef[2], cdgh[3], cdgh[2], abef[1], abef[0], cdgh[1], cdgh[0],
        ]
    }

    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn vector(words: [u32; 4]) -> __m128i {
        let [w0, w1, w2, w3] = words.map(u32::cast_signed);
        _mm_set_epi32(w3, w2, w1, w0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::material::noise;

    #[test]
    fn both_chains_are_sha_256() {
        let bytes = noise(64 * 10);
        let Ok(states) = hash(&bytes) else {
            return;
        };
        for (state, half) in states.iter().zip(bytes.chunks(64 * 5)) {
            let mut expected = [
                0x6A09_E667,
                0xBB67_AE85,
                0x3C6E_F372,
                0xA54F_F53A,
                0x510E_527F,
                0x9B05_688C,
                0x1F83_D9AB,
                0x5BE0_CD19,
            ];
            sha2::block_api::compress256(&mut expected, half.as_chunks().0);
            assert_eq!(*state, expected);
        }
    }
}
