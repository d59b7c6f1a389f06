//! A stream on its way out: a part of a file as the body of an answer.

use core::ops::Range;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use axum::body::Body;
use hyper::body::{Bytes, Frame, SizeHint};
use tokio::sync::mpsc;

/// How much is read at once.
const PIECE: usize = 128 << 10;
/// So many pieces may wait for the peer.
const WAITING: usize = 2;

/// Reads these bytes of a file in a thread of their own, as fast as the peer takes them.
pub(super) fn body(file: File, range: Range<u64>) -> Body {
    let left = range.end - range.start;
    let (sender, pieces) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = read(file, range, &sender) {
            // Nobody listens any more, or hears that this is not all.
            let _: Result<_, _> = sender.blocking_send(Err(error));
        }
    });
    Body::new(Pieces { pieces, left })
}

fn read(mut file: File, range: Range<u64>, to: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    file.seek(SeekFrom::Start(range.start))?;
    let mut left = range.end - range.start;
    while left > 0 {
        let mut piece = vec![0; usize::try_from(left).unwrap_or(PIECE).min(PIECE)];
        file.read_exact(&mut piece)?;
        left -= piece.len() as u64;
        if to.blocking_send(Ok(piece.into())).is_err() {
            break;
        }
    }
    Ok(())
}

/// A body of a known length.
struct Pieces {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    left: u64,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let piece = core::task::ready!(self.pieces.poll_recv(context));
        Poll::Ready(piece.map(|piece| {
            let piece = piece?;
            self.left = self.left.saturating_sub(piece.len() as u64);
            Ok(Frame::data(piece))
        }))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
