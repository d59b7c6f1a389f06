//! Sound streams that a writer is free not to make: only the opening direction.

use super::{NAME, maker, one_item};
use crate::kit::case::{Case, RAW};
use crate::kit::close::{Close, SignKey};
use crate::kit::entries::{entry, key_id, oaep};
use crate::kit::file::Vector;
use crate::kit::make::{Maker, Shape, sha256};
use crate::kit::records::{
    DATA, DIGEST, Line, MANIFEST, PREVIEW, index, item, manifest, map, record, required, text,
};
use crate::kit::script::{Who, pattern};

fn ok(name: &'static str, spec: &str, comment: &str) -> Case {
    Case::new(name, "success", spec, comment).raw()
}

pub(super) fn all() -> Vec<Vector> {
    [blocks(), records(), manifests(), judged()].concat()
}

fn blocks() -> Vec<Vector> {
    let sized = |case: Case, len| {
        let (mut maker, index_offset) = one_item(case.name, Shape::CBC, b"white");
        maker.block_len = len;
        let case = case.gives(&maker.keys, &[b"white".to_vec()]);
        case.stream(maker.finish(Close::unsigned(index_offset), None).bytes())
    };
    vec![
        sized(
            ok("recipients_shortest", "M-RCPT-1", "a block of 256 bytes"),
            256,
        ),
        sized(
            ok("recipients_longest", "M-RCPT-1", "a block of 64 KiB"),
            65_536,
        ),
        entries_of_others(),
        second_entry(),
        second_identity(),
    ]
}

/// X-Wing and an external provider, whose keys nobody here has.
fn entries_of_others() -> Vector {
    let name = "recipients_of_other_kinds";
    let mut maker = Maker::new(name, Shape::CBC);
    maker.block_len = 2048;
    maker.entries.push(entry(2, [7; 16], &[0x55; 1160]));
    maker.entries.push(entry(5, [8; 16], b"\x07key-hsmopaque"));
    maker.add(&Who::Raw(RAW));
    finish(
        ok(
            name,
            "M-RCPT-3 M-EXT-1",
            "entries of types 2 and 5 stand before the reader's own",
        ),
        maker,
    )
}

/// A hostile writer gave the reader's first key an entry that unwraps to nothing.
fn second_entry() -> Vector {
    let name = "unlock_goes_on";
    let mut maker = Maker::new(name, Shape::CBC);
    maker.block_len = 512;
    let (salt, other) = (maker.keys.salt, [0x11; 32]);
    maker
        .entries
        .push(entry(4, key_id(&salt, &other), &[0; 40]));
    maker.add(&Who::Raw(RAW));
    let case = Case::new(
        name,
        "success",
        "M-KEY-5 M-KEY-6",
        "the first identity's entry does not unwrap",
    )
    .identity(&format!("raw {}", "11".repeat(32)))
    .raw();
    finish(case, maker)
}

/// The first identity's entry unwraps, to another key.
fn second_identity() -> Vector {
    let name = "unlock_goes_on_rsa";
    let mut maker = Maker::new(name, Shape::CBC);
    maker.block_len = 512;
    let salt = maker.keys.salt;
    let body = oaep("alice.pub", &[0x22; 32], &mut maker.rng);
    let id = key_id(&salt, &crate::kit::close::pem_der("alice.pub"));
    maker.entries.push(entry(1, id, &body));
    maker.add(&Who::Raw(RAW));
    let case = Case::new(
        name,
        "success",
        "M-KEY-5 M-KEY-6",
        "the first identity's entry holds another key",
    )
    .identity("rsa alice.pem")
    .raw();
    finish(case, maker)
}

fn finish(case: Case, mut maker: Maker) -> Vector {
    maker.push(&item(NAME, b"white"));
    let index_offset = maker.offset();
    maker.push(&index(&[Line::new(0, b"white", NAME)]));
    let case = case.gives(&maker.keys, &[b"white".to_vec()]);
    case.stream(maker.finish(Close::unsigned(index_offset), None).bytes())
}

/// A stream of these records and CLOSE, without INDEX.
fn of(case: Case, content: &[u8], originals: &[Vec<u8>]) -> Vector {
    let mut maker = maker(case.name, Shape::CBC);
    maker.push(content);
    let case = case.gives(&maker.keys, originals);
    case.stream(maker.finish(Close::unsigned(0), None).bytes())
}

