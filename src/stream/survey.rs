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
