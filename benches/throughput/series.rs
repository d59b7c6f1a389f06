//! A long series: what so many items cost beside their bytes, and reading its index to get at one of them.

use std::io::{Cursor, Read};

use criterion::{Criterion, Throughput};
use secimg::io::OpenReader;
use secimg::{Image, OpenOptions, SealOptions, encrypt_series};

use crate::{Result, noise, raw_key};

const SLICES: usize = 2_047;
const SLICE: usize = 2_048;

pub(crate) fn measure(criterion: &mut Criterion) -> Result {
    let key = raw_key()?;
    let seal = SealOptions::new().recipient(key.clone());
    let open = OpenOptions::new().identity(key);
    let name = |number| format!("series/slice-{number:04}.pgm");
    let images: Vec<Image> = (0..SLICES)
        .map(|number| Image::new(noise(SLICE)).named(&name(number)))
        .collect();
    let sealed = encrypt_series(&images, &seal)?;
    let read = |number| -> Result<Vec<u8>> {
        let mut reader = OpenReader::open(Cursor::new(&sealed), &open)?;
        reader.select(number)?;
        let mut slice = vec![0; SLICE];
        reader.read_exact(&mut slice)?;
        Ok(slice)
    };
    assert_eq!(read(SLICES / 2)?, images[SLICES / 2].bytes);
    let mut group = criterion.benchmark_group("series of 2047 slices");
    group.throughput(Throughput::Elements(SLICES as u64));
    group.bench_function("seal", |bencher| {
        bencher.iter(|| encrypt_series(&images, &seal));
    });
    group.bench_function("index", |bencher| {
        bencher.iter(|| OpenReader::open(Cursor::new(&sealed), &open));
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("one in the middle", |bencher| {
        bencher.iter(|| read(SLICES / 2));
    });
    group.finish();
    Ok(())
}
