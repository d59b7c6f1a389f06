//! Which streams were accepted, so that nobody can have one stored twice (SPEC section 10).
//!
//! A [`ReplayWindow`] remembers the transfer ids of the last accepted streams, and what their receipts
//! said: about 200 bytes of memory each. It can be kept in a folder, of which one receiver at a time is
//! the owner; there it takes 80 bytes each, and at most twice its capacity.
//!
//! Two deliveries of one stream may run at the same time. Neither can hold up the other: whoever
//! replays a header that he recorded would otherwise keep its sender out. The first that is whole
//! is stored, and the second is told that it was accepted before.

use core::fmt;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::receipt::Contents;
pub use error::StateError;
use journal::Journal;
use window::Window;

mod error;
mod journal;
mod record;
mod window;

/// A transfer id.
type Id = [u8; 32];

/// The streams that were accepted last.
pub struct ReplayWindow {
    state: Mutex<State>,
    /// A claim was settled.
    settled: Condvar,
}

struct State {
    window: Window,
    /// Streams that are whole and being stored.
    claimed: HashSet<Id>,
    journal: Option<Journal>,
}

impl ReplayWindow {
    /// How many streams the command remembers.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// Starts empty, and remembers up to `capacity` streams for as long as it lives.
    #[must_use]
    pub fn in_memory(capacity: usize) -> Self {
        Self::new(Window::new(capacity), None)
    }

    /// Goes on with what `folder` holds, and keeps there what comes. A folder that is not there is created,
    /// for its owner alone.
    ///
    /// # Errors
    /// [`StateError`]: another receiver uses the folder, its file is damaged, or the system fails.
    pub fn open(folder: &Path, capacity: usize) -> Result<Self, StateError> {
        let (journal, window) = Journal::open(folder, capacity)?;
        Ok(Self::new(window, Some(journal)))
    }

    fn new(window: Window, journal: Option<Journal>) -> Self {
        let state = State {
            window,
            claimed: HashSet::new(),
            journal,
        };
        Self {
            state: Mutex::new(state),
            settled: Condvar::new(),
        }
    }

    /// Returns what the receipt of a stream said, if it was accepted and is not forgotten yet.
    #[must_use]
    pub fn find(&self, transfer_id: &Id) -> Option<Contents> {
        self.lock().window.find(transfer_id)
    }

    /// Returns how many streams are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().window.len()
    }

    /// Tells whether nothing was accepted yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Claims a stream that is whole, so that only one delivery of it is stored. Where another one
    /// is being stored, this waits for its end, which no peer can delay.
    ///
    /// # Errors
    /// What was recorded, where the stream was accepted before.
    pub(super) fn claim(self: &Arc<Self>, id: Id) -> Result<Claim, Contents> {
        let busy = |state: &mut State| state.claimed.contains(&id);
        let mut state = self
            .settled
            .wait_while(self.lock(), busy)
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(contents) = state.window.find(&id) {
            return Err(contents);
        }
        state.claimed.insert(id);
        Ok(Claim {
            window: Arc::clone(self),
            id,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is whole before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ReplayWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplayWindow({} streams)", self.len())
    }
}

/// The right to store a stream. Dropping it gives the stream free again.
#[derive(Debug)]
pub(super) struct Claim {
    window: Arc<ReplayWindow>,
    id: Id,
}

impl Claim {
    /// Remembers the stream; when this returns, a power failure does not undo it.
    ///
    /// If the folder fails, the stream is remembered for this run all the same.
    pub(super) fn record(self, contents: Contents) -> Result<(), StateError> {
        let mut state = self.window.lock();
        let State {
            window, journal, ..
        } = &mut *state;
        window.insert(self.id, contents);
        let kept = match journal {
            Some(journal) => journal.append(self.id, contents, window),
            None => Ok(()),
        };
        // Before the claim is dropped, which takes the same lock.
        drop(state);
        kept
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.window.lock().claimed.remove(&self.id);
        self.window.settled.notify_all();
    }
}

#[cfg(test)]
mod tests;
