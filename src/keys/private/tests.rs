use super::*;
use crate::keys::{KeyAlgorithm, fixtures};

const PASSPHRASE: &[u8] = b"open sesame";

fn read(text: &[u8]) -> PrivateKey {
    PrivateKey::from_pem(text, Some(PASSPHRASE)).unwrap()
}

#[test]
fn plain_keys_survive_the_round_trip() {
    for pem in [
        fixtures::RSA_2048,
        fixtures::RSA_3072,
        fixtures::ED25519,
        fixtures::XWING,
    ] {
        let key = read(pem);
        assert_eq!(key.to_pem().unwrap().as_bytes(), pem);
        assert!(!PrivateKey::is_encrypted_pem(pem));
    }
    assert_eq!(
        read(fixtures::ED25519).public().to_pem().as_bytes(),
        fixtures::ED25519_PUB
    );
    assert_eq!(
        read(fixtures::RSA_3072).public().to_pem().as_bytes(),
        fixtures::RSA_3072_PUB
    );
}

#[test]
fn encrypted_keys_open_with_their_passphrase() {
    let rsa = fixtures::RSA_2048_PUB;
    for (pem, public) in [
        (fixtures::RSA_2048_PBKDF2, rsa),
        (fixtures::RSA_2048_SCRYPT, rsa),
        (fixtures::RSA_2048_AES128, rsa),
        (fixtures::ED25519_PBKDF2, fixtures::ED25519_PUB),
    ] {
        assert!(PrivateKey::is_encrypted_pem(pem));
        assert_eq!(read(pem).public().to_pem().as_bytes(), public);
        let without = PrivateKey::from_pem(pem, None).unwrap_err();
        assert_eq!(without, KeyError::PassphraseNeeded);
        let wrong = PrivateKey::from_pem(pem, Some(b"open  sesame")).unwrap_err();
        assert_eq!(wrong, KeyError::WrongKeyPassphrase);
    }
    for pem in [fixtures::RSA_2048_SHA1, fixtures::RSA_2048_PBES1] {
        let error = PrivateKey::from_pem(pem, Some(PASSPHRASE)).unwrap_err();
        assert!(matches!(error, KeyError::Convert { .. }), "{error}");
    }
}

#[test]
fn what_is_written_encrypted_is_read_back() {
    let hybrid = read(fixtures::XWING).to_encrypted_pem(PASSPHRASE).unwrap();
    assert_eq!(
        read(hybrid.as_bytes()).to_pem().unwrap().as_bytes(),
        fixtures::XWING
    );
    let key = read(fixtures::ED25519);
    let pem = key.to_encrypted_pem(PASSPHRASE).unwrap();
    assert_eq!(
        read(pem.as_bytes()).to_pem().unwrap(),
        key.to_pem().unwrap()
    );
    assert_ne!(*pem, *key.to_encrypted_pem(PASSPHRASE).unwrap());
    assert!(matches!(
        key.to_encrypted_pem(b""),
        Err(KeyError::BadPassphrase(_))
    ));
    let counted = || {
        let mut rng = fixtures::Counting(0);
        key.to_encrypted_pem_with_rng(PASSPHRASE, &mut Random::new(&mut rng))
            .unwrap()
    };
    assert_eq!(counted(), counted());
}

#[test]
fn wrong_containers_are_refused_by_name() {
    let error = |text: &str| PrivateKey::from_pem(text.as_bytes(), None).unwrap_err();
    for label in ["RSA PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
        assert!(matches!(
            error(&pem::encode(label, &[1])),
            KeyError::Convert { .. }
        ));
    }
    assert_eq!(
        error(&pem::encode("EC PRIVATE KEY", &[1])).to_string(),
        "key algorithm EC is not \
        supported; use RSA (2048 to 4096 bits), Ed25519 or X-Wing"
    );
    assert_eq!(
        error(&pem::encode("PUBLIC KEY", &[1])),
        KeyError::PublicWherePrivate
    );
    assert!(matches!(
        error(&pem::encode("CERTIFICATE", &[1])),
        KeyError::NotAKey(_)
    ));
    assert!(matches!(
        error(&pem::encode("PRIVATE KEY", &[1])),
        KeyError::Malformed { .. }
    ));
    let encrypted = pem::encode("ENCRYPTED PRIVATE KEY", &[1]);
    let error = PrivateKey::from_pem(encrypted.as_bytes(), Some(b"x")).unwrap_err();
    assert!(matches!(error, KeyError::Malformed { .. }));
}

