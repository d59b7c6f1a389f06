//! X-Wing keys (draft-connolly-cfrg-xwing-kem): ML-KEM-768 (FIPS 203) together with X25519 (RFC 7748).
//!
//! ```text
//! private key = seed 32, alone in the OCTET STRING of PKCS#8
//! public key  = ML-KEM-768 encapsulation key 1184 ‖ X25519 public key 32
//! ```
//!
//! The seed is what is kept; both private keys are expanded from it when they are needed.

use std::sync::Arc;

use pkcs8::der::asn1::{BitStringRef, OctetStringRef};
use pkcs8::{AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfoRef, SecretDocument};
use spki::SubjectPublicKeyInfoRef;
use x_wing::{DecapsulationKey, Decapsulator, EncapsulationKey, KeyExport, KeyInit};

use super::{PRIVATE_KEY, PUBLIC_KEY, PrivateMaterial, PublicMaterial, Row};
use crate::crypto::{Key256, Random};
use crate::keys::error::KeyError;

/// The row.
pub(super) const ROW: Row = Row {
    oid: ALGORITHM_OID,
    read_private,
    read_public,
};

/// The draft's id-XWing.
const ALGORITHM_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.62253.25722");

const ALGORITHM_ID: AlgorithmIdentifierRef<'_> = AlgorithmIdentifierRef {
    oid: ALGORITHM_OID,
    parameters: None,
};

/// The reduced u-coordinates of all points whose order divides 8, on the curve and on its twist: with
/// one of them X25519 gives zeros, whatever the other side's key is (RFC 7748 section 6.1).
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    [
        0xE0, 0xEB, 0x7A, 0x7C, 0x3B, 0x41, 0xB8, 0xAE, 0x16, 0x56, 0xE3, 0xFA, 0xF1, 0x9F, 0xC4,
        0x6A, 0xDA, 0x09, 0x8D, 0xEB, 0x9C, 0x32, 0xB1, 0xFD, 0x86, 0x62, 0x05, 0x16, 0x5F, 0x49,
        0xB8, 0x00,
    ],
    [
        0x5F, 0x9C, 0x95, 0xBC, 0xA3, 0x50, 0x8C, 0x24, 0xB1, 0xD0, 0xB1, 0x55, 0x9C, 0x83, 0xEF,
        0x5B, 0x04, 0x44, 0x5C, 0xC4, 0x58, 0x1C, 0x8E, 0x86, 0xD8, 0x22, 0x4E, 0xDD, 0xD0, 0x9F,
        0x11, 0x57,
    ],
    {
        let mut minus_one = [0xFF; 32];
        minus_one[0] = 0xEC;
        minus_one[31] = 0x7F;
        minus_one
    },
];

fn read_private(info: &PrivateKeyInfoRef<'_>) -> Result<PrivateMaterial, KeyError> {
    let malformed = |reason| KeyError::malformed(PRIVATE_KEY, reason);
    if info.algorithm.parameters.is_some() {
        return Err(malformed("X-Wing has no parameters"));
    }
    let seed = Key256::from_slice(info.private_key.as_bytes());
    let seed = seed.ok_or_else(|| malformed("it holds no X-Wing seed of 32 bytes"))?;
    if let Some(found) = info.public_key
        && found.as_bytes() != Some(public(&seed).to_bytes().as_slice())
    {
        return Err(malformed("its public key belongs to another private key"));
    }
    Ok(PrivateMaterial::XWing(Arc::new(seed)))
}

