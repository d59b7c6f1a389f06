//! [`ChunkReader`]: any chunk of a stream whose length is known, in any order, without I/O.
//!
//! The number of chunks is arithmetic on the stream's length; FINAL is opened first and proves it. What
//! chunks give is [`Authentic`](super::Authentic). With a required signer the leaves of all chunks are
//! read first, the signature is verified over them, and each chunk is held against its leaf when it is
//! opened: what comes out is then what the signer signed.

use core::ops::Range;

use zeroize::Zeroizing;

use crate::content::{Close, ContentError, ContentErrorKind};
use crate::crypto::{Leaf, LeafSource, Unauthentic, batch};
use crate::format::{
    ChunkIndex, FRAME_HEADER_LEN, FormatError, FormatErrorKind, FrameHeader, FrameKind, Geometry,
};
use crate::keys::TrustedSigners;

use super::error::OpenError;
use super::options::OpenOptions;
use super::report::SignatureReport;
use super::signature::{Judge, Leaves, Position, message};
use super::unlock::Unlocked;
use super::window::SigningTimes;

/// What FINAL says of the stream: its last content, and CLOSE.
struct Ending {
    content: Zeroizing<Vec<u8>>,
    close: Close,
    /// Where CLOSE begins in the content.
    at: u64,
}

/// Opens chunks in any order.
pub struct ChunkReader {
    unlocked: Unlocked,
    geometry: Geometry,
    payload_offset: u64,
    stream_len: u64,
    full_chunks: u64,
    trusted: Option<TrustedSigners>,
    times: Option<SigningTimes>,
    ending: Option<Ending>,
    leaves: Vec<Leaf>,
    signature: Option<SignatureReport>,
}

impl Unlocked {
    /// Goes on to reading chunks of a stream of `stream_len` bytes in any order.
    ///
    /// # Errors
    /// [`OpenError::NotSigned`] when a signer is required and the header says that nobody signed,
    /// [`OpenError::WindowNeeds`] when signing times are to be judged and cannot be, and
    /// [`OpenError::Format`] when the length cannot be that of a whole stream.
    pub fn into_chunk_reader(
        self,
        stream_len: u64,
        options: &OpenOptions,
    ) -> Result<ChunkReader, OpenError> {
        if options.trusted.is_some() && !self.header.core.flags.signed {
            return Err(OpenError::NotSigned);
        }
        let limit = options.limits.stream_bytes;
        if stream_len > limit {
            return Err(FormatError::at(FormatErrorKind::CallerLimit(limit), 0).into());
        }
        let payload_offset = self.header.payload_offset();
        let geometry = self.geometry();
        let payload_len = stream_len.saturating_sub(payload_offset);
        let full_chunks = geometry.full_chunks(payload_len, payload_offset)?;
        geometry.check_index(full_chunks, payload_offset)?;
        Ok(ChunkReader {
            unlocked: self,
            geometry,
            payload_offset,
            stream_len,
            full_chunks,
            trusted: options.trusted.clone(),
            times: options.signing_times()?,
            ending: None,
            leaves: Vec::new(),
            signature: None,
        })
    }
}

impl ChunkReader {
    /// Returns what is known of the header.
    #[must_use]
    pub const fn unlocked(&self) -> &Unlocked {
        &self.unlocked
    }

    /// Returns the number of full chunks; FINAL has this index.
    #[must_use]
    pub const fn full_chunks(&self) -> u64 {
        self.full_chunks
    }

    /// Returns where in the stream the frame of chunk `index` lies; FINAL's ends with the stream.
    #[must_use]
    pub fn frame_range(&self, index: ChunkIndex) -> Range<u64> {
        let start = self.payload_offset + self.geometry.offset_of(index);
        if index >= self.full_chunks {
            return start..self.stream_len;
        }
        start..start + self.geometry.stride() as u64
    }

    /// Returns which bytes of the stream make the leaf of full chunk `index`.
    #[must_use]
    pub fn leaf_range(&self, index: ChunkIndex) -> Range<u64> {
        let frame = self.frame_range(index);
        match self.unlocked.header.suite().leaf_source {
            LeafSource::Tag => frame.end - self.geometry.layout.tag_len as u64..frame.end,
            LeafSource::Body => frame.start + FRAME_HEADER_LEN as u64..frame.end,
        }
    }

    /// Tells whether leaves must be read before anything is opened: a signer is required.
    #[must_use]
    pub const fn needs_leaves(&self) -> bool {
        self.trusted.is_some()
    }

    /// Takes the bytes of [`ChunkReader::leaf_range`], for each full chunk in order.
    pub fn push_leaf(&mut self, bytes: &[u8]) {
        self.leaves.push(self.unlocked.chunks.leaf(bytes));
    }

    /// Opens FINAL, which proves the length, and verifies the signature where a signer is required.
    ///
    /// `frame` is the whole frame, at [`ChunkReader::frame_range`] of [`ChunkReader::full_chunks`].
    ///
    /// # Errors
    /// [`OpenError`] as an [`Opener`](super::Opener) would give it.
    pub fn open_final(&mut self, mut frame: Vec<u8>) -> Result<(), OpenError> {
        let at = self.frame_range(self.full_chunks).start;
        let body = self.body_of(&mut frame, FrameKind::Final, at)?;
        let len = batch::open_final(self.unlocked.chunks.as_ref(), self.full_chunks, body)?;
        frame.drain(..FRAME_HEADER_LEN);
        frame.truncate(len);
        let content = Zeroizing::new(frame);
        let content_offset = self.content_offset(self.full_chunks);
        let start = Close::find(&content, content_offset)?;
        let at = content_offset + start as u64;
        let close = Close::parse(&content[start..], at)?;
        match (
            close.signature.is_some(),
            self.unlocked.header.core.flags.signed,
        ) {
            (false, true) => return Err(OpenError::BadSignature),
            (true, false) => {
                let kind = ContentErrorKind::Close("a signature in a stream that is not signed");
                return Err(ContentError::at(kind, at).into());
            }
            _ => {}
        }
        self.ending = Some(Ending { content, close, at });
        if self.needs_leaves() {
            self.signature = Some(self.verify_signature()?);
        }
        Ok(())
    }

