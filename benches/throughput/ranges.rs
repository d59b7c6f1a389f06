//! Reading here and there in a sealed image, as a viewer does.

use std::io::{Cursor, Read, Seek, SeekFrom};

use criterion::{Criterion, Throughput};
use secimg::io::OpenReader;
use secimg::{Image, OpenOptions, SealOptions, encrypt};

use crate::{Result, noise, raw_key};

const LEN: usize = 32 << 20;
/// From one range to the next, so that no chunk that was kept is read again: an odd part of the whole.
const STRIDE: u64 = 7_654_321;

pub(crate) fn measure(criterion: &mut Criterion) -> Result {
    let key = raw_key()?;
    let image = Image::new(noise(LEN));
    let sealed = encrypt(&image, &SealOptions::new().recipient(key.clone()))?;
    let open = OpenOptions::new().identity(key);
    let mut reader = OpenReader::open(Cursor::new(&sealed), &open)?;
    let mut group = criterion.benchmark_group("range of 32 MiB");
    for (name, len) in [("4 KiB", 4 << 10), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20)] {
        let mut range = vec![0; len];
        let last = (LEN - len) as u64;
        let mut at = STRIDE;
        let mut read = |range: &mut [u8]| {
            at = (at + STRIDE) % last;
            reader.seek(SeekFrom::Start(at))?;
            reader.read_exact(range).map(|()| at)
        };
        let at = usize::try_from(read(&mut range)?)?;
        assert_eq!(range, image.bytes[at..at + len]);
        group.throughput(Throughput::Bytes(len as u64));
        group.bench_function(name, |bencher| bencher.iter(|| read(&mut range)));
    }
    group.finish();
    Ok(())
}
