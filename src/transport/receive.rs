//! Receiving: one stream a connection, with a deadline for its header and limits for its size.

use core::time::Duration;
use std::io::{Read, Write};
use std::time::Instant;

use crate::io::{ItemSink, ReadError, StreamSource};
use crate::stream::{OpenOptions, Unlocked, Verified};

use super::error::TransportError;
use super::link::Link;
use super::receipt::Receipt;

/// How a receiver treats its peers.
#[derive(Debug, Clone)]
#[must_use]
pub struct Receiver {
    options: OpenOptions,
    header_deadline: Duration,
    idle_timeout: Duration,
}

/// A stream that was verified and waits to be acknowledged.
///
/// Acknowledge it when its images are stored for good: the sender may delete its own.
#[derive(Debug)]
pub struct Accepted {
    verified: Verified,
    receipt: Receipt,
}

impl Receiver {
    /// Opens streams with these options. What the sink takes is held back until [`Accepted`], so the
    /// options count as spooled.
    pub fn new(options: &OpenOptions) -> Self {
        Self {
            options: options.clone().spooled(),
            header_deadline: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
        }
    }

    /// Sets how long a peer may take from the connection to the end of its header (10 s).
    pub const fn header_deadline(mut self, deadline: Duration) -> Self {
        self.header_deadline = deadline;
        self
    }

    /// Sets how long a peer may be silent (30 s).
    pub const fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Receives one stream over a [`Link`], keeping deadline and timeout.
    ///
    /// # Errors
    /// [`TransportError`]; what `sink` has taken must then be undone. Answer with [`Receiver::refuse`].
    pub fn receive(
        &self,
        link: &mut dyn Link,
        sink: &mut impl ItemSink,
    ) -> Result<Accepted, TransportError> {
        let failed = |error| TransportError::Connection("the connection failed", error);
        link.set_idle_timeout(Some(self.idle_timeout))
            .map_err(failed)?;
        link.set_read_deadline(Some(Instant::now() + self.header_deadline));
        let mut source = StreamSource::new(&mut *link);
        let locked = source.header().map_err(|error| match error {
            ReadError::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                TransportError::HeaderTimeout
            }
            error => error.into(),
        })?;
        source.inner_mut().set_read_deadline(None);
        let unlocked = locked.unlock(&self.options)?;
        self.rest(&mut source, unlocked, sink)
    }

    /// Receives one stream over any [`Read`]; deadlines are then the caller's business.
    ///
    /// # Errors
    /// As [`Receiver::receive`].
    pub fn receive_from(
        &self,
        reader: impl Read,
        sink: &mut impl ItemSink,
    ) -> Result<Accepted, TransportError> {
        let mut source = StreamSource::new(reader);
        let unlocked = source.header()?.unlock(&self.options)?;
        self.rest(&mut source, unlocked, sink)
    }

    fn rest<R: Read>(
        &self,
        source: &mut StreamSource<R>,
        unlocked: Unlocked,
        sink: &mut impl ItemSink,
    ) -> Result<Accepted, TransportError> {
        let opener = unlocked.into_opener(&self.options)?;
        let (verified, keys) = source.items_and_keys(opener, sink)?;
        let receipt = Receipt::accepted(verified.report(), &keys);
        Ok(Accepted { verified, receipt })
    }

    /// Tells the peer that its stream was not accepted, and nothing more.
    pub fn refuse(writer: &mut impl Write) {
        // The peer may be gone; a refusal that does not arrive changes nothing.
        let _: std::io::Result<()> = writer.write_all(&Receipt::refused([0; 32]).to_bytes());
        let _: std::io::Result<()> = writer.flush();
    }
}

impl Accepted {
    /// Returns the proof.
    #[must_use]
    pub const fn verified(&self) -> &Verified {
        &self.verified
    }

    /// Returns the receipt.
    #[must_use]
    pub const fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Sends the receipt and returns the proof.
    ///
    /// # Errors
    /// [`TransportError::Connection`]: the stream is stored, but the sender does not know it.
    pub fn acknowledge(self, writer: &mut impl Write) -> Result<Verified, TransportError> {
        let sent = writer
            .write_all(&self.receipt.to_bytes())
            .and_then(|()| writer.flush());
        sent.map_err(|error| TransportError::Connection("the receipt could not be sent", error))?;
        Ok(self.verified)
    }
}
