//! Data sets made by hand, in every syntax.

use super::*;

const UID: &[u8] = b"1.2.840.10008.5.1.4.1.1.2\0";
const DEFLATED: &[u8] = b"1.2.840.10008.1.2.1.99";
const EXPLICIT: &[u8] = b"1.2.840.10008.1.2.1\0";
const IMPLICIT: &[u8] = b"1.2.840.10008.1.2\0";
const EXPLICIT_BIG: &[u8] = b"1.2.840.10008.1.2.2\0";
const END: u32 = u32::MAX;

/// A writer of elements: little endian or not, explicit or not.
#[derive(Clone, Copy)]
struct Writer(bool, bool);

impl Writer {
    fn header(self, tag: u32, vr: &[u8], length: u32) -> Vec<u8> {
        let halves = [tag >> 16, tag & 0xFFFF].map(|half| self.u16(half));
        let mut out = halves.concat();
        if self.1 && tag >> 16 != 0xFFFE {
            out.extend(vr);
            if !matches!(vr, b"SQ" | b"UN" | b"OB") {
                out.extend(self.u16(length));
                return out;
            }
            out.extend([0, 0]);
        }
        out.extend(if self.0 {
            length.to_le_bytes()
        } else {
            length.to_be_bytes()
        });
        out
    }

    fn element(self, tag: u32, vr: &[u8], value: &[u8]) -> Vec<u8> {
        let length = u32::try_from(value.len()).unwrap();
        [self.header(tag, vr, length), value.to_vec()].concat()
    }

    fn u16(self, value: u32) -> Vec<u8> {
        let value = u16::try_from(value).unwrap();
        if self.0 {
            value.to_le_bytes().to_vec()
        } else {
            value.to_be_bytes().to_vec()
        }
    }

    fn us(self, tag: u32, value: u32) -> Vec<u8> {
        self.element(tag, b"US", &self.u16(value))
    }

    fn class(self) -> Vec<u8> {
        let kind = self.element(0x0008_0008, b"CS", b"ORIGINAL");
        [kind, self.element(CLASS, b"UI", UID)].concat()
    }

    fn image(self) -> Vec<u8> {
        [
            self.us(SAMPLES_PER_PIXEL, 1),
            self.element(NUMBER_OF_FRAMES, b"IS", b"12 "),
            self.us(ROWS, 3),
            self.us(COLUMNS, 5),
            self.us(BITS_ALLOCATED, 16),
            self.us(BITS_STORED, 10),
            self.header(0x7FE0_0010, b"OB", END),
            self.us(ROWS, 99),
        ]
        .concat()
    }
}

const LITTLE: Writer = Writer(true, true);

fn file(syntax: &[u8], data_set: &[u8]) -> Vec<u8> {
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    out.resize(128, 0);
    out.extend(b"DICM");
    out.extend(LITTLE.element(0x0002_0001, b"OB", &[0, 1]));
    out.extend(LITTLE.element(SYNTAX, b"UI", syntax));
    out.extend(data_set);
    out
}

fn expected() -> Claims {
    let size = Claims::of_size(5, 3).with_samples(1, 10);
    size.with_frames(Some(12))
}

#[test]
fn every_syntax() {
    let jpeg: &[u8] = b"1.2.840.10008.1.2.4.50";
    for (uid, writer) in [
        (EXPLICIT, LITTLE),
        (IMPLICIT, Writer(true, false)),
        (EXPLICIT_BIG, Writer(false, true)),
        (jpeg, LITTLE),
        // Told and done are two things.
        (IMPLICIT, LITTLE),
        (EXPLICIT, Writer(true, false)),
    ] {
        let data_set = [writer.class(), writer.image()].concat();
        assert_eq!(probe(&file(uid, &data_set)), Some(expected()));
        assert_eq!(probe(&data_set), Some(expected()), "without signature");
        assert_eq!(probe(&file(uid, &data_set)[132..]), Some(expected()));
    }
    let data_set = [LITTLE.class(), LITTLE.image()].concat();
    assert_eq!(probe(&file(DEFLATED, &data_set)), Some(Claims::default()));
}

#[test]
fn defaults() {
    let data_set = [LITTLE.us(ROWS, 3), LITTLE.us(BITS_ALLOCATED, 8)].concat();
    let claims = probe(&file(EXPLICIT, &data_set)).unwrap();
    assert_eq!((claims.width, claims.height), (None, Some(3)));
    assert_eq!((claims.frames, claims.bits), (Some(1), Some(8)));
    let empty = probe(&file(EXPLICIT, &LITTLE.class())).unwrap();
    assert_eq!(empty, Claims::default());
    assert_eq!(integer(b" 7\0"), Some(7));
    assert_eq!(integer(b"1\\2"), None);
}

#[test]
fn sequences_are_stepped_over() {
    for writer in [LITTLE, Writer(true, false), Writer(false, true)] {
        let item = |length| writer.header(0xFFFE_E000, b"", length);
        let inner = writer.us(ROWS, 99);
        let fixed = [item(u32::try_from(inner.len()).unwrap()), inner.clone()].concat();
        let closed = |tag| [item(END), inner.clone(), writer.header(tag, b"", 0)].concat();
        let nested = [
            item(END),
            writer.header(0x0008_1140, b"SQ", END),
            closed(0xFFFE_E00D),
            fixed.clone(),
            writer.header(0xFFFE_E0DD, b"", 0),
            writer.header(0xFFFE_E00D, b"", 0),
        ]
        .concat();
        let data_set = [
            writer.class(),
            writer.element(0x0008_1111, b"SQ", &nested),
            writer.header(0x0008_1115, b"SQ", END),
            nested,
            fixed,
            writer.header(0xFFFE_E0DD, b"", 0),
            writer.image(),
        ]
        .concat();
        assert_eq!(probe(&data_set), Some(expected()));
    }
}

#[test]
fn unknown_values_are_implicit_inside() {
    let inside = Writer(true, false);
    let data_set = [
        LITTLE.class(),
        LITTLE.header(0x0009_1001, b"UN", END),
        inside.header(0xFFFE_E000, b"", END),
        inside.element(0x0009_1002, b"", &[7; 40]),
        inside.header(0xFFFE_E00D, b"", 0),
        inside.header(0xFFFE_E0DD, b"", 0),
        LITTLE.image(),
    ]
    .concat();
    assert_eq!(probe(&data_set), Some(expected()));
}

#[test]
fn hostile_nesting_ends() {
    let deep = LITTLE.header(0x0008_1115, b"SQ", END).repeat(5_000);
    let stray = LITTLE.header(0xFFFE_E00D, b"", 0);
    for middle in [deep, stray] {
        let data_set = [LITTLE.class(), middle, LITTLE.image()].concat();
        assert_eq!(probe(&file(EXPLICIT, &data_set)), Some(Claims::default()));
    }
    let long = LITTLE.header(0x0008_1115, b"UN", END - 1);
    let data_set = [LITTLE.class(), long, LITTLE.image()].concat();
    assert_eq!(probe(&file(EXPLICIT, &data_set)), Some(Claims::default()));
}

#[test]
fn no_signature_and_no_proof_is_not_dicom() {
    let class = LITTLE.class();
    let mut no_uid = class.clone();
    *no_uid.last_mut().unwrap() = b'x';
    let later = LITTLE.element(0x0008_0060, b"CS", b"CT");
    let descending = [later, class].concat();
    for bytes in [
        &no_uid[..],
        &descending,
        b"\x08\0\x05\0CS\x0A\0ISO_IR 100",
        b"\x08\0",
    ] {
        assert_eq!(probe(bytes), None);
    }
}
