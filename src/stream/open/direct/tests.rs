//! What goes the short way, to the chunk: who falls back gives the same bytes, only later, so that no other test can see it.

use std::sync::Arc;

use super::*;
use crate::content::Manifest;
use crate::crypto::SUITES;
use crate::format::{ChunkSize, FRAME_HEADER_LEN, Limits};
use crate::keys::{RawKeyRecipient, SymmetricKey};
use crate::stream::{
    HeaderReader, OpenError, OpenEvent, OpenOptions, SealEvent, SealOptions, Sealer,
};

const CHUNK: usize = 4096;
/// Of the item: less than twenty chunks and a half, and two behind the first that holds the manifest.
const ITEM: usize = 20 * CHUNK + 100;

fn key() -> Arc<RawKeyRecipient> {
    let key = SymmetricKey::from_file_bytes(&[7; 32]).unwrap();
    Arc::new(RawKeyRecipient::new(key))
}

fn item() -> Vec<u8> {
    (0..ITEM)
        .map(|i| (i / 7 + i / 4099).to_le_bytes()[0])
        .collect()
}

fn sealed(options: &SealOptions) -> Vec<u8> {
    let mut sealer = Sealer::new(options).unwrap();
    let manifest = Manifest::new("opaque", "application/octet-stream");
    sealer.start_item(&manifest, Some(ITEM as u64)).unwrap();
    let (mut stream, item) = (vec![0; 2 * ITEM], item());
    let begun = sealer.update(&item, &mut stream).unwrap();
    assert_eq!(begun.consumed, ITEM);
    sealer.end_item().unwrap();
    sealer.finish().unwrap();
    let ended = sealer.update(&[], &mut stream[begun.produced..]).unwrap();
    assert_eq!(ended.event, SealEvent::Finished);
    stream.truncate(begun.produced + ended.produced);
    stream
}

/// An opener that has passed the first chunk, what follows it in the stream, and how many bytes of the item came first.
fn behind_the_first<'a>(stream: &'a [u8], options: &OpenOptions) -> (Opener, &'a [u8], usize) {
    let (header, locked) = HeaderReader::new().push(stream).unwrap();
    let unlocked = locked.unwrap().unlock(options).unwrap();
    let mut opener = unlocked.into_opener(options).unwrap();
    let (first, rest) = stream[header..].split_at(opener.geometry.stride());
    let (mut output, mut at, mut used) = (vec![0; CHUNK], 0, 0);
    loop {
        let step = opener.update(&first[used..], &mut output[at..]).unwrap();
        (used, at) = (used + step.consumed, at + step.produced);
        if matches!(step.event, OpenEvent::NeedInput) {
            assert_eq!(used, first.len());
            return (opener, rest, at);
        }
    }
}

fn each(mut check: impl FnMut(&[u8], &OpenOptions)) {
    for suite in SUITES {
        for (threads, digests) in [(1, true), (1, false), (3, true), (3, false)] {
            let options = SealOptions::new().recipient(key()).suite(suite);
            let stream = sealed(&options.chunk_size(ChunkSize::MIN).digests(digests));
            let options = OpenOptions::new().identity(key()).threads(threads);
            check(&stream, &options.digests(digests));
        }
    }
}

/// Gives `begun` bytes first, then `input`, with room for `room` bytes, and returns how many whole frames and chunks went
/// the short way.
fn directly(
    opener: &mut Opener,
    begun: usize,
    input: &[u8],
    room: usize,
    before: usize,
) -> (usize, usize) {
    let stride = opener.geometry.stride();
    let mut output = vec![0; room];
    let filled = opener.fill(&input[..begun]);
    assert_eq!(filled, begun);
    let (used, made) = opener.open_directly(&input[begun..], &mut output);
    assert_eq!(output[..made], item()[before..before + made]);
    if used > 0 {
        assert_eq!((used + begun) % stride, 0);
    }
    (used.div_ceil(stride), made / CHUNK)
}

#[test]
fn whole_chunks_of_an_item_go_the_short_way_as_far_as_there_is_room() {
    each(|stream, options| {
        let stride = behind_the_first(stream, options).0.geometry.stride();
        for begun in [0, 1, FRAME_HEADER_LEN, 100, stride - 1] {
            for (frames, chunks, expected) in [
                (3, 9, 0),
                (4, 9, 4),
                (9, 3, 0),
                (9, 4, 4),
                (18, 18, 18),
                // What remains of the item does not fill the chunk behind them.
                (21, 21, 19),
            ] {
                let (mut opener, rest, before) = behind_the_first(stream, options);
                let input = &rest[..rest.len().min(frames * stride + 50)];
                let room = chunks * CHUNK + 50;
                // A frame that is begun counts once its header is there.
                let expected = if (1..FRAME_HEADER_LEN).contains(&begun) {
                    0
                } else {
                    expected
                };
                let went = directly(&mut opener, begun, input, room, before);
                assert_eq!(went, (expected, expected), "{begun} {frames} {chunks}");
                assert!(opener.deferred.is_none());
            }
        }
    });
}

#[test]
fn a_frame_that_is_none_ends_the_short_way_before_it() {
    each(|stream, options| {
        let (opener, rest, _) = behind_the_first(stream, options);
        let stride = opener.geometry.stride();
        for at in 0..8 {
            // Another kind, another length.
            for byte in 0..FRAME_HEADER_LEN {
                let (mut opener, _, before) = behind_the_first(stream, options);
                let mut rest = rest.to_vec();
                rest[at * stride + byte] ^= 1;
                let went = directly(&mut opener, 0, &rest, ITEM, before);
                let expected = if at < FEWEST { 0 } else { at };
                assert_eq!(went, (expected, expected), "frame {at}, byte {byte}");
                assert!(opener.deferred.is_none());
            }
        }
    });
}

#[test]
fn a_false_tag_ends_it_and_is_said_behind_what_came_before() {
    each(|stream, options| {
        let (opener, rest, _) = behind_the_first(stream, options);
        let stride = opener.geometry.stride();
        for (at, begun) in [(0, 0), (0, 50), (1, 50), (7, 0), (16, 0), (17, 50)] {
            let (mut opener, _, before) = behind_the_first(stream, options);
            let mut rest = rest.to_vec();
            rest[at * stride + stride - 1] ^= 1;
            let went = directly(&mut opener, begun, &rest, ITEM, before);
            assert_eq!(went, (19, at), "frame {at}");
            assert!(matches!(opener.deferred, Some(OpenError::NotAuthentic(_))));
        }
    });
}

#[test]
fn the_callers_limit_ends_it_to_the_byte() {
    each(|stream, options| {
        let (opener, rest, _) = behind_the_first(stream, options);
        let stride = opener.geometry.stride();
        let passed = stream.len() - rest.len();
        for (limit, expected) in [(6 * stride, 6), (6 * stride - 1, 5), (4 * stride - 1, 0)] {
            let limits = Limits::DEFAULT.stream_bytes((passed + limit) as u64);
            let (mut opener, rest, before) =
                behind_the_first(stream, &options.clone().limits(limits));
            let went = directly(&mut opener, 0, rest, ITEM, before);
            assert_eq!(went, (expected, expected), "{limit}");
        }
    });
}
