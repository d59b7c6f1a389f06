//! The signature algorithms of version 1 (SPEC section 8). To add one: a file that exports a row, and
//! the row here; `PrivateKey::signer` and [`VerifyingKey`] then find it.

mod ed25519;
mod rsa_pss;

use std::sync::Arc;

pub use ed25519::Ed25519Signer;
pub use rsa_pss::RsaPssSigner;

use super::error::KeyError;
use super::private::PrivateKey;
use super::public::PublicKey;
use super::traits::Signer;
use crate::content::SignatureAlgorithm;
use crate::crypto::Unauthentic;

/// The longest SPKI that is looked at: RSA 4096 needs 550 bytes.
const MAX_SPKI: usize = 600;

/// A row of [`SIGNATURES`].
struct SignatureKind {
    algorithm: SignatureAlgorithm,
    /// Makes a signer of a private key, if it is of the fitting algorithm.
    signer: fn(&PrivateKey) -> Option<Arc<dyn Signer>>,
    /// Tells whether a public key is of the fitting algorithm.
    fits: fn(&PublicKey) -> bool,
    /// Verifies a signature of a fitting key.
    verifies: fn(&PublicKey, message: &[u8], signature: &[u8]) -> bool,
}

const SIGNATURES: &[&SignatureKind] = &[&rsa_pss::KIND, &ed25519::KIND];

/// What a device is blamed for when a fresh signature does not verify: it may have leaked the key.
fn fault() -> KeyError {
    KeyError::Provider("a signature just made does not verify; was there a hardware fault?".into())
}

pub(super) fn signer(key: &PrivateKey) -> Result<Arc<dyn Signer>, KeyError> {
    let signer = SIGNATURES.iter().find_map(|kind| (kind.signer)(key));
    signer.ok_or_else(|| {
        key.public()
            .algorithm()
            .cannot("sign; it can only be a recipient")
    })
}

/// A public key together with the one signature algorithm for which it is used.
#[derive(Clone)]
pub struct VerifyingKey {
    kind: &'static SignatureKind,
    key: PublicKey,
}

impl VerifyingKey {
    /// Takes a public key, with the algorithm that this format knows for keys of its kind.
    ///
    /// # Errors
    /// [`KeyError::WrongUse`] for a key that does not verify.
    pub fn new(key: &PublicKey) -> Result<Self, KeyError> {
        let kind = SIGNATURES.iter().find(|kind| (kind.fits)(key));
        let kind =
            kind.ok_or_else(|| key.algorithm().cannot("verify; it can only be a recipient"))?;
        Ok(Self {
            kind,
            key: key.clone(),
        })
    }

    /// Takes what a CLOSE says: an algorithm, and a key in canonical SPKI DER.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] for any other encoding, [`KeyError::WrongUse`] for a key of another
    /// algorithm, and what is wrong with the key otherwise.
    pub fn from_spki(algorithm: SignatureAlgorithm, spki: &[u8]) -> Result<Self, KeyError> {
        if spki.len() > MAX_SPKI {
            return Err(KeyError::malformed(
                "PUBLIC KEY",
                "it is too long for a signer's",
            ));
        }
        let key = Self::new(&PublicKey::from_spki_der_strict(spki)?)?;
        if key.algorithm() != algorithm {
            return Err(key
                .key
                .algorithm()
                .cannot("verify a signature of another algorithm"));
        }
        Ok(key)
    }

    /// Returns the algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.kind.algorithm
    }

    /// Returns the key.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// Verifies a signature, whose length must be exact.
    ///
    /// # Errors
    /// [`Unauthentic`] when it is not this key's signature over this message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Unauthentic> {
        let verified = (self.kind.verifies)(&self.key, message, signature);
        verified.then_some(()).ok_or(Unauthentic)
    }
}

impl core::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "VerifyingKey({}, {:?})",
            self.algorithm().name(),
            self.key
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Random;
    use crate::keys::fixtures;

    fn sign(key: &PrivateKey, message: &[u8]) -> Vec<u8> {
        key.signer()
            .unwrap()
            .sign(message, &mut Random::system())
            .unwrap()
    }

    #[test]
    fn numbers_are_unique() {
        for (i, row) in SIGNATURES.iter().enumerate() {
            assert!(
                SIGNATURES[i + 1..]
                    .iter()
                    .all(|other| other.algorithm != row.algorithm)
            );
        }
    }

    #[test]
    fn every_algorithm_verifies_what_it_signed_and_nothing_else() {
        for pem in [fixtures::RSA_2048, fixtures::RSA_3072, fixtures::ED25519] {
            let key = PrivateKey::from_pem(pem, None).unwrap();
            let signer = key.signer().unwrap();
            let verifier = VerifyingKey::from_spki(signer.algorithm(), signer.spki()).unwrap();
            let signature = sign(&key, b"message");
            assert_eq!(signature.len(), signer.signature_len());
            assert_eq!(verifier.verify(b"message", &signature), Ok(()));
            assert!(verifier.verify(b"massage", &signature).is_err());
            assert!(verifier.verify(b"", &signature).is_err());
            for at in (0..signature.len()).step_by(17) {
                let mut changed = signature.clone();
                changed[at] ^= 0x40;
                assert!(verifier.verify(b"message", &changed).is_err(), "{at}");
            }
            for other in [&signature[1..], &signature[..signature.len() - 1], &[]] {
                assert!(verifier.verify(b"message", other).is_err());
            }
            for extended in [
                [&signature[..], &[0]].concat(),
                [&[0], &signature[..]].concat(),
            ] {
                assert!(verifier.verify(b"message", &extended).is_err());
            }
            let other = PrivateKey::generate(crate::keys::GenerateKind::Ed25519).unwrap();
            assert!(
                other
                    .public()
                    .verifying_key()
                    .unwrap()
                    .verify(b"message", &signature)
                    .is_err()
            );
        }
    }

    #[test]
    fn one_generator_gives_one_signature() {
        for pem in [fixtures::RSA_2048, fixtures::ED25519] {
            let signer = PrivateKey::from_pem(pem, None).unwrap().signer().unwrap();
            let sign = |from| {
                signer
                    .sign(b"message", &mut Random::new(&mut fixtures::Counting(from)))
                    .unwrap()
            };
            assert_eq!(sign(7), sign(7));
            assert_eq!(
                sign(7) == sign(8),
                signer.algorithm() == SignatureAlgorithm::Ed25519
            );
        }
    }

    #[test]
    fn a_key_serves_its_own_algorithm_in_its_own_encoding() {
        let rsa = PublicKey::from_pem(fixtures::RSA_2048_PUB).unwrap();
        let ed25519 = PublicKey::from_pem(fixtures::ED25519_PUB).unwrap();
        let from = VerifyingKey::from_spki;
        let (pss, ed) = (
            SignatureAlgorithm::RsaPssSha256,
            SignatureAlgorithm::Ed25519,
        );
        assert!(from(pss, rsa.spki()).is_ok() && from(ed, ed25519.spki()).is_ok());
        assert!(matches!(
            from(ed, rsa.spki()),
            Err(KeyError::WrongUse { .. })
        ));
        assert!(matches!(
            from(pss, ed25519.spki()),
            Err(KeyError::WrongUse { .. })
        ));
        let longer = [ed25519.spki(), &[0]].concat();
        assert!(matches!(from(ed, &longer), Err(KeyError::Malformed { .. })));
        assert!(matches!(
            from(pss, &[0x30; 601]),
            Err(KeyError::Malformed { .. })
        ));
        assert!(from(pss, &[]).is_err());
    }
}
