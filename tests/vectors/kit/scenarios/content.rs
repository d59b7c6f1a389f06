//! Content that breaks a rule under tags that hold: records, their order, INDEX.

use super::{NAME, maker, refused};
use crate::kit::close::Close;
use crate::kit::file::Vector;
use crate::kit::make::{Shape, sha256};
use crate::kit::records::{
    DATA, DIGEST, INDEX, Line, MANIFEST, PREVIEW, index, item, manifest, record, record_header,
};

pub(super) fn all() -> Vec<Vector> {
    [records(), items(), order(), indices()].concat()
}

/// A stream of these records and an unsigned CLOSE.
fn of(
    name: &'static str,
    spec: &str,
    comment: &str,
    records: &[Vec<u8>],
    index_offset: u64,
    released: &[u8],
) -> Vector {
    let mut maker = maker(name, Shape::CBC);
    maker.push(&records.concat());
    let case = refused(name, "content", spec, comment)
        .cek(&maker.keys)
        .released(released);
    case.stream(maker.finish(Close::unsigned(index_offset), None).bytes())
}

/// As [`of`], without INDEX.
fn bad(
    name: &'static str,
    spec: &str,
    comment: &str,
    records: &[Vec<u8>],
    released: &[u8],
) -> Vector {
    of(name, spec, comment, records, 0, released)
}

fn head() -> Vec<u8> {
    record(MANIFEST, &manifest(NAME))
}

fn data(bytes: &[u8]) -> Vec<u8> {
    record(DATA, bytes)
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    record(DIGEST, &sha256(bytes))
}

fn white() -> Vec<u8> {
    item(NAME, b"white")
}

fn records() -> Vec<Vector> {
    let name = "content_ends_in_record";
    let mut maker = maker(name, Shape::CBC);
    maker.push(
        &[
            head(),
            record_header(DATA, 1000).to_vec(),
            b"white".to_vec(),
        ]
        .concat(),
    );
    let case = refused(
        name,
        "content",
        "M-REC-4",
        "DATA says 1000 bytes, and the content ends after 5",
    )
    .cek(&maker.keys)
    .released(b"white");
    let ends_in_record = case.stream(maker.end_with(b"").bytes());
    vec![
        ends_in_record,
        bad(
            "record_kind_07",
            "M-REC-1",
            "the first kind that is not defined",
            &[white(), record(7, b"")],
            b"white",
        ),
        bad(
            "record_kind_7f",
            "M-REC-1",
            "the last one that may not be skipped",
            &[record(0x7F, b"x")],
            b"",
        ),
        bad(
            "record_length_huge",
            "M-REC-4",
            "a skippable record of 2^56 - 1 bytes",
            &[white(), record_header(0xFF, u64::MAX).to_vec()],
            b"white",
        ),
    ]
}

fn items() -> Vec<Vector> {
    vec![
        bad(
            "data_second_empty",
            "M-ITEM-1",
            "an empty DATA after an empty one",
            &[head(), data(b""), data(b"")],
            b"",
        ),
        bad(
            "data_after_empty",
            "M-ITEM-1",
            "DATA after an empty one",
            &[head(), data(b""), data(b"white")],
            b"",
        ),
        bad(
            "data_empty_after_data",
            "M-ITEM-1",
            "an empty DATA at the end",
            &[head(), data(b"white"), data(b"")],
            b"white",
        ),
        bad(
            "data_missing",
            "M-ITEM-2 M-ORDER-1",
            "an item without DATA",
            &[head()],
            b"",
        ),
        bad(
            "data_missing_before_item",
            "M-ITEM-2 M-ORDER-1",
            "MANIFEST after MANIFEST",
            &[head(), white()],
            b"",
        ),
        bad(
            "data_missing_before_digest",
            "M-ITEM-2 M-ORDER-1",
            "DIGEST after MANIFEST",
            &[head(), digest(b"")],
            b"",
        ),
        bad(
            "digest_of_something_else",
            "M-ITEM-3",
            "another SHA-256",
            &[head(), data(b"white"), digest(b"black")],
            b"white",
        ),
        bad(
            "digest_length_31",
            "M-ITEM-3",
            "31 bytes",
            &[
                head(),
                data(b"white"),
                record(DIGEST, &sha256(b"white")[..31]),
            ],
            b"white",
        ),
        bad(
            "digest_length_33",
            "M-ITEM-3",
            "33 bytes",
            &[head(), data(b"white"), record(DIGEST, &[0; 33])],
            b"white",
        ),
        bad(
            "preview_too_long",
            "M-ITEM-4",
            "a PREVIEW that says 65 537 bytes, none of which need be read",
            &[head(), record_header(PREVIEW, 65_537).to_vec()],
            b"",
        ),
    ]
}

