//! [`RestoredFrames`]: a sink gets the samples of compressed frames, and not what they were sealed as.

use std::io;

use zeroize::Zeroizing;

use crate::content::{Manifest, append_wiping};
use crate::format::Limits;
use crate::image::FrameError;
use crate::stream::{
    Authentic, FrameSource, Header, ItemReport, OpenError, SignatureReport, restored_original,
};

use super::source::ItemSink;

/// Passes a stream on to another sink, where each item is its original: of a raw frame that was compressed, the samples,
/// rows without gaps and in the sender's byte order, with their length and their digest. Everything else passes as it is.
///
/// Compressed samples are held in memory until their item is whole, and so are the samples: no frame has more bytes than the
/// limit says, and memory is that of one frame at a time.
#[derive(Debug)]
pub struct RestoredFrames<'a, S> {
    sink: &'a mut S,
    limit: u64,
    items: u64,
    held: Option<Held>,
}

/// A compressed frame, as much of it as is there.
struct Held {
    manifest: Manifest,
    data: Zeroizing<Vec<u8>>,
}

impl core::fmt::Debug for Held {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Held")
            .field("manifest", &self.manifest)
            .finish_non_exhaustive()
    }
}

impl<'a, S: ItemSink> RestoredFrames<'a, S> {
    /// Stands before `sink`, with the limit of [`Limits::DEFAULT`].
    #[must_use]
    pub const fn new(sink: &'a mut S) -> Self {
        Self {
            sink,
            limit: Limits::DEFAULT.frame_bytes,
            items: 0,
            held: None,
        }
    }

    /// Sets the most bytes that the samples of a frame may have.
    #[must_use]
    pub const fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// What is wrong with the item that is being read, as a reader finds it in the end.
    fn refuse(&self, error: FrameError) -> io::Error {
        let item = self.items.saturating_sub(1);
        io::Error::new(io::ErrorKind::InvalidData, OpenError::Frame { item, error })
    }

    fn hold(&self, manifest: &Manifest) -> Result<Option<Held>, FrameError> {
        let entry = manifest.frame.as_ref();
        if entry.is_none_or(|entry| entry.transform.is_none()) {
            return Ok(None);
        }
        let bytes = FrameSource::of(manifest, 0)?.layout.packed_bytes();
        let limit = self.limit;
        if bytes > limit {
            return Err(FrameError::Limit { bytes, limit });
        }
        Ok(Some(Held {
            manifest: manifest.clone(),
            data: Zeroizing::default(),
        }))
    }
}

impl Held {
    fn add(&mut self, bytes: &[u8]) -> Result<(), FrameError> {
        let len = (self.data.len() as u64).saturating_add(bytes.len() as u64);
        FrameSource::of(&self.manifest, len)?;
        append_wiping(&mut self.data, bytes);
        Ok(())
    }
}

impl<S: ItemSink> ItemSink for RestoredFrames<'_, S> {
    fn start(&mut self, header: &Header) -> io::Result<()> {
        self.sink.start(header)
    }

    fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()> {
        self.items = self.items.saturating_add(1);
        let held = self.hold(manifest.get());
        self.held = held.map_err(|error| self.refuse(error))?;
        self.sink.item(manifest)
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.held {
            None => self.sink.data(bytes),
            Some(held) => {
                let added = held.add(bytes);
                added.map_err(|error| self.refuse(error))
            }
        }
    }

    fn preview(&mut self, preview: &Authentic<Vec<u8>>) -> io::Result<()> {
        self.sink.preview(preview)
    }

    fn item_end(&mut self, item: &Authentic<ItemReport>) -> io::Result<()> {
        let Some(held) = self.held.take() else {
            return self.sink.item_end(item);
        };
        let restored = restored_original(&held.manifest, &held.data, self.limit);
        if let Some(samples) = restored.map_err(|error| self.refuse(error))? {
            self.sink.data(&samples)?;
        }
        self.sink
            .item_end(&Authentic::new(item.get().of_original()))
    }

    fn checkpoint(&mut self, signature: Option<&SignatureReport>) -> io::Result<()> {
        self.sink.checkpoint(signature)
    }
}
