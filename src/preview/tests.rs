//! Small, turned, and nothing but pixels.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking, its helpers too"
)]

use ::image::metadata::Orientation;
use ::image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

fn encoded(pixels: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    pixels.write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn shown(preview: &[u8]) -> DynamicImage {
    ::image::load_from_memory(preview).unwrap()
}

/// What no encoder makes small.
fn noise(width: u32, height: u32) -> RgbaImage {
    let mut state = 7_u32;
    RgbaImage::from_fn(width, height, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Rgba(state.to_be_bytes())
    })
}

#[test]
fn the_longest_side_is_512_and_small_images_stay_small() {
    for (size, expected) in [
        ((2_000, 1_000), (512, 256)),
        ((300, 1_200), (128, 512)),
        ((512, 512), (512, 512)),
        ((40, 30), (40, 30)),
        ((1, 1), (1, 1)),
        ((20_000, 1), (512, 1)),
    ] {
        let pixels = RgbImage::from_pixel(size.0, size.1, Rgb([9, 99, 199])).into();
        let preview = shown(&make_preview(&encoded(&pixels, ImageFormat::Png)).unwrap());
        assert_eq!((preview.width(), preview.height()), expected, "{size:?}");
        let middle = preview
            .to_rgb8()
            .get_pixel(expected.0 / 2, expected.1 / 2)
            .0;
        for (seen, meant) in middle.iter().zip([9_u8, 99, 199]) {
            assert!(seen.abs_diff(meant) < 4, "{middle:?}");
        }
    }
}

#[test]
fn even_noise_fits() {
    for opaque in [false, true] {
        let mut pixels: DynamicImage = noise(1_024, 1_024).into();
        if opaque {
            pixels = pixels.to_rgb8().into();
        }
        let preview = make_preview(&encoded(&pixels, ImageFormat::Png)).unwrap();
        assert!(preview.len() <= MAX_BYTES, "{}", preview.len());
        assert!(shown(&preview).width() > 64);
        assert_eq!(preview.starts_with(b"\x89PNG"), !opaque);
    }
}

/// Sixteen bits of which twelve are used, as most modalities have them.
#[test]
fn dark_sixteen_bit_grey_is_seen() {
    let grey = ::image::ImageBuffer::<::image::Luma<u16>, _>::from_fn(64, 64, |x, _| {
        ::image::Luma([100 + 60 * x as u16])
    });
    let preview = make_preview(&encoded(&grey.into(), ImageFormat::Png)).unwrap();
    let seen = shown(&preview).to_luma8();
    assert!(seen.get_pixel(1, 32).0[0] < 16 && seen.get_pixel(62, 32).0[0] > 240);
}

#[test]
fn a_turned_image_is_shown_as_it_is_meant() {
    let mut left_is_red = RgbImage::from_pixel(64, 32, Rgb([0, 0, 255]));
    for (x, _, pixel) in left_is_red.enumerate_pixels_mut() {
        if x < 32 {
            *pixel = Rgb([255, 0, 0]);
        }
    }
    let decoded = Decoded {
        pixels: left_is_red.into(),
        orientation: Orientation::Rotate90,
    };
    let small = shrink(decoded).to_rgb8();
    assert_eq!((small.width(), small.height()), (32, 64));
    assert_eq!(small.get_pixel(16, 8).0, [255, 0, 0]);
    assert_eq!(small.get_pixel(16, 56).0, [0, 0, 255]);
}

#[test]
fn every_depth_becomes_eight_bits() {
    let pixels = DynamicImage::from(noise(16, 16));
    let all: [DynamicImage; 9] = [
        pixels.to_luma8().into(),
        pixels.to_luma_alpha8().into(),
        pixels.to_rgb8().into(),
        pixels.to_rgba8().into(),
        pixels.to_luma16().into(),
        pixels.to_luma_alpha16().into(),
        pixels.to_rgba16().into(),
        pixels.to_rgb32f().into(),
        pixels.to_rgba32f().into(),
    ];
    for one in all {
        let transparent = one.color().has_alpha();
        let small = grey::eight_bit(one);
        assert_eq!(
            u16::from(small.color().channel_count()),
            small.color().bits_per_pixel() / 8
        );
        assert_eq!(grey::is_transparent(&small), transparent);
        assert!(encode(&small).unwrap().len() <= MAX_BYTES);
    }
}

/// Computed by hand from the words of the documentation.
#[test]
fn a_pixel_digest_is_what_it_says() {
    use sha2::{Digest, Sha256};
    let digest = |parts: &[&[u8]]| <[u8; 32]>::from(Sha256::digest(parts.concat()));
    let head = b"secimg/1 pixels\0\0\0\0\x03\0\0\0\x02".as_slice();
    let grey = pixel_digest(b"P5 3 2 255 abcdef").unwrap();
    assert_eq!(grey.sha256, digest(&[head, b"\x01\x08", b"abcdef"]));
    // Netpbm has its samples big-endian.
    let deep = pixel_digest(b"P5 3 2 65535 abcdefghijkl").unwrap();
    assert_eq!(deep.sha256, digest(&[head, b"\x01\x10", b"badcfehgjilk"]));
    assert_eq!(
        (deep.width, deep.height, deep.channels, deep.bits),
        (3, 2, 1, 16)
    );
}

#[test]
fn equal_pixels_have_equal_digests_in_every_format() {
    let pixels: DynamicImage = DynamicImage::from(noise(33, 17)).to_rgb8().into();
    let digest = |format| pixel_digest(&encoded(&pixels, format)).unwrap();
    let png = digest(ImageFormat::Png);
    for format in [ImageFormat::Bmp, ImageFormat::Qoi, ImageFormat::Pnm] {
        assert_eq!(digest(format), png);
    }
    let mut other = pixels.to_rgb8();
    other.get_pixel_mut(32, 16).0[2] ^= 1;
    assert_ne!(
        pixel_digest(&encoded(&other.into(), ImageFormat::Png)).unwrap(),
        png
    );
    for format in [ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Tiff] {
        let refused = pixel_digest(&encoded(&pixels, format)).unwrap_err();
        assert!(matches!(refused, DecodeError::Format(_)));
    }
}
