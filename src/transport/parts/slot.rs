//! What the store knows of a part.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::SystemTime;

use super::part::Hashed;

/// A part's place in the store. Its lock is held while its file changes.
#[derive(Debug)]
pub(super) struct Slot(Mutex<SlotState>);

#[derive(Debug)]
pub(super) struct SlotState {
    pub(super) len: u64,
    pub(super) used: SystemTime,
    /// The ticket of who has it.
    pub(super) holder: Option<u64>,
    /// It was removed, and is no longer the one of its key.
    pub(super) gone: bool,
    /// Somebody knows its key, so that it stays while it has no bytes.
    pub(super) announced: bool,
    /// What was hashed of it.
    pub(super) hashed: Option<Hashed>,
}

impl SlotState {
    /// A part that nobody has.
    pub(super) const fn kept(len: u64, used: SystemTime) -> Self {
        Self {
            len,
            used,
            holder: None,
            gone: false,
            announced: false,
            hashed: None,
        }
    }

    /// Returns when it was used last, if nobody has it.
    pub(super) fn idle_since(&self) -> Option<SystemTime> {
        (self.holder.is_none() && !self.gone).then_some(self.used)
    }

    /// Tells whether there is something to keep when nobody has it.
    pub(super) const fn is_worth_keeping(&self) -> bool {
        self.len > 0 || self.announced
    }
}

impl Slot {
    pub(super) const fn new(state: SlotState) -> Self {
        Self(Mutex::new(state))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, SlotState> {
        // Every change is whole before anything can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn try_lock(&self) -> Option<MutexGuard<'_, SlotState>> {
        match self.0.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(state)) => Some(state.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}
