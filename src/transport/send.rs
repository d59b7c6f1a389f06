//! Sending: write the stream, then wait for the receipt.

use std::io::{self, Read, Write};

use crate::format::Limits;
use crate::io::survey_stream;
use crate::stream::Sealer;

use super::error::TransportError;
use super::receipt::{RECEIPT_LEN, Receipt, Verdict};

/// Sends a stream that is already sealed. No key is needed, so the receipt cannot be checked.
///
/// The stream's form is checked on the way; returns its transfer id and length.
///
/// # Errors
/// [`TransportError::Read`] where `sealed` is not a whole stream, which is then not completed at the
/// receiver either, and [`TransportError::Connection`].
pub fn send_sealed(
    link: &mut impl Write,
    sealed: impl Read,
    limits: Limits,
) -> Result<([u8; 32], u64), TransportError> {
    let survey = survey_stream(
        Tee {
            from: sealed,
            to: link,
        },
        limits,
    )?;
    link.flush()
        .map_err(|error| TransportError::Connection("sending failed", error))?;
    Ok((survey.header.transfer_id(), survey.stream_bytes))
}

/// Passes on what is read. A write that fails is a read that fails.
struct Tee<'a, R, W> {
    from: R,
    to: &'a mut W,
}

impl<R: Read, W: Write> Read for Tee<'_, R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.to.write_all(&buffer[..read])?;
        Ok(read)
    }
}

/// Waits for the receipt, and checks it where the stream was sealed here, with digests.
///
/// # Errors
/// [`TransportError::Refused`], [`TransportError::FalseReceipt`], [`TransportError::NoReceipt`].
pub fn await_receipt(
    link: &mut impl Read,
    transfer_id: &[u8; 32],
    sealed_here: Option<&Sealer>,
) -> Result<Receipt, TransportError> {
    let mut bytes = [0; RECEIPT_LEN];
    link.read_exact(&mut bytes)
        .map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => TransportError::Connection("waiting for the receipt", error),
            _ => TransportError::NoReceipt,
        })?;
    let receipt = Receipt::parse(&bytes).ok_or(TransportError::FalseReceipt)?;
    if receipt.verdict == Verdict::Refused {
        return Err(TransportError::Refused);
    }
    if receipt.transfer_id != *transfer_id {
        return Err(TransportError::FalseReceipt);
    }
    if let Some(sealer) = sealed_here {
        receipt
            .check(transfer_id, sealer.digests(), sealer.keys())
            .map_err(|_| TransportError::FalseReceipt)?;
    }
    Ok(receipt)
}
