//! Parts: the beginnings of sealed streams whose connections broke, kept until they go on.
//!
//! A [`PartStore`] is a folder that one process at a time owns. Each part is a file `KEY.part` of its owner's,
//! to which bytes are appended; all of them together keep within a [`PartBudget`], and those that were not used
//! for the longest time go first. A part that is damaged or lost costs time and nothing else: what is in it is
//! sealed, and is proven when it is opened.

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

pub use error::PartError;
pub use part::Part;
use slot::{Slot, SlotState};

use super::replay::StateError;
use super::state::{create_folder, lock_folder};

mod error;
mod part;
mod slot;
#[cfg(test)]
mod tests;

/// What all parts together may take.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct PartBudget {
    parts: usize,
    bytes: u64,
    age: Duration,
}

impl Default for PartBudget {
    fn default() -> Self {
        Self::new()
    }
}

impl PartBudget {
    /// 1000 parts, 64 GiB, and a week without use.
    pub const fn new() -> Self {
        Self {
            parts: 1000,
            bytes: 64 << 30,
            age: Duration::from_hours(7 * 24),
        }
    }

    /// Sets how many parts there may be.
    pub const fn parts(mut self, parts: usize) -> Self {
        self.parts = parts;
        self
    }

    /// Sets how many bytes all parts together may have.
    pub const fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets for how long a part is kept that nobody uses.
    pub const fn age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }
}

/// A folder of parts.
pub struct PartStore {
    folder: PathBuf,
    budget: PartBudget,
    /// All locks of slots are taken after this one, or without it.
    slots: Mutex<HashMap<String, Arc<Slot>>>,
    bytes: AtomicU64,
    /// One more for every claim.
    tickets: AtomicU64,
    /// Held for as long as the store lives.
    _lock: File,
}

impl PartStore {
    /// Takes a folder, which is created for its owner alone if it is not there, and what an earlier run, however
    /// it ended, left in it. Parts beyond the budget go.
    ///
    /// # Errors
    /// [`StateError`]: another process uses the folder, or the system fails.
    pub fn open(folder: &Path, budget: PartBudget) -> Result<Arc<Self>, StateError> {
        let failed = |doing| move |error| StateError::Io(folder.into(), doing, error);
        create_folder(folder).map_err(failed("create this folder"))?;
        let lock = lock_folder(folder)?;
        let store = Self {
            folder: folder.into(),
            budget,
            slots: Mutex::new(HashMap::new()),
            bytes: AtomicU64::new(0),
            tickets: AtomicU64::new(0),
            _lock: lock,
        };
        store.find_parts().map_err(failed("read this folder"))?;
        store.remove_old(0, 0);
        Ok(Arc::new(store))
    }

