//! What the library says of a stream, in words that can be compared with the reference's.

use std::collections::BTreeMap;

use secimg::content::{ContentErrorKind, FrameEntry};
use secimg::format::{FormatError, FormatErrorKind};
use secimg::{OpenError, OpenOptions, Report, Verified};

use super::keys::Who;
use crate::answer;
use crate::frame::Frame;
use crate::open::open;
use crate::primitives::sha256;
use crate::support::drive;

/// An answer, reduced to what both sides must agree on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// `success` or a class.
    pub(crate) class: &'static str,
    /// Of the class format.
    offset: Option<u64>,
    /// What came out; of a refused stream only where no signer was required, for the library may
    /// hold more back than it must.
    released: Vec<u8>,
    stream: Option<Stream>,
}

#[derive(Debug, PartialEq, Eq)]
struct Stream {
    transfer_id: [u8; 32],
    items: Vec<Item>,
    /// Algorithm, judgement, signer's hash, signing time.
    signature: Option<(String, String, [u8; 32], u64)>,
}

#[derive(Debug, PartialEq, Eq)]
struct Item {
    format: String,
    media_type: String,
    name: Option<String>,
    numbers: [Option<u64>; 5],
    time: Option<i64>,
    words: BTreeMap<String, String>,
    preview_of: Option<[u8; 32]>,
    frame: Option<Frame>,
    bytes: u64,
    sha256: [u8; 32],
}

/// The class of SPEC section 12.
fn class(error: &OpenError) -> &'static str {
    match error {
        OpenError::Format(_) => "format",
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

/// Opens with the library, in order.
pub(crate) fn by_library(stream: &[u8], who: &Who) -> Seen {
    let options: OpenOptions = who.library();
    let trace = drive(stream, &options, &[usize::MAX], &[1 << 20]);
    let end = trace.end.and_then(|verified| whole_file(stream, verified));
    let (class, offset, stream) = match &end {
        Ok(verified) => ("success", None, Some(of_report(verified.report()))),
        Err(OpenError::Format(error)) => ("format", Some(error.offset), None),
        Err(error) => (class(error), None, None),
    };
    Seen {
        class,
        offset,
        released: comparable(class, who, trace.released),
        stream,
    }
}

/// A file ends where its stream does.
fn whole_file(stream: &[u8], verified: Verified) -> Result<Verified, OpenError> {
    let end = verified.report().stream_bytes;
    if end < stream.len() as u64 {
        return Err(FormatError::at(FormatErrorKind::TrailingBytes, end).into());
    }
    Ok(verified)
}

fn comparable(class: &str, who: &Who, released: Vec<u8>) -> Vec<u8> {
    let compared = class == "success" || who.trusted.is_empty();
    if compared { released } else { Vec::new() }
}

fn frame(entry: &FrameEntry) -> Frame {
    let layout = &entry.layout;
    let transform = entry.transform.as_ref();
    Frame {
        sample_type: layout.sample_type.name().to_owned(),
        bits_stored: layout.bits_stored.into(),
        meaning: layout.photometric_interpretation.name().to_owned(),
        byte_order: layout.byte_order.name().to_owned(),
        time: layout.time,
        transform: transform.map(|transform| transform.name.clone()),
        sha256: transform.map(|transform| transform.sha256),
    }
}

fn of_report(report: &Report) -> Stream {
    let items = report.items.iter().map(|item| {
        let manifest = &item.manifest;
        Item {
            format: manifest.format.clone(),
            media_type: manifest.media_type.clone(),
            name: manifest.name.clone(),
            numbers: [
                manifest.claimed_width.map(u64::from),
                manifest.claimed_height.map(u64::from),
                manifest.claimed_frames.map(u64::from),
                manifest.claimed_channels.map(u64::from),
                manifest.claimed_bits.map(u64::from),
            ],
            time: manifest.time,
            words: manifest.attributes.clone(),
            preview_of: manifest.preview_of,
            frame: manifest.frame.as_deref().map(frame),
            bytes: item.bytes,
            sha256: item.sha256.unwrap(),
        }
    });
    let signature = report.signature.as_ref().map(|signature| {
        let algorithm = signature.algorithm.name().to_owned();
        let judgement = signature.intended.name().to_owned();
        (algorithm, judgement, signature.signer, signature.time)
    });
    Stream {
        transfer_id: report.transfer_id,
        items: items.collect(),
        signature,
    }
}

/// Opens with the reference.
pub(crate) fn by_reference(stream: &[u8], who: &Who) -> Seen {
    let answer = open(stream, &who.reference());
    let (class, offset, stream) = match &answer.end {
        Ok(verified) => ("success", None, Some(of_verified(verified))),
        Err(refusal) => (
            refusal.class.name(),
            refusal.offset.map(|at| at as u64),
            None,
        ),
    };
    Seen {
        class,
        offset,
        released: comparable(class, who, answer.released),
        stream,
    }
}

fn of_verified(verified: &answer::Verified) -> Stream {
    let items = verified.items.iter().map(|item| {
        let manifest = item.manifest.clone();
        Item {
            format: manifest.format,
            media_type: manifest.media_type,
            name: manifest.name,
            numbers: [
                manifest.width,
                manifest.height,
                manifest.frames,
                manifest.samples,
                manifest.bits,
            ],
            time: manifest.time,
            words: manifest.words.into_iter().collect(),
            preview_of: manifest.preview_of,
            frame: manifest.frame,
            bytes: item.original.len() as u64,
            sha256: sha256(&[&item.original]),
        }
    });
    let signature = verified.signature.as_ref().map(|signed| {
        let words = (signed.algorithm.to_owned(), signed.judgement.to_owned());
        (words.0, words.1, sha256(&[&signed.spki]), signed.time)
    });
    Stream {
        transfer_id: verified.transfer_id,
        items: items.collect(),
        signature,
    }
}

/// Opens with both, and asserts that they agree on everything.
pub(crate) fn agree(stream: &[u8], who: &Who, what: &str) -> Seen {
    let (library, reference) = (by_library(stream, who), by_reference(stream, who));
    if library != reference {
        let refusal = open(stream, &who.reference()).end.err();
        let short = |seen: &Seen| {
            let released = seen.released.len();
            format!(
                "{} at {:?}, {released} released, {:?}",
                seen.class, seen.offset, seen.stream
            )
        };
        panic!(
            "{what}: library {}, reference {} ({refusal:?})",
            short(&library),
            short(&reference)
        );
    }
    reference
}
