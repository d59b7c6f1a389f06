//! `secimg list`: names and sizes from the index, without reading all of a stream.
//!
//! What is listed is authentic and no more: a holder of the key wrote it. A stream on standard input, and one on
//! a server that gives no ranges, cannot be read from its end, so it is read whole, and then it is verified.

use std::io::{Read, Seek};

use secimg::OpenOptions;
use secimg::content::IndexEntry;
use secimg::io::names::escape_for_display;
use secimg::io::{OpenReader, open_stream};
use secimg::stream::{RecipientReport, Report, SignatureReport};
use serde_json::{Value, json};

use crate::args::{Common, ListArgs};
use crate::exit::{Failure, Status};
use crate::inputs::{Input, Source};
use crate::keys_in::{Opening, opening};
use crate::label::Label;
use crate::output::{Output, error_json, hex, images, recipient_json, signature_json};
use crate::web::Web;

/// Between `verified` and nothing.
const AUTHENTIC: &str = "authentic";
const AUTHENTIC_ONLY: &str = "authentic only: a holder of the key made this list, and the images \
                              were not read; `secimg verify` checks everything";

/// What was learnt of one stream.
struct Listing {
    verdict: &'static str,
    suite: &'static str,
    chunks: u64,
    transfer_id: [u8; 32],
    recipient: RecipientReport,
    signature: Option<SignatureReport>,
    items: Vec<Line>,
}

struct Line {
    name: Option<String>,
    media_type: String,
    bytes: u64,
    sha256: Option<[u8; 32]>,
}

pub(crate) fn run(args: &ListArgs, common: Common) -> Status {
    let inputs = Input::sealed(&args.sealed);
    let out = Output::new(common);
    let sharing = args.identities.access.sharing();
    let prepared = Web::new(&args.sealed, &args.tls, sharing)
        .and_then(|web| Ok((web, opening(&args.identities, &args.trust)?)));
    let (web, Opening { options, warnings }) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return out.none_read(&inputs, &failure, failure_json),
    };
    inputs.iter().fold(Status::Done, |status, input| {
        let label = input.label();
        let next = match list(input, &options, &web, out) {
            Ok(listing) => {
                let own = listing.warning().map(ToOwned::to_owned);
                let warnings: Vec<_> = own.into_iter().chain(warnings.iter().cloned()).collect();
                out.object(&listing_json(&label, &listing, &warnings));
                out.say(listing_text(&label, &listing));
                for warning in &warnings {
                    out.warn(&label, warning);
                }
                Status::Done
            }
            Err(failure) => {
                out.object(&failure_json(&label, &failure));
                out.failed(Some(&label), &failure);
                failure.status
            }
        };
        status.and_then(next)
    })
}

impl Listing {
    fn warning(&self) -> Option<&'static str> {
        (self.verdict == AUTHENTIC).then_some(AUTHENTIC_ONLY)
    }
}

fn list(input: &Input, options: &OpenOptions, web: &Web, out: Output) -> Result<Listing, Failure> {
    if let Input::Url(url) = input {
        if let Some(remote) = web.open(url)? {
            return from_index(OpenReader::open_at(remote, options)?);
        }
        out.warn(
            &input.label(),
            "its server gives no ranges: all of it is read",
        );
    } else if let Some(file) = input.sealed_file(out)? {
        return from_index(OpenReader::open(file, options)?);
    }
    let source = input.fetch_sealed(web, out)?;
    whole(source, input, options, out.is_quiet())
}

fn from_index<R: Read + Seek>(mut reader: OpenReader<R>) -> Result<Listing, Failure> {
    let items = reader.items()?.iter().map(Line::of_entry).collect();
    let unlocked = reader.chunks().unlocked();
    Ok(Listing {
        verdict: AUTHENTIC,
        suite: unlocked.header().suite().name,
        chunks: reader.chunks().full_chunks() + 1,
        transfer_id: unlocked.header().transfer_id(),
        recipient: unlocked.recipient(),
        signature: reader.signature().cloned(),
        items,
    })
}

fn whole(
    source: Source,
    input: &Input,
    options: &OpenOptions,
    quiet: bool,
) -> Result<Listing, Failure> {
    let reader = source.with_progress(&input.label(), quiet);
    let report = open_stream(reader, options, &mut ())?.into_report();
    Ok(Listing {
        verdict: Status::Done.verdict(),
        suite: report.suite,
        chunks: report.chunks,
        transfer_id: report.transfer_id,
        recipient: report.recipient,
        items: Line::of_report(&report),
        signature: report.signature,
    })
}

impl Line {
    fn of_entry(entry: &IndexEntry) -> Self {
        Self {
            name: Some(entry.name.clone()).filter(|name| !name.is_empty()),
            media_type: entry.media_type.clone(),
            bytes: entry.bytes,
            sha256: entry.digest,
        }
    }

    fn of_report(report: &Report) -> Vec<Self> {
        let items = report.items.iter().map(|item| Self {
            name: item.manifest.name.clone(),
            media_type: item.manifest.media_type.clone(),
            bytes: item.bytes,
            sha256: item.sha256,
        });
        items.collect()
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "media_type": self.media_type,
            "bytes": self.bytes,
            "sha256": self.sha256.map(|hash| hex(&hash)),
        })
    }
}

fn listing_json(label: &Label, listing: &Listing, warnings: &[String]) -> Value {
    json!({
        "schema": "secimg/list/1",
        "file": label.raw,
        "verdict": listing.verdict,
        "exit": Status::Done.number(),
        "suite": listing.suite,
        "chunks": listing.chunks,
        "transfer_id": hex(&listing.transfer_id),
        "recipient": recipient_json(&listing.recipient),
        "signature": listing.signature.as_ref().map(signature_json),
        "items": listing.items.iter().map(Line::json).collect::<Vec<_>>(),
        "warnings": warnings,
        "error": null,
    })
}

fn failure_json(label: &Label, failure: &Failure) -> Value {
    json!({
        "schema": "secimg/list/1",
        "file": label.raw,
        "verdict": failure.status.verdict(),
        "exit": failure.status.number(),
        "suite": null,
        "chunks": null,
        "transfer_id": null,
        "recipient": null,
        "signature": null,
        "items": [],
        "warnings": [],
        "error": error_json(Some(failure)),
    })
}

fn listing_text(label: &Label, listing: &Listing) -> String {
    let lines = listing.items.iter().map(|line| {
        let name = line
            .name
            .as_deref()
            .map_or_else(|| "(no name)".to_owned(), escape_for_display);
        format!("\n  {:>14}  {:<24}  {name}", line.bytes, line.media_type)
    });
    let lines: String = lines.collect();
    format!(
        "{}: {}, {}{lines}",
        label.shown,
        listing.verdict,
        images(listing.items.len())
    )
}