    fn find_parts(&self) -> io::Result<()> {
        let mut slots = self.lock();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(key) = name.to_str().and_then(|name| name.strip_suffix(SUFFIX)) else {
                continue;
            };
            let found = entry.metadata()?;
            if !found.is_file() || !is_key(key) {
                continue;
            }
            let used = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let mut state = SlotState::kept(found.len(), used);
            state.announced = found.len() == 0;
            let slot = Slot::new(state);
            self.bytes.fetch_add(found.len(), Ordering::Relaxed);
            slots.insert(key.to_owned(), Arc::new(slot));
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Slot>>> {
        // Every change is whole before anything can panic.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}{SUFFIX}"))
    }

    /// Returns the length of a part, claimed or not, if there is one.
    #[must_use]
    pub fn len_of(&self, key: &str) -> Option<u64> {
        let slot = self.lock().get(key).cloned()?;
        let state = slot.lock();
        (!state.gone).then_some(state.len)
    }

    /// Returns the keys of all parts, in no order.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// Claims a part, or starts an empty one. Nobody else has it until the [`Part`] is dropped.
    ///
    /// A key is 1 to 128 letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// [`PartError::Busy`] where somebody has it, [`PartError::Key`], [`PartError::Full`] where there are as
    /// many parts in use as there may be, [`PartError::Io`].
    pub fn claim(self: &Arc<Self>, key: &str) -> Result<Part, PartError> {
        self.take(key, false)
    }

    /// As [`PartStore::claim`], and takes the part from whoever has it: a connection that broke may not know it yet.
    /// What the other appends then is [`PartError::Taken`].
    ///
    /// # Errors
    /// As [`PartStore::claim`], but for [`PartError::Busy`].
    pub fn seize(self: &Arc<Self>, key: &str) -> Result<Part, PartError> {
        self.take(key, true)
    }

    fn take(self: &Arc<Self>, key: &str, seize: bool) -> Result<Part, PartError> {
        if !is_key(key) {
            return Err(PartError::Key);
        }
        loop {
            let slot = self.slot(key)?;
            let mut state = slot.lock();
            // It went between the two locks: the next one is another.
            if state.gone {
                continue;
            }
            if state.holder.is_some() && !seize {
                return Err(PartError::Busy);
            }
            let path = self.path(key);
            let file = part::open(&path, state.len)?;
            let ticket = self.tickets.fetch_add(1, Ordering::Relaxed);
            state.holder = Some(ticket);
            state.used = SystemTime::now();
            drop(state);
            return Ok(Part::new(Arc::clone(self), key, slot, ticket, file));
        }
    }

    fn slot(&self, key: &str) -> Result<Arc<Slot>, PartError> {
        if let Some(slot) = self.lock().get(key) {
            return Ok(Arc::clone(slot));
        }
        self.remove_old(1, 0);
        let mut slots = self.lock();
        if slots.len() >= self.budget.parts && !slots.contains_key(key) {
            return Err(PartError::Full);
        }
        let slot = slots.entry(key.to_owned());
        let slot =
            slot.or_insert_with(|| Arc::new(Slot::new(SlotState::kept(0, SystemTime::now()))));
        Ok(Arc::clone(slot))
    }

    /// Makes room for so many parts and bytes more, as far as parts can go that nobody has: those first that have no
    /// bytes, then those that were not used for the longest time, and those that are too old in any case.
    fn remove_old(&self, parts: usize, bytes: u64) {
        let mut slots = self.lock();
        let idle = |slot: &Arc<Slot>| {
            let state = slot.try_lock()?;
            Some((state.len > 0, state.idle_since()?))
        };
        let mut idle: Vec<_> = slots
            .iter()
            .filter_map(|(key, slot)| Some((idle(slot)?, key.clone())))
            .collect();
        idle.sort();
        let now = SystemTime::now();
        for ((_, used), key) in idle {
            let old = now
                .duration_since(used)
                .is_ok_and(|age| age > self.budget.age);
            let crowded = slots.len() + parts > self.budget.parts
                || self.bytes.load(Ordering::Relaxed).saturating_add(bytes) > self.budget.bytes;
            if !old && !crowded {
                continue;
            }
            let Some(slot) = slots.get(&key).cloned() else {
                continue;
            };
            let removed = slot.try_lock().is_some_and(|mut state| {
                let idle = state.idle_since().is_some();
                if idle {
                    self.forget(&key, &mut state);
                }
                idle
            });
            if removed {
                slots.remove(&key);
            }
        }
    }

    /// Removes the file of a part; who holds its slot's lock calls this, and takes it from the list then.
    fn forget(&self, key: &str, state: &mut SlotState) {
        self.bytes.fetch_sub(state.len, Ordering::Relaxed);
        (state.gone, state.len, state.hashed) = (true, 0, None);
        // What cannot be removed is found again by the next run.
        let _: io::Result<()> = fs::remove_file(self.path(key));
    }

    /// Counts bytes that are about to be appended, if there is or can be room for them.
    fn reserve(&self, more: u64) -> Result<(), PartError> {
        for attempt in 0..2 {
            let taken = self
                .bytes
                .fetch_add(more, Ordering::Relaxed)
                .saturating_add(more);
            if taken <= self.budget.bytes {
                return Ok(());
            }
            self.bytes.fetch_sub(more, Ordering::Relaxed);
            if attempt == 0 {
                self.remove_old(0, more);
            }
        }
        Err(PartError::Full)
    }
}

impl fmt::Debug for PartStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes.load(Ordering::Relaxed);
        write!(f, "PartStore({} parts, {bytes} bytes)", self.lock().len())
    }
}

const SUFFIX: &str = ".part";

/// A key is the name of a file, on every platform.
fn is_key(key: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=128).contains(&key.len()) && key.bytes().all(allowed)
}
