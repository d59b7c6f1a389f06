//! The gate before unlocking: few at a time, and none of them twice from one peer.
//!
//! Whoever waits has spent nothing yet but its header. The queue is in the order of arrival, but somebody
//! whose peer is inside already lets others pass: a peer that comes with many streams, each as costly
//! as can be, delays another one by one of them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::peers::PeerKey;

#[derive(Debug)]
pub(in crate::transport) struct Gate {
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    inside: Vec<PeerKey>,
    queue: VecDeque<(u64, PeerKey)>,
    next: u64,
    closed: bool,
}

impl State {
    /// Who is next, if anybody may enter.
    fn next_in(&self, most: usize) -> Option<u64> {
        let free = |peer: &PeerKey| !peer.is_known() || !self.inside.contains(peer);
        let mut waiting = self.queue.iter();
        let next = waiting.find(|(_, peer)| free(peer));
        next.filter(|_| self.inside.len() < most)
            .map(|(ticket, _)| *ticket)
    }
}

/// A place inside; dropping it lets the next one in.
pub(in crate::transport) struct Inside<'a> {
    gate: &'a Gate,
    peer: PeerKey,
}

impl Gate {
    pub(in crate::transport) fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is whole before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place; there is none any more where the gate is closed.
    pub(in crate::transport) fn enter(&self, peer: PeerKey) -> Option<Inside<'_>> {
        let mut state = self.lock();
        let ticket = state.next;
        state.next += 1;
        state.queue.push_back((ticket, peer));
        let waiting = |state: &mut State| !state.closed && state.next_in(self.most) != Some(ticket);
        let mut state = self
            .changed
            .wait_while(state, waiting)
            .unwrap_or_else(PoisonError::into_inner);
        state.queue.retain(|(other, _)| *other != ticket);
        let entered = !state.closed;
        if entered {
            state.inside.push(peer);
        }
        drop(state);
        // Somebody else may be able to enter too.
        self.changed.notify_all();
        entered.then_some(Inside { gate: self, peer })
    }

    pub(in crate::transport) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        let own = state.inside.iter().position(|peer| *peer == self.peer);
        if let Some(own) = own {
            state.inside.swap_remove(own);
        }
        drop(state);
        self.gate.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use core::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    fn peer(number: u8) -> PeerKey {
        PeerKey::of_address([10, 0, 0, number].into())
    }

    #[test]
    fn as_many_as_may_are_inside_and_one_of_each_peer() {
        let gate = Gate::new(3);
        let (all, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let of_peer: [AtomicUsize; 5] = Default::default();
        thread::scope(|scope| {
            for number in 0..60 {
                let (gate, all, most, of_peer) = (&gate, &all, &most, &of_peer);
                scope.spawn(move || {
                    let who = number % 5;
                    let inside = gate.enter(peer(who)).unwrap();
                    let own = &of_peer[usize::from(who)];
                    assert_eq!(own.fetch_add(1, Ordering::SeqCst), 0);
                    let now = all.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(now, Ordering::SeqCst);
                    thread::yield_now();
                    all.fetch_sub(1, Ordering::SeqCst);
                    own.fetch_sub(1, Ordering::SeqCst);
                    drop(inside);
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 3);
        assert!(gate.lock().queue.is_empty() && gate.lock().inside.is_empty());
    }

    #[test]
    fn others_pass_who_waits_for_its_own_peer() {
        let mut state = State::default();
        state
            .queue
            .extend([(1, peer(1)), (2, peer(1)), (3, peer(2))]);
        assert_eq!(state.next_in(2), Some(1));
        state.queue.pop_front();
        state.inside.push(peer(1));
        assert_eq!(state.next_in(2), Some(3));
        assert_eq!(state.next_in(1), None);
        state.inside.clear();
        assert_eq!(state.next_in(1), Some(2));
        // Peers without an address are not one peer.
        state.inside = vec![PeerKey::Unknown];
        state.queue = VecDeque::from([(4, PeerKey::Unknown)]);
        assert_eq!(state.next_in(2), Some(4));
    }

    #[test]
    fn a_closed_gate_lets_nobody_in() {
        let gate = Gate::new(1);
        let inside = gate.enter(peer(1)).unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| gate.enter(peer(2)).is_none());
            while gate.lock().queue.is_empty() {
                thread::yield_now();
            }
            gate.close();
            assert!(waiting.join().unwrap());
        });
        drop(inside);
        assert!(gate.enter(peer(3)).is_none());
    }
}
