//! CLOSE: the end of the content, or a checkpoint in a live series (SPEC section 8).
//!
//! ```text
//! 06 ‖ length u56 ‖ index offset u64 ‖ algorithm u8
//!   [ ‖ signing time u64 ‖ u16 ‖ signer SPKI ‖ count u8 ‖ { SHA-256 of an SPKI }* ‖ u16 ‖ signature ]
//!   ‖ be32(length of the whole record)
//! ```
//!
//! The last four bytes let a reader who starts at the end find the beginning.

use super::error::{ContentError, ContentErrorKind};
use super::record::{RECORD_HEADER_LEN, RecordHeader, RecordKind};
use crate::format::{Reader, Writer};

/// The shortest CLOSE, an unsigned one.
const UNSIGNED_LEN: usize = RECORD_HEADER_LEN + 8 + 1 + 4;
/// The longest signer SPKI that is read: RSA 4096 needs 550 bytes.
const MAX_SPKI: usize = 600;
/// The longest signature that is read: RSA 4096.
const MAX_SIGNATURE: usize = 512;
/// The most intended recipients that can be listed.
const MAX_INTENDED: usize = 32;

/// Signature algorithms, by their number in CLOSE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// 1: RSASSA-PSS with SHA-256, MGF1-SHA-256 and a salt of 32 bytes.
    RsaPssSha256,
    /// 2: Ed25519, verified strictly.
    Ed25519,
}

impl SignatureAlgorithm {
    /// Returns the number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::RsaPssSha256 => 1,
            Self::Ed25519 => 2,
        }
    }

    /// Returns the name that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaPssSha256 => "rsa-pss-sha256",
            Self::Ed25519 => "ed25519",
        }
    }

    /// Finds an algorithm by its number; 0, which says that nothing is signed, is none.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::RsaPssSha256),
            2 => Some(Self::Ed25519),
            _ => None,
        }
    }
}

/// What a signed CLOSE adds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureBlock {
    /// The algorithm.
    pub algorithm: SignatureAlgorithm,
    /// When it was signed, by the signer's clock: seconds since 1970-01-01T00:00:00Z.
    pub time: u64,
    /// The signer's public key, canonical SPKI DER.
    pub spki: Vec<u8>,
    /// SHA-256 of the SPKI of each recipient that the signer meant, ascending, none twice.
    pub intended: Vec<[u8; 32]>,
    /// The signature value.
    pub signature: Vec<u8>,
}

impl SignatureBlock {
    /// Makes a block whose signature is `signature_len` zeros, to be filled when it is known.
    #[must_use]
    pub fn unsigned(
        algorithm: SignatureAlgorithm,
        time: u64,
        spki: Vec<u8>,
        mut intended: Vec<[u8; 32]>,
        signature_len: usize,
    ) -> Self {
        intended.sort_unstable();
        intended.dedup();
        Self {
            algorithm,
            time,
            spki,
            intended,
            signature: vec![0; signature_len],
        }
    }
}

/// A CLOSE record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Close {
    /// Where the INDEX record begins in the content; 0 where there is none.
    pub index_offset: u64,
    /// The signature, where the stream is signed.
    pub signature: Option<SignatureBlock>,
}

impl Close {
    /// Joins the two.
    #[must_use]
    pub const fn new(index_offset: u64, signature: Option<SignatureBlock>) -> Self {
        Self {
            index_offset,
            signature,
        }
    }

