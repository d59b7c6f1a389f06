//! CLOSE and signatures, for the second writer.

use base64ct::{Base64, Encoding};
use ed25519_dalek::Signer;
use rsa::pkcs8::DecodePrivateKey;
use rsa::signature::{RandomizedSigner, SignatureEncoding};
use sha2::{Digest, Sha256, Sha512};

use super::file::key_file;
use super::make::sha256;
use super::records::record;
use super::rng::TestRng;

/// A CLOSE record in its parts.
#[derive(Debug, Clone)]
pub(crate) struct Close {
    pub(crate) index_offset: u64,
    /// 0 leaves out all that belongs to a signature.
    pub(crate) algorithm: u8,
    pub(crate) time: u64,
    pub(crate) spki: Vec<u8>,
    pub(crate) intended: Vec<[u8; 32]>,
    pub(crate) signature: Vec<u8>,
    /// The length at the end, where it shall not be the right one.
    pub(crate) closing_length: Option<u32>,
}

impl Close {
    pub(crate) const fn unsigned(index_offset: u64) -> Self {
        Self {
            index_offset,
            algorithm: 0,
            time: 0,
            spki: Vec::new(),
            intended: Vec::new(),
            signature: Vec::new(),
            closing_length: None,
        }
    }

    /// A CLOSE that `key` is going to sign.
    pub(crate) fn by(key: &SignKey, index_offset: u64) -> Self {
        Self {
            algorithm: key.algorithm,
            time: 1_800_000_000,
            spki: key.spki.clone(),
            signature: vec![0; key.signature_len],
            ..Self::unsigned(index_offset)
        }
    }

    /// Names the intended recipients by their public key files.
    pub(crate) fn meant_for(mut self, files: &[&str]) -> Self {
        self.intended = files.iter().map(|file| sha256(&pem_der(file))).collect();
        self.intended.sort_unstable();
        self
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut body = self.index_offset.to_be_bytes().to_vec();
        body.push(self.algorithm);
        if self.algorithm != 0 {
            body.extend_from_slice(&self.time.to_be_bytes());
            prefixed(&mut body, &self.spki);
            body.push(u8::try_from(self.intended.len()).unwrap());
            body.extend_from_slice(&self.intended.concat());
            prefixed(&mut body, &self.signature);
        }
        let whole = u32::try_from(8 + body.len() + 4).unwrap();
        body.extend_from_slice(&self.closing_length.unwrap_or(whole).to_be_bytes());
        record(6, &body)
    }
}

fn prefixed(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u16::try_from(bytes.len()).unwrap().to_be_bytes());
    out.extend_from_slice(bytes);
}

/// A private key that signs.
pub(crate) struct SignKey {
    pub(crate) algorithm: u8,
    pub(crate) spki: Vec<u8>,
    pub(crate) signature_len: usize,
    secret: Secret,
    /// Of RSASSA-PSS.
    pub(crate) salt_len: usize,
}

enum Secret {
    Rsa(rsa::PrivateKey),
    Ed25519(ed25519_dalek::SigningKey),
}

impl SignKey {
    /// Reads `NAME.pem` and `NAME.pub`.
    pub(crate) fn read(name: &str) -> Self {
        let der = pem_der(&format!("{name}.pem"));
        let spki = pem_der(&format!("{name}.pub"));
        let (algorithm, secret, signature_len) = if name.contains("ed25519") {
            let key = ed25519_dalek::SigningKey::from_pkcs8_der(&der).unwrap();
            (2, Secret::Ed25519(key), 64)
        } else {
            let key = rsa::PrivateKey::from_pkcs8_der(&der).unwrap();
            let len = rsa::traits::PublicKeyParts::size(&key);
            (1, Secret::Rsa(key), len)
        };
        Self {
            algorithm,
            spki,
            signature_len,
            secret,
            salt_len: 32,
        }
    }

    /// The secret scalar of an Ed25519 key (RFC 8032 section 5.1.5), little-endian.
    pub(crate) fn ed25519_scalar(&self) -> [u8; 32] {
        let Secret::Ed25519(key) = &self.secret else {
            panic!("not an Ed25519 key");
        };
        let mut scalar: [u8; 32] = Sha512::digest(key.to_bytes())[..32].try_into().unwrap();
        scalar[0] &= 0xF8;
        scalar[31] = scalar[31] & 0x7F | 0x40;
        scalar
    }

    pub(crate) fn sign(&self, message: &[u8], rng: &mut TestRng) -> Vec<u8> {
        match &self.secret {
            Secret::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Secret::Rsa(key) => {
                let key =
                    rsa::pss::SigningKey::<Sha256>::new_with_salt_len(key.clone(), self.salt_len);
                key.try_sign_with_rng(rng, message).unwrap().to_vec()
            }
        }
    }
}

/// The DER inside a key file.
pub(crate) fn pem_der(file: &str) -> Vec<u8> {
    let text = String::from_utf8(key_file(file)).unwrap();
    let body = text
        .lines()
        .skip_while(|line| !line.starts_with("-----"))
        .skip(1);
    let base64: String = body.take_while(|line| !line.starts_with("-----")).collect();
    Base64::decode_vec(&base64).unwrap()
}
