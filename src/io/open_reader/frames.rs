//! Raw frames out of a sealed file, into the caller's memory.

use std::io::{Read, Seek, SeekFrom};

use zeroize::Zeroizing;

use super::OpenReader;
use crate::content::Manifest;
use crate::image::FrameMut;
use crate::io::error::ReadError;
use crate::stream::{Authentic, FrameSource, restore_frame};

impl<R: Read + Seek> OpenReader<R> {
    /// Reads the raw frame that is item `number`, counted from 0, into the caller's memory: with its stride, and in its byte
    /// order. Returns the manifest; the item is then selected.
    ///
    /// Samples that were sealed as they are go straight to their rows. Compressed ones are held against their digest, and take
    /// as much memory as they have bytes. On any failure the samples in `into` are wiped.
    ///
    /// ```
    /// use std::io::Cursor;
    /// use std::sync::Arc;
    /// use secimg::image::{Compression, FrameLayout, FrameMut, RawFrame, SampleType};
    /// use secimg::io::{OpenReader, SealWriter};
    /// use secimg::keys::{RawKeyRecipient, SymmetricKey};
    /// use secimg::{ImageDescription, OpenOptions, SealOptions};
    ///
    /// let key = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
    /// let mut series = SealWriter::new(Vec::new(), &SealOptions::new().recipient(key.clone()))?;
    /// let layout = FrameLayout::new(2, 2, SampleType::F32);
    /// for shot in 0..3_u8 {
    ///     let samples = [shot; 16];
    ///     let frame = RawFrame::new(&samples, layout)?;
    ///     series.add_frame(frame, &ImageDescription::new(), Compression::Auto)?;
    /// }
    /// let sealed = series.finish()?;
    ///
    /// let mut reader = OpenReader::open(Cursor::new(sealed), &OpenOptions::new().identity(key))?;
    /// let mut samples = [0; 16];
    /// let manifest = reader.read_frame(2, &mut FrameMut::new(&mut samples, layout)?)?;
    /// assert_eq!(samples, [2; 16]);
    /// assert_eq!(manifest.get().claimed_bits, Some(32));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`OpenReader::select`], and [`ReadError::Frame`] for what is no frame, or not one for this buffer.
    pub fn read_frame(
        &mut self,
        number: usize,
        into: &mut FrameMut<'_>,
    ) -> Result<Authentic<Manifest>, ReadError> {
        let read = self.try_read_frame(number, into);
        into.wiping(read)
    }

    fn try_read_frame(
        &mut self,
        number: usize,
        into: &mut FrameMut<'_>,
    ) -> Result<Authentic<Manifest>, ReadError> {
        let manifest = self.select(number)?;
        let source = FrameSource::of(manifest.get(), self.item_len())?;
        into.check_shape(source.layout)?;
        if source.is_plain() {
            into.rows_mut().try_for_each(|row| self.read_exact(row))?;
            into.reorder(source.layout.byte_order);
        } else {
            let len = usize::try_from(self.item_len()).unwrap_or(usize::MAX);
            let mut coded = Zeroizing::new(vec![0; len]);
            self.read_exact(&mut coded)?;
            restore_frame(manifest.get(), &coded, into)?;
        }
        self.seek(SeekFrom::Start(0))?;
        Ok(manifest)
    }
}
