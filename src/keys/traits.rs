//! The three traits that a key kind implements, inside this crate or outside it.

use core::fmt::Debug;

use super::error::KeyError;
use crate::content::SignatureAlgorithm;
use crate::crypto::{Cek, CoreHash, Random};
use crate::format::{KeyId, Limits, RecipientType, Salt};

/// What a recipient may bind its wrapping to.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct WrapContext<'a> {
    /// CORE's salt.
    pub salt: &'a Salt,
    /// The hash of CORE without its commitment.
    pub core_hash: &'a CoreHash,
}

impl<'a> WrapContext<'a> {
    /// Joins the two.
    #[must_use]
    pub const fn new(salt: &'a Salt, core_hash: &'a CoreHash) -> Self {
        Self { salt, core_hash }
    }
}

/// What an identity is given beside an entry's body.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct UnwrapContext<'a> {
    /// What the wrapping may be bound to.
    pub wrap: WrapContext<'a>,
    /// Bounds on what the entry may cost.
    pub limits: &'a Limits,
}

impl<'a> UnwrapContext<'a> {
    /// Joins the two.
    #[must_use]
    pub const fn new(wrap: WrapContext<'a>, limits: &'a Limits) -> Self {
        Self { wrap, limits }
    }
}

/// Somebody for whom a stream is sealed: the public side of a key.
pub trait Recipient: Debug + Send + Sync {
    /// Returns the type of the entries that [`Recipient::wrap`] makes.
    fn kind(&self) -> RecipientType;

    /// Returns the key id for a stream with this salt.
    fn key_id(&self, salt: &Salt) -> KeyId;

    /// Wraps the content encryption key and returns the entry's body, in the form of its type.
    ///
    /// # Errors
    /// [`KeyError`] when the key cannot be used or no randomness is to be had.
    fn wrap(
        &self,
        cek: &Cek,
        context: WrapContext<'_>,
        rng: &mut Random<'_>,
    ) -> Result<Vec<u8>, KeyError>;

    /// Returns the exact length of the body that [`Recipient::wrap`] makes, where it is known beforehand:
    /// [`sealed_size`](crate::sealed_size) needs it. Sealing fails when `wrap` then makes another length.
    fn body_len(&self) -> Option<usize> {
        None
    }

    /// Returns the canonical SPKI DER where there is one; signers list its hash as an intended recipient.
    fn spki(&self) -> Option<&[u8]> {
        None
    }

    /// Tells whether the wrapping is believed to withstand a quantum computer.
    fn is_post_quantum(&self) -> bool {
        false
    }
}

/// Somebody who can open streams: the private side of a key.
pub trait Identity: Debug + Send + Sync {
    /// Returns the type of the entries that this identity opens.
    fn kind(&self) -> RecipientType;

    /// Returns the key id for a stream with this salt. An entry with another id is never tried.
    fn key_id(&self, salt: &Salt) -> KeyId;

    /// Unwraps the body of an entry whose type and key id match.
    ///
    /// `Ok(None)` says that it did not unwrap; the caller goes on with a random key, so that nothing
    /// outside can tell this from a key that does not fit the stream.
    ///
    /// # Errors
    /// [`KeyError`] only for what does not depend on a secret: bounds exceeded, a device that is away.
    fn unwrap(&self, body: &[u8], context: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError>;

    /// Returns the canonical SPKI DER where there is one, to be looked for among the intended recipients.
    fn spki(&self) -> Option<&[u8]> {
        None
    }
}

/// Somebody who signs streams.
pub trait Signer: Debug + Send + Sync {
    /// Returns the algorithm.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// Returns the canonical SPKI DER of the public key.
    fn spki(&self) -> &[u8];

    /// Returns the length of every signature of this key, in bytes.
    fn signature_len(&self) -> usize;

    /// Signs a message. What is random in the signature comes from `rng`; where that is [`Random::system`], a signer may
    /// take another generator as good instead, such as a device's own.
    ///
    /// # Errors
    /// [`KeyError`] when the key or its device fails.
    fn sign(&self, message: &[u8], rng: &mut Random<'_>) -> Result<Vec<u8>, KeyError>;
}
