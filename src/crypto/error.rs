//! The failures of this floor. What depends on a secret says one thing only.

use thiserror::Error;

/// Something was not made with the key at hand: a wrong key, passphrase or context, or changed bytes.
///
/// Deliberately without detail: which check failed is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not authentic: the key, passphrase or context is wrong, or the stream was changed")]
#[expect(
    clippy::exhaustive_structs,
    reason = "it says one thing and has nothing to add"
)]
pub struct Unauthentic;

/// The random number generator gave no bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the random number generator failed")]
#[expect(
    clippy::exhaustive_structs,
    reason = "it says one thing and has nothing to add"
)]
pub struct RngFailed;

/// What sealing can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// See [`Unauthentic`].
    #[error(transparent)]
    Unauthentic(#[from] Unauthentic),
    /// See [`RngFailed`].
    #[error(transparent)]
    Rng(#[from] RngFailed),
}
