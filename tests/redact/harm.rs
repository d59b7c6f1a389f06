//! Sealed parts that are authentic and mean harm: whoever has a public key can make one.

use core::fmt::Write as _;
use std::io::Write as _;

use image::DynamicImage;
use secimg::content::Manifest;
use secimg::io::SealWriter;
use secimg::redact::{UnredactError, unredact_with};
use sha2::{Digest, Sha256};

use super::pictures::{noise, png, shown};
use super::support::{small, small_identity};
use super::traces::chunk;

/// An item: what stands under `redaction`, and the bytes.
type Item<'a> = (Option<&'a str>, &'a [u8]);

fn sealed(items: &[Item<'_>]) -> Vec<u8> {
    let mut writer = SealWriter::new(Vec::new(), &small()).unwrap();
    for (line, bytes) in items {
        let mut manifest = Manifest::new("samples", "application/octet-stream");
        if let Some(line) = line {
            let line = (*line).to_owned();
            manifest.attributes.insert("redaction".to_owned(), line);
        }
        writer.start_item(&manifest, None).unwrap();
        writer.write_all(bytes).unwrap();
        writer.end_item().unwrap();
    }
    writer.finish().unwrap()
}

/// The specification's hash, from the specification.
fn hash(picture: &DynamicImage, rects: &[[u32; 4]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"secimg redaction 1\0");
    hash.update(picture.width().to_be_bytes());
    hash.update(picture.height().to_be_bytes());
    hash.update([3, 8]);
    hash.update(u32::try_from(rects.len()).unwrap().to_be_bytes());
    for number in rects.iter().flatten() {
        hash.update(number.to_be_bytes());
    }
    hash.update(picture.as_bytes());
    hash.finalize().into()
}

/// A line whose hash is right, whatever else is in it.
fn line(picture: &DynamicImage, restores: &str, rects: &[[u32; 4]]) -> String {
    let (width, height) = (picture.width(), picture.height());
    let mut line = format!("secimg/redaction/1 {restores} {width}x{height} rgb8 ");
    for byte in hash(picture, rects) {
        write!(line, "{byte:02x}").unwrap();
    }
    for [x, y, width, height] in rects {
        write!(line, " {x},{y},{width},{height}").unwrap();
    }
    line
}

fn opened(picture: &DynamicImage, items: &[Item<'_>]) -> Result<Vec<u8>, UnredactError> {
    let restored = unredact_with(&png(picture), &sealed(items), &small_identity())?;
    Ok(restored.image.to_vec())
}

#[track_caller]
fn assert_refused(picture: &DynamicImage, items: &[Item<'_>]) {
    let refused = opened(picture, items);
    assert!(
        matches!(refused, Err(UnredactError::NotARedaction(_))),
        "{refused:?}"
    );
}

fn picture() -> DynamicImage {
    noise(8, 6).to_rgb8().into()
}

#[test]
fn the_specification_is_enough_to_make_one() {
    let picture = picture();
    let good = line(&picture, "pixels", &[[1, 1, 2, 1], [1, 1, 1, 1]]);
    // What overlaps is put back in order.
    let restored = opened(&picture, &[(Some(&good), &[1, 2, 3, 4, 5, 6, 7, 8, 9])]).unwrap();
    let mut expected = picture.to_rgb8();
    expected.put_pixel(2, 1, image::Rgb([4, 5, 6]));
    expected.put_pixel(1, 1, image::Rgb([7, 8, 9]));
    assert!(shown(&restored) == expected.into());
    let file = line(&picture, "file", &[[0, 0, 8, 6]]);
    assert_eq!(
        opened(&picture, &[(Some(&file), b"any bytes")]).unwrap(),
        b"any bytes"
    );
}

#[test]
fn an_authentic_part_that_means_harm_is_refused() {
    let picture = picture();
    let bytes = [7_u8; 18];
    let of = |rects: &[[u32; 4]]| line(&picture, "pixels", rects);
    let good = of(&[[1, 1, 3, 2]]);
    assert!(opened(&picture, &[(Some(&good), &bytes)]).is_ok());
    // Rectangles that leave the picture, in every way that numbers do.
    for rect in [
        [6, 1, 3, 2],
        [1, 5, 3, 2],
        [8, 0, 3, 2],
        [u32::MAX, 0, 3, 2],
        [u32::MAX - 1, u32::MAX - 1, 3, 2],
        [0, 0, u32::MAX, u32::MAX],
        [1, 1, 0, 2],
        [1, 1, 3, 0],
    ] {
        assert_refused(&picture, &[(Some(&of(&[rect])), &bytes)]);
    }
    // Samples that do not fill them, or more than that; and rectangles that want more than any memory has.
    for length in [0, 17, 19] {
        assert_refused(&picture, &[(Some(&good), &vec![7; length])]);
    }
    let all = of(&[[0, 0, 8, 6]; 1000]);
    assert_refused(&picture, &[(Some(&all), &bytes)]);
    // Lines that say something else, or nothing.
    let huge = good.replace("8x6", "4294967295x4294967295");
    let huge_rect = huge.replace("1,1,3,2", "0,0,4294967295,4294967295");
    let many = of(&[[1, 1, 1, 1]; 1001]);
    for bad in [
        &huge,
        &huge_rect,
        &many,
        &good.replace('1', "01"),
        &String::new(),
    ] {
        assert_refused(&picture, &[(Some(bad), &bytes)]);
    }
    assert_refused(&picture, &[(None, &bytes)]);
    assert_refused(&picture, &[]);
    // Items that have no place there.
    let file = line(&picture, "file", &[[1, 1, 3, 2]]);
    for more in [None, Some("x"), Some(good.as_str())] {
        assert_refused(&picture, &[(Some(&good), &bytes), (more, b"")]);
        assert_refused(&picture, &[(Some(&file), &bytes), (more, b"")]);
    }
    // A picture of another size, or in a layout that cannot say it.
    let other = good.replace("8x6", "6x8");
    let no = opened(&picture, &[(Some(&other), &bytes)]).unwrap_err();
    assert_eq!(no, UnredactError::OtherPicture);
    let grey = good.replace("rgb8", "gray8");
    let no = opened(&picture, &[(Some(&grey), &bytes[..6])]).unwrap_err();
    assert_eq!(no, UnredactError::OtherPicture);
}

#[test]
fn nothing_but_colours_comes_with_the_pixels() {
    let picture = picture();
    let good = line(&picture, "pixels", &[[1, 1, 1, 1]]);
    let colour = "secimg/redaction/1 colour";
    let with = |chunks: &[u8]| opened(&picture, &[(Some(&good), b"abc"), (Some(colour), chunks)]);
    let gamma = chunk(*b"gAMA", &[0, 0, 0xB1, 0x8F]);
    assert!(with(&gamma).unwrap().windows(4).any(|four| four == b"gAMA"));
    let mut flipped = gamma.clone();
    flipped[9] ^= 1;
    for bad in [
        b"".as_slice(),
        b"abc",
        &flipped,
        &gamma[..15],
        &[gamma.as_slice(), &gamma].concat(),
        &chunk(*b"tEXt", b"a\0b"),
        &chunk(*b"IDAT", b""),
        &chunk(*b"gAMA", &[0; 5]),
        &[0xFF; 12],
    ] {
        let refused = with(bad);
        assert!(
            matches!(refused, Err(UnredactError::NotARedaction(_))),
            "{bad:?}"
        );
    }
}
