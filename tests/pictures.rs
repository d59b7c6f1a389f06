//! The pictures of the README are what the code makes, and can be restored by whoever reads it.
//!
//! `SECIMG_BLESS=1 cargo test --features cli --test pictures` makes them anew.

#![cfg(feature = "cli")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, imageops};
use secimg::keys::{Passphrase, PassphraseRecipient};
use secimg::preview::make_preview;
use secimg::redact::{Redaction, redact, unredact};
use secimg::{Image, OpenOptions, SealOptions};

#[path = "../src/bin/secimg/demo/samples/landscape.rs"]
mod landscape;
#[path = "../src/bin/secimg/demo/samples/noise.rs"]
mod noise;
#[path = "../src/bin/secimg/demo/samples/phantom.rs"]
mod phantom;

/// The README says it too.
const WORDS: &str = "correct horse battery staple";
/// Where the name stands, in pixels of the scan: x, y, columns and rows.
const NAME: &str = "6,6,132,58";

const FILL: u8 = 120;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/pictures")
        .join(name)
}

fn blessing() -> bool {
    std::env::var_os("SECIMG_BLESS").is_some()
}

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

/// Five columns of seven rows a letter, the lowest bit on the left.
const fn letter(letter: u8) -> [u8; 7] {
    match letter {
        b'A' => [14, 17, 17, 31, 17, 17, 17],
        b'D' => [15, 17, 17, 17, 17, 17, 15],
        b'E' => [31, 1, 1, 15, 1, 1, 31],
        b'I' => [14, 4, 4, 4, 4, 4, 14],
        b'J' => [28, 8, 8, 8, 8, 9, 6],
        b'N' => [17, 19, 21, 25, 17, 17, 17],
        b'O' => [14, 17, 17, 17, 17, 17, 14],
        b'0' => [14, 17, 25, 21, 19, 17, 14],
        b'1' => [4, 6, 4, 4, 4, 4, 14],
        b'4' => [8, 12, 10, 9, 31, 8, 8],
        b'7' => [31, 16, 8, 8, 4, 4, 4],
        b'9' => [14, 17, 17, 30, 16, 8, 6],
        b'-' => [0, 0, 0, 31, 0, 0, 0],
        b'^' => [4, 10, 17, 0, 0, 0, 0],
        _ => [0; 7],
    }
}

/// Writes as a modality does: into the pixels.
fn burn_in(picture: &mut GrayImage, text: &str, (left, top): (u32, u32)) {
    for (place, byte) in (0..).zip(text.bytes()) {
        for (row, bits) in (0..).zip(letter(byte)) {
            for column in (0..5).filter(|column| (bits >> column) & 1 == 1) {
                for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    let x = left + place * 12 + column * 2 + dx;
                    picture.put_pixel(x, top + row * 2 + dy, Luma([255]));
                }
            }
        }
    }
}

/// A slice as a modality shows it, with what should not be shown to everybody.
fn scan() -> DynamicImage {
    let phantom = DynamicImage::ImageLuma16(phantom::scaled(&phantom::draw(), 16));
    let mut picture = GrayImage::new(420, 320);
    imageops::replace(
        &mut picture,
        &imageops::thumbnail(&phantom.to_luma8(), 320, 320),
        100,
        0,
    );
    burn_in(&mut picture, "DOE^JANE", (12, 12));
    burn_in(&mut picture, "1970-01-01", (12, 30));
    burn_in(&mut picture, "ID 47110", (12, 48));
    picture.into()
}

fn decoded(name: &str) -> DynamicImage {
    image::load_from_memory(&fs::read(file(name)).unwrap()).unwrap()
}

#[test]
fn the_preview_is_that_of_the_landscape() {
    let preview = make_preview(&png(&landscape::draw().into())).unwrap();
    if blessing() {
        fs::write(file("preview.jpg"), &*preview).unwrap();
    }
    assert_eq!(
        decoded("preview.jpg"),
        image::load_from_memory(&preview).unwrap()
    );
}

#[test]
fn the_redacted_scan_hides_the_name_and_gives_it_back() {
    let scan = scan();
    if blessing() {
        let recipient = PassphraseRecipient::new(Passphrase::new(WORDS).unwrap());
        let seal = SealOptions::new().recipient(Arc::new(recipient));
        let what = Redaction::new().rect(NAME.parse().unwrap()).fill([FILL; 3]);
        let original = png(&scan);
        let redacted = redact(&Image::new(original.as_slice()), &what, &seal).unwrap();
        fs::write(file("scan.png"), original).unwrap();
        fs::write(file("redacted.png"), redacted.image).unwrap();
    }
    assert_eq!(decoded("scan.png"), scan);
    let redacted = decoded("redacted.png").to_luma8();
    let shown = scan.to_luma8();
    for (x, y, pixel) in redacted.enumerate_pixels() {
        let hidden = (6..138).contains(&x) && (6..64).contains(&y);
        let meant = if hidden {
            Luma([FILL])
        } else {
            *shown.get_pixel(x, y)
        };
        assert_eq!(*pixel, meant, "at {x}, {y}");
    }
    let open = OpenOptions::new().identity(Arc::new(Passphrase::new(WORDS).unwrap()));
    let restored = unredact(&fs::read(file("redacted.png")).unwrap(), &open).unwrap();
    assert_eq!(
        image::load_from_memory(&restored.image).unwrap().to_luma8(),
        shown
    );
}
