//! The content of a stream as one long array of bytes, and the records in it.

use std::io::{Read, Seek, SeekFrom};

use zeroize::Zeroizing;

use crate::content::{
    ContentError, ContentErrorKind, Grammar, Index, IndexEntry, Manifest, RECORD_HEADER_LEN,
    RecordHeader, RecordKind,
};
use crate::format::{FRAME_HEADER_LEN, Limits};
use crate::io::error::ReadError;
use crate::stream::{ChunkReader, OpenError};

/// How many opened chunks are kept: a viewer that jumps between a directory and its data needs a few.
const CACHED_CHUNKS: usize = 4;
/// The most DATA records of one item that are followed.
const MAX_SEGMENTS: usize = 1 << 22;

/// The item that is being read: where its DATA lies in the content.
#[derive(Debug)]
pub(super) struct OpenItem {
    pub(super) manifest: Manifest,
    /// Where its PREVIEW lies.
    pub(super) preview: Option<Segment>,
    /// For each DATA record: where it begins in the original and in the content, and its length.
    pub(super) segments: Vec<Segment>,
    pub(super) len: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) start: u64,
    pub(super) content: u64,
    pub(super) len: u64,
}

/// The content as one long array of bytes.
pub(super) struct Content<R> {
    pub(super) reader: R,
    pub(super) chunks: ChunkReader,
    /// How many bytes were decrypted so far.
    pub(super) decrypted: u64,
    limits: Limits,
    cache: Vec<(u64, Zeroizing<Vec<u8>>)>,
}

impl<R: Read + Seek> Content<R> {
    pub(super) const fn new(reader: R, chunks: ChunkReader, limits: Limits) -> Self {
        Self {
            reader,
            chunks,
            decrypted: 0,
            limits,
            cache: Vec::new(),
        }
    }

    /// Reads the leaves where they are needed, then FINAL.
    pub(super) fn open_end(&mut self) -> Result<(), ReadError> {
        let last = self.chunks.full_chunks();
        if self.chunks.needs_leaves() {
            let mut bytes = Vec::new();
            for index in 0..last {
                let range = self.chunks.leaf_range(index);
                self.read_range(range, &mut bytes)?;
                self.chunks.push_leaf(&bytes);
            }
        }
        let mut frame = Vec::new();
        self.read_range(self.chunks.frame_range(last), &mut frame)?;
        self.chunks.open_final(frame)?;
        self.decrypted += self.chunks.final_content().len() as u64;
        Ok(())
    }

    fn read_range(
        &mut self,
        range: core::ops::Range<u64>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), ReadError> {
        bytes.resize(usize::try_from(range.end - range.start).unwrap_or(0), 0);
        self.reader.seek(SeekFrom::Start(range.start))?;
        Ok(self.reader.read_exact(bytes)?)
    }

