//! The private-key operations of RSA: decryption with OAEP, signing with PSS; both with SHA-256, MGF1-SHA-256, and the
//! second with a salt of 32 bytes.
//!
//! They go to AWS-LC where it is compiled in (feature `aws-lc`) and takes the key, otherwise to the `rsa` crate. Keys are
//! read, checked and written by this library either way, so that the same ones are taken and refused.

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(test)]
#[cfg(feature = "aws-lc")]
mod tests;

use rsa::traits::PublicKeyParts;
use sha2::Sha256;
use zeroize::Zeroizing;

#[cfg(feature = "aws-lc")]
use self::aws_lc::AwsLc;
use crate::crypto::{Random, RngFailed};

/// A private key that has passed all checks, and what computes with it.
pub(in crate::keys) struct RsaPrivate {
    key: rsa::PrivateKey,
    /// Nothing where AWS-LC has bounds that this library does not have.
    #[cfg(feature = "aws-lc")]
    aws_lc: Option<AwsLc>,
}

impl RsaPrivate {
    /// Takes a key and converts it, once for all operations.
    pub(super) fn new(key: rsa::PrivateKey) -> Self {
        Self {
            #[cfg(feature = "aws-lc")]
            aws_lc: AwsLc::new(&key),
            key,
        }
    }

    /// The numbers, for writing.
    pub(super) const fn numbers(&self) -> &rsa::PrivateKey {
        &self.key
    }

    pub(in crate::keys) fn public(&self) -> &rsa::PublicKey {
        self.key.as_public_key()
    }

    /// The length of the modulus, of a ciphertext and of a signature, in bytes.
    pub(in crate::keys) fn size(&self) -> usize {
        self.key.size()
    }

    /// Decrypts, blinded. Whatever is wrong with the ciphertext is the same `None`: who could tell the cases apart would
    /// have Manger's oracle.
    pub(in crate::keys) fn decrypt_oaep(
        &self,
        ciphertext: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, RngFailed> {
        if ciphertext.len() != self.size() {
            return Ok(None);
        }
        #[cfg(feature = "aws-lc")]
        if let Some(key) = &self.aws_lc {
            return Ok(key.decrypt_oaep(ciphertext));
        }
        match self.key.oaep_decrypt::<Sha256>(ciphertext) {
            Ok(plain) => Ok(Some(Zeroizing::new(plain))),
            Err(rsa::Error::Rng) => Err(RngFailed),
            Err(_) => Ok(None),
        }
    }

    /// Signs a SHA-256 hash, blinded. The signature is verified before it leaves: one that a fault made wrong would give
    /// the factors away (Boneh, `DeMillo` and Lipton). `None` is such a fault.
    pub(in crate::keys) fn sign_pss(
        &self,
        hash: &[u8; 32],
        rng: &mut Random<'_>,
    ) -> Result<Option<Vec<u8>>, RngFailed> {
        let signature = self.sign_unverified(hash, rng)?;
        Ok(signature.filter(|signature| {
            let verified = self.public().pss_verify_prehash::<Sha256>(hash, signature);
            verified.is_ok()
        }))
    }

    /// AWS-LC draws salts from its own generator, so it signs only where the caller brought none.
    fn sign_unverified(
        &self,
        hash: &[u8; 32],
        rng: &mut Random<'_>,
    ) -> Result<Option<Vec<u8>>, RngFailed> {
        #[cfg(feature = "aws-lc")]
        if let (Some(key), true) = (&self.aws_lc, rng.is_system()) {
            return Ok(key.sign_pss(hash));
        }
        match self.key.pss_sign_prehash_with_rng::<Sha256, _>(rng, hash) {
            Ok(signature) => Ok(Some(signature)),
            Err(rsa::Error::Rng) => Err(RngFailed),
            Err(_) => Ok(None),
        }
    }
}
