//! What can be said of a stream without a key: is it whole in form, how many chunks, for whom.

use crate::format::{
    FRAME_HEADER_LEN, FormatError, FormatErrorKind, FrameHeader, FrameKind, Geometry, Limits,
};

use super::header::{Header, HeaderReader};

/// What a stream says of itself. Nothing of it is authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Survey {
    /// The header.
    pub header: Header,
    /// The number of chunks, FINAL among them.
    pub chunks: u64,
    /// The length of the whole stream in bytes.
    pub stream_bytes: u64,
}

/// Walks over a stream's frames without opening them, as a relay or `inspect` does.
#[derive(Debug)]
pub struct FrameWalker {
    limits: Limits,
    reader: HeaderReader,
    header: Option<(Header, Geometry)>,
    offset: u64,
    head: Vec<u8>,
    /// What is left of the current frame's body, and whether it is FINAL's.
    body: Option<(FrameKind, u64)>,
    chunks: u64,
    done: bool,
}

impl FrameWalker {
    /// Starts before the first byte.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            reader: HeaderReader::new(),
            header: None,
            offset: 0,
            head: Vec::new(),
            body: None,
            chunks: 0,
            done: false,
        }
    }

    /// Returns the header once it was seen.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref().map(|(header, _)| header)
    }

    /// Tells whether FINAL was passed whole.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.done
    }

    /// Takes bytes up to the end of FINAL and returns how many.
    ///
    /// # Errors
    /// A [`FormatError`] as soon as the bytes cannot be a stream.
    pub fn push(&mut self, input: &[u8]) -> Result<usize, FormatError> {
        let mut used = 0;
        while used < input.len() && !self.done {
            let taken = self.step(&input[used..])?;
            used += taken;
            self.offset += taken as u64;
        }
        Ok(used)
    }

    /// Returns how many of the next bytes are inside a chunk, where nothing is looked at.
    #[must_use]
    pub fn body_left(&self) -> u64 {
        self.body.map_or(0, |(_, left)| left)
    }

    /// Passes over at most `count` bytes inside a chunk without seeing them, and returns how many: a file
    /// can be walked over without being read.
    pub fn skip(&mut self, count: u64) -> u64 {
        let skipped = self.pass(count);
        self.offset = self.offset.saturating_add(skipped);
        skipped
    }

    /// Takes what it can of the open chunk.
    fn pass(&mut self, count: u64) -> u64 {
        let Some((kind, left)) = &mut self.body else {
            return 0;
        };
        let take = count.min(*left);
        *left -= take;
        if *left == 0 {
            self.done = *kind == FrameKind::Final;
            self.body = None;
            self.chunks += 1;
        }
        take
    }

    fn step(&mut self, input: &[u8]) -> Result<usize, FormatError> {
        let Some((_, geometry)) = &self.header else {
            let (used, locked) = self.reader.push(input)?;
            self.header = locked.map(|l| (l.header().clone(), l.header().geometry()));
            return Ok(used);
        };
        if self.body.is_some() {
            let taken = self.pass(input.len() as u64);
            return Ok(usize::try_from(taken).unwrap_or(input.len()));
        }
        let take = (FRAME_HEADER_LEN - self.head.len()).min(input.len());
        self.head.extend_from_slice(&input[..take]);
        if let Ok(bytes) = <[u8; FRAME_HEADER_LEN]>::try_from(self.head.as_slice()) {
            let at = self.offset + take as u64 - FRAME_HEADER_LEN as u64;
            let header = FrameHeader::parse(bytes, at)?;
            geometry.check_payload_frame(header, at)?;
            geometry.check_index(self.chunks, at)?;
            self.check_limit(header, at)?;
            self.body = Some((header.kind, u64::from(header.length)));
            self.head.clear();
        }
        Ok(take)
    }

    /// Judges a frame by its header, as an opener does: what is refused, and where, must not depend on how
    /// the bytes arrive.
    fn check_limit(&self, header: FrameHeader, at: u64) -> Result<(), FormatError> {
        let end = at + FRAME_HEADER_LEN as u64 + u64::from(header.length);
        if end > self.limits.stream_bytes {
            let kind = FormatErrorKind::CallerLimit(self.limits.stream_bytes);
            return Err(FormatError::at(kind, at));
        }
        Ok(())
    }

    /// Says that the input has ended, and returns what was seen.
    ///
    /// # Errors
    /// [`FormatErrorKind::Truncated`] where FINAL was not passed whole.
    pub fn finish(self) -> Result<Survey, FormatError> {
        match self.header {
            Some((header, _)) if self.done => Ok(Survey {
                header,
                chunks: self.chunks,
                stream_bytes: self.offset,
            }),
            Some(_) => Err(FormatError::at(FormatErrorKind::Truncated, self.offset)),
            None => Err(self.reader.end_of_input()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::content::Manifest;
    use crate::format::ChunkSize;
    use crate::keys::{RawKeyRecipient, SymmetricKey};
    use crate::stream::{SealEvent, SealOptions, Sealer};

    /// A stream of three chunks, FINAL among them, and where the frames of its chunks begin.
    fn stream() -> (Vec<u8>, [usize; 3]) {
        let key = SymmetricKey::from_file_bytes(&[7; 32]).unwrap();
        let options = SealOptions::new().recipient(Arc::new(RawKeyRecipient::new(key)));
        let mut sealer = Sealer::new(&options.chunk_size(ChunkSize::MIN)).unwrap();
        let manifest = Manifest::new("opaque", "application/octet-stream");
        sealer.start_item(&manifest, Some(9000)).unwrap();
        let mut stream = vec![0; 30_000];
        let begun = sealer.update(&[7; 9000], &mut stream).unwrap();
        assert_eq!(begun.consumed, 9000);
        sealer.end_item().unwrap();
        sealer.finish().unwrap();
        let ended = sealer.update(&[], &mut stream[begun.produced..]).unwrap();
        assert_eq!(ended.event, SealEvent::Finished);
        stream.truncate(begun.produced + ended.produced);
        let (header, locked) = HeaderReader::new().push(&stream).unwrap();
        let stride = locked.unwrap().header().geometry().stride();
        (stream, [0, 1, 2].map(|chunk| header + chunk * stride))
    }

    /// Walks over it in pieces of each length.
    fn walks(stream: &[u8], limits: Limits) -> [Result<Survey, FormatError>; 4] {
        [1, 7, 4096, stream.len()].map(|piece| {
            let mut walker = FrameWalker::new(limits);
            for piece in stream.chunks(piece) {
                walker.push(piece)?;
            }
            walker.finish()
        })
    }

    #[test]
    fn a_frame_is_refused_where_it_begins() {
        let (stream, frames) = stream();
        for at in frames {
            let mut changed = stream.clone();
            changed[at] ^= 0x55;
            for walk in walks(&changed, Limits::DEFAULT) {
                assert_eq!(walk.unwrap_err().offset, at as u64);
            }
        }
    }

    #[test]
    fn a_stream_of_the_greatest_length_is_walked_over() {
        let (stream, [.., last]) = stream();
        let len = stream.len() as u64;
        for walk in walks(&stream, Limits::DEFAULT.stream_bytes(len)) {
            let survey = walk.unwrap();
            assert_eq!((survey.chunks, survey.stream_bytes), (3, len));
        }
        for walk in walks(&stream, Limits::DEFAULT.stream_bytes(len - 1)) {
            let kind = FormatErrorKind::CallerLimit(len - 1);
            assert_eq!(walk, Err(FormatError::at(kind, last as u64)));
        }
    }
}
