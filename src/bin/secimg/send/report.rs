//! What is said of what was sent, in the schema `secimg/report/1`.
//!
//! `verified` is said only of a receipt that was checked with the stream's key. Of a stream that was
//! sealed before, the verdict is `sent`, and a warning says what the receiver claims, unless a
//! signature by a receiver of `--receipt-from` proves it. One key is added to the schema:
//!
//! ```json
//! "receipt":{"verdict":"accepted|accepted_before|stored","tag":true,"output":"FILE",
//!            "signature":{"algorithm":"ed25519","signer":"sha256:hex","time":"RFC 3339","trusted":true}}
//! ```
//!
//! `tag` is null where there is no key to check it with.

use secimg::transport::Verdict;
use serde_json::{Value, json};

use super::forward::Summary;
use super::{Answer, Sent};
use crate::exit::{Failure, Status};
use crate::keys_in::Sealing;
use crate::label::{Label, shown};
use crate::output::{Output, hex, images, not_opened_json, receipt_signature_json};

/// What is said when there is nothing to do.
const BEFORE: &str = "an earlier run sent them; nothing is sent again";

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
    let of_images = sent.items.iter().flat_map(|item| item.warnings.iter());
    let of_answer = sent.answer.as_ref().and_then(Answer::warning);
    let before = sent.answer.is_none().then(|| BEFORE.to_owned());
    let warnings: Vec<_> = of_images.cloned().chain(of_answer).chain(before).collect();
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
        "items": sent.items.iter().map(|item| &item.json).collect::<Vec<_>>(),
        "warnings": warnings,
        "receipt": sent.answer.as_ref().map(|answer| receipt_json(answer, Some(true))),
        "error": null,
    }));
    say_confirmed(out, to, sealing, sent);
}

fn say_confirmed(out: Output, to: &Label, sealing: &Sealing, sent: &Sent) {
    let before = if sent.answer.is_none() { BEFORE } else { "" };
    let comma = if before.is_empty() { "" } else { "; " };
    out.say(format_args!(
        "{}: {} verified and stored, confirmed by a holder of the key{comma}{before}",
        to.shown,
        images(sent.items.len())
    ));
    for item in &sent.items {
        let (bytes, hash) = item.facts();
        out.say(format_args!(
            "  {}, {bytes} bytes\n    sha256 {hash}",
            item.input.shown
        ));
        for warning in &item.warnings {
            out.warn(&item.input, warning);
        }
    }
    if let Some((algorithm, signer)) = &sealing.signature {
        out.say(format_args!("  signed by {signer} ({})", algorithm.name()));
    }
    if let Some(answer) = &sent.answer {
        say_receipt(out, to, answer);
    }
}

/// Who signed the receipt, and where it is.
fn say_receipt(out: Output, to: &Label, answer: &Answer) {
    if let Some(signature) = answer.receipt.signature() {
        let trust = if answer.trusted {
            "as required"
        } else {
            "not checked"
        };
        out.say(format_args!(
            "  receipt signed by {} ({}), {trust}",
            signature.signer(),
            signature.algorithm.name()
        ));
    }
    if let Some(path) = &answer.kept {
        out.say(format_args!("  receipt -> {}", shown(path)));
    }
    if let Some(warning) = answer.warning() {
        out.warn(to, warning);
    }
}

impl Answer {
    /// A signature proves nothing of a person before somebody says whose key it is.
    fn warning(&self) -> Option<String> {
        let signature = self.receipt.signature().filter(|_| !self.trusted)?;
        Some(format!(
            "the receipt is signed by {}, but no receiver was named with --receipt-from: compare the fingerprint",
            signature.signer()
        ))
    }
}

fn receipt_json(answer: &Answer, tag: Option<bool>) -> Value {
    let receipt = &answer.receipt;
    json!({
        "verdict": receipt.verdict.name(),
        "tag": tag,
        "signature": receipt.signature().map(|s| receipt_signature_json(s, answer.trusted)),
        "output": answer.kept.as_ref().map(|path| path.to_string_lossy()),
    })
}

/// Reports that something was not sent, or not accepted.
pub(super) fn failed(out: Output, file: &Label, failure: &Failure) {
    out.object(&failed_json(file, failure));
    out.failed(Some(file), failure);
}

/// What a program is told of it.
pub(super) fn failed_json(file: &Label, failure: &Failure) -> Value {
    let mut object = not_opened_json(file, failure);
    object["receipt"] = Value::Null;
    object
}

/// A stream that was sealed before: what the receiver says, and whether its signature proves it.
pub(super) fn forwarded(
    out: Output,
    file: &Label,
    sent: &Summary,
    answer: &Answer,
    of_certificates: &[String],
) {
    let claim = claim(answer);
    let claimed = (!answer.trusted).then(|| claim.to_owned());
    let mut warnings: Vec<_> = claimed.into_iter().chain(answer.warning()).collect();
    warnings.extend_from_slice(of_certificates);
    out.object(&json!({
        "schema": "secimg/report/1",
        "file": file.raw,
        "verdict": "sent",
        "exit": Status::Done.number(),
        "suite": sent.suite,
        "chunks": sent.chunks,
        "transfer_id": hex(&sent.transfer_id),
        "recipient": null,
        "signature": null,
        "items": [],
        "warnings": warnings,
        "receipt": receipt_json(answer, None),
        "error": null,
    }));
    out.say(format_args!(
        "{}: sent, {} bytes; {claim}",
        file.shown, sent.bytes
    ));
    say_receipt(out, file, answer);
    for warning in of_certificates {
        out.warn(file, warning);
    }
}

fn claim(answer: &Answer) -> &'static str {
    match (answer.receipt.verdict, answer.trusted) {
        (Verdict::Stored, _) => "stored by a relay, not confirmed by the recipient",
        (Verdict::AcceptedBefore, true) => {
            "accepted before: verified and stored then, confirmed by the receiver's signature"
        }
        (Verdict::AcceptedBefore, false) => {
            "the receiver says that it verified and stored the images before; only who sealed them \
             could check that"
        }
        (_, true) => "verified and stored, confirmed by the receiver's signature",
        (_, false) => {
            "the receiver says that it verified and stored the images; only who sealed them could \
             check that"
        }
    }
}
