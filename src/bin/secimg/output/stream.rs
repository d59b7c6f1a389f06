//! What was learnt of a stream: `secimg/report/1`, and the same for people.

use core::fmt::Write;

use secimg::io::names::escape_for_display;
use secimg::stream::{ItemReport, Report, SignatureReport};
use secimg::transport::ReceiptSignature;
use serde_json::{Value, json};

use super::{Output, error_json, hex, recipient_json, rfc3339};
use crate::exit::{Failure, Status};
use crate::label::Label;

impl Output {
    /// Reports a verified stream. `outputs` says where each item went: a path, `-` for standard
    /// output, nothing where nothing was written. `of_trust` warns of the signers that were named.
    pub(crate) fn opened(
        self,
        input: &Label,
        report: &Report,
        outputs: &[Option<String>],
        of_trust: &[String],
    ) {
        let warnings = report
            .warnings()
            .into_iter()
            .map(|warning| warning.to_string());
        let warnings: Vec<_> = warnings.chain(of_trust.iter().cloned()).collect();
        self.object(&report_json(input, report, outputs, &warnings));
        self.say(report_text(input, report, outputs).trim_end());
        for warning in warnings {
            self.warn(input, warning);
        }
    }

    /// Reports a stream of which nothing is to be known but that it was not opened.
    pub(crate) fn not_opened(self, input: &Label, failure: &Failure) {
        self.object(&not_opened_json(input, failure));
        self.failed(Some(input), failure);
    }
}

fn report_json(
    input: &Label,
    report: &Report,
    outputs: &[Option<String>],
    warnings: &[String],
) -> Value {
    let outputs = outputs
        .iter()
        .map(Option::as_deref)
        .chain(core::iter::repeat(None));
    let items = report.items.iter().zip(outputs);
    let items = items.map(|(item, output)| item_json(item, output));
    json!({
        "schema": "secimg/report/1",
        "file": input.raw,
        "verdict": Status::Done.verdict(),
        "exit": Status::Done.number(),
        "suite": report.suite,
        "chunks": report.chunks,
        "transfer_id": hex(&report.transfer_id),
        "recipient": recipient_json(&report.recipient),
        "signature": report.signature.as_ref().map(signature_json),
        "items": items.collect::<Vec<_>>(),
        "warnings": warnings,
        "error": null,
    })
}

/// An image, and where it went.
pub(crate) fn item_json(item: &ItemReport, output: Option<&str>) -> Value {
    let manifest = &item.manifest;
    let item = &item.of_original();
    json!({
        "name": manifest.name,
        "media_type": manifest.media_type,
        "bytes": item.bytes,
        "sha256": item.sha256.map(|hash| hex(&hash)),
        "width": manifest.claimed_width,
        "height": manifest.claimed_height,
        "frames": manifest.claimed_frames,
        "output": output,
    })
}

/// What a program is told of such a stream.
pub(crate) fn not_opened_json(input: &Label, failure: &Failure) -> Value {
    json!({
        "schema": "secimg/report/1",
        "file": input.raw,
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

pub(crate) fn signature_json(signature: &SignatureReport) -> Value {
    json!({
        "algorithm": signature.algorithm.name(),
        "signer": format!("sha256:{}", hex(&signature.signer)),
        "time": rfc3339(signature.time),
        "trusted": signature.trusted,
        "intended": signature.intended.name(),
    })
}

/// A receiver's signature under a receipt.
pub(crate) fn receipt_signature_json(signature: &ReceiptSignature, trusted: bool) -> Value {
    json!({
        "algorithm": signature.algorithm.name(),
        "signer": signature.signer().to_string(),
        "time": rfc3339(signature.time),
        "trusted": trusted,
    })
}

fn report_text(input: &Label, report: &Report, outputs: &[Option<String>]) -> String {
    let mut text = format!(
        "{}: verified, {}\n",
        input.shown,
        images(report.items.len())
    );
    let originals = report.items.iter().map(ItemReport::of_original);
    for (i, item) in originals.enumerate() {
        text.push_str("  ");
        text.push_str(&item_text(&item));
        if let Some(output) = outputs.get(i).and_then(Option::as_ref) {
            push(
                &mut text,
                format_args!(" -> {}", escape_for_display(output)),
            );
        }
        push(
            &mut text,
            format_args!("\n    sha256 {}\n", hex(&item.sha256.unwrap_or_default())),
        );
    }
    if let Some(signature) = &report.signature {
        push(&mut text, format_args!("  {}\n", signature_text(signature)));
    }
    text
}

/// How many, in words.
pub(crate) fn images(count: usize) -> String {
    match count {
        0 => "no image".to_owned(),
        1 => "1 image".to_owned(),
        _ => format!("{count} images"),
    }
}

fn item_text(item: &ItemReport) -> String {
    let manifest = &item.manifest;
    let mut text = manifest
        .name
        .as_deref()
        .map_or_else(|| "(no name)".to_owned(), escape_for_display);
    push(&mut text, format_args!(", {}", manifest.media_type));
    if let (Some(width), Some(height)) = (manifest.claimed_width, manifest.claimed_height) {
        push(&mut text, format_args!(", {width} x {height}"));
    }
    if let Some(frames) = manifest.claimed_frames.filter(|frames| *frames != 1) {
        push(&mut text, format_args!(", {frames} frames"));
    }
    push(&mut text, format_args!(", {} bytes", item.bytes));
    text
}

fn signature_text(signature: &SignatureReport) -> String {
    let signer = format!("sha256:{}", hex(&signature.signer));
    let when = rfc3339(signature.time).map_or(String::new(), |time| format!(" at {time}"));
    let trust = if signature.trusted {
        "trusted"
    } else {
        "not checked"
    };
    let intended = match signature.intended.name() {
        "intended" => ", meant for this reader",
        "not_intended" => ", not meant for this reader",
        _ => "",
    };
    format!(
        "signed by {signer} ({}){when}, {trust}{intended}",
        signature.algorithm.name()
    )
}

fn push(text: &mut String, more: core::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(more);
}
