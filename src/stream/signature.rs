//! What is signed, and the judgement of a signature (SPEC section 8).
//!
//! ```text
//! "secimg/1 signature" ‖ 00 ‖ transfer id ‖ be64(i) ‖ final u8 ‖ root ‖ SHA-256(P_i up to the signature value)
//! root = SHA-256(leaf_0 ‖ … ‖ leaf_{i−1})
//! ```

use sha2::{Digest, Sha256};

use crate::content::{Close, SignatureBlock};
use crate::crypto::Leaf;
use crate::format::ChunkIndex;
use crate::keys::{Fingerprint, TrustedSigners, VerifyingKey};

use super::error::OpenError;
use super::report::{Intended, SignatureReport};
use super::window::SigningTimes;

/// The running hash over the leaves of the chunks so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaves(Sha256);

impl Leaves {
    pub(super) fn push(&mut self, leaf: &Leaf) {
        self.0.update(leaf);
    }

    fn root(&self) -> [u8; 32] {
        self.0.clone().finalize().into()
    }
}

/// Where a CLOSE stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    pub(super) index: ChunkIndex,
    pub(super) last: bool,
}

/// Returns the message for a CLOSE that ends `content`, the whole content of its chunk.
pub(super) fn message(
    transfer_id: &[u8; 32],
    position: Position,
    leaves: &Leaves,
    content: &[u8],
    close: &Close,
) -> Vec<u8> {
    let covered = &content[..content.len().saturating_sub(close.unsigned_tail())];
    let mut message = b"secimg/1 signature\0".to_vec();
    message.extend_from_slice(transfer_id);
    message.extend_from_slice(&position.index.to_be_bytes());
    message.push(u8::from(position.last));
    message.extend_from_slice(&leaves.root());
    message.extend_from_slice(&Sha256::digest(covered));
    message
}

/// What the reader brings to a signature.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) trusted: Option<&'a TrustedSigners>,
    pub(super) own_spki: Option<&'a [u8]>,
    pub(super) times: Option<SigningTimes>,
}

impl Judge<'_> {
    /// Verifies a signature over `message` and says what it is worth to this reader.
    ///
    /// The signature is checked before the policy: a stream with a false one is refused by everybody.
    pub(super) fn verify(
        &self,
        block: &SignatureBlock,
        message: &[u8],
    ) -> Result<SignatureReport, OpenError> {
        // A signer's key that cannot be one is the stream's fault, as a signature that cannot hold is.
        let key = VerifyingKey::from_spki(block.algorithm, &block.spki)
            .map_err(|_| OpenError::BadSignature)?;
        key.verify(message, &block.signature)
            .map_err(|_| OpenError::BadSignature)?;
        let signer: [u8; 32] = Sha256::digest(&block.spki).into();
        let trusted = self
            .trusted
            .is_some_and(|set| set.contains_spki(&block.spki));
        if self.trusted.is_some() && !trusted {
            return Err(OpenError::UntrustedSigner {
                signer: Fingerprint::new(signer),
            });
        }
        self.times.map_or(Ok(()), |times| times.judge(block.time))?;
        Ok(SignatureReport {
            algorithm: block.algorithm,
            spki: block.spki.clone(),
            signer,
            time: block.time,
            trusted,
            intended: self.intended(block),
        })
    }

    fn intended(&self, block: &SignatureBlock) -> Intended {
        let Some(own) = self.own_spki.filter(|_| !block.intended.is_empty()) else {
            return Intended::Unlisted;
        };
        let own: [u8; 32] = Sha256::digest(own).into();
        if block.intended.binary_search(&own).is_ok() {
            Intended::Intended
        } else {
            Intended::NotIntended
        }
    }
}
