//! Sound streams that every writer can seal: both directions.

use crate::kit::case::{Case, RAW};
use crate::kit::file::{Vector, hex};
use crate::kit::records::{Line, item, record};
use crate::kit::script::Original::{Pattern, Text};
use crate::kit::script::{Script, Step, Who};

const PICTURE: &str = "A small picture in words: a white square on a white ground.";

fn text(text: &str) -> crate::kit::script::Original {
    Text(text.to_owned())
}

fn to_raw() -> Script {
    Script::new().to(Who::Raw(RAW))
}

fn rsa(name: &str) -> Who {
    Who::Rsa(format!("{name}.pub"))
}

fn argon2id(text: &str) -> Who {
    Who::Argon2id {
        memory_kib: 19_456,
        passes: 2,
        lanes: 1,
        text: text.to_owned(),
    }
}

fn ok(name: &'static str, spec: &str, comment: &str) -> Case {
    Case::new(name, "success", spec, comment)
}

pub(super) fn all() -> Vec<Vector> {
    [recipients(), shapes(), contents(), signed()].concat()
}

fn recipients() -> Vec<Vector> {
    let picture = |who: Who| Script::new().to(who).item("square.txt", text(PICTURE));
    let nfc = argon2id("Gro\u{df}e Z\u{e4}hne");
    let mut thirty_two = Script::new().item("square.txt", text(PICTURE));
    thirty_two.recipients = (1..=32).map(|n| Who::Raw([n; 32])).collect();
    vec![
        ok("rsa_2048", "M-RSA-2 M-KEYID-1", "one RSA recipient")
            .identity("rsa alice.pem")
            .sealed(&picture(rsa("alice"))),
        ok(
            "rsa_two_recipients",
            "M-RCPT-8 M-KEYID-1",
            "two RSA recipients; the second one reads",
        )
        .identity("rsa bob.pem")
        .sealed(&picture(rsa("alice")).to(rsa("bob"))),
        ok(
            "rsa_and_raw_key",
            "M-RCPT-8 M-RCPT-9",
            "mixed kinds, which the writer was told to allow",
        )
        .raw()
        .sealed(&picture(rsa("alice")).to(Who::Raw(RAW))),
        ok(
            "passphrase_argon2id",
            "M-PASS-3",
            "Argon2id at its least cost",
        )
        .identity("passphrase \"correct horse\"")
        .sealed(&picture(argon2id("correct horse"))),
        ok("passphrase_pbkdf2", "M-PASS-3", "PBKDF2 at its least cost")
            .identity("passphrase \"correct horse\"")
            .sealed(&picture(Who::Pbkdf2 {
                iterations: 600_000,
                text: "correct horse".to_owned(),
            })),
        ok(
            "passphrase_nfc",
            "M-PASS-1",
            "sealed with composed, opened with decomposed letters",
        )
        .identity("passphrase \"Gro\u{df}e Za\u{308}hne\"")
        .sealed(&picture(nfc)),
        ok(
            "recipients_32",
            "M-RCPT-2",
            "as many recipients as there may be; the last one reads",
        )
        .identity(&format!("raw {}", hex(&[32; 32])))
        .sealed(&thirty_two),
        ok("context", "M-KEY-4", "bound to a context")
            .raw()
            .line("context", "\"study 1.2.840.1\"")
            .sealed(&Script {
                context: "study 1.2.840.1".to_owned(),
                ..picture(Who::Raw(RAW))
            }),
    ]
}

/// The content of an item and INDEX, without the original.
fn around() -> usize {
    let line = Line::new(0, b"", "x").to_bytes();
    item("x", b"").len() + record(5, &line).len()
}

