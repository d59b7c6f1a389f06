//! What is said of a stream that was accepted before.

use secimg::transport::Receipt;
use serde_json::json;

use crate::exit::Status;
use crate::label::Label;
use crate::output::{Output, hex};

/// It is in the schema `secimg/report/1`; of its content nothing was read again.
pub(super) fn accepted_before(out: Output, peer: &Label, receipt: &Receipt) {
    let id = hex(&receipt.transfer_id);
    let what = "accepted before; nothing is stored again";
    out.object(&json!({
        "schema": "secimg/report/1",
        "file": peer.raw,
        "verdict": receipt.verdict.name(),
        "exit": Status::Done.number(),
        "suite": null,
        "chunks": null,
        "transfer_id": id,
        "recipient": null,
        "signature": null,
        "items": [],
        "warnings": [what],
        "error": null,
    }));
    out.say(format_args!("{}: {what} (transfer {id})", peer.shown));
}
