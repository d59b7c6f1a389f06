//! How far the end of a server has come, for tasks that wait.

use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// How far the end has come; it never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Streams are taken.
    Open,
    /// As many streams were judged as there shall be.
    Full,
    /// Running transfers have until the end of the grace period.
    Stopping,
    /// Nothing goes on.
    Cut,
}

#[derive(Debug)]
pub(super) struct Ending {
    phase: watch::Sender<Phase>,
    /// Told to stop, and not by itself.
    stopped: AtomicBool,
    places: Mutex<Option<u64>>,
}

impl Ending {
    /// Ends by itself after so many streams.
    pub(super) fn new(places: Option<u64>) -> Self {
        Self {
            phase: watch::Sender::new(Phase::Open),
            stopped: AtomicBool::new(false),
            places: Mutex::new(places),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Tells whether somebody said that this is the end.
    pub(super) fn was_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Ends as somebody says.
    pub(super) fn stop(&self, to: Phase) {
        self.stopped.store(true, Ordering::Relaxed);
        self.advance(to);
    }

    pub(super) fn advance(&self, to: Phase) {
        self.phase.send_if_modified(|phase| {
            let further = to > *phase;
            *phase = to.max(*phase);
            further
        });
    }

    /// Returns when the end has come so far.
    pub(super) fn reached(&self, wanted: Phase) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let mut phase = self.phase.subscribe();
        Box::pin(async move {
            // The sender lives as long as the server.
            let _: Result<_, _> = phase.wait_for(|phase| *phase >= wanted).await.map(drop);
        })
    }

    /// Takes one of the places for streams, if there is one.
    pub(super) fn take_place(&self) -> bool {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = !matches!(self.phase(), Phase::Full | Phase::Cut) && *places != Some(0);
        if taken && let Some(left) = places.as_mut() {
            *left -= 1;
        }
        taken
    }

    /// Ends the taking of streams when all places are taken, and what came in them was judged.
    pub(super) fn judged(&self) {
        let places = *self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places == Some(0) {
            self.advance(Phase::Full);
        }
    }
}
