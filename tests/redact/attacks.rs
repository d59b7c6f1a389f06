//! Redacted pictures that somebody changed on the way, exchanged or took apart.

use image::{DynamicImage, GenericImage, GenericImageView};
use secimg::redact::{Redaction, UnredactError, sealed_part, unredact, unredact_with};
use secimg::{OpenError, OpenOptions};

use super::pictures::{noise, png, rect, redact, shown};
use super::support::{raw, small_identity};
use super::traces::{chunks, joined};

fn redaction() -> Redaction {
    Redaction::new().rect(rect("4,4,6,6"))
}

fn original() -> DynamicImage {
    noise(20, 20).to_rgb8().into()
}

/// The chunk into the picture, by hand.
fn with_sealed(picture: &[u8], sealed: &[u8]) -> Vec<u8> {
    let mut chunks = chunks(picture);
    chunks.retain(|(kind, _)| kind != b"scRG");
    chunks.insert(chunks.len() - 1, (*b"scRG", sealed.to_vec()));
    joined(&chunks)
}

#[test]
fn one_changed_pixel_is_enough() {
    let redacted = redact(&png(&original()), &redaction()).unwrap();
    let sealed = sealed_part(&redacted.image).unwrap();
    let same = with_sealed(&png(&shown(&redacted.image)), sealed);
    assert!(
        unredact(&same, &small_identity()).is_ok(),
        "written anew, nothing changed"
    );
    // Outside, inside, and at the edge; by one in one channel.
    for (x, y) in [(0, 0), (19, 19), (5, 5), (4, 4), (9, 9), (10, 10)] {
        let mut edited = shown(&redacted.image);
        let mut pixel = edited.get_pixel(x, y);
        pixel.0[1] ^= 1;
        edited.put_pixel(x, y, pixel);
        let edited = with_sealed(&png(&edited), sealed);
        let no = unredact(&edited, &small_identity()).unwrap_err();
        assert_eq!(no, UnredactError::OtherPicture, "{x} {y}");
    }
    let scene = shown(&redacted.image);
    for other in [
        scene.crop_imm(0, 0, 20, 19),
        scene.fliph(),
        scene.rotate90(),
        scene.to_luma8().into(),
        scene.thumbnail(10, 10),
    ] {
        let other = with_sealed(&png(&other), sealed);
        let no = unredact(&other, &small_identity()).unwrap_err();
        assert_eq!(no, UnredactError::OtherPicture);
    }
}

#[test]
fn a_sealed_part_of_another_picture_is_refused() {
    let one = redact(&png(&original()), &redaction()).unwrap();
    let mut changed = original();
    let pixel = changed.get_pixel(0, 0);
    changed.put_pixel(19, 0, pixel);
    let two = redact(&png(&changed), &redaction()).unwrap();
    // The same picture, with other rectangles that show the same once they are filled.
    let three = redact(&png(&original()), &redaction().rect(rect("4,4,6,5"))).unwrap();
    let part = |png| sealed_part(png).unwrap();
    let moved = with_sealed(&one.image, part(&two.image));
    assert_eq!(
        unredact(&moved, &small_identity()).unwrap_err(),
        UnredactError::OtherPicture
    );
    let no = unredact_with(&two.image, part(&one.image), &small_identity()).unwrap_err();
    assert_eq!(no, UnredactError::OtherPicture);
    // There the pixels are those that were redacted, and what comes back is right.
    let same = with_sealed(&one.image, part(&three.image));
    let restored = unredact(&same, &small_identity()).unwrap();
    assert!(shown(&restored.image) == original());
}

#[test]
fn a_chunk_that_is_cut_doubled_or_changed_is_refused() {
    let redacted = redact(&png(&original()), &redaction()).unwrap();
    let sealed = sealed_part(&redacted.image).unwrap();
    let at = redacted
        .image
        .windows(4)
        .rposition(|kind| kind == b"scRG")
        .unwrap();
    // Each byte of length, kind, data and CRC.
    for byte in at - 4..at + 8 + sealed.len() {
        let mut bad = redacted.image.clone();
        bad[byte] ^= 1;
        assert!(unredact(&bad, &small_identity()).is_err(), "{byte}");
    }
    // With a right CRC it is the stream that does not hold.
    for cut in [0, 1, 7, 85, sealed.len() / 2, sealed.len() - 1] {
        let no = unredact(
            &with_sealed(&redacted.image, &sealed[..cut]),
            &small_identity(),
        );
        assert!(matches!(no, Err(UnredactError::Open(_))), "{cut}");
    }
    let mut changed = sealed.to_vec();
    *changed.last_mut().unwrap() ^= 1;
    let no = unredact(&with_sealed(&redacted.image, &changed), &small_identity());
    assert!(matches!(
        no,
        Err(UnredactError::Open(OpenError::NotAuthentic(_)))
    ));
    let mut doubled = chunks(&redacted.image);
    let position = doubled
        .iter()
        .position(|(kind, _)| kind == b"scRG")
        .unwrap();
    doubled.insert(1, doubled[position].clone());
    let no = unredact(&joined(&doubled), &small_identity()).unwrap_err();
    assert!(
        matches!(no, UnredactError::Damaged("a second sealed part", _)),
        "{no:?}"
    );
}

#[test]
fn who_has_no_key_gets_nothing() {
    let redacted = redact(&png(&original()), &redaction()).unwrap();
    let stranger = OpenOptions::new().identity(raw(2));
    let no = unredact(&redacted.image, &stranger).unwrap_err();
    assert_eq!(no, UnredactError::Open(OpenError::NoMatchingKey));
    let elsewhere = small_identity().context(b"another case");
    let no = unredact(&redacted.image, &elsewhere).unwrap_err();
    assert!(matches!(
        no,
        UnredactError::Open(OpenError::NotAuthentic(_))
    ));
}

/// What services do: the chunk goes, or all of the PNG does.
#[test]
fn a_platform_that_takes_the_chunk_is_named() {
    let redacted = redact(&png(&original()), &redaction()).unwrap();
    let scene = shown(&redacted.image);
    let no = unredact(&png(&scene), &small_identity()).unwrap_err();
    assert_eq!(no, UnredactError::NoSealedPart);
    assert!(no.to_string().contains("--sidecar"), "{no}");
    let jpeg = super::pictures::file(&scene, image::ImageFormat::Jpeg);
    assert_eq!(
        unredact(&jpeg, &small_identity()).unwrap_err(),
        UnredactError::NotPng
    );
    let lossy = unredact_with(
        &jpeg,
        sealed_part(&redacted.image).unwrap(),
        &small_identity(),
    );
    assert_eq!(lossy.unwrap_err(), UnredactError::OtherPicture);
}
