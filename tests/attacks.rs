//! The attack list of SECURITY.md, one named test each where `tamper.rs` has none.
//!
//! Some of these play a holder of the key, who can make chunks with right tags around any content.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

use core::sync::atomic::{AtomicUsize, Ordering};
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use secimg::content::{
    Close, ContentErrorKind, Manifest, RECORD_HEADER_LEN, RecordHeader, RecordKind,
};
use secimg::crypto::{
    Cek, Random, SUITES, StreamKeys, Workers, batch, core_hash, find_suite, system_rng,
};
use secimg::format::{
    ChunkSize, Core, Entry, Flags, FormatErrorKind, Geometry, KeyId, Limits, RecipientType,
    RecipientsBlock, Salt, SuiteId,
};
use secimg::io::{OpenReader, ReadError};
use secimg::keys::{Identity, KeyError, Recipient, UnwrapContext, WrapContext};
use secimg::stream::{FrameWalker, Header, HeaderReader};
use secimg::{Image, OpenError, OpenOptions, decrypt, encrypt, encrypt_series, inspect};
use support::{drive, ed25519, hybrid, pattern, raw, rsa, small, small_identity, trust};

const SALT: Salt = [0x5A; 32];

fn cek() -> Cek {
    Cek::init(|bytes| bytes.fill(0xC3))
}

/// Seals any content, as a malicious sender would: nothing checks it on the way.
fn forge(content: &[u8], suite: SuiteId) -> Vec<u8> {
    let core = Core::new(suite, Flags::new(false), ChunkSize::MIN, SALT);
    let keys = StreamKeys::derive(&cek(), &core, b"");
    let core = core.with_commitment(keys.commitment());
    let hash = core_hash(&core);
    let wrapped = raw(1)
        .wrap(
            &cek(),
            WrapContext::new(&SALT, &hash),
            &mut Random::new(&mut system_rng()),
        )
        .unwrap();
    let entry = Entry::new(
        RecipientType::RawKey,
        Recipient::key_id(raw(1).as_ref(), &SALT),
        wrapped,
    );
    let mut block = RecipientsBlock::build(&[entry]).unwrap();
    let mac = keys.recipients_mac(block.authenticated());
    block.set_mac(mac);
    [
        core.to_bytes(),
        block.to_frame(),
        payload(content, &keys, suite),
    ]
    .concat()
}

fn payload(content: &[u8], keys: &StreamKeys, suite: SuiteId) -> Vec<u8> {
    let suite = find_suite(suite).unwrap();
    let geometry = Geometry::new(ChunkSize::MIN, suite.layout);
    let keys = suite.chunk_keys(keys);
    let mut out = Vec::new();
    let (chunks, rest) = content.as_chunks::<4096>();
    for (index, chunk) in (0..).zip(chunks) {
        let mut frame = vec![0; geometry.stride()];
        frame[4..4 + 4096].copy_from_slice(chunk);
        batch::seal_chunks(
            keys.as_ref(),
            geometry,
            index,
            &mut frame,
            &Workers::one(),
            None,
        );
        out.extend_from_slice(&frame);
    }
    out.extend(batch::seal_final(
        keys.as_ref(),
        geometry,
        chunks.len() as u64,
        rest,
    ));
    out
}

fn record(kind: RecordKind, body: &[u8]) -> Vec<u8> {
    [
        RecordHeader::new(kind, body.len() as u64)
            .to_bytes()
            .as_slice(),
        body,
    ]
    .concat()
}

fn manifest() -> Vec<u8> {
    let body = Manifest::new("opaque", "application/octet-stream")
        .to_bytes()
        .unwrap();
    record(RecordKind::Manifest, &body)
}

fn close() -> Vec<u8> {
    Close::new(0, None).to_bytes()
}

