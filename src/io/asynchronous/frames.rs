//! Raw frames, in and out. Their samples are coded on a thread for blocking work.

use std::io::{Read, Seek};

use tokio::io::{AsyncRead, AsyncSeek, AsyncWrite};
use zeroize::Zeroizing;

use crate::content::Manifest;
use crate::image::{Compression, FrameError, FrameLayout, FrameMut, RawFrame};
use crate::io::error::{ReadError, WriteError};
use crate::io::open_reader::OpenReader;
use crate::stream::{Authentic, Compressed, FrameItem, ImageDescription};

use super::open_reader::AsyncOpenReader;
use super::seal_writer::AsyncSealWriter;
use super::turn::elsewhere;

impl<W: AsyncWrite + Unpin> AsyncSealWriter<W> {
    /// Adds a raw frame: its samples, and nothing of what lies between its rows. Returns how many bytes of DATA it
    /// became, fewer than its samples have where it was compressed. Not cancel safe: the item stays open.
    ///
    /// Compressing takes a copy of the samples, and is done on a thread for blocking work.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// use secimg::image::{Compression, FrameLayout, FrameMut, RawFrame, SampleType};
    /// use secimg::io::asynchronous::{AsyncOpenReader, AsyncSealWriter};
    /// # use secimg::keys::{RawKeyRecipient, SymmetricKey};
    /// use secimg::{ImageDescription, OpenOptions, SealOptions};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let key = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
    /// let layout = FrameLayout::new(64, 100, SampleType::U16);
    /// let samples = vec![7; 64 * 200];
    /// let mut series = AsyncSealWriter::new(Vec::new(), &SealOptions::new().recipient(key.clone())).await?;
    /// let frame = RawFrame::new(&samples, layout)?;
    /// series.add_frame(frame, &ImageDescription::new(), Compression::Auto).await?;
    /// let sealed = series.finish().await?;
    ///
    /// let stream = std::io::Cursor::new(sealed);
    /// let mut reader = AsyncOpenReader::open(stream, &OpenOptions::new().identity(key)).await?;
    /// let mut restored = vec![0; 64 * 200];
    /// reader.read_frame(0, &mut FrameMut::new(&mut restored, layout)?).await?;
    /// assert_eq!(restored, samples);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`WriteError`]; the stream is then lost.
    pub async fn add_frame(
        &mut self,
        frame: RawFrame<'_>,
        description: &ImageDescription,
        compression: Compression,
    ) -> Result<u64, WriteError> {
        let compressed = match compression {
            Compression::Never => None,
            _ => compress_elsewhere(frame, compression).await?,
        };
        let item = FrameItem::compressed_to(frame, description, compressed);
        self.start_item_with_preview(item.manifest(), item.preview(), Some(item.data_len()))
            .await?;
        for piece in item.pieces() {
            self.push(piece).await?;
        }
        self.end_item().await?;
        Ok(item.data_len())
    }
}

async fn compress_elsewhere(
    frame: RawFrame<'_>,
    compression: Compression,
) -> Result<Option<Compressed>, WriteError> {
    let layout = *frame.layout();
    let mut samples = Zeroizing::new(Vec::new());
    samples.reserve_exact(usize::try_from(frame.packed_bytes()).unwrap_or(0));
    frame.rows().for_each(|row| samples.extend_from_slice(row));
    let compress = move || {
        let frame = RawFrame::new(&samples, layout).ok()?;
        Compressed::of(&frame, compression)
    };
    Ok(elsewhere(compress).await?)
}

fn read_samples<R: Read + Seek>(
    reader: &mut OpenReader<R>,
    number: usize,
    layout: &FrameLayout,
    len: usize,
) -> Result<(Authentic<Manifest>, Zeroizing<Vec<u8>>), ReadError> {
    let mut samples = Zeroizing::new(vec![0; len]);
    let manifest = reader.read_frame(number, &mut FrameMut::new(&mut samples, *layout)?)?;
    Ok((manifest, samples))
}

impl<R: AsyncRead + AsyncSeek + Unpin> AsyncOpenReader<R> {
    /// Reads the raw frame that is item `number`, counted from 0, into the caller's memory, and selects it:
    /// see [`OpenReader::read_frame`]. What lies between the rows of `into` is not touched; on any
    /// failure its samples are wiped. Cancel safe if it is called again, as [`AsyncOpenReader::select`] is.
    ///
    /// # Errors
    /// As [`OpenReader::read_frame`].
    pub async fn read_frame(
        &mut self,
        number: usize,
        into: &mut FrameMut<'_>,
    ) -> Result<Authentic<Manifest>, ReadError> {
        let read = self.samples_of(number, into).await;
        let copied = read.and_then(|(manifest, samples)| {
            let layout = *into.layout();
            into.copy_packed(&layout, &samples)?;
            Ok(manifest)
        });
        into.wiping(copied)
    }

    /// Reads the samples of a frame into memory of its own, without gaps.
    async fn samples_of(
        &mut self,
        number: usize,
        into: &FrameMut<'_>,
    ) -> Result<(Authentic<Manifest>, Zeroizing<Vec<u8>>), ReadError> {
        let layout = *into.layout();
        let bytes = layout.packed_bytes();
        let len = usize::try_from(bytes).map_err(|_| FrameError::Limit {
            bytes,
            limit: usize::MAX as u64,
        })?;
        self.selecting(move |inner| {
            // Where only what follows fails, the item is selected all the same.
            inner.select(number)?;
            Ok(read_samples(inner, number, &layout, len))
        })
        .await?
    }
}
