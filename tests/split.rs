//! However input and output are cut into pieces, events and bytes are the same, in both directions.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

use proptest::prelude::*;
use secimg::content::Manifest;
use secimg::crypto::{Random, SUITES};
use secimg::format::ChunkSize;
use secimg::stream::{SealEvent, Sealer};
use secimg::{Image, SealError, encrypt_series};
use support::{Counter, drive, ed25519, pattern, small, small_identity};

fn series(lens: &[usize]) -> Vec<Image> {
    let named = |(i, len): (usize, &usize)| Image::new(pattern(*len)).named(&format!("{i}.raw"));
    lens.iter().enumerate().map(named).collect()
}

/// Seals two items, one of declared length and one not, a checkpoint between, in pieces.
fn seal_in_pieces(lens: [usize; 2], inputs: &[usize], outputs: &[usize]) -> Vec<u8> {
    let mut counter = Counter(0);
    let mut rng = Random::new(&mut counter);
    let options = small().signer(ed25519().signer().unwrap());
    let mut sealer = Sealer::with_rng(&options, &mut rng).unwrap();
    let mut stream = Vec::new();
    let (mut pieces, mut rooms) = (inputs.iter().cycle(), outputs.iter().cycle());
    for (item, declared) in [(0, true), (1, false)] {
        let image = pattern(lens[item]);
        let manifest = Manifest::new("opaque", "application/octet-stream");
        sealer
            .start_item(&manifest, declared.then_some(image.len() as u64))
            .unwrap();
        let mut rest = image.as_slice();
        while !rest.is_empty() {
            let len = rest.len().min(*pieces.next().unwrap());
            let mut output = vec![0; *rooms.next().unwrap()];
            let step = sealer.update(&rest[..len], &mut output).unwrap();
            rest = &rest[step.consumed..];
            stream.extend_from_slice(&output[..step.produced]);
        }
        sealer.end_item().unwrap();
        if declared {
            sealer.checkpoint_with_rng(&mut rng).unwrap();
        }
    }
    sealer.finish_with_rng(&mut rng).unwrap();
    loop {
        let mut output = vec![0; *rooms.next().unwrap()];
        let step = sealer.update(&[], &mut output).unwrap();
        stream.extend_from_slice(&output[..step.produced]);
        if step.event == SealEvent::Finished {
            return stream;
        }
    }
}

#[test]
fn lengths_around_every_boundary_survive() {
    let chunk = ChunkSize::MIN.bytes();
    // What stands before the data in the first chunk, so that lengths hit the content's boundaries too.
    let head = chunk - 64..chunk + 64;
    let mut lens: Vec<usize> = vec![0, 1, 15, 16, 17, chunk - 1, chunk, chunk + 1];
    lens.extend(head);
    lens.extend([
        2 * chunk - 1,
        2 * chunk,
        2 * chunk + 1,
        5 * chunk,
        70 * chunk + 3,
    ]);
    for suite in SUITES {
        for signed in [false, true] {
            for len in &lens {
                let mut options = small().suite(suite);
                if signed {
                    options = options.signer(ed25519().signer().unwrap());
                }
                let images = series(&[*len]);
                let sealed = encrypt_series(&images, &options).unwrap();
                let opened = secimg::decrypt(&sealed, &small_identity()).unwrap();
                assert_eq!(
                    opened.images[0].bytes, images[0].bytes,
                    "{} {len}",
                    suite.name
                );
                let (told, seen) = (opened.report.report(), secimg::inspect(&sealed).unwrap());
                assert_eq!(seen.stream_bytes, sealed.len() as u64);
                assert_eq!(told.stream_bytes, seen.stream_bytes);
                assert_eq!(told.chunks, seen.chunks);
            }
        }
    }
    say!(
        "{} lengths, {} suites, signed and not",
        lens.len(),
        SUITES.len()
    );
}

#[test]
fn one_byte_at_a_time_gives_the_same() {
    for suite in SUITES {
        let options = small().suite(suite).signer(ed25519().signer().unwrap());
        let sealed = encrypt_series(&series(&[0, 1, 5000, 10_000]), &options).unwrap();
        let whole = drive(&sealed, &small_identity(), &[usize::MAX], &[1 << 20]);
        assert!(whole.end.is_ok());
        for (inputs, outputs) in [
            (&[1][..], &[1][..]),
            (&[1], &[7, 1 << 20]),
            (&[4096, 3], &[1]),
        ] {
            let cut = drive(&sealed, &small_identity(), inputs, outputs);
            assert_eq!(
                (&cut.events, &cut.released),
                (&whole.events, &whole.released)
            );
            assert_eq!(cut.end, whole.end);
        }
    }
}

