//! Secrets are types: on the heap, wiped on drop, compared in constant time, printed as nothing.

use core::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::error::RngFailed;
use super::random::Random;

/// `N` secret bytes.
///
/// They live in a box, so that moving the value moves a pointer and leaves no copy behind. There is
/// no `Clone`, no `PartialEq` and no `Debug` of the content.
pub struct Secret<const N: usize>(Box<[u8; N]>);

/// A 256-bit key.
pub type Key256 = Secret<32>;

/// A content encryption key: 32 random bytes for one stream only (SPEC section 5).
pub type Cek = Secret<32>;

impl<const N: usize> Secret<N> {
    /// Makes a secret by letting `fill` write it where it will stay.
    pub fn init(fill: impl FnOnce(&mut [u8; N])) -> Self {
        let mut secret = Self(Box::new([0; N]));
        fill(&mut secret.0);
        secret
    }

    /// Copies a secret out of `bytes` and wipes them.
    pub fn take(bytes: &mut [u8; N]) -> Self {
        let secret = Self::init(|own| own.copy_from_slice(bytes));
        bytes.zeroize();
        secret
    }

    /// Copies a secret out of a slice of exactly `N` bytes, or returns nothing.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == N).then(|| Self::init(|own| own.copy_from_slice(bytes)))
    }

    /// Draws a secret.
    ///
    /// # Errors
    /// [`RngFailed`].
    pub fn random(rng: &mut Random<'_>) -> Result<Self, RngFailed> {
        let mut secret = Self(Box::new([0; N]));
        rng.fill(secret.0.as_mut_slice())?;
        Ok(secret)
    }

    /// Returns the secret bytes. Keep the borrow short, and copy nothing that is not wiped.
    #[must_use]
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

/// More than what anything here that works with round keys takes of the stack, in words.
const STACK_WORDS: usize = 1024;

/// Calls `work`, and overwrites what it has left on the stack: round keys, for which a processor has too few registers. What
/// comes next on that part of the stack may be copied to the heap with the gaps between its fields, where it stays.
pub(super) fn clearing_stack<T>(work: impl FnOnce() -> T) -> T {
    let made = work();
    clear_stack();
    made
}

/// Not inlined, so that its frame begins where those of the calls before it did.
#[inline(never)]
fn clear_stack() {
    let mut below = [0_u64; STACK_WORDS];
    below.zeroize();
}

impl<const N: usize> ConstantTimeEq for Secret<N> {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.as_slice().ct_eq(other.0.as_slice())
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> ZeroizeOnDrop for Secret<N> {}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret<{N}>(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let secret = Secret::<32>::init(|b| b.fill(0xAB));
        assert_eq!(format!("{secret:?}"), "Secret<32>(..)");
    }

    #[test]
    fn taking_wipes_the_source() {
        let mut bytes = [7; 32];
        let secret = Secret::take(&mut bytes);
        assert_eq!((bytes, secret.expose()), ([0; 32], &[7; 32]));
    }

    #[test]
    fn only_the_exact_length_is_a_secret() {
        assert!(Secret::<32>::from_slice(&[0; 31]).is_none());
        assert!(Secret::<32>::from_slice(&[0; 33]).is_none());
        assert!(Secret::<32>::from_slice(&[0; 32]).is_some());
    }
}
