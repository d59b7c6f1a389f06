//! RSA keys: PKCS#1 structures (RFC 8017 appendix A.1) inside PKCS#8 and SPKI.
//!
//! Sizes are checked on the raw integers, before any arithmetic with them.

use std::sync::Arc;

use pkcs8::der::asn1::{OctetStringRef, UintRef};
use pkcs8::der::{AnyRef, Decode};
use pkcs8::{PrivateKeyInfoRef, SecretDocument};
use rsa::pkcs1::{ALGORITHM_ID, ALGORITHM_OID, RsaPrivateKeyRef, RsaPublicKeyRef};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use super::rsa_checks::{check_primes, check_public};
use super::rsa_private::RsaPrivate;
use super::{PRIVATE_KEY, PUBLIC_KEY, PrivateMaterial, PublicMaterial, Row};
use crate::crypto::{Random, RngFailed};
use crate::keys::error::KeyError;

/// The row.
pub(super) const ROW: Row = Row {
    oid: ALGORITHM_OID,
    read_private,
    read_public,
};

const NOT_A_KEY: &str = "it holds no RSA key";
const MISMATCH: KeyError = KeyError::RsaUnsound("its numbers do not belong together");

fn read_private(info: &PrivateKeyInfoRef<'_>) -> Result<PrivateMaterial, KeyError> {
    check_parameters(info.algorithm.parameters, PRIVATE_KEY)?;
    let parts = RsaPrivateKeyRef::from_der(info.private_key.as_bytes())
        .map_err(|_| KeyError::malformed(PRIVATE_KEY, NOT_A_KEY))?;
    check_public(parts.modulus.as_bytes(), parts.public_exponent.as_bytes())?;
    if parts.other_prime_infos.is_some() {
        return Err(KeyError::RsaUnsound("it has more than two primes"));
    }
    check_primes(parts.prime1.as_bytes(), parts.prime2.as_bytes())?;
    // The conversion validates: p q = n, p and q differ, e d = 1 modulo p - 1 and q - 1, d < n. It
    // computes the CRT values anew and takes none from the file.
    let key = rsa::PrivateKey::try_from(parts).map_err(|_| MISMATCH)?;
    Ok(PrivateMaterial::Rsa(Arc::new(RsaPrivate::new(key))))
}

fn read_public(spki: &SubjectPublicKeyInfoRef<'_>) -> Result<PublicMaterial, KeyError> {
    let malformed = || KeyError::malformed(PUBLIC_KEY, NOT_A_KEY);
    check_parameters(spki.algorithm.parameters, PUBLIC_KEY)?;
    let bytes = spki.subject_public_key.as_bytes().ok_or_else(malformed)?;
    let parts = RsaPublicKeyRef::from_der(bytes).map_err(|_| malformed())?;
    check_public(parts.modulus.as_bytes(), parts.public_exponent.as_bytes())?;
    let key = rsa::PublicKey::try_from(parts).map_err(|_| MISMATCH)?;
    Ok(PublicMaterial::Rsa(Arc::new(key)))
}

/// RFC 3279 section 2.3.1: NULL. A few old programs leave it out, which openssl reads as well.
fn check_parameters(found: Option<AnyRef<'_>>, container: &'static str) -> Result<(), KeyError> {
    if found.is_none_or(AnyRef::is_null) {
        return Ok(());
    }
    Err(KeyError::malformed(
        container,
        "its RSA parameters are not NULL",
    ))
}

/// Draws a key with exponent 65537, as SP 800-57 and the format's default ask.
pub(super) fn generate(bits: usize, rng: &mut Random<'_>) -> Result<PrivateMaterial, KeyError> {
    if !matches!(bits, 2048 | 3072 | 4096) {
        return Err(KeyError::RsaSize { bits });
    }
    let key = rsa::PrivateKey::new(rng, bits).map_err(|error| match error {
        rsa::Error::Rng => KeyError::Rng(RngFailed),
        _ => MISMATCH,
    })?;
    Ok(PrivateMaterial::Rsa(Arc::new(RsaPrivate::new(key))))
}

/// Writes PKCS#8. The crate's own encoder computes the CRT values anew and leaves them in memory; here
/// they are taken from the key, and every copy is wiped.
pub(super) fn write_private(key: &rsa::PrivateKey) -> Result<SecretDocument, KeyError> {
    let failed = || KeyError::malformed(PRIVATE_KEY, "cannot be encoded");
    let ([p, q], Some(dp), Some(dq), Some(qinv)) = (key.primes(), key.dp(), key.dq(), key.qinv())
    else {
        return Err(failed());
    };
    let qinv = Zeroizing::new(qinv.retrieve());
    let numbers = [key.n(), key.e(), key.d(), p, q, dp, dq, &qinv];
    let numbers = numbers.map(|number| Zeroizing::new(number.to_be_bytes()));
    encode(&numbers.each_ref().map(|bytes| &***bytes)).map_err(|_| failed())
}

/// Puts n, e, d, p, q, d mod (p - 1), d mod (q - 1) and 1/q mod p into PKCS#1 and PKCS#8.
fn encode(numbers: &[&[u8]; 8]) -> pkcs8::der::Result<SecretDocument> {
    let number = |at: usize| UintRef::new(numbers[at]);
    let key = SecretDocument::encode_msg(&RsaPrivateKeyRef {
        modulus: number(0)?,
        public_exponent: number(1)?,
        private_exponent: number(2)?,
        prime1: number(3)?,
        prime2: number(4)?,
        exponent1: number(5)?,
        exponent2: number(6)?,
        coefficient: number(7)?,
        other_prime_infos: None,
    })?;
    let key = OctetStringRef::new(key.as_bytes())?;
    SecretDocument::encode_msg(&PrivateKeyInfoRef::new(ALGORITHM_ID, key))
}

pub(super) fn modulus_bits(key: &rsa::PublicKey) -> usize {
    usize::try_from(key.n().bit_width_vartime()).unwrap_or(usize::MAX)
}
