use super::*;
use crate::keys::fixtures;

#[test]
fn keys_survive_the_round_trip() {
    for (pem, algorithm, bits, strength) in [
        (fixtures::RSA_2048_PUB, KeyAlgorithm::Rsa, 2048, 112),
        (fixtures::RSA_3072_PUB, KeyAlgorithm::Rsa, 3072, 128),
        (fixtures::RSA_4096_PUB, KeyAlgorithm::Rsa, 4096, 152),
        (fixtures::ED25519_PUB, KeyAlgorithm::Ed25519, 256, 128),
        (fixtures::XWING_PUB, KeyAlgorithm::XWing, 256, 128),
    ] {
        let key = PublicKey::from_pem(pem).unwrap();
        assert_eq!(
            (key.algorithm(), key.bits(), key.strength_bits()),
            (algorithm, bits, strength)
        );
        assert_eq!(key.to_pem().as_bytes(), pem);
        assert_eq!(PublicKey::from_spki_der_strict(key.spki()), Ok(key.clone()));
        assert_eq!(key.warnings().is_empty(), strength >= 128);
        assert!(format!("{key:?}").contains(&key.fingerprint().to_string()));
    }
}

#[test]
fn one_key_has_one_encoding() {
    let key = PublicKey::from_pem(fixtures::RSA_2048_PUB).unwrap();
    // AlgorithmIdentifier without its NULL; the two lengths shrink by two.
    let mut loose = key.spki().to_vec();
    assert_eq!(loose.splice(17..19, []).collect::<Vec<_>>(), [5, 0]);
    (loose[3], loose[5]) = (loose[3] - 2, loose[5] - 2);
    let read = PublicKey::from_spki_der(&loose).unwrap();
    assert_eq!(read, key);
    assert!(matches!(
        PublicKey::from_spki_der_strict(&loose),
        Err(KeyError::Malformed { .. })
    ));
    let longer = [key.spki(), &[0]].concat();
    for len in 0..key.spki().len() {
        assert!(PublicKey::from_spki_der(&longer[..len]).is_err(), "{len}");
    }
    assert!(PublicKey::from_spki_der(&longer).is_err());
}

#[test]
fn other_files_are_refused_by_name() {
    let read = |text: &str| PublicKey::from_pem(text.as_bytes()).unwrap_err();
    for label in [
        "PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "RSA PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
    ] {
        assert_eq!(
            read(&pem::encode(label, &[1; 40])),
            KeyError::PrivateWherePublic
        );
    }
    for label in ["CERTIFICATE", "RSA PUBLIC KEY"] {
        assert!(matches!(
            read(&pem::encode(label, &[1; 40])),
            KeyError::Convert { .. }
        ));
    }
    assert!(matches!(
        read(&pem::encode("PUBLIC KEY", &[1; 40])),
        KeyError::Malformed { .. }
    ));
    assert!(matches!(
        read(&pem::encode("X", &[1; 40])),
        KeyError::NotAKey(_)
    ));
    let weak = PublicKey::from_pem(fixtures::RSA_1024_PUB);
    assert_eq!(weak, Err(KeyError::RsaSize { bits: 1024 }));
    let ec = PublicKey::from_pem(fixtures::EC_P256_PUB);
    assert_eq!(ec, Err(KeyError::UnsupportedAlgorithm("EC".into())));
}

#[test]
fn keys_do_what_they_are_for() {
    let rsa = PublicKey::from_pem(fixtures::RSA_2048_PUB).unwrap();
    assert_eq!(rsa.recipient().unwrap().spki(), Some(rsa.spki()));
    assert!(rsa.verifying_key().is_ok());
    let ed25519 = PublicKey::from_pem(fixtures::ED25519_PUB).unwrap();
    let error = ed25519.recipient().unwrap_err();
    assert_eq!(
        error.to_string(),
        "an Ed25519 key cannot be a recipient; it can only sign"
    );
    assert!(ed25519.verifying_key().is_ok());
    let hybrid = PublicKey::from_pem(fixtures::XWING_PUB).unwrap();
    assert!(hybrid.recipient().unwrap().is_post_quantum());
    assert_eq!(
        hybrid.verifying_key().unwrap_err().to_string(),
        "a hybrid (X-Wing) key cannot verify; it can only be a recipient"
    );
}
