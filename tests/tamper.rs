//! Every bit flipped, every length cut, chunks moved: all refused, and nothing of a failing chunk released.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

use secimg::crypto::SUITES;
use secimg::format::{CORE_FRAME_LEN, FormatErrorKind};
use secimg::{Image, OpenError, OpenOptions, SealOptions, encrypt};
use support::{
    drive, ed25519, other_rsa, passphrase, pattern, raw, rsa, small, small_identity, trust, words,
};

const CHUNK: usize = 4096;

/// Three chunks, signed; a second recipient so that another's entry can be changed.
fn three_chunks(suite: &'static secimg::crypto::Suite) -> (Vec<u8>, Vec<u8>) {
    let image = pattern(2 * CHUNK + 1000);
    let options = small()
        .recipient(raw(2))
        .suite(suite)
        .signer(ed25519().signer().unwrap());
    (
        encrypt(&Image::new(image.as_slice()).named("a.png"), &options).unwrap(),
        image,
    )
}

fn strict() -> OpenOptions {
    small_identity().require_signer(trust(ed25519())).spooled()
}

/// How much of the image may come out when the byte at `at` is wrong: what lies in earlier chunks.
fn releasable(sealed: &[u8], at: usize, suite: &secimg::crypto::Suite, image_len: usize) -> usize {
    let header = CORE_FRAME_LEN + 4 + 4096;
    let stride = 4 + CHUNK + suite.layout.tag_len;
    let whole_chunks = at.saturating_sub(header) / stride;
    assert!(at < sealed.len());
    (whole_chunks * CHUNK).min(image_len)
}

fn open(sealed: &[u8]) -> support::Trace {
    drive(sealed, &strict(), &[usize::MAX], &[1 << 16])
}

#[test]
fn every_flipped_bit_is_refused() {
    for suite in SUITES {
        let (sealed, image) = three_chunks(suite);
        assert!(open(&sealed).end.is_ok());
        let mut refused = 0;
        let mut changed = sealed.clone();
        for bit in 0..sealed.len() * 8 {
            changed[bit / 8] ^= 1 << (bit % 8);
            let trace = open(&changed);
            assert!(trace.end.is_err(), "{}: bit {bit} was accepted", suite.name);
            let most = releasable(&sealed, bit / 8, suite, image.len());
            assert!(
                trace.released.len() <= most,
                "{}: bit {bit} released too much",
                suite.name
            );
            assert_eq!(trace.released, image[..trace.released.len()]);
            changed[bit / 8] ^= 1 << (bit % 8);
            refused += 1;
        }
        say!(
            "{}: {refused} of {} flipped bits refused",
            suite.name,
            sealed.len() * 8
        );
    }
}

#[test]
fn every_truncation_is_refused() {
    for suite in SUITES {
        let (sealed, image) = three_chunks(suite);
        for len in 0..sealed.len() {
            let trace = open(&sealed[..len]);
            let Err(OpenError::Format(error)) = trace.end else {
                panic!("{}: cut to {len}: {:?}", suite.name, trace.end);
            };
            assert_eq!(error.kind, FormatErrorKind::Truncated, "{len}");
            assert_eq!(error.offset, len as u64);
            assert!(trace.released.len() <= releasable(&sealed, len, suite, image.len()));
        }
        say!(
            "{}: {1} of {1} truncations refused",
            suite.name,
            sealed.len()
        );
    }
}

#[test]
fn bytes_behind_the_end_are_refused() {
    let (mut sealed, _) = three_chunks(SUITES[0]);
    let len = sealed.len() as u64;
    sealed.push(0);
    let error = secimg::decrypt(&sealed, &strict()).unwrap_err();
    assert!(matches!(&error, OpenError::Format(e)
        if e.kind == FormatErrorKind::TrailingBytes && e.offset == len));
    assert!(secimg::inspect(&sealed).is_err());
}

/// Cuts a sealed stream into its header and its frames.
fn frames(sealed: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let at = CORE_FRAME_LEN + 4 + 4096;
    let mut frames = Vec::new();
    let mut rest = &sealed[at..];
    while let [_, a, b, c, ..] = rest {
        let len = 4 + u32::from_be_bytes([0, *a, *b, *c]) as usize;
        frames.push(rest[..len].to_vec());
        rest = &rest[len..];
    }
    (sealed[..at].to_vec(), frames)
}

