//! Whom a reader trusts: its own policy, never a word of the stream.

use std::collections::BTreeSet;

use super::fingerprint::Fingerprint;
use super::public::PublicKey;

/// A set of public keys. A signature counts when it is one of theirs: "a signer of this set".
///
/// ```
/// use secimg::keys::{GenerateKind, PrivateKey, TrustedSigners};
///
/// let alice = PrivateKey::generate(GenerateKind::Ed25519)?.public().clone();
/// let trusted: TrustedSigners = [&alice].into_iter().collect();
/// assert!(trusted.contains_spki(alice.spki()));
/// # Ok::<(), secimg::keys::KeyError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedSigners {
    spkis: BTreeSet<Box<[u8]>>,
}

impl TrustedSigners {
    /// Makes the empty set, which trusts nobody.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            spkis: BTreeSet::new(),
        }
    }

    /// Adds a key. A key that is there already changes nothing.
    pub fn add(&mut self, key: &PublicKey) {
        self.spkis.insert(key.spki().into());
    }

    /// Tells whether the key with this canonical SPKI DER is in the set.
    #[must_use]
    pub fn contains_spki(&self, spki: &[u8]) -> bool {
        self.spkis.contains(spki)
    }

    /// Tells whether nobody is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spkis.is_empty()
    }

    /// Returns the number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spkis.len()
    }

    /// Lists the keys' fingerprints, for reports.
    pub fn fingerprints(&self) -> impl Iterator<Item = Fingerprint> {
        self.spkis.iter().map(|spki| Fingerprint::of_spki(spki))
    }
}

impl<'a> Extend<&'a PublicKey> for TrustedSigners {
    fn extend<I: IntoIterator<Item = &'a PublicKey>>(&mut self, keys: I) {
        keys.into_iter().for_each(|key| self.add(key));
    }
}

impl<'a> FromIterator<&'a PublicKey> for TrustedSigners {
    fn from_iter<I: IntoIterator<Item = &'a PublicKey>>(keys: I) -> Self {
        let mut set = Self::new();
        set.extend(keys);
        set
    }
}

impl FromIterator<PublicKey> for TrustedSigners {
    fn from_iter<I: IntoIterator<Item = PublicKey>>(keys: I) -> Self {
        let mut set = Self::new();
        keys.into_iter().for_each(|key| set.add(&key));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::fixtures;

    #[test]
    fn only_members_are_trusted() {
        let rsa = PublicKey::from_pem(fixtures::RSA_2048_PUB).unwrap();
        let ed25519 = PublicKey::from_pem(fixtures::ED25519_PUB).unwrap();
        let mut set = TrustedSigners::new();
        assert!(set.is_empty() && !set.contains_spki(rsa.spki()));
        set.add(&rsa);
        set.add(&rsa);
        assert_eq!(set.len(), 1);
        assert!(set.contains_spki(rsa.spki()) && !set.contains_spki(ed25519.spki()));
        assert!(!set.contains_spki(&rsa.spki()[..293]));
        set.extend([&ed25519]);
        assert_eq!(set, [rsa, ed25519].into_iter().collect());
        assert_eq!(set.fingerprints().count(), 2);
    }
}
