//! The receipt: what a receiver answers when a stream is verified and stored (SPEC section 10).
//!
//! ```text
//! 89 53 49 4D 52 0D 0A 1A ‖ verdict u8 ‖ transfer id 32 ‖ items u32 ‖ SHA-256(digests of the items) 32 ‖ tag 32
//!   ‖ algorithm u8 [ ‖ time u64 ‖ u16 ‖ SPKI of the receiver ‖ u16 ‖ signature ]
//! tag       = HMAC-SHA-256(K[receipt], everything before it)
//! signature over "secimg/1 receipt" ‖ 00 ‖ everything before the signature's own bytes
//! ```
//!
//! | what | proves | to whom |
//! | --- | --- | --- |
//! | tag | a holder of the stream's key made this receipt | the sender, who knows that it was not itself. Every holder can make one, the sender and each recipient, so it convinces no third party |
//! | signature | the owner of that key says so | everybody who trusts the key; it can be kept and shown |
//! | neither | nothing | nobody: a refusal, and the answer of a relay, which stores what it cannot open, carry zeros |

use sha2::{Digest, Sha256};

use crate::crypto::{Random, StreamKeys, Unauthentic};
use crate::format::{Reader, Writer};
use crate::keys::{KeyError, Signer, TrustedSigners};
use crate::stream::Report;

use super::error::TransportError;
pub use expected::ExpectedReceipt;
pub use signature::ReceiptSignature;

mod expected;
mod signature;
mod wire;

/// The length of a receipt without a signature, the shortest that there is.
pub const RECEIPT_LEN: usize = 8 + 1 + 32 + 4 + 32 + 32 + 1;

/// The length of the longest receipt that is read.
pub const MAX_RECEIPT_LEN: usize = RECEIPT_LEN + signature::MAX_LEN;

const MAGIC: [u8; 8] = [0x89, 0x53, 0x49, 0x4D, 0x52, 0x0D, 0x0A, 0x1A];

/// What the receiver did with the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Verified and stored.
    Accepted,
    /// Not accepted, for a reason that is not said.
    Refused,
    /// Stored as it came, by somebody who cannot open it.
    Stored,
    /// Verified and stored when it came before; nothing was stored again.
    AcceptedBefore,
    /// Not stored, because the receiver could not: nothing is said of the stream.
    NotStored,
}

impl Verdict {
    const fn code(self) -> u8 {
        match self {
            Self::Refused => 0,
            Self::Accepted => 1,
            Self::Stored => 2,
            Self::AcceptedBefore => 3,
            Self::NotStored => 4,
        }
    }

    fn find(code: u8) -> Option<Self> {
        [
            Self::Refused,
            Self::Accepted,
            Self::Stored,
            Self::AcceptedBefore,
            Self::NotStored,
        ]
        .into_iter()
        .find(|v| v.code() == code)
    }

    /// Returns the word that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Accepted => "accepted",
            Self::Stored => "stored",
            Self::AcceptedBefore => "accepted_before",
            Self::NotStored => "not_stored",
        }
    }

    /// Tells whether the recipient has the images: then the receipt carries a tag.
    #[must_use]
    pub const fn is_accepted(self) -> bool {
        matches!(self, Self::Accepted | Self::AcceptedBefore)
    }
}

/// What an accepting receipt says of the originals, and what is remembered of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contents {
    /// How many items there are.
    pub items: u32,
    /// SHA-256 over the SHA-256 of each item's original, in stream order.
    pub digests: [u8; 32],
}

impl Contents {
    pub(super) const fn new(items: u32, digests: [u8; 32]) -> Self {
        Self { items, digests }
    }

    /// Of the SHA-256 of each original.
    #[must_use]
    pub fn of(digests: impl IntoIterator<Item = [u8; 32]>) -> Self {
        let mut hash = Sha256::new();
        let mut items = 0_u32;
        for digest in digests {
            hash.update(digest);
            items = items.saturating_add(1);
        }
        Self::new(items, hash.finalize().into())
    }
}

/// A receiver's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// What the receiver did.
    pub verdict: Verdict,
    /// For which stream.
    pub transfer_id: [u8; 32],
    /// How many items it verified.
    pub items: u32,
    /// SHA-256 over the SHA-256 of each item's original, in stream order.
    pub digests: [u8; 32],
    tag: [u8; 32],
    signature: Option<ReceiptSignature>,
}

impl Receipt {
    /// Makes the receipt for a verified stream.
    #[must_use]
    pub fn accepted(report: &Report, keys: &StreamKeys) -> Self {
        let contents = Contents::of(report.items.iter().filter_map(|item| item.sha256));
        Self::proven(Verdict::Accepted, report.transfer_id, contents, keys)
    }

    /// Makes the receipt for a stream that was accepted before, with what was recorded then.
    #[must_use]
    pub fn accepted_before(transfer_id: [u8; 32], contents: Contents, keys: &StreamKeys) -> Self {
        Self::proven(Verdict::AcceptedBefore, transfer_id, contents, keys)
    }

    /// Makes the answer of a receiver that stored a stream without being able to open it.
    #[must_use]
    pub const fn stored(transfer_id: [u8; 32]) -> Self {
        Self::unproven(Verdict::Stored, transfer_id)
    }

    /// Makes a refusal.
    #[must_use]
    pub const fn refused(transfer_id: [u8; 32]) -> Self {
        Self::unproven(Verdict::Refused, transfer_id)
    }

    /// Makes the answer of a receiver that could not store a stream, because its disk was full or its folder gone.
    #[must_use]
    pub const fn not_stored(transfer_id: [u8; 32]) -> Self {
        Self::unproven(Verdict::NotStored, transfer_id)
    }

