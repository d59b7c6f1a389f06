//! Reading a stream in order from any [`AsyncRead`].

use core::future::poll_fn;
use core::task::{Context, Poll, ready};

use tokio::io::AsyncRead;

use crate::crypto::StreamKeys;
use crate::io::clock::timed;
use crate::io::error::ReadError;
use crate::stream::{Locked, OpenEvent, OpenOptions, Opener, Unlocked, Verified};

use super::sink::AsyncItemSink;
use super::source::AsyncStreamSource;
use super::turn::{Turn, elsewhere};

/// Opens a stream from any [`AsyncRead`], event by event.
///
/// What it hands out is [`Authentic`](crate::stream::Authentic) and no more, as with the [`Opener`] inside: **who used it
/// before [`AsyncOpener::finish`] returns [`Verified`] must undo that if it does not come.**
///
/// ```
/// # use secimg::io::asynchronous::AsyncOpener;
/// # use secimg::keys::{RawKeyRecipient, SymmetricKey};
/// # use secimg::{Image, OpenOptions, SealOptions, encrypt};
/// use secimg::stream::OpenEvent;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let key = std::sync::Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
/// # let sealed = encrypt(&Image::new(*b"pixel"), &SealOptions::new().recipient(key.clone()))?;
/// # let (connection, options) = (sealed.as_slice(), OpenOptions::new().identity(key));
/// let mut opener = AsyncOpener::open(connection, &options).await?;
/// let mut held = Vec::new();
/// while let Some(event) = opener.next().await? {
///     if event == OpenEvent::Data {
///         held.extend_from_slice(opener.peek());
///         opener.consume(opener.peek().len());
///     }
/// }
/// let (verified, _) = opener.finish()?;
/// assert_eq!((held.as_slice(), verified.report().items.len()), (&b"pixel"[..], 1));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct AsyncOpener<R> {
    source: AsyncStreamSource<R>,
    opener: Opener,
    turn: Turn,
}

impl<R: AsyncRead + Unpin> AsyncOpener<R> {
    /// Reads the header and unlocks it, on a thread for blocking work.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn open(reader: R, options: &OpenOptions) -> Result<Self, ReadError> {
        let mut source = AsyncStreamSource::new(reader);
        let locked = source.header().await?;
        let unlocked = Self::unlock(locked, options).await?;
        Ok(Self::from_parts(
            source,
            unlocked.into_opener(&timed(options))?,
        ))
    }

    /// Unlocks a header on a thread for blocking work: RSA, a passphrase and a device take their time.
    ///
    /// # Errors
    /// As [`Locked::unlock`].
    pub async fn unlock(locked: Locked, options: &OpenOptions) -> Result<Unlocked, ReadError> {
        let options = options.clone();
        Ok(elsewhere(move || locked.unlock(&options)).await??)
    }

    /// Goes on with a header that was read from `source` and unlocked.
    #[must_use]
    pub fn from_parts(source: AsyncStreamSource<R>, opener: Opener) -> Self {
        Self {
            source,
            opener,
            turn: Turn::default(),
        }
    }

    /// Returns what is known of the header.
    #[must_use]
    pub const fn unlocked(&self) -> &Unlocked {
        self.opener.unlocked()
    }

    /// Returns the next event, or nothing when the stream or the input has ended: call [`AsyncOpener::finish`]. Cancel
    /// safe.
    ///
    /// It never returns [`OpenEvent::NeedInput`] and [`OpenEvent::Finished`]. [`OpenEvent::Data`] comes again until what
    /// [`AsyncOpener::peek`] lends was consumed.
    ///
    /// # Errors
    /// [`ReadError`]; what was handed out must then be undone.
    pub async fn next(&mut self) -> Result<Option<OpenEvent>, ReadError> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// As [`Opener::peek`].
    #[must_use]
    pub fn peek(&self) -> &[u8] {
        self.opener.peek()
    }

    /// As [`Opener::consume`].
    pub fn consume(&mut self, len: usize) {
        self.opener.consume(len);
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<OpenEvent>, ReadError>> {
        loop {
            ready!(self.turn.poll(cx));
            let step = self.opener.update(self.source.waiting(), &mut [])?;
            self.source.consume(step.consumed);
            self.turn.worked(step.consumed);
            match step.event {
                OpenEvent::Finished => return Poll::Ready(Ok(None)),
                OpenEvent::NeedInput => {
                    if !ready!(self.source.poll_fill(cx))? {
                        return Poll::Ready(Ok(None));
                    }
                }
                event => return Poll::Ready(Ok(Some(event))),
            }
        }
    }

    /// Hands everything up to the end of the stream to `sink`. Not cancel safe: what the sink was being given may come again,
    /// or not at all.
    ///
    /// # Errors
    /// [`ReadError`]; what `sink` has taken must then be undone.
    pub async fn items(&mut self, sink: &mut impl AsyncItemSink) -> Result<(), ReadError> {
        while let Some(event) = self.next().await? {
            let taken = match event {
                OpenEvent::Data => sink.data(self.opener.peek()).await,
                OpenEvent::Item(manifest) => sink.item(&manifest).await,
                OpenEvent::Preview(preview) => sink.preview(&preview).await,
                OpenEvent::ItemEnd(item) => sink.item_end(&item).await,
                OpenEvent::Checkpoint(signature) => sink.checkpoint(signature.as_ref()).await,
                _ => Ok(()),
            };
            taken.map_err(ReadError::Sink)?;
            self.opener.consume(self.opener.peek().len());
        }
        Ok(())
    }

    /// Ends the opening, and returns the proof that all of it holds and what the stream came from.
    ///
    /// # Errors
    /// As [`Opener::finish`].
    pub fn finish(self) -> Result<(Verified, AsyncStreamSource<R>), ReadError> {
        Ok((self.opener.finish()?, self.source))
    }

    /// As [`AsyncOpener::finish`], and returns the stream's keys as well, for a receipt.
    ///
    /// # Errors
    /// As [`Opener::finish`].
    pub fn finish_with_keys(
        self,
    ) -> Result<(Verified, StreamKeys, AsyncStreamSource<R>), ReadError> {
        let (verified, keys) = self.opener.finish_with_keys()?;
        Ok((verified, keys, self.source))
    }
}

/// Opens a whole stream that nothing may follow, such as a file, as [`io::open_stream`](crate::io::open_stream) does. Not
/// cancel safe.
///
/// # Errors
/// [`ReadError`]; what `sink` has taken must then be undone.
pub async fn open_stream(
    reader: impl AsyncRead + Unpin,
    options: &OpenOptions,
    sink: &mut impl AsyncItemSink,
) -> Result<Verified, ReadError> {
    let mut opener = AsyncOpener::open(reader, options).await?;
    opener.items(sink).await?;
    let (verified, mut source) = opener.finish()?;
    source.expect_end(verified.report().stream_bytes).await?;
    Ok(verified)
}
