//! Many chunks at once: buffers of whole CHUNK frames, sealed and opened in place.
//!
//! A buffer holds frames back to back, [`Geometry::stride`] bytes apart. What happens inside one call
//! may run in lanes or threads; the bytes that come out do not depend on it.

use super::error::Unauthentic;
use super::suite::{ChunkKeys, Leaf};
use crate::format::{ChunkIndex, FRAME_HEADER_LEN, FrameHeader, FrameKind, Geometry};

/// Takes the leaves of chunks in their order.
pub type LeafSink<'a> = &'a mut dyn FnMut(Leaf);

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
    mut leaves: Option<LeafSink<'_>>,
) {
    let body_len = u32::try_from(geometry.chunk_body_len()).unwrap_or(u32::MAX);
    let header = FrameHeader::new(FrameKind::Chunk, body_len).to_bytes();
    for (index, frame) in (first..).zip(frames.chunks_exact_mut(geometry.stride())) {
        let (head, body) = frame.split_at_mut(FRAME_HEADER_LEN);
        head.copy_from_slice(&header);
        keys.seal(index, false, geometry.chunk_size.bytes(), body);
        if let Some(sink) = &mut leaves {
            sink(keys.leaf(body));
        }
    }
}

/// Opens CHUNK frames whose headers were checked, in order, and returns how many were authentic.
///
/// Fewer than the buffer holds means that the next one was not; later ones are then not touched.
pub fn open_chunks(
    keys: &dyn ChunkKeys,
    geometry: Geometry,
    first: ChunkIndex,
    frames: &mut [u8],
    mut leaves: Option<LeafSink<'_>>,
) -> usize {
    let mut opened = 0;
    for (index, frame) in (first..).zip(frames.chunks_exact_mut(geometry.stride())) {
        let body = &mut frame[FRAME_HEADER_LEN..];
        let leaf = leaves.is_some().then(|| keys.leaf(body));
        if keys.open(index, false, body).is_err() {
            break;
        }
        if let (Some(sink), Some(leaf)) = (&mut leaves, leaf) {
            sink(leaf);
        }
        opened += 1;
    }
    opened
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
    keys.seal(index, true, content.len(), body);
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
    keys.open(index, true, body)
}
