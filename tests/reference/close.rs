//! CLOSE and signatures: SPEC section 8.

use ed25519_dalek::{Signature, VerifyingKey};

use super::answer::Class::{self, Content};
use super::answer::{Checked, Signed, ensure};
use super::chunks::Chunks;
use super::der::{SignerKey, signer_key};
use super::header::{Bytes, Core};
use super::primitives::sha256;

/// A CLOSE that is well formed.
pub(crate) struct Close {
    pub(crate) index_offset: u64,
    pub(crate) signature: Option<Block>,
}

/// The signature block.
pub(crate) struct Block {
    algorithm: u64,
    time: u64,
    spki: Vec<u8>,
    intended: Vec<[u8; 32]>,
    signature: Vec<u8>,
}

/// Header, index offset, algorithm, length at the end: an unsigned CLOSE.
const LEAST: usize = 21;

impl Close {
    /// Reads a CLOSE from its kind to the end of its chunk.
    pub(crate) fn parse(record: &[u8]) -> Checked<Self> {
        let len = record.len();
        // [M-CLOSE-1]
        ensure(len >= LEAST, Content, "M-CLOSE-1")?;
        let body_len = record[1..8]
            .iter()
            .fold(0, |len, byte| len << 8 | u64::from(*byte));
        ensure(body_len == len as u64 - 8, Content, "M-CLOSE-1")?;
        // [M-CLOSE-3]
        let (parts, at_end) = record[8..].split_at(len - 8 - 4);
        let at_end = at_end
            .iter()
            .fold(0, |len, byte| len << 8 | u64::from(*byte));
        ensure(at_end == len as u64, Content, "M-CLOSE-3")?;
        let mut parts = Bytes::of(parts);
        let close = Self::fields(&mut parts);
        ensure(
            close.is_some() && parts.rest().is_empty(),
            Content,
            "M-CLOSE-3",
        )?;
        let (close, algorithm) = close.expect("it was just seen");
        ensure(algorithm <= 2, Content, "M-CLOSE-5")?;
        if let Some(block) = &close.signature {
            let ascending = block.intended.windows(2).all(|two| two[0] < two[1]);
            let sound = block.spki.len() <= 600
                && block.intended.len() <= 32
                && (1..=512).contains(&block.signature.len());
            ensure(ascending && sound, Content, "M-CLOSE-6")?;
        }
        Ok(close)
    }

    fn fields(parts: &mut Bytes<'_>) -> Option<(Self, u64)> {
        let index_offset = parts.number(8)?;
        let algorithm = parts.number(1)?;
        let mut signature = None;
        if algorithm > 0 {
            let time = parts.number(8)?;
            let spki = parts.prefixed(2)?.to_vec();
            let count = parts.number(1)?;
            let intended = (0..count).map(|_| parts.array()).collect::<Option<_>>()?;
            let value = parts.prefixed(2)?.to_vec();
            signature = Some(Block {
                algorithm,
                time,
                spki,
                intended,
                signature: value,
            });
        }
        Some((
            Self {
                index_offset,
                signature,
            },
            algorithm,
        ))
    }

    /// [M-CLOSE-7]
    pub(crate) fn as_the_flag_says(&self, signed: bool) -> Checked<()> {
        match (signed, &self.signature) {
            (true, None) => ensure(false, Class::Signature, "M-CLOSE-7"),
            (false, Some(_)) => ensure(false, Content, "M-CLOSE-7"),
            _ => Ok(()),
        }
    }
}

/// What is signed, section 8.2.
pub(crate) fn message(core: &Core, chunks: &Chunks<'_>, block: &Block) -> Vec<u8> {
    let up_to_signature = chunks.piece.len() - 4 - block.signature.len();
    let mut message = b"secimg/1 signature\0".to_vec();
    message.extend(core.transfer_id);
    message.extend(chunks.index.to_be_bytes());
    message.push(chunks.last.into());
    message.extend(sha256(&[&chunks.leaves]));
    message.extend(sha256(&[&chunks.piece[..up_to_signature]]));
    message
}

/// [M-SIG-1] to [M-SIG-3], and the judgement [M-JUDGE-3].
pub(crate) fn verify(block: &Block, message: &[u8], reader: Option<[u8; 32]>) -> Checked<Signed> {
    let holds = holds(block.algorithm, &block.spki, message, &block.signature);
    ensure(holds, Class::Signature, "M-SIG-1")?;
    let judgement = match reader {
        _ if block.intended.is_empty() => "unlisted",
        None => "unlisted",
        Some(hash) if block.intended.contains(&hash) => "intended",
        Some(_) => "not_intended",
    };
    Ok(Signed {
        algorithm: if block.algorithm == 1 {
            "rsa-pss-sha256"
        } else {
            "ed25519"
        },
        spki: block.spki.clone(),
        time: block.time,
        judgement,
    })
}

/// The signature is by this key, and the key is of this algorithm [M-SIG-2] [M-SIG-3].
pub(crate) fn holds(algorithm: u64, spki: &[u8], message: &[u8], signature: &[u8]) -> bool {
    match (signer_key(spki), algorithm) {
        (Some(SignerKey::Rsa(key)), 1) => key.allowed() && key.verify_pss(message, signature),
        (Some(SignerKey::Ed25519(key)), 2) => verify_ed25519(&key, message, signature),
        _ => false,
    }
}

/// Strictly [M-SIG-3].
pub(crate) fn verify_ed25519(key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (
        VerifyingKey::from_bytes(key),
        Signature::from_slice(signature),
    ) else {
        return false;
    };
    key.verify_strict(message, &signature).is_ok()
}
