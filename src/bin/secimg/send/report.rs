//! What is said of what was sent, in the schema `secimg/report/1`.
//!
//! `verified` is said only of a receipt that was checked with the stream's key. Of a stream that was
//! sealed before, the verdict is `sent`, and a warning says what the receiver claims.

use secimg::stream::Survey;
use secimg::transport::Verdict;
use serde_json::{Value, json};

use super::Sent;
use crate::exit::Status;
use crate::keys_in::Sealing;
use crate::label::Label;
use crate::output::{Output, SealedItem, hex, images};

/// Images that the recipient has.
pub(super) fn confirmed(out: Output, to: &Label, suite: &str, sealing: &Sealing, sent: &Sent) {
    let signature = sealing.signature.as_ref().map(|(algorithm, signer)| {
        json!({
            "algorithm": algorithm.name(),
            "signer": signer,
            "time": null,
            "trusted": null,
            "intended": null,
        })
    });
    let warnings: Vec<_> = sent
        .items
        .iter()
        .flat_map(|item| item.warnings.iter())
        .collect();
    out.object(&json!({
        "schema": "secimg/report/1",
        "file": to.raw,
        "verdict": Status::Done.verdict(),
        "exit": Status::Done.number(),
        "suite": suite,
        "chunks": null,
        "transfer_id": hex(&sent.transfer_id),
        "recipient": null,
        "signature": signature,
        "items": sent.items.iter().map(item_json).collect::<Vec<_>>(),
        "warnings": warnings,
        "error": null,
    }));
    say_confirmed(out, to, sealing, sent);
}

fn item_json(item: &SealedItem) -> Value {
    json!({
        "name": item.manifest.name,
        "media_type": item.manifest.media_type,
        "bytes": item.bytes,
        "sha256": item.sha256.map(|hash| hex(&hash)),
        "width": item.manifest.claimed_width,
        "height": item.manifest.claimed_height,
        "frames": item.manifest.claimed_frames,
        "output": null,
    })
}

fn say_confirmed(out: Output, to: &Label, sealing: &Sealing, sent: &Sent) {
    out.say(format_args!(
        "{}: {} verified and stored, confirmed by a holder of the key",
        to.shown,
        images(sent.items.len())
    ));
    for item in &sent.items {
        let hash = item.sha256.map(|hash| hex(&hash)).unwrap_or_default();
        out.say(format_args!(
            "  {}, {} bytes\n    sha256 {hash}",
            item.input.shown, item.bytes
        ));
        for warning in &item.warnings {
            out.warn(&item.input, warning);
        }
    }
    if let Some((algorithm, signer)) = &sealing.signature {
        out.say(format_args!("  signed by {signer} ({})", algorithm.name()));
    }
}

/// A stream of which nothing is known but what the receiver says.
pub(super) fn unproven(out: Output, file: &Label, survey: &Survey, verdict: Verdict) {
    let claim = match verdict {
        Verdict::Stored => "stored by a relay, not confirmed by the recipient",
        _ => {
            "the receiver says that it verified and stored the images; only who sealed them could \
              check that"
        }
    };
    out.object(&json!({
        "schema": "secimg/report/1",
        "file": file.raw,
        "verdict": "sent",
        "exit": Status::Done.number(),
        "suite": survey.header.suite().name,
        "chunks": survey.chunks,
        "transfer_id": hex(&survey.header.transfer_id()),
        "recipient": null,
        "signature": null,
        "items": [],
        "warnings": [claim],
        "error": null,
    }));
    out.say(format_args!(
        "{}: sent, {} bytes; {claim}",
        file.shown, survey.stream_bytes
    ));
}
