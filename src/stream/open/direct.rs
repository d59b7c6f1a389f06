//! The short way: whole chunks of an item go from the caller's input to the caller's output, opened on the way.

use crate::crypto::{Unauthentic, batch};

use super::Opener;

/// Fewer chunks go through the buffer, where more come together.
const FEWEST: usize = 4;
/// The most chunks that are opened while those before them are hashed.
const MOST: usize = 8;

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
        let (chunk, stride) = (self.geometry.chunk_size.bytes(), self.geometry.stride());
        let buffered = &self.intake.buffer[..begun * stride];
        let frames: Vec<&[u8]> = buffered
            .chunks_exact(stride)
            .chain(input.chunks_exact(stride))
            .collect();
        let (mut opened, mut hashed, mut first) = (0, 0, self.intake.index);
        for frames in frames.chunks(MOST) {
            let (done, rest) = output.split_at_mut(opened * chunk);
            let contents = &mut rest[..frames.len() * chunk];
            let (keys, geometry, workers) = (
                self.unlocked.chunks.as_ref(),
                self.geometry,
                self.workers.as_ref(),
            );
            let (parser, leaves) = (&mut self.parser, &mut self.leaves);
            let signed = self.unlocked.header.core.flags.signed;
            let mut count = 0;
            workers.both(
                || parser.hash_data(&done[hashed..]),
                || {
                    let mut sink = |leaf| leaves.push(&leaf);
                    let sink: Option<batch::LeafSink<'_>> =
                        if signed { Some(&mut sink) } else { None };
                    count = batch::open_chunks_into(
                        keys, geometry, first, frames, contents, workers, sink,
                    );
                },
            );
            hashed = done.len();
            opened += count;
            first += count as u64;
            if count < frames.len() {
                self.deferred = Some(Unauthentic.into());
                break;
            }
        }
        self.parser.hash_data(&output[hashed..opened * chunk]);
        self.parser.pass_data((opened * chunk) as u64);
        self.intake.pass(frames.len(), self.geometry);
        opened * chunk
    }
}
