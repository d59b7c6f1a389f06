//! Parses the content, one chunk after the other, without ever looking ahead of a chunk's tag.
//!
//! A zero byte where a kind is expected is padding. A CLOSE lies whole inside one chunk and ends it.

use super::close::Close;
use super::error::{ContentError, ContentErrorKind};
use super::grammar::Grammar;
use super::growth::append_wiping;
use super::index::{Index, IndexEntry};
use super::manifest::Manifest;
use super::record::{RECORD_HEADER_LEN, RecordHeader, RecordKind};
use crate::format::Limits;
use crate::hash::Sha256Stream;

/// What the parser found.
#[derive(Debug)]
#[non_exhaustive]
pub enum ContentEvent {
    /// The chunk is used up.
    EndOfChunk,
    /// An item begins.
    Item(Manifest),
    /// The item's preview.
    Preview(Vec<u8>),
    /// This many bytes of the item's original were consumed.
    Data(usize),
    /// The item is whole, and its digest was compared where it carries one.
    ItemEnd(ItemEnd),
    /// CLOSE, which ended the chunk.
    Close(Close),
}

/// A whole item.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ItemEnd {
    /// How many bytes the original has.
    pub bytes: u64,
    /// SHA-256 of the original, unless the parser was told not to compute it.
    pub sha256: Option<[u8; 32]>,
}

#[derive(Debug)]
enum State {
    /// A kind, padding, or the rest of a header is expected.
    Header,
    /// The body of a small record is being collected.
    Collect(RecordHeader),
    /// The original's bytes pass.
    Data(u64),
    /// INDEX passes and is compared with what was read; the offset is how much of it has.
    Compare { expected: Vec<u8>, at: usize },
    /// A record that may be skipped passes.
    Skip(u64),
}

/// The parser.
#[derive(Debug)]
pub struct ContentParser {
    limits: Limits,
    offset: u64,
    state: State,
    grammar: Grammar,
    header: [u8; RECORD_HEADER_LEN],
    header_len: usize,
    /// A header that was read but waits until the item before it has been reported.
    pending: Option<RecordHeader>,
    record_offset: u64,
    chunk_start: u64,
    body: Vec<u8>,
    entries: Vec<IndexEntry>,
    /// None where digests are not computed.
    hasher: Option<Sha256Stream>,
    index_offset: u64,
}

type Parsed = Result<(usize, Option<ContentEvent>), ContentError>;

