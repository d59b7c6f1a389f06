//! Readers and writers that take and give little at a time and keep their callers waiting, and futures that are dropped.

use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use std::io::{self, Cursor, SeekFrom};

use tokio::io::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

/// A generator of small numbers: the same for the same seed.
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    /// Keeps the caller waiting every other time, on the average.
    fn wait(&mut self, cx: &Context<'_>) -> bool {
        let waits = self.below(2) == 0;
        if waits {
            cx.waker().wake_by_ref();
        }
        waits
    }
}

/// Carries at most so many bytes at once, and waits now and then.
#[derive(Debug)]
pub(crate) struct Pieces<T> {
    pub(crate) inner: T,
    dice: Dice,
    most: usize,
}

impl<T> Pieces<T> {
    pub(crate) fn of(inner: T, seed: u64, most: usize) -> Self {
        // A generator of this kind never leaves 0.
        let dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        Self { inner, dice, most }
    }

    fn len(&mut self, room: usize) -> usize {
        room.min(1 + self.dice.below(self.most))
    }
}

impl<T: io::Read + Unpin> AsyncRead for Pieces<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.dice.wait(cx) {
            return Poll::Pending;
        }
        let len = self.len(buffer.remaining());
        let read = self.inner.read(buffer.initialize_unfilled_to(len))?;
        buffer.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pieces<Vec<u8>> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.dice.wait(cx) {
            return Poll::Pending;
        }
        let len = self.len(bytes.len());
        self.inner.extend_from_slice(&bytes[..len]);
        Poll::Ready(Ok(len))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.dice.wait(cx) {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl<B: AsRef<[u8]> + Unpin> AsyncSeek for Pieces<Cursor<B>> {
    fn start_seek(mut self: Pin<&mut Self>, to: SeekFrom) -> io::Result<()> {
        io::Seek::seek(&mut self.inner, to).map(drop)
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        if self.dice.wait(cx) {
            return Poll::Pending;
        }
        Poll::Ready(Ok(self.inner.position()))
    }
}

/// Drops a future when it waits for the time that follows `waits` others; nothing comes back then.
pub(crate) async fn cut<F: Future>(waits: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = waits;
    poll_fn(move |cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// Makes a call and drops it, each time a little later, until one comes to its end.
///
/// Whatever is called must be safe to be dropped: what it has done is not done again by the next.
macro_rules! again {
    ($dice:expr, $call:expr) => {
        loop {
            if let Some(done) = crate::pieces::cut($dice.below(4), $call).await {
                break done;
            }
            tokio::task::yield_now().await;
        }
    };
}
pub(crate) use again;
