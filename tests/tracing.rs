//! What the library tells a subscriber of a whole journey, and that it tells no secret.

#![cfg(feature = "tracing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[cfg(feature = "http")]
#[path = "tracing/http.rs"]
mod http;
#[macro_use]
mod support;

use core::fmt::{Debug, Write as _};
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use std::io::{Cursor, Write as _};
use std::sync::{Arc, Mutex};
use std::thread;

use secimg::crypto::Random;
use secimg::format::Limits;
use secimg::io::SealWriter;
use secimg::keys::{
    GenerateKind, Kdf, Passphrase, PassphraseRecipient, PrivateKey, RawKeyRecipient, SymmetricKey,
};
use secimg::stream::ImageDescription;
use secimg::transport::{
    Handler, Outgoing, PartBudget, PartStore, Receiver, Server, ServerLimits, Terms, Visit,
    await_receipt, connect, deliver, listen,
};
use secimg::{Image, OpenOptions, SealOptions, decrypt, encrypt, encrypt_series_with_rng};
use support::Counter;
use tracing::field::{Field, Visit as VisitFields};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const NAME: &str = "Doe^Jane^1970.dcm";
const PIXELS: &[u8] = b"pixels that nobody else may see, 0123456789";
const CONTEXT: &str = "study 1.2.840.113619.2.404";
const WORDS: &str = "correct horse battery staple";
const RAW: [u8; 32] = *b"\x91raw key of thirty-two bytes \x07\x08\x09";

/// Keeps everything of everything, down to the last field.
#[derive(Clone, Default)]
struct All(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl VisitFields for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl All {
    fn keep(&self, metadata: &Metadata<'_>, record: impl FnOnce(&mut Line)) {
        let mut line = Line(format!("{metadata:?}"));
        record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
}

impl Subscriber for All {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        self.keep(span.metadata(), |line| span.record(line));
        Id::from_u64(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line(String::new());
        values.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.keep(event.metadata(), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// What must not be told, in every form in which it might be.
fn secrets(cek: &[u8; 32], modality: &PrivateKey) -> Vec<String> {
    let mut secrets: Vec<String> = Vec::new();
    for text in [NAME, "Jane", CONTEXT, WORDS, "slice-2"] {
        secrets.push(text.to_owned());
        secrets.push(hex(text.as_bytes()));
    }
    let pem = modality.to_pem().unwrap();
    secrets.extend(
        pem.lines()
            .filter(|l| !l.starts_with("--"))
            .map(str::to_owned),
    );
    for bytes in [PIXELS, &RAW, cek.as_slice()] {
        // Even a piece of it, as text, in hexadecimal digits and as `Debug` shows bytes.
        for piece in bytes.windows(8) {
            secrets.push(hex(piece));
            let listed = format!("{piece:?}");
            secrets.push(listed.trim_matches(['[', ']']).to_owned());
            if let Ok(text) = core::str::from_utf8(piece) {
                secrets.push(text.to_owned());
            }
        }
    }
    secrets
}

struct Keep;

impl Handler for Keep {
    fn visit(&self, visit: &mut Visit<'_>) {
        let receiver = visit.receiver().clone();
        match receiver.receive(visit, &mut ()) {
            Ok(accepted) => drop(accepted.acknowledge(visit)),
            Err(_) => Receiver::turn_away(visit),
        }
    }
}

/// Sends one stream to a receiver with these options; says whether a receipt came that holds.
fn transfer(sealing: &SealOptions, opening: &OpenOptions) -> bool {
    let listener = listen("tcp://127.0.0.1:0").unwrap();
    let url = listener.url();
    let server = Server::new(&Receiver::new(opening), ServerLimits::new().streams(1));
    thread::scope(|scope| {
        scope.spawn(|| server.serve(listener, &Keep).unwrap());
        let mut link = connect(&url, Duration::from_secs(5)).unwrap();
        link.set_idle_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let mut writer = SealWriter::new(&mut link, sealing).unwrap();
        let image = ImageDescription::new().named("slice-2");
        writer.add_image(PIXELS, &image, None).unwrap();
        writer.checkpoint().unwrap();
        let (_, sealer) = writer.finish_with_sealer().unwrap();
        link.finish_sending().unwrap();
        await_receipt(&mut link, &sealer.transfer_id(), Some(&sealer)).is_ok()
    })
}

/// Brings a stream whose first connection breaks in its middle, and whose second at once.
fn broken_transfer(sealing: &SealOptions, opening: &OpenOptions) {
    let folder = tempfile::tempdir().unwrap();
    let parts = PartStore::open(&folder.path().join("parts"), PartBudget::new()).unwrap();
    let receiver = Receiver::new(opening).resume(parts);
    let image = Image::new(PIXELS.repeat(10_000)).named(NAME);
    let sealed = encrypt(&image, sealing).unwrap();
    let mut listener = listen("tcp://127.0.0.1:0").unwrap();
    let url = listener.url();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut first = listener.accept().unwrap().link;
            let error = receiver.receive(first.as_mut(), &mut ()).unwrap_err();
            assert!(error.is_broken_off(), "{error}");
            drop(listener.accept().unwrap());
            let mut third = listener.accept().unwrap().link;
            let accepted = receiver.receive(third.as_mut(), &mut ()).unwrap();
            accepted.acknowledge(&mut third).unwrap();
        });
        let mut first = connect(&url, Duration::from_secs(5)).unwrap();
        first.write_all(&sealed[..sealed.len() / 2]).unwrap();
        drop(first);
        let mut stream = Outgoing::new(Cursor::new(sealed.as_slice()), Limits::DEFAULT)
            .unwrap()
            .asking();
        let pause = Duration::from_millis(1);
        let terms = Terms::new().pauses(pause, pause);
        deliver(&url, &mut stream, &terms).unwrap();
        assert!(stream.resumed_at() > 0);
    });
}

/// The same over HTTP, with what of it is secret and what must be told.
#[cfg(feature = "http")]
fn over_http(
    sealing: &SealOptions,
    opening: &OpenOptions,
    other: &OpenOptions,
) -> (Vec<String>, &'static [&'static str]) {
    // The name of an upload is its sender's alone.
    let name = http::journey(sealing, opening, other);
    (vec![name], http::TOLD)
}

