//! Type 4: a raw 256-bit key that both sides hold.
//!
//! ```text
//! body = AES-KW(key, CEK), 40 bytes            (RFC 3394, SP 800-38F section 6.2)
//! ```

use core::fmt;
use std::sync::Arc;

use super::RecipientKind;
use crate::crypto::{Cek, Random, WRAPPED_LEN, aes_kw_unwrap, aes_kw_wrap};
use crate::format::{KeyId, RecipientType, Salt};
use crate::keys::error::KeyError;
use crate::keys::key_id::key_id;
use crate::keys::symmetric::SymmetricKey;
use crate::keys::traits::{Identity, Recipient, UnwrapContext, WrapContext};

/// The row: no public-key algorithm makes these.
pub(super) const KIND: RecipientKind = RecipientKind {
    kind: RecipientType::RawKey,
    recipient: |_| None,
    identity: |_| None,
};

/// A symmetric key, as recipient and as identity at once.
#[derive(Clone)]
pub struct RawKeyRecipient {
    key: Arc<SymmetricKey>,
}

impl RawKeyRecipient {
    /// Takes a key, or one that is shared already.
    #[must_use]
    pub fn new(key: impl Into<Arc<SymmetricKey>>) -> Self {
        Self { key: key.into() }
    }
}

impl Recipient for RawKeyRecipient {
    fn kind(&self) -> RecipientType {
        RecipientType::RawKey
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        key_id(salt, self.key.expose())
    }

    fn wrap(&self, cek: &Cek, _: WrapContext<'_>, _: &mut Random<'_>) -> Result<Vec<u8>, KeyError> {
        Ok(aes_kw_wrap(self.key.as_key(), cek).to_vec())
    }

    fn body_len(&self) -> Option<usize> {
        Some(WRAPPED_LEN)
    }
}

impl Identity for RawKeyRecipient {
    fn kind(&self) -> RecipientType {
        RecipientType::RawKey
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        key_id(salt, self.key.expose())
    }

    fn unwrap(&self, body: &[u8], _: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        let wrapped = body.try_into().ok();
        Ok(wrapped.and_then(|wrapped| aes_kw_unwrap(self.key.as_key(), wrapped).ok()))
    }
}

impl fmt::Debug for RawKeyRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawKeyRecipient(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Key256;
    use crate::format::Limits;

    #[test]
    fn another_key_does_not_unwrap() {
        let recipient =
            |byte| RawKeyRecipient::new(SymmetricKey::new(Key256::init(|b| b.fill(byte))));
        let wrap = WrapContext::new(&[0; 32], &[0; 32]);
        let limits = Limits::DEFAULT;
        let context = UnwrapContext::new(wrap, &limits);
        let cek = Cek::init(|b| b.fill(9));
        let body = recipient(1)
            .wrap(&cek, wrap, &mut Random::system())
            .unwrap();
        assert_eq!(body.len(), 40);
        assert!(recipient(1).unwrap(&body, context).unwrap().is_some());
        assert!(recipient(2).unwrap(&body, context).unwrap().is_none());
    }
}