    /// Returns the whole record.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = Writer::new();
        body.u64(self.index_offset);
        match &self.signature {
            None => {
                body.u8(0);
            }
            Some(block) => {
                body.u8(block.algorithm.number()).u64(block.time);
                body.u16(length_u16(&block.spki)).bytes(&block.spki);
                body.u8(u8::try_from(block.intended.len()).unwrap_or(u8::MAX));
                for hash in &block.intended {
                    body.bytes(hash);
                }
                body.u16(length_u16(&block.signature))
                    .bytes(&block.signature);
            }
        }
        let whole = body
            .len()
            .saturating_add(RECORD_HEADER_LEN)
            .saturating_add(4);
        body.u32(u32::try_from(whole).unwrap_or(u32::MAX));
        let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let mut out = Writer::new();
        out.bytes(&RecordHeader::new(RecordKind::Close, length).to_bytes())
            .bytes(&body.finish());
        out.finish()
    }

    /// Returns how many bytes at the record's end the signature does not cover: its value and the length.
    #[must_use]
    pub fn unsigned_tail(&self) -> usize {
        self.signature
            .as_ref()
            .map_or(4, |block| block.signature.len().saturating_add(4))
    }

    /// Parses a whole record that stands at `offset` of the content and ends its chunk.
    ///
    /// # Errors
    /// [`ContentErrorKind::Close`] for everything that is not the one form.
    pub fn parse(record: &[u8], offset: u64) -> Result<Self, ContentError> {
        let fail = |reason| ContentError::at(ContentErrorKind::Close(reason), offset);
        let whole = u32::try_from(record.len()).map_err(|_| fail("too long"))?;
        if record.len() < UNSIGNED_LEN {
            return Err(fail("too short"));
        }
        let mut reader = Reader::new(record, offset);
        let short = |_| fail("a length runs past its end");
        let header =
            RecordHeader::parse(reader.array().map_err(short)?).map_err(|_| fail("not a CLOSE"))?;
        if header.kind != RecordKind::Close
            || header.length.checked_add(8) != Some(u64::from(whole))
        {
            return Err(fail("its length is not that of the record"));
        }
        let index_offset = reader.u64().map_err(short)?;
        let algorithm = reader.u8().map_err(short)?;
        let signature = if algorithm == 0 {
            None
        } else {
            let algorithm = SignatureAlgorithm::from_number(algorithm)
                .ok_or_else(|| fail("unknown signature algorithm"))?;
            Some(parse_block(algorithm, &mut reader, offset)?)
        };
        if reader.u32().map_err(short)? != whole || !reader.rest().is_empty() {
            return Err(fail("its closing length is not that of the record"));
        }
        Ok(Self::new(index_offset, signature))
    }

    /// Finds the record that ends `content` (a chunk's whole content) and returns where it begins.
    ///
    /// # Errors
    /// [`ContentErrorKind::Close`] when the last four bytes do not point into the chunk.
    pub fn find(content: &[u8], offset: u64) -> Result<usize, ContentError> {
        let fail = || ContentError::at(ContentErrorKind::Close("not found at the end"), offset);
        let tail: &[u8; 4] = content.last_chunk().ok_or_else(fail)?;
        let length = usize::try_from(u32::from_be_bytes(*tail)).map_err(|_| fail())?;
        if length < UNSIGNED_LEN {
            return Err(fail());
        }
        content.len().checked_sub(length).ok_or_else(fail)
    }
}

fn length_u16(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX)
}

