//! What a redacted picture may hold, and that nothing else of the old one is in it.

use image::{DynamicImage, ImageFormat};
use secimg::redact::{Rect, Redacted, Redaction, sealed_part};

use super::pictures::{file, kinds, noise, png, rect, redact, shown};

/// What would tell more than the picture: words of metadata, and the beginnings of files.
const TRACES: &[&[u8]] = &[
    b"GPS",
    b"Exif",
    b"II*\0",
    b"MM\0*",
    b"http://ns.adobe.com/xap",
    b"<x:xmpmeta",
    b"Photoshop 3.0",
    b"8BIM",
    b"MPF\0",
    b"JFIF",
    b"\xFF\xD8\xFF",
    b"tEXt",
    b"iTXt",
    b"zTXt",
    b"eXIf",
    b"tIME",
    b"Jane",
];

/// All that a redacted picture consists of.
const CHUNKS: &[&[u8; 4]] = &[
    b"IHDR", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"iCCP", b"IDAT", b"scRG", b"IEND",
];

pub(crate) fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = !0_u32;
    for byte in kind.iter().chain(data) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length, kind.as_slice(), data, &(!crc).to_be_bytes()].concat()
}

/// Kind and data of each chunk; what stands behind the last comes as an error.
pub(crate) fn chunks(png: &[u8]) -> Vec<([u8; 4], Vec<u8>)> {
    let mut rest = png.strip_prefix(b"\x89PNG\r\n\x1a\n").unwrap();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_be_bytes(*rest.first_chunk().unwrap()) as usize;
        let kind = *rest[4..].first_chunk().unwrap();
        found.push((kind, rest[8..8 + length].to_vec()));
        rest = &rest[length + 12..];
    }
    found
}

pub(crate) fn joined(chunks: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in chunks {
        png.extend(chunk(*kind, data));
    }
    png
}

/// A PNG with more chunks behind its header, and more before its end.
pub(crate) fn with_chunks(
    png: &[u8],
    first: &[([u8; 4], &[u8])],
    last: &[([u8; 4], &[u8])],
) -> Vec<u8> {
    let mut all = chunks(png);
    let own = |more: &[([u8; 4], &[u8])]| -> Vec<_> {
        more.iter()
            .map(|(kind, data)| (*kind, data.to_vec()))
            .collect()
    };
    let end = all.len() - 1;
    all.splice(end..end, own(last));
    all.splice(1..1, own(first));
    joined(&all)
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// Only what a picture needs is in it. Compressed and sealed data could hold three bytes by chance: what they hold is looked
/// at elsewhere.
pub(crate) fn assert_no_traces(name: &str, redacted: &Redacted) {
    let mut outside = Vec::new();
    for (kind, data) in chunks(&redacted.image) {
        assert!(CHUNKS.contains(&&kind), "{name}: {kind:?}");
        match &kind {
            b"IDAT" => {}
            b"scRG" => assert_eq!(sealed_part(&redacted.image).unwrap(), data, "{name}"),
            b"iCCP" => assert!(data.len() < 1 << 20, "{name}: a profile"),
            _ => outside.extend([kind.as_slice(), &data].concat()),
        }
    }
    for trace in TRACES {
        let trace_text = String::from_utf8_lossy(trace);
        assert!(!contains(&outside, trace), "{name}: {trace_text}");
    }
}

/// No row of what was filled is anywhere in the picture that is left. For pictures that do not repeat themselves.
fn assert_no_old_pixels(before: &DynamicImage, redacted: &Redacted) {
    let after = shown(&redacted.image);
    let old = |rect: &Rect| before.crop_imm(rect.x(), rect.y(), rect.width(), rect.height());
    for rect in &redacted.rects {
        let old = old(rect);
        let row = old.as_bytes().len() / old.height() as usize;
        for row in old.as_bytes().chunks_exact(row) {
            assert!(!contains(after.as_bytes(), row));
            assert!(!contains(&redacted.image, row));
        }
    }
}

const XMP: &[u8] = b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta xmlns:x='adobe:ns:meta/'>http://ns.adobe.com/xap</x:xmpmeta>";

/// A PNG that tells all that a PNG can: beside a picture that was cropped, the old one behind its end.
fn talkative(picture: &DynamicImage) -> Vec<u8> {
    let thumbnail = file(&picture.thumbnail(8, 8).to_rgb8().into(), ImageFormat::Jpeg);
    let exif = [b"MM\0*\0\0\0\x08\0\0GPS", thumbnail.as_slice()].concat();
    let mut talkative = with_chunks(
        &png(picture),
        &[
            (*b"gAMA", &[0, 0, 0xB1, 0x8F]),
            (*b"eXIf", &exif),
            (*b"tEXt", b"Author\0Jane"),
            (*b"iTXt", XMP),
            (*b"thUm", &thumbnail),
        ],
        &[
            (*b"tIME", &[7, 0xE9, 1, 1, 1, 1, 1]),
            (*b"tEXt", b"Where\0GPS"),
        ],
    );
    talkative.extend(png(picture));
    talkative
}

#[test]
fn nothing_of_the_old_scene_is_left() {
    let redaction = Redaction::new().rects([rect("5,5,20,20"), rect("30,0,10,10")]);
    let mut gamma = 0;
    for picture in kinds(&noise(48, 48)) {
        let mut files = vec![talkative(&picture)];
        for format in [ImageFormat::Tiff, ImageFormat::Bmp] {
            let mut bytes = std::io::Cursor::new(Vec::new());
            if picture.write_to(&mut bytes, format).is_ok() {
                // What an editor leaves behind the end of a shorter file.
                let trailer = [b"Exif\0\0GPS".as_slice(), picture.as_bytes()].concat();
                files.push([bytes.into_inner(), trailer].concat());
            }
        }
        for original in files {
            let before = shown(&original);
            for redaction in [
                redaction.clone(),
                redaction.clone().whole(),
                redaction.clone().beside(),
            ] {
                let redacted = redact(&original, &redaction).unwrap();
                assert_no_traces("made here", &redacted);
                assert_no_old_pixels(&before, &redacted);
                gamma += usize::from(contains(&redacted.image, b"gAMA"));
            }
        }
    }
    assert_eq!(gamma, 8 * 3, "what a PNG says of its colours stays");
}

/// A file of several pictures would lose all but the first: it is restored as a file, or not redacted.
#[test]
fn a_file_of_several_pictures_is_sealed_whole_or_not_at_all() {
    use secimg::redact::{RedactError, Restores};
    let still = png(&noise(9, 9).to_rgb8().into());
    let animated = with_chunks(&still, &[(*b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0])], &[]);
    // A second directory, behind the end of the first file's.
    let one = file(&noise(9, 9).to_rgb8().into(), ImageFormat::Tiff);
    let directory = u32::from_le_bytes(*one[4..].first_chunk().unwrap()) as usize;
    let count = usize::from(u16::from_le_bytes(*one[directory..].first_chunk().unwrap()));
    let next = directory + 2 + 12 * count;
    let mut pages = one.clone();
    let second = u32::try_from(pages.len()).unwrap().to_le_bytes();
    pages[next..next + 4].copy_from_slice(&second);
    pages.extend_from_within(directory..next);
    pages.extend([0; 4]);
    let redaction = Redaction::new().rect(rect("0,0,2,2"));
    assert!(redact(&one, &redaction).is_ok() && redact(&still, &redaction).is_ok());
    for several in [animated, pages] {
        let no = redact(&several, &redaction).unwrap_err();
        assert_eq!(no, RedactError::ManyPictures);
        let whole = redact(&several, &redaction.clone().whole()).unwrap();
        assert_eq!(whole.restores, Restores::File);
        assert_no_traces("several", &whole);
    }
}

