//! Raw frames: the coder alone, and sealing with and without it. Speeds are of samples, not of what they become.
//!
//! The frame is made here: 12 bits, smooth, with the noise of a scan. With `SECIMG_CORPUS` set, the CT slice of the corpus as well.

use std::path::PathBuf;

use criterion::{Criterion, Throughput};
use secimg::image::{ByteOrder, Compression, FrameLayout, FrameMut, RawFrame, SampleType};
use secimg::{ImageDescription, OpenOptions, SealOptions, decrypt, encrypt_frames};

use crate::{Result, noise, raw_key};

pub(crate) fn measure(criterion: &mut Criterion) -> Result {
    let made = FrameLayout::new(1024, 1024, SampleType::U16).byte_order(ByteOrder::Little);
    one(criterion, "made 1024x1024", made, &scan(1024))?;
    if let Some(corpus) = std::env::var_os("SECIMG_CORPUS") {
        let path = PathBuf::from(corpus).join("images/raw/CT1_512x512_i16le.raw");
        let slice = FrameLayout::new(512, 512, SampleType::I16).byte_order(ByteOrder::Little);
        one(criterion, "CT1 512x512", slice, &std::fs::read(path)?)?;
    }
    Ok(())
}

/// A bright disc with soft edges, and noise of a few bits.
fn scan(side: i64) -> Vec<u8> {
    let noise = noise(usize::try_from(side * side).unwrap_or_default());
    let mut samples = Vec::with_capacity(noise.len() * 2);
    for (at, noise) in (0..).zip(noise) {
        let (x, y) = (at % side - side / 2, at / side - side / 2);
        let inside = (side * side / 5 - (x * x + y * y)).clamp(0, 1 << 16) >> 6;
        let sample = 300 + inside + x / 8 + i64::from(noise & 7) + i64::from(noise >> 4);
        samples.extend_from_slice(&u16::try_from(sample).unwrap_or_default().to_le_bytes());
    }
    samples
}

fn one(criterion: &mut Criterion, name: &str, layout: FrameLayout, samples: &[u8]) -> Result {
    let frame = RawFrame::new(samples, layout)?;
    let (transform, coded) = frame
        .compress(Compression::Always)
        .ok_or("nothing was compressed")?;
    let digest = frame.sha256();
    let mut back = vec![0; samples.len()];
    let percent = coded.len() * 100 / samples.len();
    let mut group = criterion.benchmark_group(format!("frame {name}, to {percent} %"));
    group.throughput(Throughput::Bytes(samples.len() as u64));
    group.bench_function("compress", |bencher| {
        bencher.iter(|| frame.compress(Compression::Always));
    });
    group.bench_function("decode and hash", |bencher| {
        bencher.iter(|| {
            let mut into = FrameMut::new(&mut back, layout)?;
            into.decode(&layout, transform, &coded, &digest)
        });
    });
    assert!(back == samples);
    let key = raw_key()?;
    let seal = SealOptions::new().recipient(key.clone());
    let open = OpenOptions::new().identity(key);
    let frames = [(frame, ImageDescription::new())];
    for (way, compression) in [
        ("as it is", Compression::Never),
        ("compressed", Compression::Always),
    ] {
        let sealed = encrypt_frames(&frames, compression, &seal)?;
        assert!(decrypt(&sealed, &open)?.images[0].bytes == samples);
        group.bench_function(format!("encrypt {way}"), |bencher| {
            bencher.iter(|| encrypt_frames(&frames, compression, &seal));
        });
        group.bench_function(format!("decrypt {way}"), |bencher| {
            bencher.iter(|| decrypt(&sealed, &open));
        });
    }
    group.finish();
    Ok(())
}
