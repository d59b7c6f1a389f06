//! Previews of real images, malformed ones and bombs: small, pixels only, and never in the way of sealing.

#![cfg(feature = "image")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::process::Command;

use secimg::format::Limits;
use secimg::image::sniff;
use secimg::io::{OpenReader, read_preview};
use secimg::preview::{DecodeError, MAX_BYTES, MAX_EDGE, Samples, make_preview, samples};
use secimg::{Image, ImageDescription, OpenError, OpenOptions, SealOptions};
use secimg::{decrypt, encrypt, encrypt_series};
use support::{corpus, ed25519, files_below, raw, rsa, small, small_identity, trust};

/// Memory of a process that makes all previews, one after the other, its own code and the file at hand included.
const MOST_MEMORY: u64 = 256 << 20;

/// Bytes that are in no preview: what a camera, an editor or a phone writes beside the pixels.
const TRACES: &[&[u8]] = &[
    b"Exif\0\0",
    b"http://ns.adobe.com/x",
    b"<x:xmpmeta",
    b"Photoshop 3.0",
    b"ICC_PROFILE",
    b"MPF\0",
    b"eXIf",
    b"tEXt",
    b"zTXt",
    b"iTXt",
    b"tIME",
];

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[track_caller]
fn check(preview: &[u8], of: &Path) {
    let info = sniff(preview);
    assert!(matches!(info.format, "jpeg" | "png"), "{}", of.display());
    assert!(preview.len() <= MAX_BYTES, "{}", of.display());
    let longest = info.claims.width.max(info.claims.height).unwrap();
    assert!((1..=MAX_EDGE).contains(&longest), "{}", of.display());
    for trace in TRACES {
        assert!(!has(preview, trace), "{}: {trace:?}", of.display());
    }
    let shown = image::load_from_memory(preview).unwrap();
    assert_eq!(Some(shown.width()), info.claims.width);
}

/// In a process of its own, so that its memory is that of the previews.
#[test]
fn the_whole_corpus_within_256_mib() {
    if corpus().is_none() {
        return;
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["makes_all_previews", "--exact", "--nocapture"]);
    let output = child.env("SECIMG_PREVIEW_CHILD", "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    // On one processor the test's name stands before it in the same line.
    let line = said.lines().find_map(|line| line.split_once("previews: "));
    say!("previews: {}", line.unwrap().1);
}

#[test]
fn makes_all_previews() {
    if std::env::var_os("SECIMG_PREVIEW_CHILD").is_none() {
        return;
    }
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut made, mut all) = (0, 0);
    for path in files_below(&corpus().unwrap()) {
        all += 1;
        let file = fs::read(&path).unwrap();
        match make_preview(&file) {
            Ok(preview) => {
                made += 1;
                check(&preview, &path);
                check_samples(&samples(&file).unwrap(), &path);
            }
            Err(error) => *refused.entry(class(&error)).or_default() += 1,
        }
    }
    assert!(made > 60, "only {made} previews");
    let peak = peak_memory();
    println!(
        "previews: {made} of {all} files, the others: {refused:?}; {} MiB",
        peak >> 20
    );
    assert!(peak < MOST_MEMORY, "{} MiB", peak >> 20);
}

fn check_samples(decoded: &Samples, path: &Path) {
    let Samples {
        width,
        height,
        channels,
        ..
    } = decoded;
    assert!([1, 3].contains(channels), "{}", path.display());
    let count = u64::from(*width) * u64::from(*height) * u64::from(*channels);
    assert_eq!(decoded.bytes.len() as u64, count, "{}", path.display());
}

fn class(error: &DecodeError) -> &'static str {
    match error {
        DecodeError::Format(_) => "other formats",
        DecodeError::TooLarge { .. } | DecodeError::Limit => "too large",
        DecodeError::Unsupported(_) => "unsupported kind",
        DecodeError::Damaged(_) => "damaged",
        DecodeError::Panicked => "decoder panicked",
        other => panic!("{other}"),
    }
}

/// 0 where the system does not tell.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) << 10
}

/// A picture that a camera would have turned, with a thumbnail that shows something else.
fn scene() -> Vec<u8> {
    let pixels = image::RgbImage::from_fn(900, 600, |x, y| {
        image::Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 90])
    });
    let mut bytes = Cursor::new(Vec::new());
    pixels
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

fn previewed(name: &str, bytes: &[u8]) -> Image {
    let description = ImageDescription::new()
        .named(name)
        .with_preview(make_preview(bytes).unwrap());
    Image::new(bytes).described(description)
}

/// Counts what is read, and ends there.
struct Counting<R> {
    inner: R,
    bytes: u64,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(buffer)?;
        self.bytes += len as u64;
        Ok(len)
    }
}

