//! Private keys and their files: PKCS#8 (RFC 5958) in PEM, plain or encrypted, as `openssl pkey` has it.
//!
//! What is secret lies once in memory, shared by the key, its identity and its signer, and is wiped
//! when the last of them goes. With the feature `aws-lc` an RSA key lies in AWS-LC's memory too, which is wiped
//! with it.

use core::fmt;

use pkcs8::PrivateKeyInfoRef;
use zeroize::Zeroizing;

use super::algorithms::{PRIVATE_KEY, PrivateMaterial};
use super::encryption::{self, ENCRYPTED_PRIVATE_KEY};
use super::error::KeyError;
use super::pem::{self, Pem};
use super::public::PublicKey;
use crate::crypto::Random;

/// What kind of key to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GenerateKind {
    /// An RSA key, for recipients and for signers (one key for one of the two).
    Rsa {
        /// The length of the modulus: 2048, 3072 (the default) or 4096 bits.
        bits: usize,
    },
    /// An Ed25519 key, for signers.
    Ed25519,
    /// An X-Wing key (ML-KEM-768 with X25519), for recipients of what must stay secret for decades.
    XWing,
}

impl Default for GenerateKind {
    /// RSA with 3072 bits: 128-bit strength (SP 800-57 part 1, table 2).
    fn default() -> Self {
        Self::Rsa { bits: 3072 }
    }
}

/// A private key.
pub struct PrivateKey {
    material: PrivateMaterial,
    public: PublicKey,
}

impl PrivateKey {
    /// Draws a key from the operating system's generator.
    ///
    /// # Errors
    /// As [`PrivateKey::generate_with_rng`].
    pub fn generate(kind: GenerateKind) -> Result<Self, KeyError> {
        Self::generate_with_rng(kind, &mut Random::system())
    }

    /// Draws a key. An RSA key of 4096 bits takes a second or more.
    ///
    /// # Errors
    /// [`KeyError::RsaSize`] for a length that is not offered, [`KeyError::Rng`].
    pub fn generate_with_rng(kind: GenerateKind, rng: &mut Random<'_>) -> Result<Self, KeyError> {
        Self::new(match kind {
            GenerateKind::Rsa { bits } => PrivateMaterial::generate_rsa(bits, rng)?,
            GenerateKind::Ed25519 => PrivateMaterial::generate_ed25519(rng)?,
            GenerateKind::XWing => PrivateMaterial::generate_xwing(rng)?,
        })
    }

    /// Reads one `PRIVATE KEY` or `ENCRYPTED PRIVATE KEY` block of PEM.
    ///
    /// The passphrase is taken byte for byte, as `openssl` takes it, and ignored for a plain key. How
    /// much the key derivation of an encrypted key may cost is bounded.
    ///
    /// # Errors
    /// [`KeyError::PassphraseNeeded`], [`KeyError::WrongKeyPassphrase`] and [`KeyError::KdfBounds`]
    /// for an encrypted key, [`KeyError::Convert`] for forms that `openssl` or `ssh-keygen` converts,
    /// [`KeyError::PublicWherePrivate`], and what is wrong with the key otherwise.
    pub fn from_pem(text: &[u8], passphrase: Option<&[u8]>) -> Result<Self, KeyError> {
        let pem = Pem::find(text)?;
        match pem.label() {
            PRIVATE_KEY => {
                let der = pem.decode(PRIVATE_KEY)?;
                let info = PrivateKeyInfoRef::try_from(der.as_slice())
                    .map_err(|_| KeyError::malformed(PRIVATE_KEY, "it is no PrivateKeyInfo"))?;
                Self::new(PrivateMaterial::read(&info)?)
            }
            ENCRYPTED_PRIVATE_KEY => {
                let passphrase = passphrase.ok_or(KeyError::PassphraseNeeded)?;
                let der = encryption::open(&pem.decode(ENCRYPTED_PRIVATE_KEY)?, passphrase)?;
                // A wrong passphrase gives good padding once in 256 times, and then no structure.
                let info = PrivateKeyInfoRef::try_from(der.as_slice())
                    .map_err(|_| KeyError::WrongKeyPassphrase)?;
                Self::new(PrivateMaterial::read(&info)?)
            }
            label => Err(other_label(label)),
        }
    }

    /// Tells whether [`PrivateKey::from_pem`] would ask for a passphrase.
    #[must_use]
    pub fn is_encrypted_pem(text: &[u8]) -> bool {
        Pem::find(text).is_ok_and(|pem| pem.label() == ENCRYPTED_PRIVATE_KEY)
    }

    fn new(material: PrivateMaterial) -> Result<Self, KeyError> {
        let public = PublicKey::new(material.public())?;
        Ok(Self { material, public })
    }

    pub(super) const fn material(&self) -> &PrivateMaterial {
        &self.material
    }

    /// Writes the key in plain, as PKCS#8 PEM.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] for a key that has no encoding, which no key that was read has.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        Ok(pem::encode(
            PRIVATE_KEY,
            self.material.to_pkcs8()?.as_bytes(),
        ))
    }

    /// Writes the key encrypted, as PKCS#8 PEM: PBES2 with PBKDF2-HMAC-SHA256 (600 000 iterations) and
    /// AES-256-CBC.
    ///
    /// # Errors
    /// As [`PrivateKey::to_encrypted_pem_with_rng`].
    pub fn to_encrypted_pem(&self, passphrase: &[u8]) -> Result<Zeroizing<String>, KeyError> {
        self.to_encrypted_pem_with_rng(passphrase, &mut Random::system())
    }

    /// As [`PrivateKey::to_encrypted_pem`], with salt and initialisation vector drawn from `rng`.
    ///
    /// # Errors
    /// [`KeyError::BadPassphrase`] for one that is empty or longer than 1024 bytes, [`KeyError::Rng`].
    pub fn to_encrypted_pem_with_rng(
        &self,
        passphrase: &[u8],
        rng: &mut Random<'_>,
    ) -> Result<Zeroizing<String>, KeyError> {
        let sealed = encryption::seal(&self.material.to_pkcs8()?, passphrase, rng)?;
        Ok(pem::encode(ENCRYPTED_PRIVATE_KEY, sealed.as_bytes()))
    }

    /// Returns the public side.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey(.. of {:?})", self.public)
    }
}

/// Says what to do with a PEM block that holds no PKCS#8 key.
fn other_label(label: &str) -> KeyError {
    match label {
        "RSA PRIVATE KEY" => KeyError::Convert {
            found: "a PKCS#1 private key",
            command: "openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out NEW (plain: -nocrypt)",
        },
        "OPENSSH PRIVATE KEY" => KeyError::Convert {
            found: "an OpenSSH private key",
            command: "ssh-keygen -p -m PKCS8 -f COPY (in place; Ed25519 needs OpenSSH 9.6)",
        },
        "EC PRIVATE KEY" => KeyError::UnsupportedAlgorithm("EC".to_owned()),
        "DSA PRIVATE KEY" => KeyError::UnsupportedAlgorithm("DSA".to_owned()),
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => KeyError::NotAKey(
            "a certificate holds no private key; `openssl pkcs12 -in FILE -nocerts` takes one out of a .p12",
        ),
        label if label.ends_with("PUBLIC KEY") => KeyError::PublicWherePrivate,
        _ => KeyError::NotAKey("the PEM block is no `PRIVATE KEY`"),
    }
}

#[cfg(test)]
mod tests;
