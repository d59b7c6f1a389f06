//! Entries of the recipient block, for the second writer.

use aes_kw::{KeyInit, KwAes256};
use rsa::pkcs8::DecodePublicKey;
use sha2::Sha256;
use x_wing::Encapsulate;

use super::close::pem_der;
use super::make::{Keys, Maker, hmac, sha256};
use super::rng::TestRng;
use super::script::Who;

/// An entry with everything given.
pub(crate) fn entry(kind: u16, key_id: [u8; 16], body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    [&kind.to_be_bytes()[..], &key_id, &length, body].concat()
}

pub(crate) fn key_id(salt: &[u8; 32], material: &[u8]) -> [u8; 16] {
    let hash = sha256(&[b"secimg/1 key id", &salt[..], material].concat());
    hash[..16].try_into().unwrap()
}

/// AES key wrap.
pub(crate) fn wrap(kek: &[u8; 32], cek: &[u8; 32]) -> Vec<u8> {
    let mut out = [0; 40];
    KwAes256::new(kek.into()).wrap_key(cek, &mut out).unwrap();
    out.to_vec()
}

pub(crate) fn oaep(file: &str, plain: &[u8], rng: &mut TestRng) -> Vec<u8> {
    let key = rsa::PublicKey::from_public_key_der(&pem_der(file)).unwrap();
    key.oaep_encrypt_with_rng::<Sha256, _>(rng, plain).unwrap()
}

/// Encapsulates for a public key file: ciphertext and shared secret.
pub(crate) fn encapsulate(file: &str, rng: &mut TestRng) -> (Vec<u8>, [u8; 32]) {
    let spki = pem_der(file);
    let key = x_wing::EncapsulationKey::try_from(&spki[spki.len() - 1216..]).unwrap();
    let (ciphertext, shared) = key.encapsulate_with_rng(rng);
    (ciphertext.to_vec(), shared.into())
}

/// The key that wraps for X-Wing: HKDF, whose output is one block here.
pub(crate) fn xwing_kek(keys: &Keys, shared: &[u8; 32]) -> [u8; 32] {
    let info = [b"secimg/1 xwing\0", &keys.core_hash[..], &[1]].concat();
    hmac(&hmac(&keys.salt, shared), &info)
}

/// The parameters of Argon2id as they stand in a body.
pub(crate) fn argon2id(memory_kib: u32, passes: u32, lanes: u32) -> Vec<u8> {
    [
        &[1][..],
        &[memory_kib, passes, lanes].map(u32::to_be_bytes).concat(),
    ]
    .concat()
}

/// The parameters of PBKDF2 as they stand in a body.
pub(crate) fn pbkdf2(iterations: u32) -> Vec<u8> {
    [&[2][..], &iterations.to_be_bytes()].concat()
}

fn derive(who: &Who, salt: &[u8; 16]) -> [u8; 32] {
    let mut key = [0; 32];
    match who {
        Who::Argon2id {
            memory_kib,
            passes,
            lanes,
            text,
        } => {
            let params = argon2::Params::new(*memory_kib, *passes, *lanes, Some(32)).unwrap();
            argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
                .hash_password_into(Who::normal(text).as_bytes(), salt, &mut key)
                .unwrap();
        }
        Who::Pbkdf2 { iterations, text } => {
            let text = Who::normal(text);
            pbkdf2::pbkdf2_hmac::<Sha256>(text.as_bytes(), salt, *iterations, &mut key);
        }
        Who::Raw(_) | Who::Rsa(_) | Who::XWing(_) => panic!("{who:?} derives no key"),
    }
    key
}

impl Maker {
    /// Adds the entry of a recipient.
    pub(crate) fn add(&mut self, who: &Who) {
        let (salt, cek) = (self.keys.salt, self.keys.cek);
        let entry = match who {
            Who::Raw(key) => entry(4, key_id(&salt, key), &wrap(key, &cek)),
            Who::Rsa(file) => {
                let body = oaep(file, &cek, &mut self.rng);
                entry(1, key_id(&salt, &pem_der(file)), &body)
            }
            Who::XWing(file) => {
                let (ciphertext, shared) = encapsulate(file, &mut self.rng);
                let wrapped = wrap(&xwing_kek(&self.keys, &shared), &cek);
                let body = [ciphertext, wrapped].concat();
                entry(2, key_id(&salt, &pem_der(file)), &body)
            }
            Who::Argon2id {
                memory_kib,
                passes,
                lanes,
                ..
            } => self.passphrase(who, argon2id(*memory_kib, *passes, *lanes)),
            Who::Pbkdf2 { iterations, .. } => self.passphrase(who, pbkdf2(*iterations)),
        };
        self.entries.push(entry);
    }

    fn passphrase(&mut self, who: &Who, parameters: Vec<u8>) -> Vec<u8> {
        let salt = self.rng.take();
        let wrapped = wrap(&derive(who, &salt), &self.keys.cek);
        let body = [parameters, salt.to_vec(), wrapped].concat();
        entry(3, key_id(&self.keys.salt, b""), &body)
    }
}
