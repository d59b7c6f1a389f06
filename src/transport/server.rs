//! A receiver for many peers at once: one thread a connection, and limits on everything that a peer
//! can make it spend.
//!
//! A [`Server`] accepts connections, turns away those above its [`ServerLimits`], and hands each other one
//! to a [`Handler`] in a thread of its own. What goes wrong in one connection, a panic too, stays there.
//! A [`Stopper`] ends it from outside: no further streams, a while for those that are running, and
//! then an end.
//!
//! ```no_run
//! use secimg::OpenOptions;
//! use secimg::transport::{Handler, Receiver, Server, ServerLimits, Visit, listen};
//!
//! struct Keep;
//!
//! impl Handler for Keep {
//!     fn visit(&self, visit: &mut Visit<'_>) {
//!         let receiver = visit.receiver().clone();
//!         // A sink that keeps nothing; another one stores the images before they are acknowledged.
//!         match receiver.receive(visit, &mut ()) {
//!             Ok(accepted) => drop(accepted.acknowledge(&mut &mut *visit)),
//!             Err(_) => Receiver::turn_away(visit),
//!         }
//!     }
//! }
//!
//! let receiver = Receiver::new(&OpenOptions::new());
//! let server = Server::new(&receiver, ServerLimits::new());
//! server.serve(listen("tcp://127.0.0.1:0")?, &Keep)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use core::fmt;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::io;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread::{self, Scope};

use super::link::{Connection, Listener};
use super::receive::Receiver;
use crate::trace;
use control::Control;
pub(super) use door::Door;
pub(super) use gate::Gate;
pub use limits::ServerLimits;
pub(super) use peers::{PeerKey, Peers};
pub use stopper::Stopper;
pub use visit::Visit;

mod control;
mod door;
mod gate;
mod limits;
mod peers;
mod stopper;
mod visit;

/// So many connections in a row that could not be accepted, while none is open, are a listener that is broken.
const MAX_FAILED_ACCEPTS: u32 = 50;

/// How long to wait after one: what is short now (files, memory) may not be in a moment.
const AFTER_FAILURE: Duration = Duration::from_millis(200);

/// Who may be too quick to be answered is not waited for.
const TURNING_AWAY: Duration = Duration::from_millis(500);

/// What happens with the connections of a [`Server`].
pub trait Handler: Sync {
    /// Receives what a connection brings, with the receiver of the visit, and answers it. This runs in
    /// the connection's own thread; a panic ends the connection and nothing else.
    fn visit(&self, visit: &mut Visit<'_>);

    /// A connection was closed at once. Somebody who floods a receiver can make this happen often.
    fn turned_away(&self, peer: &str, why: TurnedAway) {
        let _ = (peer, why);
    }

    /// A connection could not be accepted, or [`Handler::visit`] panicked.
    fn failed(&self, error: &io::Error) {
        let _ = error;
    }
}

/// Why a connection was closed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TurnedAway {
    /// There are as many connections as there may be.
    Full,
    /// There are as many from this peer as there may be.
    PeerFull,
    /// Too many streams from this peer were not authentic.
    Failures,
}

impl TurnedAway {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Full => "too many connections",
            Self::PeerFull => "too many connections from this address",
            Self::Failures => "too many streams from this address could not be opened",
        }
    }
}

impl fmt::Display for TurnedAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "turned away: {}", self.word())
    }
}

/// Why a server came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// As many streams came as were asked for.
    Counted,
    /// It was told to stop.
    Stopped,
}

/// Receives from many peers at once.
#[derive(Debug)]
pub struct Server {
    receiver: Receiver,
    limits: ServerLimits,
    control: Arc<Control>,
    peers: Arc<Peers>,
    gate: Arc<Gate>,
}

impl Server {
    /// Receives with `receiver`, on which the limits are laid.
    #[must_use]
    pub fn new(receiver: &Receiver, limits: ServerLimits) -> Self {
        Self {
            receiver: receiver.clone().under(&limits),
            control: Arc::new(Control::new(limits.streams, limits.resume_within)),
            peers: Arc::new(Peers::new(&limits)),
            gate: Arc::new(Gate::new(limits.unlocks)),
            limits,
        }
    }

