//! The short way: whole chunks of an item go from the caller's input to the caller's output, opened on the way.

use crate::crypto::{ChunkKeys, Unauthentic, Workers, batch};
use crate::format::{ChunkIndex, Geometry};
use crate::hash::Sha256Stream;
use crate::stream::signature::Leaves;

use super::Opener;

/// Fewer chunks go through the buffer, where more come together.
const FEWEST: usize = 4;
/// The most chunks that are opened while those before them are hashed.
const MOST: usize = 16;

impl Opener {
    /// Opens whole chunks that hold nothing but an item's data, and returns how many bytes of `input` were used and of
    /// `output` written: none where there are not enough for it.
    pub(super) fn open_directly(&mut self, input: &[u8], output: &mut [u8]) -> (usize, usize) {
        let (chunk, stride) = (self.geometry.chunk_size.bytes(), self.geometry.stride());
        let Some(missing) = self.intake.missing().filter(|len| *len <= input.len()) else {
            return (0, 0);
        };
        let begun = usize::from(missing > 0);
        let left = usize::try_from(self.parser.data_left()).unwrap_or(usize::MAX);
        let room = (output.len().min(left) / chunk).saturating_sub(begun);
        let (geometry, limits) = (self.geometry, &self.limits);
        let frames = input[missing..]
            .chunks_exact(stride)
            .zip(begun..)
            .take(room);
        let accepted = frames.take_while(|(f, n)| self.intake.accepts(f, *n, geometry, limits));
        let count = begun + accepted.count();
        if count < FEWEST {
            return (0, 0);
        }
        let used = missing + (count - begun) * stride;
        self.intake.fill(&input[..missing], geometry, limits);
        (
            used,
            self.open_between(&input[missing..used], begun, &mut output[..count * chunk]),
        )
    }

    /// Opens the frame in the buffer, if one is `begun`, and those of `input`, and returns how much content that gave.
    fn open_between(&mut self, input: &[u8], begun: usize, output: &mut [u8]) -> usize {
        let stride = self.geometry.stride();
        let buffered = &self.intake.buffer[..begun * stride];
        let frames = buffered
            .chunks_exact(stride)
            .chain(input.chunks_exact(stride));
        let frames: Vec<&[u8]> = frames.collect();
        let mut work = Work {
            keys: self.unlocked.chunks.as_ref(),
            geometry: self.geometry,
            workers: &self.workers,
            hasher: self.parser.hasher(),
            leaves: self
                .unlocked
                .header
                .core
                .flags
                .signed
                .then_some(&mut self.leaves),
        };
        let opened = if self.workers.are_one() || work.hasher.is_none() {
            work.open_and_hash(self.intake.index, &frames, output)
        } else {
            work.open_beside_hashing(self.intake.index, &frames, output)
        };
        if opened < frames.len() {
            self.deferred = Some(Unauthentic.into());
        }
        let len = opened * self.geometry.chunk_size.bytes();
        self.parser.pass_data(len as u64);
        self.intake.pass(frames.len(), self.geometry);
        len
    }
}

/// What opens chunks, and what takes their contents and leaves.
struct Work<'a> {
    keys: &'a dyn ChunkKeys,
    geometry: Geometry,
    workers: &'a Workers,
    hasher: Option<&'a mut Sha256Stream>,
    leaves: Option<&'a mut Leaves>,
}

impl Work<'_> {
    /// With one thread a chunk is hashed while the next ones are opened, in the same instructions where the processor can;
    /// without a hash all threads open.
    fn open_and_hash(&mut self, first: ChunkIndex, frames: &[&[u8]], output: &mut [u8]) -> usize {
        let hasher = self.hasher.as_deref_mut();
        open(
            self.keys,
            self.geometry,
            self.workers,
            first,
            frames,
            output,
            hasher,
            &mut self.leaves,
        )
    }

    /// With several, one hashes the chunks before while the others open more.
    fn open_beside_hashing(
        &mut self,
        first: ChunkIndex,
        frames: &[&[u8]],
        output: &mut [u8],
    ) -> usize {
        let chunk = self.geometry.chunk_size.bytes();
        let (mut opened, mut behind) = (0, 0);
        for (first, frames) in (first..).step_by(MOST).zip(frames.chunks(MOST)) {
            let (done, rest) = output.split_at_mut(opened * chunk);
            let contents = &mut rest[..frames.len() * chunk];
            let (keys, geometry, workers) = (self.keys, self.geometry, self.workers);
            let (hasher, leaves) = (&mut self.hasher, &mut self.leaves);
            let mut count = 0;
            workers.both(
                || update(hasher, &done[behind..]),
                || {
                    count = open(
                        keys, geometry, workers, first, frames, contents, None, leaves,
                    );
                },
            );
            behind = done.len();
            opened += count;
            if count < frames.len() {
                break;
            }
        }
        update(&mut self.hasher, &output[behind..opened * chunk]);
        opened
    }
}

fn update(hasher: &mut Option<&mut Sha256Stream>, bytes: &[u8]) {
    if let Some(hasher) = hasher {
        hasher.update(bytes);
    }
}

fn open(
    keys: &dyn ChunkKeys,
    geometry: Geometry,
    workers: &Workers,
    first: ChunkIndex,
    frames: &[&[u8]],
    contents: &mut [u8],
    hasher: Option<&mut Sha256Stream>,
    leaves: &mut Option<&mut Leaves>,
) -> usize {
    let mut push = leaves.as_mut().map(|leaves| |leaf| leaves.push(&leaf));
    let sink = push.as_mut().map(|push| -> batch::LeafSink<'_> { push });
    batch::open_chunks_into(
        keys, geometry, first, frames, contents, workers, hasher, sink,
    )
}

#[cfg(test)]
mod tests;
