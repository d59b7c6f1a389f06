//! What keeps a runtime responsive: turns, and a thread for what takes long.

use core::task::{Context, Poll};
use std::io;
use std::panic::resume_unwind;

use tokio::task::{JoinError, spawn_blocking};

/// After so many bytes another task has its turn.
const TURN: usize = 1 << 20;

/// How much was sealed or opened since the task last let go.
#[derive(Debug, Default)]
pub(super) struct Turn {
    done: usize,
}

impl Turn {
    /// Says that so many bytes were worked on.
    pub(super) const fn worked(&mut self, bytes: usize) {
        self.done = self.done.saturating_add(bytes);
    }

    /// Lets others have their turn when enough was done.
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.done < TURN {
            return Poll::Ready(());
        }
        self.done = 0;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Does on a thread for blocking work what would hold a runtime up.
pub(super) async fn elsewhere<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(ended)
}

/// A panic goes on where its work was asked for; anything else is a runtime that stops.
pub(super) fn ended(error: JoinError) -> io::Error {
    match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(_) => io::Error::other("the runtime stops"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_have_their_turn_after_a_mebibyte() {
        let cx = Context::from_waker(core::task::Waker::noop());
        let mut turn = Turn::default();
        turn.worked(TURN - 1);
        assert!(turn.poll(&cx).is_ready() && turn.poll(&cx).is_ready());
        turn.worked(1);
        assert!(turn.poll(&cx).is_pending());
        assert!(turn.poll(&cx).is_ready());
    }
}
