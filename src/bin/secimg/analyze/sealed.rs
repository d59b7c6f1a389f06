//! Ciphertext as the library makes it: of real streams, and with their tags and frames left out.

use std::sync::Arc;

use rand_core::{TryCryptoRng, TryRng};
use secimg::crypto::{Random, RngFailed, Suite};
use secimg::format::{FRAME_HEADER_LEN, FormatError, FrameHeader, FrameKind};
use secimg::keys::{KeyError, RawKeyRecipient, SymmetricKey};
use secimg::stream::HeaderReader;
use secimg::{Image, SealOptions, encrypt_series_with_rng};

use crate::exit::Failure;

/// What comes first in [`Tape`]: a stream's salt, a nonce, an IV.
const PUBLIC: usize = 32;
const KEY: usize = 32;

/// All that one encryption draws, in the order in which a sealer draws it: what is public, and the key.
///
/// It comes from the system's generator. Keeping it is for experiments: the same key may then seal once more with one of its
/// bits changed.
#[derive(Clone)]
pub(super) struct Tape([u8; PUBLIC + KEY]);

impl Tape {
    pub(super) fn draw() -> Result<Self, Failure> {
        let drawn = Random::system().array().map_err(KeyError::Rng)?;
        Ok(Self(drawn))
    }

    /// The same, but for one bit of the key.
    pub(super) fn with_key_bit_changed(&self, bit: usize) -> Self {
        let mut other = self.clone();
        other.0[PUBLIC + bit / 8] ^= 1 << (bit % 8);
        other
    }

    /// A key that was chosen, for known answers.
    #[cfg(test)]
    pub(super) fn of_key(key: [u8; KEY]) -> Self {
        let mut tape = Self([0; PUBLIC + KEY]);
        tape.0[PUBLIC..].copy_from_slice(&key);
        tape
    }

    /// The first bytes of what is public.
    pub(super) fn public<const N: usize>(&self) -> [u8; N] {
        core::array::from_fn(|at| self.0[at])
    }

    pub(super) fn key(&self) -> [u8; KEY] {
        core::array::from_fn(|at| self.0[PUBLIC + at])
    }
}

/// Gives the bytes of a tape, once.
struct Playing<'a>(&'a [u8]);

impl TryRng for Playing<'_> {
    type Error = RngFailed;

    fn try_next_u32(&mut self) -> Result<u32, RngFailed> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, RngFailed> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RngFailed> {
        let (drawn, rest) = self.0.split_at_checked(bytes.len()).ok_or(RngFailed)?;
        bytes.copy_from_slice(drawn);
        self.0 = rest;
        Ok(())
    }
}

impl TryCryptoRng for Playing<'_> {}

/// Options with one recipient: a key that nobody keeps.
pub(super) fn sealing(suite: &'static Suite) -> Result<SealOptions, Failure> {
    let recipient = RawKeyRecipient::new(SymmetricKey::generate()?);
    Ok(SealOptions::new()
        .suite(suite)
        .recipient(Arc::new(recipient)))
}

/// Seals one image with the salt and the content encryption key that the tape holds.
pub(super) fn seal(image: &Image, options: &SealOptions, tape: &Tape) -> Result<Vec<u8>, Failure> {
    let mut playing = Playing(&tape.0);
    let images = core::slice::from_ref(image);
    Ok(encrypt_series_with_rng(
        images,
        options,
        &mut Random::new(&mut playing),
    )?)
}

/// The ciphertext of samples: as many bytes, from the beginning of the first chunk.
pub(super) fn encrypt(
    samples: &[u8],
    suite: &'static Suite,
    tape: &Tape,
) -> Result<Vec<u8>, Failure> {
    let sealed = seal(&Image::new(samples), &sealing(suite)?, tape)?;
    let mut ciphertext = bodies(&sealed)?.concat();
    ciphertext.truncate(samples.len());
    Ok(ciphertext)
}

/// The ciphertext in each CHUNK and in FINAL, without tags.
pub(super) fn bodies(sealed: &[u8]) -> Result<Vec<&[u8]>, Failure> {
    let mut reader = HeaderReader::new();
    let (mut at, locked) = reader.push(sealed)?;
    let locked = locked.ok_or_else(|| reader.end_of_input())?;
    let tag = locked.header().suite().layout.tag_len;
    let mut bodies = Vec::new();
    loop {
        let (header, body) = frame(sealed, at)?;
        bodies.push(&body[..body.len().saturating_sub(tag)]);
        if header.kind == FrameKind::Final {
            return Ok(bodies);
        }
        at += FRAME_HEADER_LEN + body.len();
    }
}

fn frame(sealed: &[u8], at: usize) -> Result<(FrameHeader, &[u8]), FormatError> {
    let ends = || HeaderReader::new().end_of_input();
    let rest = sealed.get(at..).ok_or_else(ends)?;
    let (head, rest) = rest.split_first_chunk().ok_or_else(ends)?;
    let header = FrameHeader::parse(*head, at as u64)?;
    let length = usize::try_from(header.length).unwrap_or(usize::MAX);
    let body = rest.get(..length).ok_or_else(ends)?;
    Ok((header, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secimg::crypto::SUITES;
    use secimg::stream::HeaderReader;

    fn core(sealed: &[u8]) -> secimg::format::Core {
        let (_, locked) = HeaderReader::new().push(sealed).unwrap();
        locked.unwrap().header().core
    }

    /// Otherwise the experiment with one bit of the key would be one with another salt.
    #[test]
    fn the_key_on_the_tape_is_the_content_encryption_key() {
        for suite in SUITES {
            let (tape, options) = (Tape::draw().unwrap(), sealing(suite).unwrap());
            let image = Image::new(*b"samples");
            let sealed = |tape: &Tape| seal(&image, &options, tape).unwrap();
            let (one, same) = (sealed(&tape), sealed(&tape));
            assert_eq!(one, same, "nothing else is drawn");
            let other = sealed(&tape.with_key_bit_changed(255));
            assert_eq!(core(&one).salt, core(&other).salt);
            assert_eq!(core(&one).salt, tape.public());
            assert_ne!(core(&one).commitment, core(&other).commitment);
        }
    }

    #[test]
    fn the_bodies_are_the_stream_without_tags_and_frames() {
        for suite in SUITES {
            let samples = vec![0x55; 200_000];
            let sealed = encrypt(&samples, suite, &Tape::draw().unwrap()).unwrap();
            assert_eq!(sealed.len(), samples.len());
            let options = sealing(suite).unwrap();
            let stream = seal(&Image::new(samples), &options, &Tape::draw().unwrap()).unwrap();
            let bodies = bodies(&stream).unwrap();
            assert_eq!(bodies.len(), 4);
            assert!(bodies[..3].iter().all(|body| body.len() == 1 << 16));
            let ends = |body: &&[u8]| stream.windows(body.len()).any(|part| part == *body);
            assert!(ends(&bodies[3]));
        }
    }
}
