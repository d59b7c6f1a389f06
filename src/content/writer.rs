//! Writes the content: turns items into records and keeps the index.

use super::error::{ContentError, ContentErrorKind};
use super::growth::append_wiping;
use super::index::{Index, IndexEntry};
use super::manifest::Manifest;
use super::record::{RecordHeader, RecordKind};
use crate::format::Limits;
use crate::hash::Sha256Stream;

/// What stands open between two calls.
struct OpenItem {
    entry: IndexEntry,
    declared: Option<u64>,
    has_data: bool,
    hasher: Option<Sha256Stream>,
}

/// Makes the records of a stream, in order, and counts where each begins.
///
/// It appends control bytes to the caller's buffer; data of a declared length the caller passes on
/// itself, after [`ContentWriter::data`] has seen it.
pub struct ContentWriter {
    offset: u64,
    entries: Vec<IndexEntry>,
    item: Option<OpenItem>,
    with_digests: bool,
    digests: Vec<[u8; 32]>,
}

/// A call that does not fit what the writer is doing, in words.
pub type WriteResult<T> = Result<T, WriteProblem>;

/// Why a call to the writer was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteProblem {
    /// An item was started inside another.
    #[error("an item is still open")]
    ItemOpen,
    /// Data or an end without an item.
    #[error("no item is open")]
    NoItem,
    /// An empty preview, or one that no reader would accept.
    #[error("a preview of {bytes} bytes; it has 1 to 65536")]
    Preview {
        /// How many it has.
        bytes: usize,
    },
    /// More or fewer bytes than the item's declared length.
    #[error("the item was declared with {declared} bytes and given {given}")]
    Length {
        /// What was declared.
        declared: u64,
        /// What was given.
        given: u64,
    },
    /// A manifest that no reader would accept.
    #[error(transparent)]
    Manifest(#[from] ContentError),
}

impl ContentWriter {
    /// Starts at offset 0. `digests` says whether each item gets a DIGEST.
    #[must_use]
    pub const fn new(digests: bool) -> Self {
        Self {
            offset: 0,
            entries: Vec::new(),
            item: None,
            with_digests: digests,
            digests: Vec::new(),
        }
    }

    /// Returns the SHA-256 of each ended item's original, where items get digests.
    #[must_use]
    pub fn digests(&self) -> &[[u8; 32]] {
        &self.digests
    }

    /// Returns where the next byte will stand in the content.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns how many bytes the open item still takes: nothing where none is open, `None` inside
    /// where its length was not declared.
    #[must_use]
    pub fn open_item_room(&self) -> Option<Option<u64>> {
        let item = self.item.as_ref()?;
        Some(
            item.declared
                .map(|declared| declared.saturating_sub(item.entry.bytes)),
        )
    }

    /// Starts an item, with its length where that is known.
    ///
    /// # Errors
    /// [`WriteProblem::ItemOpen`] and [`WriteProblem::Manifest`].
    pub fn start_item(
        &mut self,
        manifest: &Manifest,
        declared: Option<u64>,
        out: &mut Vec<u8>,
    ) -> WriteResult<()> {
        self.start_item_with_preview(manifest, None, declared, out)
    }

    /// As [`ContentWriter::start_item`], with the bytes of a small picture of it, if there is one.
    ///
    /// # Errors
    /// As [`ContentWriter::start_item`], and [`WriteProblem::Preview`].
    pub fn start_item_with_preview(
        &mut self,
        manifest: &Manifest,
        preview: Option<&[u8]>,
        declared: Option<u64>,
        out: &mut Vec<u8>,
    ) -> WriteResult<()> {
        if self.item.is_some() {
            return Err(WriteProblem::ItemOpen);
        }
        preview.map_or(Ok(()), check_preview)?;
        let body = manifest.to_bytes()?;
        let limit = Limits::DEFAULT.manifest_bytes;
        if body.len() > limit {
            let kind = ContentErrorKind::Manifest("longer than 64 KiB");
            return Err(ContentError::at(kind, self.offset).into());
        }
        let entry = IndexEntry::new(
            self.offset,
            0,
            None,
            manifest.media_type.clone(),
            manifest.name.clone().unwrap_or_default(),
        );
        self.record(RecordKind::Manifest, &body, out);
        if let Some(preview) = preview {
            self.record(RecordKind::Preview, preview, out);
        }
        if let Some(length) = declared {
            self.append(&RecordHeader::new(RecordKind::Data, length).to_bytes(), out);
        }
        self.item = Some(OpenItem {
            entry,
            declared,
            has_data: declared.is_some(),
            hasher: self.with_digests.then(Sha256Stream::new),
        });
        Ok(())
    }

