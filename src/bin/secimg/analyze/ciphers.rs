//! The ciphers in the table, each a function of the samples and of what was drawn, and its nine measures.

use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use aes::{Aes256Enc, Block};
use secimg::crypto::{SUITES, Suite};

use super::picture::Picture;
use super::sealed::{self, Tape};
use super::statistics::{
    Histogram, Kind, Measure, bits, correlation, entropy, flatness, histogram, npcr, uaci,
};
use super::toy;
use crate::exit::Failure;

pub(super) const BLOCK: usize = 16;

/// A row of the table.
#[derive(Clone, Copy)]
pub(super) enum Cipher {
    /// The picture as it is.
    None,
    /// What this program seals with.
    Suite(&'static Suite),
    /// AES-256, each block by itself: a control that is not secure.
    Ecb,
    /// See [`toy`]: a control that is not secure.
    Toy,
}

/// What was measured of one cipher on one picture.
pub(super) struct Subject {
    pub(super) cipher: Cipher,
    /// The ciphertext, in the picture's rows.
    pub(super) picture: Picture,
    pub(super) histogram: Histogram,
    /// In the order of [`Kind::ALL`]; of the picture itself only those of one picture.
    pub(super) measures: Vec<Measure>,
    /// What the last encryption drew.
    pub(super) tape: Tape,
}

impl Cipher {
    /// All of them, the picture first.
    pub(super) fn all() -> Vec<Self> {
        let suites = SUITES.iter().copied().map(Self::Suite);
        let controls = [Self::Ecb, Self::Toy];
        [Self::None]
            .into_iter()
            .chain(suites)
            .chain(controls)
            .collect()
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::None => "picture".to_owned(),
            Self::Suite(suite) => format!("secimg {}", suite.short_name),
            Self::Ecb => "AES-256-ECB".to_owned(),
            Self::Toy => "toy".to_owned(),
        }
    }

    /// In one line, what it is.
    pub(super) fn what(self) -> String {
        match self {
            Self::None => "not encrypted".to_owned(),
            Self::Suite(suite) => format!("{}, as the library seals", suite.name),
            Self::Ecb => "each block of 16 bytes by itself: not secure".to_owned(),
            Self::Toy => {
                "a generator with a key of 16 bits: not secure, and broken below".to_owned()
            }
        }
    }

    /// Whether anybody should use it; of the picture itself nothing is to be said.
    pub(super) const fn is_secure(self) -> Option<bool> {
        match self {
            Self::None => None,
            Self::Suite(_) => Some(true),
            Self::Ecb | Self::Toy => Some(false),
        }
    }

    /// Encrypts samples to as many bytes.
    pub(super) fn encrypt(self, samples: &[u8], tape: &Tape) -> Result<Vec<u8>, Failure> {
        match self {
            Self::None => Ok(samples.to_vec()),
            Self::Suite(suite) => sealed::encrypt(samples, suite, tape),
            Self::Ecb => Ok(ecb(samples, tape)),
            Self::Toy => Ok(toy::encrypt(samples, toy_key(tape), toy_nonce(tape))),
        }
    }

    /// Measures it. Every encryption draws anew, as those who use a cipher should, but for one in which one bit of the key is
    /// changed and nothing else.
    pub(super) fn measure(self, picture: &Picture) -> Result<Subject, Failure> {
        let tape = Tape::draw()?;
        let own = picture.with(self.encrypt(&picture.samples, &tape)?);
        let counts = histogram(&own.samples);
        let mut measures = vec![entropy(&counts), flatness(&counts)];
        let directions = [Kind::Horizontal, Kind::Vertical, Kind::Diagonal];
        measures.extend(directions.map(|kind| correlation(kind, &own)));
        if !matches!(self, Self::None) {
            let other = picture.changed_at(picture.samples.len() / 2);
            let other = self.encrypt(&other, &Tape::draw()?)?;
            measures.push(npcr(Kind::Npcr, &own.samples, &other));
            measures.push(uaci(&own.samples, &other));
            let other = self.encrypt(&picture.samples, &tape.with_key_bit_changed(0))?;
            measures.push(bits(&own.samples, &other));
            measures.push(npcr(Kind::KeyNpcr, &own.samples, &other));
        }
        Ok(Subject {
            cipher: self,
            picture: own,
            histogram: counts,
            measures,
            tape,
        })
    }
}

