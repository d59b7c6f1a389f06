//! Padding before the last CLOSE: as little as lets it lie whole in FINAL, or as much as gives a Padmé
//! length (SPEC section 7.1).

use core::ops::Range;

use zeroize::Zeroizing;

use crate::crypto::batch;
use crate::format::{ChunkIndex, ChunkSize, padme};
use crate::stream::error::SealError;
use crate::stream::frames::batch_chunks;

use super::Sealer;
use super::pull::Outgoing;

/// What goes out when everything else has.
#[derive(Default)]
pub(super) struct Ending {
    /// Chunks of nothing but padding. They are sealed when there is room for them: a padded stream of
    /// many gigabytes may have more of them than memory.
    padding: Range<ChunkIndex>,
    /// FINAL.
    pub(super) last: Vec<u8>,
}

/// Returns the length of the whole content where `content` bytes stand before a CLOSE of `close` bytes,
/// which must lie whole in FINAL; FINAL is shorter than a chunk.
///
/// A Padmé length never puts CLOSE where it does not fit: the step between two of them divides the
/// chunk size or is a multiple of it, so no step leads over the end of a chunk but to the end of one.
pub(super) fn content_len(content: u64, close: u64, chunk_size: ChunkSize, padded: bool) -> u64 {
    let chunk = chunk_size.bytes_u64();
    let start = if content % chunk + close < chunk {
        content
    } else {
        content.next_multiple_of(chunk)
    };
    if padded {
        padme(start + close + 1) - 1
    } else {
        start + close
    }
}

impl Sealer {
    /// Pads `content`, the last chunk's so far, so that a CLOSE of `close` bytes ends FINAL. Chunks that
    /// are full go out; of those that are padding alone the leaves are taken now, since the signature
    /// is over them.
    pub(super) fn pad_before(
        &mut self,
        content: &mut Zeroizing<Vec<u8>>,
        close: usize,
    ) -> Result<(), SealError> {
        let size = self.geometry.chunk_size;
        let before = self.next_index * size.bytes_u64() + content.len() as u64;
        let whole = content_len(before, close as u64, size, self.padded);
        let last = whole >> size.log2();
        self.check_index(last)?;
        if self.next_index < last {
            self.seal_padded(content)?;
            self.ending.padding = self.next_index..last;
            if self.core.flags.signed {
                self.take_padding_leaves();
            }
            self.next_index = last;
        }
        let end = whole % size.bytes_u64();
        content.resize(usize::try_from(end).unwrap_or(close) - close, 0);
        Ok(())
    }

    fn take_padding_leaves(&mut self) {
        let mut padding = self.ending.padding.clone();
        while !padding.is_empty() {
            self.seal_padding(&mut padding, true);
            // The same chunks are sealed again, to the same bytes, when they can go out.
            self.buffer.take(self.buffer.ready().len());
        }
    }

    /// Puts the next of what ends the stream where it is pulled out; says whether there was any.
    pub(super) fn pump_ending(&mut self) -> bool {
        let mut padding = self.ending.padding.clone();
        if !padding.is_empty() {
            self.seal_padding(&mut padding, false);
            self.ending.padding = padding;
            return true;
        }
        self.outgoing = Outgoing::new(core::mem::take(&mut self.ending.last));
        !self.outgoing.ready().is_empty()
    }

    /// Seals the first chunks of `padding`, as many as the buffer holds.
    fn seal_padding(&mut self, padding: &mut Range<ChunkIndex>, with_leaves: bool) {
        let room = batch_chunks(self.geometry) as u64;
        let count = room.min(padding.end - padding.start);
        let zeros = vec![0; self.geometry.chunk_size.bytes()];
        for _ in 0..count {
            self.buffer.append(&zeros);
        }
        let leaves = &mut self.leaves;
        let mut sink = |leaf| leaves.push(&leaf);
        let sink: Option<batch::LeafSink<'_>> = if with_leaves { Some(&mut sink) } else { None };
        let chunks = self.chunks.as_ref();
        self.buffer.seal(chunks, padding.start, &self.workers, sink);
        padding.start += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Geometry, Layout};

    #[test]
    fn close_lies_whole_in_final_and_the_length_is_padme() {
        let mut checked = 0;
        for log2 in 12..=23 {
            let size = ChunkSize::from_log2(log2).unwrap();
            let chunk = size.bytes_u64();
            // The shortest CLOSE, some in between, and the longest.
            for close in [21, 150, 700, 2170] {
                let near = |at: u64| (at.saturating_sub(2300)..at + 2300).step_by(97);
                let starts = (0..9).chain([63, 1000]).flat_map(|n| near(n * chunk));
                for content in starts.chain(near(3 << 39)).chain(near((1 << 40) - chunk)) {
                    let plain = content_len(content, close, size, false);
                    let padded = content_len(content, close, size, true);
                    for whole in [plain, padded] {
                        assert!(whole % chunk >= close, "{content} {close} {log2}");
                        assert!(whole >= content + close);
                    }
                    assert_eq!(padme(padded + 1), padded + 1);
                    assert!((padded - plain) * 100 <= plain * 12);
                    checked += 1;
                }
            }
        }
        assert!(checked > 10_000, "{checked}");
    }

    #[test]
    fn padding_never_leads_beyond_what_one_key_may_seal() {
        for log2 in 12..=23 {
            let size = ChunkSize::from_log2(log2).unwrap();
            let geometry = Geometry::new(size, Layout::new(32, 16));
            let most = geometry.max_chunks() * size.bytes_u64();
            for content in [most - size.bytes_u64(), most - 2200, most / 128 * 127] {
                let plain = content_len(content, 2170, size, false);
                let padded = content_len(content, 2170, size, true);
                if plain < most {
                    assert!(padded < most, "{content} {log2}");
                }
            }
        }
    }
}