fn parse_block(
    algorithm: SignatureAlgorithm,
    reader: &mut Reader<'_>,
    offset: u64,
) -> Result<SignatureBlock, ContentError> {
    let fail = |reason| ContentError::at(ContentErrorKind::Close(reason), offset);
    let short = |_| fail("a length runs past its end");
    let time = reader.u64().map_err(short)?;
    let spki = reader.prefixed_u16().map_err(short)?.to_vec();
    let count = usize::from(reader.u8().map_err(short)?);
    if spki.len() > MAX_SPKI || count > MAX_INTENDED {
        return Err(fail("signer key or recipient list too long"));
    }
    let mut intended: Vec<[u8; 32]> = Vec::with_capacity(count);
    for _ in 0..count {
        let hash = reader.array().map_err(short)?;
        if intended.last().is_some_and(|last| *last >= hash) {
            return Err(fail("the intended recipients are not in ascending order"));
        }
        intended.push(hash);
    }
    let signature = reader.prefixed_u16().map_err(short)?.to_vec();
    if signature.is_empty() || signature.len() > MAX_SIGNATURE {
        return Err(fail("a signature of an impossible length"));
    }
    Ok(SignatureBlock {
        algorithm,
        time,
        spki,
        intended,
        signature,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed() -> Close {
        let mut block = SignatureBlock::unsigned(
            SignatureAlgorithm::Ed25519,
            1_700_000_000,
            vec![0x30; 44],
            vec![[9; 32], [1; 32], [9; 32]],
            64,
        );
        block.signature = vec![5; 64];
        Close::new(77, Some(block))
    }

    #[test]
    fn both_forms_survive_the_round_trip() {
        for close in [Close::new(0, None), signed()] {
            let bytes = close.to_bytes();
            assert_eq!(Close::parse(&bytes, 0), Ok(close));
            let content = [&[0xEE; 100], bytes.as_slice()].concat();
            assert_eq!(Close::find(&content, 0), Ok(100));
        }
    }

    #[test]
    fn every_truncation_is_refused() {
        let bytes = signed().to_bytes();
        for len in 0..bytes.len() {
            assert!(Close::parse(&bytes[..len], 0).is_err(), "{len}");
        }
        assert!(Close::parse(&[bytes.as_slice(), &[0]].concat(), 0).is_err());
    }

    /// SPEC section 8: an unsigned CLOSE is the shortest, with 21 bytes.
    #[test]
    fn what_is_shorter_than_an_unsigned_one_is_none() {
        let bytes = Close::new(0, None).to_bytes();
        assert_eq!(bytes.len(), 21);
        for len in 0..21 {
            let short = ContentErrorKind::Close("too short");
            let parsed = Close::parse(&bytes[..len], 7);
            assert_eq!(parsed, Err(ContentError::at(short, 7)), "{len}");
            let claim = u32::try_from(len).unwrap().to_be_bytes();
            let content = [&[0; 100], claim.as_slice()].concat();
            let nowhere = ContentErrorKind::Close("not found at the end");
            let found = Close::find(&content, 7);
            assert_eq!(found, Err(ContentError::at(nowhere, 7)), "{len}");
        }
    }

    #[test]
    fn the_recipient_list_has_one_order() {
        let mut close = signed();
        close.signature.as_mut().unwrap().intended.reverse();
        assert!(Close::parse(&close.to_bytes(), 0).is_err());
    }

    #[test]
    fn its_header_has_its_kind_and_its_length() {
        for at in [0, 7] {
            let mut bytes = signed().to_bytes();
            bytes[at] ^= 1;
            assert!(Close::parse(&bytes, 0).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_signature_is_at_most_as_long_as_one_of_rsa_4096() {
        let with = |len| {
            let mut close = signed();
            close.signature.as_mut().unwrap().signature = vec![5; len];
            Close::parse(&close.to_bytes(), 0).is_ok()
        };
        assert_eq!([1, 512].map(with), [true; 2]);
        assert_eq!([0, 513].map(with), [false; 2]);
    }

    /// SPEC section 8: at most 600 bytes of SPKI and 32 intended recipients.
    #[test]
    fn key_and_recipients_have_their_greatest_size() {
        let with = |spki: usize, count: u8| {
            let mut close = signed();
            let block = close.signature.as_mut().unwrap();
            block.spki = vec![0x30; spki];
            block.intended = (0..count).map(|i| [i; 32]).collect();
            Close::parse(&close.to_bytes(), 0).is_ok()
        };
        assert_eq!([with(600, 0), with(0, 32), with(600, 32)], [true; 3]);
        assert_eq!([with(601, 0), with(0, 33)], [false; 2]);
    }

    #[test]
    fn a_recipient_stands_once_in_the_list() {
        let mut close = signed();
        close.signature.as_mut().unwrap().intended = vec![[1; 32]; 2];
        assert!(Close::parse(&close.to_bytes(), 0).is_err());
    }
}
