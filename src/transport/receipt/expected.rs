//! What the receipt for a stream must be, for a sender that keeps no key of it.

use core::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Contents, Receipt, Verdict};
use crate::crypto::StreamKeys;
use crate::format::{Reader, Writer};
use crate::stream::Sealer;
use crate::transport::error::TransportError;

/// SHA-256 of the two accepting receipts of a stream, up to their tags.
///
/// A sealer can say them before anything is sent, and who has them can check a receipt's tag without the
/// stream's key, and cannot make one. So they can be kept on a disk where a key must not be.
#[derive(Clone, PartialEq, Eq)]
pub struct ExpectedReceipt {
    accepted: [u8; 32],
    before: [u8; 32],
}

impl ExpectedReceipt {
    /// The length of [`ExpectedReceipt::to_bytes`].
    pub const LEN: usize = 64;

    /// Of a stream that was sealed, with digests, to its end.
    #[must_use]
    pub fn of(sealer: &Sealer) -> Self {
        let contents = Contents::of(sealer.digests().iter().copied());
        Self::new(sealer.transfer_id(), contents, sealer.keys())
    }

    fn new(id: [u8; 32], contents: Contents, keys: &StreamKeys) -> Self {
        let of = |verdict| hash(&Receipt::proven(verdict, id, contents, keys));
        Self {
            accepted: of(Verdict::Accepted),
            before: of(Verdict::AcceptedBefore),
        }
    }

    /// Passes on a receipt that is one of the two. A signature on it is not looked at.
    pub(in crate::transport) fn require(
        &self,
        receipt: Receipt,
    ) -> Result<Receipt, TransportError> {
        let expected = match receipt.verdict {
            Verdict::Accepted => &self.accepted,
            Verdict::AcceptedBefore => &self.before,
            Verdict::Stored => return Err(TransportError::OnlyStored),
            Verdict::Refused => return Err(TransportError::Refused),
            Verdict::NotStored => return Err(TransportError::NotStored),
        };
        if hash(&receipt).ct_eq(expected).into() {
            Ok(receipt)
        } else {
            Err(TransportError::FalseReceipt)
        }
    }

    /// Returns bytes to be kept. They are not secret.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.bytes(&self.accepted).bytes(&self.before);
        out.finish()
    }

    /// Takes what [`ExpectedReceipt::to_bytes`] gave.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes, 0);
        let (accepted, before) = (reader.array().ok()?, reader.array().ok()?);
        let parsed = Self { accepted, before };
        reader.rest().is_empty().then_some(parsed)
    }
}

fn hash(receipt: &Receipt) -> [u8; 32] {
    Sha256::digest(receipt.unsigned_part()).into()
}

impl fmt::Debug for ExpectedReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExpectedReceipt(..)")
    }
}
