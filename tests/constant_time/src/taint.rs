//! Marks bytes as secret or public, and makes randomness that is secret.

use core::ffi::{c_int, c_void};

use rand_core::{TryCryptoRng, TryRng};
use secimg::crypto::{Cek, Random};
use secimg::format::{KeyId, RecipientType, Salt};
use secimg::keys::{Identity, KeyError, Recipient, UnwrapContext, WrapContext};

unsafe extern "C" {
    fn ct_secret(bytes: *const c_void, length: usize);
    fn ct_public(bytes: *const c_void, length: usize);
    fn ct_is_watched() -> c_int;
}

pub fn secret(bytes: &[u8]) {
    // SAFETY: the bytes are ours, and only valgrind's knowledge of them changes.
    unsafe { ct_secret(bytes.as_ptr().cast(), bytes.len()) }
}

pub fn public(bytes: &[u8]) {
    // SAFETY: as above.
    unsafe { ct_public(bytes.as_ptr().cast(), bytes.len()) }
}

pub fn is_watched() -> bool {
    // SAFETY: it takes nothing.
    unsafe { ct_is_watched() != 0 }
}

/// Makes what a computation returned public: it is sent in the clear, or is the answer.
pub fn published<T>(value: T) -> T {
    let start = (&raw const value).cast::<u8>();
    // SAFETY: the value's own bytes, padding too; none is read.
    unsafe { ct_public(start.cast(), size_of::<T>()) }
    value
}

/// Draws a salt that is public, and then secrets. The bytes are of no use to anybody else.
pub struct SecretRng {
    drawn: u64,
}

impl SecretRng {
    pub const fn new() -> Self {
        Self { drawn: 0 }
    }
}

impl TryRng for SecretRng {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for (at, byte) in (self.drawn..).zip(bytes.iter_mut()) {
            *byte = (at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8;
        }
        if self.drawn > 0 {
            secret(bytes);
        }
        self.drawn += bytes.len() as u64;
        Ok(())
    }
}

impl TryCryptoRng for SecretRng {}

/// A key whose outputs that stand in the clear are marked as public: key ids and wrapped keys.
#[derive(Debug)]
pub struct Published<T>(pub T);

impl<T: Recipient> Recipient for Published<T> {
    fn kind(&self) -> RecipientType {
        self.0.kind()
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        published(self.0.key_id(salt))
    }

    fn wrap(
        &self,
        cek: &Cek,
        context: WrapContext<'_>,
        rng: &mut Random<'_>,
    ) -> Result<Vec<u8>, KeyError> {
        let body = self.0.wrap(cek, context, rng)?;
        public(&body);
        Ok(body)
    }
}

impl<T: Identity> Identity for Published<T> {
    fn kind(&self) -> RecipientType {
        self.0.kind()
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        published(self.0.key_id(salt))
    }

    fn unwrap(&self, body: &[u8], context: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        self.0.unwrap(body, context)
    }
}
