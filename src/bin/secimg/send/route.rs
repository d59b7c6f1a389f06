//! How a stream gets to its receiver: the transport, the terms, and what is said on the way.

use core::time::Duration;
use std::time::Instant;

use secimg::transport::{
    Link, Outgoing, Receipt, Terms, Transport, TransportError, deliver_by, find_scheme,
};

#[cfg(feature = "http")]
use super::http;
use super::unconfirmed;
use crate::args::SendArgs;
use crate::exit::Failure;
use crate::label::Label;
use crate::output::Output;
use crate::progress::{Progress, suspended};

/// A row of the table, or a transport of this command's own.
pub(super) enum Carrier {
    Row(&'static dyn Transport),
    #[cfg(feature = "http")]
    Http(secimg::transport::http::HttpTransport),
}

impl Carrier {
    fn of(args: &SendArgs) -> Result<(Self, &str), Failure> {
        let (row, address) = find_scheme(&args.to)?;
        #[cfg(feature = "http")]
        if let Some(transport) = http::transport(args)? {
            return Ok((Self::Http(transport), address));
        }
        Ok((Self::Row(row), address))
    }

    pub(super) fn transport(&self) -> &dyn Transport {
        match self {
            Self::Row(row) => *row,
            #[cfg(feature = "http")]
            Self::Http(transport) => transport,
        }
    }
}

/// How a stream gets to its receiver.
pub(super) struct Route<'a> {
    pub(super) carrier: Carrier,
    address: &'a str,
    pub(super) terms: Terms,
    pub(super) to: Label,
    out: Output,
}

impl<'a> Route<'a> {
    pub(super) fn to(args: &'a SendArgs, out: Output) -> Result<Self, Failure> {
        let (carrier, address) = Carrier::of(args)?;
        let deadline = args
            .deadline
            .map(|s| Instant::now() + Duration::from_secs(s));
        Ok(Self {
            carrier,
            address,
            terms: deadline.map_or_else(Terms::new, |deadline| Terms::new().until(deadline)),
            to: Label::text(&args.to),
            out,
        })
    }

    /// Tells whether it may be better in a moment, or before the deadline.
    pub(super) const fn goes_on(&self, error: &TransportError) -> bool {
        error.may_pass() && (self.terms.has_deadline() || !error.needs_somebody())
    }

    /// Makes the connection over which the stream goes while it is sealed. None where there is no such thing, or
    /// where there is time to wait for the receiver.
    pub(super) fn first_link(&self) -> Result<Option<Box<dyn Link>>, Failure> {
        let transport = self.carrier.transport();
        if !transport.makes_links() {
            return Ok(None);
        }
        let time = self.terms.time_to_connect()?;
        match transport.connect(self.address, time) {
            Ok(link) => Ok(Some(link)),
            Err(error) if error.may_pass() && self.terms.has_deadline() => {
                self.tell(&error, None);
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Shows how far a stream is, on its way.
    pub(super) fn watched<'s>(&self, stream: Outgoing<'s>, label: &Label) -> Outgoing<'s> {
        let total = Some(stream.len());
        let progress = Progress::new(&label.shown, total, self.out.is_quiet());
        let mut last = 0;
        stream.watched(move |offset| {
            progress.add(offset.saturating_sub(last));
            last = last.max(offset);
        })
    }

    /// Sends what is sealed, as often as it takes.
    pub(super) fn bring(&self, stream: &mut Outgoing<'_>) -> Result<Receipt, Failure> {
        let mut broken = |error: &TransportError, pause| self.tell(error, Some(pause));
        let (transport, address) = (self.carrier.transport(), self.address);
        deliver_by(transport, address, stream, &self.terms, &mut broken).map_err(unconfirmed)
    }

    /// Says that it did not work this time.
    pub(super) fn tell(&self, error: &TransportError, pause: Option<Duration>) {
        let again = pause.map_or_else(
            || "trying again".to_owned(),
            |pause| format!("trying again in {:.1} s", pause.as_secs_f64()),
        );
        let why = Failure::connection(error);
        suspended(|| self.out.warn(&self.to, format_args!("{why}; {again}")));
    }
}
