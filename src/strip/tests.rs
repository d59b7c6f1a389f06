//! Small files made by hand, each with everything that it could tell.

use super::*;

const SECRET: &[u8] = b"52.5N 13.4E Jane Doe";

/// A segment of JPEG.
fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], &length[..], body].concat()
}

fn tiff(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    tiff.extend([0x0F, 0x01, 2, 0, 20, 0, 0, 0, 38, 0, 0, 0]);
    tiff.extend([0, 0, 0, 0]);
    tiff.extend(SECRET);
    tiff
}

fn exif(orientation: u8) -> Vec<u8> {
    [b"Exif\0\0".as_slice(), &tiff(orientation)].concat()
}

fn with_secret(before: &[u8]) -> Vec<u8> {
    [before, SECRET].concat()
}

/// What the picture needs, in the order of the output.
fn bare_jpeg(front: &[Vec<u8>]) -> Vec<u8> {
    let scan = b"\x12\x34\xFF\x00\xFF\xD0\x56\xFF\xD1";
    [
        vec![0xFF, 0xD8],
        front.concat(),
        segment(0xE2, b"ICC_PROFILE\0\x01\x01profile"),
        segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01"),
        segment(0xDB, &[0; 65]),
        segment(0xC0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
        segment(0xC4, &[0; 20]),
        segment(0xDA, &[1, 1, 0, 0, 63, 0]),
        scan.to_vec(),
        segment(0xC4, &[1; 20]),
        segment(0xDA, &[1, 1, 0, 0, 63, 0]),
        scan.to_vec(),
        vec![0xFF, 0xD9],
    ]
    .concat()
}

fn jfif(thumbnail: &[u8]) -> Vec<u8> {
    let size = u8::from(!thumbnail.is_empty());
    let body = [
        b"JFIF\0\x01\x02\x01\0\x48\0\x48",
        &[size, size][..],
        thumbnail,
    ]
    .concat();
    segment(0xE0, &body)
}

fn full_jpeg() -> Vec<u8> {
    let scan = b"\x12\x34\xFF\x00\xFF\xD0\x56\xFF\xD1";
    [
        vec![0xFF, 0xD8],
        jfif(&SECRET[..3]),
        segment(0xE0, &with_secret(b"JFXX\0\x10")),
        segment(0xE1, &exif(6)),
        segment(0xE1, &with_secret(b"http://ns.adobe.com/xap/1.0/\0")),
        segment(0xE1, &with_secret(b"http://ns.adobe.com/xmp/extension/\0")),
        segment(0xE2, b"ICC_PROFILE\0\x01\x01profile"),
        segment(0xE2, &with_secret(b"MPF\0")),
        segment(0xE5, SECRET),
        segment(0xEB, &with_secret(b"JP\0\x01")),
        segment(0xED, &with_secret(b"Photoshop 3.0\0")),
        segment(0xEE, &with_secret(b"Adobe\0\x64\0\0\0\0\x01")),
        segment(0xFE, SECRET),
        segment(0xDB, &[0; 65]),
        segment(0xC0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
        vec![0xFF, 0xFF, 0xFF],
        segment(0xC4, &[0; 20]),
        segment(0xDA, &[1, 1, 0, 0, 63, 0]),
        scan.to_vec(),
        segment(0xFE, SECRET),
        segment(0xC4, &[1; 20]),
        segment(0xDA, &[1, 1, 0, 0, 63, 0]),
        scan.to_vec(),
        vec![0xFF, 0xD9],
        with_secret(&[0xFF, 0xD8, 0xFF]),
    ]
    .concat()
}

fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    // Another CRC than the library's own.
    let mut crc = u32::MAX;
    for byte in kind.iter().chain(data) {
        for bit in 0..8 {
            let mix = (crc ^ u32::from(byte >> bit)) & 1;
            crc = (crc >> 1) ^ if mix == 1 { 0xEDB8_8320 } else { 0 };
        }
    }
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length[..], kind, data, &(!crc).to_be_bytes()].concat()
}

const IHDR: &[u8] = &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0];

fn bare_png() -> Vec<u8> {
    let block = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    [
        png::MAGIC.to_vec(),
        chunk(b"IHDR", IHDR),
        chunk(b"iCCP", b"icc\0\0profile"),
        chunk(b"gAMA", &[0; 4]),
        chunk(b"pHYs", &[1; 9]),
        chunk(b"eXIf", &block),
        chunk(b"IDAT", b"one"),
        chunk(b"IDAT", b"two"),
        chunk(b"IEND", b""),
    ]
    .concat()
}

