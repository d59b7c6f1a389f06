//! The receipt: what a receiver answers when a stream is verified and stored (SPEC section 10).
//!
//! ```text
//! 89 53 49 4D 52 0D 0A 1A ‖ verdict u8 ‖ transfer id 32 ‖ items u32 ‖ SHA-256(digests of the items) 32 ‖ tag 32
//! tag = HMAC-SHA-256(K[receipt], everything before it)
//! ```
//!
//! The tag proves that a holder of the stream's key answered. A refusal and the answer of a relay, which
//! stores what it cannot open, carry zeros for items, digests and tag and prove nothing.

use sha2::{Digest, Sha256};

use crate::crypto::{StreamKeys, Unauthentic};
use crate::format::{Reader, Writer};
use crate::stream::Report;

/// The length of a receipt.
pub const RECEIPT_LEN: usize = 8 + 1 + 32 + 4 + 32 + 32;

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
}

impl Verdict {
    const fn code(self) -> u8 {
        match self {
            Self::Refused => 0,
            Self::Accepted => 1,
            Self::Stored => 2,
        }
    }

    fn find(code: u8) -> Option<Self> {
        [Self::Refused, Self::Accepted, Self::Stored]
            .into_iter()
            .find(|v| v.code() == code)
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
}

impl Receipt {
    /// Makes the receipt for a verified stream.
    #[must_use]
    pub fn accepted(report: &Report, keys: &StreamKeys) -> Self {
        let digests = report.items.iter().map(|item| item.sha256);
        let mut receipt = Self::claimed(report.transfer_id, digests);
        receipt.tag = keys.receipt_mac(&receipt.authenticated());
        receipt
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

    const fn unproven(verdict: Verdict, transfer_id: [u8; 32]) -> Self {
        Self {
            verdict,
            transfer_id,
            items: 0,
            digests: [0; 32],
            tag: [0; 32],
        }
    }

    fn claimed(transfer_id: [u8; 32], digests: impl Iterator<Item = [u8; 32]>) -> Self {
        let mut hash = Sha256::new();
        let mut items = 0;
        for digest in digests {
            hash.update(digest);
            items += 1;
        }
        let digests = hash.finalize().into();
        Self {
            verdict: Verdict::Accepted,
            transfer_id,
            items,
            digests,
            tag: [0; 32],
        }
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
        let expected = Self::claimed(*transfer_id, digests.iter().copied());
        let same = self.transfer_id == expected.transfer_id
            && self.items == expected.items
            && self.digests == expected.digests
            && self.verdict == expected.verdict;
        if same { Ok(()) } else { Err(Unauthentic) }
    }

    fn authenticated(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.bytes(&MAGIC)
            .u8(self.verdict.code())
            .bytes(&self.transfer_id)
            .u32(self.items)
            .bytes(&self.digests);
        out.finish()
    }

    /// Returns the bytes on the wire.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.authenticated().as_slice(), &self.tag].concat()
    }

    /// Parses a receipt; nothing of it is proven before [`Receipt::check`].
    #[must_use]
    pub fn parse(bytes: &[u8; RECEIPT_LEN]) -> Option<Self> {
        let mut reader = Reader::new(bytes, 0);
        if reader.array().ok()? != MAGIC {
            return None;
        }
        let receipt = Self {
            verdict: Verdict::find(reader.u8().ok()?)?,
            transfer_id: reader.array().ok()?,
            items: reader.u32().ok()?,
            digests: reader.array().ok()?,
            tag: reader.array().ok()?,
        };
        let proven = receipt.verdict == Verdict::Accepted;
        let plain = Self::unproven(receipt.verdict, receipt.transfer_id);
        (proven || receipt == plain).then_some(receipt)
    }
}