fn read_public(spki: &SubjectPublicKeyInfoRef<'_>) -> Result<PublicMaterial, KeyError> {
    let malformed = |reason| KeyError::malformed(PUBLIC_KEY, reason);
    if spki.algorithm.parameters.is_some() {
        return Err(malformed("X-Wing has no parameters"));
    }
    let bytes = spki.subject_public_key.as_bytes();
    let bytes = bytes.filter(|bytes| bytes.len() == x_wing::ENCAPSULATION_KEY_SIZE);
    let bytes = bytes.ok_or_else(|| malformed("it holds no X-Wing key of 1216 bytes"))?;
    // With the length right, what is left to be wrong is FIPS 203 section 7.2: a coefficient that is
    // not below the modulus.
    let key = EncapsulationKey::try_from(bytes)
        .map_err(|_| malformed("its ML-KEM-768 part is no encapsulation key"))?;
    if !bytes.last_chunk().is_some_and(is_sound_share) {
        return Err(malformed("its X25519 part is no proper public key"));
    }
    Ok(PublicMaterial::XWing(Arc::new(key)))
}

/// Tells whether an X25519 public key is one that a private key can have: its u-coordinate is below
/// 2^255 - 19, and not of small order.
///
/// X25519 itself takes any 32 bytes. But X-Wing hashes the encoding, so that for another encoding of
/// his share the owner would derive another secret; and a share of small order leaves ML-KEM alone.
fn is_sound_share(share: &[u8; 32]) -> bool {
    let reduced = match share {
        [low, middle @ .., 0x7F] => *low < 0xED || middle.iter().any(|&byte| byte != 0xFF),
        [.., high] => *high < 0x7F,
    };
    reduced && !SMALL_ORDER.contains(share)
}

pub(super) fn generate(rng: &mut Random<'_>) -> Result<PrivateMaterial, KeyError> {
    Ok(PrivateMaterial::XWing(Arc::new(Key256::random(rng)?)))
}

pub(super) fn public(seed: &Key256) -> EncapsulationKey {
    DecapsulationKey::new(seed.expose().into())
        .encapsulation_key()
        .clone()
}

pub(super) fn write_private(seed: &Key256) -> Result<SecretDocument, KeyError> {
    let info =
        OctetStringRef::new(seed.expose()).map(|inner| PrivateKeyInfoRef::new(ALGORITHM_ID, inner));
    info.and_then(|info| SecretDocument::encode_msg(&info))
        .map_err(|_| KeyError::malformed(PRIVATE_KEY, "cannot be encoded"))
}

pub(super) fn write_public(key: &EncapsulationKey) -> spki::Result<spki::Document> {
    let bytes = key.to_bytes();
    Ok(spki::Document::encode_msg(&SubjectPublicKeyInfoRef {
        algorithm: ALGORITHM_ID,
        subject_public_key: BitStringRef::from_bytes(&bytes)?,
    })?)
}

#[cfg(test)]
mod tests {
    use pkcs8::der::{Any, Encode, Tag};
    use x_wing::{DecapsulationKeyRejectNonContrib, TryDecapsulate};

    use super::*;
    use crate::keys::{PrivateKey, PublicKey, fixtures};

    fn sound() -> [u8; 1216] {
        public(&Key256::init(|b| b.fill(7))).to_bytes().0
    }

    fn read(bytes: &[u8], parameters: bool) -> Result<PublicMaterial, KeyError> {
        let null = Any::new(Tag::Null, []).unwrap();
        let info = SubjectPublicKeyInfoRef {
            algorithm: AlgorithmIdentifierRef {
                oid: ALGORITHM_OID,
                parameters: parameters.then(|| (&null).into()),
            },
            subject_public_key: BitStringRef::from_bytes(bytes).unwrap(),
        };
        PublicMaterial::read(&info.to_der().unwrap())
    }

    fn with_share(share: [u8; 32]) -> Result<PublicMaterial, KeyError> {
        let mut bytes = sound();
        bytes[1184..].copy_from_slice(&share);
        read(&bytes, false)
    }

    #[test]
    fn the_drafts_own_files_are_read_and_written() {
        let private = PrivateKey::from_pem(fixtures::XWING, None).unwrap();
        let public = PublicKey::from_pem(fixtures::XWING_PUB).unwrap();
        assert_eq!(*private.public(), public);
        assert_eq!(private.to_pem().unwrap().as_bytes(), fixtures::XWING);
        assert_eq!(public.to_pem().as_bytes(), fixtures::XWING_PUB);
    }

