//! Receiving: one stream a connection, with a deadline for its header and limits for its size.

use core::time::Duration;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::io::{Buffered, ItemSink, Live, LiveSink, ReadError, StreamSource, timed};
use crate::keys::Signer;
use crate::stream::{Locked, OpenOptions, Unlocked, Verified};
use crate::trace;

use super::error::TransportError;
use super::link::Link;
use super::pace::{Pace, Paced, judged};
use super::parts::PartStore;
use super::receipt::Receipt;
use super::replay::{Claim, ReplayWindow};
use super::server::{Door, ServerLimits};
use greeting::Greeting;
use incoming::{Incoming, Leftover};

mod greeting;
mod incoming;
mod relay;

/// How many bytes are moved at once.
const BUFFER: usize = 256 << 10;

/// How many bytes are moved at once from a peer of whom nothing is known yet: a header of the usual size.
const SMALL: usize = 4 << 10;

/// How long a peer that was refused may go on sending.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a receiver treats its peers.
#[derive(Debug, Clone)]
#[must_use]
pub struct Receiver {
    options: OpenOptions,
    header_deadline: Duration,
    idle_timeout: Duration,
    pace: Pace,
    window: Option<Arc<ReplayWindow>>,
    parts: Option<Arc<PartStore>>,
    signer: Option<Arc<dyn Signer>>,
    door: Option<Door>,
}

/// A stream that was verified and waits to be acknowledged.
///
/// Acknowledge it when its images are stored for good: the sender may delete its own. Until then, another
/// delivery of the same stream waits; dropped without a word, the stream counts as never received.
#[derive(Debug)]
pub struct Accepted {
    verified: Verified,
    receipt: Receipt,
    claim: Option<Claim>,
    /// What was kept of it on the way goes with this.
    leftover: Option<Leftover>,
}

