//! Type 1 with an RSA key in the token: it opens what anybody sealed for its public key.
//!
//! The token takes the padding off where it can. Where it knows OAEP with SHA-1 only, as SoftHSM 2.6 does, it does
//! the bare private-key operation (CKM_RSA_X_509), and [`oaep`](crate::oaep) the rest.

use std::sync::Arc;

use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use secimg::crypto::Cek;
use secimg::format::{KeyId, RecipientType, Salt};
use secimg::keys::{Identity, KeyAlgorithm, KeyError, PublicKey, UnwrapContext, key_id};
use zeroize::Zeroizing;

use crate::oaep;
use crate::public;
use crate::token::{Token, device, find, is_about_data, provider};

/// An RSA key pair in a token.
#[derive(Debug)]
pub struct TokenRsa {
    token: Arc<Token>,
    label: String,
    public: PublicKey,
}

impl TokenRsa {
    /// Reads the public key, for which no PIN is needed.
    pub fn find(token: Arc<Token>, label: String) -> Result<Self, KeyError> {
        let public = token.look(|session| public::key(session, &label))?;
        if public.algorithm() != KeyAlgorithm::Rsa {
            return Err(provider(format!(
                "{label} is no RSA key: it cannot open streams"
            )));
        }
        Ok(Self {
            token,
            label,
            public,
        })
    }
}

impl Identity for TokenRsa {
    fn kind(&self) -> RecipientType {
        RecipientType::RsaOaepSha256
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        key_id(salt, self.public.spki())
    }

    fn unwrap(&self, body: &[u8], _: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        self.token.work(|session| {
            let key = find(session, ObjectClass::PRIVATE_KEY, &self.label)?;
            decrypt(session, key, body)
        })
    }

    fn spki(&self) -> Option<&[u8]> {
        Some(self.public.spki())
    }
}

fn decrypt(session: &Session, key: ObjectHandle, body: &[u8]) -> Result<Option<Cek>, KeyError> {
    let parameters = PkcsOaepParams::new(
        MechanismType::SHA256,
        PkcsMgfType::MGF1_SHA256,
        PkcsOaepSource::empty(),
    );
    match session.decrypt(&Mechanism::RsaPkcsOaep(parameters), key, body) {
        Ok(plain) => Ok(Cek::from_slice(&Zeroizing::new(plain))),
        // Said of the parameters, before anything is decrypted.
        Err(Error::Pkcs11(
            RvError::ArgumentsBad | RvError::MechanismInvalid | RvError::MechanismParamInvalid,
            _,
        )) => decrypt_bare(session, key, body),
        Err(error) if is_about_data(session, &error) => Ok(None),
        Err(error) => Err(device(error)),
    }
}

fn decrypt_bare(
    session: &Session,
    key: ObjectHandle,
    body: &[u8],
) -> Result<Option<Cek>, KeyError> {
    match session.decrypt(&Mechanism::RsaX509, key, body) {
        Ok(number) => Ok(unpadded(number, body.len())),
        Err(error) if is_about_data(session, &error) => Ok(None),
        Err(error) => Err(device(error)),
    }
}

/// Reads a key out of the number that the private-key operation gave, which some modules give without leading zeros.
fn unpadded(number: Vec<u8>, modulus: usize) -> Option<Cek> {
    let number = Zeroizing::new(number);
    let mut encoded = Zeroizing::new(vec![0; modulus]);
    let start = modulus.checked_sub(number.len())?;
    encoded[start..].copy_from_slice(&number);
    oaep::decode(&encoded).and_then(|key| Cek::from_slice(&*key))
}