    #[test]
    fn weak_and_ambiguous_shares_are_refused() {
        for share in SMALL_ORDER {
            assert!(with_share(share).is_err(), "{share:?}");
            // X25519 finds the same: it gives zeros, whatever the private key is.
            let ciphertext = [vec![0; 1088], share.to_vec()].concat();
            let key = DecapsulationKeyRejectNonContrib::from([9; 32]);
            assert!(
                key.try_decapsulate(ciphertext.as_slice().try_into().unwrap())
                    .is_err()
            );
        }
        let high = |low, last| {
            let mut share = [0xFF; 32];
            (share[0], share[31]) = (low, last);
            share
        };
        let two = {
            let mut two = [0; 32];
            two[0] = 2;
            two
        };
        // p - 2 is the largest that is left; p, p + 2, 2^255 - 1, and 2 with the bit that X25519 drops.
        for (share, sound) in [
            (two, true),
            (high(0xEB, 0x7F), true),
            (high(0xED, 0x7F), false),
            (high(0xEF, 0x7F), false),
            (high(0xFF, 0x7F), false),
            ([&two[..31], &[0x80]].concat().try_into().unwrap(), false),
            ([0xFF; 32], false),
        ] {
            assert_eq!(with_share(share).is_ok(), sound, "{share:?}");
        }
    }

    /// FIPS 203 section 7.2: 12 bits for each coefficient, all below 3329.
    #[test]
    fn coefficients_are_below_the_modulus() {
        for (first, sound) in [(0xD00, true), (0xD01, false), (0xFFF, false)] {
            for at in [0, 3 * 383] {
                let mut bytes = sound_with(at, first);
                assert_eq!(read(&bytes, false).is_ok(), sound, "{first:x} at {at}");
                // The seed behind the coefficients may be anything.
                bytes[1152..1184].fill(0xFF);
                assert_eq!(read(&bytes, false).is_ok(), sound);
            }
        }
    }

    fn sound_with(at: usize, coefficient: u16) -> [u8; 1216] {
        let mut bytes = sound();
        let [low, high] = coefficient.to_le_bytes();
        bytes[at] = low;
        bytes[at + 1] = bytes[at + 1] & 0xF0 | high;
        bytes
    }

    #[test]
    fn only_the_exact_form_is_a_key() {
        assert!(read(&sound(), false).is_ok());
        assert!(read(&sound(), true).is_err(), "parameters");
        for len in [0, 32, 1184, 1215] {
            assert!(read(&sound()[..len], false).is_err(), "{len}");
        }
        assert!(read(&[&sound()[..], &[0]].concat(), false).is_err());
        // ML-KEM's own seed has 64 bytes; RFC 8410 puts another OCTET STRING around a key.
        let wrapped = [&[4, 32], &[7; 32][..]].concat();
        for (inner, is_key) in [
            (&[7; 32][..], true),
            (&[7; 31], false),
            (&[7; 33], false),
            (&[7; 64], false),
            (&wrapped, false),
        ] {
            let inner = OctetStringRef::new(inner).unwrap();
            let info = PrivateKeyInfoRef::new(ALGORITHM_ID, inner);
            assert_eq!(PrivateMaterial::read(&info).is_ok(), is_key);
        }
    }

    #[test]
    fn a_public_key_of_somebody_else_is_refused() {
        let der = write_private(&Key256::init(|b| b.fill(7))).unwrap();
        let other = public(&Key256::init(|b| b.fill(8))).to_bytes();
        for (bytes, fits) in [(&sound(), true), (&other.0, false)] {
            let mut info = PrivateKeyInfoRef::try_from(der.as_bytes()).unwrap();
            info.public_key = Some(BitStringRef::from_bytes(bytes).unwrap());
            assert_eq!(read_private(&info).is_ok(), fits);
        }
    }
}
