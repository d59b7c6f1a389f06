//! The recipient block: its length, its entries, its padding. The MAC holds in all of them.

use super::{NAME, refused};
use crate::kit::case::{Case, RAW};
use crate::kit::close::Close;
use crate::kit::entries::{argon2id, entry, key_id, pbkdf2, wrap};
use crate::kit::file::Vector;
use crate::kit::make::{Maker, Shape};
use crate::kit::records::item;

/// A small stream whose block is what `block` makes of its writer.
fn with_block(case: Case, block: impl FnOnce(&mut Maker) -> Vec<u8>) -> Vector {
    let mut maker = Maker::new(case.name, Shape::CBC);
    let block = block(&mut maker);
    maker.push(&item(NAME, b"white"));
    let recipients = maker.keys.recipients_frame(&block);
    let case = case.cek(&maker.keys).released(b"");
    let mut stream = maker.finish(Close::unsigned(0), None);
    stream.recipients = recipients;
    case.stream(stream.bytes())
}

fn format(name: &'static str, spec: &str, comment: &str) -> Case {
    refused(name, "format", spec, comment)
}

/// The entry of the reader's own key.
fn own(maker: &Maker) -> Vec<u8> {
    entry(
        4,
        key_id(&maker.keys.salt, &RAW),
        &wrap(&RAW, &maker.keys.cek),
    )
}

/// A block of this count and these entries, padded to a multiple of 256 with the MAC.
fn block(count: u8, entries: &[Vec<u8>]) -> Vec<u8> {
    let mut body = [vec![count], entries.concat()].concat();
    body.resize((body.len() + 32).next_multiple_of(256) - 32, 0);
    body
}

/// The reader's own entry, and then this one.
fn second(name: &'static str, spec: &str, comment: &str, entry: Vec<u8>) -> Vector {
    with_block(format(name, spec, comment), |maker| {
        block(2, &[own(maker), entry])
    })
}

pub(super) fn all() -> Vec<Vector> {
    [lengths(), counts(), bodies(), sets(), passphrases()].concat()
}

fn lengths() -> Vec<Vector> {
    let of_length = |name, comment, length: usize| {
        let case = format(name, "M-RCPT-1 M-FRAME-2", comment);
        with_block(case, |maker| {
            let mut block = block(1, &[own(maker)]);
            block.resize(length - 32, 0);
            block
        })
    };
    let empty = "recipients_length_0";
    let (mut stream, keys) = super::small(empty);
    stream.recipients = vec![2, 0, 0, 0];
    vec![
        of_length("recipients_length_255", "one byte less than the least", 255),
        of_length("recipients_length_4097", "no multiple of 256", 4097),
        of_length(
            "recipients_length_65792",
            "256 bytes more than the most",
            65_792,
        ),
        format(
            empty,
            "M-RCPT-1 M-FRAME-2",
            "a block of no bytes, not even a MAC",
        )
        .cek(&keys)
        .released(b"")
        .stream(stream.bytes()),
    ]
}

fn counts() -> Vec<Vector> {
    let of = |name, comment, count| {
        with_block(format(name, "M-RCPT-2", comment), |maker| {
            let others = (0..32).map(|n| entry(4, [n; 16], &[n; 40]));
            let all: Vec<_> = others.chain([own(maker)]).collect();
            block(count, if count == 0 { &[] } else { &all })
        })
    };
    vec![
        of("recipients_count_0", "no recipient", 0),
        of("recipients_count_33", "33 recipients", 33),
        second(
            "recipient_count_too_high",
            "M-RCPT-3 M-RCPT-4",
            "the count says two, and zeros stand where the second must",
            Vec::new(),
        ),
    ]
}

