//! Type 1: RSAES-OAEP (RFC 8017 section 7.1) with SHA-256, MGF1-SHA-256 and an empty label.
//!
//! ```text
//! body = OAEP(CEK), as long as the modulus
//! ```
//!
//! The label is empty because hardware modules take no other; the entry is bound by the block's MAC.

use core::fmt;
use std::sync::Arc;

use rsa::traits::PublicKeyParts;
use sha2::Sha256;

use super::RecipientKind;
use crate::crypto::{Cek, Random, RngFailed};
use crate::format::{KeyId, RecipientType, Salt};
use crate::keys::algorithms::{PrivateMaterial, PublicMaterial, RsaPrivate};
use crate::keys::error::KeyError;
use crate::keys::key_id::key_id;
use crate::keys::private::PrivateKey;
use crate::keys::public::PublicKey;
use crate::keys::traits::{Identity, Recipient, UnwrapContext, WrapContext};

/// The row.
pub(super) const KIND: RecipientKind = RecipientKind {
    kind: RecipientType::RsaOaepSha256,
    recipient: |key| Some(Arc::new(RsaRecipient::new(key)?)),
    identity: |key| Some(Arc::new(RsaIdentity::new(key)?)),
};

/// The public side of an RSA key.
#[derive(Clone)]
pub struct RsaRecipient {
    key: Arc<rsa::PublicKey>,
    spki: Arc<[u8]>,
}

impl RsaRecipient {
    /// Takes an RSA key; there is none of another algorithm.
    #[must_use]
    pub fn new(key: &PublicKey) -> Option<Self> {
        match key.material() {
            PublicMaterial::Rsa(rsa) => Some(Self {
                key: Arc::clone(rsa),
                spki: key.shared_spki(),
            }),
            PublicMaterial::Ed25519(_) | PublicMaterial::XWing(_) => None,
        }
    }
}

impl Recipient for RsaRecipient {
    fn kind(&self) -> RecipientType {
        RecipientType::RsaOaepSha256
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        key_id(salt, &self.spki)
    }

    fn wrap(
        &self,
        cek: &Cek,
        _: WrapContext<'_>,
        rng: &mut Random<'_>,
    ) -> Result<Vec<u8>, KeyError> {
        let wrapped = self
            .key
            .oaep_encrypt_with_rng::<Sha256, _>(rng, cek.expose());
        wrapped.map_err(|error| match error {
            rsa::Error::Rng => KeyError::Rng(RngFailed),
            _ => KeyError::RsaUnsound("it cannot encrypt"),
        })
    }

    fn body_len(&self) -> Option<usize> {
        Some(self.key.size())
    }

    fn spki(&self) -> Option<&[u8]> {
        Some(&self.spki)
    }
}

impl fmt::Debug for RsaRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaRecipient({} bits)", self.key.size() * 8)
    }
}

/// The private side of an RSA key.
pub struct RsaIdentity {
    key: Arc<RsaPrivate>,
    spki: Arc<[u8]>,
}

impl RsaIdentity {
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

impl Identity for RsaIdentity {
    fn kind(&self) -> RecipientType {
        RecipientType::RsaOaepSha256
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        key_id(salt, &self.spki)
    }

    /// Whatever is wrong with the body, also a content of another length, is the same `None`.
    fn unwrap(&self, body: &[u8], _: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        let plain = self.key.decrypt_oaep(body)?;
        Ok(plain.and_then(|plain| Cek::from_slice(&plain)))
    }

    fn spki(&self) -> Option<&[u8]> {
        Some(&self.spki)
    }
}

impl fmt::Debug for RsaIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaIdentity(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Limits;
    use crate::keys::fixtures;

    #[test]
    fn a_content_of_another_length_is_no_key() {
        let key = PrivateKey::from_pem(fixtures::RSA_2048, None).unwrap();
        let (public, identity) = (
            RsaRecipient::new(key.public()).unwrap(),
            key.identity().unwrap(),
        );
        let limits = Limits::DEFAULT;
        let context = UnwrapContext::new(WrapContext::new(&[0; 32], &[0; 32]), &limits);
        for (len, is_key) in [
            (0, false),
            (16, false),
            (31, false),
            (32, true),
            (33, false),
            (190, false),
        ] {
            let body = public.key.oaep_encrypt::<Sha256>(&vec![1; len]).unwrap();
            assert_eq!(
                identity.unwrap(&body, context).unwrap().is_some(),
                is_key,
                "{len}"
            );
        }
        for body in [vec![0; 256], vec![0xFF; 256], vec![0; 384]] {
            assert!(identity.unwrap(&body, context).unwrap().is_none());
        }
    }

    #[test]
    fn wrapping_follows_the_generator_and_has_the_modulus_length() {
        let cek = Cek::init(|b| b.fill(1));
        let context = WrapContext::new(&[0; 32], &[0; 32]);
        for (pem, len) in [(fixtures::RSA_2048_PUB, 256), (fixtures::RSA_3072_PUB, 384)] {
            let recipient = PublicKey::from_pem(pem).unwrap().recipient().unwrap();
            let wrap = || {
                recipient
                    .wrap(&cek, context, &mut Random::system())
                    .unwrap()
            };
            assert_eq!(wrap().len(), len);
            assert_ne!(wrap(), wrap());
        }
    }
}