/// What an earlier redaction hid is in the file, and stays under the new seal.
#[test]
fn a_picture_is_redacted_again_as_a_file_or_not_at_all() {
    use secimg::redact::{RedactError, unredact};
    let original = png(&noise(9, 9).to_rgb8().into());
    let first = redact(&original, &Redaction::new().rect(rect("0,0,2,2"))).unwrap();
    let again = Redaction::new().rect(rect("5,5,2,2"));
    let no = redact(&first.image, &again).unwrap_err();
    assert_eq!(no, RedactError::Redacted);
    let second = redact(&first.image, &again.whole()).unwrap();
    let options = super::support::small_identity();
    let once = unredact(&second.image, &options).unwrap();
    assert_eq!(*once.image, first.image);
    let twice = unredact(&once.image, &options).unwrap();
    assert!(shown(&twice.image) == shown(&original));
}

/// Inks are converted to what screens show, and not back.
#[test]
fn a_picture_in_ink_is_sealed_whole_or_not_at_all() {
    use secimg::redact::RedactError;
    // One strip of 2 by 2 pixels of four samples: width, height, bits, compression, colours, offset, samples, rows, bytes.
    let mut tiff = b"II*\0\x08\0\0\0\x09\0".to_vec();
    for (tag, kind, count, value) in [
        (256_u16, 3_u16, 1_u32, 2_u32),
        (257, 3, 1, 2),
        (258, 3, 4, 122),
        (259, 3, 1, 1),
        (262, 3, 1, 5),
        (273, 4, 1, 130),
        (277, 3, 1, 4),
        (278, 3, 1, 2),
        (279, 4, 1, 16),
    ] {
        tiff.extend(tag.to_le_bytes());
        tiff.extend(kind.to_le_bytes());
        tiff.extend(count.to_le_bytes());
        tiff.extend(value.to_le_bytes());
    }
    tiff.extend([0; 4]);
    tiff.extend([8, 0, 8, 0, 8, 0, 8, 0]);
    tiff.extend(0..16);
    let redaction = Redaction::new().rect(rect("0,0,1,1"));
    let no = redact(&tiff, &redaction).unwrap_err();
    assert!(matches!(no, RedactError::Converted(_)), "{no:?}");
    assert!(redact(&tiff, &redaction.whole()).is_ok());
}

#[test]
fn formats_that_are_not_redacted_are_named() {
    use secimg::redact::RedactError;
    let picture = noise(9, 9);
    let redaction = Redaction::new().rect(rect("0,0,2,2"));
    let gif = file(&picture.to_rgba8().into(), ImageFormat::Gif);
    assert_eq!(
        redact(&gif, &redaction).unwrap_err(),
        RedactError::Format("gif")
    );
    assert_eq!(
        redact(b"", &redaction).unwrap_err(),
        RedactError::Format("opaque")
    );
    let floats = file(&picture.to_rgb32f().into(), ImageFormat::Tiff);
    assert_eq!(
        redact(&floats, &redaction).unwrap_err(),
        RedactError::Samples
    );
    let mut cut = png(&picture);
    cut.truncate(cut.len() / 2);
    let no = redact(&cut, &redaction).unwrap_err();
    assert!(matches!(no, RedactError::Decode(_)), "{no:?}");
}
