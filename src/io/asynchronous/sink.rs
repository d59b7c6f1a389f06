//! [`AsyncItemSink`]: what takes the items of a stream.

use core::future::{Future, ready};
use std::io;

use crate::content::Manifest;
use crate::stream::{Authentic, ItemReport, SignatureReport};

/// Takes what a stream holds, as it is opened; an implementation writes its methods as `async fn`.
///
/// What arrives is [`Authentic`] and no more, as with [`ItemSink`](crate::io::ItemSink). Do not act on it before
/// [`open_stream`](super::open_stream) has returned [`Verified`](crate::stream::Verified), and undo it if that does not
/// come, because of an error or because the future was dropped.
pub trait AsyncItemSink: Send {
    /// An item begins.
    ///
    /// # Errors
    /// An error stops the reading.
    fn item(
        &mut self,
        manifest: &Authentic<Manifest>,
    ) -> impl Future<Output = io::Result<()>> + Send;

    /// Bytes of the item's original.
    ///
    /// # Errors
    /// An error stops the reading.
    fn data(&mut self, bytes: &[u8]) -> impl Future<Output = io::Result<()>> + Send;

    /// The item's preview.
    ///
    /// # Errors
    /// An error stops the reading.
    fn preview(
        &mut self,
        preview: &Authentic<Vec<u8>>,
    ) -> impl Future<Output = io::Result<()>> + Send {
        let _ = preview;
        ready(Ok(()))
    }

    /// The item is whole.
    ///
    /// # Errors
    /// An error stops the reading.
    fn item_end(
        &mut self,
        item: &Authentic<ItemReport>,
    ) -> impl Future<Output = io::Result<()>> + Send {
        let _ = item;
        ready(Ok(()))
    }

    /// Everything so far is whole, and signed where the stream is signed.
    ///
    /// # Errors
    /// An error stops the reading.
    fn checkpoint(
        &mut self,
        signature: Option<&SignatureReport>,
    ) -> impl Future<Output = io::Result<()>> + Send {
        let _ = signature;
        ready(Ok(()))
    }
}

/// Nothing is kept: for verifying.
impl AsyncItemSink for () {
    async fn item(&mut self, _: &Authentic<Manifest>) -> io::Result<()> {
        Ok(())
    }

    async fn data(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}
