//! Receiving: one stream a connection, with a deadline for its header and limits for its size.

use core::time::Duration;
use std::io::{self, Read, Write};
use std::time::Instant;

use crate::io::{ItemSink, ReadError, StreamSource};
use crate::stream::{
    FrameWalker, Header, HeaderReader, Locked, OpenOptions, Survey, Unlocked, Verified,
};

use super::error::TransportError;
use super::link::Link;
use super::receipt::Receipt;

/// How many bytes are moved at once.
const BUFFER: usize = 256 << 10;

/// How long a peer that was refused may go on sending.
const PATIENCE: Duration = Duration::from_secs(5);

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
        self.start(link)?;
        let mut source = StreamSource::new(&mut *link);
        let locked = source.header().map_err(header_failed)?;
        source.inner_mut().set_read_deadline(None);
        let unlocked = locked.unlock(&self.options)?;
        self.rest(&mut source, unlocked, sink)
    }

    /// Receives one stream over a [`Link`] as it is, without a key, as a relay does: only its form is
    /// checked, and the limits are kept. `create` says where it goes, once it is known what it is.
    /// Answer with [`Receipt::stored`].
    ///
    /// # Errors
    /// [`TransportError`]; what was written must then be undone. What `create` returns as an error is a
    /// [`ReadError::Sink`].
    pub fn store<W: Write>(
        &self,
        link: &mut dyn Link,
        create: impl FnOnce(&Header) -> io::Result<W>,
    ) -> Result<(Survey, W), TransportError> {
        self.start(link)?;
        let mut buffer = vec![0; BUFFER];
        let (locked, head) = read_header(link, &mut buffer)?;
        link.set_read_deadline(None);
        let mut store = create(locked.header()).map_err(ReadError::Sink)?;
        let mut walker = FrameWalker::new(*self.options.get_limits());
        let mut bytes = head.as_slice();
        loop {
            let used = walker.push(bytes).map_err(ReadError::from)?;
            store.write_all(&bytes[..used]).map_err(ReadError::Sink)?;
            if walker.is_done() {
                break;
            }
            bytes = read_some(link, &mut buffer)?;
            if bytes.is_empty() {
                break;
            }
        }
        Ok((walker.finish().map_err(ReadError::from)?, store))
    }

    /// From here on the peer has to hurry.
    fn start(&self, link: &mut dyn Link) -> Result<(), TransportError> {
        let failed = |error| TransportError::Connection("the connection failed", error);
        link.set_idle_timeout(Some(self.idle_timeout))
            .map_err(failed)?;
        link.set_read_deadline(Some(Instant::now() + self.header_deadline));
        Ok(())
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
        let _: io::Result<()> = writer.write_all(&Receipt::refused([0; 32]).to_bytes());
        let _: io::Result<()> = writer.flush();
    }

    /// As [`Receiver::refuse`], over a [`Link`], and reads on for a moment what the peer still sends.
    ///
    /// A connection that is closed with bytes unread is reset, and the reset can overtake the refusal.
    pub fn turn_away(link: &mut dyn Link) {
        Self::refuse(&mut &mut *link);
        let _: io::Result<()> = link.finish_sending();
        let deadline = Instant::now() + PATIENCE;
        link.set_read_deadline(Some(deadline));
        let mut buffer = vec![0; BUFFER];
        while Instant::now() < deadline {
            if read_some(link, &mut buffer).map_or(true, <[u8]>::is_empty) {
                break;
            }
        }
    }
}

/// Reads up to the end of the header, and returns it with everything that was read.
fn read_header(
    link: &mut dyn Link,
    buffer: &mut [u8],
) -> Result<(Locked, Vec<u8>), TransportError> {
    let mut header = HeaderReader::new();
    let mut head = Vec::new();
    loop {
        let bytes = read_some(link, buffer).map_err(header_failed)?;
        if bytes.is_empty() {
            return Err(ReadError::from(header.end_of_input()).into());
        }
        head.extend_from_slice(bytes);
        if let (_, Some(locked)) = header.push(bytes).map_err(ReadError::from)? {
            return Ok((locked, head));
        }
    }
}

fn read_some<'a>(link: &mut dyn Link, buffer: &'a mut [u8]) -> Result<&'a [u8], ReadError> {
    loop {
        match link.read(buffer) {
            Ok(len) => return Ok(&buffer[..len]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn header_failed(error: ReadError) -> TransportError {
    match error {
        ReadError::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
            TransportError::HeaderTimeout
        }
        error => error.into(),
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
