use super::*;

const CONTEXT: WrapContext<'_> = WrapContext::new(&[0; 32], &[0; 32]);

fn unwrap(text: &str, body: &[u8], limits: &Limits) -> Result<bool, KeyError> {
    let passphrase = Passphrase::new(text).unwrap();
    passphrase
        .unwrap(body, UnwrapContext::new(CONTEXT, limits))
        .map(|cek| cek.is_some())
}

fn wrap(text: &str, kdf: Kdf) -> Vec<u8> {
    let recipient = PassphraseRecipient::new(Passphrase::new(text).unwrap()).with_kdf(kdf);
    let cek = Cek::init(|b| b.fill(7));
    recipient
        .wrap(&cek, CONTEXT, &mut Random::system())
        .unwrap()
}

#[test]
fn one_passphrase_has_one_form() {
    let expose = |text| Passphrase::new(text).unwrap().expose().to_owned();
    assert_eq!(expose("caf\u{E9}"), "caf\u{E9}");
    assert_eq!(expose("cafe\u{301}"), "caf\u{E9}");
    assert_eq!(
        expose("\u{212B}"),
        "\u{C5}",
        "the Angstrom sign is an A with a ring"
    );
    assert_eq!(
        expose("\u{1112}\u{1161}\u{11AB}"),
        "\u{D55C}",
        "Hangul is composed"
    );
    assert_eq!(expose(" spaces stay "), " spaces stay ");
    assert_ne!(expose("\u{FB01}"), "fi", "compatibility forms stay apart");
}

#[test]
fn lengths_have_bounds() {
    let refused = |text: &str| matches!(Passphrase::new(text), Err(KeyError::BadPassphrase(_)));
    assert!(refused(""));
    assert!(!refused(&"x".repeat(1024)) && refused(&"x".repeat(1025)));
    // The bound is on the normal form: 512 times two bytes.
    let decomposed = "e\u{301}".repeat(512);
    assert!(decomposed.len() > 1024 && !refused(&decomposed));
    assert!(refused(&"e\u{301}".repeat(513)) && refused(&"\u{E9}".repeat(513)));
}

#[test]
fn files_lose_one_newline() {
    let read = |bytes: &[u8]| Passphrase::from_file_bytes(bytes).map(|p| p.expose().to_owned());
    for file in ["secret", "secret\n", "secret\r\n"] {
        assert_eq!(read(file.as_bytes()), Ok("secret".into()));
    }
    assert_eq!(read(b"secret\n\n"), Ok("secret\n".into()));
    assert_eq!(read(b"secret\r"), Ok("secret\r".into()));
    assert_eq!(read(b"two words \n"), Ok("two words ".into()));
    for file in [&b""[..], b"\n", b"\r\n"] {
        assert_eq!(read(file), Err(KeyError::BadPassphrase("is empty")));
    }
    assert_eq!(
        read(b"caf\xE9\n"),
        Err(KeyError::BadPassphrase("is not UTF-8"))
    );
}

#[test]
fn composed_and_decomposed_open_the_same_stream() {
    let body = wrap("cafe\u{301}", Kdf::argon2id(19_456, 2, 1).unwrap());
    assert_eq!((body.len(), body[0]), (1 + 12 + 16 + 40, 1));
    assert_eq!(unwrap("caf\u{E9}", &body, &Limits::DEFAULT), Ok(true));
    assert_eq!(unwrap("cafe", &body, &Limits::DEFAULT), Ok(false));
}

#[test]
fn the_default_is_the_documented_one() {
    let body = wrap("x", Kdf::default());
    assert_eq!(body[..13], [1, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4]);
    assert_eq!(unwrap("x", &body, &Limits::DEFAULT), Ok(true));
    assert_ne!(
        body[13..29],
        wrap("x", Kdf::default())[13..29],
        "the salt is drawn"
    );
}

#[test]
fn costs_are_refused_before_they_are_paid() {
    let body = |head: &[u8]| [head, &[0; 56]].concat();
    let mut limits = Limits::DEFAULT;
    for head in [
        &[1, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 3, 0, 0, 0, 4][..],
        &[1, 0, 1, 0, 0, 0xFF, 0, 0, 3, 0, 0, 0, 4],
        &[1, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0],
        &[2, 0xFF, 0xFF, 0xFF, 0xFF],
        &[2, 0, 0, 0, 0],
    ] {
        let refused = unwrap("x", &body(head), &limits);
        assert!(matches!(refused, Err(KeyError::KdfBounds(_))), "{head:?}");
    }
    limits.argon2_memory_kib = 1 << 15;
    let refused = unwrap(
        "x",
        &body(&[1, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4]),
        &limits,
    );
    assert!(matches!(refused, Err(KeyError::KdfBounds(_))));
    assert_eq!(
        unwrap("x", &body(&[3, 0, 9, 0x27, 0xC0]), &limits),
        Ok(false)
    );
}
