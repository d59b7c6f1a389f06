//! What is remembered of the last uploads: their answers. Whoever did not hear an answer asks again, and gets the same.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::name::UploadName;

/// So many are remembered; an answer takes at most about 1.4 KB.
const MOST: usize = 10_000;

/// Something for each of the last uploads.
#[derive(Debug)]
pub(super) struct Remembered<T>(Mutex<Table<T>>);

#[derive(Debug)]
struct Table<T> {
    known: HashMap<UploadName, T>,
    /// The oldest first, each that is known once.
    order: VecDeque<UploadName>,
}

impl<T: Clone> Remembered<T> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Table {
            known: HashMap::new(),
            order: VecDeque::new(),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Table<T>> {
        // Every change is whole before anything can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn find(&self, name: &UploadName) -> Option<T> {
        self.lock().known.get(name).cloned()
    }

    pub(super) fn remember(&self, name: &UploadName, what: T) {
        let mut table = self.lock();
        if table.known.insert(name.clone(), what).is_none() {
            table.order.push_back(name.clone());
        }
        while table.order.len() > MOST {
            if let Some(oldest) = table.order.pop_front() {
                table.known.remove(&oldest);
            }
        }
    }

    pub(super) fn forget(&self, name: &UploadName) {
        let mut table = self.lock();
        if table.known.remove(name).is_some() {
            table.order.retain(|other| other != name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let remembered = Remembered::new();
        let name = |number: usize| UploadName::of_key(&number.to_string(), 1);
        for number in 0..MOST + 5 {
            remembered.remember(&name(number), number);
        }
        assert_eq!(remembered.find(&name(4)), None);
        assert_eq!(remembered.find(&name(5)), Some(5));
        remembered.forget(&name(5));
        assert_eq!(remembered.find(&name(5)), None);
        remembered.remember(&name(MOST), 7);
        assert_eq!(remembered.find(&name(MOST)), Some(7));
        let table = remembered.lock();
        assert_eq!((table.known.len(), table.order.len()), (MOST - 1, MOST - 1));
    }
}
