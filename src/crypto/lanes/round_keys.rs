//! The round keys of AES-256 (FIPS 197 section 5.2), from the S-box as a processor has it: without a table.

use zeroize::Zeroizing;

use super::{ROUNDS, RoundKeys, ZERO};

/// Expands a key; `substitute` is the S-box on each byte of a word.
pub(super) fn expand(key: &[u8; 32], substitute: impl Fn(u32) -> u32) -> Zeroizing<RoundKeys> {
    let mut words = Zeroizing::new([0_u32; 4 * (ROUNDS + 1)]);
    for (word, bytes) in words.iter_mut().zip(key.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    let mut constant = 1_u32;
    for number in 8..words.len() {
        let mut word = words[number - 1];
        if number % 8 == 0 {
            word = substitute(word.rotate_right(8)) ^ constant;
            constant <<= 1;
        } else if number % 8 == 4 {
            word = substitute(word);
        }
        words[number] = words[number - 8] ^ word;
    }
    let mut keys = Zeroizing::new([ZERO; ROUNDS + 1]);
    let bytes = keys.as_flattened_mut().as_chunks_mut().0;
    for (bytes, word) in bytes.iter_mut().zip(words.iter()) {
        *bytes = word.to_le_bytes();
    }
    keys
}

/// The keys in the order that decryption asks for (section 5.3.5); `invert` is done to all but the first and the last.
pub(super) fn inverse(keys: &RoundKeys, invert: impl Fn(&mut [u8; 16])) -> Zeroizing<RoundKeys> {
    let mut keys = Zeroizing::new(*keys);
    keys.reverse();
    keys[1..ROUNDS].iter_mut().for_each(invert);
    keys
}