fn full_png() -> Vec<u8> {
    let named = [SECRET, b"\0\0profile"].concat();
    [
        png::MAGIC.to_vec(),
        chunk(b"IHDR", IHDR),
        chunk(b"iCCP", &named),
        chunk(b"tEXt", SECRET),
        chunk(b"gAMA", &[0; 4]),
        chunk(b"iTXt", &with_secret(b"XML:com.adobe.xmp\0")),
        chunk(b"pHYs", &[1; 9]),
        chunk(b"zTXt", SECRET),
        chunk(b"caBX", SECRET),
        chunk(b"IDAT", b"one"),
        chunk(b"IDAT", b"two"),
        chunk(b"tIME", &[0; 7]),
        chunk(b"eXIf", &tiff(6)),
        chunk(b"prVt", SECRET),
        chunk(b"IEND", b""),
        SECRET.to_vec(),
    ]
    .concat()
}

fn part(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    let padding = &[0][..data.len() % 2];
    [kind, &length, data, padding].concat()
}

fn riff(parts: &[Vec<u8>]) -> Vec<u8> {
    let parts = parts.concat();
    let size = u32::try_from(parts.len() + 4).unwrap().to_le_bytes();
    [b"RIFF", &size[..], b"WEBP", &parts].concat()
}

fn bare_webp() -> Vec<u8> {
    let block = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let frame = [&[9; 16][..], &part(b"ALPH", b"a"), &part(b"VP8L", b"odd")].concat();
    riff(&[
        part(b"VP8X", &[0x3A, 0, 0, 0, 1, 0, 0, 1, 0, 0]),
        part(b"ICCP", b"profile"),
        part(b"ANIM", &[0; 6]),
        part(b"ANMF", &frame),
        part(b"EXIF", &block),
    ])
}

fn full_webp() -> Vec<u8> {
    let mut frame = [&[9; 16][..], &part(b"ALPH", b"a"), &part(b"note", SECRET)].concat();
    frame.extend(part(b"VP8L", b"odd"));
    let mut webp = riff(&[
        part(b"VP8X", &[0x3F, 1, 2, 3, 1, 0, 0, 1, 0, 0]),
        part(b"ICCP", b"profile"),
        part(b"ANIM", &[0; 6]),
        part(b"ANMF", &frame),
        part(b"EXIF", &exif(6)),
        part(b"XMP ", SECRET),
        part(b"text", SECRET),
    ]);
    webp.extend(SECRET);
    webp
}

fn names(stripped: &Stripped) -> Vec<&'static str> {
    stripped.removed.iter().map(|r| r.what.name()).collect()
}

fn holds_secret(bytes: &[u8]) -> bool {
    // Any piece of it.
    let mut pieces = SECRET.windows(6);
    pieces.any(|piece| bytes.windows(6).any(|window| window == piece))
}

fn assert_stripped(full: &[u8], bare: &[u8], expected: &[&str]) {
    let stripped = strip(full).unwrap();
    assert!(!holds_secret(&stripped.image));
    assert_eq!(stripped.image.as_slice(), bare);
    assert_eq!(names(&stripped), expected);
    // What was removed lies where it is said to lie.
    for removed in &stripped.removed {
        let lay = &full[removed.offset..removed.offset + removed.bytes];
        assert!(
            holds_secret(lay) || removed.what == Metadata::Time || lay.len() < 30,
            "{removed:?}"
        );
    }
    assert!(stripped.image.capacity() >= stripped.image.len());
    // Once more changes nothing but the orientation's own block, which is written anew.
    let again = strip(bare).unwrap();
    assert_eq!(again.image.as_slice(), bare);
    assert!(
        names(&again).iter().all(|name| *name == "exif"),
        "{again:?}"
    );
}

#[test]
fn a_jpeg_keeps_what_its_picture_needs() {
    let block = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let orientation = segment(0xE1, &[b"Exif\0\0", &block[..]].concat());
    let bare = bare_jpeg(&[jfif(b""), orientation]);
    let expected = [
        "thumbnail",
        "thumbnail",
        "exif",
        "xmp",
        "xmp",
        "second_image",
        "other",
        "provenance",
        "iptc",
        "other",
        "text",
        "text",
        "second_image",
    ];
    assert_stripped(&full_jpeg(), &bare, &expected);
    let plain = bare_jpeg(&[]);
    let stripped = strip(&plain).unwrap();
    assert_eq!(stripped.image.as_slice(), plain);
    assert_eq!(stripped.removed, []);
}

