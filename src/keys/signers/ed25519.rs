//! Algorithm 2: Ed25519 (RFC 8032 section 5.1), verified strictly: no small orders, one encoding.

use core::fmt;
use std::sync::Arc;

use ed25519_dalek::{SIGNATURE_LENGTH, Signature, Signer as _};

use super::{SignatureKind, fault};
use crate::content::SignatureAlgorithm;
use crate::crypto::{Key256, Random};
use crate::keys::algorithms::{PrivateMaterial, PublicMaterial, signing_key};
use crate::keys::error::KeyError;
use crate::keys::private::PrivateKey;
use crate::keys::public::PublicKey;
use crate::keys::traits::Signer;

/// The row.
pub(super) const KIND: SignatureKind = SignatureKind {
    algorithm: SignatureAlgorithm::Ed25519,
    signer: |key| Some(Arc::new(Ed25519Signer::new(key)?)),
    fits: |key| matches!(key.material(), PublicMaterial::Ed25519(_)),
    verifies,
};

/// An Ed25519 key.
pub struct Ed25519Signer {
    seed: Arc<Key256>,
    spki: Arc<[u8]>,
}

impl Ed25519Signer {
    /// Takes an Ed25519 key; there is none of another algorithm.
    #[must_use]
    pub fn new(key: &PrivateKey) -> Option<Self> {
        match key.material() {
            PrivateMaterial::Ed25519(seed) => Some(Self {
                seed: Arc::clone(seed),
                spki: key.public().shared_spki(),
            }),
            PrivateMaterial::Rsa(_) | PrivateMaterial::XWing(_) => None,
        }
    }
}

impl Signer for Ed25519Signer {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Ed25519
    }

    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn signature_len(&self) -> usize {
        SIGNATURE_LENGTH
    }

    /// Signs; the generator is not needed. The signature is verified before it leaves: two signatures
    /// over one message, one of them faulty, would give the key away.
    fn sign(&self, message: &[u8], _: &mut Random<'_>) -> Result<Vec<u8>, KeyError> {
        let key = signing_key(&self.seed);
        let signature = key.try_sign(message).map_err(|_| fault())?;
        key.verifying_key()
            .verify_strict(message, &signature)
            .map_err(|_| fault())?;
        Ok(signature.to_bytes().to_vec())
    }
}

impl fmt::Debug for Ed25519Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519Signer(..)")
    }
}

fn verifies(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let PublicMaterial::Ed25519(key) = key.material() else {
        return false;
    };
    Signature::from_slice(signature).is_ok_and(|s| key.verify_strict(message, &s).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::fixtures::unhex;
    use crate::keys::{GenerateKind, pem};

    /// RFC 8032 section 7.1, TEST 2.
    #[test]
    fn rfc_8032_test_2() {
        let seed: [u8; 32] =
            unhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let header = unhex::<16>("302e020100300506032b657004220420");
        let pem = pem::encode("PRIVATE KEY", &[header.as_slice(), &seed].concat());
        let key = PrivateKey::from_pem(pem.as_bytes(), None).unwrap();
        let point: [u8; 32] =
            unhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert!(key.public().spki().ends_with(&point));
        let signature = key.signer().unwrap().sign(&[0x72], &mut Random::system());
        let expected: [u8; 64] = unhex(concat!(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ));
        assert_eq!(signature, Ok(expected.to_vec()));
    }

    /// S and S + L are the same to a lenient verifier; here there is one signature.
    #[test]
    fn a_signature_cannot_be_varied() {
        let key = PrivateKey::generate(GenerateKind::Ed25519).unwrap();
        let mut signature = key
            .signer()
            .unwrap()
            .sign(b"m", &mut Random::system())
            .unwrap();
        let order: [u8; 32] =
            unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        let mut carry = 0;
        for (byte, add) in signature[32..].iter_mut().zip(order) {
            carry += u16::from(*byte) + u16::from(add);
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        assert!(
            key.public()
                .verifying_key()
                .unwrap()
                .verify(b"m", &signature)
                .is_err()
        );
    }
}