    /// Counts and hashes data of the open item, which the caller puts into the content itself.
    ///
    /// # Errors
    /// [`WriteProblem::NoItem`], and [`WriteProblem::Length`] for more than was declared.
    pub fn data(&mut self, bytes: &[u8]) -> WriteResult<()> {
        self.count_data(u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
        self.hash_data(bytes);
        Ok(())
    }

    fn hash_data(&mut self, bytes: &[u8]) {
        if let Some(hasher) = self.hasher() {
            hasher.update(bytes);
        }
    }

    /// The half of [`ContentWriter::data`] that costs time, for who does it on the way.
    pub(crate) fn hasher(&mut self) -> Option<&mut Sha256Stream> {
        self.item.as_mut()?.hasher.as_mut()
    }

    /// The other half. Who asks for lengths alone needs no more: the digest is then that of nothing.
    pub(crate) fn count_data(&mut self, len: u64) -> WriteResult<()> {
        let item = self.item.as_mut().ok_or(WriteProblem::NoItem)?;
        let given = item.entry.bytes.saturating_add(len);
        if let Some(declared) = item.declared.filter(|declared| given > *declared) {
            return Err(WriteProblem::Length { declared, given });
        }
        item.entry.bytes = given;
        self.offset = self.offset.saturating_add(len);
        Ok(())
    }

    /// Writes one DATA record of an item whose length was not declared.
    ///
    /// # Errors
    /// [`WriteProblem::NoItem`].
    pub fn data_record(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> WriteResult<()> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.item.as_mut().ok_or(WriteProblem::NoItem)?.has_data = true;
        self.append(&RecordHeader::new(RecordKind::Data, length).to_bytes(), out);
        self.data(bytes)?;
        append_wiping(out, bytes);
        Ok(())
    }

    /// Ends the open item.
    ///
    /// # Errors
    /// [`WriteProblem::NoItem`], and [`WriteProblem::Length`] for less than was declared.
    pub fn end_item(&mut self, out: &mut Vec<u8>) -> WriteResult<()> {
        if let Some(Some(room)) = self.open_item_room().filter(|room| *room != Some(0)) {
            let declared = self
                .item
                .as_ref()
                .and_then(|item| item.declared)
                .unwrap_or(0);
            return Err(WriteProblem::Length {
                declared,
                given: declared.saturating_sub(room),
            });
        }
        let mut item = self.item.take().ok_or(WriteProblem::NoItem)?;
        if !item.has_data {
            self.record(RecordKind::Data, &[], out);
        }
        if let Some(hasher) = item.hasher {
            let digest = hasher.finalize();
            self.record(RecordKind::Digest, &digest, out);
            item.entry.digest = Some(digest);
            self.digests.push(digest);
        }
        self.entries.push(item.entry);
        Ok(())
    }

    /// Ends the items: writes INDEX where there is an item, and returns its offset, or 0.
    ///
    /// # Errors
    /// [`WriteProblem::ItemOpen`].
    pub fn finish(&mut self, out: &mut Vec<u8>) -> WriteResult<u64> {
        if self.item.is_some() {
            return Err(WriteProblem::ItemOpen);
        }
        if self.entries.is_empty() {
            return Ok(0);
        }
        let offset = self.offset;
        let body = Index::new(core::mem::take(&mut self.entries)).to_bytes();
        self.record(RecordKind::Index, &body, out);
        Ok(offset)
    }

    /// Counts bytes that the caller put into the content by itself: padding, or CLOSE.
    pub fn skip_to(&mut self, offset: u64) {
        self.offset = self.offset.max(offset);
    }

    fn record(&mut self, kind: RecordKind, body: &[u8], out: &mut Vec<u8>) {
        let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
        self.append(&RecordHeader::new(kind, length).to_bytes(), out);
        self.append(body, out);
    }

    fn append(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        append_wiping(out, bytes);
        self.offset = self
            .offset
            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }
}

fn check_preview(preview: &[u8]) -> WriteResult<()> {
    match preview.len() {
        bytes if bytes == 0 || bytes > Limits::DEFAULT.preview_bytes => {
            Err(WriteProblem::Preview { bytes })
        }
        _ => Ok(()),
    }
}

impl core::fmt::Debug for ContentWriter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ContentWriter")
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    fn manifest(attribute: usize) -> Manifest {
        let mut manifest = Manifest::new("opaque", "application/octet-stream");
        manifest
            .attributes
            .insert("a".to_owned(), "x".repeat(attribute));
        manifest
    }

    #[test]
    fn a_manifest_is_64_kib_long_at_most() {
        let rest = manifest(1 << 15).to_bytes().unwrap().len() - (1 << 15);
        let start = |len: usize| {
            let mut writer = ContentWriter::new(true);
            writer
                .start_item(&manifest(len - rest), None, &mut Vec::new())
                .is_ok()
        };
        assert!(start(65_536));
        assert!(!start(65_537));
    }

    #[test]
    fn a_preview_has_1_to_65_536_bytes() {
        let start = |len: usize| {
            let (mut writer, mut out) = (ContentWriter::new(true), Vec::new());
            let preview = vec![7; len];
            writer.start_item_with_preview(&manifest(1), Some(&preview), Some(0), &mut out)
        };
        for bytes in [0, 65_537] {
            assert_eq!(start(bytes), Err(WriteProblem::Preview { bytes }));
        }
        assert!(start(1).is_ok() && start(65_536).is_ok());
    }

    #[test]
    fn digests_are_those_of_the_ended_items() {
        let mut writer = ContentWriter::new(true);
        let mut out = Vec::new();
        assert!(writer.digests().is_empty());
        writer.start_item(&manifest(1), Some(3), &mut out).unwrap();
        writer.data(b"abc").unwrap();
        writer.end_item(&mut out).unwrap();
        let expected: [u8; 32] = Sha256::digest(b"abc").into();
        assert_eq!(writer.digests(), [expected]);
    }
}
