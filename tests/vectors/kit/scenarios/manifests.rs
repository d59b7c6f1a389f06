//! Manifests that are not the one encoding of something known.

use super::{maker, refused};
use crate::kit::close::Close;
use crate::kit::file::Vector;
use crate::kit::make::Shape;
use crate::kit::records::{DATA, MANIFEST, map, record, record_header, required, text};

pub(super) fn bad(name: &'static str, rule: &str, comment: &str, manifest: &[u8]) -> Vector {
    let mut maker = maker(name, Shape::CBC);
    maker.push(&record(MANIFEST, manifest));
    maker.push(&record(DATA, b"white"));
    let case = refused(name, "content", rule, comment)
        .cek(&maker.keys)
        .released(b"");
    case.stream(maker.finish(Close::unsigned(0), None).bytes())
}

/// The required fields and one more.
fn with(key: u8, value: &[u8]) -> Vec<u8> {
    let mut fields = required();
    fields.push((key, value.to_vec()));
    map(&fields)
}

/// A manifest with a name.
pub(super) fn named(name: &str) -> Vec<u8> {
    with(8, &text(name))
}

pub(super) fn all() -> Vec<Vector> {
    [encodings(), fields(), limits()].concat()
}

fn encodings() -> Vec<Vector> {
    let not = |name, comment, manifest: &[u8]| bad(name, "M-MAN-1", comment, manifest);
    let good = map(&required());
    let pairs: Vec<u8> = good[1..].to_vec();
    let (format, media) = (text("opaque"), text("application/octet-stream"));
    let join = |parts: &[&[u8]]| parts.concat();
    let words = |pairs: &[&str]| {
        let count = 0xA0 + u8::try_from(pairs.len() / 2).unwrap();
        let texts: Vec<u8> = pairs.iter().flat_map(|word| text(word)).collect();
        with(10, &[&[count], texts.as_slice()].concat())
    };
    vec![
        not(
            "manifest_long_key",
            "key 1 in two bytes",
            &join(&[&[0xA2, 0x18, 1], &format, &[2], &media]),
        ),
        not(
            "manifest_long_number",
            "width 5 in three bytes",
            &with(3, &[0x19, 0, 5]),
        ),
        not(
            "manifest_long_length",
            "the length of a text in two bytes",
            &join(&[&[0xA2, 1, 0x78, 6], b"opaque", &[2], &media]),
        ),
        not(
            "manifest_long_count",
            "the count of the map in two bytes",
            &join(&[&[0xB8, 2], &pairs]),
        ),
        not(
            "manifest_indefinite_map",
            "a map without a count",
            &join(&[&[0xBF], &pairs, &[0xFF]]),
        ),
        not(
            "manifest_indefinite_text",
            "a text in pieces",
            &join(&[&[0xA2, 1, 0x7F], &text("opaque"), &[0xFF, 2], &media]),
        ),
        not(
            "manifest_keys_swapped",
            "key 2 before key 1",
            &join(&[&[0xA2, 2], &media, &[1], &format]),
        ),
        not(
            "manifest_key_twice",
            "key 2 twice",
            &join(&[&[0xA3], &pairs, &[2], &media]),
        ),
        not(
            "manifest_trailing",
            "a byte behind the map",
            &join(&[&good, &[0]]),
        ),
        not(
            "manifest_truncated",
            "the last byte is missing",
            &good[..good.len() - 1],
        ),
        not(
            "manifest_array",
            "an array in place of the map",
            &[0x82, 1, 2],
        ),
        not("manifest_empty", "no byte", b""),
        not(
            "manifest_text_for_number",
            "a width in words",
            &with(3, &text("5")),
        ),
        not(
            "manifest_tagged_time",
            "a time with a tag",
            &with(9, &[0xC1, 0x05]),
        ),
        not(
            "manifest_not_utf8",
            "a name that is not UTF-8",
            &with(8, &[0x62, 0xC3, 0x28]),
        ),
        not(
            "manifest_words_order",
            "the longer word first",
            &words(&["bb", "", "a", ""]),
        ),
        not(
            "manifest_transfer_id_31",
            "a transfer id of 31 bytes",
            &with(11, &[&[0x58, 31][..], &[0; 31]].concat()),
        ),
    ]
}

