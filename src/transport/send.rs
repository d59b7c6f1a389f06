//! Sending: write the stream, then wait for the receipt.

use core::time::Duration;
use std::io::{self, Read, Write};
use std::time::Instant;

use crate::format::Limits;
use crate::io::survey_stream;
use crate::stream::{Sealer, Survey};

use super::error::TransportError;
use super::link::Link;
use super::receipt::{RECEIPT_LEN, Receipt, Verdict};

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
    sent.map_err(|error| TransportError::Connection("sending failed", error))?;
    Ok(surveyed?)
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

/// Waits for the receipt, and checks it where the stream was sealed here, with digests.
///
/// Without `sealed_here` nobody can tell who answered: the receipt says what the peer claims.
///
/// # Errors
/// [`TransportError::Refused`], [`TransportError::FalseReceipt`], [`TransportError::NoReceipt`], and
/// [`TransportError::OnlyStored`] where a stream that was sealed here is not with its recipient yet.
pub fn await_receipt(
    link: &mut impl Read,
    transfer_id: &[u8; 32],
    sealed_here: Option<&Sealer>,
) -> Result<Receipt, TransportError> {
    let mut bytes = [0; RECEIPT_LEN];
    link.read_exact(&mut bytes)
        .map_err(|error| match error.kind() {
            // What a socket's own timeout looks like differs between platforms.
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                TransportError::Connection("waiting for the receipt", error)
            }
            _ => TransportError::NoReceipt,
        })?;
    let receipt = Receipt::parse(&bytes).ok_or(TransportError::FalseReceipt)?;
    if receipt.verdict == Verdict::Refused {
        return Err(TransportError::Refused);
    }
    if receipt.transfer_id != *transfer_id {
        return Err(TransportError::FalseReceipt);
    }
    let Some(sealer) = sealed_here else {
        return Ok(receipt);
    };
    if receipt.verdict == Verdict::Stored {
        return Err(TransportError::OnlyStored);
    }
    receipt
        .check(transfer_id, sealer.digests(), sealer.keys())
        .map_err(|_| TransportError::FalseReceipt)?;
    Ok(receipt)
}

/// After a failed write: tells whether the receiver had refused. One that refuses does not read to the
/// end, so its answer may be here although the stream did not get through.
pub fn refused_meanwhile(link: &mut dyn Link) -> bool {
    link.set_read_deadline(Some(Instant::now() + Duration::from_secs(2)));
    let answer = await_receipt(&mut &mut *link, &[0; 32], None);
    matches!(answer, Err(TransportError::Refused))
}
