//! Delivering: attempt after attempt, until a receipt is here or nobody has patience any more.

use core::time::Duration;
use std::thread;
use std::time::Instant;

use crate::crypto::{Random, system_rng};
use crate::trace;

use super::error::TransportError;
use super::link::{Transport, find_scheme};
use super::outgoing::Outgoing;
use super::receipt::Receipt;

pub use spooled::SpooledLink;

pub(super) mod attempt;
mod spooled;

/// How long each step of a delivery may take, and how often it is tried.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Terms {
    connecting: Duration,
    idle: Duration,
    verifying: Duration,
    until: Option<Instant>,
    first_pause: Duration,
    longest_pause: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self::new()
    }
}

impl Terms {
    /// Ten seconds for a connection, a minute of silence, ten minutes for verifying and storing; pauses
    /// from half a second to half a minute, each with some chance in it; no deadline.
    pub const fn new() -> Self {
        Self {
            connecting: Duration::from_secs(10),
            idle: Duration::from_mins(1),
            verifying: Duration::from_mins(10),
            until: None,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
        }
    }

    /// Sets how long a receiver may take to answer a connection.
    pub const fn connecting(mut self, time: Duration) -> Self {
        self.connecting = time;
        self
    }

    /// Sets how long a receiver may take nothing.
    pub const fn idle(mut self, time: Duration) -> Self {
        self.idle = time;
        self
    }

    /// Sets how long a receiver may take to verify and store what it has.
    pub const fn verifying(mut self, time: Duration) -> Self {
        self.verifying = time;
        self
    }

    /// Ends everything at this moment. With a deadline a receiver that was never reached is tried again as
    /// well; without one that is an error at once.
    pub const fn until(mut self, deadline: Instant) -> Self {
        self.until = Some(deadline);
        self
    }

    /// Sets the pause before the second attempt, and the longest one: each is twice as long as the one
    /// before it, and begins anew when an attempt has brought something.
    pub const fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first;
        self.longest_pause = longest;
        self
    }

    /// Tells whether there is a deadline.
    #[must_use]
    pub const fn has_deadline(&self) -> bool {
        self.until.is_some()
    }

    /// Returns how long a connection may take from now on.
    ///
    /// # Errors
    /// [`TransportError::Deadline`].
    pub fn time_to_connect(&self) -> Result<Duration, TransportError> {
        self.at_most(self.connecting)
    }

    /// Returns how long the receiver may be silent from now on.
    ///
    /// # Errors
    /// [`TransportError::Deadline`].
    pub fn time_to_idle(&self) -> Result<Duration, TransportError> {
        self.at_most(self.idle)
    }

    /// Returns how long the receiver may verify and store from now on.
    ///
    /// # Errors
    /// [`TransportError::Deadline`].
    pub fn time_to_verify(&self) -> Result<Duration, TransportError> {
        self.at_most(self.verifying)
    }

    /// Tells whether to try again after an error that may pass.
    pub(super) const fn go_on(&self, error: &TransportError, reached: bool) -> bool {
        self.until.is_some() || (reached && !error.needs_somebody())
    }

    fn at_most(&self, time: Duration) -> Result<Duration, TransportError> {
        let Some(until) = self.until else {
            return Ok(time);
        };
        match until.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(TransportError::Deadline(None)),
            left => Ok(time.min(left)),
        }
    }
}

/// Delivers a stream to a URL: see [`deliver_by`].
///
/// # Errors
/// As [`deliver_by`], and [`TransportError::Address`].
pub fn deliver(
    url: &str,
    stream: &mut Outgoing<'_>,
    terms: &Terms,
) -> Result<Receipt, TransportError> {
    let (transport, address) = find_scheme(url)?;
    deliver_by(transport, address, stream, terms, &mut |_, _| {})
}

/// Delivers a stream: tries until there is a receipt, going on from where the receiver is each time.
///
/// What breaks a connection may pass, and is passed to `broken` with the pause that follows. A refusal
/// does not pass; only where the receiver had kept a part of the stream, which may have been damaged since,
/// it is all sent once more.
///
/// # Errors
/// What [`Transport::deliver`] says and time does not heal, [`TransportError::Deadline`], and what a
/// receiver that was never reached gives, where there is no deadline.
pub fn deliver_by(
    transport: &dyn Transport,
    address: &str,
    stream: &mut Outgoing<'_>,
    terms: &Terms,
    broken: &mut dyn FnMut(&TransportError, Duration),
) -> Result<Receipt, TransportError> {
    let mut pauses = Pauses::new(terms);
    let (mut brought, mut second_chance, mut last) = (0, true, None);
    loop {
        let error = match transport.deliver(address, stream, terms) {
            Err(TransportError::Refused) if second_chance && stream.resumed_at() > 0 => {
                second_chance = false;
                continue;
            }
            // Who has refused it once and is gone has refused it.
            Err(error) if error.may_pass() && !second_chance => {
                return Err(TransportError::Refused);
            }
            Err(error) if error.may_pass() && terms.go_on(&error, stream.is_reached()) => error,
            // What was wrong before the time was over says more.
            Err(TransportError::Deadline(None)) => return Err(TransportError::Deadline(last)),
            ended => return ended,
        };
        if stream.resumed_at() > brought {
            brought = stream.resumed_at();
            pauses = Pauses::new(terms);
        }
        let pause = pauses.next();
        if terms.at_most(pause).ok() != Some(pause) {
            return Err(TransportError::Deadline(Some(Box::new(error))));
        }
        trace::broken_off(&stream.transfer_id(), pause.as_millis());
        broken(&error, pause);
        last = Some(Box::new(error));
        thread::sleep(pause);
    }
}

/// Pauses that grow, with chance in them: many senders that lose one receiver shall not all come back at once.
struct Pauses {
    next: Duration,
    longest: Duration,
}

impl Pauses {
    const fn new(terms: &Terms) -> Self {
        Self {
            next: terms.first_pause,
            longest: terms.longest_pause,
        }
    }

    fn next(&mut self) -> Duration {
        let full = self.next.min(self.longest);
        self.next = full.saturating_mul(2);
        // Between half of it and all of it. Without randomness it is the whole.
        let chance = Random::new(&mut system_rng()).array::<1>();
        let chance = chance.map_or(u8::MAX, |[byte]| byte);
        full / 2 + full / 2 * u32::from(chance) / u32::from(u8::MAX)
    }
}
