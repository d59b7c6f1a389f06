//! Many chunks at once: buffers of whole CHUNK frames, sealed and opened in place or on the way from one buffer to
//! another.
//!
//! A buffer holds frames back to back, [`Geometry::stride`] bytes apart. What happens inside one call runs in lanes and
//! in as many threads as its [`Workers`] allow; the bytes that come out do not depend on either.

use zeroize::Zeroize;

use super::error::Unauthentic;
use super::secret::clearing_stack;
use super::suite::{ChunkKeys, Leaf};
use super::workers::Workers;
use crate::format::{ChunkIndex, FRAME_HEADER_LEN, FrameHeader, FrameKind, Geometry};
use crate::hash::{Block, Sha256Stream, State};

/// As many chunks as are worth a second thread.
const FEW: usize = 8;

/// Takes the leaves of chunks in their order.
pub type LeafSink<'a> = &'a mut dyn FnMut(Leaf);

/// One chunk of those that are sealed or opened together.
#[derive(Debug)]
#[non_exhaustive]
pub struct Lane<'a> {
    /// Where it comes from, if not from `body` itself: the content when sealing, the sealed body when opening.
    pub from: Option<&'a [u8]>,
    /// Where it goes to: the whole body when sealing, and when opening in place; otherwise as much as the content.
    pub body: &'a mut [u8],
}

impl<'a> Lane<'a> {
    /// A chunk that is sealed or opened where it is.
    pub const fn in_place(body: &'a mut [u8]) -> Self {
        Self { from: None, body }
    }

    /// A chunk that is sealed or opened on the way from one place to another.
    pub const fn between(from: &'a [u8], body: &'a mut [u8]) -> Self {
        Self {
            from: Some(from),
            body,
        }
    }

    /// The same chunk, lent.
    pub(super) const fn part(&mut self) -> Lane<'_> {
        Lane {
            from: self.from,
            body: &mut *self.body,
        }
    }
}

/// What is hashed while chunks are sealed: the data in them, which is near then.
#[derive(Debug)]
pub struct Beside<'a> {
    hasher: &'a mut Sha256Stream,
    /// What is not hashed yet. It begins with a block, unless nothing is left.
    rest: &'a [u8],
}

impl<'a> Beside<'a> {
    /// Goes on with `bytes`.
    pub fn new(hasher: &'a mut Sha256Stream, bytes: &'a [u8]) -> Self {
        let rest = hasher.align(bytes);
        Self { hasher, rest }
    }

    /// The next blocks, as many as there are and no more than `most`.
    pub(super) fn blocks(&self, most: usize) -> &'a [Block] {
        let blocks = self.rest.as_chunks().0;
        &blocks[..blocks.len().min(most)]
    }

    /// The state before these blocks.
    pub(super) fn state(&mut self) -> State {
        *self.hasher.state_for(0)
    }

    /// Says that the first `count` of them were compressed into `state`.
    pub(super) fn pass(&mut self, state: State, count: usize) {
        *self.hasher.state_for(count) = state;
        self.rest = &self.rest[64 * count..];
    }

    /// Hashes what is left.
    pub fn finish(self) {
        self.hasher.update(self.rest);
    }
}

/// Seals every frame of `frames` as a CHUNK, the first of them with index `first`.
///
/// Each frame's content stands where its ciphertext will; header and tag are written here.
///
/// # Panics
/// Never for a buffer that is a whole number of frames; a shorter rest is left alone.
pub fn seal_chunks(
    keys: &dyn ChunkKeys,
    geometry: Geometry,
    first: ChunkIndex,
    frames: &mut [u8],
    workers: &Workers,
    leaves: Option<LeafSink<'_>>,
) {
    let lanes = bodies(geometry, frames).map(Lane::in_place).collect();
    seal_lanes(keys, geometry, first, lanes, workers, None, leaves);
}

