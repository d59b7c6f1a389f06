//! [`OpenReader`]: `Read` and `Seek` over an image inside a sealed file.

mod content;
mod frames;
mod pass_item;

use std::io::{self, Read, Seek, SeekFrom};

use crate::content::{ContentErrorKind, IndexEntry, Manifest};
use crate::stream::{Authentic, ChunkReader, OpenOptions, SignatureReport};

use super::clock::timed;
use super::error::ReadError;
use super::source::StreamSource;
use content::{Content, OpenItem, at_most, content_error};

/// How much is read at once while the header is looked for: a header is 4181 bytes unless its
/// recipients are many, and what is read beyond it is read for nothing.
pub(super) const HEADER_BUFFER: usize = 4608;
/// Reads images out of a sealed stream in any order, opening only the chunks that are asked for.
///
/// Without a required signer, what it gives is authentic: some holder of the key made it, and the
/// stream is whole. With one, all tags are read first (all chunks, in suite 0002), the signature is
/// verified, and everything that is read is what the signer signed.
///
/// Memory is bounded: a few chunks, the index, and 32 bytes a chunk where a signer is required.
#[derive(Debug)]
pub struct OpenReader<R> {
    content: Content<R>,
    /// Read when it is asked for: who wants the first image of thousands need not know the others.
    items: Option<Vec<IndexEntry>>,
    item: Option<OpenItem>,
    position: u64,
}

impl<R: Read + Seek> OpenReader<R> {
    /// Opens a stream: its header and its end. The first item is selected; the index is read when it is needed.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn open(mut reader: R, options: &OpenOptions) -> Result<Self, ReadError> {
        let stream_len = reader.seek(SeekFrom::End(0))?;
        reader.seek(SeekFrom::Start(0))?;
        let mut source = StreamSource::with_buffer(reader, HEADER_BUFFER);
        let unlocked = source.header()?.unlock(options)?;
        let chunks = unlocked.into_chunk_reader(stream_len, &timed(options))?;
        let mut content = Content::new(source.into_inner(), chunks, *options.get_limits());
        content.open_end()?;
        let item = content.first_item()?;
        Ok(Self {
            content,
            items: None,
            item,
            position: 0,
        })
    }

    /// Lists the items. The first call reads the index, or walks from item to item where the stream has none.
    ///
    /// # Errors
    /// [`ReadError`]; the call can be made again.
    pub fn items(&mut self) -> Result<&[IndexEntry], ReadError> {
        let items = match self.items.take() {
            Some(items) => items,
            None => self.content.items()?,
        };
        Ok(self.items.insert(items))
    }

    /// Returns the signature, which holds for all of the stream, where a signer is required.
    #[must_use]
    pub const fn signature(&self) -> Option<&SignatureReport> {
        self.content.chunks.signature()
    }

    /// Returns what is known of the header and the chunks.
    #[must_use]
    pub const fn chunks(&self) -> &ChunkReader {
        &self.content.chunks
    }

    /// Goes to the beginning of item `number`, counted from 0, and returns its manifest.
    ///
    /// # Errors
    /// [`ReadError::Io`] of kind `InvalidInput` where there is no such item; [`ReadError`].
    pub fn select(&mut self, number: usize) -> Result<Authentic<Manifest>, ReadError> {
        let entry = self.items()?.get(number).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "the stream has no such item")
        })?;
        let (offset, bytes) = (entry.offset, entry.bytes);
        let (item, _) = self.content.item_at(offset)?;
        if item.len != bytes {
            return Err(content_error(ContentErrorKind::IndexMismatch, offset));
        }
        let manifest = item.manifest.clone();
        self.item = Some(item);
        self.position = 0;
        Ok(Authentic::new(manifest))
    }

    /// Returns the manifest of the selected item; none where the stream has no item.
    #[must_use]
    pub fn manifest(&self) -> Option<Authentic<&Manifest>> {
        self.item
            .as_ref()
            .map(|item| Authentic::new(&item.manifest))
    }

    /// Reads the selected item's preview, if it has one, wherever the item is read at. Where the item is itself the preview
    /// of an image in another stream, it is that.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn preview(&mut self) -> Result<Option<Authentic<Vec<u8>>>, ReadError> {
        let Some(item) = &self.item else {
            return Ok(None);
        };
        let bytes = if item.manifest.preview_of.is_some() {
            let segments = item.segments.clone();
            self.content.join(&segments)?
        } else if let Some(preview) = item.preview {
            self.content.join(&[preview])?
        } else {
            return Ok(None);
        };
        Ok(Some(Authentic::new(bytes)))
    }

    /// Returns the length of the selected item's original in bytes.
    #[must_use]
    pub fn item_len(&self) -> u64 {
        self.item.as_ref().map_or(0, |item| item.len)
    }

    /// Returns how many bytes of content were decrypted so far, chunk by chunk and FINAL among them: what
    /// the reading has cost. A chunk that is kept costs nothing again; one that is only held against the
    /// signature is not decrypted.
    #[must_use]
    pub const fn decrypted_bytes(&self) -> u64 {
        self.content.decrypted
    }

    /// Returns the bytes of the stream that hold the selected item's data, whole chunks; an empty range where
    /// it has none.
    pub(super) fn item_range(&self) -> core::ops::Range<u64> {
        let segments = self.item.as_ref().map_or(&[][..], |item| &item.segments);
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
            return 0..0;
        };
        self.content
            .range_of(first.content..last.content + last.len)
    }

    /// Borrows what carries the stream.
    #[must_use]
    pub const fn get_ref(&self) -> &R {
        &self.content.reader
    }

    /// Borrows what carries the stream: where it stands does not matter to later reading.
    pub const fn get_mut(&mut self) -> &mut R {
        &mut self.content.reader
    }

    /// Returns what carries the stream.
    #[must_use]
    pub fn into_inner(self) -> R {
        self.content.reader
    }
}

impl<R: Read + Seek> OpenReader<R> {
    /// Reads from the selected item, with the reader's own errors.
    fn read_on(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let Some(item) = &self.item else {
            return Ok(0);
        };
        let after = item
            .segments
            .partition_point(|s| s.start + s.len <= self.position);
        let Some(segment) = item.segments.get(after) else {
            return Ok(0);
        };
        let inside = self.position - segment.start;
        let len = at_most(buffer.len(), segment.len - inside);
        let read = self
            .content
            .read_at(segment.content + inside, &mut buffer[..len])?;
        self.position += read as u64;
        Ok(read)
    }
}

impl<R: Read + Seek> Read for OpenReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(self.read_on(buffer)?)
    }
}

impl<R: Read + Seek> Seek for OpenReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(delta) => self.item_len().checked_add_signed(delta),
            SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
        };
        self.position = position.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "a seek to before the image's first byte",
            )
        })?;
        Ok(self.position)
    }
}
