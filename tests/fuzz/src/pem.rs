//! Key files: any bytes are a key or are refused, and a key survives its own file.

use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::pem::{LineEnding, encode_string};
use pkcs8::pkcs5::pbes2::Kdf;
use secimg::keys::{PrivateKey, PublicKey, SymmetricKey};

use super::choices::Choices;

/// Input: which kind of file; the file, or the DER inside it, which mutations of base64 seldom reach.
pub fn pem(data: &[u8]) {
    let mut choices = Choices::new(data);
    match choices.byte() % 4 {
        0 => text(choices.rest()),
        1 => private(&wrapped("PRIVATE KEY", choices.rest()), None),
        2 => public(choices.rest()),
        _ => encrypted(choices.rest()),
    }
}

fn text(file: &[u8]) {
    // Without a passphrase no key derivation runs.
    private(file, None);
    if let Ok(key) = PublicKey::from_pem(file) {
        check(&key);
    }
    if let Ok(key) = SymmetricKey::from_file_bytes(file) {
        let again = SymmetricKey::from_file_bytes(key.to_file_text().as_bytes()).unwrap();
        assert_eq!(again.expose(), key.expose());
    }
}

fn private(file: &[u8], passphrase: Option<&[u8]>) {
    if let Ok(key) = PrivateKey::from_pem(file, passphrase) {
        check(key.public());
        let again = PrivateKey::from_pem(key.to_pem().unwrap().as_bytes(), None).unwrap();
        assert_eq!(again.public(), key.public());
        assert!(key.identity().is_ok() || key.signer().is_ok());
    }
}

fn public(der: &[u8]) {
    let read = PublicKey::from_spki_der(der);
    let strict = PublicKey::from_spki_der_strict(der);
    match read {
        Ok(key) => {
            assert_eq!(strict.is_ok(), key.spki() == der);
            check(&key);
        }
        Err(error) => assert_eq!(strict, Err(error)),
    }
}

/// Any passphrase, but no derivation that costs more than a few milliseconds.
fn encrypted(der: &[u8]) {
    let file = wrapped("ENCRYPTED PRIVATE KEY", der);
    assert!(PrivateKey::is_encrypted_pem(&file));
    let cheap = EncryptedPrivateKeyInfoRef::try_from(der).map_or(true, |info| {
        match info.encryption_algorithm.pbes2().map(|scheme| &scheme.kdf) {
            Some(Kdf::Pbkdf2(kdf)) => kdf.iteration_count <= 4096,
            Some(Kdf::Scrypt(kdf)) => kdf
                .cost_parameter
                .checked_mul(u64::from(kdf.block_size) * u64::from(kdf.parallelization))
                .is_none_or(|cost| cost <= 1 << 14 || cost > 1 << 23),
            _ => true,
        }
    });
    private(&file, cheap.then_some(b"secret"));
}

fn check(key: &PublicKey) {
    assert_eq!(
        PublicKey::from_pem(key.to_pem().as_bytes()).as_ref(),
        Ok(key)
    );
    assert_eq!(
        PublicKey::from_spki_der_strict(key.spki()).as_ref(),
        Ok(key)
    );
    assert!(key.recipient().is_ok() || key.verifying_key().is_ok());
}

fn wrapped(label: &str, der: &[u8]) -> Vec<u8> {
    encode_string(label, LineEnding::LF, der)
        .unwrap()
        .into_bytes()
}
