//! What holds for every format: truncation, order of the table, and no panic whatever the bytes.

use super::{Claims, FORMATS, sniff};

const JPEG: &[u8] =
    b"\xFF\xD8\xFF\xE0\0\x04__\xFF\xC0\0\x11\x08\0\x03\0\x05\x03\x01\x11\0\x02\x11\0\x03\x11\0";
const PNG: &[u8] = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\0\x05\0\0\0\x03\x08\x02\0\0\0____\0\0\0\x08acTL\0\0\0\x02\0\0\0\0____\0\0\0\0IDAT";
const BMP: &[u8] =
    b"BM____\0\0\0\0\x36\0\0\0\x28\0\0\0\x05\0\0\0\xFD\xFF\xFF\xFF\x01\0\x18\0\0\0\0\0";
const GIF: &[u8] = b"GIF89a\x05\0\x03\0\x80\0\0______\x21\xF9\x04\0\0\0\0\0\x2C\0\0\0\0\x05\0\x03\0\0\x02\x02\x4C\x01\0\x3B";
const WEBP: &[u8] = b"RIFF\x22\0\0\0WEBPVP8X\x0A\0\0\0\x02\0\0\0\x04\0\0\x02\0\0ANMF\x04\0\0\0____";
const TIFF: &[u8] = b"II*\0\x08\0\0\0\x03\0\0\x01\x03\0\x01\0\0\0\x05\0\0\0\x01\x01\x04\0\x01\0\0\0\x03\0\0\0\x02\x01\x03\0\x03\0\0\0\x32\0\0\0\0\0\0\0\x08\0\x08\0\x08\0";
const DATA_SET: &[u8] = b"\x08\0\x16\0UI\x0C\x001.2.840.1234\x08\0\x15\x11SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF\xFE\xFF\x0D\xE0\0\0\0\0\xFE\xFF\xDD\xE0\0\0\0\0\x28\0\x10\0US\x02\0\x03\0\x28\0\x11\0US\x02\0\x05\0";

/// A DICOM file whose free bytes are `preamble`.
fn dicom(preamble: &[u8]) -> Vec<u8> {
    let mut file = preamble.to_vec();
    file.resize(128, 0);
    file.extend(b"DICM\x02\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0");
    file.extend(DATA_SET);
    file
}

/// One file of each format, all 5 by 3, and how many bytes make its signature.
fn samples() -> Vec<(&'static str, usize, Vec<u8>)> {
    vec![
        ("jpeg", 3, JPEG.to_vec()),
        ("png", 8, PNG.to_vec()),
        ("bmp", 18, BMP.to_vec()),
        ("gif", 6, GIF.to_vec()),
        ("webp", 12, WEBP.to_vec()),
        ("tiff", 4, TIFF.to_vec()),
        ("dicom", 132, dicom(TIFF)),
        ("dicom", 20, DATA_SET.to_vec()),
    ]
}

#[test]
fn every_format_claims_its_size() {
    for (name, _, file) in samples() {
        let info = sniff(&file);
        assert_eq!(info.format, name);
        assert_eq!(
            (info.claims.width, info.claims.height),
            (Some(5), Some(3)),
            "{name}"
        );
        assert_eq!(
            info.claims.frames,
            Some(if name == "png" { 2 } else { 1 }),
            "{name}"
        );
        let row = FORMATS.iter().find(|format| format.name == name).unwrap();
        assert_eq!(
            (info.media_type, info.extension),
            (row.media_type, row.extension)
        );
    }
}

#[test]
fn truncation_costs_claims_and_never_the_name() {
    for (name, signature, file) in samples() {
        let whole = sniff(&file).claims;
        for length in 0..=file.len() {
            let info = sniff(&file[..length]);
            // The free bytes of a DICOM file may be another format's, until its own signature comes.
            let before = if file.starts_with(b"II*\0") && length >= 4 {
                "tiff"
            } else {
                "opaque"
            };
            let expected = if length < signature { before } else { name };
            assert_eq!(info.format, expected, "{name} cut to {length}");
            if expected == name {
                assert!(agrees(info.claims, whole), "{name} cut to {length}");
            }
        }
    }
}

/// Whether a claim of part of a file is nothing else than the whole file's.
fn agrees(part: Claims, whole: Claims) -> bool {
    let same = |part: Option<u32>, whole| part.is_none() || part == whole;
    same(part.width, whole.width)
        && same(part.height, whole.height)
        && same(part.frames, whole.frames)
        && same(part.channels.map(u32::from), whole.channels.map(u32::from))
        && same(part.bits.map(u32::from), whole.bits.map(u32::from))
}

#[test]
fn dicom_comes_before_what_its_free_bytes_hold() {
    for preamble in [TIFF, JPEG, PNG, BMP, GIF, WEBP] {
        assert_eq!(sniff(&dicom(preamble)).format, "dicom");
    }
}

#[test]
fn what_is_unknown_is_opaque() {
    let bigtiff = b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0";
    for bytes in [
        &b""[..],
        b"BMW is a make of cars",
        b"RIFF____WAVE",
        b"P6\n5 3\n255\n",
        bigtiff,
        &[0; 500],
    ] {
        let info = sniff(bytes);
        assert_eq!((info.format, info.extension), ("opaque", "bin"));
        assert_eq!(info.media_type, "application/octet-stream");
        assert_eq!(info.claims, Claims::default());
    }
}

#[test]
fn names_are_unique() {
    for (i, format) in FORMATS.iter().enumerate() {
        let earlier = &FORMATS[..i];
        assert!(earlier.iter().all(|other| other.name != format.name));
        assert_ne!(format.name, "opaque");
    }
}

#[test]
fn no_bytes_make_it_panic() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = |limit: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random >> 33).unwrap() % limit
    };
    let samples = samples();
    for _ in 0..100_000 {
        let (_, signature, file) = &samples[below(samples.len())];
        let mut file = file.clone();
        for _ in 0..=below(4) {
            // Behind the signature, mostly: before it a change only makes the bytes opaque.
            let from = if below(8) == 0 { 0 } else { *signature };
            let at = from + below(file.len() - from);
            file[at] = [0, 0x7F, 0x80, 0xFF, u8::try_from(below(256)).unwrap()][below(5)];
        }
        file.truncate(below(8 * file.len()) + 1);
        let claims = sniff(&file).claims;
        assert!(claims.width != Some(0) && claims.height != Some(0) && claims.frames != Some(0));
    }
}
