//! Pictures that are made here, of every kind that is restored, and what redaction does to them.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use secimg::redact::{
    Rect, RedactError, Redacted, Redaction, Restores, sealed_part, unredact, unredact_with,
};
use secimg::{Image, OpenError};

use super::support::{ed25519, small, small_identity, trust};

/// A picture of noise (xorshift64, Marsaglia 2003), so that no two rows of it are the same.
pub(crate) fn noise(width: u32, height: u32) -> DynamicImage {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let samples = core::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u16::from_be_bytes([state.to_be_bytes()[2], state.to_be_bytes()[5]])
    });
    let samples = samples.take(width as usize * height as usize * 4).collect();
    DynamicImage::ImageRgba16(image::ImageBuffer::from_raw(width, height, samples).unwrap())
}

/// The same picture with each kind of samples.
pub(crate) fn kinds(picture: &DynamicImage) -> Vec<DynamicImage> {
    vec![
        picture.to_luma8().into(),
        picture.to_luma_alpha8().into(),
        picture.to_rgb8().into(),
        picture.to_rgba8().into(),
        picture.to_luma16().into(),
        picture.to_luma_alpha16().into(),
        picture.to_rgb16().into(),
        picture.to_rgba16().into(),
    ]
}

pub(crate) fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

pub(crate) fn png(picture: &DynamicImage) -> Vec<u8> {
    file(picture, ImageFormat::Png)
}

pub(crate) fn rect(text: &str) -> Rect {
    text.parse().unwrap()
}

/// What a decoder shows of a file, upright.
pub(crate) fn shown(file: &[u8]) -> DynamicImage {
    let mut reader = ImageReader::new(Cursor::new(file))
        .with_guessed_format()
        .unwrap();
    // BigTIFF is not guessed.
    if file.starts_with(b"II+\0") || file.starts_with(b"MM\0+") {
        reader.set_format(ImageFormat::Tiff);
    }
    let mut decoder = reader.into_decoder().unwrap();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).unwrap();
    picture.apply_orientation(orientation);
    picture
}

pub(crate) fn redact(file: &[u8], redaction: &Redaction) -> Result<Redacted, RedactError> {
    secimg::redact::redact(&Image::new(file).named("original"), redaction, &small())
}

/// Inside each rectangle there is one opaque colour, outside nothing has changed.
pub(crate) fn assert_filled(name: &str, before: &DynamicImage, redacted: &Redacted) {
    let after = shown(&redacted.image);
    assert_eq!(before.color(), after.color(), "{name}");
    assert_eq!(
        (after.width(), after.height()),
        (redacted.width, redacted.height)
    );
    let mut expected = before.clone();
    blacken(&mut expected, &redacted.rects);
    assert!(
        expected == after,
        "{name}: other pixels than those of the rectangles"
    );
}

/// Another way to fill, over the crate's own pixels.
fn blacken(picture: &mut DynamicImage, rects: &[Rect]) {
    macro_rules! each {
        ($($kind:ident $black:expr),*) => {
            match picture {
                $(DynamicImage::$kind(picture) => for rect in rects {
                    for y in rect.y()..rect.y() + rect.height() {
                        for x in rect.x()..rect.x() + rect.width() {
                            picture.put_pixel(x, y, $black.into());
                        }
                    }
                },)*
                _ => panic!("of no kind that a PNG holds"),
            }
        };
    }
    each!(
        ImageLuma8 [0_u8],
        ImageLumaA8 [0_u8, 255],
        ImageRgb8 [0_u8; 3],
        ImageRgba8 [0_u8, 0, 0, 255],
        ImageLuma16 [0_u16],
        ImageLumaA16 [0_u16, 65535],
        ImageRgb16 [0_u16; 3],
        ImageRgba16 [0_u16, 0, 0, 65535]
    );
}

/// Three rectangles, two of which overlap and one of which is clipped.
pub(crate) fn three() -> Redaction {
    Redaction::new().rects([rect("3,2,9,7"), rect("8,5,20,3"), rect("30,20,100,100")])
}

#[test]
fn every_kind_of_samples_comes_back_in_every_format() {
    let mut count = 0;
    for picture in kinds(&noise(41, 33)) {
        for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp] {
            let mut original = Cursor::new(Vec::new());
            // Not every format has every kind.
            if picture.write_to(&mut original, format).is_err() {
                continue;
            }
            let original = original.into_inner();
            let name = format!("{format:?} {:?}", picture.color());
            let before = shown(&original);
            let redacted = redact(&original, &three()).unwrap();
            assert_filled(&name, &before, &redacted);
            assert_eq!(redacted.rects[2], rect("30,20,11,13"), "clipped");
            let restored = unredact(&redacted.image, &small_identity()).unwrap();
            assert!(shown(&restored.image) == before, "{name}");
            assert_eq!(restored.restores, Restores::Pixels);
            assert_eq!(restored.rects, redacted.rects);

            let whole = redact(&original, &three().whole().beside()).unwrap();
            assert_filled(&name, &before, &whole);
            let sealed = whole.beside.unwrap();
            let restored = unredact_with(&whole.image, &sealed, &small_identity()).unwrap();
            assert_eq!(*restored.image, original, "{name}: not byte for byte");
            assert_eq!(restored.name.as_deref(), Some("original"));
            count += 1;
        }
    }
    assert!(count >= 8 + 4 + 2, "{count}");
}

