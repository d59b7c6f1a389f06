//! Type 3: a passphrase, alone in its block.
//!
//! ```text
//! body = kdf u8 ‖ parameters ‖ salt 16 ‖ AES-KW(derived key, CEK) 40
//! ```
//!
//! The key id is over nothing but the stream's salt: a passphrase must not be searchable for less than
//! a key derivation.

use core::fmt;
use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use zeroize::Zeroizing;

use super::RecipientKind;
use super::kdf::{Kdf, SALT_LEN};
use crate::crypto::{Cek, Random, WRAPPED_LEN, aes_kw_unwrap, aes_kw_wrap};
use crate::format::{KeyId, Limits, Reader, RecipientType, Salt, Writer};
use crate::keys::error::KeyError;
use crate::keys::key_id::key_id;
use crate::keys::traits::{Identity, Recipient, UnwrapContext, WrapContext};

/// The row: no public-key algorithm makes these.
pub(super) const KIND: RecipientKind = RecipientKind {
    kind: RecipientType::Passphrase,
    recipient: |_| None,
    identity: |_| None,
};

/// The longest passphrase, in bytes of its normal form.
const MAX_LEN: usize = 1024;

/// A passphrase: UTF-8 in Unicode normal form C, so that every keyboard's *é* is the same.
///
/// It is the identity that opens streams; [`PassphraseRecipient`] seals them.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a passphrase, which is neither trimmed nor judged.
    ///
    /// # Errors
    /// [`KeyError::BadPassphrase`] for one that is empty or longer than 1024 bytes.
    pub fn new(text: &str) -> Result<Self, KeyError> {
        if text.is_empty() {
            return Err(KeyError::BadPassphrase("is empty"));
        }
        // Room for all of it at once: a string that grows leaves copies behind.
        let mut normal = Zeroizing::new(String::with_capacity(MAX_LEN));
        let fits = if is_nfc_quick(text.chars()) == IsNormalized::Yes {
            text.chars().all(|c| push(&mut normal, c))
        } else {
            text.nfc().all(|c| push(&mut normal, c))
        };
        if !fits {
            return Err(KeyError::BadPassphrase("is longer than 1024 bytes"));
        }
        Ok(Self(normal))
    }

    /// Takes the content of a passphrase file, which loses one newline at its end.
    ///
    /// # Errors
    /// [`KeyError::BadPassphrase`] as [`Passphrase::new`], and for what is not UTF-8.
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let line = bytes
            .strip_suffix(b"\n")
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let text = core::str::from_utf8(line.unwrap_or(bytes));
        Self::new(text.map_err(|_| KeyError::BadPassphrase("is not UTF-8"))?)
    }

    /// Returns the normal form, to be used and not to be kept.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

fn push(text: &mut String, c: char) -> bool {
    let fits = text.len() + c.len_utf8() <= MAX_LEN;
    if fits {
        text.push(c);
    }
    fits
}

impl Identity for Passphrase {
    fn kind(&self) -> RecipientType {
        RecipientType::Passphrase
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        key_id(salt, &[])
    }

    fn unwrap(&self, body: &[u8], context: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        let Some((kdf, salt, wrapped)) = parse(body) else {
            return Ok(None);
        };
        kdf.check(context.limits)?;
        let key = kdf.derive(self.0.as_bytes(), &salt)?;
        Ok(aes_kw_unwrap(&key, &wrapped).ok())
    }
}

fn parse(body: &[u8]) -> Option<(Kdf, [u8; SALT_LEN], [u8; WRAPPED_LEN])> {
    let mut reader = Reader::new(body, 0);
    let kdf = Kdf::read(&mut reader)?;
    let (salt, wrapped) = (reader.array().ok()?, reader.array().ok()?);
    reader.rest().is_empty().then_some((kdf, salt, wrapped))
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// Seals for who knows a passphrase. It can be the only recipient of its stream.
#[derive(Clone, Debug)]
pub struct PassphraseRecipient {
    passphrase: Arc<Passphrase>,
    kdf: Kdf,
}

impl PassphraseRecipient {
    /// Takes a passphrase, or one that is shared already, with the default [`Kdf`].
    #[must_use]
    pub fn new(passphrase: impl Into<Arc<Passphrase>>) -> Self {
        Self {
            passphrase: passphrase.into(),
            kdf: Kdf::default(),
        }
    }

    /// Takes another key derivation.
    #[must_use]
    pub const fn with_kdf(mut self, kdf: Kdf) -> Self {
        self.kdf = kdf;
        self
    }
}

impl Recipient for PassphraseRecipient {
    fn kind(&self) -> RecipientType {
        RecipientType::Passphrase
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        self.passphrase.key_id(salt)
    }

    fn wrap(
        &self,
        cek: &Cek,
        _: WrapContext<'_>,
        rng: &mut Random<'_>,
    ) -> Result<Vec<u8>, KeyError> {
        self.kdf.check(&Limits::DEFAULT)?;
        let salt = rng.array()?;
        let key = self.kdf.derive(self.passphrase.0.as_bytes(), &salt)?;
        let mut out = Writer::new();
        self.kdf.write(&mut out);
        out.bytes(&salt).bytes(&aes_kw_wrap(&key, cek));
        Ok(out.finish())
    }

    fn body_len(&self) -> Option<usize> {
        let mut parameters = Writer::new();
        self.kdf.write(&mut parameters);
        Some(parameters.len() + SALT_LEN + WRAPPED_LEN)
    }
}

#[cfg(test)]
mod tests;