    /// Reads content bytes, up to the end of the chunk that holds the first of them.
    pub(super) fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let size = self.chunks.unlocked().geometry().chunk_size;
        let index = offset >> size.log2();
        let inside = usize::try_from(offset & (size.bytes_u64() - 1)).unwrap_or(0);
        let content = if index >= self.chunks.full_chunks() {
            self.chunks.final_content()
        } else {
            self.cached(index)?
        };
        let rest = content.get(inside..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    /// Returns where in the stream the chunks lie that hold this range of the content.
    pub(super) fn range_of(&self, content: core::ops::Range<u64>) -> core::ops::Range<u64> {
        let log2 = self.chunks.unlocked().geometry().chunk_size.log2();
        let frame = |offset: u64| {
            let index = (offset >> log2).min(self.chunks.full_chunks());
            self.chunks.frame_range(index)
        };
        frame(content.start).start..frame(content.end.saturating_sub(1)).end
    }

    fn cached(&mut self, index: u64) -> Result<&[u8], ReadError> {
        if let Some(found) = self.cache.iter().position(|(cached, _)| *cached == index) {
            // The last is the most recently used.
            let entry = self.cache.remove(found);
            self.cache.push(entry);
        } else {
            let mut frame = if self.cache.len() == CACHED_CHUNKS {
                self.cache.remove(0).1
            } else {
                Zeroizing::default()
            };
            self.read_range(self.chunks.frame_range(index), &mut frame)?;
            let len = self.chunks.open(index, &mut frame)?.len();
            self.decrypted += len as u64;
            frame.copy_within(FRAME_HEADER_LEN.., 0);
            frame.truncate(len);
            self.cache.push((index, frame));
        }
        Ok(self.cache.last().map_or(&[], |(_, content)| content))
    }

    fn read_exact_at(&mut self, mut offset: u64, mut buffer: &mut [u8]) -> Result<(), ReadError> {
        while !buffer.is_empty() {
            let read = self.read_at(offset, buffer)?;
            if read == 0 {
                return Err(content_error(ContentErrorKind::Unfinished, offset));
            }
            offset += read as u64;
            buffer = &mut buffer[read..];
        }
        Ok(())
    }

    /// Lists the items from INDEX, or by walking from record to record where there is none.
    pub(super) fn items(&mut self) -> Result<Vec<IndexEntry>, ReadError> {
        let limits = self.limits;
        let Some(at) = self.chunks.index_offset()? else {
            return self.walk_items(limits.items);
        };
        let (header, _) = self.record_at(at)?;
        if header.map(|h| h.kind) != Some(RecordKind::Index) {
            return Err(content_error(ContentErrorKind::IndexMismatch, at));
        }
        let body = self.body(header, at, limits.index_bytes)?;
        let index = Index::parse(&body, at, limits.items).map_err(OpenError::from)?;
        Ok(index.entries)
    }

    /// Reads the item that stands first, if there is one.
    pub(super) fn first_item(&mut self) -> Result<Option<OpenItem>, ReadError> {
        let Some(start) = self.manifest_from(0)? else {
            return Ok(None);
        };
        Ok(Some(self.item_at(start)?.0))
    }

    fn walk_items(&mut self, max_items: usize) -> Result<Vec<IndexEntry>, ReadError> {
        let mut items = Vec::new();
        let mut at = 0;
        while let Some(start) = self.manifest_from(at)? {
            if items.len() >= max_items {
                let kind = ContentErrorKind::TooManyItems(max_items);
                return Err(content_error(kind, start));
            }
            let (item, end) = self.item_at(start)?;
            let media_type = item.manifest.media_type.clone();
            let name = item.manifest.name.clone().unwrap_or_default();
            items.push(IndexEntry::new(start, item.len, None, media_type, name));
            at = end;
        }
        Ok(items)
    }

    /// Finds the next MANIFEST from `at`, which lies between items: none behind the last one of a stream without INDEX.
    fn manifest_from(&mut self, mut at: u64) -> Result<Option<u64>, ReadError> {
        while let (Some(header), start) = self.record_at(at)? {
            if header.kind == RecordKind::Manifest {
                return Ok(Some(start));
            }
            // INDEX follows an item, and where items are counted this way CLOSE says that there is none.
            let is_index = header.kind == RecordKind::Index;
            if is_index || Grammar::default().accept(header).is_err() {
                let kind = ContentErrorKind::OutOfOrder(header.kind.number());
                return Err(content_error(kind, start));
            }
            at = end_of(header, start)?;
        }
        Ok(None)
    }

    /// Returns the header of the record at or, behind padding, after `at`, and where that begins.
    fn record_at(&mut self, mut at: u64) -> Result<(Option<RecordHeader>, u64), ReadError> {
        let mut window = [0; 256];
        while at < self.chunks.content_len() {
            let read = self.read_at(at, &mut window)?;
            let padding = window[..read].iter().take_while(|&&byte| byte == 0).count();
            at += padding as u64;
            if padding < read {
                let mut head = [0; RECORD_HEADER_LEN];
                self.read_exact_at(at, &mut head)?;
                let header = RecordHeader::parse(head)
                    .map_err(|number| content_error(ContentErrorKind::UnknownRecord(number), at))?;
                return Ok((Some(header), at));
            }
        }
        Ok((None, at))
    }

    fn body(
        &mut self,
        header: Option<RecordHeader>,
        at: u64,
        limit: usize,
    ) -> Result<Vec<u8>, ReadError> {
        let Some(header) = header else {
            return Err(content_error(ContentErrorKind::Unfinished, at));
        };
        let len = usize::try_from(header.length)
            .ok()
            .filter(|len| *len <= limit);
        let body_at = at + RECORD_HEADER_LEN as u64;
        let left = self.chunks.content_len().saturating_sub(body_at);
        let Some(len) = len.filter(|_| header.length <= left) else {
            return Err(record_length(header, at));
        };
        let mut body = vec![0; len];
        self.read_exact_at(body_at, &mut body)?;
        Ok(body)
    }

    /// Reads the manifest at `offset` and finds the item's DATA; also returns where the item ends.
    pub(super) fn item_at(&mut self, offset: u64) -> Result<(OpenItem, u64), ReadError> {
        let (header, start) = self.record_at(offset)?;
        let is_manifest = header.is_some_and(|h| h.kind == RecordKind::Manifest);
        if start != offset || !is_manifest {
            return Err(content_error(ContentErrorKind::IndexMismatch, offset));
        }
        let limit = self.limits.manifest_bytes;
        let body = self.body(header, offset, limit)?;
        let manifest = Manifest::parse(&body, offset).map_err(OpenError::from)?;
        let mut item = OpenItem {
            manifest,
            preview: None,
            segments: Vec::new(),
            len: 0,
        };
        let mut grammar = Grammar::AfterManifest;
        let mut at = offset + (RECORD_HEADER_LEN + body.len()) as u64;
        while let (Some(header), start) = self.record_at(at)? {
            grammar.ends_item(header.kind);
            if grammar == Grammar::BetweenItems {
                return Ok((item, start));
            }
            grammar
                .accept(header)
                .map_err(|kind| content_error(kind, start))?;
            match header.kind {
                RecordKind::Data => item.add_segment(header, start, self.chunks.content_len())?,
                RecordKind::Preview => item.preview = Some(self.preview_at(header, start)?),
                _ => {}
            }
            at = end_of(header, start)?;
        }
        let end = self.chunks.content_len();
        Err(content_error(ContentErrorKind::Unfinished, end))
    }

    /// Where a preview lies, which is no longer than one may be, and inside the content.
    fn preview_at(&self, header: RecordHeader, at: u64) -> Result<Segment, ReadError> {
        let longest = self.limits.preview_bytes as u64;
        if header.length > longest || end_of(header, at)? > self.chunks.content_len() {
            return Err(record_length(header, at));
        }
        Ok(Segment {
            start: 0,
            content: at + RECORD_HEADER_LEN as u64,
            len: header.length,
        })
    }

    /// Reads parts of the content into memory, which together are no longer than a preview may be.
    pub(super) fn join(&mut self, segments: &[Segment]) -> Result<Vec<u8>, ReadError> {
        let total: u64 = segments.iter().map(|segment| segment.len).sum();
        let most = self.limits.preview_bytes as u64;
        let Some(len) = usize::try_from(total).ok().filter(|_| total <= most) else {
            let at = segments.first().map_or(0, |segment| segment.content);
            let header = RecordHeader::new(RecordKind::Data, total);
            return Err(record_length(header, at));
        };
        let mut bytes = vec![0; len];
        let mut filled = 0;
        for segment in segments {
            let end = filled + at_most(len - filled, segment.len);
            self.read_exact_at(segment.content, &mut bytes[filled..end])?;
            filled = end;
        }
        Ok(bytes)
    }
}

impl OpenItem {
    /// Adds a DATA record, which must lie inside the content.
    fn add_segment(&mut self, header: RecordHeader, at: u64, end: u64) -> Result<(), ReadError> {
        if self.segments.len() >= MAX_SEGMENTS || end_of(header, at)? > end {
            return Err(record_length(header, at));
        }
        let content = at + RECORD_HEADER_LEN as u64;
        self.segments.push(Segment {
            start: self.len,
            content,
            len: header.length,
        });
        self.len = self.len.saturating_add(header.length);
        Ok(())
    }
}

impl<R> core::fmt::Debug for Content<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Content")
            .field("chunks", &self.chunks)
            .finish_non_exhaustive()
    }
}

fn end_of(header: RecordHeader, at: u64) -> Result<u64, ReadError> {
    at.checked_add(RECORD_HEADER_LEN as u64)
        .and_then(|body| body.checked_add(header.length))
        .ok_or_else(|| content_error(ContentErrorKind::Unfinished, at))
}

fn record_length(header: RecordHeader, at: u64) -> ReadError {
    let problem = ContentErrorKind::RecordLength {
        kind: header.kind.number(),
        length: header.length,
    };
    content_error(problem, at)
}

pub(super) fn content_error(kind: ContentErrorKind, offset: u64) -> ReadError {
    ReadError::Open(OpenError::from(ContentError::at(kind, offset)))
}

pub(super) fn at_most(len: usize, limit: u64) -> usize {
    usize::try_from(limit).map_or(len, |limit| len.min(limit))
}
