//! Every count and every number of threads gives what one chunk after the other gives.

use core::num::NonZeroUsize;

use sha2::{Digest, Sha256};

use super::*;
use crate::crypto::{Cek, SUITES, StreamKeys};
use crate::format::{ChunkSize, Core, Flags};

fn content(count: usize) -> Vec<u8> {
    (0..count * 4096)
        .map(|i| (i * 7 + i / 4093).to_le_bytes()[0])
        .collect()
}

/// Frames, and leaves, made one after the other.
fn one_by_one(keys: &dyn ChunkKeys, geometry: Geometry, content: &[u8]) -> (Vec<u8>, Vec<Leaf>) {
    let (mut frames, mut leaves) = (Vec::new(), Vec::new());
    for (index, chunk) in (5..).zip(content.chunks(4096)) {
        let mut body = [chunk, &[0; 32][..geometry.layout.tag_len]].concat();
        keys.seal(index, false, 4096, &mut body);
        leaves.push(keys.leaf(&body));
        let length = u32::try_from(body.len()).unwrap();
        frames.extend(FrameHeader::new(FrameKind::Chunk, length).to_bytes());
        frames.extend(body);
    }
    (frames, leaves)
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn each(mut check: impl FnMut(&dyn ChunkKeys, Geometry, &Workers, usize)) {
    for suite in SUITES {
        let core = Core::new(suite.id, Flags::new(true), ChunkSize::MIN, [3; 32]);
        let keys = StreamKeys::derive(&Cek::init(|b| b.fill(9)), &core, b"");
        let keys = suite.chunk_keys(&keys);
        let geometry = Geometry::new(ChunkSize::MIN, suite.layout);
        for threads in 1..=3 {
            let workers = Workers::new(NonZeroUsize::new(threads).unwrap());
            for count in 0..=70 {
                check(keys.as_ref(), geometry, &workers, count);
            }
        }
        for count in [0, 1, 20] {
            check(
                &WithoutLanes(keys.as_ref()),
                geometry,
                &Workers::one(),
                count,
            );
        }
    }
}

/// A suite that has no more than it must: the trait handles many of its chunks.
struct WithoutLanes<'a>(&'a dyn ChunkKeys);

impl ChunkKeys for WithoutLanes<'_> {
    fn seal(&self, index: ChunkIndex, last: bool, plain_len: usize, body: &mut [u8]) {
        self.0.seal(index, last, plain_len, body);
    }

    fn open(&self, index: ChunkIndex, last: bool, body: &mut [u8]) -> Result<usize, Unauthentic> {
        self.0.open(index, last, body)
    }

    fn leaf(&self, body: &[u8]) -> Leaf {
        self.0.leaf(body)
    }
}

#[test]
fn no_count_and_no_thread_changes_what_is_sealed() {
    each(|keys, geometry, workers, count| {
        let content = content(count);
        let chunks: Vec<&[u8]> = content.chunks(4096).collect();
        let expected = one_by_one(keys, geometry, &content);
        let mut frames = vec![0xEE; count * geometry.stride()];
        let mut leaves = Vec::new();
        let mut sink = |leaf| leaves.push(leaf);
        let mut hasher = Sha256Stream::new();
        hasher.update(&content[..count]);
        seal_chunks_from(
            keys,
            geometry,
            5,
            &chunks,
            &mut frames,
            workers,
            Some(Beside::new(&mut hasher, &content[count..])),
            Some(&mut sink),
        );
        assert!(
            (frames.clone(), leaves.clone()) == expected,
            "{count} from elsewhere"
        );
        assert_eq!(hasher.finalize(), hash(&content), "{count}");
        for (frame, chunk) in frames.chunks_mut(geometry.stride()).zip(chunks) {
            frame.fill(0xEE);
            frame[FRAME_HEADER_LEN..][..4096].copy_from_slice(chunk);
        }
        leaves.clear();
        let mut sink = |leaf| leaves.push(leaf);
        seal_chunks(keys, geometry, 5, &mut frames, workers, Some(&mut sink));
        assert!((frames, leaves) == expected, "{count} in place");
    });
}

#[test]
fn no_count_and_no_thread_changes_what_is_opened_and_where_it_ends() {
    each(|keys, geometry, workers, count| {
        let content = content(count);
        let (sealed, expected) = one_by_one(keys, geometry, &content);
        for wrong in [None, Some(0), Some(count / 2), count.checked_sub(1)] {
            let mut sealed = sealed.clone();
            let good = match wrong.filter(|wrong| *wrong < count) {
                Some(wrong) => {
                    sealed[wrong * geometry.stride() + 99] ^= 4;
                    wrong
                }
                None => count,
            };
            let frames: Vec<&[u8]> = sealed.chunks(geometry.stride()).collect();
            let (mut opened, mut leaves) = (vec![0xEE; content.len()], Vec::new());
            let mut hasher = Sha256Stream::new();
            let mut sink = |leaf| leaves.push(leaf);
            let held = open_chunks_into(
                keys,
                geometry,
                5,
                &frames,
                &mut opened,
                workers,
                Some(&mut hasher),
                Some(&mut sink),
            );
            assert_eq!(
                hasher.finalize(),
                hash(&content[..good * 4096]),
                "{good} of {count}"
            );
            assert_eq!(held, good, "of {count}");
            assert!(leaves == expected[..good], "{good} of {count}");
            let (whole, rest) = opened.split_at(good * 4096);
            assert!(whole == &content[..good * 4096], "{good} of {count}");
            assert!(
                rest.iter().all(|byte| *byte == 0),
                "wiped behind {good} of {count}"
            );
            assert_eq!(
                open_chunks(keys, geometry, 5, &mut sealed, workers, None),
                good
            );
            for (index, frame) in sealed.chunks(geometry.stride()).enumerate() {
                let expected = &content[index * 4096..][..4096];
                assert_eq!(&frame[FRAME_HEADER_LEN..][..4096] == expected, index < good);
            }
        }
    });
}
