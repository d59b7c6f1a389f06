//! [`AsyncSealWriter`]: images are written in, the stream is written out.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::task::{JoinHandle, spawn_blocking};
use zeroize::Zeroizing;

use crate::content::Manifest;
use crate::image::SNIFF_LEN;
use crate::io::clock::stamped;
use crate::io::error::WriteError;
use crate::stream::{ImageDescription, SealError, SealEvent, SealOptions, Sealer, describe};

use super::turn::{Turn, elsewhere, ended};

/// How many bytes of an image are moved at once.
const BUFFER: usize = 256 << 10;

/// Seals images into any [`AsyncWrite`], as [`SealWriter`](crate::io::SealWriter) does into any `Write`.
///
/// Data of the open item is written through [`AsyncWrite`], by `tokio::io::copy` for instance. Sealed bytes wait inside
/// until the output takes them, at most about 1 MiB of them or one chunk. A stream that is dropped before
/// [`AsyncSealWriter::finish`] has no end, and every reader refuses it as truncated; shutting the writer down is an
/// error for that reason.
#[derive(Debug)]
pub struct AsyncSealWriter<W> {
    machine: Machine,
    output: W,
    turn: Turn,
}

#[derive(Debug)]
enum Machine {
    Here(Box<Sealer>),
    /// On a thread of its own, signing.
    Signing(JoinHandle<(Box<Sealer>, Result<(), SealError>)>),
    Lost,
}

impl<W: AsyncWrite + Unpin> AsyncSealWriter<W> {
    /// Starts a stream. A signing time that was not set is taken from the system's clock.
    ///
    /// # Errors
    /// [`WriteError::Seal`].
    pub async fn new(output: W, options: &SealOptions) -> Result<Self, WriteError> {
        let options = stamped(options);
        let sealer = elsewhere(move || Sealer::new(&options)).await??;
        Ok(Self::from_sealer(output, sealer))
    }

    /// Starts with a machine that was made before, with the caller's randomness for instance.
    #[must_use]
    pub fn from_sealer(output: W, sealer: Sealer) -> Self {
        Self {
            machine: Machine::Here(Box::new(sealer)),
            output,
            turn: Turn::default(),
        }
    }

    /// Adds a whole image: sniffs it, and copies it to its end.
    ///
    /// With `length` given, the image must have exactly so many bytes. Returns how many it had. Not cancel safe: the item
    /// stays open.
    ///
    /// # Errors
    /// [`WriteError`]; the stream is then lost.
    pub async fn add_image(
        &mut self,
        mut image: impl AsyncRead + Unpin,
        description: &ImageDescription,
        length: Option<u64>,
    ) -> Result<u64, WriteError> {
        let prefix = read_prefix(&mut image).await?;
        let manifest = describe(&prefix, description);
        self.start_item_with_preview(&manifest, description.preview_bytes(), length)
            .await?;
        self.push(&prefix).await?;
        let mut total = prefix.len() as u64;
        // A small image does not pay for wiping a large buffer.
        let most = length.map_or(BUFFER, |len| usize::try_from(len).unwrap_or(BUFFER));
        let mut buffer = Zeroizing::new(vec![0; most.clamp(1, BUFFER)]);
        loop {
            let read = image.read(&mut buffer).await;
            let len = read.map_err(WriteError::Source)?;
            if len == 0 {
                break;
            }
            self.push(&buffer[..len]).await?;
            total += len as u64;
        }
        self.end_item().await?;
        Ok(total)
    }

    /// Starts an item, whose data is then written. Cancel safe.
    ///
    /// # Errors
    /// As [`Sealer::start_item`].
    pub async fn start_item(
        &mut self,
        manifest: &Manifest,
        length: Option<u64>,
    ) -> Result<(), WriteError> {
        self.start_item_with_preview(manifest, None, length).await
    }

    /// As [`AsyncSealWriter::start_item`], with a preview where there is one. Cancel safe.
    ///
    /// # Errors
    /// As [`Sealer::start_item_with_preview`].
    pub async fn start_item_with_preview(
        &mut self,
        manifest: &Manifest,
        preview: Option<&[u8]>,
        length: Option<u64>,
    ) -> Result<(), WriteError> {
        // What waits goes first, so that what waits stays little, and nothing is awaited behind the beginning.
        poll_fn(|cx| self.poll_drain(cx)).await?;
        let sealer = self.sealer()?;
        Ok(sealer.start_item_with_preview(manifest, preview, length)?)
    }

    /// Ends the item. Cancel safe.
    ///
    /// # Errors
    /// As [`Sealer::end_item`].
    pub async fn end_item(&mut self) -> Result<(), WriteError> {
        poll_fn(|cx| self.poll_drain(cx)).await?;
        Ok(self.sealer()?.end_item()?)
    }

    /// Signs everything so far, on a thread for blocking work, and sends it out: see [`Sealer::checkpoint`]. Cancel
    /// safe: a signature that is being made becomes part of the stream, and another call makes another checkpoint.
    ///
    /// # Errors
    /// As [`Sealer::checkpoint`].
    pub async fn checkpoint(&mut self) -> Result<(), WriteError> {
        self.sign(Sealer::checkpoint).await?;
        Ok(self.flush().await?)
    }