#[test]
fn sealing_in_pieces_gives_the_same_stream() {
    let lens = [9000, (1 << 20) + 5000];
    let whole = seal_in_pieces(lens, &[usize::MAX], &[1 << 21]);
    let trace = drive(&whole, &small_identity(), &[usize::MAX], &[1 << 20]);
    assert!(trace.end.is_ok(), "{:?}", trace.end);
    assert_eq!(trace.released.len(), lens[0] + lens[1]);
    assert!(
        trace
            .events
            .iter()
            .any(|event| event.contains("Checkpoint"))
    );
    for (inputs, outputs) in [
        (&[1][..], &[1 << 20][..]),
        (&[100_000], &[5]),
        (&[4095, 1], &[97]),
    ] {
        assert_eq!(seal_in_pieces(lens, inputs, outputs), whole);
    }
}

/// Chunks of a mebibyte and more are collected one at a time, and nothing else fits beside them.
#[test]
fn a_chunk_that_comes_in_pieces_fills_the_whole_buffer() {
    let mebibyte = ChunkSize::from_log2(20).unwrap();
    for suite in SUITES {
        let options = small().suite(suite).chunk_size(mebibyte);
        let sealed = encrypt_series(&series(&[(5 << 19) + 7]), &options).unwrap();
        let trace = drive(&sealed, &small_identity(), &[100_000], &[30_000]);
        assert!(trace.end.is_ok(), "{:?}", trace.end);
        assert_eq!(trace.released, pattern((5 << 19) + 7));
    }
}

#[test]
fn a_sealer_says_what_its_stream_will() {
    let mut sealer = Sealer::new(&small()).unwrap();
    let (id, mut stream) = (sealer.transfer_id(), vec![0; 1 << 16]);
    let manifest = Manifest::new("opaque", "application/octet-stream");
    sealer.start_item(&manifest, Some(3)).unwrap();
    let begun = sealer.update(b"abc", &mut stream).unwrap();
    assert_eq!(begun.consumed, 3);
    assert!(sealer.digests().is_empty());
    sealer.end_item().unwrap();
    sealer.finish().unwrap();
    let ended = sealer.update(&[], &mut stream[begun.produced..]).unwrap();
    let stream = &stream[..begun.produced + ended.produced];
    let opened = secimg::decrypt(stream, &small_identity()).unwrap();
    let report = opened.report.report();
    assert_eq!(report.transfer_id, id);
    assert_eq!(sealer.digests(), [report.items[0].sha256.unwrap()]);
}

#[test]
fn input_behind_the_end_is_refused_and_harms_nothing() {
    let mut sealer = Sealer::new(&small()).unwrap();
    sealer.finish().unwrap();
    assert_eq!(
        sealer.update(b"more", &mut [0; 10]).unwrap_err(),
        SealError::Finished
    );
    let mut output = vec![0; 1 << 16];
    let step = sealer.update(&[], &mut output).unwrap();
    assert_eq!(step.event, SealEvent::Finished);
    let opened = secimg::decrypt(&output[..step.produced], &small_identity()).unwrap();
    assert!(opened.images.is_empty());
}

/// How many random cases: 64, or what `PROPTEST_CASES` says.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").map_or(64, |cases| cases.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn any_split_gives_the_same(
        lens in prop::collection::vec(0_usize..9000, 0..4),
        inputs in prop::collection::vec(1_usize..6000, 1..5),
        outputs in prop::collection::vec(1_usize..6000, 1..5),
        suite in 0..SUITES.len(),
    ) {
        let sealed = encrypt_series(&series(&lens), &small().suite(SUITES[suite])).unwrap();
        let whole = drive(&sealed, &small_identity(), &[usize::MAX], &[1 << 20]);
        let cut = drive(&sealed, &small_identity(), &inputs, &outputs);
        prop_assert!(whole.end.is_ok());
        prop_assert_eq!((cut.events, cut.released, cut.end), (whole.events, whole.released, whole.end));
    }
}
