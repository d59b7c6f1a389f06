//! CLOSE: its layout, its place, checkpoints, and the flag SIGNED.

use super::{NAME, SENDER, SENDER_PUB, item_only, maker, one_item, refused, signed};
use crate::kit::case::Case;
use crate::kit::close::{Close, SignKey};
use crate::kit::file::Vector;
use crate::kit::make::{Maker, Shape};
use crate::kit::records::{Line, MANIFEST, index, item, manifest, record};
use crate::kit::script::pattern;

pub(super) fn all() -> Vec<Vector> {
    [layouts(), positions(), offsets(), checkpoints(), flags()].concat()
}

/// One item, INDEX, and a CLOSE that is not what it must be.
fn unsigned(
    name: &'static str,
    rule: &str,
    comment: &str,
    close: impl FnOnce(u64) -> Close,
) -> Vector {
    let (maker, index_offset) = one_item(name, Shape::CBC, b"white");
    let case = refused(name, "content", rule, comment)
        .cek(&maker.keys)
        .released(b"white");
    case.stream(maker.finish(close(index_offset), None).bytes())
}

fn layouts() -> Vec<Vector> {
    let sender = SignKey::read(SENDER);
    let wrong = |name: &'static str, comment, change: &dyn Fn(&mut Close)| {
        let case = refused(name, "content", "M-CLOSE-6", comment).released(b"white");
        signed(case, &sender, change)
    };
    let length = |name, comment, length| {
        unsigned(name, "M-CLOSE-3", comment, |at| Close {
            closing_length: Some(length),
            ..Close::unsigned(at)
        })
    };
    let empty_signature = {
        let name = "close_signature_empty";
        let (maker, at) = one_item(name, Shape::CBC.signed(), b"white");
        let case = refused(name, "content", "M-CLOSE-6", "a signature of no bytes");
        let case = case.cek(&maker.keys).released(b"white");
        let close = Close {
            signature: Vec::new(),
            ..Close::by(&sender, at)
        };
        case.stream(maker.finish(close, None).bytes())
    };
    let algorithm = {
        let name = "close_algorithm_3";
        let case = refused(
            name,
            "content",
            "M-CLOSE-5",
            "an algorithm that is not defined",
        );
        signed(case.released(b"white"), &sender, |close| {
            close.algorithm = 3;
        })
    };
    vec![
        length(
            "close_length_20",
            "a length at the end that is too short for any CLOSE",
            20,
        ),
        length(
            "close_length_22",
            "a length at the end that is one too many",
            22,
        ),
        length("close_length_0", "a length at the end of 0", 0),
        raw_close(
            "close_byte_too_many",
            "a byte between algorithm and length",
            |at| [&at.to_be_bytes()[..], &[0, 0], &22_u32.to_be_bytes()].concat(),
        ),
        raw_close(
            "close_without_algorithm",
            "a body of an offset and a length",
            |at| [&at.to_be_bytes()[..], &20_u32.to_be_bytes()].concat(),
        ),
        raw_close(
            "close_cut_in_spki",
            "an SPKI that runs past the record",
            |at| {
                let start = [&at.to_be_bytes()[..], &[2], &[0; 8], &[0, 44], &[0x30; 10]].concat();
                let whole = u32::try_from(start.len() + 12).unwrap();
                [start.as_slice(), &whole.to_be_bytes()].concat()
            },
        ),
        wrong(
            "close_intended_descending",
            "the intended recipients in descending order",
            &|close| {
                close.intended = vec![[2; 32], [1; 32]];
            },
        ),
        wrong(
            "close_intended_twice",
            "an intended recipient twice",
            &|close| {
                close.intended = vec![[1; 32], [1; 32]];
            },
        ),
        wrong("close_intended_33", "33 intended recipients", &|close| {
            close.intended = (0..33).map(|n| [n; 32]).collect();
        }),
        wrong("close_spki_601", "an SPKI of 601 bytes", &|close| {
            close.spki.resize(601, 0);
        }),
        empty_signature,
        algorithm,
    ]
}

/// A CLOSE record with any body.
fn raw_close(name: &'static str, comment: &str, body: impl FnOnce(u64) -> Vec<u8>) -> Vector {
    let (maker, at) = one_item(name, Shape::CBC, b"white");
    let case = refused(name, "content", "M-CLOSE-3", comment)
        .cek(&maker.keys)
        .released(b"white");
    case.stream(maker.end_with(&record(6, &body(at))).bytes())
}