/// As [`seal_chunks`], with the contents elsewhere, one for each frame and each of a whole chunk, and with what is hashed
/// on the way.
///
/// # Panics
/// When a content is not as long as a chunk.
pub fn seal_chunks_from(
    keys: &dyn ChunkKeys,
    geometry: Geometry,
    first: ChunkIndex,
    contents: &[&[u8]],
    frames: &mut [u8],
    workers: &Workers,
    beside: Option<Beside<'_>>,
    leaves: Option<LeafSink<'_>>,
) {
    let bodies = bodies(geometry, frames);
    let lanes = contents
        .iter()
        .zip(bodies)
        .map(|(content, body)| Lane::between(content, body));
    seal_lanes(
        keys,
        geometry,
        first,
        lanes.collect(),
        workers,
        beside,
        leaves,
    );
}

/// Writes the header of every frame, and returns the bodies.
fn bodies(geometry: Geometry, frames: &mut [u8]) -> impl Iterator<Item = &mut [u8]> {
    let body_len = u32::try_from(geometry.chunk_body_len()).unwrap_or(u32::MAX);
    let header = FrameHeader::new(FrameKind::Chunk, body_len).to_bytes();
    frames
        .chunks_exact_mut(geometry.stride())
        .map(move |frame| {
            let (head, body) = frame.split_at_mut(FRAME_HEADER_LEN);
            head.copy_from_slice(&header);
            body
        })
}

