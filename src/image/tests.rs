//! What holds for every format: truncation, order of the table, and no panic whatever the bytes.

use super::formats::samples;
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
    let mut all = vec![
        ("jpeg", 3, JPEG.to_vec()),
        ("png", 8, PNG.to_vec()),
        ("bmp", 18, BMP.to_vec()),
        ("gif", 6, GIF.to_vec()),
        ("webp", 12, WEBP.to_vec()),
        ("tiff", 4, TIFF.to_vec()),
        ("dicom", 132, dicom(TIFF)),
        ("dicom", 20, DATA_SET.to_vec()),
    ];
    all.extend(samples::samples());
    all
}

/// How many pictures a sample has; extended and compound JPEG 2000 do not say.
fn frames(name: &str) -> Option<u32> {
    match name {
        "png" => Some(2),
        "heics" | "heifs" => Some(7),
        "jpx" | "jpm" => None,
        _ => Some(1),
    }
}

#[test]
fn every_format_has_a_sample() {
    let samples = samples();
    for format in FORMATS {
        let mut names = samples.iter().map(|(name, ..)| *name);
        assert!(names.any(|name| name == format.name), "{}", format.name);
    }
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
        assert_eq!(info.claims.frames, frames(name), "{name}");
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
    for bytes in [
        &b""[..],
        b"BMW is a make of cars",
        b"RIFF____WAVE",
        b"P6\n5 3\n",
        b"#?SHELL\n",
        b"SIMPLE  = words",
        b"\0\0\0\x18ftypisom\0\0\0\0mif1heic",
        b"\xFF\x0A",
        &[0; 500],
        &[0xFF; 500],
    ] {
        let info = sniff(bytes);
        assert_eq!((info.format, info.extension), ("opaque", "bin"));
        assert_eq!(info.media_type, "application/octet-stream");
        assert_eq!(info.claims, Claims::default());
    }
}

/// Manifests hold these words, and programs compare them: they stay as they are.
#[test]
fn words_are_those_of_the_specification() {
    let spec = include_str!("../format/SPEC.md");
    let (_, list) = spec.split_once("SHOULD use the same word:").unwrap();
    let (list, _) = list.split_once('.').unwrap();
    let listed: Vec<_> = list
        .split(',')
        .map(|word| word.trim().trim_matches('`'))
        .collect();
    let mut words: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
    words.sort_unstable();
    assert_eq!(words, listed);
}

#[test]
fn names_are_unique() {
    for (i, format) in FORMATS.iter().enumerate() {
        let earlier = &FORMATS[..i];
        assert!(earlier.iter().all(|other| other.name != format.name));
        assert_ne!(format.name, "opaque");
    }
}

/// Formats with a signature of their own come first, and the weak ones are strict.
#[test]
fn no_sample_is_another_formats() {
    for (name, signature, file) in samples() {
        let known: Vec<_> = FORMATS
            .iter()
            .filter(|format| (format.probe)(&file).is_some())
            .map(|format| format.name)
            .collect();
        let also_tiff = name == "dicom" && signature == 132;
        let expected = if also_tiff {
            &[name, "tiff"][..]
        } else {
            &[name]
        };
        assert_eq!(known, expected);
    }
}

/// What is in a file and in no format: noise is hardly ever named, and then by two bytes.
#[test]
fn noise_is_opaque() {
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut named = Vec::new();
    for _ in 0..200_000 {
        let mut noise = [0_u8; 64];
        for word in noise.chunks_exact_mut(8) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            word.copy_from_slice(&random.to_le_bytes());
        }
        named.push(sniff(&noise).format);
        // Most bytes zero, as in raw frames.
        for byte in &mut noise {
            *byte = if *byte < 0xE0 { 0 } else { *byte & 3 };
        }
        named.push(sniff(&noise).format);
    }
    named.retain(|name| !matches!(*name, "opaque" | "jxl"));
    assert_eq!(named, Vec::<&str>::new());
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
    let rounds = std::env::var("SECIMG_SNIFF_ROUNDS").map_or(100_000, |n| n.parse().unwrap());
    for _ in 0..rounds {
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
        let numbers = [claims.width, claims.height, claims.frames];
        assert!(!numbers.contains(&Some(0)));
        assert!(![claims.channels, claims.bits].contains(&Some(0)));
    }
}