/// Where CLOSE stands, and whether it does.
fn positions() -> Vec<Vector> {
    let ends = |name, rule, comment, original: &[u8], end: &dyn Fn(u64) -> Vec<u8>| {
        let (maker, at) = one_item(name, Shape::CBC, original);
        let case = refused(name, "content", rule, comment)
            .cek(&maker.keys)
            .released(original);
        case.stream(maker.end_with(&end(at)).bytes())
    };
    // With such an original, INDEX ends so many bytes before the end of the first chunk.
    let around = item(NAME, b"").len() + index(&[Line::new(0, b"", NAME)]).len();
    let leaving = |room: usize| pattern(4096 - room - around);
    let close = |at| Close::unsigned(at).to_bytes();
    let name = "final_empty";
    let (mut maker, at) = one_item(name, Shape::CBC, b"white");
    maker.push(&close(at));
    maker.flush();
    let empty = refused(
        name,
        "content",
        "M-CLOSE-1 M-CLOSE-2",
        "zeros follow CLOSE, and FINAL is empty",
    )
    .cek(&maker.keys)
    .released(b"white")
    .stream(maker.end_with(b"").bytes());
    vec![
        ends(
            "close_missing",
            "M-CLOSE-2 M-REC-4",
            "INDEX is the last record",
            b"white",
            &|_| Vec::new(),
        ),
        ends(
            "close_not_last",
            "M-CLOSE-1",
            "a zero byte follows",
            b"white",
            &|at| [close(at), vec![0]].concat(),
        ),
        ends(
            "close_before_item",
            "M-CLOSE-1",
            "an item follows",
            b"white",
            &|at| [close(at), item("b.txt", b"black")].concat(),
        ),
        ends(
            "close_across_chunks",
            "M-CLOSE-1",
            "its header is in CHUNK 0, and the rest of it in FINAL",
            &leaving(10),
            &close,
        ),
        ends(
            "close_header_across_chunks",
            "M-CLOSE-1",
            "half of its header is in CHUNK 0",
            &leaving(4),
            &close,
        ),
        empty,
    ]
}

fn offsets() -> Vec<Vector> {
    let wrong = |name, comment, offset: &dyn Fn(u64) -> u64| {
        unsigned(name, "M-CLOSE-4", comment, |at| Close::unsigned(offset(at)))
    };
    let name = "close_index_offset_without_index";
    let mut maker = maker(name, Shape::CBC);
    maker.push(&item(NAME, b"white"));
    let without = refused(
        name,
        "content",
        "M-CLOSE-4",
        "it names a place, and there is no INDEX",
    )
    .cek(&maker.keys)
    .released(b"white")
    .stream(maker.finish(Close::unsigned(8), None).bytes());
    vec![
        wrong(
            "close_index_offset_0",
            "it says that there is no INDEX",
            &|_| 0,
        ),
        wrong(
            "close_index_offset_before",
            "it points before INDEX",
            &|at| at - 1,
        ),
        wrong(
            "close_index_offset_outside",
            "it points behind the content",
            &|at| at + 10_000,
        ),
        without,
    ]
}

fn checkpoints() -> Vec<Vector> {
    let case = |name, comment| refused(name, "content", "M-CHECK-1", comment);
    let ended = |case: Case, index_offset, before: &dyn Fn(&mut Maker) -> u64| {
        let mut maker = maker(case.name, Shape::CBC);
        let at = before(&mut maker);
        let case = case.cek(&maker.keys);
        maker.checkpoint(Close::unsigned(index_offset), None);
        case.stream(maker.finish(Close::unsigned(at), None).bytes())
    };
    let in_item = case("checkpoint_in_item", "after MANIFEST").released(b"");
    let offset = case("checkpoint_index_offset", "its index offset is not 0").released(b"white");
    let after_index = case("checkpoint_after_index", "it follows INDEX").released(b"white");
    let name = "truncated_at_checkpoint";
    let mut maker = maker(name, Shape::CBC);
    maker.push(&item(NAME, b"white"));
    maker.checkpoint(Close::unsigned(0), None);
    let truncated = refused(
        name,
        "format",
        "M-CHECK-2 M-STREAM-4",
        "nothing follows a checkpoint",
    )
    .cek(&maker.keys)
    .released(b"white")
    .stream(maker.into_stream().bytes());
    vec![
        ended(in_item, 0, &|maker| {
            maker.push(&record(MANIFEST, &manifest(NAME)));
            0
        }),
        ended(offset, 8, &|maker| {
            maker.push(&item(NAME, b"white"));
            0
        }),
        ended(after_index, 0, &|maker| {
            maker.push(&item(NAME, b"white"));
            let at = maker.offset();
            maker.push(&index(&[Line::new(0, b"white", NAME)]));
            at
        }),
        truncated,
    ]
}

fn flags() -> Vec<Vector> {
    let sender = SignKey::read(SENDER);
    let name = "signed_flag_without_signature";
    let (maker, at) = one_item(name, Shape::CBC.signed(), b"white");
    let case = refused(
        name,
        "signature",
        "M-CLOSE-7",
        "SIGNED is set, and FINAL's CLOSE has no signature",
    );
    let without = case
        .trust(SENDER_PUB)
        .cek(&maker.keys)
        .stream(maker.finish(Close::unsigned(at), None).bytes());

    let name = "signature_without_flag";
    let (maker, at) = one_item(name, Shape::CBC, b"white");
    let case = refused(
        name,
        "content",
        "M-CLOSE-7",
        "a signature, and SIGNED is not set",
    );
    let case = case.cek(&maker.keys).released(b"white");
    let with = case.stream(maker.finish(Close::by(&sender, at), Some(&sender)).bytes());

    let name = "checkpoint_without_signature";
    let mut maker = item_only(name, Shape::CBC.signed());
    maker.checkpoint(Close::unsigned(0), None);
    let comment = "SIGNED is set, and a checkpoint has no signature; FINAL's holds";
    let case = refused(name, "signature", "M-CLOSE-7", comment)
        .cek(&maker.keys)
        .released(b"white");
    let checkpoint = case
        .line("expect-seeking", "success")
        .stream(maker.finish(Close::by(&sender, 0), Some(&sender)).bytes());
    vec![without, with, checkpoint]
}
