//! The lanes: sixteen chunks sealed and opened side by side on one thread, without a stream around them; and SHA-256 alone.

use criterion::{Criterion, Throughput};
use secimg::crypto::batch::{open_chunks_into, seal_chunks_from};
use secimg::crypto::{Cek, SUITES, StreamKeys, Suite, Workers};
use secimg::format::{ChunkSize, Core, Flags, Geometry};
use secimg::hash::Sha256Stream;

use crate::{Result, noise};

const CHUNKS: usize = 16;

pub(crate) fn measure(criterion: &mut Criterion) -> Result {
    let plain = noise(CHUNKS * ChunkSize::DEFAULT.bytes());
    for suite in SUITES {
        both(criterion, suite, &plain)?;
    }
    let mut group = criterion.benchmark_group("hash");
    group.throughput(Throughput::Bytes(plain.len() as u64));
    group.bench_function("SHA-256, one lane", |bencher| {
        bencher.iter(|| {
            let mut hasher = Sha256Stream::new();
            hasher.update(&plain);
            hasher.finalize()
        });
    });
    group.finish();
    Ok(())
}

fn both(criterion: &mut Criterion, suite: &Suite, plain: &[u8]) -> Result {
    let (size, salt) = (ChunkSize::DEFAULT, [3; 32]);
    let core = Core::new(suite.id, Flags::new(false), size, salt);
    let keys = suite.chunk_keys(&StreamKeys::derive(
        &Cek::init(|cek| cek.fill(9)),
        &core,
        &[],
    ));
    let geometry = Geometry::new(size, suite.layout);
    let workers = Workers::one();
    let contents: Vec<&[u8]> = plain.chunks(size.bytes()).collect();
    let mut frames = vec![0xA5; CHUNKS * geometry.stride()];
    let mut seal = || {
        seal_chunks_from(
            &*keys,
            geometry,
            0,
            &contents,
            &mut frames,
            &workers,
            None,
            None,
        );
    };
    seal();
    let mut group = criterion.benchmark_group("16 chunks of 64 KiB");
    group.throughput(Throughput::Bytes(plain.len() as u64));
    group.bench_function(format!("seal: {}", suite.short_name), |bencher| {
        bencher.iter(&mut seal);
    });
    let frames: Vec<&[u8]> = frames.chunks(geometry.stride()).collect();
    let mut opened = vec![0xA5; plain.len()];
    let mut open = || {
        open_chunks_into(
            &*keys,
            geometry,
            0,
            &frames,
            &mut opened,
            &workers,
            None,
            None,
        )
    };
    if open() != CHUNKS {
        return Err("a chunk does not open".into());
    }
    group.bench_function(format!("open: {}", suite.short_name), |bencher| {
        bencher.iter(&mut open);
    });
    group.finish();
    Ok(())
}