fn records() -> Vec<Vector> {
    let white = b"white".to_vec();
    let manifest = record(MANIFEST, &manifest(NAME));
    let digest = |bytes: &[u8]| record(DIGEST, &sha256(bytes));
    let three = [
        &manifest[..],
        &record(DATA, b"wh"),
        &record(DATA, b"it"),
        &record(DATA, b"e"),
        &digest(b"white"),
    ]
    .concat();
    let skip = |kind: u8, len| record(kind, &vec![0x07; len]);
    let with_between = |between: &dyn Fn(u8) -> Vec<u8>| {
        [
            between(0),
            manifest.clone(),
            between(1),
            record(PREVIEW, b"\x89PNG"),
            between(2),
            record(DATA, b"wh"),
            between(3),
            record(DATA, b"ite"),
            between(4),
            digest(b"white"),
            between(5),
        ]
        .concat()
    };
    let skippable = with_between(&|n| skip(0x80 + n * 25, usize::from(n) * 3));
    let padding = with_between(&|n| vec![0; usize::from(n) * 1000]);
    let long = pattern(5000);
    let skip_long = [skip(0xFF, 9000), item(NAME, &long)].concat();
    let preview = [
        manifest.clone(),
        record(PREVIEW, &vec![0x89; 65_536]),
        record(DATA, b"white"),
        digest(b"white"),
    ]
    .concat();
    let one = core::slice::from_ref(&white);
    vec![
        of(
            ok(
                "data_in_three_records",
                "M-ITEM-1",
                "an original in three DATA records; no INDEX",
            ),
            &three,
            one,
        ),
        of(
            ok("no_index", "M-INDEX-1 M-CLOSE-4", "two items and no INDEX"),
            &[item("a", b"white"), item("b", b"black")].concat(),
            &[white.clone(), b"black".to_vec()],
        ),
        of(
            ok(
                "skippable_records",
                "M-REC-2",
                "unknown records of 80 and more wherever one may stand",
            ),
            &skippable,
            one,
        ),
        of(
            ok(
                "skippable_long",
                "M-REC-2",
                "one that fills more than two chunks",
            ),
            &skip_long,
            &[long],
        ),
        of(
            ok(
                "padding",
                "M-REC-3",
                "zeros wherever a record may begin, and a chunk of nothing else",
            ),
            &[padding, vec![0; 9000]].concat(),
            one,
        ),
        of(
            ok(
                "preview_longest",
                "M-ITEM-4",
                "a preview of 64 KiB before DATA",
            ),
            &preview,
            one,
        ),
    ]
}

fn manifests() -> Vec<Vector> {
    let with = |case: Case, manifest: &[u8]| {
        let content = [record(MANIFEST, manifest), record(DATA, b"white")].concat();
        of(case, &content, &[b"white".to_vec()])
    };
    let number = |wide: u32| [&[0x1A][..], &wide.to_be_bytes()].concat();
    let words = [
        &[0xA3][..],
        &text("z"),
        &text("2"),
        &text("aa"),
        &text(""),
        &text("ab"),
        &text("1"),
    ];
    let full = map(&[
        (1, text("dicom")),
        (2, text("application/dicom")),
        (3, number(70_000)),
        (4, number(u32::MAX)),
        (5, vec![0]),
        (6, vec![1]),
        (7, vec![0x18, 255]),
        (8, text("R\u{f6}ntgen 1.dcm")),
        (9, vec![0x24]),
        (10, words.concat()),
        (11, [&[0x58, 32][..], &[0xAB; 32]].concat()),
    ]);
    let mut skippable = required();
    let mut unknown = Vec::new();
    for (key, value) in [
        (128, vec![0x05]),
        (129, vec![0x20]),
        (200, text("later")),
        (255, vec![0x42, 1, 2]),
    ] {
        unknown.extend([&[0x18, key][..], &value].concat());
    }
    skippable.push((8, text(NAME)));
    let mut skippable = map(&skippable);
    skippable[0] += 4;
    vec![
        with(ok("manifest_full", "M-MAN-1 M-MAN-4", "every field"), &full),
        with(
            ok(
                "manifest_skippable_keys",
                "M-MAN-3",
                "keys from 128 on, of each type",
            ),
            &[skippable, unknown].concat(),
        ),
        with(
            ok("manifest_name_1024", "M-MAN-4", "the longest name"),
            &super::manifests::named(&"n".repeat(1024)),
        ),
    ]
}

/// Whom the signer meant, and who reads.
fn judged() -> Vec<Vector> {
    let signed = |case: Case, reader: &str, meant: &[&str]| {
        let key = SignKey::read("sender_ed25519");
        let mut maker = Maker::new(case.name, Shape::CBC.signed());
        maker.block_len = 512;
        maker.add(&Who::Rsa(format!("{reader}.pub")));
        maker.push(&item(NAME, b"white"));
        let index_offset = maker.offset();
        maker.push(&index(&[Line::new(0, b"white", NAME)]));
        let case = case
            .identity(&format!("rsa {reader}.pem"))
            .trust("sender_ed25519.pub")
            .gives(&maker.keys, &[b"white".to_vec()]);
        let close = Close::by(&key, index_offset).meant_for(meant);
        case.stream(maker.finish(close, Some(&key)).bytes())
    };
    let success = |name, rules, comment, judgement: &str| {
        Case::new(name, "success", rules, comment).line("signature", judgement)
    };
    let name = "rewrapped";
    let rewrapped = success(
        name,
        "M-REWRAP-1 M-JUDGE-3",
        "signed for Alice, rewrapped for Bob",
        "ed25519 not_intended",
    );
    let rewrapped = signed(rewrapped, "bob", &["alice.pub"]);
    let name = "signed_empty_list";
    let empty = success(
        name,
        "M-JUDGE-3",
        "the reader has an SPKI, and there is no list",
        "ed25519 unlisted",
    );
    vec![rewrapped, signed(empty, "alice", &[])]
}