impl ContentParser {
    /// Starts at the first byte of the content.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self::with_digests(limits, true)
    }

    /// As [`ContentParser::new`]; `digests` says whether originals are hashed. Where they are not, a DIGEST, which must be
    /// compared, is refused.
    #[must_use]
    pub fn with_digests(limits: Limits, digests: bool) -> Self {
        Self {
            limits,
            offset: 0,
            state: State::Header,
            grammar: Grammar::default(),
            header: [0; RECORD_HEADER_LEN],
            header_len: 0,
            pending: None,
            record_offset: 0,
            chunk_start: 0,
            body: Vec::new(),
            entries: Vec::new(),
            hasher: digests.then(Sha256Stream::new),
            index_offset: 0,
        }
    }

    /// Returns the offset in the content of the next byte.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns where the last record began whose header was read.
    pub(crate) const fn record_offset(&self) -> u64 {
        self.record_offset
    }

    /// Returns where INDEX began, or 0.
    #[must_use]
    pub const fn index_offset(&self) -> u64 {
        self.index_offset
    }

    /// Says that the next bytes are the first of another chunk.
    pub const fn begin_chunk(&mut self) {
        self.chunk_start = self.offset;
    }

    /// Returns how many bytes from here on are certainly an original's: those of the DATA record inside which the next
    /// byte lies.
    pub(crate) const fn data_left(&self) -> u64 {
        match self.state {
            State::Data(left) => left,
            _ => 0,
        }
    }

    /// Counts bytes of the original that went another way: no more than [`ContentParser::data_left`], whole chunks.
    pub(crate) fn pass_data(&mut self, len: u64) {
        if let State::Data(left) = &mut self.state {
            *left = left.saturating_sub(len);
            if *left == 0 {
                self.state = State::Header;
            }
        }
        if let Some(entry) = self.entries.last_mut() {
            entry.bytes = entry.bytes.saturating_add(len);
        }
        self.offset = self.offset.saturating_add(len);
    }

    fn hash_data(&mut self, bytes: &[u8]) {
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
    }

    /// What hashes the bytes that [`ContentParser::pass_data`] counts, in their order.
    pub(crate) const fn hasher(&mut self) -> Option<&mut Sha256Stream> {
        self.hasher.as_mut()
    }

    /// Takes from `rest`, which is everything that is left of the current chunk, up to the next event.
    ///
    /// Returns how much was taken and the event.
    ///
    /// # Errors
    /// A [`ContentError`] for each rejection of SPEC section 7.
    pub fn step(&mut self, rest: &[u8]) -> Result<(usize, ContentEvent), ContentError> {
        let mut taken: usize = 0;
        loop {
            let input = rest.get(taken..).unwrap_or_default();
            if input.is_empty() && self.pending.is_none() && !self.completes_without_input() {
                return Ok((taken, ContentEvent::EndOfChunk));
            }
            let (used, event) = self.advance(input)?;
            taken = taken.saturating_add(used);
            self.offset = self
                .offset
                .saturating_add(u64::try_from(used).unwrap_or(u64::MAX));
            if let Some(event) = event {
                return Ok((taken, event));
            }
        }
    }

    /// Records without a body are complete as soon as their header is.
    fn completes_without_input(&self) -> bool {
        match &self.state {
            State::Header => false,
            State::Collect(header) => header.length == 0,
            State::Data(left) | State::Skip(left) => *left == 0,
            State::Compare { expected, at } => expected.len() == *at,
        }
    }

    fn advance(&mut self, input: &[u8]) -> Parsed {
        match &mut self.state {
            State::Header => self.advance_header(input),
            State::Data(left) => {
                let take = at_most(input.len(), *left);
                *left = left.saturating_sub(to_u64(take));
                let done = *left == 0;
                self.hash_data(input.get(..take).unwrap_or_default());
                if let Some(entry) = self.entries.last_mut() {
                    entry.bytes = entry.bytes.saturating_add(to_u64(take));
                }
                if done {
                    self.state = State::Header;
                }
                Ok((take, (take > 0).then_some(ContentEvent::Data(take))))
            }
            State::Skip(left) => {
                let take = at_most(input.len(), *left);
                *left = left.saturating_sub(to_u64(take));
                if *left == 0 {
                    self.state = State::Header;
                }
                Ok((take, None))
            }
            State::Compare { expected, at } => {
                let left = expected.get(*at..).unwrap_or_default();
                let take = left.len().min(input.len());
                if left.get(..take) != input.get(..take) {
                    return Err(self.fail(ContentErrorKind::IndexMismatch));
                }
                *at = at.saturating_add(take);
                if *at == expected.len() {
                    self.state = State::Header;
                }
                Ok((take, None))
            }
            State::Collect(header) => {
                let header = *header;
                let left = header.length.saturating_sub(to_u64(self.body.len()));
                let take = at_most(input.len(), left);
                append_wiping(&mut self.body, input.get(..take).unwrap_or_default());
                if to_u64(self.body.len()) < header.length {
                    return Ok((take, None));
                }
                self.state = State::Header;
                let body = core::mem::take(&mut self.body);
                Ok((take, self.collected(header.kind, body)?))
            }
        }
    }

    fn advance_header(&mut self, input: &[u8]) -> Parsed {
        if let Some(header) = self.pending {
            return self.start_record(header, input);
        }
        if self.header_len == 0 {
            let padding = input.iter().take_while(|&&byte| byte == 0).count();
            if padding > 0 {
                return Ok((padding, None));
            }
            self.record_offset = self.offset;
        }
        let room = self.header.get_mut(self.header_len..).unwrap_or_default();
        let take = room.len().min(input.len());
        for (to, from) in room.iter_mut().zip(input) {
            *to = *from;
        }
        self.header_len = self.header_len.saturating_add(take);
        if self.header_len == RECORD_HEADER_LEN {
            self.header_len = 0;
            let header = RecordHeader::parse(self.header)
                .map_err(|number| self.fail(ContentErrorKind::UnknownRecord(number)))?;
            self.pending = Some(header);
        }
        Ok((take, None))
    }

    /// Decides what a header means here. Nothing of `input` is taken except by CLOSE.
    fn start_record(&mut self, header: RecordHeader, input: &[u8]) -> Parsed {
        if self.grammar.ends_item(header.kind) {
            return Ok((0, Some(ContentEvent::ItemEnd(self.item_end()))));
        }
        self.pending = None;
        self.grammar
            .accept(header)
            .map_err(|kind| self.fail(kind))?;
        match header.kind {
            RecordKind::Manifest if self.entries.len() >= self.limits.items => {
                Err(self.fail(ContentErrorKind::TooManyItems(self.limits.items)))
            }
            RecordKind::Manifest => self.collect(header, self.limits.manifest_bytes),
            RecordKind::Preview => self.collect(header, self.limits.preview_bytes),
            RecordKind::Digest => self.collect(header, 32),
            RecordKind::Data => {
                self.state = State::Data(header.length);
                Ok((0, None))
            }
            RecordKind::Skippable(_) => {
                self.state = State::Skip(header.length);
                Ok((0, None))
            }
            RecordKind::Index => self.start_index(header),
            RecordKind::Close => self.close(header, input),
        }
    }

    fn collect(&mut self, header: RecordHeader, limit: usize) -> Parsed {
        if header.length > to_u64(limit) {
            return Err(self.fail(ContentErrorKind::Limit {
                kind: header.kind.number(),
                length: header.length,
                limit: to_u64(limit),
            }));
        }
        self.body.clear();
        self.state = State::Collect(header);
        Ok((0, None))
    }

    fn collected(
        &mut self,
        kind: RecordKind,
        body: Vec<u8>,
    ) -> Result<Option<ContentEvent>, ContentError> {
        match kind {
            RecordKind::Manifest => {
                let manifest = Manifest::parse(&body, self.record_offset)?;
                self.entries.push(IndexEntry::new(
                    self.record_offset,
                    0,
                    None,
                    manifest.media_type.clone(),
                    manifest.name.clone().unwrap_or_default(),
                ));
                self.hasher = self.hasher.is_some().then(Sha256Stream::new);
                Ok(Some(ContentEvent::Item(manifest)))
            }
            RecordKind::Digest => {
                let end = self.item_end();
                let item = to_u64(self.entries.len().saturating_sub(1));
                let computed = end
                    .sha256
                    .ok_or_else(|| self.fail(ContentErrorKind::DigestNotComputed(item)))?;
                if body != computed {
                    return Err(self.fail(ContentErrorKind::DigestMismatch(item)));
                }
                if let Some(entry) = self.entries.last_mut() {
                    entry.digest = Some(computed);
                }
                Ok(Some(ContentEvent::ItemEnd(end)))
            }
            _ => Ok(Some(ContentEvent::Preview(body))),
        }
    }

    fn item_end(&self) -> ItemEnd {
        let hasher = self.hasher.clone();
        ItemEnd {
            bytes: self.entries.last().map_or(0, |entry| entry.bytes),
            sha256: hasher.map(Sha256Stream::finalize),
        }
    }

    fn start_index(&mut self, header: RecordHeader) -> Parsed {
        // What INDEX must say is known, so a hostile length costs nothing.
        let expected = Index::new(core::mem::take(&mut self.entries)).to_bytes();
        if expected.is_empty() || to_u64(expected.len()) != header.length {
            return Err(self.fail(ContentErrorKind::IndexMismatch));
        }
        self.index_offset = self.record_offset;
        self.state = State::Compare { expected, at: 0 };
        Ok((0, None))
    }

    fn close(&mut self, header: RecordHeader, input: &[u8]) -> Parsed {
        if self.record_offset < self.chunk_start {
            return Err(self.fail(ContentErrorKind::Close(
                "it does not lie whole inside one chunk",
            )));
        }
        if header.length != to_u64(input.len()) {
            return Err(self.fail(ContentErrorKind::Close("it does not end its chunk")));
        }
        let record = [header.to_bytes().as_slice(), input].concat();
        let close = Close::parse(&record, self.record_offset)?;
        Ok((input.len(), Some(ContentEvent::Close(close))))
    }

    fn fail(&self, kind: ContentErrorKind) -> ContentError {
        ContentError::at(kind, self.record_offset)
    }
}

fn to_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

fn at_most(len: usize, limit: u64) -> usize {
    usize::try_from(limit).map_or(len, |limit| len.min(limit))
}

#[cfg(test)]
mod tests;
