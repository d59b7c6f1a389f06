//! Algorithm 1: RSASSA-PSS (RFC 8017 section 8.1) with SHA-256, MGF1-SHA-256 and a salt of 32 bytes.

use core::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{SignatureKind, fault};
use crate::content::SignatureAlgorithm;
use crate::crypto::Random;
use crate::keys::algorithms::{PrivateMaterial, PublicMaterial, RsaPrivate};
use crate::keys::error::KeyError;
use crate::keys::private::PrivateKey;
use crate::keys::public::PublicKey;
use crate::keys::traits::Signer;

/// The row.
pub(super) const KIND: SignatureKind = SignatureKind {
    algorithm: SignatureAlgorithm::RsaPssSha256,
    signer: |key| Some(Arc::new(RsaPssSigner::new(key)?)),
    fits: |key| matches!(key.material(), PublicMaterial::Rsa(_)),
    verifies,
};

/// An RSA key that signs.
pub struct RsaPssSigner {
    key: Arc<RsaPrivate>,
    spki: Arc<[u8]>,
}

impl RsaPssSigner {
    /// Takes an RSA key; there is none of another algorithm.
    #[must_use]
    pub fn new(key: &PrivateKey) -> Option<Self> {
        match key.material() {
            PrivateMaterial::Rsa(rsa) => Some(Self {
                key: Arc::clone(rsa),
                spki: key.public().shared_spki(),
            }),
            PrivateMaterial::Ed25519(_) | PrivateMaterial::XWing(_) => None,
        }
    }
}

impl Signer for RsaPssSigner {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RsaPssSha256
    }

    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn signature_len(&self) -> usize {
        self.key.size()
    }

    fn sign(&self, message: &[u8], rng: &mut Random<'_>) -> Result<Vec<u8>, KeyError> {
        let signature = self.key.sign_pss(&Sha256::digest(message).into(), rng)?;
        signature.ok_or_else(fault)
    }
}

impl fmt::Debug for RsaPssSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaPssSigner(..)")
    }
}

/// The crate holds the signature to the modulus length and the salt to 32 bytes.
fn verifies(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    match key.material() {
        PublicMaterial::Rsa(key) => key.pss_verify::<Sha256>(message, signature).is_ok(),
        PublicMaterial::Ed25519(_) | PublicMaterial::XWing(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::system_rng;
    use crate::keys::fixtures;
    use rsa::pkcs8::DecodePrivateKey;
    use rsa::signature::{RandomizedSigner, SignatureEncoding};

    #[test]
    fn other_salt_lengths_do_not_verify() {
        let key = PrivateKey::from_pem(fixtures::RSA_2048, None).unwrap();
        let pem = str::from_utf8(fixtures::RSA_2048).unwrap();
        let rsa = rsa::PrivateKey::from_pkcs8_pem(pem).unwrap();
        let verifier = key.public().verifying_key().unwrap();
        for (salt_len, verifies) in [
            (0, false),
            (20, false),
            (31, false),
            (32, true),
            (33, false),
            (222, false),
        ] {
            let signer = rsa::pss::SigningKey::<Sha256>::new_with_salt_len(rsa.clone(), salt_len);
            let signature = signer
                .try_sign_with_rng(&mut system_rng(), b"m")
                .unwrap()
                .to_vec();
            assert_eq!(
                verifier.verify(b"m", &signature).is_ok(),
                verifies,
                "{salt_len}"
            );
        }
    }

    #[test]
    fn signatures_are_randomised() {
        let key = PrivateKey::from_pem(fixtures::RSA_2048, None).unwrap();
        let sign = || {
            key.signer()
                .unwrap()
                .sign(b"m", &mut Random::system())
                .unwrap()
        };
        assert_ne!(sign(), sign());
    }
}