#[test]
fn the_beginning_of_a_stream_is_enough() {
    let mut image = previewed("a.png", &scene());
    // As long as a scan of a slide.
    image.bytes.resize(8 << 20, 7);
    let preview = image.description.preview.clone().unwrap();
    let sealed = encrypt(&image, &SealOptions::new().recipient(raw(1))).unwrap();
    let options = OpenOptions::new().identity(raw(1));
    let mut reader = Counting {
        inner: sealed.as_slice(),
        bytes: 0,
    };
    let glimpse = read_preview(&mut reader, &options).unwrap();
    assert!(glimpse.preview.unwrap().get() == preview.as_slice());
    assert_eq!(
        glimpse.manifest.unwrap().get().name.as_deref(),
        Some("a.png")
    );
    say!("the preview of 8 MiB: {} bytes read", reader.bytes);
    assert!(reader.bytes < 256 << 10, "{}", reader.bytes);
    // The image is what it was.
    let opened = decrypt(&sealed, &options).unwrap();
    assert!(opened.images[0].bytes == image.bytes);
}

#[test]
fn each_image_of_a_series_has_its_own() {
    let images: Vec<_> = (0..40_u8)
        .map(|number| {
            let mut bytes = scene();
            bytes.push(number);
            let mut image = previewed(&format!("{number}.png"), &bytes);
            if number % 4 == 3 {
                image.description.preview = None;
            } else if let Some(preview) = &mut image.description.preview {
                preview.push(number);
            }
            image
        })
        .collect();
    for options in [small(), small().signer(ed25519().signer().unwrap())] {
        let signed = options.get_signer().is_some();
        let sealed = encrypt_series(&images, &options).unwrap();
        let mut opening = small_identity();
        if signed {
            opening = opening.require_signer(trust(ed25519())).spooled();
        }
        let mut reader = OpenReader::open(Cursor::new(&sealed), &opening).unwrap();
        for (number, image) in images.iter().enumerate().rev() {
            reader.select(number).unwrap();
            let preview = reader.preview().unwrap();
            let expected = image.description.preview_bytes();
            assert!(preview.as_ref().map(|p| p.get().as_slice()) == expected);
            // Reading the image goes on as if nothing had been.
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).unwrap();
            assert!(bytes == image.bytes);
        }
    }
}

/// Where a signer is required, nothing is shown of a stream that is not whole and signed.
#[test]
fn a_required_signer_must_have_signed_all_of_it() {
    let image = previewed("a.png", &scene());
    let signed = small().signer(ed25519().signer().unwrap());
    let sealed = encrypt(&image, &signed).unwrap();
    let opening = small_identity().require_signer(trust(ed25519())).spooled();
    let glimpse = read_preview(sealed.as_slice(), &opening).unwrap();
    assert!(glimpse.preview.is_some() && glimpse.signature.unwrap().trusted);
    assert!(read_preview(&sealed[..sealed.len() - 1], &opening).is_err());
    let unsigned = encrypt(&image, &small()).unwrap();
    assert!(read_preview(unsigned.as_slice(), &opening).is_err());
    let stranger = OpenOptions::new().identity(rsa().identity().unwrap());
    assert!(read_preview(sealed.as_slice(), &stranger).is_err());
}

/// Every changed byte before the image is noticed, and every cut.
#[test]
fn a_damaged_beginning_shows_nothing() {
    let image = previewed("a.png", &scene());
    let sealed = encrypt(&image, &small()).unwrap();
    let opening = small_identity();
    let mut reader = Counting {
        inner: sealed.as_slice(),
        bytes: 0,
    };
    read_preview(&mut reader, &opening).unwrap();
    let read = usize::try_from(reader.bytes).unwrap();
    for at in (0..read).step_by(61) {
        let mut changed = sealed[..read].to_vec();
        changed[at] ^= 1;
        let seen = read_preview(changed.as_slice(), &opening);
        let same = |glimpse: &secimg::io::Glimpse| {
            let preview = glimpse
                .preview
                .as_ref()
                .map(|preview| preview.get().as_slice());
            preview == image.description.preview_bytes()
        };
        // What lies behind the preview in its last chunk may not have been needed.
        assert!(
            seen.as_ref().is_err() || seen.as_ref().is_ok_and(same),
            "byte {at}"
        );
        let cut = read_preview(&sealed[..at], &opening);
        assert!(
            cut.is_err() || cut.is_ok_and(|glimpse| same(&glimpse)),
            "cut at {at}"
        );
    }
}

/// The machines tell of previews too, in their place.
#[test]
fn a_preview_that_is_none_is_refused() {
    let described = |len: usize| {
        let description = ImageDescription::new().with_preview(vec![7; len].into());
        encrypt(&Image::new(*b"BM").described(description), &small())
    };
    assert!(described(0).is_err() && described(MAX_BYTES + 1).is_err());
    let sealed = described(MAX_BYTES).unwrap();
    assert!(
        read_preview(sealed.as_slice(), &small_identity())
            .unwrap()
            .preview
            .is_some()
    );
    let mut limits = Limits::DEFAULT;
    limits.preview_bytes = MAX_BYTES - 1;
    let tight = small_identity().limits(limits);
    let refused = read_preview(sealed.as_slice(), &tight).unwrap_err();
    assert!(
        matches!(refused, secimg::io::ReadError::Open(OpenError::Content(_))),
        "{refused:?}"
    );
    let mut reader = OpenReader::open(Cursor::new(&sealed), &small_identity()).unwrap();
    assert_eq!(reader.preview().unwrap().unwrap().get().len(), MAX_BYTES);
    assert!(OpenReader::open(Cursor::new(&sealed), &tight).is_err());
}