    fn verify_signature(&self) -> Result<SignatureReport, OpenError> {
        let ending = self.ending.as_ref().ok_or(OpenError::Refused)?;
        let block = ending
            .close
            .signature
            .as_ref()
            .ok_or(OpenError::NotSigned)?;
        if self.leaves.len() as u64 != self.full_chunks {
            return Err(OpenError::BadSignature);
        }
        let mut leaves = Leaves::default();
        self.leaves.iter().for_each(|leaf| leaves.push(leaf));
        let position = Position {
            index: self.full_chunks,
            last: true,
        };
        let id = self.unlocked.header.transfer_id();
        let message = message(&id, position, &leaves, &ending.content, &ending.close);
        let judge = Judge {
            trusted: self.trusted.as_ref(),
            own_spki: self.unlocked.identity_spki.as_deref(),
            times: self.times,
        };
        judge.verify(block, &message)
    }

    /// Returns the signature, which was verified before anything was opened, where a signer is required.
    #[must_use]
    pub const fn signature(&self) -> Option<&SignatureReport> {
        self.signature.as_ref()
    }

    /// Opens full chunk `index` in place and returns its content.
    ///
    /// `frame` is the whole frame, at [`ChunkReader::frame_range`].
    ///
    /// # Errors
    /// [`OpenError::Format`], and [`OpenError::NotAuthentic`] also for a chunk that is authentic but is
    /// not the one that was signed.
    pub fn open<'a>(&self, index: ChunkIndex, frame: &'a mut [u8]) -> Result<&'a [u8], OpenError> {
        let body = self.body_of(frame, FrameKind::Chunk, self.frame_range(index).start)?;
        if self.needs_leaves() {
            let slot = usize::try_from(index).map_err(|_| Unauthentic)?;
            if self.leaves.get(slot) != Some(&self.unlocked.chunks.leaf(body)) {
                return Err(Unauthentic.into());
            }
        }
        let len = self.unlocked.chunks.open(index, false, body)?;
        Ok(&body[..len])
    }

    fn body_of<'a>(
        &self,
        frame: &'a mut [u8],
        kind: FrameKind,
        at: u64,
    ) -> Result<&'a mut [u8], OpenError> {
        let end = at + frame.len() as u64;
        let truncated = FormatError::at(FormatErrorKind::Truncated, end);
        let (head, body) = frame
            .split_at_mut_checked(FRAME_HEADER_LEN)
            .ok_or(truncated)?;
        let mut four = [0; FRAME_HEADER_LEN];
        four.copy_from_slice(head);
        let header = FrameHeader::parse(four, at)?;
        self.geometry.check_payload_frame(header, at)?;
        match (header.kind == kind, kind) {
            (true, _) => {}
            // A stream cut behind a full chunk: what should be FINAL is one of the others.
            (false, FrameKind::Final) => return Err(truncated.into()),
            (false, _) => {
                FrameHeader::parse_kind(four, kind, at)?;
            }
        }
        let len = header.length as usize;
        match len.cmp(&body.len()) {
            core::cmp::Ordering::Equal => Ok(body),
            core::cmp::Ordering::Greater => Err(truncated.into()),
            core::cmp::Ordering::Less => {
                let behind = at + (FRAME_HEADER_LEN + len) as u64;
                Err(FormatError::at(FormatErrorKind::TrailingBytes, behind).into())
            }
        }
    }

    /// Returns the content of FINAL; empty before [`ChunkReader::open_final`].
    #[must_use]
    pub fn final_content(&self) -> &[u8] {
        self.ending.as_ref().map_or(&[], |ending| &ending.content)
    }

    /// Returns where chunk `index` begins in the content.
    #[must_use]
    pub fn content_offset(&self, index: ChunkIndex) -> u64 {
        index << self.geometry.chunk_size.log2()
    }

    /// Returns the length of the whole content; FINAL must have been opened.
    #[must_use]
    pub fn content_len(&self) -> u64 {
        self.content_offset(self.full_chunks) + self.final_content().len() as u64
    }

    /// Returns where INDEX begins in the content, or nothing where there is none.
    ///
    /// # Errors
    /// [`OpenError::Content`] for an offset that does not lie before CLOSE.
    pub fn index_offset(&self) -> Result<Option<u64>, OpenError> {
        let Some(ending) = &self.ending else {
            return Ok(None);
        };
        match ending.close.index_offset {
            0 => Ok(None),
            offset if offset < ending.at => Ok(Some(offset)),
            _ => {
                let kind = ContentErrorKind::Close("its index offset is wrong");
                Err(ContentError::at(kind, ending.at).into())
            }
        }
    }
}

impl core::fmt::Debug for ChunkReader {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ChunkReader")
            .field("stream_len", &self.stream_len)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
