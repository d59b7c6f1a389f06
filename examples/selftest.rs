//! Shows on the machine at hand, in one thread, that the library does what its test vectors say.
//!
//! ```text
//! cargo run --release --example selftest -- tests/vectors
//! ```
//!
//! For processors and systems on which the tests cannot be run, under an emulator for instance. It seals and opens with
//! each suite for each kind of recipient, changes what was sealed, and opens every vector of the folder that is given.
//! It ends with PASS, or with the first thing that is wrong.

use core::error::Error;
use core::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use secimg::content::ContentErrorKind;
use secimg::crypto::{SUITES, Suite};
use secimg::format::{ChunkSize, FormatErrorKind};
use secimg::keys::{
    GenerateKind, Identity, Kdf, Passphrase, PassphraseRecipient, PrivateKey, PublicKey,
    RawKeyRecipient, Recipient, SymmetricKey,
};
use secimg::{Image, OpenError, OpenOptions, Report, SealOptions, decrypt, encrypt};
use serde_json::Value;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    println!("{}, {}", std::env::consts::ARCH, std::env::consts::OS);
    let pairs = pairs()?;
    for suite in SUITES {
        let refused = suite_works(suite, &pairs)?;
        println!(
            "{}: opened for {} kinds of recipients; {refused} of {refused} changes refused",
            suite.name,
            pairs.len()
        );
    }
    match std::env::args_os().nth(1) {
        Some(folder) => println!("{0} of {0} test vectors", vectors(Path::new(&folder))?),
        None => println!("no test vectors: no folder was given"),
    }
    println!("PASS");
    Ok(())
}

/// A kind of recipient, and who can open what is sealed for it.
struct Pair {
    kind: &'static str,
    recipient: Arc<dyn Recipient>,
    identity: Arc<dyn Identity>,
}

/// One of each kind, with the cheapest parameters that the format allows.
fn pairs() -> Outcome<Vec<Pair>> {
    let rsa = PrivateKey::generate(GenerateKind::Rsa { bits: 2048 })?;
    let hybrid = PrivateKey::generate(GenerateKind::XWing)?;
    let raw = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
    let words = "correct horse battery staple";
    let kdf = Kdf::argon2id(19_456, 2, 1)?;
    let passphrase = PassphraseRecipient::new(Passphrase::new(words)?).with_kdf(kdf);
    Ok(vec![
        Pair {
            kind: "RSA",
            recipient: rsa.public().recipient()?,
            identity: rsa.identity()?,
        },
        Pair {
            kind: "X-Wing",
            recipient: hybrid.public().recipient()?,
            identity: hybrid.identity()?,
        },
        Pair {
            kind: "raw key",
            recipient: raw.clone(),
            identity: raw,
        },
        Pair {
            kind: "passphrase",
            recipient: Arc::new(passphrase),
            identity: Arc::new(Passphrase::new(words)?),
        },
    ])
}

/// Lengths around blocks, chunks, and the number of chunks that are worked on at once.
const LENGTHS: [usize; 8] = [0, 1, 15, 16, 4_095, 4_096, 40_000, 300_000];

/// Returns how many changed streams were refused.
fn suite_works(suite: &'static Suite, pairs: &[Pair]) -> Outcome<usize> {
    let signer = PrivateKey::generate(GenerateKind::Ed25519)?;
    let mut refused = 0;
    for pair in pairs {
        let sealing = SealOptions::new()
            .suite(suite)
            .chunk_size(ChunkSize::MIN)
            .recipient(pair.recipient.clone())
            .signer(signer.signer()?);
        let opening = OpenOptions::new()
            .identity(pair.identity.clone())
            .require_signer([signer.public()].into_iter().collect());
        for length in LENGTHS {
            let image = pattern(length);
            let sealed = encrypt(&Image::new(&*image), &sealing)?;
            let opened = decrypt(&sealed, &opening)?;
            if opened.images.len() != 1 || opened.images[0].bytes != image {
                return Err(format!("{}: other bytes of {length}", pair.kind).into());
            }
        }
        // Each change costs a key derivation with a passphrase, and shows nothing that the others do not.
        if pair.kind != "passphrase" {
            refused += changes(&encrypt(&Image::new(pattern(9_000)), &sealing)?, &opening)?;
        }
    }
    Ok(refused)
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 11).to_le_bytes()[0])
        .collect()
}

