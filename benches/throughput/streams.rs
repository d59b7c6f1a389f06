//! Whole streams through the machines, from one buffer to another: header, manifest, content and end.

use criterion::{Criterion, Throughput};
use secimg::content::Manifest;
use secimg::crypto::SUITES;
use secimg::stream::{HeaderReader, OpenEvent, Opener, SealEvent, Sealer};
use secimg::{OpenOptions, SealOptions};

use crate::{Result, noise, raw_key};

const LEN: usize = 16 << 20;
/// More than header, tags and end take.
const ROOM: usize = LEN + (1 << 20);

pub(crate) fn measure(criterion: &mut Criterion) -> Result {
    let threads: &[usize] = if cfg!(feature = "parallel") {
        &[1, 2]
    } else {
        &[1]
    };
    let plain = noise(LEN);
    for suite in SUITES {
        for &threads in threads {
            for digests in [false, true] {
                let key = raw_key()?;
                let seal = SealOptions::new().recipient(key.clone()).suite(suite);
                let seal = seal.threads(threads).digests(digests);
                let open = OpenOptions::new().identity(key).threads(threads);
                let digest = if digests { ", digest" } else { "" };
                let plural = if threads == 1 { "" } else { "s" };
                let name = format!("{}, {threads} thread{plural}{digest}", suite.short_name);
                both(criterion, &name, &plain, &seal, &open.digests(digests))?;
            }
        }
    }
    Ok(())
}

fn both(
    criterion: &mut Criterion,
    name: &str,
    plain: &[u8],
    seal: &SealOptions,
    open: &OpenOptions,
) -> Result {
    let (mut sealed, mut opened) = (vec![0xA5; ROOM], vec![0xA5; ROOM]);
    let len = seal_into(seal, plain, &mut sealed)?;
    let stream = sealed[..len].to_vec();
    let opened_len = open_into(open, &stream, &mut opened)?;
    assert_eq!(&opened[..opened_len], plain, "what was sealed");
    let mut group = criterion.benchmark_group("stream of 16 MiB");
    group.throughput(Throughput::Bytes(LEN as u64));
    group.bench_function(format!("seal: {name}"), |bencher| {
        bencher.iter(|| seal_into(seal, plain, &mut sealed));
    });
    group.bench_function(format!("open: {name}"), |bencher| {
        bencher.iter(|| open_into(open, &stream, &mut opened));
    });
    group.finish();
    Ok(())
}

fn seal_into(options: &SealOptions, plain: &[u8], sealed: &mut [u8]) -> Result<usize> {
    let manifest = Manifest::new("opaque", "application/octet-stream");
    let mut machine = Sealer::new(options)?;
    machine.start_item(&manifest, Some(plain.len() as u64))?;
    let mut len = push(&mut machine, plain, sealed)?;
    machine.end_item()?;
    machine.finish()?;
    len += push(&mut machine, &[], &mut sealed[len..])?;
    Ok(len)
}

fn push(sealer: &mut Sealer, mut input: &[u8], output: &mut [u8]) -> Result<usize> {
    let mut len = 0;
    loop {
        let step = sealer.update(input, &mut output[len..])?;
        input = &input[step.consumed..];
        len += step.produced;
        match step.event {
            SealEvent::OutputFull => return Err("no room for the stream".into()),
            SealEvent::NeedInput if !input.is_empty() => {}
            _ => return Ok(len),
        }
    }
}

fn open_into(options: &OpenOptions, sealed: &[u8], plain: &mut [u8]) -> Result<usize> {
    let (used, locked) = HeaderReader::new().push(sealed)?;
    let unlocked = locked.ok_or("a header that is cut")?.unlock(options)?;
    let mut opener = unlocked.into_opener(options)?;
    let len = pull(&mut opener, &sealed[used..], plain)?;
    opener.finish()?;
    Ok(len)
}

fn pull(opener: &mut Opener, mut input: &[u8], output: &mut [u8]) -> Result<usize> {
    let mut len = 0;
    loop {
        let step = opener.update(input, &mut output[len..])?;
        input = &input[step.consumed..];
        len += step.produced;
        match step.event {
            OpenEvent::Finished | OpenEvent::NeedInput => return Ok(len),
            OpenEvent::Data if step.produced == 0 => return Err("no room for the item".into()),
            _ => {}
        }
    }
}
