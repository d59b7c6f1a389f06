//! Encrypted PKCS#8: PBES2 (RFC 8018 section 6.2) around a private key.
//!
//! Written: PBKDF2-HMAC-SHA256 with 600 000 iterations and AES-256-CBC. Read: that with other counts,
//! scrypt, and the other AES key lengths, which is what OpenSSL 3 and `ssh-keygen -m PKCS8` write.
//! What a derivation may cost is checked before it runs.

use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{AnyRef, Decode, Reader};
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::{self, Kdf, Parameters, Pbkdf2Prf, ScryptParams};
use pkcs8::{AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

use super::error::KeyError;
use crate::crypto::Random;

/// The label of the PEM block, and the container's name in errors.
pub(super) const ENCRYPTED_PRIVATE_KEY: &str = "ENCRYPTED PRIVATE KEY";

/// OWASP's recommendation for PBKDF2-HMAC-SHA256.
const ITERATIONS: u32 = 600_000;
/// About two seconds of one core.
const MAX_ITERATIONS: u32 = 10_000_000;
/// 128 N r p bytes: memory and time of scrypt (RFC 7914 section 2).
const MAX_SCRYPT_COST: u64 = 1 << 30;
/// What `openssl` takes from a passphrase file.
const MAX_PASSPHRASE: usize = 1024;

const OTHER_ENCRYPTION: KeyError = KeyError::Convert {
    found: "a private key encrypted otherwise than with PBKDF2-HMAC-SHA256 or scrypt, and AES-CBC,",
    command: "openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -in KEY -out NEW",
};

/// Decrypts an `EncryptedPrivateKeyInfo` and returns what was in it, which is not parsed yet.
pub(super) fn open(der: &[u8], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let (algorithm, encrypted) = parse(der).map_err(|_| {
        KeyError::malformed(ENCRYPTED_PRIVATE_KEY, "it is no EncryptedPrivateKeyInfo")
    })?;
    // An algorithm that the parser does not know is another defect than bytes that are no DER.
    let Ok(EncryptionScheme::Pbes2(parameters)) = algorithm.try_into() else {
        return Err(OTHER_ENCRYPTION);
    };
    check(&parameters)?;
    let mut buffer = Zeroizing::new(encrypted.as_bytes().to_vec());
    let plain = parameters.decrypt_in_place(passphrase, &mut buffer);
    let len = plain.map_err(|_| KeyError::WrongKeyPassphrase)?.len();
    buffer.truncate(len);
    Ok(buffer)
}

/// Encrypts a `PrivateKeyInfo` into an `EncryptedPrivateKeyInfo`.
pub(super) fn seal(
    der: &SecretDocument,
    passphrase: &[u8],
    rng: &mut Random<'_>,
) -> Result<SecretDocument, KeyError> {
    if passphrase.is_empty() {
        return Err(KeyError::BadPassphrase("is empty"));
    }
    if passphrase.len() > MAX_PASSPHRASE {
        return Err(KeyError::BadPassphrase("is longer than 1024 bytes"));
    }
    let failed = || KeyError::malformed(ENCRYPTED_PRIVATE_KEY, "cannot be encoded");
    let (salt, iv) = (rng.array::<16>()?, rng.array()?);
    let parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(ITERATIONS, &salt, iv)
        .map_err(|_| failed())?;
    let plain = der.as_bytes();
    let mut buffer = Zeroizing::new(vec![0; plain.len() + 16]);
    buffer[..plain.len()].copy_from_slice(plain);
    let encrypted = parameters.encrypt_in_place(passphrase, &mut buffer, plain.len());
    let encrypted_data = encrypted
        .ok()
        .and_then(|data| OctetStringRef::new(data).ok())
        .ok_or_else(failed)?;
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: parameters.into(),
        encrypted_data,
    };
    SecretDocument::encode_msg(&info).map_err(|_| failed())
}

/// `EncryptedPrivateKeyInfo ::= SEQUENCE { encryptionAlgorithm, encryptedData }` (RFC 5958 section 3)
fn parse(der: &[u8]) -> pkcs8::der::Result<(AlgorithmIdentifierRef<'_>, &OctetStringRef)> {
    AnyRef::from_der(der)?.sequence(|reader| Ok((reader.decode()?, reader.decode()?)))
}

fn check(parameters: &Parameters) -> Result<(), KeyError> {
    use pbes2::EncryptionScheme::{Aes128Cbc, Aes192Cbc, Aes256Cbc};
    if !matches!(
        parameters.encryption,
        Aes128Cbc { .. } | Aes192Cbc { .. } | Aes256Cbc { .. }
    ) {
        return Err(OTHER_ENCRYPTION);
    }
    match &parameters.kdf {
        Kdf::Pbkdf2(kdf) if kdf.prf != Pbkdf2Prf::HmacWithSha256 => Err(OTHER_ENCRYPTION),
        Kdf::Pbkdf2(kdf) if (1..=MAX_ITERATIONS).contains(&kdf.iteration_count) => Ok(()),
        Kdf::Pbkdf2(_) => Err(KeyError::KdfBounds(
            "PBKDF2 takes 1 to 10 000 000 iterations",
        )),
        Kdf::Scrypt(kdf) => check_scrypt(kdf),
        _ => Err(OTHER_ENCRYPTION),
    }
}