/// Flips one bit in bytes that lie far apart, and cuts at them: nothing of that may open.
fn changes(sealed: &[u8], options: &OpenOptions) -> Outcome<usize> {
    let mut refused = 0;
    for at in (0..sealed.len()).step_by(311) {
        let mut changed = sealed.to_vec();
        changed[at] ^= 1 << (at % 8);
        for stream in [&*changed, &sealed[..at]] {
            if decrypt(stream, options).is_ok() {
                return Err(format!("a stream changed or cut at {at} was opened").into());
            }
            refused += 1;
        }
    }
    Ok(refused)
}

/// Opens all vectors of a folder with `index.json`, and returns how many there are.
fn vectors(folder: &Path) -> Outcome<usize> {
    let index = fs::read(folder.join("index.json"))?;
    let index: Vec<Value> = serde_json::from_slice(&index)?;
    for vector in &index {
        let name = text(vector, "file")?;
        let at = vector["stream_at"].as_u64().ok_or("stream_at")?;
        let file = fs::read(folder.join(name))?;
        let stream = file.get(usize::try_from(at)?..).ok_or("stream_at")?;
        let said = match decrypt(stream, &options(folder, vector)?) {
            Ok(opened) if as_expected(vector, opened.report.report()) => "success",
            Ok(_) => "other items",
            Err(error) => class(&error),
        };
        let expected = text(vector, "expect")?;
        if said != expected {
            return Err(format!("{name}: {said} instead of {expected}").into());
        }
    }
    if index.is_empty() {
        return Err("the index has no vectors".into());
    }
    Ok(index.len())
}

fn text<'a>(value: &'a Value, member: &str) -> Outcome<&'a str> {
    Ok(value[member].as_str().ok_or_else(|| member.to_owned())?)
}

fn options(folder: &Path, vector: &Value) -> Outcome<OpenOptions> {
    let mut options = OpenOptions::new().context(text(vector, "context")?.as_bytes());
    for identity in vector["identities"].as_array().ok_or("identities")? {
        options = options.identity(match text(identity, "kind")? {
            "raw" => {
                let key = SymmetricKey::from_file_bytes(text(identity, "key")?.as_bytes())?;
                Arc::new(RawKeyRecipient::new(key))
            }
            "passphrase" => Arc::new(Passphrase::new(text(identity, "text")?)?),
            _ => {
                let pem = fs::read(folder.join(text(identity, "file")?))?;
                PrivateKey::from_pem(&pem, None)?.identity()?
            }
        });
    }
    let mut trusted = Vec::new();
    for file in vector["trusted_signers"].as_array().ok_or("trusted")? {
        let file = file.as_str().ok_or("trusted_signers")?;
        trusted.push(PublicKey::from_pem(&fs::read(folder.join(file))?)?);
    }
    if !trusted.is_empty() {
        options = options.require_signer(trusted.into_iter().collect());
    }
    Ok(options)
}

/// Whether the originals are those of the index.
fn as_expected(vector: &Value, report: &Report) -> bool {
    let Some(items) = vector["items"].as_array() else {
        return false;
    };
    items.len() == report.items.len()
        && items.iter().zip(&report.items).all(|(expected, item)| {
            expected["bytes"] == item.bytes
                && expected["sha256"] == hex(&item.sha256.unwrap_or_default())
        })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The class of section 12 of the specification.
fn class(error: &OpenError) -> &'static str {
    match error {
        OpenError::Format(error) => match error.kind {
            FormatErrorKind::CallerLimit(_) => "policy",
            _ => "format",
        },
        OpenError::Content(error) => match error.kind {
            ContentErrorKind::TooManyItems(_) => "policy",
            _ => "content",
        },
        OpenError::NoMatchingKey => "no-match",
        OpenError::NotAuthentic(_) => "not-authentic",
        OpenError::NotSigned | OpenError::UntrustedSigner { .. } => "policy",
        OpenError::BadSignature => "signature",
        _ => "another error",
    }
}