    fn proven(verdict: Verdict, id: [u8; 32], contents: Contents, keys: &StreamKeys) -> Self {
        let mut receipt = Self::unproven(verdict, id);
        (receipt.items, receipt.digests) = (contents.items, contents.digests);
        receipt.tag = keys.receipt_mac(&receipt.authenticated());
        receipt
    }

    const fn unproven(verdict: Verdict, transfer_id: [u8; 32]) -> Self {
        Self {
            verdict,
            transfer_id,
            items: 0,
            digests: [0; 32],
            tag: [0; 32],
            signature: None,
        }
    }

    /// Returns what an accepting receipt says of the originals.
    #[must_use]
    pub const fn contents(&self) -> Contents {
        Contents::new(self.items, self.digests)
    }

    /// Adds the receiver's signature. `time` is in seconds since 1970-01-01T00:00:00Z, 0 if it is not said.
    ///
    /// A receipt that proves nothing stays as it is: there is nothing to sign.
    ///
    /// # Errors
    /// What the signer says.
    pub fn signed(self, signer: &dyn Signer, time: u64) -> Result<Self, KeyError> {
        self.signed_with_rng(signer, time, &mut Random::system())
    }

    /// As [`Receipt::signed`], with the caller's randomness.
    ///
    /// # Errors
    /// What the signer says.
    pub fn signed_with_rng(
        mut self,
        signer: &dyn Signer,
        time: u64,
        rng: &mut Random<'_>,
    ) -> Result<Self, KeyError> {
        if self.verdict.is_accepted() {
            let mut block = ReceiptSignature::unsigned(signer, time);
            let message = signature::message(&self.unsigned_part(), &block);
            block.signature = signer.sign(&message, rng)?;
            self.signature = Some(block);
        }
        Ok(self)
    }

    /// Returns the receiver's signature, where there is one. It is a claim until
    /// [`Receipt::verify_signature`] has held.
    #[must_use]
    pub const fn signature(&self) -> Option<&ReceiptSignature> {
        self.signature.as_ref()
    }

    /// Checks that a holder of the stream's key made this receipt, for these originals.
    ///
    /// # Errors
    /// [`Unauthentic`].
    pub fn check(
        &self,
        transfer_id: &[u8; 32],
        digests: &[[u8; 32]],
        keys: &StreamKeys,
    ) -> Result<(), Unauthentic> {
        keys.check_receipt_mac(&self.authenticated(), &self.tag)?;
        let same = self.verdict.is_accepted()
            && self.transfer_id == *transfer_id
            && self.contents() == Contents::of(digests.iter().copied());
        if same { Ok(()) } else { Err(Unauthentic) }
    }

    /// Checks the receiver's signature, where there is one. Whose it is says
    /// [`ReceiptSignature::signer`], and whether that is anybody to be trusted is for the caller to say:
    /// [`Receipt::require_signer`].
    ///
    /// # Errors
    /// [`Unauthentic`] where the signature does not hold, or the key cannot be a signer's.
    pub fn verify_signature(&self) -> Result<Option<&ReceiptSignature>, Unauthentic> {
        let block = self.signature.as_ref();
        block
            .map(|block| block.verify(&self.unsigned_part()).map(|()| block))
            .transpose()
    }

    /// Checks the receiver's signature, and that it is by one of `trusted`. This proves what the receipt
    /// says to everybody who trusts that key, with no key of the stream.
    ///
    /// # Errors
    /// [`TransportError::FalseReceipt`] where the signature does not hold, and
    /// [`TransportError::ReceiptNotSigned`] and [`TransportError::ReceiptSigner`] where there is none, or
    /// one by somebody else.
    pub fn require_signer(
        &self,
        trusted: &TrustedSigners,
    ) -> Result<&ReceiptSignature, TransportError> {
        let block = self
            .verify_signature()
            .map_err(|_| TransportError::FalseReceipt)?
            .ok_or(TransportError::ReceiptNotSigned)?;
        if trusted.contains_spki(&block.spki) {
            Ok(block)
        } else {
            Err(TransportError::ReceiptSigner(block.signer()))
        }
    }

    /// What the tag covers.
    fn authenticated(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.bytes(&MAGIC)
            .u8(self.verdict.code())
            .bytes(&self.transfer_id)
            .u32(self.items)
            .bytes(&self.digests);
        out.finish()
    }

    /// Everything before the algorithm.
    fn unsigned_part(&self) -> Vec<u8> {
        [self.authenticated().as_slice(), &self.tag].concat()
    }

    /// Returns the bytes on the wire.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.unsigned_part();
        match &self.signature {
            None => bytes.push(0),
            Some(block) => bytes.extend(block.to_bytes()),
        }
        bytes
    }

    /// Parses a receipt that `bytes` hold and nothing else; nothing of it is proven before
    /// [`Receipt::check`] or [`Receipt::require_signer`].
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes, 0);
        if reader.array().ok()? != MAGIC {
            return None;
        }
        let mut receipt = Self::unproven(Verdict::find(reader.u8().ok()?)?, reader.array().ok()?);
        (receipt.items, receipt.digests) = (reader.u32().ok()?, reader.array().ok()?);
        receipt.tag = reader.array().ok()?;
        receipt.signature = match reader.u8().ok()? {
            0 => None,
            number => Some(ReceiptSignature::parse(number, &mut reader)?),
        };
        let plain = Self::unproven(receipt.verdict, receipt.transfer_id);
        let sound = receipt.verdict.is_accepted() || receipt == plain;
        (sound && reader.rest().is_empty()).then_some(receipt)
    }
}
