//! AWS-LC: constant in time, and several times as fast as the `rsa` crate.
//!
//! What it allocates it wipes when it frees it. It holds a key twice, since it has a type for decrypting and another one
//! for signing.

use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::rsa::{
    KeyPair, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::signature::RSA_PSS_SHA256;
use zeroize::Zeroizing;

use crate::keys::algorithms::rsa::write_private;

/// A private key in AWS-LC's memory.
pub(super) struct AwsLc {
    decrypting: OaepPrivateDecryptingKey,
    signing: KeyPair,
}

impl AwsLc {
    /// Hands over a key that has passed this library's own checks, or says that AWS-LC has others.
    pub(super) fn new(key: &rsa::PrivateKey) -> Option<Self> {
        let der = write_private(key).ok()?;
        let decrypting = PrivateDecryptingKey::from_pkcs8(der.as_bytes()).ok()?;
        Some(Self {
            decrypting: OaepPrivateDecryptingKey::new(decrypting).ok()?,
            signing: KeyPair::from_pkcs8(der.as_bytes()).ok()?,
        })
    }

    /// Decrypts, with an empty label.
    pub(super) fn decrypt_oaep(&self, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut plain = Zeroizing::new(vec![0; self.decrypting.min_output_size()]);
        let decrypted =
            self.decrypting
                .decrypt(&OAEP_SHA256_MGF1SHA256, ciphertext, &mut plain, None);
        let len = decrypted.ok()?.len();
        plain.truncate(len);
        Some(plain)
    }

    /// Signs, with a salt as long as the hash.
    pub(super) fn sign_pss(&self, hash: &[u8; 32]) -> Option<Vec<u8>> {
        let digest = Digest::import_less_safe(hash, &SHA256).ok()?;
        let mut signature = vec![0; self.signing.public_modulus_len()];
        let signed = self
            .signing
            .sign_digest(&RSA_PSS_SHA256, &digest, &mut signature);
        signed.ok().map(|()| signature)
    }
}