#[test]
fn a_png_keeps_what_its_picture_needs() {
    let expected = [
        "text",
        "xmp",
        "text",
        "provenance",
        "time",
        "exif",
        "other",
        "trailing",
    ];
    assert_stripped(&full_png(), &bare_png(), &expected);
}

#[test]
fn a_webp_keeps_what_its_picture_needs() {
    let expected = ["other", "exif", "xmp", "other", "trailing"];
    assert_stripped(&full_webp(), &bare_webp(), &expected);
    let simple = riff(&[part(b"VP8L", b"odd"), part(b"EXIF", SECRET)]);
    let stripped = strip(&simple).unwrap();
    assert_eq!(stripped.image.as_slice(), riff(&[part(b"VP8L", b"odd")]));
    assert_eq!(names(&stripped), ["exif"]);
}

#[test]
fn what_is_cut_is_refused_everywhere() {
    for whole in [bare_jpeg(&[]), bare_png(), bare_webp()] {
        for len in 0..whole.len() {
            let error = strip(&whole[..len]).unwrap_err();
            let is_short = matches!(error, StripError::Truncated(_, at) if at <= len);
            assert!(
                is_short || error == StripError::Format && len < 12,
                "{len}: {error}"
            );
        }
    }
}

#[test]
fn other_formats_are_refused() {
    for other in [
        &b"GIF89a"[..],
        b"BM",
        b"",
        b"II*\0",
        b"RIFF\x04\0\0\0WAVE",
        SECRET,
    ] {
        assert_eq!(strip(other).unwrap_err(), StripError::Format);
    }
}

/// What is not known to be harmless, and cannot be left out either.
#[test]
fn what_nobody_knows_is_refused() {
    let with = |more: Vec<u8>| {
        let plain = bare_jpeg(&[]);
        [&plain[..2], &more, &plain[2..]].concat()
    };
    let unsupported = |error| matches!(error, StripError::Unsupported(..));
    let malformed = |error| matches!(error, StripError::Malformed(..));
    assert!(unsupported(
        strip(&with(segment(0xDE, &[0; 9]))).unwrap_err()
    ));
    assert!(unsupported(
        strip(&with(segment(0xC1, &[0; 9]))).unwrap_err()
    ));
    assert!(malformed(strip(&with(vec![0x00, 0x01])).unwrap_err()));
    assert!(malformed(strip(&with(vec![0xFF, 0xD8])).unwrap_err()));
    assert!(malformed(strip(&with(segment(0xF7, &[0; 9]))).unwrap_err()));
    assert!(malformed(strip(&with(segment(0xC8, &[0; 9]))).unwrap_err()));
    assert!(malformed(strip(&with(vec![0xFF, 0xE1, 0, 1])).unwrap_err()));
    assert!(malformed(strip(&[0xFF, 0xD8, 0xFF, 0xD9]).unwrap_err()));

    let png = |parts: &[Vec<u8>]| [png::MAGIC, &parts.concat()].concat();
    let (header, end) = (chunk(b"IHDR", IHDR), chunk(b"IEND", b""));
    let pixels = chunk(b"IDAT", b"");
    let critical = png(&[
        header.clone(),
        chunk(b"CgBI", b""),
        pixels.clone(),
        end.clone(),
    ]);
    assert!(unsupported(strip(&critical).unwrap_err()));
    let long = png(&[
        header.clone(),
        chunk(b"gAMA", SECRET),
        pixels.clone(),
        end.clone(),
    ]);
    assert!(malformed(strip(&long).unwrap_err()));
    assert!(malformed(strip(&png(&[header, end.clone()])).unwrap_err()));
    assert!(malformed(strip(&png(&[pixels, end])).unwrap_err()));

    assert!(malformed(
        strip(&riff(&[part(b"VP8X", &[0; 9])])).unwrap_err()
    ));
    assert!(malformed(strip(&riff(&[part(b"ALPH", b"x")])).unwrap_err()));
    let empty = riff(&[part(b"VP8X", &[0; 10]), part(b"ICCP", b"x")]);
    assert!(malformed(strip(&empty).unwrap_err()));
}

/// Whatever is changed, nothing panics, and what comes out can be stripped again to the same.
#[test]
fn every_flipped_bit_ends_well() {
    for whole in [full_jpeg(), full_png(), full_webp()] {
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut changed = whole.clone();
                changed[at] ^= 1 << bit;
                if let Ok(stripped) = strip(&changed) {
                    let again = strip(&stripped.image).unwrap();
                    assert_eq!(
                        again.image.as_slice(),
                        stripped.image.as_slice(),
                        "{at}.{bit}"
                    );
                }
            }
        }
    }
}
