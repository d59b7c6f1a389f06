//! [`SealWriter`]: images are written in, the stream is written out.

use std::io::{self, BufRead, Read, Write};

use zeroize::Zeroizing;

use crate::content::Manifest;
use crate::crypto::Random;
use crate::image::{Compression, RawFrame, SNIFF_LEN};
use crate::stream::{FrameItem, ImageDescription, SealEvent, SealOptions, Sealer, describe};

use super::clock::stamped;
use super::error::WriteError;

/// How many bytes are moved at once: chunks for several lanes and threads.
pub(super) const BUFFER: usize = 2 << 20;
/// How many of an image whose length is not known.
const BUFFER_UNKNOWN: usize = 256 << 10;

/// Seals images into any [`Write`].
///
/// A stream that is dropped before [`SealWriter::finish`] has no end, and every reader refuses it as
/// truncated.
///
/// ```
/// use secimg::io::SealWriter;
/// use secimg::keys::{RawKeyRecipient, SymmetricKey};
/// use secimg::stream::{ImageDescription, SealOptions};
/// use std::sync::Arc;
///
/// let key = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
/// let mut writer = SealWriter::new(Vec::new(), &SealOptions::new().recipient(key))?;
/// let image: &[u8] = b"BM...";
/// writer.add_image(image, &ImageDescription::new().named("a.bmp"), None)?;
/// let sealed: Vec<u8> = writer.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SealWriter<W: Write> {
    sealer: Sealer,
    output: W,
    buffer: Vec<u8>,
}

impl<W: Write> SealWriter<W> {
    /// Starts a stream. A signing time that was not set is taken from the system's clock.
    ///
    /// # Errors
    /// [`WriteError::Seal`].
    pub fn new(output: W, options: &SealOptions) -> Result<Self, WriteError> {
        Self::with_rng(output, options, &mut Random::system())
    }

    /// As [`SealWriter::new`], with the caller's randomness.
    ///
    /// # Errors
    /// [`WriteError::Seal`].
    pub fn with_rng(
        output: W,
        options: &SealOptions,
        rng: &mut Random<'_>,
    ) -> Result<Self, WriteError> {
        let sealer = Sealer::with_rng(&stamped(options), rng)?;
        Ok(Self {
            // Room for as many frames as an image gives chunks at once, and for one that began before.
            buffer: vec![0; sealer.sealed_len_of(BUFFER)],
            sealer,
            output,
        })
    }

    /// Borrows what the stream is written to.
    #[must_use]
    pub const fn get_ref(&self) -> &W {
        &self.output
    }

    /// Returns the machine inside.
    #[must_use]
    pub const fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Adds a whole image: sniffs it, and copies it to its end.
    ///
    /// With `length` given, the image must have exactly so many bytes. Returns how many it had.
    ///
    /// # Errors
    /// [`WriteError`]; the stream is then lost.
    pub fn add_image(
        &mut self,
        mut image: impl Read,
        description: &ImageDescription,
        length: Option<u64>,
    ) -> Result<u64, WriteError> {
        let prefix = read_prefix(&mut image)?;
        let manifest = describe(&prefix, description);
        self.start_item_with_preview(&manifest, description.preview_bytes(), length)?;
        self.push(&prefix)?;
        let mut total = prefix.len() as u64;
        // A small image does not pay for wiping a large buffer.
        let most = length.map_or(BUFFER_UNKNOWN, |len| usize::try_from(len).unwrap_or(BUFFER));
        let mut buffer = Zeroizing::new(vec![0; most.clamp(1, BUFFER)]);
        loop {
            let len = read_some(&mut image, &mut buffer).map_err(WriteError::Source)?;
            if len == 0 {
                break;
            }
            self.push(&buffer[..len])?;
            total += len as u64;
        }
        self.end_item()?;
        Ok(total)
    }

