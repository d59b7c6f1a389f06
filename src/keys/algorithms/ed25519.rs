//! Ed25519 keys (RFC 8032) in the containers of RFC 8410.
//!
//! The 32-byte seed is what is kept. The crates' own containers are not used for it: `KeypairBytes`
//! writes a version that OpenSSL 3.0 does not read, and is not wiped.

use std::sync::Arc;

use ed25519_dalek::pkcs8::{ALGORITHM_ID, ALGORITHM_OID};
use ed25519_dalek::{SigningKey, VerifyingKey};
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::{PrivateKeyInfoRef, SecretDocument};
use spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use super::{PRIVATE_KEY, PUBLIC_KEY, PrivateMaterial, PublicMaterial, Row};
use crate::crypto::{Key256, Random};
use crate::keys::error::KeyError;

/// The row.
pub(super) const ROW: Row = Row {
    oid: ALGORITHM_OID,
    read_private,
    read_public,
};

/// RFC 8410 section 7: the seed is an OCTET STRING inside the OCTET STRING.
const INNER_HEADER: [u8; 2] = [0x04, 0x20];

fn read_private(info: &PrivateKeyInfoRef<'_>) -> Result<PrivateMaterial, KeyError> {
    let malformed = |reason| KeyError::malformed(PRIVATE_KEY, reason);
    if info.algorithm.parameters.is_some() {
        return Err(malformed("Ed25519 has no parameters"));
    }
    let seed = info.private_key.as_bytes().strip_prefix(&INNER_HEADER);
    let seed = seed.and_then(Key256::from_slice);
    let seed = seed.ok_or_else(|| malformed("it holds no Ed25519 key"))?;
    if let Some(public) = info.public_key {
        let ours = signing_key(&seed).verifying_key();
        if public.as_bytes() != Some(ours.as_bytes().as_slice()) {
            return Err(malformed("its public key belongs to another private key"));
        }
    }
    Ok(PrivateMaterial::Ed25519(Arc::new(seed)))
}

fn read_public(spki: &SubjectPublicKeyInfoRef<'_>) -> Result<PublicMaterial, KeyError> {
    let malformed = |reason| KeyError::malformed(PUBLIC_KEY, reason);
    if spki.algorithm.parameters.is_some() {
        return Err(malformed("Ed25519 has no parameters"));
    }
    let bytes = spki
        .subject_public_key
        .as_bytes()
        .and_then(|bytes| bytes.try_into().ok());
    let bytes = bytes.ok_or_else(|| malformed("it holds no Ed25519 key"))?;
    let key =
        VerifyingKey::from_bytes(bytes).map_err(|_| malformed("it is no point of the curve"))?;
    // One point has one encoding (RFC 8032 section 5.1.3), and no signature under a point of small
    // order says anything.
    if key.to_edwards().compress().as_bytes() != bytes || key.is_weak() {
        return Err(malformed("it is no proper point of the curve"));
    }
    Ok(PublicMaterial::Ed25519(key))
}

pub(super) fn generate(rng: &mut Random<'_>) -> Result<PrivateMaterial, KeyError> {
    Ok(PrivateMaterial::Ed25519(Arc::new(Key256::random(rng)?)))
}

pub(super) fn write_private(seed: &Key256) -> Result<SecretDocument, KeyError> {
    let mut inner = Zeroizing::new([0; 34]);
    inner[..2].copy_from_slice(&INNER_HEADER);
    inner[2..].copy_from_slice(seed.expose());
    let info =
        OctetStringRef::new(&*inner).map(|inner| PrivateKeyInfoRef::new(ALGORITHM_ID, inner));
    info.and_then(|info| SecretDocument::encode_msg(&info))
        .map_err(|_| KeyError::malformed(PRIVATE_KEY, "cannot be encoded"))
}

/// Expands the seed; the result wipes itself.
pub(in crate::keys) fn signing_key(seed: &Key256) -> SigningKey {
    SigningKey::from_bytes(seed.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(point: &[u8]) -> Result<PublicMaterial, KeyError> {
        let header = [
            0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
        ];
        PublicMaterial::read(&[header.as_slice(), point].concat())
    }

    #[test]
    fn weak_and_ambiguous_points_are_refused() {
        let good = signing_key(&Key256::init(|b| b.fill(7))).verifying_key();
        assert!(public(good.as_bytes()).is_ok());
        let mut identity = [0; 32];
        identity[0] = 1;
        // y = p + 3, which is another spelling of 3.
        let mut unreduced = [0xFF; 32];
        (unreduced[0], unreduced[31]) = (0xF0, 0x7F);
        let mut three = [0; 32];
        three[0] = 3;
        assert!(public(&three).is_ok(), "3 is on the curve");
        for bad in [identity, [0; 32], unreduced] {
            assert!(public(&bad).is_err(), "{bad:?}");
        }
        assert!(public(&[9; 31]).is_err());
    }

    #[test]
    fn a_public_key_of_somebody_else_is_refused() {
        let seed = Key256::init(|b| b.fill(7));
        let der = write_private(&seed).unwrap();
        let ours = signing_key(&seed).verifying_key().to_bytes();
        let other = signing_key(&Key256::init(|b| b.fill(8)))
            .verifying_key()
            .to_bytes();
        for (point, fits) in [(&ours, true), (&other, false)] {
            let mut info = PrivateKeyInfoRef::try_from(der.as_bytes()).unwrap();
            info.public_key = Some(spki::der::asn1::BitStringRef::from_bytes(point).unwrap());
            assert_eq!(read_private(&info).is_ok(), fits);
        }
    }
}