fn seal_lanes(
    keys: &dyn ChunkKeys,
    geometry: Geometry,
    first: ChunkIndex,
    mut lanes: Vec<Lane<'_>>,
    workers: &Workers,
    mut beside: Option<Beside<'_>>,
    leaves: Option<LeafSink<'_>>,
) {
    let chunk = geometry.chunk_size.bytes();
    let mut made = vec![[0; 32]; if leaves.is_some() { lanes.len() } else { 0 }];
    // For a few chunks it takes longer to wake a thread.
    if workers.are_one() || lanes.len() < FEW {
        clearing_stack(|| keys.seal_many(first, chunk, &mut lanes, beside.as_mut()));
        take_leaves(keys, &lanes, &mut made);
        beside.into_iter().for_each(Beside::finish);
    } else {
        let part = workers.share(lanes.len());
        let mut made_parts = made.chunks_mut(part);
        let parts = (first..).step_by(part).zip(lanes.chunks_mut(part));
        let parts =
            parts.map(|(first, lanes)| (first, lanes, made_parts.next().unwrap_or_default()));
        let seal = |(first, lanes, made): (ChunkIndex, &mut [Lane<'_>], &mut [Leaf])| {
            clearing_stack(|| keys.seal_many(first, chunk, lanes, None));
            take_leaves(keys, lanes, made);
        };
        workers.both(
            || beside.into_iter().for_each(Beside::finish),
            || workers.each(parts, seal),
        );
    }
    if let Some(sink) = leaves {
        made.into_iter().for_each(sink);
    }
}

/// The leaves of sealed chunks, as many as are asked for.
fn take_leaves(keys: &dyn ChunkKeys, lanes: &[Lane<'_>], made: &mut [Leaf]) {
    for (leaf, lane) in made.iter_mut().zip(lanes) {
        *leaf = keys.leaf(lane.body);
    }
}

/// Opens CHUNK frames whose headers were checked, in order, and returns how many were authentic.
///
/// Fewer than the buffer holds means that the next one was not; it and those behind it are then wiped.
pub fn open_chunks(
    keys: &dyn ChunkKeys,
    geometry: Geometry,
    first: ChunkIndex,
    frames: &mut [u8],
    workers: &Workers,
    leaves: Option<LeafSink<'_>>,
) -> usize {
    let frames = frames.chunks_exact_mut(geometry.stride());
    let lanes = frames.map(|frame| Lane::in_place(&mut frame[FRAME_HEADER_LEN..]));
    open_lanes(keys, first, lanes.collect(), workers, None, leaves)
}

/// As [`open_chunks`] for frames that lie anywhere; puts the contents, one behind the other, into `contents`, and hashes
/// them.
///
/// # Panics
/// When `contents` does not hold a whole number of chunks.
pub fn open_chunks_into(
    keys: &dyn ChunkKeys,
    geometry: Geometry,
    first: ChunkIndex,
    frames: &[&[u8]],
    contents: &mut [u8],
    workers: &Workers,
    hasher: Option<&mut Sha256Stream>,
    leaves: Option<LeafSink<'_>>,
) -> usize {
    let contents = contents.chunks_mut(geometry.chunk_size.bytes());
    let lanes = frames.iter().zip(contents);
    let lanes = lanes.map(|(frame, content)| Lane::between(&frame[FRAME_HEADER_LEN..], content));
    open_lanes(keys, first, lanes.collect(), workers, hasher, leaves)
}

fn open_lanes(
    keys: &dyn ChunkKeys,
    first: ChunkIndex,
    mut lanes: Vec<Lane<'_>>,
    workers: &Workers,
    hasher: Option<&mut Sha256Stream>,
    leaves: Option<LeafSink<'_>>,
) -> usize {
    let mut made = vec![[0; 32]; if leaves.is_some() { lanes.len() } else { 0 }];
    for (leaf, lane) in made.iter_mut().zip(&lanes) {
        *leaf = keys.leaf(lane.from.unwrap_or(lane.body));
    }
    let opened = if hasher.is_some() {
        // What is hashed is hashed in order.
        clearing_stack(|| keys.open_many(first, &mut lanes, hasher))
    } else {
        open_shared(keys, first, &mut lanes, workers)
    };
    for lane in &mut lanes[opened..] {
        lane.body.zeroize();
    }
    if let Some(sink) = leaves {
        made.into_iter().take(opened).for_each(sink);
    }
    opened
}

/// Opens chunks, shared among the threads, and returns how many were authentic before the first that was not.
fn open_shared(
    keys: &dyn ChunkKeys,
    first: ChunkIndex,
    lanes: &mut [Lane<'_>],
    workers: &Workers,
) -> usize {
    let part = workers.share(lanes.len());
    let mut counts = vec![0; lanes.len().div_ceil(part)];
    let parts = (first..).step_by(part).zip(lanes.chunks_mut(part));
    let open = |((first, lanes), count): ((ChunkIndex, &mut [Lane<'_>]), &mut usize)| {
        *count = clearing_stack(|| keys.open_many(first, lanes, None));
    };
    workers.each(parts.zip(&mut counts), open);
    let whole = lanes.chunks(part).zip(&counts);
    let whole = whole.take_while(|(part, count)| part.len() == **count);
    counts.iter().take(whole.count() + 1).sum()
}

/// Seals FINAL and returns the whole frame.
#[must_use]
pub fn seal_final(
    keys: &dyn ChunkKeys,
    geometry: Geometry,
    index: ChunkIndex,
    content: &[u8],
) -> Vec<u8> {
    let ciphertext = geometry.layout.final_ciphertext_len(content.len());
    let body_len = ciphertext + geometry.layout.tag_len;
    let length = u32::try_from(body_len).unwrap_or(u32::MAX);
    let mut frame = vec![0; FRAME_HEADER_LEN + body_len];
    let (head, body) = frame.split_at_mut(FRAME_HEADER_LEN);
    head.copy_from_slice(&FrameHeader::new(FrameKind::Final, length).to_bytes());
    body[..content.len()].copy_from_slice(content);
    clearing_stack(|| keys.seal(index, true, content.len(), body));
    frame
}

/// Opens FINAL's body in place and returns the length of its content.
///
/// # Errors
/// [`Unauthentic`].
pub fn open_final(
    keys: &dyn ChunkKeys,
    index: ChunkIndex,
    body: &mut [u8],
) -> Result<usize, Unauthentic> {
    clearing_stack(|| keys.open(index, true, body))
}

#[cfg(test)]
mod tests;
