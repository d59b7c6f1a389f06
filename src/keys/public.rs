//! Public keys: RSA to seal for and to verify with, X-Wing to seal for, Ed25519 to verify with.
//!
//! A key is known by its canonical SPKI DER (RFC 5280 section 4.1.2.7): RSA with NULL parameters (RFC
//! 3279), Ed25519 (RFC 8410) and X-Wing with none. Fingerprints, key ids and signatures are over these
//! bytes.

use core::fmt;
use core::hash::{Hash, Hasher};
use std::sync::Arc;

use super::algorithms::{KeyAlgorithm, PUBLIC_KEY, PublicMaterial};
use super::error::KeyError;
use super::fingerprint::Fingerprint;
use super::pem::{self, Pem};

/// What the owner of a key should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyWarning {
    /// An RSA modulus of fewer than 3072 bits.
    RsaBelow128BitStrength,
}

impl fmt::Display for KeyWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RsaBelow128BitStrength => {
                "112-bit strength: NIST SP 800-131A allows it until 2030; use 3072 for new keys, or a \
                 hybrid key for images that must stay secret for decades"
            }
        })
    }
}

/// A public key.
#[derive(Clone)]
pub struct PublicKey {
    material: PublicMaterial,
    spki: Arc<[u8]>,
}

impl PublicKey {
    /// Reads one `PUBLIC KEY` block of PEM, as `openssl pkey -pubout` writes it. Certificates are read by
    /// [`Certificate`](super::Certificate).
    ///
    /// # Errors
    /// [`KeyError::PrivateWherePublic`] for a private key, [`KeyError::Convert`] for forms that
    /// `openssl` converts, and what is wrong with the key otherwise.
    pub fn from_pem(text: &[u8]) -> Result<Self, KeyError> {
        let pem = Pem::find(text)?;
        match pem.label() {
            PUBLIC_KEY => Self::from_spki_der(&pem.decode(PUBLIC_KEY)?),
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Err(KeyError::Convert {
                found: "a certificate",
                command: "openssl x509 -in CERT -noout -pubkey > KEY.pub",
            }),
            "RSA PUBLIC KEY" => Err(KeyError::Convert {
                found: "a PKCS#1 public key",
                command: "openssl rsa -RSAPublicKey_in -in KEY -pubout -out NEW",
            }),
            label if label.ends_with("PRIVATE KEY") => Err(KeyError::PrivateWherePublic),
            _ => Err(KeyError::NotAKey("the PEM block is no `PUBLIC KEY`")),
        }
    }

    /// Reads a `SubjectPublicKeyInfo` in DER. The key's own encoding, [`PublicKey::spki`], may differ
    /// from what was read in one place: absent RSA parameters become NULL.
    ///
    /// # Errors
    /// What is wrong with the key.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        PublicMaterial::read(der).and_then(Self::new)
    }

    /// Reads a `SubjectPublicKeyInfo` that must be the canonical one.
    ///
    /// # Errors
    /// As [`PublicKey::from_spki_der`], and [`KeyError::Malformed`] for another encoding.
    pub fn from_spki_der_strict(der: &[u8]) -> Result<Self, KeyError> {
        let key = Self::from_spki_der(der)?;
        if *key.spki != *der {
            return Err(KeyError::malformed(
                PUBLIC_KEY,
                "its encoding is not the canonical one",
            ));
        }
        Ok(key)
    }

    pub(super) fn new(material: PublicMaterial) -> Result<Self, KeyError> {
        let spki = material.to_spki()?.into();
        Ok(Self { material, spki })
    }

    pub(super) const fn material(&self) -> &PublicMaterial {
        &self.material
    }

    pub(super) fn shared_spki(&self) -> Arc<[u8]> {
        Arc::clone(&self.spki)
    }

    /// Writes the PEM that `openssl pkey -pubin` reads, if it knows the algorithm; X-Wing it does not yet.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(PUBLIC_KEY, &self.spki).to_string()
    }

    /// Returns the canonical SPKI DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Returns what the key computes with.
    #[must_use]
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.material.algorithm()
    }

    /// Returns the length of the RSA modulus in bits; 256, the length of the seed, for Ed25519 and X-Wing.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.material.bits()
    }

    /// Returns the strength in bits against the best known attack by ordinary computers.
    ///
    /// RSA 2048 has 112 and 3072 has 128 (SP 800-57 part 1 revision 5, table 2); 4096 has 152 (SP
    /// 800-56B revision 2, table 4, which has the same rows and more). A modulus in between counts as
    /// the next shorter one. Ed25519 has 128 (SP 800-57 part 1 revision 5, table 2). X-Wing counts as
    /// X25519 alone, 128: what its ML-KEM-768 adds is said by [`Recipient::is_post_quantum`].
    ///
    /// [`Recipient::is_post_quantum`]: super::Recipient::is_post_quantum
    #[must_use]
    pub fn strength_bits(&self) -> u32 {
        match (self.algorithm(), self.bits()) {
            (KeyAlgorithm::Rsa, ..3072) => 112,
            (KeyAlgorithm::Rsa, 4096..) => 152,
            _ => 128,
        }
    }

    /// Lists what the owner should know.
    #[must_use]
    pub fn warnings(&self) -> Vec<KeyWarning> {
        let short = self.strength_bits() < 128;
        short
            .then_some(KeyWarning::RsaBelow128BitStrength)
            .into_iter()
            .collect()
    }

    /// Returns SHA-256 of the canonical SPKI DER.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_spki(&self.spki)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for PublicKey {}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.spki.hash(state);
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PublicKey({} {}, {})",
            self.algorithm().name(),
            self.bits(),
            self.fingerprint()
        )
    }
}

#[cfg(test)]
mod tests;
