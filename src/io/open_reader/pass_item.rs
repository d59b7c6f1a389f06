//! One item of many, for a sink.

use std::io::{Read, Seek};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::OpenReader;
use super::content::content_error;
use crate::content::ContentErrorKind;
use crate::io::error::ReadError;
use crate::io::source::ItemSink;
use crate::stream::{Authentic, ItemReport};

/// How much is read at once.
const PIECE: usize = 256 << 10;

impl<R: Read + Seek> OpenReader<R> {
    /// Passes item `number`, counted from 0, to a sink, as [`open_stream`](crate::io::open_stream) passes all of them, and
    /// returns what is known of it. Nothing else of the stream is read.
    ///
    /// What was passed is authentic, and has the digest that the index says; where a signer is required, it is what the
    /// signer signed. [`RestoredFrames`](crate::io::RestoredFrames) before the sink gives it samples in place of compressed ones.
    ///
    /// ```
    /// use std::io::Cursor;
    /// use secimg::io::OpenReader;
    /// # use secimg::{Image, OpenOptions, SealOptions, keys::{RawKeyRecipient, SymmetricKey}};
    /// # let key = std::sync::Arc::new(RawKeyRecipient::new(SymmetricKey::from_file_bytes(&[7; 32])?));
    /// # let slices: Vec<_> = (0..9).map(|number| Image::new(vec![number; 500])).collect();
    /// # let sealed = secimg::encrypt_series(&slices, &SealOptions::new().recipient(key.clone()))?;
    /// # let options = OpenOptions::new().identity(key);
    /// let mut series = OpenReader::open(Cursor::new(sealed), &options)?;
    /// let slice = series.pass_item(4, &mut ())?;
    /// assert_eq!(slice.get().bytes, 500);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`OpenReader::select`]; [`ReadError`]. What the sink has taken must then be undone.
    pub fn pass_item(
        &mut self,
        number: usize,
        sink: &mut impl ItemSink,
    ) -> Result<Authentic<ItemReport>, ReadError> {
        let manifest = self.select(number)?;
        sink.item(&manifest).map_err(ReadError::Sink)?;
        if manifest.get().preview_of.is_none()
            && let Some(preview) = self.preview()?
        {
            sink.preview(&preview).map_err(ReadError::Sink)?;
        }
        let mut hash = Sha256::new();
        let mut buffer = Zeroizing::new(vec![0; PIECE]);
        loop {
            let len = self.read_on(&mut buffer)?;
            if len == 0 {
                break;
            }
            hash.update(&buffer[..len]);
            sink.data(&buffer[..len]).map_err(ReadError::Sink)?;
        }
        let sha256 = hash.finalize().into();
        let entry = self.items()?.get(number);
        let at = entry.map_or(0, |entry| entry.offset);
        let listed = entry.and_then(|entry| entry.digest);
        if listed.is_some_and(|digest| digest != sha256) {
            return Err(content_error(
                ContentErrorKind::DigestMismatch(number as u64),
                at,
            ));
        }
        let item = ItemReport::new(manifest.into_inner(), self.item_len(), Some(sha256));
        let item = Authentic::new(item);
        sink.item_end(&item).map_err(ReadError::Sink)?;
        Ok(item)
    }
}
