//! The short way: whole chunks of an item go from the caller's input to the caller's output, sealed on the way.

use crate::crypto::batch::{self, Beside};
use crate::stream::error::SealError;

use super::Sealer;

/// Fewer chunks go through the buffer, where more come together.
const FEWEST: usize = 4;
/// The most chunks that are sealed together.
const MOST: usize = 64;

impl Sealer {
    /// Seals whole chunks, and returns how many bytes of `input` were used and of `output` written: none where there are
    /// not enough for it. Nothing sealed may wait.
    pub(super) fn seal_directly(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<(usize, usize), SealError> {
        let (chunk, stride) = (self.geometry.chunk_size.bytes(), self.geometry.stride());
        let begun = self.buffer.filled();
        let Some(Some(room)) = self.writer.open_item_room().filter(|_| begun < chunk) else {
            return Ok((0, 0));
        };
        // What stands in the buffer is the beginning of the first chunk.
        let room = usize::try_from(room).unwrap_or(usize::MAX).min(input.len());
        let mut count = ((begun + room) / chunk)
            .min(output.len() / stride)
            .min(MOST);
        if count < FEWEST {
            return Ok((0, 0));
        }
        count -= count % FEWEST;
        self.check_index(self.next_index + count as u64 - 1)?;
        let data = &input[..count * chunk - begun];
        let rest = self.complete_chunk(data, begun);
        self.writer.count_data(data.len() as u64)?;
        self.seal_between(data, rest, &mut output[..count * stride]);
        self.next_index += count as u64;
        Ok((data.len(), count * stride))
    }

    /// Fills the chunk that is begun, and returns how much of `data` that took.
    fn complete_chunk(&mut self, data: &[u8], begun: usize) -> usize {
        if begun == 0 {
            return 0;
        }
        let missing = self.geometry.chunk_size.bytes() - begun;
        self.buffer.append(&data[..missing])
    }

    /// Seals the chunk in the buffer, if there is one, and those of `data` from `rest` on, and hashes all of `data` beside it.
    fn seal_between(&mut self, data: &[u8], rest: usize, frames: &mut [u8]) {
        let mut contents = Vec::with_capacity(MOST);
        if rest > 0 {
            contents.push(self.buffer.take_chunk());
        }
        contents.extend(data[rest..].chunks_exact(self.geometry.chunk_size.bytes()));
        let leaves = &mut self.leaves;
        let mut sink = |leaf| leaves.push(&leaf);
        let signed = self.core.flags.signed;
        let sink: Option<batch::LeafSink<'_>> = if signed { Some(&mut sink) } else { None };
        let beside = self.writer.hasher().map(|hasher| Beside::new(hasher, data));
        batch::seal_chunks_from(
            self.chunks.as_ref(),
            self.geometry,
            self.next_index,
            &contents,
            frames,
            &self.workers,
            beside,
            sink,
        );
    }
}