fn shapes() -> Vec<Vector> {
    let filled = |len: usize| to_raw().item("x", Pattern(len - around()));
    let log2 = |chunk_log2| {
        Script {
            chunk_log2,
            ..to_raw()
        }
        .item("x", Pattern(10_000))
    };
    vec![
        ok(
            "cbc_raw_key",
            "M-STREAM-1 M-STREAM-3 M-CORE-6 M-CORE-7 M-KEY-1 M-KEY-2 M-RCPT-7 M-RAW-1 M-CBC-1 M-XFER-1",
            "the stream of SPEC section 6.5",
        )
        .raw()
        .sealed(&to_raw().item("square.txt", text(PICTURE))),
        ok("gcm_raw_key", "M-KEY-2 M-GCM-1 M-GCM-2", "one chunk of suite 0002")
            .raw()
            .sealed(&to_raw().gcm().item("square.txt", text(PICTURE))),
        ok("chunks_cbc", "M-CHUNK-1 M-CBC-1 M-SEEK-1", "two CHUNKs and FINAL")
            .raw()
            .sealed(&to_raw().item("x", Pattern(10_000))),
        ok("chunks_gcm", "M-CHUNK-1 M-GCM-1 M-SEEK-1", "two CHUNKs and FINAL")
            .raw()
            .sealed(&to_raw().gcm().item("x", Pattern(10_000))),
        ok("chunk_log2_13", "M-CORE-5", "chunks of 8 KiB").raw().sealed(&log2(13)),
        ok("chunk_log2_23", "M-CORE-5", "the largest chunks").raw().sealed(&log2(23)),
        ok("final_longest_cbc", "M-CHUNK-2", "FINAL holds 4095 bytes, and one of padding")
            .raw()
            .sealed(&filled(4095 - 21)),
        ok("final_longest_gcm", "M-CHUNK-2", "FINAL holds 4095 bytes")
            .raw()
            .sealed(&filled(4095 - 21).gcm()),
        ok("final_whole_blocks", "M-CBC-2", "FINAL's content ends a block: 16 bytes of padding")
            .raw()
            .sealed(&filled(4080 - 21)),
        ok("final_close_only", "M-CHUNK-1 M-CLOSE-1", "INDEX ends a chunk; FINAL holds CLOSE alone")
            .raw()
            .sealed(&filled(4096)),
        ok("close_does_not_fit", "M-CLOSE-1 M-REC-3", "one byte too little room for CLOSE: padding")
            .raw()
            .sealed(&filled(4096 - 21)),
    ]
}

fn contents() -> Vec<Vector> {
    let many = (0..20).fold(to_raw(), |script, n| {
        script.item(&format!("{n:02}.raw"), Pattern(n * n * 31))
    });
    vec![
        ok("no_items", "M-CLOSE-2 M-CLOSE-4", "nothing but CLOSE")
            .raw()
            .sealed(&to_raw()),
        ok("item_empty", "M-ITEM-1", "an original of no bytes")
            .raw()
            .sealed(&to_raw().item("empty", Pattern(0))),
        ok(
            "item_empty_unknown_length",
            "M-ITEM-1",
            "the same, not known before",
        )
        .raw()
        .sealed(&to_raw().item_of_unknown_length("empty", Pattern(0))),
        ok(
            "item_unknown_length",
            "M-ITEM-1",
            "a length that the writer did not know",
        )
        .raw()
        .sealed(&to_raw().item_of_unknown_length("live", Pattern(5000))),
        ok("item_without_name", "M-MAN-4", "a manifest of two fields")
            .raw()
            .sealed(&to_raw().item("", text(PICTURE))),
        ok(
            "items_20",
            "M-INDEX-1 M-ORDER-1",
            "a series, of several chunks",
        )
        .raw()
        .sealed(&many),
        ok("no_digests", "M-ITEM-3 M-INDEX-1", "items without DIGEST")
            .raw()
            .sealed(&Script {
                digests: false,
                ..to_raw().item("a", Pattern(10)).item("b", Pattern(20))
            }),
        ok("flush", "M-REC-3", "each item ends its chunk")
            .raw()
            .sealed(
                &to_raw()
                    .item("a", Pattern(10))
                    .step(Step::Flush)
                    .item("b", Pattern(5000))
                    .step(Step::Flush),
            ),
        ok("checkpoint", "M-CHECK-1", "two checkpoints, not signed")
            .raw()
            .line("checkpoints", "2")
            .sealed(
                &to_raw()
                    .item("a", Pattern(10))
                    .step(Step::Checkpoint)
                    .item("b", Pattern(4090))
                    .step(Step::Checkpoint)
                    .item("c", Pattern(1)),
            ),
    ]
}