#[test]
fn bad_rsa_keys_are_refused() {
    let error = |pem| PrivateKey::from_pem(pem, None).unwrap_err();
    assert_eq!(error(fixtures::RSA_1024), KeyError::RsaSize { bits: 1024 });
    assert_eq!(
        error(fixtures::EC_P256),
        KeyError::UnsupportedAlgorithm("EC".into())
    );
    // Any changed bit of n, e, d, p or q: the numbers no longer belong together. Bits of the CRT
    // values are not used.
    let der = Pem::find(fixtures::RSA_2048).unwrap().decode("").unwrap();
    for at in (40..der.len() * 13 / 20).step_by(41) {
        let mut changed = der.clone();
        changed[at] ^= 0x10;
        assert!(
            PrivateKey::from_pem(pem::encode(PRIVATE_KEY, &changed).as_bytes(), None).is_err(),
            "{at}"
        );
    }
}

#[test]
fn keys_do_what_they_are_for() {
    let rsa = PrivateKey::generate(GenerateKind::Rsa { bits: 2048 }).unwrap();
    assert_eq!(
        (rsa.public().algorithm(), rsa.public().bits()),
        (KeyAlgorithm::Rsa, 2048)
    );
    assert!(rsa.identity().is_ok() && rsa.signer().is_ok());
    let ed25519 = PrivateKey::generate(GenerateKind::Ed25519).unwrap();
    assert_eq!(ed25519.public().algorithm(), KeyAlgorithm::Ed25519);
    assert!(matches!(ed25519.identity(), Err(KeyError::WrongUse { .. })));
    assert_eq!(ed25519.signer().unwrap().spki(), ed25519.public().spki());
    let hybrid = PrivateKey::generate(GenerateKind::XWing).unwrap();
    assert_eq!(hybrid.public().algorithm(), KeyAlgorithm::XWing);
    let identity = hybrid.identity().unwrap();
    assert_eq!(identity.spki(), Some(hybrid.public().spki()));
    assert_eq!(
        hybrid.signer().unwrap_err().to_string(),
        "a hybrid (X-Wing) key cannot sign; it can only be a recipient"
    );
    for bits in [0, 1024, 2047, 2560, 8192] {
        let refused = PrivateKey::generate(GenerateKind::Rsa { bits });
        assert_eq!(refused.unwrap_err(), KeyError::RsaSize { bits });
    }
    assert!(format!("{ed25519:?}").starts_with("PrivateKey(.. of PublicKey(ed25519 256, sha256:"));
}

/// A generator that gives nothing.
struct Broken;

impl rand_core::TryRng for Broken {
    type Error = fmt::Error;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Err(fmt::Error)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Err(fmt::Error)
    }
    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> {
        Err(fmt::Error)
    }
}

impl rand_core::TryCryptoRng for Broken {}

#[test]
fn a_failing_generator_is_an_error() {
    let mut broken = Broken;
    let mut rng = Random::new(&mut broken);
    for kind in [
        GenerateKind::default(),
        GenerateKind::Ed25519,
        GenerateKind::XWing,
    ] {
        let error = PrivateKey::generate_with_rng(kind, &mut rng).unwrap_err();
        assert!(matches!(error, KeyError::Rng(_)));
    }
    let error = read(fixtures::ED25519)
        .to_encrypted_pem_with_rng(b"x", &mut rng)
        .unwrap_err();
    assert!(matches!(error, KeyError::Rng(_)));
}
