//! `secimg receipt`: what a receipt that was kept says, and what of it is proven.
//!
//! A signature proves it to whoever trusts the key; the stream and an identity prove it to somebody who
//! holds its key. A receipt of which nothing can be checked is refused, for anybody can write one.
//!
//! ```json
//! {"schema":"secimg/receipt/1","file":"a.receipt","verdict":"verified|refused|damaged|error","exit":0,
//!  "answer":"accepted|accepted_before","transfer_id":"hex","items":1,"digests":"hex","tag":true,
//!  "signature":{"algorithm":"ed25519","signer":"sha256:hex","time":"RFC 3339","trusted":true},"warnings":[],"error":null}
//! ```
//!
//! `tag` is null without the stream. Of a receipt that was refused nothing appears.

use std::path::Path;

use secimg::crypto::StreamKeys;
use secimg::io::StreamSource;
use secimg::io::private::read_bounded;
use secimg::keys::TrustedSigners;
use secimg::stream::Report;
use secimg::transport::{MAX_RECEIPT_LEN, Receipt, TransportError};
use serde_json::{Value, json};

use crate::args::{Common, ReceiptArgs};
use crate::exit::{Failure, Status};
use crate::inputs::Input;
use crate::keys_in::{open_with, trusted_signers, with_context};
use crate::label::Label;
use crate::output::{Output, error_json, hex, receipt_signature_json, rfc3339};

/// What receipts are held against.
struct Checks {
    from: Option<TrustedSigners>,
    /// What is worth knowing of the receivers' certificates.
    warnings: Vec<String>,
    stream: Option<(Report, StreamKeys)>,
}

pub(crate) fn run(args: &ReceiptArgs, common: Common) -> Status {
    let out = Output::new(common);
    let checks = Checks::prepare(args, out.is_quiet());
    args.receipts.iter().fold(Status::Done, |status, file| {
        let label = Label::file(file);
        let checked = checks.as_ref().map_err(Failure::clone);
        let checked = checked.and_then(|checks| Ok((checks, checks.check(file)?)));
        status.and_then(match checked {
            Ok((checks, receipt)) => {
                checks.report(out, &label, &receipt);
                Status::Done
            }
            Err(failure) => {
                out.object(&refused_json(&label, &failure));
                out.failed(Some(&label), &failure);
                failure.status
            }
        })
    })
}

impl Checks {
    fn prepare(args: &ReceiptArgs, quiet: bool) -> Result<Self, Failure> {
        let (mut from, mut warnings) = (None, Vec::new());
        if !args.from.is_empty() {
            let sharing = args.identities.access.sharing();
            let (trusted, told) = trusted_signers(&args.from, args.strict_certificates, sharing)?;
            (from, warnings) = (Some(trusted), told);
        }
        let stream = match &args.stream {
            Some(file) => Some(open(args, file, quiet).map_err(|failure| failure.about(file))?),
            None if args.identities.is_empty() => None,
            None => {
                return Err(Failure::usage(
                    "an identity opens a stream: --stream SEALED",
                ));
            }
        };
        Ok(Self {
            from,
            warnings,
            stream,
        })
    }

    fn check(&self, file: &Path) -> Result<Receipt, Failure> {
        let bytes = read_bounded(file, MAX_RECEIPT_LEN as u64)?;
        let receipt = Receipt::parse(&bytes).ok_or_else(|| {
            Failure::new(Status::Damaged, "not_a_receipt", "this is not a receipt")
        })?;
        receipt
            .verify_signature()
            .map_err(|_| TransportError::FalseReceipt)?;
        if let Some(from) = &self.from {
            receipt.require_signer(from)?;
        }
        match &self.stream {
            Some((report, keys)) => {
                let digests: Vec<_> = report.items.iter().filter_map(|item| item.sha256).collect();
                receipt
                    .check(&report.transfer_id, &digests, keys)
                    .map_err(|_| TransportError::FalseReceipt)?;
            }
            None if receipt.signature().is_none() => return Err(unproven()),
            None => {}
        }
        Ok(receipt)
    }

    fn report(&self, out: Output, file: &Label, receipt: &Receipt) {
        let warnings = self.warnings(receipt);
        let trusted = self.from.is_some();
        let signature = receipt.signature();
        out.object(&json!({
            "schema": "secimg/receipt/1",
            "file": file.raw,
            "verdict": Status::Done.verdict(),
            "exit": Status::Done.number(),
            "answer": receipt.verdict.name(),
            "transfer_id": hex(&receipt.transfer_id),
            "items": receipt.items,
            "digests": hex(&receipt.digests),
            "tag": self.stream.as_ref().map(|_| true),
            "signature": signature.map(|s| receipt_signature_json(s, trusted)),
            "warnings": warnings,
            "error": null,
        }));
        out.say(self.text(file, receipt));
        for warning in warnings {
            out.warn(file, warning);
        }
    }

    fn text(&self, file: &Label, receipt: &Receipt) -> String {
        let mut lines = vec![
            format!(
                "{}: {}, items: {}",
                file.shown,
                receipt.verdict.name(),
                receipt.items
            ),
            format!("  transfer {}", hex(&receipt.transfer_id)),
        ];
        if let Some(signature) = receipt.signature() {
            let when = rfc3339(signature.time).map_or(String::new(), |time| format!(" at {time}"));
            lines.push(format!(
                "  signed by {} ({}){when}",
                signature.signer(),
                signature.algorithm.name()
            ));
        }
        if self.stream.is_some() {
            lines.push("  made by a holder of the stream's key, for these very images".to_owned());
        }
        lines.join("\n")
    }

    fn warnings(&self, receipt: &Receipt) -> Vec<String> {
        let mut warnings = self.warnings.clone();
        if receipt.signature().is_some() && self.from.is_none() {
            let what = "no receiver was named with --from: compare the signer's fingerprint";
            warnings.push(what.to_owned());
        }
        if receipt.signature().is_none() {
            let what = "not signed: every holder of the stream's key, the sender too, could have \
                        made this receipt";
            warnings.push(what.to_owned());
        }
        warnings
    }
}

/// Verifies the stream and keeps what a receipt is checked with.
fn open(args: &ReceiptArgs, file: &Path, quiet: bool) -> Result<(Report, StreamKeys), Failure> {
    let options = with_context(open_with(&args.identities)?, args.context.as_deref());
    let input = Input::File(file.to_path_buf());
    let reader = input.open()?.with_progress(&input.label(), quiet);
    let mut source = StreamSource::new(reader);
    let opener = source.header()?.unlock(&options)?.into_opener(&options)?;
    let (verified, keys) = source.items_and_keys(opener, &mut ())?;
    source.expect_end(verified.report().stream_bytes)?;
    Ok((verified.into_report(), keys))
}

fn unproven() -> Failure {
    let what = "nothing of this receipt can be checked: it is not signed; --stream SEALED with an \
                identity checks it with the stream's key";
    Failure::new(Status::Refused, "unproven_receipt", what)
}

fn refused_json(file: &Label, failure: &Failure) -> Value {
    json!({
        "schema": "secimg/receipt/1",
        "file": file.raw,
        "verdict": failure.status.verdict(),
        "exit": failure.status.number(),
        "answer": null,
        "transfer_id": null,
        "items": null,
        "digests": null,
        "tag": null,
        "signature": null,
        "warnings": [],
        "error": error_json(Some(failure)),
    })
}
