//! What NPCR and UACI measure: AES as papers use it, with one key and one IV, beside two encryptions of one picture.
//!
//! In CBC a change goes on from its block to the end. With an IV that never changes, as nobody should use it, NPCR is
//! therefore the share of the picture behind the change, and papers conclude that AES diffuses badly. With a new IV
//! everything differs, even where nothing was changed: the number tells of the IV, not of the cipher.

use aes::Aes256Enc;
use aes::cipher::{Array, BlockModeEncrypt, InnerIvInit, KeyInit};
use secimg::crypto::SUITES;

use super::ciphers::{BLOCK, Cipher, blocks, unblocked};
use super::picture::Picture;
use super::sealed::Tape;
use super::statistics::{Kind, Measure, npcr, size, uaci};
use crate::exit::Failure;

/// Two ciphertexts, and how far they differ.
pub(super) struct Difference {
    pub(super) name: String,
    /// What was changed between the two.
    pub(super) changed: &'static str,
    pub(super) npcr: Measure,
    pub(super) uaci: Measure,
    /// The NPCR that follows from the construction.
    pub(super) follows: f64,
}

/// What differs between two encryptions.
struct Pair<'a> {
    name: &'a str,
    changed: &'static str,
    /// The first sample that can differ, and the one behind the last.
    reach: (usize, usize),
}

impl Pair<'_> {
    fn compared(&self, one: &[u8], other: &[u8]) -> Difference {
        let npcr = npcr(Kind::Npcr, one, other);
        let (first, end) = self.reach;
        Difference {
            name: self.name.to_owned(),
            changed: self.changed,
            uaci: uaci(one, other),
            follows: npcr.expected * size(end - first) / size(one.len()),
            npcr,
        }
    }
}

pub(super) fn compare(picture: &Picture) -> Result<Vec<Difference>, Failure> {
    let (samples, end) = (&picture.samples, picture.samples.len());
    let tape = Tape::draw()?;
    let fixed = cbc(samples, &tape, tape.public());
    let mut rows = Vec::new();
    for (changed, at) in [
        ("the first sample", 0),
        ("the middle sample", end / 2),
        ("the last sample", end - 1),
    ] {
        let pair = Pair {
            name: "AES-256-CBC, one key, one IV",
            changed,
            reach: (block_of(at), end),
        };
        let other = cbc(&picture.changed_at(at), &tape, tape.public());
        rows.push(pair.compared(&fixed, &other));
    }
    let pair = Pair {
        name: "AES-256-CBC, one key, new IV",
        changed: "nothing",
        reach: (0, end),
    };
    let other = cbc(samples, &tape, Tape::draw()?.public());
    rows.push(pair.compared(&fixed, &other));
    rows.push(one_key_ecb(picture, &tape)?);
    for suite in SUITES {
        let name = format!("secimg {}, sealed twice", suite.short_name);
        let pair = Pair {
            name: &name,
            changed: "nothing",
            reach: (0, end),
        };
        let sealed = || Cipher::Suite(suite).encrypt(samples, &Tape::draw()?);
        rows.push(pair.compared(&sealed()?, &sealed()?));
    }
    Ok(rows)
}

fn one_key_ecb(picture: &Picture, tape: &Tape) -> Result<Difference, Failure> {
    let (samples, at) = (&picture.samples, picture.samples.len() / 2);
    let first = block_of(at);
    let pair = Pair {
        name: "AES-256-ECB, one key",
        changed: "the middle sample",
        reach: (first, samples.len().min(first + BLOCK)),
    };
    let one = Cipher::Ecb.encrypt(samples, tape)?;
    let other = Cipher::Ecb.encrypt(&picture.changed_at(at), tape)?;
    Ok(pair.compared(&one, &other))
}

/// Where the block of a sample begins.
const fn block_of(sample: usize) -> usize {
    sample - sample % BLOCK
}

/// SP 800-38A section 6.2; the last block is filled with zeros, and cut.
fn cbc(samples: &[u8], tape: &Tape, iv: [u8; BLOCK]) -> Vec<u8> {
    let cipher = Aes256Enc::new(&Array(tape.key()));
    let mut blocks = blocks(samples);
    cbc::Encryptor::inner_iv_init(cipher, &Array(iv)).encrypt_blocks(&mut blocks);
    unblocked(&blocks, samples.len())
}

#[cfg(test)]
mod tests {
    use super::super::picture::flat;
    use super::*;

    #[test]
    fn what_follows_from_the_construction_is_what_is_measured() {
        let rows = compare(&flat()).unwrap();
        assert_eq!(rows.len(), 5 + SUITES.len());
        let percent: Vec<_> = rows.iter().map(|row| row.follows * 100.0).collect();
        for (follows, expected) in percent.iter().zip([99.609, 49.805, 0.006, 99.609, 0.006]) {
            assert!((follows - expected).abs() < 0.001, "{follows}");
        }
        for row in &rows {
            // Seven deviations of the ideal: one in 10^11 runs.
            let bound = 7.0 * row.npcr.deviation;
            assert!(
                (row.npcr.value - row.follows).abs() < bound,
                "{}: {:?}",
                row.name,
                row.npcr
            );
        }
        // Taken for a verdict on AES, half a picture would be a catastrophe.
        assert!(rows[1].npcr.p < 1e-300 && rows[4].npcr.p < 1e-300);
    }

    /// A change in the last block reaches no other.
    #[test]
    fn a_change_begins_with_its_block() {
        assert_eq!([0, 15, 16, 40].map(block_of), [0, 0, 16, 32]);
        let picture = flat();
        let tape = Tape::draw().unwrap();
        let one = cbc(&picture.samples, &tape, tape.public());
        let other = cbc(&picture.changed_at(1000), &tape, tape.public());
        assert_eq!(one[..992], other[..992]);
        assert_ne!(one[992..1008], other[992..1008]);
    }
}
