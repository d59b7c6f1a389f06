//! [`OpenReader`] over something that is read at places.

use crate::io::error::ReadError;
use crate::io::open_reader::OpenReader;
use crate::stream::OpenOptions;

use super::{RangeReader, ReadAt};

impl<S: ReadAt> OpenReader<RangeReader<S>> {
    /// Opens a stream that is read at places, such as an object in a store: see [`ReadAt`].
    ///
    /// Two requests, or one for a small stream: its first bytes, and its last ones; and one more to where a
    /// long first item ends. Where a signer is required all of the stream is read once, in large pieces,
    /// before anything is given out.
    ///
    /// # Errors
    /// As [`OpenReader::open`].
    pub fn open_at(source: S, options: &OpenOptions) -> Result<Self, ReadError> {
        Self::open(RangeReader::new(source)?, options)
    }

    /// Announces that the selected item will be read to its end: its chunks are asked for in few
    /// requests, and nothing behind them is. Without this call the requests grow as the reading goes on.
    pub fn expect_item(&mut self) {
        let range = self.item_range();
        self.get_mut().expect(range);
    }
}
