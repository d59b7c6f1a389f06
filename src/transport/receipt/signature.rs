//! The receiver's signature under a receipt.

use crate::content::SignatureAlgorithm;
use crate::crypto::Unauthentic;
use crate::format::{Reader, Writer};
use crate::keys::{Fingerprint, Signer, VerifyingKey};

/// The longest SPKI that is read: RSA 4096 needs 550 bytes.
pub(super) const MAX_SPKI: usize = 600;
/// The longest signature that is read: RSA 4096.
pub(super) const MAX_SIGNATURE: usize = 512;
/// Time, SPKI and signature with their lengths, at their longest.
pub(super) const MAX_LEN: usize = 8 + 2 + MAX_SPKI + 2 + MAX_SIGNATURE;

/// Keeps a receipt's signature from ever being one under something else.
const DOMAIN: &[u8] = b"secimg/1 receipt\0";

/// Who signed a receipt, when, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceiptSignature {
    /// The algorithm.
    pub algorithm: SignatureAlgorithm,
    /// When it was signed, by the receiver's clock: seconds since 1970-01-01T00:00:00Z; 0 = not said.
    pub time: u64,
    /// The receiver's public key, canonical SPKI DER.
    pub spki: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl ReceiptSignature {
    /// Returns the fingerprint of the key that signed.
    #[must_use]
    pub fn signer(&self) -> Fingerprint {
        Fingerprint::of_spki(&self.spki)
    }

    /// A block whose signature is as long as it will be, and not made yet.
    pub(super) fn unsigned(signer: &dyn Signer, time: u64) -> Self {
        Self {
            algorithm: signer.algorithm(),
            time,
            spki: signer.spki().to_vec(),
            signature: vec![0; signer.signature_len()],
        }
    }

    pub(super) fn verify(&self, receipt: &[u8]) -> Result<(), Unauthentic> {
        let key = VerifyingKey::from_spki(self.algorithm, &self.spki).map_err(|_| Unauthentic)?;
        key.verify(&message(receipt, self), &self.signature)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        [self.covered().as_slice(), &self.signature].concat()
    }

    /// Everything before the signature's own bytes.
    fn covered(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(self.algorithm.number())
            .u64(self.time)
            .u16(length(&self.spki))
            .bytes(&self.spki)
            .u16(length(&self.signature));
        out.finish()
    }

    /// Reads what stands behind the number of the algorithm.
    pub(super) fn parse(number: u8, reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            algorithm: SignatureAlgorithm::from_number(number)?,
            time: reader.u64().ok()?,
            spki: bounded(reader, MAX_SPKI)?,
            signature: bounded(reader, MAX_SIGNATURE)?,
        })
    }
}

/// What is signed.
pub(super) fn message(receipt: &[u8], block: &ReceiptSignature) -> Vec<u8> {
    [DOMAIN, receipt, &block.covered()].concat()
}

fn bounded(reader: &mut Reader<'_>, most: usize) -> Option<Vec<u8>> {
    let bytes = reader.prefixed_u16().ok()?;
    (1..=most).contains(&bytes.len()).then(|| bytes.to_vec())
}

/// A key or signature from outside the crate that is too long gives a receipt that nobody accepts.
fn length(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX)
}
