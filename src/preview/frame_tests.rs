//! Every kind of frame is shown as it is meant.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test fails by panicking, its helpers too"
)]

use super::*;
use crate::image::{
    ByteOrder, FrameLayout, PhotometricInterpretation as Meaning, RawFrame, SampleType,
};

fn shown(samples: &[u8], layout: FrameLayout) -> DynamicImage {
    let preview = make_frame_preview(&RawFrame::new(samples, layout).unwrap()).unwrap();
    ::image::load_from_memory(&preview).unwrap()
}

/// A flat picture of one pixel's samples, which survives a JPEG.
fn flat(pixel: &[u8], meaning: Meaning) -> DynamicImage {
    let layout = FrameLayout::new(8, 8, SampleType::U8).photometric_interpretation(meaning);
    shown(&pixel.repeat(64), layout)
}

fn is_near(picture: &DynamicImage, x: u32, y: u32, meant: [u8; 3]) {
    let seen = picture.to_rgb8().get_pixel(x, y).0;
    let near = seen
        .iter()
        .zip(meant)
        .all(|(seen, meant)| seen.abs_diff(meant) < 6);
    assert!(near, "{seen:?} at {x}, {y} instead of {meant:?}");
}

#[test]
fn colours_are_those_that_are_meant() {
    for (pixel, meaning, meant) in [
        (&[200_u8, 100, 30][..], Meaning::Rgb, [200, 100, 30]),
        (&[30, 100, 200], Meaning::Bgr, [200, 100, 30]),
        (&[200, 100, 30, 255], Meaning::Rgba, [200, 100, 30]),
        (&[30, 100, 200, 255], Meaning::Bgra, [200, 100, 30]),
        // Red, by the table of BT.601.
        (&[76, 85, 255], Meaning::YbrFull, [254, 0, 0]),
        (&[70], Meaning::Monochrome1, [185, 185, 185]),
        (&[70], Meaning::Monochrome2, [70, 70, 70]),
        (&[70], Meaning::Unspecified, [70, 70, 70]),
    ] {
        is_near(&flat(pixel, meaning), 3, 4, meant);
    }
}

#[test]
fn what_is_seen_through_stays_so() {
    let picture = flat(&[9, 8, 7, 100], Meaning::Bgra);
    assert_eq!(picture.to_rgba8().get_pixel(0, 0).0, [7, 8, 9, 100]);
}

/// Samples of every type, of both byte orders, darkest at the left.
#[test]
fn the_darkest_is_black_and_the_brightest_white() {
    let (rows, columns) = (16, 64);
    let values = || (0..rows * columns).map(|at| f64::from(at % columns) * 10.0 - 300.0);
    for (sample_type, bytes) in [
        (
            SampleType::U16,
            values()
                .flat_map(|v| ((v + 1_000.0) as u16).to_be_bytes())
                .collect(),
        ),
        (
            SampleType::I16,
            values().flat_map(|v| (v as i16).to_be_bytes()).collect(),
        ),
        (
            SampleType::F32,
            values()
                .flat_map(|v| (v as f32 / 7.0).to_be_bytes())
                .collect(),
        ),
    ] {
        let bytes: Vec<u8> = bytes;
        let big = FrameLayout::new(16, 64, sample_type).byte_order(ByteOrder::Big);
        let picture = shown(&bytes, big);
        is_near(&picture, 0, 7, [0; 3]);
        is_near(&picture, 63, 7, [255; 3]);
        is_near(&picture, 32, 7, [129; 3]);
        let width = usize::from(sample_type.bytes());
        let swapped: Vec<u8> = bytes
            .chunks(width)
            .flat_map(|b| b.iter().rev().copied())
            .collect();
        let little = FrameLayout::new(16, 64, sample_type).byte_order(ByteOrder::Little);
        assert_eq!(shown(&swapped, little), picture);
    }
}

#[test]
fn what_is_no_number_is_black_and_changes_nothing_else() {
    let mut values = [[f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::NAN]; 4].concat();
    values.extend([-1.0, -1.0, 1.0, 1.0].repeat(4));
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_ne_bytes()).collect();
    let picture = shown(&bytes, FrameLayout::new(8, 4, SampleType::F32));
    assert_eq!((picture.width(), picture.height()), (4, 8));
    let all_nan: Vec<u8> = f32::NAN.to_ne_bytes().repeat(64);
    is_near(
        &shown(&all_nan, FrameLayout::new(8, 8, SampleType::F32)),
        4,
        4,
        [0; 3],
    );
}

#[test]
fn colours_of_sixteen_bits_keep_their_brightness() {
    let layout = FrameLayout::new(8, 8, SampleType::U16)
        .photometric_interpretation(Meaning::Rgb)
        .bits_stored(12);
    let pixel: Vec<u8> = [4_095_u16, 2_048, 0]
        .iter()
        .flat_map(|v| v.to_ne_bytes())
        .collect();
    is_near(&shown(&pixel.repeat(64), layout), 4, 4, [255, 128, 0]);
}

#[test]
fn large_frames_become_small_and_keep_their_shape() {
    for (rows, columns, expected) in [
        (1_024, 2_048, (512, 256)),
        (3, 4_000, (512, 1)),
        (700, 1, (1, 512)),
        (300, 200, (200, 300)),
    ] {
        let layout = FrameLayout::new(rows, columns, SampleType::U8);
        let samples = vec![77; usize::try_from(layout.packed_bytes()).unwrap()];
        let picture = shown(&samples, layout);
        assert_eq!((picture.width(), picture.height()), expected);
        is_near(&picture, expected.0 / 2, expected.1 / 2, [77; 3]);
    }
}

#[test]
fn what_lies_between_rows_is_not_seen() {
    let layout = FrameLayout::new(9, 9, SampleType::U8);
    let mut memory = vec![255; 9 * 20];
    memory.chunks_mut(20).for_each(|row| row[..9].fill(40));
    let frame = RawFrame::with_stride(&memory, layout, 20).unwrap();
    let preview = make_frame_preview(&frame).unwrap();
    let packed = make_frame_preview(&RawFrame::new(&[40; 81], layout).unwrap()).unwrap();
    assert_eq!(preview, packed);
}

#[test]
fn nobody_guesses_what_several_samples_mean() {
    let layout = FrameLayout::new(2, 2, SampleType::U8).samples_per_pixel(3);
    let refused = make_frame_preview(&RawFrame::new(&[1; 12], layout).unwrap());
    assert!(matches!(refused, Err(DecodeError::Unsupported(_))));
}
