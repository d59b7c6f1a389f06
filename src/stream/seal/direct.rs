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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::content::Manifest;
    use crate::format::ChunkSize;
    use crate::keys::{RawKeyRecipient, SymmetricKey};
    use crate::stream::{SealEvent, SealOptions};

    const CHUNK: usize = ChunkSize::MIN.bytes();

    /// A sealer of an item of this many bytes, whose manifest stands in the buffer.
    fn begun(item: usize) -> Sealer {
        let key = SymmetricKey::from_file_bytes(&[7; 32]).unwrap();
        let options = SealOptions::new().recipient(Arc::new(RawKeyRecipient::new(key)));
        let mut sealer = Sealer::new(&options.chunk_size(ChunkSize::MIN)).unwrap();
        let manifest = Manifest::new("opaque", "application/octet-stream");
        sealer.start_item(&manifest, Some(item as u64)).unwrap();
        sealer.consume(sealer.peek().len());
        let step = sealer.update(&[], &mut []).unwrap();
        assert_eq!(step.event, SealEvent::NeedInput);
        sealer
    }

    /// Who falls back gives the same bytes, only later, so that no other test can see it.
    #[test]
    fn so_many_chunks_go_the_short_way_and_what_stands_in_the_buffer_once() {
        let manifest = begun(0).buffer.filled();
        for (chunks, filled, directly) in [
            (3, manifest, 0),
            (4, manifest, 4),
            (19, manifest, 16),
            (19, CHUNK - 1, 16),
            (19, CHUNK, 0),
            (19, CHUNK + 1, 0),
            (19, 2 * CHUNK, 0),
            (100, manifest, 100),
        ] {
            let item = vec![7; chunks * CHUNK];
            let mut sealer = begun(item.len());
            let stride = sealer.geometry.stride();
            let (before, rest) = item.split_at(filled - manifest);
            let step = sealer.update(before, &mut []).unwrap();
            assert_eq!(step.consumed, before.len());
            assert_eq!(sealer.buffer.filled(), filled);
            let step = sealer.update(rest, &mut vec![0; chunks * stride]).unwrap();
            assert_eq!(step.consumed, rest.len());
            assert_eq!(step.produced, directly * stride, "{chunks} and {filled}");
            let content = sealer.next_index * CHUNK as u64 + sealer.buffer.filled() as u64;
            assert_eq!(content, sealer.writer.offset(), "{chunks} and {filled}");
        }
    }
}
