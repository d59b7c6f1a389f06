//! The opening direction: every way in which the library reads a stream.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use secimg::content::{ContentErrorKind, Manifest};
use secimg::format::{FormatError, FormatErrorKind};
use secimg::io::{ItemSink, OpenReader, ReadError, open_stream};
use secimg::keys::{Identity, Passphrase, PrivateKey, PublicKey, RawKeyRecipient, SymmetricKey};
use secimg::{Authentic, OpenError, OpenOptions, Report, Verified};

use super::file::{Vector, hex, key_file, unhex, unquote};
use super::make::sha256;
use super::rng::TestRng;
use crate::support::drive;

/// What a reader says of a stream: what it may have released, and the end.
pub(crate) struct Outcome {
    pub(crate) way: String,
    pub(crate) released: Vec<u8>,
    pub(crate) end: Result<Option<Verified>, OpenError>,
}

/// The class of SPEC section 12.
pub(crate) fn class(error: &OpenError) -> &'static str {
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
        other => panic!("{other:?} has no class"),
    }
}

/// What the reader of a vector says beforehand. Nothing is used here before the end is known.
pub(crate) fn options(vector: &Vector) -> OpenOptions {
    let context = vector.quoted("context").unwrap_or_default();
    let identities = vector.all("identity").map(identity);
    let options = OpenOptions::new()
        .context(context.as_bytes())
        .identities(identities)
        .spooled();
    let mut trusted = vector.all("trust").peekable();
    if trusted.peek().is_none() {
        return options;
    }
    options.require_signer(
        trusted
            .map(|file| PublicKey::from_pem(&key_file(file)).unwrap())
            .collect(),
    )
}

fn identity(line: &str) -> Arc<dyn Identity> {
    let (kind, value) = line.split_once(' ').unwrap();
    match kind {
        "raw" => {
            let key = SymmetricKey::from_file_bytes(&unhex(value)).unwrap();
            Arc::new(RawKeyRecipient::new(key))
        }
        "passphrase" => Arc::new(Passphrase::new(unquote(value)).unwrap()),
        "rsa" | "x-wing" => PrivateKey::from_pem(&key_file(value), None)
            .unwrap()
            .identity()
            .unwrap(),
        _ => panic!("no identity of kind {kind}"),
    }
}

/// Reads in order: the machine in several cuts, `Read`, and the one-shot function.
pub(crate) fn in_order(vector: &Vector) -> Vec<Outcome> {
    let mut rng = TestRng::new(&format!("{} cuts", vector.name));
    let mut sizes = |most: usize| -> Vec<usize> { (0..5).map(|_| rng.up_to(most)).collect() };
    let mut outcomes = vec![
        machine(vector, "whole", &[usize::MAX], &[1 << 20]),
        machine(vector, "byte by byte", &[1], &[4096]),
        machine(vector, "into one byte", &[usize::MAX], &[1]),
    ];
    for (inputs, outputs) in [(100, 5000), (5000, 100), (9000, 9000)] {
        let (inputs, outputs) = (sizes(inputs), sizes(outputs));
        outcomes.push(machine(vector, "random cuts", &inputs, &outputs));
    }
    outcomes.push(read(vector, sizes(3000)));
    outcomes.push(one_shot(vector));
    outcomes
}

fn machine(vector: &Vector, way: &str, inputs: &[usize], outputs: &[usize]) -> Outcome {
    let trace = drive(&vector.stream, &options(vector), inputs, outputs);
    let end = trace.end.and_then(|verified| whole_file(vector, verified));
    Outcome {
        way: format!("{way} {inputs:?}"),
        released: trace.released,
        end,
    }
}

/// A file ends where its stream does.
fn whole_file(vector: &Vector, verified: Verified) -> Result<Option<Verified>, OpenError> {
    let end = verified.report().stream_bytes;
    if end < vector.stream.len() as u64 {
        return Err(FormatError::at(FormatErrorKind::TrailingBytes, end).into());
    }
    Ok(Some(verified))
}