fn fields() -> Vec<Vector> {
    let skippable = |value: &[u8]| {
        let mut manifest = map(&required());
        manifest[0] += 1;
        [manifest.as_slice(), &[0x18, 128], value].concat()
    };
    let unknown = "M-MAN-2";
    vec![
        bad("manifest_key_0", unknown, "key 0", &{
            let mut fields = required();
            fields.insert(0, (0, vec![5]));
            map(&fields)
        }),
        bad(
            "manifest_key_12",
            "M-SAMPLE-1",
            "key 12 holds 5, and no layout",
            &with(12, &[5]),
        ),
        bad(
            "manifest_key_13",
            unknown,
            "the first key that is not defined",
            &with(13, &[5]),
        ),
        bad(
            "manifest_key_127",
            unknown,
            "the last one that may not be skipped",
            &{
                let mut manifest = map(&required());
                manifest[0] += 1;
                [manifest.as_slice(), &[0x18, 127, 5]].concat()
            },
        ),
        bad(
            "manifest_skippable_array",
            "M-MAN-3",
            "key 128 holds an array",
            &skippable(&[0x80]),
        ),
        bad(
            "manifest_skippable_simple",
            "M-MAN-3",
            "key 128 holds true",
            &skippable(&[0xF5]),
        ),
        bad(
            "manifest_skippable_long",
            "M-MAN-3",
            "key 128 holds 5 in two bytes",
            &skippable(&[0x18, 5]),
        ),
        bad(
            "manifest_without_format",
            "M-MAN-4",
            "key 1 is missing",
            &map(&required()[1..]),
        ),
        bad(
            "manifest_without_media_type",
            "M-MAN-4",
            "key 2 is missing",
            &map(&required()[..1]),
        ),
    ]
}

fn limits() -> Vec<Vector> {
    let word = |word: &str| map(&[(1, text(word)), (2, text("image/png"))]);
    let many = (0..65).map(|n| format!("{n:02}"));
    let pairs: Vec<u8> = many
        .flat_map(|word| [text(&word), text("")].concat())
        .collect();
    let name = "manifest_too_long";
    let mut maker = maker(name, Shape::CBC);
    maker.push(&record_header(MANIFEST, 65_537));
    let comment = "a MANIFEST that says 65 537 bytes, none of which need be read";
    let case = refused(name, "content", "M-MAN-4", comment)
        .cek(&maker.keys)
        .released(b"");
    let range = "M-MAN-1";
    vec![
        case.stream(maker.finish(Close::unsigned(0), None).bytes()),
        bad(
            "manifest_format_empty",
            range,
            "a format of no letters",
            &word(""),
        ),
        bad(
            "manifest_format_128",
            range,
            "a format of 128 letters",
            &word(&"x".repeat(128)),
        ),
        bad(
            "manifest_format_space",
            range,
            "a format with a space",
            &word("o p"),
        ),
        bad(
            "manifest_format_not_ascii",
            range,
            "a format with an umlaut",
            &word("\u{f6}"),
        ),
        bad(
            "manifest_name_empty",
            range,
            "a name of no letters",
            &named(""),
        ),
        bad(
            "manifest_name_1025",
            range,
            "a name of 1025 bytes",
            &named(&"n".repeat(1025)),
        ),
        bad(
            "manifest_width_33_bits",
            range,
            "a width of 2^32",
            &with(3, &[&[0x1B][..], &(1_u64 << 32).to_be_bytes()].concat()),
        ),
        bad(
            "manifest_bits_256",
            range,
            "256 bits per sample",
            &with(7, &[0x19, 1, 0]),
        ),
        bad(
            "manifest_time_64_bits",
            range,
            "a time of 2^63",
            &with(9, &[&[0x1B][..], &(1_u64 << 63).to_be_bytes()].concat()),
        ),
        bad(
            "manifest_words_none",
            range,
            "a map of no words",
            &with(10, &[0xA0]),
        ),
        bad(
            "manifest_words_65",
            range,
            "65 words",
            &with(10, &[&[0xB8, 65], pairs.as_slice()].concat()),
        ),
        bad(
            "manifest_word_twice",
            "M-MAN-4",
            "the same word twice",
            &with(
                10,
                &[&[0xA2][..], &text("a"), &text("1"), &text("a"), &text("2")].concat(),
            ),
        ),
    ]
}
