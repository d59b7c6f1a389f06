//! Redactions: whatever a sealed part says, what comes out is the picture with its rectangles changed, or nothing.

use core::fmt::Write as _;
use std::io::Write as _;
use std::sync::OnceLock;

use secimg::content::Manifest;
use secimg::io::SealWriter;
use secimg::redact::{Redaction, Restores, Unredacted, sealed_part, unredact, unredact_with};
use secimg::{Image, OpenOptions, SealOptions};
use sha2::{Digest, Sha256};

use super::choices::Choices;
use super::keys::raw_key;

const WIDTH: u32 = 6;
const HEIGHT: u32 = 5;

/// Input: a PNG as it is, or a script of what is sealed for a picture that is known.
pub fn redact(data: &[u8]) {
    let mut choices = Choices::new(data);
    match choices.byte() & 1 {
        0 => png(choices.rest()),
        _ => script(&mut choices),
    }
}

fn png(data: &[u8]) {
    let Ok(part) = sealed_part(data) else {
        return;
    };
    // With what frames a chunk, and a picture without one around it.
    assert!(part.len() + 12 + 8 <= data.len());
    let options = OpenOptions::new().identity(raw_key());
    if let Ok(opened) = unredact(data, &options) {
        assert!(!opened.image.is_empty());
    }
}

/// What is redacted: every sample is another.
fn picture() -> &'static [u8] {
    static PICTURE: OnceLock<Vec<u8>> = OnceLock::new();
    PICTURE.get_or_init(|| {
        let mut bmp =
            b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x06\0\0\0\x05\0\0\0\x01\0\x18\0".to_vec();
        bmp.resize(0x36, 0);
        for row in (0..5_u8).rev() {
            let pixels = (0..6_u8).flat_map(|x| [2, 1, 0].map(|c| (row * 6 + x) * 3 + c));
            bmp.extend(pixels);
            bmp.extend([0; 2]);
        }
        let corner = Redaction::new().rect("0,0,1,1".parse().unwrap()).beside();
        let options = SealOptions::new().recipient(raw_key());
        let redacted = secimg::redact::redact(&Image::new(bmp), &corner, &options);
        redacted.unwrap().image
    })
}

/// Its samples, red first; the first pixel is black.
fn samples() -> Vec<u8> {
    let mut samples: Vec<u8> = (0..90).collect();
    samples[..3].fill(0);
    samples
}

/// Input: a line, as text or from numbers, and items with what stands under `redaction`.
fn script(choices: &mut Choices<'_>) {
    let rects = rects(choices);
    let line = match choices.byte() % 4 {
        0 => String::from_utf8_lossy(choices.bytes()).into_owned(),
        1 => line("file", &rects),
        _ => line("pixels", &rects),
    };
    let length = choices.byte();
    let first = if length == 0 {
        let filled =
            |[_, _, width, height]: &[u32; 4]| u128::from(*width) * u128::from(*height) * 3;
        // As many as the rectangles want, where that is not absurd.
        let wanted = rects.iter().map(filled).sum::<u128>().min(1 << 16);
        vec![0xEE; usize::try_from(wanted).unwrap()]
    } else {
        choices.take(usize::from(length)).to_vec()
    };
    let mut items = vec![(line, first)];
    for _ in 0..choices.byte() % 3 {
        let under = match choices.byte() % 3 {
            0 => "secimg/redaction/1 colour".to_owned(),
            1 => items[0].0.clone(),
            _ => String::from_utf8_lossy(choices.bytes()).into_owned(),
        };
        items.push((under, choices.bytes().to_vec()));
    }
    let sealed = sealed(&items);
    let opened = unredact_with(picture(), &sealed, &OpenOptions::new().identity(raw_key()));
    if let Ok(opened) = opened {
        check(&opened, &items[0].1);
    }
}

/// Up to seven, most of them small.
fn rects(choices: &mut Choices<'_>) -> Vec<[u32; 4]> {
    (0..choices.byte() % 8)
        .map(|_| {
            let wide = choices.byte();
            core::array::from_fn(|at| {
                let number = u32::from(choices.byte());
                // Some end where 32 bits do.
                if (wide >> at) & 1 == 1 {
                    u32::MAX - number
                } else {
                    number % 16
                }
            })
        })
        .collect()
}

/// A line whose hash is right.
fn line(restores: &str, rects: &[[u32; 4]]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"secimg redaction 1\0");
    hash.update(WIDTH.to_be_bytes());
    hash.update(HEIGHT.to_be_bytes());
    hash.update([3, 8]);
    hash.update(u32::try_from(rects.len()).unwrap().to_be_bytes());
    for number in rects.iter().flatten() {
        hash.update(number.to_be_bytes());
    }
    hash.update(samples());
    let mut line = format!("secimg/redaction/1 {restores} {WIDTH}x{HEIGHT} rgb8 ");
    for byte in hash.finalize() {
        write!(line, "{byte:02x}").unwrap();
    }
    for [x, y, width, height] in rects {
        write!(line, " {x},{y},{width},{height}").unwrap();
    }
    line
}

fn sealed(items: &[(String, Vec<u8>)]) -> Vec<u8> {
    let options = SealOptions::new().recipient(raw_key());
    let mut writer = SealWriter::new(Vec::new(), &options).unwrap();
    for (line, bytes) in items {
        let mut manifest = Manifest::new("samples", "application/octet-stream");
        manifest
            .attributes
            .insert("redaction".to_owned(), line.clone());
        writer.start_item(&manifest, None).unwrap();
        writer.write_all(bytes).unwrap();
        writer.end_item().unwrap();
    }
    writer.finish().unwrap()
}

fn check(opened: &Unredacted, first: &[u8]) {
    assert_eq!((opened.width, opened.height), (WIDTH, HEIGHT));
    let mut filled = 0;
    for rect in &opened.rects {
        assert!(u64::from(rect.x()) + u64::from(rect.width()) <= u64::from(WIDTH));
        assert!(u64::from(rect.y()) + u64::from(rect.height()) <= u64::from(HEIGHT));
        filled += rect.width() * rect.height() * 3;
    }
    if opened.restores == Restores::File {
        assert_eq!(*opened.image, first);
        return;
    }
    assert_eq!(filled as usize, first.len());
    assert!(opened.image.starts_with(b"\x89PNG\r\n\x1a\n"));
    // What was restored is a picture like any other.
    assert!(sealed_part(&opened.image).is_err());
}