fn order() -> Vec<Vector> {
    let out = |name, comment, records: &[Vec<u8>], released: &[u8]| {
        bad(name, "M-ORDER-1", comment, records, released)
    };
    let preview = || record(PREVIEW, b"\x89PNG");
    vec![
        out(
            "order_data_first",
            "DATA without an item",
            &[data(b"white")],
            b"",
        ),
        out(
            "order_preview_first",
            "PREVIEW without an item",
            &[preview()],
            b"",
        ),
        out(
            "order_digest_first",
            "DIGEST without an item",
            &[digest(b"")],
            b"",
        ),
        out(
            "order_preview_twice",
            "PREVIEW stands twice",
            &[head(), preview(), preview()],
            b"",
        ),
        out(
            "order_preview_after_data",
            "PREVIEW after DATA",
            &[head(), data(b"white"), preview()],
            b"white",
        ),
        out(
            "order_digest_after_preview",
            "DIGEST after PREVIEW",
            &[head(), preview(), digest(b"")],
            b"",
        ),
        out(
            "order_digest_twice",
            "DIGEST stands twice",
            &[white(), digest(b"white")],
            b"white",
        ),
        out(
            "order_data_after_digest",
            "DATA after DIGEST",
            &[white(), data(b"s")],
            b"white",
        ),
        out(
            "order_index_in_item",
            "INDEX after MANIFEST",
            &[white(), head(), record(INDEX, b"")],
            b"white",
        ),
    ]
}

fn indices() -> Vec<Vector> {
    let line = || Line::new(0, b"white", NAME);
    let at = white().len() as u64;
    let with = |name, comment, lines: &[Line]| {
        of(
            name,
            "M-INDEX-1",
            comment,
            &[white(), index(lines)],
            at,
            b"white",
        )
    };
    let (two, second) = ([white(), white()].concat(), Line::new(at, b"white", NAME));
    vec![
        with(
            "index_offset_wrong",
            "another offset",
            &[Line {
                offset: 1,
                ..line()
            }],
        ),
        with(
            "index_bytes_wrong",
            "another length",
            &[Line { bytes: 4, ..line() }],
        ),
        with(
            "index_digest_wrong",
            "another digest",
            &[Line {
                digest: Some([1; 32]),
                ..line()
            }],
        ),
        with(
            "index_digest_missing",
            "no digest, and the item has one",
            &[Line {
                digest: None,
                ..line()
            }],
        ),
        with(
            "index_name_wrong",
            "another name",
            &[Line {
                name: "b.txt".to_owned(),
                ..line()
            }],
        ),
        with(
            "index_line_too_many",
            "two lines for one item",
            &[
                line(),
                Line {
                    offset: 1,
                    ..line()
                },
            ],
        ),
        with("index_empty", "no line", &[]),
        of(
            "index_order",
            "M-INDEX-1 M-INDEX-2",
            "two lines in the wrong order",
            &[two.clone(), index(&[second, line()])],
            2 * at,
            b"whitewhite",
        ),
        of(
            "index_of_one_of_two",
            "M-INDEX-1",
            "one line for two items",
            &[two, index(&[line()])],
            2 * at,
            b"whitewhite",
        ),
        of(
            "index_without_items",
            "M-INDEX-1 M-ORDER-1",
            "INDEX, and no item",
            &[index(&[line()])],
            0,
            b"",
        ),
        of(
            "index_twice",
            "M-ORDER-1",
            "INDEX stands twice",
            &[white(), index(&[line()]), index(&[line()])],
            at,
            b"white",
        ),
        of(
            "item_after_index",
            "M-ORDER-1",
            "an item behind INDEX",
            &[white(), index(&[line()]), white()],
            at,
            b"white",
        ),
    ]
}
