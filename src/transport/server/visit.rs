//! A connection of a server, in its thread.

use core::fmt;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::time::Instant;

use super::control::Control;
use crate::format::MAGIC;
use crate::transport::error::StoppedHere;
use crate::transport::link::{Closer, Connection, Link};
use crate::transport::query::QUERY;
use crate::transport::receive::Receiver;

/// One peer's connection, which is a [`Link`], and the receiver that keeps the server's limits for it.
pub struct Visit<'a> {
    link: Box<dyn Link>,
    peer: String,
    receiver: Receiver,
    control: &'a Control,
    number: u64,
    /// The first bytes, up to the length of the magic.
    head: Vec<u8>,
}

impl<'a> Visit<'a> {
    pub(super) fn new(connection: Connection, receiver: Receiver, control: &'a Control) -> Self {
        let number = control.enter(connection.link.closer());
        Self {
            link: connection.link,
            peer: connection.peer,
            receiver,
            control,
            number,
            head: Vec::new(),
        }
    }

    /// Returns the peer's address, for people.
    #[must_use]
    pub fn peer(&self) -> &str {
        &self.peer
    }

    /// Returns the receiver for this connection: only its own is counted and held at the gate.
    pub const fn receiver(&self) -> &Receiver {
        &self.receiver
    }

    /// Tells whether the peer sent what every stream begins with, or every question about one, and a stream was
    /// still wanted.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        self.head == MAGIC || self.head == QUERY
    }

    /// Closes the connection without a word: a stream that broke off may go on, and a refusal is for ever.
    pub fn hang_up(&self) {
        if let Some(close) = self.link.closer() {
            close();
        }
    }

    /// Waits for a stream that broke off to go on in another connection, as long as
    /// [`ServerLimits::resume_within`](super::ServerLimits::resume_within) allows, and tells whether it did: otherwise
    /// it has failed. Where streams are not counted it may come at any time, and nobody waits.
    #[must_use]
    pub fn await_resumption(&self) -> bool {
        self.control.await_resumption()
    }

    fn check(&self) -> io::Result<()> {
        if self.control.may_go_on(self.number) {
            Ok(())
        } else {
            Err(StoppedHere.into_io())
        }
    }

    /// Notices the beginning of a stream.
    fn notice(&mut self, bytes: &[u8]) -> io::Result<()> {
        let wanted = (MAGIC.len() - self.head.len()).min(bytes.len());
        if wanted == 0 {
            return Ok(());
        }
        self.head.extend_from_slice(&bytes[..wanted]);
        if self.is_stream() && !self.control.begin_stream(self.number) {
            self.head.clear();
            return Err(StoppedHere.into_io());
        }
        Ok(())
    }
}

impl Read for Visit<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        let read = self.link.read(buffer);
        // Who was closed from here reads an end that is none.
        if !matches!(read, Ok(1..)) {
            self.check()?;
        }
        let len = read?;
        self.notice(&buffer[..len])?;
        Ok(len)
    }
}

impl Write for Visit<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.link.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.link.flush()
    }
}

impl Link for Visit<'_> {
    fn finish_sending(&mut self) -> io::Result<()> {
        self.link.finish_sending()
    }

    fn set_read_deadline(&mut self, deadline: Option<Instant>) {
        self.link.set_read_deadline(deadline);
    }

    fn set_idle_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.link.set_idle_timeout(timeout)
    }

    fn closer(&self) -> Option<Closer> {
        self.link.closer()
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.control.leave(self.number);
    }
}

impl fmt::Debug for Visit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}