#[test]
fn a_jpeg_comes_back_as_the_file_that_it_was() {
    let original = file(&noise(50, 50).to_rgb8().into(), ImageFormat::Jpeg);
    let before = shown(&original);
    let redacted = redact(&original, &Redaction::new().rect(rect("20,20,3,3"))).unwrap();
    assert_filled("JPEG", &before, &redacted);
    // Whatever the encoder's blocks are, the one around the rectangle is gone.
    let [grown] = redacted.rects[..] else {
        panic!()
    };
    assert!(
        grown.x() <= 16 && grown.x() + grown.width() >= 24,
        "{grown}"
    );
    let sealed = redacted.beside.as_deref().unwrap();
    assert!(
        sealed_part(&redacted.image).is_err(),
        "it is beside the picture"
    );
    let restored = unredact_with(&redacted.image, sealed, &small_identity()).unwrap();
    assert_eq!(
        (restored.restores, &*restored.image),
        (Restores::File, &original)
    );
    // To who only knows streams it is one with a file in it.
    let opened = secimg::decrypt(sealed, &small_identity()).unwrap();
    assert_eq!(opened.images[0].bytes, original);
}

#[test]
fn the_colour_is_the_callers() {
    let original = png(&noise(9, 9).to_rgb8().into());
    let orange = Redaction::new().rect(rect("0,0,9,9")).fill([255, 128, 0]);
    let redacted = redact(&original, &orange).unwrap();
    let filled = shown(&redacted.image).to_rgb8();
    assert!(filled.pixels().all(|pixel| pixel.0 == [255, 128, 0]));
    let restored = unredact(&redacted.image, &small_identity()).unwrap();
    assert!(shown(&restored.image) == shown(&original));
}

/// Rectangles are meant in the picture as it is shown, however it is stored.
#[test]
fn a_turned_picture_is_turned_upright_first() {
    let upright = noise(30, 20).to_rgb8();
    let stored = image::imageops::rotate270(&upright);
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let turned = super::traces::with_chunks(&png(&stored.into()), &[(*b"eXIf", exif)], &[]);
    let before: DynamicImage = upright.into();
    assert!(shown(&turned) == before, "the test's own orientation");
    let redacted = redact(&turned, &Redaction::new().rect(rect("25,0,5,3"))).unwrap();
    assert_filled("turned", &before, &redacted);
    let restored = unredact(&redacted.image, &small_identity()).unwrap();
    assert!(shown(&restored.image) == before);
}

#[test]
fn the_same_pixels_in_another_file_are_the_same_picture() {
    let grey: DynamicImage = noise(40, 30).to_luma8().into();
    let colours: DynamicImage = noise(40, 30).to_rgb8().into();
    for picture in [&grey, &colours] {
        let original = png(picture);
        let redacted = redact(&original, &three().beside()).unwrap();
        let sealed = redacted.beside.unwrap();
        let again = shown(&redacted.image);
        let mut others = vec![
            file(&again, ImageFormat::Bmp),
            file(&again, ImageFormat::Tiff),
            png(&again.to_rgba8().into()),
            png(&again.to_rgb16().into()),
        ];
        others.push(png(&again));
        for other in others {
            let restored = unredact_with(&other, &sealed, &small_identity()).unwrap();
            assert!(shown(&restored.image) == *picture);
        }
    }
}

#[test]
fn a_signature_says_who_redacted() {
    let original = png(&noise(9, 9).to_rgb8().into());
    let options = small().signer(ed25519().signer().unwrap());
    let redaction = Redaction::new().rect(rect("0,0,3,3"));
    let signed = secimg::redact::redact(&Image::new(original.clone()), &redaction, &options);
    let required = small_identity().require_signer(trust(ed25519()));
    let restored = unredact(&signed.unwrap().image, &required).unwrap();
    assert!(restored.report.report().signature.as_ref().unwrap().trusted);
    let unsigned = redact(&original, &redaction).unwrap();
    let refused = unredact(&unsigned.image, &required).unwrap_err();
    assert_eq!(refused, OpenError::NotSigned.into());
}

#[test]
fn rectangles_that_are_none_are_refused() {
    let original = png(&noise(9, 9).to_rgb8().into());
    let no = |redaction: Redaction| redact(&original, &redaction).unwrap_err();
    assert_eq!(no(Redaction::new()), RedactError::NoRect);
    let outside = rect("9,0,5,5");
    assert_eq!(
        no(Redaction::new().rects([rect("0,0,1,1"), outside])),
        RedactError::Outside(outside, 9, 9)
    );
    let many = Redaction::new().rects(vec![rect("0,0,1,1"); 1001]);
    assert_eq!(no(many), RedactError::TooManyRects(1001));
    let most = Redaction::new().rects(vec![rect("0,0,9,9"); 1000]);
    let redacted = redact(&original, &most).unwrap();
    let restored = unredact(&redacted.image, &small_identity()).unwrap();
    assert!(shown(&restored.image) == shown(&original));
}
