//! The recipient kinds of version 1 (SPEC section 4.1). To add one: a file that exports a row, and the
//! row here; `PublicKey::recipient` and `PrivateKey::identity` then find it.

mod kdf;
mod passphrase;
mod raw_key;
mod rsa_oaep;
mod xwing;

use core::fmt;
use std::sync::Arc;

pub use kdf::Kdf;
pub use passphrase::{Passphrase, PassphraseRecipient};
pub use raw_key::RawKeyRecipient;
pub use rsa_oaep::{RsaIdentity, RsaRecipient};
pub use xwing::{XWingIdentity, XWingRecipient};

use super::private::PrivateKey;
use super::public::PublicKey;
use super::traits::{Identity, Recipient};
use crate::format::RecipientType;

/// A recipient kind: a row of [`KINDS`].
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct RecipientKind {
    /// The type of its entries.
    pub kind: RecipientType,
    /// Makes a recipient of a public key, if keys of its algorithm are of this kind.
    pub recipient: fn(&PublicKey) -> Option<Arc<dyn Recipient>>,
    /// Makes an identity of a private key, if keys of its algorithm are of this kind.
    pub identity: fn(&PrivateKey) -> Option<Arc<dyn Identity>>,
}

impl fmt::Debug for RecipientKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())
    }
}

/// Every kind that this program seals for and opens. Type 5 is for implementations outside.
pub const KINDS: &[&RecipientKind] = &[
    &rsa_oaep::KIND,
    &xwing::KIND,
    &passphrase::KIND,
    &raw_key::KIND,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Cek, Key256, Random, system_rng};
    use crate::format::{Entry, Limits, RecipientsBlock};
    use crate::keys::{GenerateKind, SymmetricKey, UnwrapContext, WrapContext, fixtures};

    const SALT: [u8; 32] = [3; 32];

    type Pair = (Arc<dyn Recipient>, Arc<dyn Identity>);

    /// One recipient of each kind, with the identity that opens its entries.
    fn pairs() -> Vec<Pair> {
        let rsa = PrivateKey::from_pem(fixtures::RSA_2048, None).unwrap();
        let xwing = PrivateKey::generate(GenerateKind::XWing).unwrap();
        let passphrase = Arc::new(Passphrase::new("open sesame").unwrap());
        let kdf = Kdf::pbkdf2_hmac_sha256(600_000).unwrap();
        let recipient = PassphraseRecipient::new(Arc::clone(&passphrase)).with_kdf(kdf);
        let raw = SymmetricKey::new(Key256::init(|b| b.fill(5)));
        let raw = Arc::new(RawKeyRecipient::new(raw));
        vec![
            (rsa.public().recipient().unwrap(), rsa.identity().unwrap()),
            (
                xwing.public().recipient().unwrap(),
                xwing.identity().unwrap(),
            ),
            (Arc::new(recipient), passphrase),
            (Arc::<RawKeyRecipient>::clone(&raw), raw),
        ]
    }

    #[test]
    fn numbers_are_unique_and_every_row_has_a_test() {
        for (i, row) in KINDS.iter().enumerate() {
            assert!(KINDS[i + 1..].iter().all(|other| other.kind != row.kind));
            assert!(
                pairs()
                    .iter()
                    .any(|(recipient, _)| recipient.kind() == row.kind)
            );
        }
    }

    #[test]
    fn one_generator_gives_one_body() {
        let context = WrapContext::new(&SALT, &[4; 32]);
        let cek = Cek::init(|b| b.fill(1));
        for (recipient, _) in pairs() {
            let wrap = |from| {
                let mut rng = fixtures::Counting(from);
                recipient
                    .wrap(&cek, context, &mut Random::new(&mut rng))
                    .unwrap()
            };
            assert_eq!(wrap(7), wrap(7));
            assert_eq!(
                wrap(7) == wrap(8),
                recipient.kind() == RecipientType::RawKey
            );
        }
    }

    #[test]
    fn every_kind_opens_what_it_wrapped_and_nothing_else() {
        let (core_hash, limits) = ([4; 32], Limits::DEFAULT);
        let wrap = WrapContext::new(&SALT, &core_hash);
        let context = UnwrapContext::new(wrap, &limits);
        for (recipient, identity) in pairs() {
            let cek = Cek::init(|b| b.fill(0x77));
            let mut rng = system_rng();
            let body = recipient
                .wrap(&cek, wrap, &mut Random::new(&mut rng))
                .unwrap();
            assert_eq!(recipient.body_len(), Some(body.len()));
            assert_eq!(recipient.kind(), identity.kind());
            assert_eq!(recipient.key_id(&SALT), identity.key_id(&SALT));
            assert_ne!(recipient.key_id(&SALT), identity.key_id(&[4; 32]));
            assert_eq!(recipient.spki(), identity.spki());
            assert_eq!(
                recipient.is_post_quantum(),
                recipient.kind() == RecipientType::XWing
            );
            let entry = Entry::new(recipient.kind(), recipient.key_id(&SALT), body.clone());
            RecipientsBlock::build(&[entry]).expect("the body has the form of its type");

            let opened = identity.unwrap(&body, context).unwrap().unwrap();
            assert_eq!(opened.expose(), cek.expose());
            for at in [body.len() / 2, body.len() - 1] {
                let mut changed = body.clone();
                changed[at] ^= 1;
                assert!(identity.unwrap(&changed, context).unwrap().is_none());
            }
            for len in [0, 1, 39, body.len() - 1] {
                assert!(identity.unwrap(&body[..len], context).unwrap().is_none());
            }
            let longer = [body.as_slice(), &[0]].concat();
            assert!(identity.unwrap(&longer, context).unwrap().is_none());
        }
    }
}
