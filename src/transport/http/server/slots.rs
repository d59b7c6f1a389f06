//! One request at a time works on an upload. A newer one takes over: a sender whose connection broke without a word
//! is back before the server has noticed.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedMutexGuard, watch};

use super::name::UploadName;

/// How long a newer request waits for the older one to put down what it has.
const TAKING_OVER: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Slots(Mutex<HashMap<UploadName, Weak<Slot>>>);

#[derive(Debug)]
struct Slot {
    turn: Arc<tokio::sync::Mutex<()>>,
    /// How many requests wait for their turn.
    waiting: watch::Sender<usize>,
}

/// The right to work on an upload.
#[derive(Debug)]
pub(super) struct Turn {
    slot: Arc<Slot>,
    _guard: OwnedMutexGuard<()>,
}

impl Slots {
    fn slot(&self, name: &UploadName) -> Arc<Slot> {
        // The table is whole after every panic.
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(name).and_then(Weak::upgrade) {
            return slot;
        }
        slots.retain(|_, slot| slot.strong_count() > 0);
        let slot = Arc::new(Slot {
            turn: Arc::default(),
            waiting: watch::Sender::new(0),
        });
        slots.insert(name.clone(), Arc::downgrade(&slot));
        slot
    }

    /// Waits for the turn; the one who has it is asked to end. Nothing where it does not in time.
    pub(super) async fn take(&self, name: &UploadName) -> Option<Turn> {
        let slot = self.slot(name);
        let _waiting = Waiting::new(&slot);
        let turn = Arc::clone(&slot.turn).lock_owned();
        let guard = tokio::time::timeout(TAKING_OVER, turn).await.ok()?;
        Some(Turn {
            slot: Arc::clone(&slot),
            _guard: guard,
        })
    }
}

impl Turn {
    /// Returns when somebody else waits for the turn.
    pub(super) async fn is_wanted(&self) {
        let mut waiting = self.slot.waiting.subscribe();
        // The sender lives as long as the slot.
        let _: Result<_, _> = waiting.wait_for(|count| *count > 0).await.map(drop);
    }
}

/// Counts somebody who waits, also when the waiting is given up.
struct Waiting<'a>(&'a Slot);

impl<'a> Waiting<'a> {
    fn new(slot: &'a Slot) -> Self {
        slot.waiting.send_modify(|count| *count += 1);
        Self(slot)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.send_modify(|count| *count -= 1);
    }
}
