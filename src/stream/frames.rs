//! A buffer of whole CHUNK frames, filled with content and sealed in place.

use zeroize::Zeroize;

use crate::crypto::{ChunkKeys, Workers, batch};
use crate::format::{ChunkIndex, FRAME_HEADER_LEN, Geometry};

/// About how many bytes of content are sealed or opened together.
const BATCH_BYTES: usize = 1 << 20;
/// The most chunks in a batch: enough for every lane, little enough memory for the smallest chunks.
const BATCH_CHUNKS: usize = 64;

/// Returns how many chunks are handled together.
pub(super) fn batch_chunks(geometry: Geometry) -> usize {
    (BATCH_BYTES / geometry.chunk_size.bytes()).clamp(1, BATCH_CHUNKS)
}

/// Content goes in at one end, sealed frames come out at the other, never both at once.
pub(super) struct SealBuffer {
    geometry: Geometry,
    bytes: Vec<u8>,
    /// Content bytes that were put in since the last sealing.
    filled: usize,
    /// Sealed bytes, and how many of them were taken out.
    sealed: usize,
    taken: usize,
    /// How far into the buffer anything was ever written: what lies behind needs no wiping, and a
    /// small image does not pay for a large buffer.
    touched: usize,
}

impl SealBuffer {
    pub(super) fn new(geometry: Geometry) -> Self {
        let bytes = vec![0; batch_chunks(geometry) * geometry.stride()];
        Self {
            geometry,
            bytes,
            filled: 0,
            sealed: 0,
            taken: 0,
            touched: 0,
        }
    }

    /// Returns how many content bytes fit; none while sealed bytes wait.
    pub(super) fn room(&self) -> usize {
        if self.taken < self.sealed {
            return 0;
        }
        batch_chunks(self.geometry) * self.geometry.chunk_size.bytes() - self.filled
    }

    pub(super) fn is_full(&self) -> bool {
        self.taken == self.sealed && self.room() == 0
    }

    /// Puts in as much of `content` as fits and returns how much that was.
    pub(super) fn append(&mut self, content: &[u8]) -> usize {
        let total = content.len().min(self.room());
        let chunk = self.geometry.chunk_size.bytes();
        let mut done = 0;
        while done < total {
            let (slot, inside) = (self.filled / chunk, self.filled % chunk);
            let take = (chunk - inside).min(total - done);
            let at = slot * self.geometry.stride() + FRAME_HEADER_LEN + inside;
            self.bytes[at..at + take].copy_from_slice(&content[done..done + take]);
            self.touched = self.touched.max(at + take);
            self.filled += take;
            done += take;
        }
        total
    }

    /// Returns how many full chunks stand in the buffer.
    pub(super) fn full_chunks(&self) -> usize {
        self.filled / self.geometry.chunk_size.bytes()
    }

    /// Returns how many content bytes stand in the buffer.
    pub(super) const fn filled(&self) -> usize {
        self.filled
    }

    /// Takes out the content of the one chunk that the buffer holds, which is sealed elsewhere.
    pub(super) fn take_chunk(&mut self) -> &[u8] {
        let len = self.geometry.chunk_size.bytes();
        debug_assert_eq!(self.filled, len, "one chunk, and whole");
        self.filled = 0;
        &self.bytes[FRAME_HEADER_LEN..FRAME_HEADER_LEN + len]
    }

    /// Copies the content behind the last full chunk.
    pub(super) fn tail(&self) -> &[u8] {
        let chunk = self.geometry.chunk_size.bytes();
        let at = self.full_chunks() * self.geometry.stride() + FRAME_HEADER_LEN;
        let len = self.filled % chunk;
        if len == 0 {
            &[]
        } else {
            &self.bytes[at..at + len]
        }
    }

    /// Seals the full chunks in place. What stands behind them is forgotten: take [`Self::tail`] first.
    pub(super) fn seal(
        &mut self,
        keys: &dyn ChunkKeys,
        first: ChunkIndex,
        workers: &Workers,
        leaves: Option<batch::LeafSink<'_>>,
    ) {
        self.sealed = self.full_chunks() * self.geometry.stride();
        self.taken = 0;
        self.filled = 0;
        batch::seal_chunks(
            keys,
            self.geometry,
            first,
            &mut self.bytes[..self.sealed],
            workers,
            leaves,
        );
    }

    /// Returns the sealed bytes that were not taken out yet.
    pub(super) fn ready(&self) -> &[u8] {
        &self.bytes[self.taken..self.sealed]
    }

    /// Says that `len` of the sealed bytes were taken out.
    pub(super) fn take(&mut self, len: usize) {
        self.taken += len;
        if self.taken == self.sealed {
            (self.taken, self.sealed) = (0, 0);
        }
    }
}

impl Drop for SealBuffer {
    fn drop(&mut self) {
        self.bytes[..self.touched].zeroize();
    }
}
