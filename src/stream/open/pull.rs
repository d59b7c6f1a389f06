//! How an item's bytes leave an [`Opener`]: copied by [`Opener::update`], or borrowed where they lie.

use super::Opener;

impl Opener {
    /// Borrows the bytes of the current item that come next, as many as lie together, so that they can be
    /// used where they are. [`Opener::consume`] says how many of them were.
    ///
    /// It does not open: [`Opener::update`] with an empty output does, and returns
    /// [`OpenEvent::Data`](super::OpenEvent::Data) while bytes wait. It takes no more input until they are
    /// consumed, and no error that lies behind them comes before they are.
    ///
    /// ```
    /// # use secimg::keys::{RawKeyRecipient, SymmetricKey};
    /// # use secimg::{Image, SealOptions, encrypt};
    /// # use std::sync::Arc;
    /// use secimg::stream::{HeaderReader, OpenEvent, OpenOptions};
    ///
    /// # let key = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
    /// # let sealed = encrypt(&Image::new(*b"pixel"), &SealOptions::new().recipient(key.clone()))?;
    /// let options = OpenOptions::new().identity(key);
    /// let (used, locked) = HeaderReader::new().push(&sealed)?;
    /// let mut opener = locked.ok_or("cut short")?.unlock(&options)?.into_opener(&options)?;
    /// let mut input = &sealed[used..];
    /// let mut image = Vec::new();
    /// loop {
    ///     let step = opener.update(input, &mut [])?;
    ///     input = &input[step.consumed..];
    ///     match step.event {
    ///         OpenEvent::Data => {
    ///             let written = std::io::Write::write(&mut image, opener.peek())?;
    ///             opener.consume(written);
    ///         }
    ///         OpenEvent::NeedInput | OpenEvent::Finished => break,
    ///         _ => {}
    ///     }
    /// }
    /// opener.finish()?;
    /// assert_eq!(image, b"pixel");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn peek(&self) -> &[u8] {
        if self.pending == 0 {
            return &[];
        }
        &self.content()[self.pos..self.pos + self.pending]
    }

    /// Says that `len` of the bytes that [`Opener::peek`] lends were used; more than it lends are counted
    /// as all of them, as [`std::io::BufReader`] does.
    pub fn consume(&mut self, len: usize) {
        let len = len.min(self.pending);
        self.pos += len;
        self.pending -= len;
    }

    /// Returns how many bytes of the current item certainly come behind those that [`Opener::peek`] lends.
    pub(crate) const fn data_ahead(&self) -> u64 {
        self.parser.data_left()
    }

    /// Copies what waits to `output` and returns how much that was.
    pub(super) fn hand_out(&mut self, output: &mut [u8]) -> usize {
        let waiting = self.peek();
        let len = waiting.len().min(output.len());
        output[..len].copy_from_slice(&waiting[..len]);
        self.consume(len);
        len
    }
}
