//! [`AsyncStreamSource`]: what a stream is read from.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io;

use tokio::io::{AsyncRead, ReadBuf};

use crate::format::{FormatError, FormatErrorKind};
use crate::io::error::ReadError;
use crate::stream::{HeaderReader, Locked};

/// How many bytes are read at once.
const BUFFER: usize = 256 << 10;

/// What a stream comes from: a buffer, and how much of what is in it was not used yet.
#[derive(Debug)]
pub struct AsyncStreamSource<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Kept here, so that a call which is dropped loses nothing.
    header: HeaderReader,
}

impl<R: AsyncRead + Unpin> AsyncStreamSource<R> {
    /// Starts before the stream's first byte.
    #[must_use]
    pub fn new(reader: R) -> Self {
        Self::with_buffer(reader, BUFFER)
    }

    /// Starts with a buffer of this size: no read asks for more at once.
    #[must_use]
    pub fn with_buffer(reader: R, bytes: usize) -> Self {
        Self {
            reader,
            buffer: vec![0; bytes.max(1)],
            start: 0,
            end: 0,
            header: HeaderReader::new(),
        }
    }

    /// Reads the header, and nothing of it is proven. Cancel safe.
    ///
    /// # Errors
    /// [`ReadError::Open`] for what cannot be a header, [`ReadError::Io`].
    pub async fn header(&mut self) -> Result<Locked, ReadError> {
        while self.fill().await? {
            let (used, locked) = self.header.push(&self.buffer[self.start..self.end])?;
            self.consume(used);
            if let Some(locked) = locked {
                self.header = HeaderReader::new();
                return Ok(locked);
            }
        }
        Err(self.header.end_of_input().into())
    }

    /// Refuses bytes behind the stream, as a file must not have any. Cancel safe.
    ///
    /// # Errors
    /// [`FormatErrorKind::TrailingBytes`] at `offset`, the length of the stream.
    pub async fn expect_end(&mut self, offset: u64) -> Result<(), ReadError> {
        if self.fill().await? {
            return Err(FormatError::at(FormatErrorKind::TrailingBytes, offset).into());
        }
        Ok(())
    }

    /// Returns what the stream came from. Bytes that were read and not used are lost.
    #[must_use]
    pub fn into_inner(self) -> R {
        self.reader
    }

    /// Borrows what the stream comes from, to answer over a connection for instance.
    pub const fn inner_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    async fn fill(&mut self) -> Result<bool, ReadError> {
        poll_fn(|cx| self.poll_fill(cx)).await
    }

    /// Reads more if nothing is left over; says whether there is anything.
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, ReadError>> {
        while self.start == self.end {
            let mut buffer = ReadBuf::new(&mut self.buffer);
            match ready!(Pin::new(&mut self.reader).poll_read(cx, &mut buffer)) {
                Ok(()) if buffer.filled().is_empty() => return Poll::Ready(Ok(false)),
                Ok(()) => (self.start, self.end) = (0, buffer.filled().len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
        Poll::Ready(Ok(true))
    }

    /// Returns what waits.
    pub(super) fn waiting(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    pub(super) const fn consume(&mut self, len: usize) {
        self.start += len;
    }
}
