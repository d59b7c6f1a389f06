//! What is known of a stream, and the types that say how well it is known.

use core::fmt;

use crate::content::{Manifest, SignatureAlgorithm};
use crate::format::{KeyId, RecipientType};

/// Something whose chunk tag held: some holder of the content encryption key made it.
///
/// It says nothing of who that was, and nothing of what follows. Only this library makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentic<T>(T);

impl<T> Authentic<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(value)
    }

    /// Borrows the value.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.0
    }

    /// Returns the value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: Clone> Authentic<&T> {
    /// Copies what is borrowed.
    #[must_use]
    pub fn cloned(self) -> Authentic<T> {
        Authentic::new(self.0.clone())
    }
}

/// Proof that a whole stream was read and everything about it holds: the last chunk was reached,
/// digests and index agree, the signature holds, and it is by a required signer where one is required.
///
/// Only [`Opener::finish`](super::Opener::finish) makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified(Report);

impl Verified {
    pub(super) const fn new(report: Report) -> Self {
        Self(report)
    }

    /// Returns what is proven.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.0
    }

    /// Returns what is proven.
    #[must_use]
    pub fn into_report(self) -> Report {
        self.0
    }
}

/// Everything that a reader learns of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The suite's name.
    pub suite: &'static str,
    /// The number of chunks, FINAL among them.
    pub chunks: u64,
    /// The length of the whole stream in bytes.
    pub stream_bytes: u64,
    /// The stream's name: SHA-256 of magic and CORE.
    pub transfer_id: [u8; 32],
    /// Which recipient's entry opened it.
    pub recipient: RecipientReport,
    /// The signature, where the stream is signed.
    pub signature: Option<SignatureReport>,
    /// The items, in stream order.
    pub items: Vec<ItemReport>,
}

impl Report {
    /// Returns what a person should be told although nothing is wrong.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        match &self.signature {
            None => warnings.push(Warning::NotSigned),
            Some(signature) => {
                if !signature.trusted {
                    warnings.push(Warning::SignerNotChecked);
                }
                if signature.intended == Intended::NotIntended {
                    warnings.push(Warning::NotIntended);
                }
            }
        }
        warnings
    }
}

/// Things that are worth saying of a verified stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Nobody signed: any recipient could have made it.
    NotSigned,
    /// Somebody signed, but the reader named no trusted signer.
    SignerNotChecked,
    /// The signer did not mean this recipient.
    NotIntended,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSigned => "not signed: any of the recipients could have made this stream",
            Self::SignerNotChecked => {
                "signed, but no trusted signer was named: compare the signer's fingerprint"
            }
            Self::NotIntended => {
                "the signer did not mean this recipient (normal after rewrap, otherwise somebody passed \
                 the stream on)"
            }
        })
    }
}

/// An entry of the recipient block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecipientReport {
    /// Its type.
    pub kind: RecipientType,
    /// Its key id, which differs from stream to stream.
    pub key_id: KeyId,
}

impl RecipientReport {
    pub(super) const fn new(kind: RecipientType, key_id: KeyId) -> Self {
        Self { kind, key_id }
    }
}

/// Whether the signer meant the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Intended {
    /// The reader's public key is in the signed list of recipients.
    Intended,
    /// There is a list and the reader's key is not in it: added by rewrap, or passed on.
    NotIntended,
    /// There is no list, or the reader's key is of a kind that cannot be listed (a passphrase, a raw key).
    Unlisted,
}

impl Intended {
    /// Returns the word that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::NotIntended => "not_intended",
            Self::Unlisted => "unlisted",
        }
    }
}

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureReport {
    /// The algorithm.
    pub algorithm: SignatureAlgorithm,
    /// The signer's public key, canonical SPKI DER.
    pub spki: Vec<u8>,
    /// SHA-256 of that key: the signer's fingerprint.
    pub signer: [u8; 32],
    /// When it was signed, by the signer's clock, in seconds since 1970-01-01T00:00:00Z; 0 = not said.
    pub time: u64,
    /// The reader named this signer as trusted.
    pub trusted: bool,
    /// Whether the signer meant the reader.
    pub intended: Intended,
}

/// One item that was read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ItemReport {
    /// What it claims to be.
    pub manifest: Manifest,
    /// How many bytes the original has.
    pub bytes: u64,
    /// SHA-256 of the original; nothing where it was not computed ([`OpenOptions::digests`](super::OpenOptions::digests)).
    pub sha256: Option<[u8; 32]>,
}

impl ItemReport {
    /// Returns the same of the original where DATA is not that: of a raw frame that was compressed, length and SHA-256 of
    /// its samples. They are what the manifest says, and hold where the samples were restored.
    #[must_use]
    pub fn of_original(&self) -> Self {
        let mut original = self.clone();
        if let Some(entry) = &self.manifest.frame
            && let Some(transform) = &entry.transform
        {
            original.bytes = entry.layout.packed_bytes();
            original.sha256 = Some(transform.sha256);
        }
        original
    }

    pub(crate) const fn new(manifest: Manifest, bytes: u64, sha256: Option<[u8; 32]>) -> Self {
        Self {
            manifest,
            bytes,
            sha256,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever is told must not mistake one for another.
    #[test]
    fn every_warning_says_what_it_is_of() {
        for (warning, word) in [
            (Warning::NotSigned, "not signed"),
            (Warning::SignerNotChecked, "fingerprint"),
            (Warning::NotIntended, "rewrap"),
        ] {
            let said = warning.to_string();
            let others = ["not signed", "fingerprint", "rewrap"]
                .into_iter()
                .filter(|w| said.contains(w));
            assert_eq!(others.collect::<Vec<_>>(), [word], "{said}");
        }
    }
}
