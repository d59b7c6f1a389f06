//! Signatures with a key in the token: RSA-PSS with SHA-256 and a salt of 32 bytes, or Ed25519.

use std::sync::Arc;

use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::ObjectClass;
use secimg::content::SignatureAlgorithm;
use secimg::crypto::Random;
use secimg::keys::{KeyError, Signer, VerifyingKey};

use crate::public;
use crate::token::{Token, device, find, provider};

const SALT: u64 = 32;
const ED25519_LEN: usize = 64;

/// A key pair in a token that signs.
#[derive(Debug)]
pub struct TokenSigner {
    token: Arc<Token>,
    label: String,
    public: VerifyingKey,
}

impl TokenSigner {
    /// Reads the public key, for which no PIN is needed.
    pub fn find(token: Arc<Token>, label: String) -> Result<Self, KeyError> {
        let public = token.look(|session| public::key(session, &label))?;
        Ok(Self {
            token,
            label,
            public: VerifyingKey::new(&public)?,
        })
    }

    fn mechanism(&self) -> Result<Mechanism<'static>, KeyError> {
        match self.algorithm() {
            SignatureAlgorithm::RsaPssSha256 => Ok(Mechanism::Sha256RsaPkcsPss(PkcsPssParams {
                hash_alg: MechanismType::SHA256,
                mgf: PkcsMgfType::MGF1_SHA256,
                s_len: SALT.into(),
            })),
            SignatureAlgorithm::Ed25519 => Ok(Mechanism::Eddsa(EddsaParams::new(
                EddsaSignatureScheme::Pure,
            ))),
            _ => Err(provider("no mechanism for keys of this kind".to_owned())),
        }
    }
}

impl Signer for TokenSigner {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.public.algorithm()
    }

    fn spki(&self) -> &[u8] {
        self.public.public_key().spki()
    }

    fn signature_len(&self) -> usize {
        match self.algorithm() {
            SignatureAlgorithm::RsaPssSha256 => self.public.public_key().bits().div_ceil(8),
            _ => ED25519_LEN,
        }
    }

    /// Signs, and verifies what the token made before it leaves: a faulty signature can give a key away.
    fn sign(&self, message: &[u8], _: &mut Random<'_>) -> Result<Vec<u8>, KeyError> {
        let mechanism = self.mechanism()?;
        let signature = self.token.work(|session| {
            let key = find(session, ObjectClass::PRIVATE_KEY, &self.label)?;
            session.sign(&mechanism, key, message).map_err(device)
        })?;
        let verified = self.public.verify(message, &signature);
        verified.map_err(|_| provider("the token's signature does not verify".to_owned()))?;
        Ok(signature)
    }
}
