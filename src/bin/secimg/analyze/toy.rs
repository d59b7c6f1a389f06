//! A cipher that is worth nothing and passes: a negative control.
//!
//! It has 65 536 keys. A generator of good statistics (`SplitMix64`, Steele, Lea and Flood 2014), started with the key and a
//! nonce that stands beside the ciphertext, is added to the samples by exclusive or. Whoever guesses a few samples, such as a
//! black edge, tries all keys: [`find_key`] does it in this very run. Chaotic maps in papers are such generators.

/// How many samples whoever breaks it knows.
pub(super) const KNOWN: usize = 16;
/// How many keys there are.
pub(super) const KEYS: u32 = 1 << 16;

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Encrypts, and decrypts.
pub(super) fn encrypt(samples: &[u8], key: u16, nonce: u64) -> Vec<u8> {
    let mut state = mixed(nonce ^ mixed(GOLDEN ^ u64::from(key)));
    let mut out = Vec::with_capacity(samples.len());
    for eight in samples.chunks(8) {
        state = state.wrapping_add(GOLDEN);
        let noise = mixed(state).to_le_bytes();
        out.extend(
            eight
                .iter()
                .zip(noise)
                .map(|(sample, noise)| sample ^ noise),
        );
    }
    out
}

/// The keys that make the ciphertext of the samples that are known: all are tried.
pub(super) fn find_key(known: &[u8], ciphertext: &[u8], nonce: u64) -> Vec<u16> {
    let fits = |key: &u16| ciphertext.starts_with(&encrypt(known, *key, nonce));
    (0..=u16::MAX).filter(fits).collect()
}

/// The finishing step of `SplitMix64`.
const fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of `SplitMix64` that is started with 1234567, as others print them.
    #[test]
    fn the_generator_is_splitmix64() {
        let at = |n: u64| mixed(1_234_567_u64.wrapping_add(GOLDEN.wrapping_mul(n)));
        assert_eq!(at(1), 6_457_827_717_110_365_317);
        assert_eq!(at(2), 3_203_168_211_198_807_973);
    }

    #[test]
    fn it_decrypts_and_is_broken() {
        let samples: Vec<u8> = (0..=99).collect();
        let ciphertext = encrypt(&samples, 0xBEEF, 7);
        assert_eq!(encrypt(&ciphertext, 0xBEEF, 7), samples);
        assert_eq!(find_key(&samples[..KNOWN], &ciphertext, 7), [0xBEEF]);
        assert!(find_key(&samples[..KNOWN], &samples, 7).is_empty());
    }
}
