//! Who is there, and how far the end has come.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::Ended;
use crate::transport::link::Closer;

/// How far the end has come. It goes back in one case: a stream that broke off gives its place free again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Streams are taken.
    Open,
    /// As many streams have begun as there shall be; they run to their end.
    Full,
    /// Running streams have until the end of the grace period.
    Stopping,
    /// Nothing goes on.
    Cut,
}

/// What a server and its stoppers share.
pub(super) struct Control {
    state: Mutex<State>,
    changed: Condvar,
    /// For how long a stream that broke off may go on.
    resume_within: Duration,
}

struct State {
    phase: Phase,
    stopped: bool,
    /// How many streams may still begin.
    places: Option<u64>,
    /// How many of them are free for streams that broke off, and how many of those were taken again and are
    /// not known to who gave them free.
    offered: u64,
    resumed: u64,
    connections: HashMap<u64, Present>,
    next: u64,
    waker: Option<Closer>,
}

/// A connection that has not ended.
struct Present {
    closer: Option<Closer>,
    is_stream: bool,
}

impl Control {
    pub(super) fn new(places: Option<u64>, resume_within: Duration) -> Self {
        let state = State {
            phase: if places == Some(0) {
                Phase::Full
            } else {
                Phase::Open
            },
            stopped: false,
            places,
            offered: 0,
            resumed: 0,
            connections: HashMap::new(),
            next: 0,
            waker: None,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            resume_within,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is whole before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_waker(&self, waker: Option<Closer>) {
        self.lock().waker = waker;
    }

    /// Tells whether the listener is still needed: somebody may be let in, now or when a stream breaks off.
    pub(super) fn accepts(&self) -> bool {
        let state = self.lock();
        match state.phase {
            Phase::Open => true,
            Phase::Full => self.awaits_streams(&state),
            Phase::Stopping | Phase::Cut => false,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.lock().phase == Phase::Full
    }

    /// Tells whether a stream that runs may yet break off and go on.
    fn awaits_streams(&self, state: &State) -> bool {
        !self.resume_within.is_zero() && state.connections.values().any(|c| c.is_stream)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.lock().connections.is_empty()
    }

    pub(super) fn ended(&self) -> Ended {
        if self.lock().stopped {
            Ended::Stopped
        } else {
            Ended::Counted
        }
    }

    /// Waits, or not so long if the end begins.
    pub(super) fn pause(&self, time: Duration) {
        let open = |state: &mut State| state.phase == Phase::Open;
        drop(self.changed.wait_timeout_while(self.lock(), time, open));
    }

    pub(super) fn enter(&self, closer: Option<Closer>) -> u64 {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        let present = Present {
            closer,
            is_stream: false,
        };
        state.connections.insert(number, present);
        number
    }

    pub(super) fn leave(&self, number: u64) {
        let mut state = self.lock();
        state.connections.remove(&number);
        // The last stream that could have gone on: nobody is waited for any more.
        let is_last = state.phase == Phase::Full && !self.awaits_streams(&state);
        let waker = state.waker.clone().filter(|_| is_last);
        drop(state);
        self.changed.notify_all();
        if let Some(wake) = waker {
            wake();
        }
    }

    /// Tells whether a connection may go on.
    pub(super) fn may_go_on(&self, number: u64) -> bool {
        let state = self.lock();
        match state.phase {
            Phase::Open => true,
            Phase::Full | Phase::Stopping => state
                .connections
                .get(&number)
                .is_some_and(|connection| connection.is_stream),
            Phase::Cut => false,
        }
    }

    /// Takes a place for a connection that turns out to be a stream. When the last one is taken, those
    /// that have none are of no use any more.
    pub(super) fn begin_stream(&self, number: u64) -> bool {
        let mut state = self.lock();
        if state.phase != Phase::Open {
            return false;
        }
        if let Some(connection) = state.connections.get_mut(&number) {
            connection.is_stream = true;
        }
        if state.offered > 0 {
            state.offered -= 1;
            state.resumed += 1;
            self.changed.notify_all();
        }
        let is_last = take_place(&mut state);
        drop(state);
        if is_last {
            self.advance(Phase::Full);
        }
        true
    }

    /// Gives free the place of a stream that broke off, and waits until it is taken. Tells whether it was, or
    /// need not be, since there are places without end.
    pub(super) fn await_resumption(&self) -> bool {
        let mut state = self.lock();
        let Some(places) = state.places else {
            return true;
        };
        if self.resume_within.is_zero() || state.phase > Phase::Full {
            return false;
        }
        state.places = Some(places + 1);
        state.offered += 1;
        state.phase = Phase::Open;
        let waiting = |state: &mut State| state.resumed == 0 && state.phase <= Phase::Full;
        let waited = self
            .changed
            .wait_timeout_while(state, self.resume_within, waiting);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.resumed > 0 {
            state.resumed -= 1;
            return true;
        }
        state.offered = state.offered.saturating_sub(1);
        let is_last = take_place(&mut state);
        drop(state);
        if is_last {
            self.advance(Phase::Full);
        }
        false
    }

    /// Ends the taking of streams; those that run may go on.
    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.advance(Phase::Stopping);
    }

    /// Ends everything.
    pub(super) fn cut(&self) {
        self.lock().stopped = true;
        self.advance(Phase::Cut);
    }

    fn advance(&self, phase: Phase) {
        let mut state = self.lock();
        if state.phase >= phase {
            return;
        }
        state.phase = phase;
        let useless = |connection: &&Present| phase == Phase::Cut || !connection.is_stream;
        let closers: Vec<_> = state
            .connections
            .values()
            .filter(useless)
            .filter_map(|connection| connection.closer.clone())
            .collect();
        let needed = phase == Phase::Full && self.awaits_streams(&state);
        let waker = state.waker.clone().filter(|_| !needed);
        drop(state);
        self.changed.notify_all();
        // Outside the lock: these call into links and listeners.
        for call in closers.iter().chain(&waker) {
            call();
        }
    }

    /// Waits for the end of all connections; if the server is stopped, no longer than `grace` from then
    /// on. Tells whether they have ended.
    pub(super) fn finish(&self, grace: Duration) -> bool {
        let counting = |state: &mut State| !state.connections.is_empty() && !state.stopped;
        let state = self
            .changed
            .wait_while(self.lock(), counting)
            .unwrap_or_else(PoisonError::into_inner);
        let until = Instant::now() + grace;
        let running = |state: &mut State| {
            !state.connections.is_empty() && state.phase != Phase::Cut && Instant::now() < until
        };
        let (state, _) = self
            .changed
            .wait_timeout_while(state, grace, running)
            .unwrap_or_else(PoisonError::into_inner);
        state.connections.is_empty()
    }
}

/// Takes a place, and tells whether it was the last one.
fn take_place(state: &mut State) -> bool {
    state.places = state.places.map(|places| places.saturating_sub(1));
    state.places == Some(0)
}

impl core::fmt::Debug for Control {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let state = self.lock();
        write!(
            f,
            "Control({:?}, {} connections)",
            state.phase,
            state.connections.len()
        )
    }
}
