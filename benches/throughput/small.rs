//! What one image costs as people have them: `encrypt` and `decrypt`, memory for the result included.

use criterion::{Criterion, Throughput};
use secimg::{Image, OpenOptions, SealOptions, decrypt, encrypt};

use crate::{Result, noise, raw_key};

const SIZES: [(&str, usize); 4] = [
    ("1 KiB", 1 << 10),
    ("64 KiB", 64 << 10),
    ("512 KiB", 512 << 10),
    ("5 MiB", 5 << 20),
];

pub(crate) fn measure(criterion: &mut Criterion) -> Result {
    let key = raw_key()?;
    let seal = SealOptions::new().recipient(key.clone());
    let open = OpenOptions::new().identity(key);
    let mut group = criterion.benchmark_group("image");
    for (name, len) in SIZES {
        let image = Image::new(noise(len)).named("slice.pgm");
        let sealed = encrypt(&image, &seal)?;
        assert_eq!(decrypt(&sealed, &open)?.images[0].bytes, image.bytes);
        group.throughput(Throughput::Bytes(len as u64));
        group.bench_function(format!("encrypt: {name}"), |bencher| {
            bencher.iter(|| encrypt(&image, &seal));
        });
        group.bench_function(format!("decrypt: {name}"), |bencher| {
            bencher.iter(|| decrypt(&sealed, &open));
        });
    }
    group.finish();
    Ok(())
}