#[cfg(not(feature = "http"))]
fn over_http(
    _: &SealOptions,
    _: &OpenOptions,
    _: &OpenOptions,
) -> (Vec<String>, &'static [&'static str]) {
    (Vec::new(), &[])
}

#[test]
fn a_whole_journey_tells_no_secret() {
    let all = All::default();
    tracing::subscriber::set_global_default(all.clone()).unwrap();

    let raw = Arc::new(RawKeyRecipient::new(
        SymmetricKey::from_file_bytes(&RAW).unwrap(),
    ));
    let modality = PrivateKey::generate(GenerateKind::Ed25519).unwrap();
    let hospital = PrivateKey::generate(GenerateKind::XWing).unwrap();
    let kdf = Kdf::argon2id(19_456, 2, 1).unwrap();
    let phrase = PassphraseRecipient::new(Passphrase::new(WORDS).unwrap()).with_kdf(kdf);
    let sealing = SealOptions::new()
        .signer(modality.signer().unwrap())
        .context(CONTEXT.as_bytes());
    let opening = OpenOptions::new()
        .context(CONTEXT.as_bytes())
        .require_signer([modality.public()].into_iter().collect());
    let image = Image::new(PIXELS).named(NAME);

    // Every kind of key seals and opens; what is drawn for the first is known.
    let mut drawn = [0; 64];
    rand_core::TryRng::try_fill_bytes(&mut Counter(7), &mut drawn).unwrap();
    let cek: [u8; 32] = drawn[32..].try_into().unwrap();
    let to_raw = sealing.clone().recipient(raw.clone());
    let mut rng = Counter(7);
    let images = core::slice::from_ref(&image);
    let sealed = encrypt_series_with_rng(images, &to_raw, &mut Random::new(&mut rng)).unwrap();
    decrypt(&sealed, &opening.clone().identity(raw.clone())).unwrap();
    let to_phrase = sealing.clone().recipient(Arc::new(phrase));
    let phrased = encrypt(&image, &to_phrase).unwrap();
    let words = Arc::new(Passphrase::new(WORDS).unwrap());
    decrypt(&phrased, &opening.clone().identity(words)).unwrap();

    // A wrong key, a wrong context, and a changed byte.
    let to_hospital = sealing.recipient(hospital.public().recipient().unwrap());
    let opening_here = opening.clone().identity(hospital.identity().unwrap());
    assert!(decrypt(&sealed, &opening_here).is_err());
    let other = opening.identity(raw.clone()).context(b"another");
    assert!(decrypt(&sealed, &other).is_err());
    let mut changed = sealed.clone();
    *changed.last_mut().unwrap() ^= 1;
    let here = OpenOptions::new().identity(raw).context(CONTEXT.as_bytes());
    assert!(decrypt(&changed, &here).is_err());

    // Over a socket, accepted and refused.
    assert!(transfer(&to_hospital, &opening_here));
    assert!(!transfer(&to_raw, &opening_here));
    broken_transfer(&to_hospital, &opening_here);

    let (names, of_http) = over_http(&to_hospital, &opening_here, &here);
    let secrets = [secrets(&cek, &modality), names].concat();

    let told = all.0.lock().unwrap().clone();
    let words = [
        "sealing",
        "sealed",
        "checkpoint",
        "unlocked",
        "not unlocked",
        "no matching key",
        "not authentic",
        "verified",
        "refused",
        "connected",
        "connection accepted",
        "header received",
        "receipt",
        "verdict=\"accepted\"",
        "verdict=\"refused\"",
        "x-wing",
        "passphrase",
        "kept",
        "broken off",
        "held",
        "sending from",
    ];
    for word in words.iter().chain(of_http) {
        assert!(
            told.iter().any(|line| line.contains(word)),
            "{word}: {told:#?}"
        );
    }
    // Two streams of one chunk, then two whose first chunk a checkpoint ends.
    let counts: Vec<&str> = told
        .iter()
        .filter(|line| {
            ["message=sealed ", "message=checkpoint "]
                .iter()
                .any(|said| line.contains(said))
        })
        .map(|line| line.rsplit_once(' ').unwrap().1)
        .collect();
    let transfer = ["chunk=0", "chunks=2"];
    assert_eq!(counts[..6], [["chunks=1"; 2], transfer, transfer].concat());
    for line in &told {
        for secret in &secrets {
            assert!(!line.contains(secret.as_str()), "{secret:?} in {line}");
        }
    }
    say!(
        "{} events, {} secrets looked for in each",
        told.len(),
        secrets.len()
    );
    // The search is not blind.
    for careless in [format!("{RAW:?}"), hex(&cek), format!("{image:?}")] {
        assert!(
            secrets
                .iter()
                .any(|secret| careless.contains(secret.as_str()))
        );
    }
}
