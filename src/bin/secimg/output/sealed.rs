//! What was sealed: `secimg/sealed/1`, and the same for people.
//!
//! ```json
//! {"schema":"secimg/sealed/1","file":"a.png","verdict":"sealed|refused|damaged|error","exit":0,"suite":"…",
//!  "transfer_id":"hex","sealed_bytes":1,"signature":{"algorithm":"ed25519","signer":"sha256:hex"},
//!  "items":[{"name":"a.png","media_type":"…","bytes":1,"sha256":"hex","width":1,"height":1,"frames":1,"output":"a.png.secimg",
//!            "removed":[{"what":"exif","offset":2,"bytes":1}],"preview_bytes":1,
//!            "preview_output":null}],
//!  "warnings":[],"error":null}
//! ```

use core::fmt;

use secimg::content::{Manifest, SignatureAlgorithm};
use secimg::strip::Removed;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Output, error_json, hex};
use crate::exit::{Failure, Status};
use crate::label::Label;

/// One image that was sealed.
#[derive(Debug, Clone)]
pub(crate) struct SealedItem {
    pub(crate) input: Label,
    pub(crate) manifest: Manifest,
    pub(crate) bytes: u64,
    pub(crate) sha256: Option<[u8; 32]>,
    /// What was taken out of it; nothing where nobody asked for that.
    pub(crate) removed: Option<Vec<Removed>>,
    /// The small picture that was made of it.
    pub(crate) preview: Option<Preview>,
    pub(crate) warnings: Vec<String>,
}

/// A small picture, which does not show itself in a log.
#[derive(Clone)]
pub(crate) struct Preview(Zeroizing<Vec<u8>>);

impl Preview {
    pub(crate) const fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Preview({} bytes)", self.0.len())
    }
}

/// One stream that was sealed.
#[derive(Debug, Clone)]
pub(crate) struct SealedReport {
    pub(crate) suite: &'static str,
    pub(crate) transfer_id: [u8; 32],
    pub(crate) bytes: u64,
    /// Algorithm and fingerprint.
    pub(crate) signature: Option<(SignatureAlgorithm, String)>,
    /// Where it went: a path, `-` for standard output, a URL.
    pub(crate) output: Label,
    /// Where the previews went, to those who get them alone.
    pub(crate) previews: Option<Label>,
    pub(crate) items: Vec<SealedItem>,
}

impl Output {
    /// Reports each image of a stream that was sealed.
    pub(crate) fn sealed(self, report: &SealedReport) {
        for item in &report.items {
            self.object(&item_json(report, item));
            self.say(format_args!(
                "{} -> {}",
                item.input.shown, report.output.shown
            ));
            if let Some(removed) = &item.removed {
                self.say(format_args!("  {}", removed_text(removed)));
            }
            for warning in &item.warnings {
                self.warn(&item.input, warning);
            }
        }
        if let Some(previews) = &report.previews {
            self.say(format_args!("previews -> {}", previews.shown));
        }
    }

    /// Reports an image that was not sealed.
    pub(crate) fn not_sealed(self, input: &Label, failure: &Failure) {
        self.object_not_sealed(input, failure);
        self.failed(Some(input), failure);
    }

    /// As [`Output::not_sealed`], where people were told already.
    pub(crate) fn object_not_sealed(self, input: &Label, failure: &Failure) {
        self.object(&not_sealed_json(input, failure));
    }
}

fn item_json(report: &SealedReport, item: &SealedItem) -> Value {
    let signature = report
        .signature
        .as_ref()
        .map(|(algorithm, signer)| json!({ "algorithm": algorithm.name(), "signer": signer }));
    json!({
        "schema": "secimg/sealed/1",
        "file": item.input.raw,
        "verdict": "sealed",
        "exit": Status::Done.number(),
        "suite": report.suite,
        "transfer_id": hex(&report.transfer_id),
        "sealed_bytes": report.bytes,
        "signature": signature,
        "items": [{
            "name": item.manifest.name,
            "media_type": item.manifest.media_type,
            "bytes": item.bytes,
            "sha256": item.sha256.map(|hash| hex(&hash)),
            "width": item.manifest.claimed_width,
            "height": item.manifest.claimed_height,
            "frames": item.manifest.claimed_frames,
            "output": report.output.raw,
            "removed": item.removed.as_deref().map(removed_json),
            "preview_output": report.previews.as_ref().map(|previews| &previews.raw),
            "preview_bytes": item.preview.as_ref().map(|preview| preview.bytes().len()),
        }],
        "warnings": item.warnings,
        "error": null,
    })
}

/// What was taken out of an image, for programs.
pub(crate) fn removed_json(removed: &[Removed]) -> Value {
    let one = |removed: &Removed| {
        json!({
            "what": removed.what.name(),
            "offset": removed.offset,
            "bytes": removed.bytes,
        })
    };
    removed.iter().map(one).collect()
}

/// The same for people.
pub(crate) fn removed_text(removed: &[Removed]) -> String {
    if removed.is_empty() {
        return "nothing to remove".to_owned();
    }
    let one = |removed: &Removed| {
        let what = removed.what.name().replace('_', " ");
        format!("{what} ({} bytes)", removed.bytes)
    };
    let all: Vec<_> = removed.iter().map(one).collect();
    format!("removed: {}", all.join(", "))
}

fn not_sealed_json(input: &Label, failure: &Failure) -> Value {
    json!({
        "schema": "secimg/sealed/1",
        "file": input.raw,
        "verdict": failure.status.verdict(),
        "exit": failure.status.number(),
        "suite": null,
        "transfer_id": null,
        "sealed_bytes": null,
        "signature": null,
        "items": [],
        "warnings": [],
        "error": error_json(Some(failure)),
    })
}
