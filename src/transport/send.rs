//! Sending: write the stream, then wait for the receipt.

use core::time::Duration;
use std::io::{self, Read, Write};
use std::time::Instant;

use crate::format::Limits;
use crate::io::survey_stream;
use crate::stream::{Sealer, Survey};
use crate::trace;

use super::error::TransportError;
use super::link::Link;
use super::receipt::{ExpectedReceipt, Receipt, Verdict};

/// How long an answer may take that should be here already.
pub(super) const MEANWHILE: Duration = Duration::from_secs(2);

/// Sends a stream that is already sealed. No key is needed, so the receipt cannot be checked.
///
/// The stream's form is checked on the way; returns what it says of itself.
///
/// # Errors
/// [`TransportError::Read`] where `sealed` is not a whole stream, which is then not completed at the
/// receiver either, and [`TransportError::Connection`].
pub fn send_sealed(
    link: &mut impl Write,
    sealed: impl Read,
    limits: Limits,
) -> Result<Survey, TransportError> {
    let mut tee = Tee {
        from: sealed,
        to: link,
        failure: None,
    };
    let surveyed = survey_stream(&mut tee, limits);
    let sent = tee.failure.map_or_else(|| link.flush(), Err);
    sent.map_err(sending_failed)?;
    Ok(surveyed?)
}

pub(super) fn sending_failed(error: io::Error) -> TransportError {
    TransportError::Connection("sending failed", error)
}

/// Passes on what is read. A write that fails ends the reading, and its error is kept.
struct Tee<'a, R, W> {
    from: R,
    to: &'a mut W,
    failure: Option<io::Error>,
}

impl<R: Read, W: Write> Read for Tee<'_, R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        if let Err(error) = self.to.write_all(&buffer[..read]) {
            let kind = error.kind();
            self.failure = Some(error);
            return Err(kind.into());
        }
        Ok(read)
    }
}

/// As [`send_sealed`], and waits for the receipt, up to `patience` for the verifying and storing.
///
/// A receiver that accepted the stream before answers as soon as it knows it and reads no further.
/// What is left of the stream is then looked over and not sent.
///
/// # Errors
/// As [`send_sealed`] and [`await_receipt`].
pub fn deliver_sealed(
    link: &mut dyn Link,
    sealed: impl Read,
    limits: Limits,
    patience: Duration,
) -> Result<(Survey, Receipt), TransportError> {
    let mut delivery = Delivery {
        from: sealed,
        link,
        failure: None,
        answer: None,
    };
    let surveyed = survey_stream(&mut delivery, limits);
    let Delivery {
        link,
        failure,
        answer,
        ..
    } = delivery;
    match (failure, answer) {
        (Some(_), Some(receipt)) if receipt.verdict == Verdict::Refused => {
            Err(TransportError::Refused)
        }
        (Some(error), None) => Err(sending_failed(error)),
        (_, Some(receipt)) => {
            let survey = surveyed?;
            let receipt = judge(receipt, &survey.header.transfer_id())?;
            Ok((survey, receipt))
        }
        (None, None) => {
            let survey = surveyed?;
            link.flush().map_err(sending_failed)?;
            // A receiver may have answered and gone; what it said is read next.
            let _: io::Result<()> = link.finish_sending();
            let timeout = link.set_idle_timeout(Some(patience));
            timeout.map_err(|error| TransportError::Connection("the connection failed", error))?;
            let receipt = await_receipt(&mut &mut *link, &survey.header.transfer_id(), None)?;
            Ok((survey, receipt))
        }
    }
}

/// Passes on what is read. If that fails, the receiver may have answered: if it has the stream, the reading
/// goes on without sending, otherwise it ends.
struct Delivery<'a, R> {
    from: R,
    link: &'a mut dyn Link,
    failure: Option<io::Error>,
    answer: Option<Receipt>,
}

impl<R: Read> Read for Delivery<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        if self.answer.is_some() {
            return Ok(read);
        }
        let Err(error) = self.link.write_all(&buffer[..read]) else {
            return Ok(read);
        };
        let kind = error.kind();
        self.failure = Some(error);
        self.link
            .set_read_deadline(Some(Instant::now() + MEANWHILE));
        self.answer = Receipt::read(&mut &mut *self.link).ok().flatten();
        match &self.answer {
            Some(receipt) if receipt.verdict != Verdict::Refused => Ok(read),
            _ => Err(kind.into()),
        }
    }
}

/// Waits for the receipt, and checks it where the stream was sealed here, with digests.
///
/// Without `sealed_here` the tag cannot be checked: the receipt says what the peer claims, unless it is
/// signed by somebody who is trusted, which [`Receipt::require_signer`] tells. A signature that does not
/// hold is refused in any case.
///
/// # Errors
/// [`TransportError::Refused`], [`TransportError::FalseReceipt`], [`TransportError::NoReceipt`], and
/// [`TransportError::OnlyStored`] where a stream that was sealed here is not with its recipient yet.
pub fn await_receipt(
    link: &mut impl Read,
    transfer_id: &[u8; 32],
    sealed_here: Option<&Sealer>,
) -> Result<Receipt, TransportError> {
    let receipt = Receipt::read(link).map_err(receipt_failed)?;
    let receipt = judge(receipt.ok_or(TransportError::FalseReceipt)?, transfer_id)?;
    match sealed_here {
        Some(sealer) => ExpectedReceipt::of(sealer).require(receipt),
        None => Ok(receipt),
    }
}

pub(super) fn receipt_failed(error: io::Error) -> TransportError {
    match error.kind() {
        // What a socket's own timeout looks like differs between platforms.
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            TransportError::Connection("waiting for the receipt", error)
        }
        _ => TransportError::NoReceipt,
    }
}

/// What can be said of a receipt without a key.
pub(super) fn judge(receipt: Receipt, transfer_id: &[u8; 32]) -> Result<Receipt, TransportError> {
    trace::receipt(&receipt.transfer_id, receipt.verdict.name(), false);
    match receipt.verdict {
        Verdict::Refused => return Err(TransportError::Refused),
        Verdict::NotStored => return Err(TransportError::NotStored),
        Verdict::Accepted | Verdict::AcceptedBefore | Verdict::Stored => {}
    }
    let holds = receipt.verify_signature().is_ok();
    if receipt.transfer_id != *transfer_id || !holds {
        return Err(TransportError::FalseReceipt);
    }
    Ok(receipt)
}

/// After a failed write: tells whether the receiver had refused. One that refuses does not read to the
/// end, so its answer may be here although the stream did not get through.
pub fn refused_meanwhile(link: &mut dyn Link) -> bool {
    link.set_read_deadline(Some(Instant::now() + MEANWHILE));
    let answer = await_receipt(&mut &mut *link, &[0; 32], None);
    matches!(answer, Err(TransportError::Refused))
}
