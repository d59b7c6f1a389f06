//! What is made of pictures beside a stream: previews, digests of pixels, metadata removal, redaction. Speeds are of pixels, three
//! bytes each, but for metadata removal, which decodes nothing: there they are of the file.

use std::io::Cursor;

use criterion::{Criterion, Throughput};
use image::{ImageFormat, Rgb, RgbImage};
use secimg::preview::{make_preview, pixel_digest};
use secimg::redact::{Rect, Redaction, redact};
use secimg::strip::strip;
use secimg::{Image, SealOptions};

use crate::{Result, noise, raw_key};

/// As many pixels as a small camera has.
const SIZE: (u32, u32) = (2_000, 1_500);

pub(crate) fn measure(criterion: &mut Criterion) -> Result {
    let pixels = picture();
    let file = |format| -> Result<Vec<u8>> {
        let mut bytes = Cursor::new(Vec::new());
        pixels.write_to(&mut bytes, format)?;
        Ok(bytes.into_inner())
    };
    let (jpeg, png) = (file(ImageFormat::Jpeg)?, file(ImageFormat::Png)?);
    let mut group = criterion.benchmark_group("picture of 3 megapixels");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(pixels.as_raw().len() as u64));
    group.bench_function("preview of a JPEG", |bencher| {
        bencher.iter(|| make_preview(&jpeg));
    });
    group.bench_function("preview of a PNG", |bencher| {
        bencher.iter(|| make_preview(&png));
    });
    group.bench_function("digest of the pixels of a PNG", |bencher| {
        bencher.iter(|| pixel_digest(&png));
    });
    let options = SealOptions::new().recipient(raw_key()?);
    let redaction = Redaction::new().rect(Rect::new(200, 200, 300, 200).ok_or("no rectangle")?);
    let image = Image::new(png.as_slice());
    group.bench_function("redact a PNG", |bencher| {
        bencher.iter(|| redact(&image, &redaction, &options));
    });
    group.throughput(Throughput::Bytes(jpeg.len() as u64));
    group.bench_function("strip a JPEG", |bencher| {
        bencher.iter(|| strip(&jpeg));
    });
    group.finish();
    Ok(())
}

/// Smooth, with the noise of a sensor.
fn picture() -> RgbImage {
    let noise = noise(SIZE.0 as usize * SIZE.1 as usize);
    let mut noise = noise.into_iter();
    RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        let grain = noise.next().unwrap_or_default() & 7;
        let shade = |value: u32| value.to_le_bytes()[0].saturating_add(grain);
        Rgb([shade(x / 8), shade(y / 6), shade((x + y) / 14)])
    })
}
