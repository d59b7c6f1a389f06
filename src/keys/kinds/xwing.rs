//! Type 2: X-Wing (draft-connolly-cfrg-xwing-kem), ML-KEM-768 (FIPS 203) together with X25519.
//!
//! ```text
//! body = ciphertext 1120 ‖ AES-KW(KEK, CEK)
//! KEK  = HKDF(salt: CORE's salt, input: the shared secret, info: "secimg/1 xwing" ‖ 00 ‖ core_hash)
//! ```

use core::convert::Infallible;
use core::fmt;
use std::sync::Arc;

use rand_core::{TryCryptoRng, TryRng, utils};
use x_wing::{
    CIPHERTEXT_SIZE, DecapsulationKeyRejectNonContrib, Encapsulate, EncapsulationKey, KeyInit,
    TryDecapsulate,
};

use super::RecipientKind;
use crate::crypto::{
    Cek, Key256, Random, RngFailed, WRAPPED_LEN, aes_kw_unwrap, aes_kw_wrap, xwing_kek,
};
use crate::format::{KeyId, RecipientType, Salt};
use crate::keys::algorithms::{PrivateMaterial, PublicMaterial};
use crate::keys::error::KeyError;
use crate::keys::key_id::key_id;
use crate::keys::private::PrivateKey;
use crate::keys::public::PublicKey;
use crate::keys::traits::{Identity, Recipient, UnwrapContext, WrapContext};

/// The row.
pub(super) const KIND: RecipientKind = RecipientKind {
    kind: RecipientType::XWing,
    recipient: |key| Some(Arc::new(XWingRecipient::new(key)?)),
    identity: |key| Some(Arc::new(XWingIdentity::new(key)?)),
};

/// The public side of an X-Wing key.
#[derive(Clone)]
pub struct XWingRecipient {
    key: Arc<EncapsulationKey>,
    spki: Arc<[u8]>,
}

impl XWingRecipient {
    /// Takes an X-Wing key; there is none of another algorithm.
    #[must_use]
    pub fn new(key: &PublicKey) -> Option<Self> {
        match key.material() {
            PublicMaterial::XWing(xwing) => Some(Self {
                key: Arc::clone(xwing),
                spki: key.shared_spki(),
            }),
            PublicMaterial::Rsa(_) | PublicMaterial::Ed25519(_) => None,
        }
    }
}

impl Recipient for XWingRecipient {
    fn kind(&self) -> RecipientType {
        RecipientType::XWing
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        key_id(salt, &self.spki)
    }

    fn wrap(
        &self,
        cek: &Cek,
        context: WrapContext<'_>,
        rng: &mut Random<'_>,
    ) -> Result<Vec<u8>, KeyError> {
        let mut rng = Remembering { rng, failed: false };
        let (ciphertext, mut shared) = self.key.encapsulate_with_rng(&mut rng);
        let shared = Key256::take(&mut shared.0);
        if rng.failed {
            return Err(RngFailed.into());
        }
        let kek = xwing_kek(context.salt, &shared, context.core_hash);
        Ok([ciphertext.as_slice(), &aes_kw_wrap(&kek, cek)].concat())
    }

    fn body_len(&self) -> Option<usize> {
        Some(CIPHERTEXT_SIZE + WRAPPED_LEN)
    }

    fn spki(&self) -> Option<&[u8]> {
        Some(&self.spki)
    }

    fn is_post_quantum(&self) -> bool {
        true
    }
}

impl fmt::Debug for XWingRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("XWingRecipient(..)")
    }
}

/// Encapsulation takes only generators that cannot fail: this one remembers that it did, and what was
/// made with its bytes is thrown away.
struct Remembering<'a, 'b> {
    rng: &'a mut Random<'b>,
    failed: bool,
}

impl TryRng for Remembering<'_, '_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.failed |= self.rng.fill(bytes).is_err();
        Ok(())
    }
}

impl TryCryptoRng for Remembering<'_, '_> {}

/// The private side of an X-Wing key.
pub struct XWingIdentity {
    seed: Arc<Key256>,
    spki: Arc<[u8]>,
}

