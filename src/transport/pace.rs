//! The lowest rate at which a peer may send.
//!
//! Only the time that is spent waiting for the peer counts: while the receiver itself is busy, the peer's
//! bytes wait in the socket, and are there at once when they are asked for. A peer that sends a byte
//! now and then keeps no idle timeout from being reset, but it does not get through a window.

use core::time::Duration;
use std::io::{self, ErrorKind, Read};
use std::time::Instant;

use thiserror::Error;

use super::error::{StoppedHere, TransportError};
use super::link::Link;
use crate::io::ReadError;

/// Timers may fire a little early.
const TOLERANCE: Duration = Duration::from_millis(20);

/// So many bytes a second, averaged over so much time of waiting. The first window is the grace period.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    pub(super) rate: u64,
    pub(super) window: Duration,
}

impl Pace {
    /// Whoever is only not silent is fast enough.
    pub(super) const NONE: Self = Self {
        rate: 0,
        window: Duration::ZERO,
    };

    pub(super) fn is_met_by(self, bytes: u64) -> bool {
        u128::from(bytes) * 1000 >= u128::from(self.rate) * self.window.as_millis()
    }
}

/// A link whose peer has to keep a pace, once [`Paced::start`] was called.
pub(super) struct Paced<'a> {
    link: &'a mut dyn Link,
    pace: Pace,
    running: bool,
    waited: Duration,
    bytes: u64,
}

impl<'a> Paced<'a> {
    pub(super) const fn new(link: &'a mut dyn Link, pace: Pace) -> Self {
        Self {
            link,
            pace,
            running: false,
            waited: Duration::ZERO,
            bytes: 0,
        }
    }

    /// Borrows the link, to answer on it before the stream begins.
    pub(super) const fn link(&mut self) -> &mut dyn Link {
        self.link
    }

    /// The header is here: from now on the rate counts, and the deadline of the header does not.
    pub(super) fn start(&mut self) {
        self.link.set_read_deadline(None);
        self.running = self.pace.rate > 0;
    }

    fn read_paced(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let started = Instant::now();
            let left = self.pace.window.saturating_sub(self.waited);
            self.link.set_read_deadline(Some(started + left));
            let read = self.link.read(buffer);
            let took = started.elapsed();
            self.waited += took;
            self.bytes += read.as_ref().map_or(0, |len| *len as u64);
            if took + TOLERANCE < left {
                return read;
            }
            if !self.pace.is_met_by(self.bytes) {
                return Err(io::Error::new(ErrorKind::TimedOut, Slow(self.pace.rate)));
            }
            (self.waited, self.bytes) = (Duration::ZERO, 0);
            match read {
                // The window ended, and the peer was fast enough in it.
                Err(error) if error.kind() == ErrorKind::TimedOut => {}
                read => return read,
            }
        }
    }
}

impl Read for Paced<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.running {
            self.read_paced(buffer)
        } else {
            self.link.read(buffer)
        }
    }
}

impl Drop for Paced<'_> {
    fn drop(&mut self) {
        self.link.set_read_deadline(None);
    }
}

/// How a pace that was not kept travels through [`io::Error`].
#[derive(Debug, Error)]
#[error("less than {0} bytes a second")]
struct Slow(u64);

/// Says what a failed read of a link means.
pub(super) fn judged(error: TransportError) -> TransportError {
    let TransportError::Read(ReadError::Io(inner)) = &error else {
        return error;
    };
    let Some(inner) = inner.get_ref() else {
        return error;
    };
    match inner.downcast_ref() {
        Some(Slow(rate)) => TransportError::TooSlow(*rate),
        None if inner.is::<StoppedHere>() => TransportError::Stopped,
        None => error,
    }
}