impl Receiver {
    /// Opens streams with these options. What the sink takes is held back until [`Accepted`], so the
    /// options count as spooled.
    pub fn new(options: &OpenOptions) -> Self {
        Self {
            // A receipt is over the digests.
            options: options.clone().spooled().digests(true),
            header_deadline: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
            pace: Pace::NONE,
            window: None,
            parts: None,
            signer: None,
            door: None,
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

    /// Ends connections that bring fewer bytes a second, after the header, on the average over each
    /// `window` of waiting for the peer. Without a word, or with 0, any rate will do.
    pub const fn min_rate(mut self, bytes_per_second: u64, window: Duration) -> Self {
        self.pace = Pace {
            rate: bytes_per_second,
            window,
        };
        self
    }

    /// Answers a stream that is in this window with [`TransportError::AcceptedBefore`], before its
    /// payload is read, and adds what is acknowledged.
    pub fn remember(mut self, window: Arc<ReplayWindow>) -> Self {
        self.window = Some(window);
        self
    }

    /// Keeps here what came of a stream until it is acknowledged or refused, so that a sender whose connection
    /// broke, or who was started again, need not send it again. Sealed bytes only; that they cannot be kept is
    /// no reason to refuse a stream.
    pub fn resume(mut self, parts: Arc<PartStore>) -> Self {
        self.parts = Some(parts);
        self
    }

    /// Signs the receipts of accepted streams, so that they can be shown to others.
    pub fn sign(mut self, signer: Arc<dyn Signer>) -> Self {
        self.signer = Some(signer);
        self
    }

    /// Makes a sink that releases each image of a series as soon as it may be used here: with a required
    /// signer only when a signed checkpoint, or the verified end, covers it.
    ///
    /// Give [`Live::finish`] the proof of [`Accepted::verified`] before acknowledging. Where the series ends
    /// in an error, what was released is not verified.
    #[must_use]
    pub const fn live<S: LiveSink>(&self, sink: S) -> Live<S> {
        Live::new(sink, &self.options)
    }

    /// Lays a server's limits on it.
    pub(super) fn under(mut self, server: &ServerLimits) -> Self {
        let mut limits = *self.options.get_limits();
        limits.stream_bytes = server.stream_bytes.unwrap_or(limits.stream_bytes);
        limits.items = server.items.unwrap_or(limits.items);
        self.options = self.options.limits(limits);
        self.header_deadline(server.header_deadline)
            .idle_timeout(server.idle_timeout)
            .min_rate(server.min_rate, server.rate_window)
    }

    /// The longest stream that is read.
    #[cfg(feature = "http")]
    pub(super) const fn most_bytes(&self) -> u64 {
        self.options.get_limits().stream_bytes
    }

    /// Has every unlocking pass through here.
    pub(super) fn behind(mut self, door: Door) -> Self {
        self.door = Some(door);
        self
    }

    /// Receives one stream over a [`Link`], keeping deadline, timeout and rate.
    ///
    /// # Errors
    /// [`TransportError`]; what `sink` has taken must then be undone. Answer with [`Receiver::refuse`], and
    /// [`TransportError::AcceptedBefore`] with [`Receiver::turn_away_with`] its receipt.
    pub fn receive(
        &self,
        link: &mut dyn Link,
        sink: &mut impl ItemSink,
    ) -> Result<Accepted, TransportError> {
        self.start(link)?;
        let paced = Paced::new(link, self.pace);
        self.receive_paced(paced, sink).map_err(judged)
    }

    fn receive_paced(
        &self,
        mut paced: Paced<'_>,
        sink: &mut impl ItemSink,
    ) -> Result<Accepted, TransportError> {
        let Greeting {
            locked, rest, held, ..
        } = self.greet(&mut paced)?;
        paced.start();
        let unlocked = self.unlock(&locked)?;
        let leftover = Leftover::of(self.parts.as_ref(), locked.header(), held);
        drop(locked);
        let mut source = StreamSource::with_buffer(Incoming::new(paced, rest, leftover)?, BUFFER);
        let received = self.rest(&mut source, unlocked, sink);
        source.into_inner().settle(received, |accepted, leftover| {
            accepted.leftover = leftover;
        })
    }

    /// From here on the peer has to hurry.
    fn start(&self, link: &mut dyn Link) -> Result<(), TransportError> {
        let failed = |error| TransportError::Connection("the connection failed", error);
        link.set_idle_timeout(Some(self.idle_timeout))
            .map_err(failed)?;
        link.set_read_deadline(Some(Instant::now() + self.header_deadline));
        Ok(())
    }

    /// Receives one stream over any [`Read`]; deadlines and rates are then the caller's business.
    ///
    /// # Errors
    /// As [`Receiver::receive`].
    pub fn receive_from(
        &self,
        reader: impl Read,
        sink: &mut impl ItemSink,
    ) -> Result<Accepted, TransportError> {
        let mut source = StreamSource::with_buffer(reader, SMALL);
        let unlocked = self.unlock(&source.header()?)?;
        source.set_buffer(BUFFER);
        self.rest(&mut source, unlocked, sink)
    }

    fn unlock(&self, locked: &Locked) -> Result<Unlocked, TransportError> {
        trace::header(&locked.header().transfer_id());
        match &self.door {
            Some(door) => door.unlock(locked, &self.options),
            None => Ok(locked.unlock(&self.options)?),
        }
    }

    fn rest<R: Read>(
        &self,
        source: &mut StreamSource<Buffered<R>>,
        unlocked: Unlocked,
        sink: &mut impl ItemSink,
    ) -> Result<Accepted, TransportError> {
        let received = self.rest_of(source, unlocked, sink);
        if let (Err(error), Some(door)) = (&received, &self.door)
            && error.is_not_authentic()
        {
            door.failed();
        }
        received
    }

    fn rest_of<R: Read>(
        &self,
        source: &mut StreamSource<Buffered<R>>,
        unlocked: Unlocked,
        sink: &mut impl ItemSink,
    ) -> Result<Accepted, TransportError> {
        let id = unlocked.header().transfer_id();
        if let Some(contents) = self.window.as_ref().and_then(|window| window.find(&id)) {
            let receipt = Receipt::accepted_before(id, contents, unlocked.keys());
            return Err(self.before(receipt));
        }
        let opener = unlocked.into_opener(&timed(&self.options))?;
        let (verified, keys) = source.items_and_keys(opener, sink)?;
        let claim = match self.window.as_ref().map(|window| window.claim(id)) {
            Some(Err(contents)) => {
                return Err(self.before(Receipt::accepted_before(id, contents, &keys)));
            }
            Some(Ok(claim)) => Some(claim),
            None => None,
        };
        let receipt = self.signed(Receipt::accepted(verified.report(), &keys))?;
        Ok(Accepted {
            verified,
            receipt,
            claim,
            leftover: None,
        })
    }

    fn before(&self, receipt: Receipt) -> TransportError {
        self.signed(receipt).map_or_else(
            |error| error,
            |receipt| TransportError::AcceptedBefore(Box::new(receipt)),
        )
    }

    fn signed(&self, receipt: Receipt) -> Result<Receipt, TransportError> {
        let Some(signer) = &self.signer else {
            return Ok(receipt);
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_secs());
        receipt
            .signed(signer.as_ref(), now)
            .map_err(TransportError::Signing)
    }

    /// Tells the peer that its stream was not accepted, and nothing more.
    pub fn refuse(writer: &mut impl Write) {
        // The peer may be gone; a refusal that does not arrive changes nothing.
        let _: io::Result<()> = Receipt::refused([0; 32]).send(writer);
    }

    /// As [`Receiver::refuse`], over a [`Link`], and reads on for a moment what the peer still sends.
    ///
    /// A connection that is closed with bytes unread is reset, and the reset can overtake the refusal.
    pub fn turn_away(link: &mut dyn Link) {
        Self::turn_away_with(&Receipt::refused([0; 32]), link);
    }

    /// As [`Receiver::turn_away`], with another answer, such as that of [`TransportError::AcceptedBefore`].
    pub fn turn_away_with(answer: &Receipt, link: &mut dyn Link) {
        // As with a refusal: who is gone need not hear it.
        let _: io::Result<()> = answer.send(&mut &mut *link);
        let _: io::Result<()> = link.finish_sending();
        let deadline = Instant::now() + PATIENCE;
        link.set_read_deadline(Some(deadline));
        let mut buffer = vec![0; SMALL];
        while Instant::now() < deadline {
            if read_some(link, &mut buffer).map_or(true, <[u8]>::is_empty) {
                break;
            }
        }
    }
}

fn read_some<'a, R: Read + ?Sized>(
    reader: &mut R,
    buffer: &'a mut [u8],
) -> Result<&'a [u8], ReadError> {
    loop {
        match reader.read(buffer) {
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

    /// Remembers the stream where there is a [`ReplayWindow`], sends the receipt, and returns the proof. What
    /// was kept of the stream on its way is removed.
    ///
    /// # Errors
    /// [`TransportError::State`]: the stream is stored, could not be recorded, and no receipt was sent;
    /// [`TransportError::Connection`]: the stream is stored, but the sender does not know it.
    pub fn acknowledge(self, writer: &mut impl Write) -> Result<Verified, TransportError> {
        if let Some(claim) = self.claim {
            claim.record(self.receipt.contents())?;
        }
        let sent = self.receipt.send(writer);
        sent.map_err(|error| TransportError::Connection("the receipt could not be sent", error))?;
        Ok(self.verified)
    }
}