fn bodies() -> Vec<Vector> {
    let kind =
        |name, comment, kind| second(name, "M-RCPT-3", comment, entry(kind, [9; 16], &[0; 40]));
    let body = |name, spec, comment, kind, body: &[u8]| {
        second(
            name,
            &format!("M-RCPT-4 {spec}"),
            comment,
            entry(kind, [9; 16], body),
        )
    };
    let past = {
        let mut entry = entry(1, [9; 16], &[0; 256]);
        entry[18..20].copy_from_slice(&[0x02, 0x00]);
        second(
            "recipient_body_past_block",
            "M-RCPT-4",
            "a length that runs into the MAC",
            entry,
        )
    };
    let passphrase = |parameters: &[u8], rest: usize| [parameters, &vec![0; rest]].concat();
    vec![
        kind("recipient_type_0", "type 0", 0),
        kind("recipient_type_6", "type 6", 6),
        kind(
            "recipient_type_0100",
            "type 1 with its bytes swapped",
            0x100,
        ),
        past,
        body(
            "recipient_raw_39",
            "M-RAW-1",
            "a wrapped key of 39 bytes",
            4,
            &[0; 39],
        ),
        body(
            "recipient_raw_41",
            "M-RAW-1",
            "a wrapped key of 41 bytes",
            4,
            &[0; 41],
        ),
        body(
            "recipient_rsa_1024",
            "M-RSA-1",
            "OAEP under 1024 bits",
            1,
            &[0; 128],
        ),
        body(
            "recipient_rsa_4104",
            "M-RSA-1",
            "OAEP under 4104 bits",
            1,
            &[0; 513],
        ),
        body(
            "recipient_xwing_1159",
            "M-XWING-1",
            "one byte too few",
            2,
            &[0; 1159],
        ),
        body(
            "recipient_xwing_1161",
            "M-XWING-1",
            "one byte too many",
            2,
            &[0; 1161],
        ),
        body(
            "recipient_external_empty",
            "M-EXT-1",
            "a name of no bytes",
            5,
            &[0; 9],
        ),
        body(
            "recipient_external_no_body",
            "M-EXT-1",
            "no body at all",
            5,
            b"",
        ),
        body(
            "recipient_external_not_utf8",
            "M-EXT-1",
            "a name that is not UTF-8",
            5,
            b"\x02\xC3\x28x",
        ),
        body(
            "recipient_external_name_long",
            "M-EXT-1",
            "a name that the body cannot hold",
            5,
            b"\x05abcd",
        ),
        body(
            "recipient_kdf_0",
            "M-PASS-3",
            "a derivation that is not defined",
            3,
            &passphrase(&[0], 68),
        ),
        body(
            "recipient_argon2id_68",
            "M-PASS-3",
            "Argon2id, one byte too few",
            3,
            &passphrase(&argon2id(19_456, 2, 1), 55),
        ),
        body(
            "recipient_pbkdf2_62",
            "M-PASS-3",
            "PBKDF2, one byte too many",
            3,
            &passphrase(&pbkdf2(600_000), 57),
        ),
    ]
}

fn sets() -> Vec<Vector> {
    let name = "recipient_twice";
    let twice = with_block(
        format(name, "M-RCPT-5", "the same type and key id twice"),
        |maker| block(2, &[own(maker), own(maker)]),
    );
    let name = "recipients_padding";
    let padding = with_block(
        format(name, "M-RCPT-6", "the last byte before the MAC is 1"),
        |maker| {
            let mut block = block(1, &[own(maker)]);
            *block.last_mut().unwrap() = 1;
            block
        },
    );
    let body = [pbkdf2(600_000), vec![0; 56]].concat();
    let name = "passphrase_not_alone";
    let not_alone = with_block(
        format(name, "M-PASS-2", "a passphrase beside a raw key"),
        |maker| {
            block(
                2,
                &[own(maker), entry(3, key_id(&maker.keys.salt, b""), &body)],
            )
        },
    );
    vec![twice, padding, not_alone]
}

/// Parameters out of bounds are refused before they cost anything, and only by who would pay.
fn passphrases() -> Vec<Vector> {
    let of = |name, comment, parameters: Vec<u8>| {
        let case = Case::new(name, "format", "M-PASS-3", comment).identity("passphrase \"any\"");
        with_block(case, |maker| {
            let body = [parameters, vec![0; 56]].concat();
            block(1, &[entry(3, key_id(&maker.keys.salt, b""), &body)])
        })
    };
    vec![
        of("argon2id_memory_low", "19 455 KiB", argon2id(19_455, 2, 1)),
        of(
            "argon2id_memory_high",
            "1 048 577 KiB",
            argon2id(1_048_577, 2, 1),
        ),
        of("argon2id_memory_huge", "4 TiB", argon2id(u32::MAX, 2, 1)),
        of("argon2id_passes_1", "one pass", argon2id(19_456, 1, 1)),
        of("argon2id_passes_17", "17 passes", argon2id(19_456, 17, 1)),
        of("argon2id_lanes_0", "no lane", argon2id(19_456, 2, 0)),
        of("argon2id_lanes_17", "17 lanes", argon2id(19_456, 2, 17)),
        of("pbkdf2_low", "599 999 iterations", pbkdf2(599_999)),
        of("pbkdf2_high", "10 000 001 iterations", pbkdf2(10_000_001)),
    ]
}