#[test]
fn chunks_moved_dropped_repeated_or_foreign_are_refused() {
    for suite in SUITES {
        let (sealed, _) = three_chunks(suite);
        let (foreign, _) = three_chunks(suite);
        let (header, own) = frames(&sealed);
        let (_, other) = frames(&foreign);
        assert_eq!(own.len(), 3);
        let mut arrangements: Vec<(&str, Vec<&Vec<u8>>)> = vec![
            ("swapped", vec![&own[1], &own[0], &own[2]]),
            ("first dropped", vec![&own[1], &own[2]]),
            ("second dropped", vec![&own[0], &own[2]]),
            ("all dropped", vec![&own[2]]),
            ("repeated", vec![&own[0], &own[0], &own[1], &own[2]]),
            ("repeated in place", vec![&own[0], &own[0], &own[2]]),
            ("final repeated", vec![&own[0], &own[1], &own[2], &own[2]]),
        ];
        for i in 0..3 {
            let mut with_foreign: Vec<_> = own.iter().collect();
            with_foreign[i] = &other[i];
            arrangements.push(("foreign", with_foreign));
        }
        for (name, order) in arrangements {
            let payload: Vec<u8> = order.into_iter().flatten().copied().collect();
            let result = secimg::decrypt(&[header.clone(), payload].concat(), &strict());
            assert!(result.is_err(), "{}: {name}", suite.name);
        }
        // Another stream's header over this one's payload.
        let (foreign_header, _) = frames(&foreign);
        let mixed = [foreign_header, own.concat()].concat();
        assert_eq!(secimg::decrypt(&mixed, &strict()), Err(not_authentic()));
    }
}

fn not_authentic() -> OpenError {
    OpenError::NotAuthentic(secimg::crypto::Unauthentic)
}

#[test]
fn wrong_keys_passphrases_and_contexts_say_one_thing() {
    let image = Image::new(pattern(100));
    let bound = encrypt(&image, &small().context(b"study 1")).unwrap();
    let with = |options: OpenOptions| secimg::decrypt(&bound, &options);
    assert!(with(small_identity().context(b"study 1")).is_ok());
    for wrong in [b"study 2".as_slice(), b""] {
        assert_eq!(with(small_identity().context(wrong)), Err(not_authentic()));
    }
    assert_eq!(
        with(OpenOptions::new().identity(raw(9))),
        Err(OpenError::NoMatchingKey)
    );
    assert_eq!(with(OpenOptions::new()), Err(OpenError::NoMatchingKey));

    let locked = encrypt(&image, &SealOptions::new().recipient(passphrase("right"))).unwrap();
    let open = |text| secimg::decrypt(&locked, &OpenOptions::new().identity(words(text)));
    assert!(open("right").is_ok());
    assert_eq!(open("wrong"), Err(not_authentic()));

    let rsa_sealed = encrypt(
        &image,
        &SealOptions::new().recipient(rsa().public().recipient().unwrap()),
    )
    .unwrap();
    let with = |key: &secimg::keys::PrivateKey| {
        secimg::decrypt(
            &rsa_sealed,
            &OpenOptions::new().identity(key.identity().unwrap()),
        )
    };
    assert!(with(rsa()).is_ok());
    assert_eq!(with(other_rsa()), Err(OpenError::NoMatchingKey));
}

#[test]
fn a_signature_cut_off_or_replaced_is_refused() {
    // A co-recipient knows the key, but CORE says that the stream is signed and is in every key: what
    // he can make is another stream. Here the whole FINAL of an unsigned twin takes the signed one's place.
    let image = Image::new(pattern(100));
    let signed = encrypt(&image, &small().signer(ed25519().signer().unwrap())).unwrap();
    let plain = encrypt(&image, &small()).unwrap();
    let (header, _) = frames(&signed);
    let (_, unsigned_final) = frames(&plain);
    assert!(
        secimg::decrypt(
            &[header, unsigned_final.concat()].concat(),
            &small_identity()
        )
        .is_err()
    );
    assert_eq!(
        secimg::decrypt(&plain, &small_identity().require_signer(trust(ed25519()))),
        Err(OpenError::NotSigned)
    );
    let other = secimg::decrypt(&signed, &small_identity().require_signer(trust(rsa())));
    assert!(matches!(other, Err(OpenError::UntrustedSigner { .. })));
    let ours =
        secimg::decrypt(&signed, &small_identity().require_signer(trust(ed25519()))).unwrap();
    assert!(ours.report.report().signature.as_ref().unwrap().trusted);
}