fn signed() -> Vec<Vector> {
    let to_alice = || {
        Script::new()
            .to(rsa("alice"))
            .item("square.txt", text(PICTURE))
    };
    let live = |script: Script| {
        script
            .item("a", Pattern(5000))
            .step(Step::Checkpoint)
            .item_of_unknown_length("b", Pattern(3000))
            .step(Step::Checkpoint)
    };
    vec![
        ok(
            "signed_ed25519",
            "M-SIG-1 M-SIG-3 M-JUDGE-1 M-JUDGE-3",
            "by whom the reader requires",
        )
        .identity("rsa alice.pem")
        .trust("sender_ed25519.pub")
        .line("signature", "ed25519 intended")
        .sealed(&to_alice().signed_by("sender_ed25519.pem")),
        ok(
            "signed_rsa_pss",
            "M-SIG-1 M-SIG-3 M-JUDGE-1 M-JUDGE-3",
            "one of two whom the reader trusts",
        )
        .identity("rsa alice.pem")
        .trust("sender_ed25519.pub")
        .trust("sender_rsa.pub")
        .line("signature", "rsa-pss-sha256 intended")
        .sealed(&to_alice().signed_by("sender_rsa.pem")),
        ok(
            "signed_nobody_required",
            "M-SIG-1 M-JUDGE-3",
            "signed, and the reader requires nobody",
        )
        .identity("rsa bob.pem")
        .line("signature", "ed25519 intended")
        .sealed(&to_alice().to(rsa("bob")).signed_by("sender_ed25519.pem")),
        ok(
            "signed_chunks_cbc",
            "M-SIG-1 M-SEEK-2",
            "three leaves, which are tags",
        )
        .identity("rsa alice.pem")
        .trust("sender_ed25519.pub")
        .line("signature", "ed25519 intended")
        .sealed(
            &to_alice()
                .item("x", Pattern(10_000))
                .signed_by("sender_ed25519.pem"),
        ),
        ok(
            "signed_chunks_gcm",
            "M-SIG-1 M-SEEK-2",
            "three leaves, which are hashes",
        )
        .identity("rsa alice.pem")
        .trust("sender_rsa.pub")
        .line("signature", "rsa-pss-sha256 intended")
        .sealed(
            &to_alice()
                .gcm()
                .item("x", Pattern(10_000))
                .signed_by("sender_rsa.pem"),
        ),
        ok(
            "signed_unlisted",
            "M-JUDGE-3",
            "no recipient has an SPKI: the list is empty",
        )
        .raw()
        .trust("sender_ed25519.pub")
        .line("signature", "ed25519 unlisted")
        .sealed(
            &to_raw()
                .item("x", Pattern(9))
                .signed_by("sender_ed25519.pem"),
        ),
        ok(
            "signed_unlisted_identity",
            "M-JUDGE-3",
            "there is a list, and a raw key reads",
        )
        .raw()
        .line("signature", "ed25519 unlisted")
        .sealed(&to_alice().to(Who::Raw(RAW)).signed_by("sender_ed25519.pem")),
        ok(
            "checkpoint_signed_cbc",
            "M-CHECK-1 M-SIG-4 M-JUDGE-2",
            "two signed checkpoints",
        )
        .raw()
        .trust("sender_ed25519.pub")
        .line("signature", "ed25519 unlisted")
        .line("checkpoints", "2")
        .sealed(&live(to_raw()).signed_by("sender_ed25519.pem")),
        ok(
            "checkpoint_signed_gcm",
            "M-CHECK-1 M-SIG-4 M-JUDGE-2",
            "two signed checkpoints",
        )
        .raw()
        .trust("sender_rsa.pub")
        .line("signature", "rsa-pss-sha256 unlisted")
        .line("checkpoints", "2")
        .sealed(&live(to_raw().gcm()).signed_by("sender_rsa.pem")),
    ]
}