fn content_error(content: &[u8]) -> ContentErrorKind {
    let sealed = forge(content, SuiteId::AES_256_CBC_HMAC_SHA_256);
    match decrypt(&sealed, &small_identity()).unwrap_err() {
        OpenError::Content(error) => error.kind,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_forger_of_these_tests_makes_sound_streams() {
    for suite in SUITES {
        let content = [manifest(), record(RecordKind::Data, b"pixels"), close()].concat();
        let opened = decrypt(&forge(&content, suite.id), &small_identity()).unwrap();
        assert_eq!(opened.images[0].bytes, b"pixels");
    }
}

#[test]
fn hostile_record_lengths_cost_nothing() {
    let huge = (1_u64 << 56) - 1;
    let header = |kind, length| RecordHeader::new(kind, length).to_bytes().to_vec();
    for kind in [
        RecordKind::Manifest,
        RecordKind::Index,
        RecordKind::Close,
        RecordKind::Digest,
    ] {
        let content = match kind {
            RecordKind::Digest => [
                manifest(),
                record(RecordKind::Data, b"x"),
                header(kind, huge),
            ]
            .concat(),
            _ => header(kind, huge),
        };
        let _ = content_error(&content);
    }
    let preview = [manifest(), header(RecordKind::Preview, huge)].concat();
    assert!(matches!(
        content_error(&preview),
        ContentErrorKind::Limit { .. }
    ));
    let data = [
        manifest(),
        header(RecordKind::Data, huge),
        vec![7; 5000],
        close(),
    ]
    .concat();
    assert!(matches!(content_error(&data), ContentErrorKind::Unfinished));
    let skipped = [header(RecordKind::Skippable(0xFF), huge), close()].concat();
    assert!(matches!(
        content_error(&skipped),
        ContentErrorKind::Unfinished
    ));
}

#[test]
fn too_many_items_are_refused_at_the_limit() {
    let item = [manifest(), record(RecordKind::Data, b"")].concat();
    let content = [item.repeat(11), close()].concat();
    let sealed = forge(&content, SuiteId::AES_256_GCM);
    let limited = |items| small_identity().limits(Limits::DEFAULT.items(items));
    assert!(decrypt(&sealed, &limited(11)).is_ok());
    let error = decrypt(&sealed, &limited(10)).unwrap_err();
    assert!(matches!(error, OpenError::Content(e) if e.kind == ContentErrorKind::TooManyItems(10)));
}

#[test]
fn a_stream_longer_than_the_callers_limit_is_refused() {
    let sealed = encrypt(&Image::new(pattern(100_000)), &small()).unwrap();
    let limit = Limits::DEFAULT.stream_bytes(50_000);
    let error = decrypt(&sealed, &small_identity().limits(limit)).unwrap_err();
    assert!(
        matches!(error, OpenError::Format(e) if e.kind == FormatErrorKind::CallerLimit(50_000))
    );
}

#[test]
fn who_seeks_has_the_same_limit_to_the_byte() {
    let sealed = encrypt(&Image::new(pattern(100_000)), &small()).unwrap();
    let len = sealed.len() as u64;
    for (bytes, opens) in [(len - 1, false), (len, true), (len + 1, true)] {
        let options = small_identity().limits(Limits::DEFAULT.stream_bytes(bytes));
        assert_eq!(decrypt(&sealed, &options).is_ok(), opens, "{bytes}");
        match OpenReader::open(Cursor::new(&sealed), &options) {
            Ok(_) => assert!(opens, "{bytes}"),
            Err(ReadError::Open(OpenError::Format(e))) => {
                assert_eq!(
                    (e.kind, opens),
                    (FormatErrorKind::CallerLimit(bytes), false)
                );
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn the_callers_limit_is_judged_at_a_frames_header_however_the_bytes_arrive() {
    let sealed = encrypt(&Image::new(pattern(100_000)), &small()).unwrap();
    for bytes in [100, 50_000, sealed.len() as u64 - 1] {
        let limit = Limits::DEFAULT.stream_bytes(bytes);
        let refused = decrypt(&sealed, &small_identity().limits(limit)).unwrap_err();
        for piece in [1, 97, sealed.len()] {
            let mut walker = FrameWalker::new(limit);
            let error = sealed.chunks(piece).find_map(|p| walker.push(p).err());
            assert_eq!(error.map(OpenError::from).as_ref(), Some(&refused));
        }
    }
}

/// As `inspect` does with a file: bodies are passed over in steps, never read.
#[test]
fn a_stream_is_walked_over_without_its_bodies() {
    let sealed = encrypt(&Image::new(pattern(100_000)), &small()).unwrap();
    let survey = inspect(&sealed).unwrap();
    for (limit, holds) in [
        (sealed.len() as u64, true),
        (sealed.len() as u64 - 1, false),
    ] {
        let mut walker = FrameWalker::new(Limits::DEFAULT.stream_bytes(limit));
        let (mut at, mut skipped, mut refused) = (0, 0, false);
        while at < sealed.len() && !refused {
            assert!(!walker.is_done());
            let body = walker.body_left();
            // More than the body has, then nothing: the next header is not passed over.
            let count = walker.skip(body / 2) + walker.skip(u64::MAX);
            assert_eq!((count, walker.body_left(), walker.skip(9)), (body, 0, 0));
            (at, skipped) = (at + usize::try_from(count).unwrap(), skipped + count);
            if at < sealed.len() {
                match walker.push(&sealed[at..=at]) {
                    Ok(taken) => at += taken,
                    Err(_) => refused = true,
                }
            }
        }
        assert_eq!((walker.is_done(), refused), (holds, !holds));
        assert_eq!(
            walker.header().map(Header::transfer_id),
            Some(survey.header.transfer_id())
        );
        assert!(skipped > 90_000, "{skipped}");
    }
}

#[test]
fn the_grammar_has_one_order() {
    let data = |bytes: &[u8]| record(RecordKind::Data, bytes);
    let digest = record(RecordKind::Digest, &[0; 32]);
    let wrong: [(&str, Vec<u8>); 10] = [
        ("data without manifest", [data(b"x"), close()].concat()),
        ("manifest without data", [manifest(), close()].concat()),
        (
            "two manifests",
            [manifest(), manifest(), data(b"x"), close()].concat(),
        ),
        (
            "digest before data",
            [manifest(), digest.clone(), data(b"x"), close()].concat(),
        ),
        (
            "false digest",
            [manifest(), data(b"x"), digest, close()].concat(),
        ),
        (
            "empty data behind data",
            [manifest(), data(b"x"), data(b""), close()].concat(),
        ),
        (
            "data behind empty data",
            [manifest(), data(b""), data(b"x"), close()].concat(),
        ),
        ("unknown record", [record_of(0x07), close()].concat()),
        ("bytes behind close", [close(), vec![0]].concat()),
        ("nothing", Vec::new()),
    ];
    for (what, content) in wrong {
        let sealed = forge(&content, SuiteId::AES_256_CBC_HMAC_SHA_256);
        let error = decrypt(&sealed, &small_identity()).unwrap_err();
        assert!(matches!(error, OpenError::Content(_)), "{what}: {error:?}");
    }
}

fn record_of(number: u8) -> Vec<u8> {
    [vec![number], vec![0; RECORD_HEADER_LEN - 1]].concat()
}

#[test]
fn a_suite_downgrade_changes_every_key() {
    for (from, to) in [(0, 1), (1, 0)] {
        let options = small().suite(SUITES[from]);
        let mut sealed = encrypt(&Image::new(pattern(100)), &options).unwrap();
        sealed[13..15].copy_from_slice(&SUITES[to].id.0.to_be_bytes());
        let error = decrypt(&sealed, &small_identity()).unwrap_err();
        assert!(matches!(error, OpenError::NotAuthentic(_)), "{error:?}");
    }
    let mut sealed = encrypt(&Image::new(pattern(100)), &small()).unwrap();
    for unknown in [0_u16, 3, 0xFFFF] {
        sealed[13..15].copy_from_slice(&unknown.to_be_bytes());
        let error = decrypt(&sealed, &small_identity()).unwrap_err();
        assert!(matches!(error, OpenError::Format(e)
            if e.kind == FormatErrorKind::UnsupportedSuite(unknown)));
    }
}

/// A recipient who keeps the key that he is given.
#[derive(Debug)]
struct Insider(std::sync::Mutex<Option<Cek>>);

impl Identity for Insider {
    fn kind(&self) -> RecipientType {
        RecipientType::RawKey
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        Identity::key_id(raw(1).as_ref(), salt)
    }

    fn unwrap(&self, body: &[u8], context: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        let cek = raw(1).unwrap(body, context)?;
        *self.0.lock().unwrap() = cek.as_ref().and_then(|cek| Cek::from_slice(cek.expose()));
        Ok(cek)
    }
}

#[test]
fn an_insider_cannot_change_a_signed_image() {
    for suite in SUITES {
        let image = pattern(6000);
        // Without digests, so that the signature alone stands in his way.
        let options = small()
            .recipient(raw(2))
            .suite(suite)
            .digests(false)
            .signer(ed25519().signer().unwrap());
        let sealed = encrypt(&Image::new(image), &options).unwrap();
        let insider = Arc::new(Insider(std::sync::Mutex::new(None)));
        decrypt(&sealed, &OpenOptions::new().identity(insider.clone())).unwrap();
        let cek = insider.0.lock().unwrap().take().unwrap();

        // He seals another first chunk under the right keys, with a right tag.
        let header = inspect(&sealed).unwrap().header;
        let keys = StreamKeys::derive(&cek, &header.core, b"");
        let chunks = suite.chunk_keys(&keys);
        let at = usize::try_from(header.payload_offset()).unwrap();
        let stride = header.geometry().stride();
        let mut forged = sealed.clone();
        let frame = &mut forged[at..at + stride];
        assert_eq!(chunks.open(0, false, &mut frame[4..]), Ok(4096));
        frame[4 + 4000] ^= 1;
        batch::seal_chunks(
            chunks.as_ref(),
            header.geometry(),
            0,
            frame,
            &Workers::one(),
            None,
        );
        assert_ne!(forged, sealed);

        let victim = OpenOptions::new().identity(raw(2));
        assert_eq!(
            decrypt(&forged, &victim).unwrap_err(),
            OpenError::BadSignature
        );
        let trusted = victim.require_signer(trust(ed25519()));
        assert_eq!(
            decrypt(&forged, &trusted).unwrap_err(),
            OpenError::BadSignature
        );
    }
}

/// What is done to an entry on the way has one answer, and the answer does not say what was hit.
#[test]
fn a_changed_hybrid_entry_is_a_wrong_key() {
    let options = secimg::SealOptions::new().recipient(hybrid().public().recipient().unwrap());
    let sealed = encrypt(&Image::new(pattern(10)), &options).unwrap();
    let identity = || OpenOptions::new().identity(hybrid().identity().unwrap());
    assert!(decrypt(&sealed, &identity()).is_ok());
    // ML-KEM's part, its end, X25519's share, and the wrapped key.
    for at in [0, 500, 1087, 1088, 1119, 1120, 1159] {
        let mut changed = sealed.clone();
        // Magic and CORE, the frame's header, the count, the entry's head.
        changed[81 + 4 + 1 + 20 + at] ^= 0x80;
        assert_eq!(
            decrypt(&changed, &identity()).unwrap_err(),
            OpenError::NotAuthentic(secimg::crypto::Unauthentic),
            "{at}"
        );
    }
}

/// Counts how often a private key would be used.
#[derive(Debug)]
struct Counting(AtomicUsize, bool);

impl Identity for Counting {
    fn kind(&self) -> RecipientType {
        RecipientType::RsaOaepSha256
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        let spki = rsa().public().spki().to_vec();
        secimg::keys::key_id(salt, if self.1 { &spki } else { b"somebody else" })
    }

    fn unwrap(&self, _: &[u8], _: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(None)
    }
}

#[test]
fn no_private_key_operation_without_a_matching_key_id() {
    let options = secimg::SealOptions::new().recipient(rsa().public().recipient().unwrap());
    let sealed = encrypt(&Image::new(pattern(10)), &options).unwrap();
    for (matches, expected) in [(true, 1), (false, 0)] {
        let identity = Arc::new(Counting(AtomicUsize::new(0), matches));
        assert!(decrypt(&sealed, &OpenOptions::new().identity(identity.clone())).is_err());
        assert_eq!(identity.0.load(Ordering::Relaxed), expected);
    }
}

#[test]
fn nothing_repeats_between_two_streams_of_one_image() {
    for suite in SUITES {
        let seal = || encrypt(&Image::new(vec![0; 20_000]), &small().suite(suite)).unwrap();
        let (a, b) = (seal(), seal());
        assert_eq!(a.len(), b.len());
        let blocks = |sealed: &[u8]| -> Vec<[u8; 16]> {
            sealed[85 + 4096 + 4..].as_chunks::<16>().0.to_vec()
        };
        let (a, b) = (blocks(&a), blocks(&b));
        let distinct: std::collections::HashSet<_> = a.iter().chain(&b).collect();
        assert_eq!(distinct.len(), a.len() + b.len(), "{}", suite.name);
    }
}

#[test]
fn nothing_of_an_image_stands_in_the_clear() {
    let image = Image::new(*b"GIF89a secret pixels").named("smith_john.gif");
    let sealed = encrypt(&image, &small().signer(ed25519().signer().unwrap())).unwrap();
    let spki = ed25519().public().spki();
    for needle in [
        b"smith".as_slice(),
        b"GIF89a",
        b"image/gif",
        b"pixels",
        spki,
    ] {
        assert!(!sealed.windows(needle.len()).any(|window| window == needle));
    }
}

#[test]
fn random_and_mutated_bytes_never_panic() {
    let sealed = encrypt_series(
        &[
            Image::new(pattern(5000)).named("a"),
            Image::new(pattern(9)).named("b"),
        ],
        &small().recipient(raw(2)),
    )
    .unwrap();
    let mut state = 0x1234_5678_9ABC_DEF0_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut refused = 0;
    for _ in 0..20_000 {
        let mut bytes = sealed.clone();
        for _ in 0..=next() % 4 {
            let at = usize::try_from(next()).unwrap() % bytes.len();
            bytes[at] = next().to_le_bytes()[0];
        }
        bytes.truncate(usize::try_from(next()).unwrap() % bytes.len() + 1);
        refused += usize::from(decrypt(&bytes, &small_identity()).is_err());
        let _ = inspect(&bytes);
    }
    say!("{refused} of 20000 mutated streams refused");
    assert_eq!(refused, 20_000);
}

#[test]
fn hostile_content_never_panics() {
    // A holder of the key makes right tags around random content: the parser stands alone here.
    let sound = [
        manifest(),
        record(RecordKind::Data, &pattern(300)),
        record(RecordKind::Skippable(0x80), b"??"),
        manifest(),
        record(RecordKind::Data, b""),
        close(),
    ]
    .concat();
    let mut state = 99_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    for _ in 0..3000 {
        let mut content = sound.clone();
        for _ in 0..=next() % 3 {
            let at = usize::try_from(next()).unwrap() % content.len();
            content[at] = next().to_le_bytes()[0];
        }
        let sealed = forge(&content, SuiteId::AES_256_GCM);
        let whole = drive(&sealed, &small_identity(), &[usize::MAX], &[1 << 16]);
        let cut = drive(&sealed, &small_identity(), &[1000, 1], &[3, 200]);
        assert_eq!(
            (whole.events, whole.released, whole.end),
            (cut.events, cut.released, cut.end)
        );
        let reader = Cursor::new(&sealed);
        let _ = OpenReader::open(reader, &small_identity());
    }
}

#[test]
fn an_early_refusal_needs_eight_bytes() {
    let mut reader = HeaderReader::new();
    let error = reader.push(b"GET / HTTP/1.1\r\n").unwrap_err();
    assert_eq!((error.kind, error.offset), (FormatErrorKind::NotSecimg, 0));
    let mut hostile = secimg::format::MAGIC.to_vec();
    hostile.extend([0x01, 0xFF, 0xFF, 0xFF]);
    let error = HeaderReader::new().push(&hostile).unwrap_err();
    assert!(matches!(error.kind, FormatErrorKind::FrameLength { .. }));
}

/// What ends before its magic does is cut short only if it began as a stream does.
#[test]
fn input_that_ends_early_is_told_from_what_was_never_a_stream() {
    let end = |begin: &[u8]| {
        let mut reader = HeaderReader::new();
        assert!(reader.push(begin).unwrap().1.is_none());
        let error = reader.end_of_input();
        (error.kind, error.offset)
    };
    let magic = secimg::format::MAGIC;
    for len in 0..=magic.len() {
        let expected = (FormatErrorKind::Truncated, len as u64);
        assert_eq!(end(&magic[..len]), expected);
    }
    for other in [&b"P"[..], b"\x89PNG", b"\x89SIMG\n"] {
        assert_eq!(end(other), (FormatErrorKind::NotSecimg, 0), "{other:?}");
    }
}

/// Each of the ways in which a transfer as text spoils the first bytes is told, and nothing else is taken for one.
#[test]
fn a_transfer_as_text_is_told_from_what_was_never_a_stream() {
    let kind = |begin: &[u8; 8]| HeaderReader::new().push(begin).unwrap_err().kind;
    for text in [
        b"\x89SIMG\n\x1a\x00",
        b"\x09SIMG\r\n\x1a",
        b"\x89SIMG\r\r\n",
    ] {
        assert_eq!(kind(text), FormatErrorKind::TextMode, "{text:?}");
    }
    for other in [b"\x89SIMG\r\n\x1b", b"\x89PNG\r\n\x1a\n", b"SIMG\r\n\x1a\n"] {
        assert_eq!(kind(other), FormatErrorKind::NotSecimg, "{other:?}");
    }
}

/// Tags, commitments and secrets are compared by constant-time functions only.
#[test]
fn no_tag_is_compared_with_equals() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for room in ["crypto", "stream", "keys"] {
        let mut files = Vec::new();
        collect(&src.join(room), &mut files);
        for (path, text) in files {
            for (number, line) in text.lines().enumerate() {
                let compares = line.contains("==") || line.contains("!=");
                let secret = line
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .any(|word| ["tag", "mac", "commitment", "expose"].contains(&word));
                let harmless = line.contains("tag_len") || line.trim_start().starts_with("//");
                let in_test = text[..text.find(line).unwrap_or(0)].contains("#[cfg(test)]");
                assert!(
                    !(compares && secret) || harmless || in_test || path.contains("tests"),
                    "{path}:{}: {line}",
                    number + 1
                );
            }
        }
    }
}

fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push((
                path.display().to_string(),
                fs::read_to_string(&path).unwrap(),
            ));
        }
    }
}

#[test]
fn debug_and_errors_show_no_secret() {
    let identity = raw(0x77);
    let key = rsa();
    let sealed = encrypt(&Image::new(pattern(10)), &small()).unwrap();
    let mut reader = HeaderReader::new();
    let locked = reader.push(&sealed).unwrap().1.unwrap();
    let unlocked = locked.unlock(&small_identity()).unwrap();
    let shown = [
        format!("{identity:?}"),
        format!("{:?}", key.identity().unwrap()),
        format!("{:?}", hybrid()),
        format!("{:?}", hybrid().identity().unwrap()),
        format!("{:?}", key.signer().unwrap()),
        format!("{:?}", ed25519().signer().unwrap()),
        format!("{:?}", small_identity()),
        format!(
            "{:?} {:?}",
            unlocked.keys(),
            secimg::keys::Passphrase::new("hunter2").unwrap()
        ),
    ]
    .concat();
    for secret in ["hunter2", "7777", "77, 77", "119, 119", "1, 1, 1, 1"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    let pem = key.to_pem().unwrap();
    let inside: String = pem.lines().nth(3).unwrap().to_owned();
    assert!(!shown.contains(&inside));
    let pem = hybrid().to_pem().unwrap();
    let inside: String = pem.lines().nth(1).unwrap().to_owned();
    assert!(!shown.contains(&inside));
    // A row of bytes, be it a seed or an expanded key, is long.
    assert!(shown.len() < 2000, "{shown}");
}