pub(super) fn toy_key(tape: &Tape) -> u16 {
    let [low, high, ..] = tape.key();
    u16::from_le_bytes([low, high])
}

pub(super) fn toy_nonce(tape: &Tape) -> u64 {
    u64::from_le_bytes(tape.public())
}

/// SP 800-38A section 6.1; the last block is filled with zeros, and cut.
fn ecb(samples: &[u8], tape: &Tape) -> Vec<u8> {
    let cipher = Aes256Enc::new(&Array(tape.key()));
    let mut blocks = blocks(samples);
    cipher.encrypt_blocks(&mut blocks);
    unblocked(&blocks, samples.len())
}

/// Whole blocks, the last one filled with zeros.
pub(super) fn blocks(samples: &[u8]) -> Vec<Block> {
    let block = |part: &[u8]| {
        let mut block = [0; BLOCK];
        block[..part.len()].copy_from_slice(part);
        Array(block)
    };
    samples.chunks(BLOCK).map(block).collect()
}

/// The bytes of blocks, as many as there were samples.
pub(super) fn unblocked(blocks: &[Block], len: usize) -> Vec<u8> {
    let bytes = blocks.iter().flat_map(|block| block.0);
    bytes.take(len).collect()
}

#[cfg(test)]
mod tests {
    use super::super::picture::flat;
    use super::*;
    use std::collections::BTreeSet;

    /// Random numbers that are one in a thousand million would fail here; what is broken is far beyond.
    const NEVER: f64 = 1e-9;

    fn p(subject: &Subject, kind: Kind) -> f64 {
        let found = subject.measures.iter().find(|measure| measure.kind == kind);
        found.unwrap().p
    }

    #[test]
    fn equal_blocks_are_equal_in_ecb() {
        let picture = flat();
        let subject = Cipher::Ecb.measure(&picture).unwrap();
        let distinct = |samples: &[u8]| {
            samples
                .chunks(BLOCK)
                .map(<[u8]>::to_vec)
                .collect::<BTreeSet<_>>()
                .len()
        };
        assert_eq!(
            distinct(&subject.picture.samples),
            distinct(&picture.samples)
        );
        assert!(p(&subject, Kind::Entropy) < NEVER && p(&subject, Kind::ChiSquare) < NEVER);
        assert!(p(&subject, Kind::Vertical) < NEVER);
    }

    #[test]
    fn the_suites_and_the_toy_hide_a_flat_picture() {
        let picture = flat();
        for cipher in Cipher::all() {
            if matches!(cipher, Cipher::None | Cipher::Ecb) {
                continue;
            }
            let subject = cipher.measure(&picture).unwrap();
            assert_eq!(subject.measures.len(), Kind::ALL.len());
            for (measure, kind) in subject.measures.iter().zip(Kind::ALL) {
                assert_eq!(measure.kind, kind);
                assert!(measure.p > NEVER, "{}: {measure:?}", cipher.name());
            }
        }
    }

    /// FIPS 197 gives no ECB of several blocks; SP 800-38A F.1.5 does.
    #[test]
    fn ecb_is_that_of_the_standard() {
        let hex = |text: &str| {
            let digits: Vec<_> = text.bytes().collect();
            let byte =
                |two: &[u8]| u8::from_str_radix(core::str::from_utf8(two).unwrap(), 16).unwrap();
            digits.chunks(2).map(byte).collect::<Vec<u8>>()
        };
        let key = hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
        let tape = Tape::of_key(key.try_into().unwrap());
        let plain = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        let sealed = hex("f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870");
        assert_eq!(ecb(&plain, &tape), sealed);
        assert_eq!(ecb(&plain[..20], &tape)[..16], sealed[..16]);
    }
}
