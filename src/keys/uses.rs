//! What a key can be: the tables of kinds and of signature algorithms, asked for one key.
//!
//! These stand above both, so that a row can take a key and a key's file needs no table.

use std::sync::Arc;

use super::error::KeyError;
use super::kinds::KINDS;
use super::private::PrivateKey;
use super::public::PublicKey;
use super::signers::{self, VerifyingKey};
use super::traits::{Identity, Recipient, Signer};

impl PublicKey {
    /// Makes the recipient to whom this key belongs.
    ///
    /// # Errors
    /// [`KeyError::WrongUse`] for a key that only verifies.
    pub fn recipient(&self) -> Result<Arc<dyn Recipient>, KeyError> {
        let recipient = KINDS.iter().find_map(|kind| (kind.recipient)(self));
        recipient.ok_or_else(|| self.algorithm().cannot("be a recipient; it can only sign"))
    }

    /// Makes the key that verifies signatures.
    ///
    /// # Errors
    /// [`KeyError::WrongUse`] for a key that only encrypts.
    pub fn verifying_key(&self) -> Result<VerifyingKey, KeyError> {
        VerifyingKey::new(self)
    }
}

impl PrivateKey {
    /// Makes the identity that opens streams sealed for this key.
    ///
    /// # Errors
    /// [`KeyError::WrongUse`] for a key that only signs.
    pub fn identity(&self) -> Result<Arc<dyn Identity>, KeyError> {
        let identity = KINDS.iter().find_map(|kind| (kind.identity)(self));
        identity.ok_or_else(|| {
            self.public()
                .algorithm()
                .cannot("open streams; it can only sign")
        })
    }

    /// Makes the signer of this key.
    ///
    /// # Errors
    /// [`KeyError::WrongUse`] for a key that only decrypts.
    pub fn signer(&self) -> Result<Arc<dyn Signer>, KeyError> {
        signers::signer(self)
    }
}
