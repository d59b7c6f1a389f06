//! Raw frames: layouts that are not the one encoding of something known, or that the manifest contradicts.

use super::maker;
use super::manifests::bad;
use crate::kit::case::Case;
use crate::kit::close::Close;
use crate::kit::file::Vector;
use crate::kit::make::Shape;
use crate::kit::records::{DATA, MANIFEST, map, record, text};

pub(super) fn all() -> Vec<Vector> {
    [frames(), sound_frame()].concat()
}

/// A layout of 16 bits, two's complement, a sample a pixel.
fn layout() -> Vec<(u8, Vec<u8>)> {
    vec![
        (1, text("i16")),
        (2, vec![12]),
        (3, text("MONOCHROME2")),
        (4, text("little")),
    ]
}

/// A manifest with a layout and numbers that agree with it: 3 columns, 1 row.
fn framed(layout: &[(u8, Vec<u8>)]) -> Vec<(u8, Vec<u8>)> {
    vec![
        (1, text("raw-frame")),
        (2, text("application/vnd.secimg.frame")),
        (3, vec![3]),
        (4, vec![1]),
        (6, vec![1]),
        (7, vec![16]),
        (12, map(layout)),
    ]
}

/// The layout with one field changed, or one more at the end.
fn changed(key: u8, value: Vec<u8>) -> Vec<u8> {
    let mut fields = layout();
    match fields.iter_mut().find(|field| field.0 == key) {
        Some(field) => field.1 = value,
        None => fields.push((key, value)),
    }
    map(&framed(&fields))
}

/// Numbers of the manifest that do not agree with the layout.
fn numbered(key: u8, value: Vec<u8>) -> Vec<u8> {
    let mut fields = framed(&layout());
    fields.iter_mut().find(|field| field.0 == key).unwrap().1 = value;
    map(&fields)
}

fn without(key: u8) -> Vec<u8> {
    let mut fields = framed(&layout());
    fields.retain(|field| field.0 != key);
    map(&fields)
}

fn frames() -> Vec<Vector> {
    let layouts = |name, comment, manifest: &[u8]| bad(name, "M-SAMPLE-1", comment, manifest);
    let numbers = |name, comment, manifest: &[u8]| bad(name, "M-SAMPLE-2", comment, manifest);
    let digest = |len: u8| [&[0x58, len][..], &vec![7; len.into()]].concat();
    let mut swapped = layout();
    swapped.swap(0, 1);
    let mut of_both = layout();
    of_both.extend([(6, text("rice-1")), (7, digest(31))]);
    vec![
        layouts(
            "raw_frame_sample_type",
            "samples of type u32",
            &changed(1, text("u32")),
        ),
        layouts("raw_frame_bits_17", "17 of 16 bits", &changed(2, vec![17])),
        layouts("raw_frame_bits_0", "no bit is stored", &changed(2, vec![0])),
        layouts(
            "raw_frame_meaning",
            "a meaning in small letters",
            &changed(3, text("rgb")),
        ),
        layouts(
            "raw_frame_byte_order",
            "a byte order that is none",
            &changed(4, text("native")),
        ),
        layouts(
            "raw_frame_time_in_words",
            "a time in words",
            &changed(5, text("now")),
        ),
        layouts(
            "raw_frame_transform_without_digest",
            "a transform without a digest",
            &changed(6, text("rice-1")),
        ),
        layouts(
            "raw_frame_digest_without_transform",
            "a digest without a transform",
            &changed(7, digest(32)),
        ),
        layouts(
            "raw_frame_digest_31",
            "a digest of 31 bytes",
            &map(&framed(&of_both)),
        ),
        layouts("raw_frame_key_8", "another key", &changed(8, vec![1])),
        layouts(
            "raw_frame_keys_swapped",
            "key 2 before key 1",
            &map(&framed(&swapped)),
        ),
        layouts(
            "raw_frame_lacks_a_key",
            "no photometric interpretation",
            &map(&framed(&{
                let mut fields = layout();
                fields.remove(2);
                fields
            })),
        ),
        numbers("raw_frame_without_columns", "no columns", &without(3)),
        numbers(
            "raw_frame_without_samples",
            "no samples per pixel",
            &without(6),
        ),
        numbers("raw_frame_rows_0", "no row", &numbered(4, vec![0])),
        numbers(
            "raw_frame_samples_3",
            "three samples per pixel of MONOCHROME2",
            &numbered(6, vec![3]),
        ),
        numbers(
            "raw_frame_bits_8",
            "8 bits of type i16",
            &numbered(7, vec![8]),
        ),
        numbers(
            "raw_frame_too_large",
            "2^32 - 1 rows of 2^32 - 1 columns",
            &{
                let mut fields = framed(&layout());
                let most = [0x1A, 0xFF, 0xFF, 0xFF, 0xFF].to_vec();
                (fields[2].1, fields[3].1) = (most.clone(), most);
                map(&fields)
            },
        ),
    ]
}

/// A frame that is as it must be: 12 of 16 bits, a row of 3.
fn sound_frame() -> Vec<Vector> {
    let name = "raw_frame_i16";
    let samples = [1_i16, -2, 2047].map(i16::to_le_bytes).concat();
    let mut maker = maker(name, Shape::CBC);
    maker.push(&record(MANIFEST, &map(&framed(&layout()))));
    maker.push(&record(DATA, &samples));
    let comment = "a raw frame, its samples as they are";
    let case = Case::new(name, "success", "M-SAMPLE-1 M-SAMPLE-2 M-SAMPLE-3", comment).raw();
    let case = case.gives(&maker.keys, &[samples]);
    vec![case.stream(maker.finish(Close::unsigned(0), None).bytes())]
}