fn check_scrypt(kdf: &ScryptParams) -> Result<(), KeyError> {
    let (r, p) = (u64::from(kdf.block_size), u64::from(kdf.parallelization));
    let cost = kdf
        .cost_parameter
        .checked_mul(128)
        .and_then(|cost| cost.checked_mul(r * p));
    let bounded = cost.is_some_and(|cost| (1..=MAX_SCRYPT_COST).contains(&cost));
    if bounded && kdf.cost_parameter >= 2 && kdf.cost_parameter.is_power_of_two() {
        return Ok(());
    }
    Err(KeyError::KdfBounds(
        "scrypt takes a power of two for N, and at most 1 GiB for 128 N r p",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::system_rng;
    use pkcs8::pkcs5::pbes2::{EncryptionScheme as Cipher, Pbkdf2Params, Salt};

    const IV: Cipher = Cipher::Aes256Cbc { iv: [1; 16] };

    fn pbkdf2(iteration_count: u32, prf: Pbkdf2Prf) -> Kdf {
        let salt = Salt::new([0; 16]).unwrap();
        Kdf::Pbkdf2(Pbkdf2Params {
            salt,
            iteration_count,
            key_length: None,
            prf,
        })
    }

    fn scrypt(cost_parameter: u64, block_size: u16, parallelization: u16) -> Kdf {
        let salt = Salt::new([0; 16]).unwrap();
        let key_length = None;
        Kdf::Scrypt(ScryptParams {
            salt,
            cost_parameter,
            block_size,
            parallelization,
            key_length,
        })
    }

    fn checked(kdf: Kdf, encryption: Cipher) -> Result<(), KeyError> {
        // Through DER and back: the bounds are held on what a file can really say.
        let encryption_algorithm = Parameters { kdf, encryption }.into();
        let encrypted_data = OctetStringRef::new(&[0; 16]).unwrap();
        let info = EncryptedPrivateKeyInfoRef {
            encryption_algorithm,
            encrypted_data,
        };
        let der = SecretDocument::encode_msg(&info).unwrap();
        let info = EncryptedPrivateKeyInfoRef::try_from(der.as_bytes()).unwrap();
        check(info.encryption_algorithm.pbes2().unwrap())
    }

    #[test]
    fn costs_are_bounded_before_they_are_paid() {
        let sha256 = Pbkdf2Prf::HmacWithSha256;
        for kdf in [
            pbkdf2(1, sha256),
            pbkdf2(10_000_000, sha256),
            scrypt(1 << 20, 8, 1),
        ] {
            assert_eq!(checked(kdf, IV), Ok(()));
        }
        for kdf in [
            pbkdf2(0, sha256),
            pbkdf2(10_000_001, sha256),
            pbkdf2(u32::MAX, sha256),
            scrypt(1 << 20, 8, 2),
            scrypt(1 << 21, 8, 1),
            scrypt(u64::MAX, 1, 1),
            scrypt(1 << 63, u16::MAX, u16::MAX),
            scrypt(0, 8, 1),
            scrypt(1, 8, 1),
            scrypt(3000, 8, 1),
            scrypt(1 << 14, 0, 1),
            scrypt(1 << 14, 8, 0),
        ] {
            assert!(matches!(checked(kdf, IV), Err(KeyError::KdfBounds(_))));
        }
    }

    #[test]
    fn other_algorithms_name_the_conversion() {
        let sha256 = pbkdf2(2048, Pbkdf2Prf::HmacWithSha256);
        for (kdf, cipher) in [
            (pbkdf2(2048, Pbkdf2Prf::HmacWithSha1), IV),
            (pbkdf2(2048, Pbkdf2Prf::HmacWithSha512), IV),
            (sha256, Cipher::Aes256Gcm { nonce: [0; 12] }),
        ] {
            assert_eq!(checked(kdf, cipher), Err(OTHER_ENCRYPTION));
        }
    }

    #[test]
    fn sealed_keys_open_with_their_passphrase_only() {
        let der = SecretDocument::try_from([0x30, 0x03, 0x02, 0x01, 0x07].as_slice()).unwrap();
        let mut rng = system_rng();
        let mut rng = Random::new(&mut rng);
        let sealed = seal(&der, b"correct horse", &mut rng).unwrap();
        assert_eq!(
            *open(sealed.as_bytes(), b"correct horse").unwrap(),
            der.as_bytes()
        );
        // A wrong passphrase gives another padding, or once in 256 times other bytes.
        for wrong in [b"correct horse\n".as_slice(), b"", b"Correct horse"] {
            assert_ne!(
                open(sealed.as_bytes(), wrong).ok().as_deref(),
                Some(&der.as_bytes().to_vec())
            );
        }
        assert!(matches!(
            seal(&der, b"", &mut rng),
            Err(KeyError::BadPassphrase(_))
        ));
        assert!(matches!(
            seal(&der, &[b'x'; 1025], &mut rng),
            Err(KeyError::BadPassphrase(_))
        ));
    }
}