    /// Ends the stream and returns what it was written to, flushed and not shut down. Not cancel safe: the stream
    /// stays without an end.
    ///
    /// # Errors
    /// As [`Sealer::finish`].
    pub async fn finish(self) -> Result<W, WriteError> {
        self.finish_with_sealer().await.map(|(output, _)| output)
    }

    /// As [`AsyncSealWriter::finish`], and returns the machine as well, which a receipt is checked with.
    ///
    /// # Errors
    /// As [`Sealer::finish`].
    pub async fn finish_with_sealer(mut self) -> Result<(W, Sealer), WriteError> {
        self.sign(Sealer::finish).await?;
        poll_fn(|cx| self.poll_drain(cx)).await?;
        self.output.flush().await?;
        match self.machine {
            Machine::Here(sealer) => Ok((self.output, *sealer)),
            _ => Err(SealError::Poisoned.into()),
        }
    }

    /// Lends the machine to a thread for blocking work. If the caller does not wait for it, the next call does.
    async fn sign(
        &mut self,
        work: fn(&mut Sealer) -> Result<(), SealError>,
    ) -> Result<(), WriteError> {
        poll_fn(|cx| self.poll_drain(cx)).await?;
        let Machine::Here(mut sealer) = core::mem::replace(&mut self.machine, Machine::Lost) else {
            return Err(SealError::Poisoned.into());
        };
        self.machine = Machine::Signing(spawn_blocking(move || {
            let done = work(&mut sealer);
            (sealer, done)
        }));
        poll_fn(|cx| self.poll_signed(cx)).await
    }

    pub(super) async fn push(&mut self, mut input: &[u8]) -> Result<(), WriteError> {
        while !input.is_empty() {
            let taken = poll_fn(|cx| self.poll_take(cx, input)).await?;
            input = &input[taken..];
        }
        Ok(())
    }

    fn sealer(&mut self) -> Result<&mut Sealer, WriteError> {
        match &mut self.machine {
            Machine::Here(sealer) => Ok(sealer),
            _ => Err(SealError::Poisoned.into()),
        }
    }

    /// Waits for the machine where it is away.
    fn poll_signed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        let Machine::Signing(away) = &mut self.machine else {
            return Poll::Ready(Ok(()));
        };
        let back = ready!(Pin::new(away).poll(cx));
        self.machine = Machine::Lost;
        let (sealer, done) = back.map_err(ended)?;
        self.machine = Machine::Here(sealer);
        Poll::Ready(done.map_err(WriteError::from))
    }

    /// Writes out everything that is sealed.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        ready!(self.poll_signed(cx))?;
        let Machine::Here(sealer) = &mut self.machine else {
            return Poll::Ready(Err(SealError::Poisoned.into()));
        };
        loop {
            if sealer.peek().is_empty()
                && sealer.update(&[], &mut [])?.event != SealEvent::OutputFull
            {
                return Poll::Ready(Ok(()));
            }
            let written = ready!(Pin::new(&mut self.output).poll_write(cx, sealer.peek()))?;
            if written == 0 {
                return Poll::Ready(Err(io::Error::from(io::ErrorKind::WriteZero).into()));
            }
            // What the output has is gone from here at once: a call that is dropped repeats nothing.
            sealer.consume(written);
        }
    }

    /// Takes some of the open item's data, at least a byte, when everything sealed before is written.
    fn poll_take(&mut self, cx: &mut Context<'_>, data: &[u8]) -> Poll<Result<usize, WriteError>> {
        loop {
            ready!(self.poll_drain(cx))?;
            ready!(self.turn.poll(cx));
            let step = self.sealer()?.update(data, &mut [])?;
            self.turn.worked(step.consumed);
            if step.consumed > 0 {
                return Poll::Ready(Ok(step.consumed));
            }
        }
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for AsyncSealWriter<W> {
    /// Takes data of the open item.
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        if data.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.poll_take(cx, data).map_err(io::Error::from)
    }

    /// Writes out and flushes what is sealed. Less than a chunk stays inside: see [`AsyncSealWriter::checkpoint`].
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(cx))?;
        Pin::new(&mut self.output).poll_flush(cx)
    }

    /// Fails: a stream that is shut down here would be cut short, and only [`AsyncSealWriter::finish`] ends one.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let problem = "the stream has no end yet: finish it, and shut down what it was written to";
        Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidInput, problem)))
    }
}

async fn read_prefix(
    image: &mut (impl AsyncRead + Unpin),
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let mut prefix = Zeroizing::new(vec![0; SNIFF_LEN]);
    let mut len = 0;
    while len < SNIFF_LEN {
        let read = image.read(&mut prefix[len..]).await;
        match read.map_err(WriteError::Source)? {
            0 => break,
            more => len += more,
        }
    }
    prefix.truncate(len);
    Ok(prefix)
}