    /// Returns what stops the server from outside, before or while it serves.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper::new(Arc::clone(&self.control), Arc::clone(&self.gate))
    }

    /// Serves until the server is stopped, or as many streams came as were asked for. The listener is
    /// closed as soon as nobody else will be let in; when this returns, every connection has ended.
    ///
    /// # Errors
    /// The listener's, where it fails again and again while there is no connection that could be the
    /// reason. Running connections are finished first.
    pub fn serve(
        &self,
        mut listener: Box<dyn Listener>,
        handler: &dyn Handler,
    ) -> io::Result<Ended> {
        self.control.set_waker(listener.waker());
        thread::scope(|scope| {
            let ended = self.accept_all(scope, listener.as_mut(), handler);
            // Whoever calls now shall find nobody, and not wait for an answer.
            drop(listener);
            if !self.control.finish(self.limits.grace) {
                self.stopper().cut();
            }
            ended
        })?;
        Ok(self.control.ended())
    }

    fn accept_all<'scope, 'env>(
        &'env self,
        scope: &'scope Scope<'scope, 'env>,
        listener: &mut dyn Listener,
        handler: &'env dyn Handler,
    ) -> io::Result<()> {
        let mut failures = 0;
        while self.control.accepts() {
            let error = match listener.accept() {
                // The one that wakes the listener is not answered.
                Ok(_) if !self.control.accepts() => break,
                // It may be a sender whose broken connection was not noticed here yet: no answer, so that it
                // comes again.
                Ok(connection) if self.control.is_full() => {
                    handler.turned_away(&connection.peer, TurnedAway::Full);
                    continue;
                }
                Ok(connection) => match self.admit(scope, connection, handler) {
                    Ok(()) => {
                        failures = 0;
                        continue;
                    }
                    Err(error) => error,
                },
                Err(error) => error,
            };
            if failures == 0 {
                handler.failed(&error);
            }
            // Who has run out of files because of its peers waits for them to go.
            failures = if self.control.is_idle() {
                failures + 1
            } else {
                1
            };
            if failures > MAX_FAILED_ACCEPTS {
                return Err(error);
            }
            self.control.pause(AFTER_FAILURE);
        }
        Ok(())
    }

    /// Gives a connection its thread, or none.
    fn admit<'scope, 'env>(
        &'env self,
        scope: &'scope Scope<'scope, 'env>,
        connection: Connection,
        handler: &'env dyn Handler,
    ) -> io::Result<()> {
        let key = PeerKey::of(&connection);
        let guest = match self.peers.enter(key) {
            Ok(guest) => guest,
            Err(why) => {
                turn_away(connection, handler, why);
                return Ok(());
            }
        };
        trace::accepted(&connection.peer);
        let door = Door::new(Arc::clone(&self.gate), Arc::clone(&self.peers), key);
        let receiver = self.receiver.clone().behind(door);
        let mut visit = Visit::new(connection, receiver, &self.control);
        thread::Builder::new()
            .name("secimg connection".to_owned())
            .spawn_scoped(scope, move || {
                let visited = catch_unwind(AssertUnwindSafe(|| handler.visit(&mut visit)));
                if visited.is_err() {
                    Receiver::refuse(&mut visit);
                    handler.failed(&io::Error::other("a connection broke down"));
                }
                drop(visit);
                drop(guest);
            })
            .map(drop)
    }
}

/// Closes a connection that may not stay. It gets no thread, so it may not take time either.
fn turn_away(mut connection: Connection, handler: &dyn Handler, why: TurnedAway) {
    if connection.link.set_idle_timeout(Some(TURNING_AWAY)).is_ok() {
        Receiver::refuse(&mut connection.link);
    }
    trace::turned_away(&connection.peer, why.word());
    handler.turned_away(&connection.peer, why);
}