impl XWingIdentity {
    /// Takes an X-Wing key; there is none of another algorithm.
    #[must_use]
    pub fn new(key: &PrivateKey) -> Option<Self> {
        match key.material() {
            PrivateMaterial::XWing(seed) => Some(Self {
                seed: Arc::clone(seed),
                spki: key.public().shared_spki(),
            }),
            PrivateMaterial::Rsa(_) | PrivateMaterial::Ed25519(_) => None,
        }
    }
}

impl Identity for XWingIdentity {
    fn kind(&self) -> RecipientType {
        RecipientType::XWing
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        key_id(salt, &self.spki)
    }

    /// Decapsulates and unwraps. A damaged ciphertext gives another secret, not an error (FIPS 203
    /// section 6.3, implicit rejection), so that the key wrap is what fails. A share of small order is
    /// refused before: everybody can see it, so this tells nobody anything.
    fn unwrap(&self, body: &[u8], context: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        let Some((ciphertext, wrapped)) = body.split_first_chunk::<CIPHERTEXT_SIZE>() else {
            return Ok(None);
        };
        let Ok(wrapped) = wrapped.try_into() else {
            return Ok(None);
        };
        let key = DecapsulationKeyRejectNonContrib::new(self.seed.expose().into());
        let Ok(mut shared) = key.try_decapsulate(ciphertext.into()) else {
            return Ok(None);
        };
        let shared = Key256::take(&mut shared.0);
        let kek = xwing_kek(context.wrap.salt, &shared, context.wrap.core_hash);
        Ok(aes_kw_unwrap(&kek, wrapped).ok())
    }

    fn spki(&self) -> Option<&[u8]> {
        Some(&self.spki)
    }
}

impl fmt::Debug for XWingIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("XWingIdentity(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::system_rng;
    use crate::format::Limits;
    use crate::keys::fixtures;

    fn key() -> PrivateKey {
        PrivateKey::from_pem(fixtures::XWING, None).unwrap()
    }

    #[test]
    fn the_wrapping_is_bound_to_the_stream_and_the_key() {
        let wrap = WrapContext::new(&[1; 32], &[2; 32]);
        let mut rng = system_rng();
        let recipient = XWingRecipient::new(key().public()).unwrap();
        let cek = Cek::init(|b| b.fill(9));
        let body = recipient
            .wrap(&cek, wrap, &mut Random::new(&mut rng))
            .unwrap();
        let limits = Limits::DEFAULT;
        let opens = |key: &PrivateKey, salt, core_hash| {
            let context = UnwrapContext::new(WrapContext::new(salt, core_hash), &limits);
            let identity = XWingIdentity::new(key).unwrap();
            identity.unwrap(&body, context).unwrap().is_some()
        };
        assert!(opens(&key(), &[1; 32], &[2; 32]));
        assert!(!opens(&key(), &[3; 32], &[2; 32]));
        assert!(!opens(&key(), &[1; 32], &[3; 32]));
        let other = PrivateKey::generate(crate::keys::GenerateKind::XWing).unwrap();
        assert!(!opens(&other, &[1; 32], &[2; 32]));
    }

    /// A generator that gives a while, and then nothing.
    struct Drained(usize);

    impl TryRng for Drained {
        type Error = fmt::Error;
        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            utils::next_word_via_fill(self)
        }
        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            utils::next_word_via_fill(self)
        }
        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(fmt::Error)?;
            bytes.fill(0x5A);
            Ok(())
        }
    }

    impl TryCryptoRng for Drained {}

    #[test]
    fn a_failing_generator_is_an_error() {
        let wrap = WrapContext::new(&[1; 32], &[2; 32]);
        let cek = Cek::init(|b| b.fill(9));
        let recipient = XWingRecipient::new(key().public()).unwrap();
        for (bytes, enough) in [(0, false), (32, false), (63, false), (64, true)] {
            let mut rng = Drained(bytes);
            let body = recipient.wrap(&cek, wrap, &mut Random::new(&mut rng));
            assert_eq!(body.is_ok(), enough, "{bytes}");
            assert!(enough || body == Err(KeyError::Rng(RngFailed)));
        }
    }
}