fn one_shot(vector: &Vector) -> Outcome {
    let opened = secimg::decrypt(&vector.stream, &options(vector));
    let released = opened.as_ref().map_or_else(
        |_| Vec::new(),
        |opened| {
            opened
                .images
                .iter()
                .flat_map(|image| image.bytes.clone())
                .collect()
        },
    );
    Outcome {
        way: "decrypt".to_owned(),
        released,
        end: opened.map(|opened| Some(opened.report)),
    }
}

/// Gives a few bytes at a time.
struct Pieces<'a> {
    rest: &'a [u8],
    sizes: core::iter::Cycle<std::vec::IntoIter<usize>>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = buffer.len().min(self.sizes.next().unwrap_or(1));
        self.rest.read(&mut buffer[..len])
    }
}

struct Collect(Vec<u8>);

impl ItemSink for Collect {
    fn item(&mut self, _: &Authentic<Manifest>) -> io::Result<()> {
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

fn read(vector: &Vector, sizes: Vec<usize>) -> Outcome {
    let pieces = Pieces {
        rest: &vector.stream,
        sizes: sizes.into_iter().cycle(),
    };
    let mut sink = Collect(Vec::new());
    let end = open_stream(pieces, &options(vector), &mut sink);
    Outcome {
        way: "Read".to_owned(),
        released: sink.0,
        end: end.map(Some).map_err(stream_error),
    }
}

fn stream_error(error: ReadError) -> OpenError {
    match error {
        ReadError::Open(error) => error,
        other => panic!("memory does not fail: {other}"),
    }
}

/// Reads by seeking: the items from the last to the first.
pub(crate) fn seeking(vector: &Vector) -> Outcome {
    let mut released = Vec::new();
    let end = seek_items(vector, &mut released);
    Outcome {
        way: "seeking".to_owned(),
        released: released.into_iter().rev().flatten().collect(),
        end: end.map(|()| None).map_err(stream_error),
    }
}

fn seek_items(vector: &Vector, released: &mut Vec<Vec<u8>>) -> Result<(), ReadError> {
    let mut reader = OpenReader::open(Cursor::new(&vector.stream), &options(vector))?;
    for number in (0..reader.items()?.len()).rev() {
        reader.select(number)?;
        let mut original = Vec::new();
        reader
            .read_to_end(&mut original)
            .map_err(|error| inner(&error))?;
        released.push(original);
    }
    Ok(())
}

/// `Read` carries the library's error inside its own.
fn inner(error: &io::Error) -> ReadError {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<OpenError>());
    ReadError::Open(
        inner
            .unwrap_or_else(|| panic!("memory does not fail: {error}"))
            .clone(),
    )
}

/// Compares a report with what the vector says, line by line.
pub(crate) fn check_report(vector: &Vector, report: &Report) {
    let name = &vector.name;
    assert_eq!(
        vector.get("transfer-id"),
        Some(hex(&report.transfer_id).as_str()),
        "{name}"
    );
    assert_eq!(
        vector.get("items"),
        Some(report.items.len().to_string().as_str()),
        "{name}"
    );
    assert_eq!(report.stream_bytes, vector.stream.len() as u64, "{name}");
    let signature = report.signature.as_ref().map(|signature| {
        assert_eq!(
            signature.trusted,
            vector.all("trust").next().is_some(),
            "{name}"
        );
        format!(
            "{} {}",
            signature.algorithm.name(),
            signature.intended.name()
        )
    });
    assert_eq!(vector.get("signature"), signature.as_deref(), "{name}");
}

/// Compares what came out with what the vector says.
pub(crate) fn check_payload(vector: &Vector, outcome: &Outcome) {
    let hash = hex(&sha256(&outcome.released));
    let at = format!("{}, {}", vector.name, outcome.way);
    assert_eq!(vector.get("payload-sha256"), Some(hash.as_str()), "{at}");
}
