//! The public-key algorithms: how each one's keys are read, checked and written.
//!
//! To add one: a file that exports a row, the row here, and a variant in the two enums below, after
//! which the compiler names the few places that are left.

mod ed25519;
mod key_algorithm;
mod rsa;
mod rsa_checks;
mod rsa_private;
mod xwing;

use std::sync::Arc;

use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef, SecretDocument};
use spki::SubjectPublicKeyInfoRef;

use super::error::KeyError;
use crate::crypto::{Key256, Random};

/// What a private key is made of. Shared, so that identities and signers hold no copies.
#[derive(Clone)]
pub(super) enum PrivateMaterial {
    Rsa(Arc<RsaPrivate>),
    /// The seed of RFC 8032; the scalar is derived from it for each signature and wiped.
    Ed25519(Arc<Key256>),
    /// The seed of the draft, from which both private keys are expanded for each decapsulation.
    XWing(Arc<Key256>),
}

/// What a public key is made of.
#[derive(Clone, Debug)]
pub(super) enum PublicMaterial {
    Rsa(Arc<::rsa::PublicKey>),
    Ed25519(ed25519_dalek::VerifyingKey),
    XWing(Arc<x_wing::EncapsulationKey>),
}

/// A row of [`ALGORITHMS`].
struct Row {
    oid: ObjectIdentifier,
    read_private: fn(&PrivateKeyInfoRef<'_>) -> Result<PrivateMaterial, KeyError>,
    read_public: fn(&SubjectPublicKeyInfoRef<'_>) -> Result<PublicMaterial, KeyError>,
}

const ALGORITHMS: &[&Row] = &[&rsa::ROW, &ed25519::ROW, &xwing::ROW];

/// Names in errors.
pub(super) const PRIVATE_KEY: &str = "PRIVATE KEY";
pub(super) const PUBLIC_KEY: &str = "PUBLIC KEY";

fn find_row(oid: ObjectIdentifier) -> Result<&'static Row, KeyError> {
    let row = ALGORITHMS.iter().copied().find(|row| row.oid == oid);
    row.ok_or_else(|| KeyError::UnsupportedAlgorithm(name_of(oid)))
}

/// The name by which people know an algorithm that is refused.
fn name_of(oid: ObjectIdentifier) -> String {
    let dotted = oid.to_string();
    let name = match dotted.as_str() {
        "1.2.840.10045.2.1" => "EC",
        "1.2.840.10040.4.1" => "DSA",
        "1.2.840.113549.1.1.7" => "RSAES-OAEP (RSA restricted to one use)",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS (RSA restricted to one use)",
        "1.3.101.110" => "X25519",
        "1.3.101.111" => "X448",
        "1.3.101.113" => "Ed448",
        _ => return dotted,
    };
    name.to_owned()
}

impl PrivateMaterial {
    /// Reads a PKCS#8 `PrivateKeyInfo` (RFC 5958) whose outer form has been parsed.
    pub(super) fn read(info: &PrivateKeyInfoRef<'_>) -> Result<Self, KeyError> {
        (find_row(info.algorithm.oid)?.read_private)(info)
    }

    pub(super) fn generate_rsa(bits: usize, rng: &mut Random<'_>) -> Result<Self, KeyError> {
        rsa::generate(bits, rng)
    }

    pub(super) fn generate_ed25519(rng: &mut Random<'_>) -> Result<Self, KeyError> {
        ed25519::generate(rng)
    }

    pub(super) fn generate_xwing(rng: &mut Random<'_>) -> Result<Self, KeyError> {
        xwing::generate(rng)
    }

    /// Writes a PKCS#8 version 1 `PrivateKeyInfo`, which every OpenSSL reads.
    pub(super) fn to_pkcs8(&self) -> Result<SecretDocument, KeyError> {
        match self {
            Self::Rsa(key) => rsa::write_private(key.numbers()),
            Self::Ed25519(seed) => ed25519::write_private(seed),
            Self::XWing(seed) => xwing::write_private(seed),
        }
    }

    pub(super) fn public(&self) -> PublicMaterial {
        match self {
            Self::Rsa(key) => PublicMaterial::Rsa(Arc::new(key.public().clone())),
            Self::Ed25519(seed) => PublicMaterial::Ed25519(signing_key(seed).verifying_key()),
            Self::XWing(seed) => PublicMaterial::XWing(Arc::new(xwing::public(seed))),
        }
    }
}

impl PublicMaterial {
    /// Reads a `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7).
    pub(super) fn read(der: &[u8]) -> Result<Self, KeyError> {
        let spki = SubjectPublicKeyInfoRef::try_from(der)
            .map_err(|_| KeyError::malformed(PUBLIC_KEY, "it is no SubjectPublicKeyInfo"))?;
        (find_row(spki.algorithm.oid)?.read_public)(&spki)
    }

    /// Writes the one canonical `SubjectPublicKeyInfo`.
    pub(super) fn to_spki(&self) -> Result<Vec<u8>, KeyError> {
        use spki::EncodePublicKey;
        let document = match self {
            Self::Rsa(key) => key.to_public_key_der(),
            Self::Ed25519(key) => key.to_public_key_der(),
            Self::XWing(key) => xwing::write_public(key),
        };
        let document = document.map_err(|_| KeyError::malformed(PUBLIC_KEY, "cannot be encoded"));
        document.map(spki::Document::into_vec)
    }

    pub(super) const fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::Rsa(_) => KeyAlgorithm::Rsa,
            Self::Ed25519(_) => KeyAlgorithm::Ed25519,
            Self::XWing(_) => KeyAlgorithm::XWing,
        }
    }

    /// The length of the modulus, or of the seed.
    pub(super) fn bits(&self) -> usize {
        match self {
            Self::Rsa(key) => rsa::modulus_bits(key),
            Self::Ed25519(_) | Self::XWing(_) => 256,
        }
    }
}

pub(super) use ed25519::signing_key;
pub use key_algorithm::KeyAlgorithm;
pub(super) use rsa_private::RsaPrivate;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_algorithms_are_named() {
        let name = |oid| match find_row(ObjectIdentifier::new_unwrap(oid)) {
            Err(KeyError::UnsupportedAlgorithm(name)) => name,
            _ => panic!("{oid}"),
        };
        assert_eq!(name("1.2.840.10045.2.1"), "EC");
        assert_eq!(name("1.2.3.4"), "1.2.3.4");
    }

    #[test]
    fn oids_are_unique() {
        for (i, row) in ALGORITHMS.iter().enumerate() {
            assert!(ALGORITHMS[i + 1..].iter().all(|other| other.oid != row.oid));
        }
    }
}
