//! The window itself: the last so many streams, the oldest forgotten first.

use std::collections::{HashMap, VecDeque};

use super::Id;
use crate::transport::receipt::Contents;

#[derive(Debug)]
pub(super) struct Window {
    capacity: usize,
    order: VecDeque<Id>,
    known: HashMap<Id, Contents>,
}

impl Window {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            order: VecDeque::new(),
            known: HashMap::new(),
        }
    }

    pub(super) const fn capacity(&self) -> usize {
        self.capacity
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn find(&self, id: &Id) -> Option<Contents> {
        self.known.get(id).copied()
    }

    /// Remembers a stream. What is known of one that is here already stays: the first acceptance counts.
    pub(super) fn insert(&mut self, id: Id, contents: Contents) {
        if self.known.contains_key(&id) {
            return;
        }
        if self.order.len() == self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(id);
        self.known.insert(id, contents);
    }

    /// Lists what is remembered, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Id, Contents)> {
        let known = |id| self.known.get(id).map(|contents| (id, *contents));
        self.order.iter().filter_map(known)
    }
}