    /// As [`SealWriter::add_image`], from where the image's bytes lie, such as a read-ahead: they are not
    /// copied.
    ///
    /// # Errors
    /// As [`SealWriter::add_image`].
    pub fn add_buffered_image(
        &mut self,
        mut image: impl BufRead,
        description: &ImageDescription,
        length: Option<u64>,
    ) -> Result<u64, WriteError> {
        let prefix = read_prefix(&mut image)?;
        let manifest = describe(&prefix, description);
        self.start_item_with_preview(&manifest, description.preview_bytes(), length)?;
        self.push(&prefix)?;
        let mut total = prefix.len() as u64;
        loop {
            let len = match image.fill_buf() {
                Ok(block) => {
                    self.push(block)?;
                    block.len()
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(WriteError::Source(error)),
            };
            if len == 0 {
                break;
            }
            image.consume(len);
            total += len as u64;
        }
        self.end_item()?;
        Ok(total)
    }

    /// Adds a raw frame: its samples, and nothing of what lies between its rows. Returns how many bytes of DATA it
    /// became, fewer than its samples have where it was compressed.
    ///
    /// # Errors
    /// [`WriteError`]; the stream is then lost.
    pub fn add_frame(
        &mut self,
        frame: RawFrame<'_>,
        description: &ImageDescription,
        compression: Compression,
    ) -> Result<u64, WriteError> {
        let item = FrameItem::new(frame, description, compression);
        self.start_item_with_preview(item.manifest(), item.preview(), Some(item.data_len()))?;
        item.data(|bytes| self.push(bytes))?;
        self.end_item()?;
        Ok(item.data_len())
    }

    /// Starts an item, whose data is then written.
    ///
    /// # Errors
    /// As [`Sealer::start_item`].
    pub fn start_item(
        &mut self,
        manifest: &Manifest,
        length: Option<u64>,
    ) -> Result<(), WriteError> {
        self.start_item_with_preview(manifest, None, length)
    }

    /// As [`SealWriter::start_item`], with a preview where there is one.
    ///
    /// # Errors
    /// As [`Sealer::start_item_with_preview`].
    pub fn start_item_with_preview(
        &mut self,
        manifest: &Manifest,
        preview: Option<&[u8]>,
        length: Option<u64>,
    ) -> Result<(), WriteError> {
        let sealer = &mut self.sealer;
        sealer.start_item_with_preview(manifest, preview, length)?;
        self.push(&[])
    }

    /// Ends the item.
    ///
    /// # Errors
    /// As [`Sealer::end_item`].
    pub fn end_item(&mut self) -> Result<(), WriteError> {
        self.sealer.end_item()?;
        self.push(&[])
    }

    /// Signs everything so far and sends it out: see [`Sealer::checkpoint`].
    ///
    /// # Errors
    /// As [`Sealer::checkpoint`].
    pub fn checkpoint(&mut self) -> Result<(), WriteError> {
        self.sealer.checkpoint()?;
        self.push(&[])?;
        Ok(self.output.flush()?)
    }

    /// Ends the stream and returns what it was written to, flushed.
    ///
    /// # Errors
    /// As [`Sealer::finish`].
    pub fn finish(self) -> Result<W, WriteError> {
        self.finish_with_rng(&mut Random::system())
    }

    /// As [`SealWriter::finish`], with the caller's randomness.
    ///
    /// # Errors
    /// As [`Sealer::finish`].
    pub fn finish_with_rng(self, rng: &mut Random<'_>) -> Result<W, WriteError> {
        self.finish_parts(rng).map(|(output, _)| output)
    }

    /// As [`SealWriter::finish`], and returns the machine as well, which a receipt is checked with.
    ///
    /// # Errors
    /// As [`Sealer::finish`].
    pub fn finish_with_sealer(self) -> Result<(W, Sealer), WriteError> {
        self.finish_parts(&mut Random::system())
    }

    fn finish_parts(mut self, rng: &mut Random<'_>) -> Result<(W, Sealer), WriteError> {
        self.sealer.finish_with_rng(rng)?;
        self.push(&[])?;
        self.output.flush()?;
        Ok((self.output, self.sealer))
    }

    fn push(&mut self, mut input: &[u8]) -> Result<(), WriteError> {
        loop {
            let step = self.sealer.update(input, &mut self.buffer)?;
            input = &input[step.consumed..];
            self.output.write_all(&self.buffer[..step.produced])?;
            if step.event != SealEvent::OutputFull && input.is_empty() {
                return Ok(());
            }
        }
    }
}

impl<W: Write> Write for SealWriter<W> {
    /// Takes data of the open item.
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.push(data)?;
        Ok(data.len())
    }

    /// Flushes what is sealed, the header at first. Less than a chunk stays inside: see [`SealWriter::checkpoint`].
    fn flush(&mut self) -> io::Result<()> {
        self.push(&[])?;
        self.output.flush()
    }
}

fn read_prefix(image: &mut impl Read) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let mut prefix = Zeroizing::new(vec![0; SNIFF_LEN]);
    let mut len = 0;
    while len < SNIFF_LEN {
        match read_some(image, &mut prefix[len..]).map_err(WriteError::Source)? {
            0 => break,
            more => len += more,
        }
    }
    prefix.truncate(len);
    Ok(prefix)
}

pub(super) fn read_some(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
