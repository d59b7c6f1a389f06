use super::*;
use crate::keys::fixtures::unhex;

#[test]
fn parameters_have_bounds() {
    for (memory, passes, lanes) in [(19_456, 2, 1), (1_048_576, 16, 16), (65_536, 3, 4)] {
        assert!(Kdf::argon2id(memory, passes, lanes).is_ok());
    }
    for (memory, passes, lanes) in [
        (19_455, 2, 1),
        (1_048_577, 2, 1),
        (u32::MAX, 3, 4),
        (65_536, 1, 4),
        (65_536, 17, 4),
        (65_536, 3, 0),
        (65_536, 3, 17),
    ] {
        assert!(matches!(
            Kdf::argon2id(memory, passes, lanes),
            Err(KeyError::KdfBounds(_))
        ));
    }
    assert!(
        Kdf::pbkdf2_hmac_sha256(600_000).is_ok() && Kdf::pbkdf2_hmac_sha256(10_000_000).is_ok()
    );
    for iterations in [0, 1, 599_999, 10_000_001, u32::MAX] {
        assert!(matches!(
            Kdf::pbkdf2_hmac_sha256(iterations),
            Err(KeyError::KdfBounds(_))
        ));
    }
}

#[test]
fn the_readers_limits_tighten_the_bounds() {
    let mut limits = Limits::DEFAULT;
    assert_eq!(Kdf::default().check(&limits), Ok(()));
    limits.argon2_memory_kib = 65_535;
    limits.pbkdf2_iterations = 600_000;
    assert!(Kdf::default().check(&limits).is_err());
    assert!(Kdf::argon2id(65_535, 3, 4).unwrap().check(&limits).is_ok());
    assert!(
        Kdf::pbkdf2_hmac_sha256(600_001)
            .unwrap()
            .check(&limits)
            .is_err()
    );
    // Wider limits do not widen the format.
    limits.argon2_memory_kib = u32::MAX;
    let huge = Kdf::Argon2id {
        memory_kib: 1_048_577,
        passes: 3,
        lanes: 4,
    };
    assert!(huge.check(&limits).is_err());
}

#[test]
fn parameters_survive_the_round_trip() {
    for (kdf, len) in [
        (Kdf::default(), 13),
        (Kdf::pbkdf2_hmac_sha256(700_000).unwrap(), 5),
    ] {
        let mut out = Writer::new();
        kdf.write(&mut out);
        let bytes = out.finish();
        assert_eq!(bytes.len(), len);
        assert_eq!(Kdf::read(&mut Reader::new(&bytes, 0)), Some(kdf));
        assert_eq!(Kdf::read(&mut Reader::new(&bytes[..len - 1], 0)), None);
    }
    assert_eq!(Kdf::read(&mut Reader::new(&[3; 13], 0)), None);
}

/// RFC 7914 section 11 (PBKDF2-HMAC-SHA-256, 80 000 iterations; the first half of its output), and
/// Argon2id against the reference program: `argon2 saltsaltsaltsalt -id -t 2 -k 19456 -p 2 -l 32`.
#[test]
fn known_answers() {
    let mut key = [0; 32];
    pbkdf2_hmac::<Sha256>(b"Password", b"NaCl", 80_000, &mut key);
    assert_eq!(
        key,
        unhex("4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56")
    );
    argon2id(b"password", b"saltsaltsaltsalt", 19_456, 2, 2, &mut key).unwrap();
    assert_eq!(
        key,
        unhex("143897d82c4b2a75a0e3f4431a467f1fd573ceccdee71f5ed94d5028de416bea")
    );
}
