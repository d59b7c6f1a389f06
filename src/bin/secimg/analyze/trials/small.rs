//! A stream of a few bytes, to which everything is done that can be done to all of it.

use core::fmt;
use std::sync::Arc;

use secimg::crypto::{Cek, Suite};
use secimg::format::{KeyId, RecipientType, Salt};
use secimg::keys::{Identity, KeyError, RawKeyRecipient, SymmetricKey, UnwrapContext};
use secimg::{Image, OpenOptions, SealOptions, decrypt};

use super::super::sealed::{Tape, seal};
use super::Trial;
use crate::exit::Failure;

const KEY_BITS: usize = 256;

/// A stream of a few bytes, and what opens it.
pub(super) struct Small {
    suite: &'static Suite,
    key: Arc<SymmetricKey>,
    tape: Tape,
    sealed: Vec<u8>,
}

/// Whoever holds a content encryption key, right or wrong, and claims to be the recipient.
struct Claimant {
    as_whom: RawKeyRecipient,
    key: [u8; 32],
}

impl fmt::Debug for Claimant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claimant(..)")
    }
}

impl Identity for Claimant {
    fn kind(&self) -> RecipientType {
        Identity::kind(&self.as_whom)
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        Identity::key_id(&self.as_whom, salt)
    }

    fn unwrap(&self, _: &[u8], _: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        Ok(Some(Cek::init(|key| *key = self.key)))
    }
}

impl Small {
    const IMAGE: &[u8] = b"P5 4 2 255 \x00\x20\x40\x60\x80\xA0\xC0\xE0";

    pub(super) fn seal(suite: &'static Suite) -> Result<Self, Failure> {
        let (key, tape) = (Arc::new(SymmetricKey::generate()?), Tape::draw()?);
        let options = SealOptions::new()
            .suite(suite)
            .recipient(Arc::new(RawKeyRecipient::new(key.clone())));
        Ok(Self {
            suite,
            sealed: seal(&Image::new(Self::IMAGE), &options, &tape)?,
            key,
            tape,
        })
    }

    fn right_key(&self) -> OpenOptions {
        OpenOptions::new().identity(Arc::new(RawKeyRecipient::new(self.key.clone())))
    }

    fn claiming(&self, key: [u8; 32]) -> OpenOptions {
        let as_whom = RawKeyRecipient::new(self.key.clone());
        OpenOptions::new().identity(Arc::new(Claimant { as_whom, key }))
    }

    fn trial(&self, what: &'static str, tried: usize, held: usize) -> Trial {
        Trial {
            suite: self.suite.short_name,
            what,
            tried,
            held,
            text: None,
        }
    }

    /// Without this all that follows would say nothing.
    pub(super) fn is_opened(&self) -> Trial {
        let right = [self.right_key(), self.claiming(self.tape.key())];
        let opens = |options: &&OpenOptions| {
            decrypt(&self.sealed, options).is_ok_and(|opened| opened.images[0].bytes == Self::IMAGE)
        };
        let held = right.iter().filter(opens).count();
        self.trial("the right key opens it", right.len(), held)
    }

    pub(super) fn bits_flipped(&self) -> Trial {
        let (options, bits) = (self.right_key(), self.sealed.len() * 8);
        let mut changed = self.sealed.clone();
        let mut refused = 0;
        for bit in 0..bits {
            changed[bit / 8] ^= 1 << (bit % 8);
            refused += usize::from(decrypt(&changed, &options).is_err());
            changed[bit / 8] ^= 1 << (bit % 8);
        }
        self.trial("one bit flipped, each in turn: refused", bits, refused)
    }

    pub(super) fn cut_short(&self) -> Trial {
        let options = self.right_key();
        let cuts = 0..self.sealed.len();
        let refused = cuts.filter(|len| decrypt(&self.sealed[..*len], &options).is_err());
        self.trial(
            "cut at each length: refused",
            self.sealed.len(),
            refused.count(),
        )
    }

    /// With all content encryption keys that differ from the right one in one bit, and with another context.
    pub(super) fn content_keys(&self) -> Trial {
        let wrong =
            (0..KEY_BITS).map(|bit| self.claiming(self.tape.with_key_bit_changed(bit).key()));
        let context = self.right_key().context(b"another");
        self.with_one_text(
            "content key with one bit changed, or another context: refused, in the same words",
            wrong.chain([context]),
        )
    }

    /// With all of the recipient's keys that differ from the right one in one bit.
    pub(super) fn recipients_keys(&self) -> Result<Trial, Failure> {
        let changed = |bit: usize| {
            let mut key = *self.key.expose();
            key[bit / 8] ^= 1 << (bit % 8);
            SymmetricKey::from_file_bytes(&key)
        };
        let wrong: Result<Vec<_>, _> = (0..KEY_BITS).map(changed).collect();
        let wrong = wrong?.into_iter().map(RawKeyRecipient::new);
        Ok(self.with_one_text(
            "recipient's key with one bit changed: refused, in the same words",
            wrong.map(|key| OpenOptions::new().identity(Arc::new(key))),
        ))
    }

    /// Counts as refused only what was refused in the words of the first refusal.
    fn with_one_text(&self, what: &'static str, wrong: impl Iterator<Item = OpenOptions>) -> Trial {
        let texts: Vec<_> = wrong
            .map(|options| {
                decrypt(&self.sealed, &options)
                    .err()
                    .map(|error| error.to_string())
            })
            .collect();
        let first = texts.first().cloned().flatten();
        let held = texts
            .iter()
            .filter(|text| text.is_some() && **text == first)
            .count();
        let mut trial = self.trial(what, texts.len(), held);
        trial.text = first;
        trial
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secimg::crypto::SUITES;

    #[test]
    fn only_refusals_in_one_text_count() {
        let small = Small::seal(SUITES[0]).unwrap();
        // A right key among the wrong ones, and two kinds of refusal, are no one text.
        let mixed = [
            small.claiming([1; 32]),
            small.right_key(),
            OpenOptions::new(),
            small.claiming([2; 32]),
        ];
        let trial = small.with_one_text("", mixed.into_iter());
        assert_eq!((trial.tried, trial.held), (4, 2));
    }
}
