//! The first attempt, while the stream is still being sealed: what goes over the link is spooled as well, for the
//! attempts that may follow.

use std::io::{self, Write};

use super::Terms;
use super::attempt::{await_answer, send_piece};
use crate::transport::error::TransportError;
use crate::transport::link::Link;
use crate::transport::receipt::{ExpectedReceipt, Receipt, Verdict};
use crate::transport::send::{judge, sending_failed};

/// A link and a spool: what is written goes to both. A link that breaks ends nothing, for the spool has it all;
/// an answer after which there is nothing to go on for ends the writing.
pub struct SpooledLink<'l, W> {
    link: &'l mut dyn Link,
    spool: W,
    terms: Terms,
    bytes: u64,
    /// How the sending ended, before all was sent.
    ended: Option<Result<Receipt, TransportError>>,
}

impl<'l, W: Write> SpooledLink<'l, W> {
    /// Begins with nothing.
    ///
    /// # Errors
    /// [`TransportError::Connection`], [`TransportError::Deadline`].
    pub fn new(link: &'l mut dyn Link, spool: W, terms: &Terms) -> Result<Self, TransportError> {
        let timeout = link.set_idle_timeout(Some(terms.time_to_idle()?));
        timeout.map_err(sending_failed)?;
        Ok(Self {
            link,
            spool,
            terms: *terms,
            bytes: 0,
            ended: None,
        })
    }

    /// Returns how many bytes were written.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Tells why there is nothing to go on for: the receiver has refused the stream, or cannot store it and there is
    /// no time to wait until it can.
    #[must_use]
    pub fn turned_away(&self) -> Option<TransportError> {
        let Some(Ok(receipt)) = &self.ended else {
            return None;
        };
        match receipt.verdict {
            Verdict::Refused => Some(TransportError::Refused),
            Verdict::NotStored if !self.terms.has_deadline() => Some(TransportError::NotStored),
            _ => None,
        }
    }

    /// Ends the sending and waits for the receipt, which must be the one that was expected.
    ///
    /// # Errors
    /// As [`Outgoing::judge`](crate::transport::Outgoing::judge), and what broke the link.
    pub fn finish(
        self,
        transfer_id: &[u8; 32],
        expected: &ExpectedReceipt,
    ) -> Result<Receipt, TransportError> {
        let receipt = match self.ended {
            Some(ended) => ended?,
            None => await_answer(self.link, &self.terms)?,
        };
        expected.require(judge(receipt, transfer_id)?)
    }
}

impl<W: Write> Write for SpooledLink<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.spool.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        if self.ended.is_none() {
            self.ended = send_piece(self.link, bytes, &self.terms).transpose();
        }
        self.turned_away()
            .map_or(Ok(bytes.len()), |why| Err(io::Error::other(why)))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.spool.flush()?;
        if self.ended.is_none()
            && let Err(error) = self.link.flush()
        {
            self.ended = Some(Err(sending_failed(error)));
        }
        Ok(())
    }
}

impl<W> core::fmt::Debug for SpooledLink<'_, W> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SpooledLink")
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}
