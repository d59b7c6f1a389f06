//! EME-OAEP decoding (RFC 8017, 7.1.2) with SHA-256, MGF1-SHA-256 and an empty label, for tokens that know OAEP
//! with SHA-1 only: they do the private-key operation alone.
//!
//! ```text
//! first octet ‖ masked seed 32 ‖ masked( SHA-256("") ‖ zeros ‖ 01 ‖ key 32 )
//! ```
//!
//! Only a content of 32 bytes is accepted, so everything has its place, and one pass compares all of it: no branch,
//! index or length depends on what is inside. The first octet is not looked at, as in the library's own reading:
//! an answer that depends on it alone is Manger's oracle.

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

const HASH: usize = 32;
const KEY: usize = 32;

/// Takes off the padding of a key; `None` says that something in it was wrong, and not what.
pub fn decode(encoded: &[u8]) -> Option<Zeroizing<[u8; KEY]>> {
    let (_, masked) = encoded.split_first()?;
    let (masked_seed, masked_block) = masked.split_at_checked(HASH)?;
    let zeros = masked_block.len().checked_sub(HASH + 1 + KEY)?;

    let mut seed = Zeroizing::new(masked_seed.to_vec());
    mask(&mut seed, masked_block);
    let mut block = Zeroizing::new(masked_block.to_vec());
    mask(&mut block, &seed);

    let (label, rest) = block.split_at(HASH);
    let (padding, rest) = rest.split_at(zeros);
    let (one, key) = rest.split_at(1);
    let mut sound: Choice = label.ct_eq(&Sha256::digest(b""));
    for byte in padding {
        sound &= byte.ct_eq(&0);
    }
    sound &= one.ct_eq(&[1]);
    let mut found = Zeroizing::new([0; KEY]);
    found.copy_from_slice(key);
    bool::from(sound).then_some(found)
}

/// Adds MGF1-SHA-256 of a seed to some bytes.
fn mask(bytes: &mut [u8], seed: &[u8]) {
    for (counter, piece) in (0_u32..).zip(bytes.chunks_mut(HASH)) {
        let hash = Sha256::new()
            .chain_update(seed)
            .chain_update(counter.to_be_bytes());
        for (byte, mask) in piece.iter_mut().zip(hash.finalize()) {
            *byte ^= mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodes a content (RFC 8017, 7.1.1) for a modulus of some length.
    fn encode(content: &[u8], modulus: usize, first: u8) -> Vec<u8> {
        let mut block = Sha256::digest(b"").to_vec();
        block.resize(modulus - 1 - HASH - 1 - content.len(), 0);
        block.push(1);
        block.extend(content);
        let mut seed = vec![0x5A; HASH];
        mask(&mut block, &seed);
        mask(&mut seed, &block);
        [&[first], &seed[..], &block].concat()
    }

    #[test]
    fn a_key_comes_back() {
        for modulus in [256, 384, 512] {
            assert_eq!(
                decode(&encode(&[7; 32], modulus, 0)).as_deref(),
                Some(&[7; 32])
            );
            assert!(decode(&encode(&[7; 32], modulus, 9)).is_some());
        }
    }

    #[test]
    fn every_changed_bit_behind_the_first_octet_is_refused() {
        let sound = encode(&[7; 32], 256, 0);
        for at in 8..sound.len() * 8 {
            let mut changed = sound.clone();
            changed[at / 8] ^= 1 << (at % 8);
            // A change in the masked key alone changes the seed, and with it everything.
            assert!(decode(&changed).is_none(), "bit {at}");
        }
    }

    #[test]
    fn other_lengths_are_refused() {
        for length in [0, 31, 33, 190] {
            assert!(
                decode(&encode(&vec![7; length], 256, 0)).is_none(),
                "{length}"
            );
        }
        for length in 0..98 {
            assert!(decode(&vec![0; length]).is_none(), "{length}");
        }
    }
}
