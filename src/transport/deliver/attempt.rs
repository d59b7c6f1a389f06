//! One attempt over a link: ask what is there, send the rest, and listen all the while.

use std::io::{self, ErrorKind, Read};
use std::time::Instant;

use super::Terms;
use crate::trace;
use crate::transport::error::TransportError;
use crate::transport::link::Link;
use crate::transport::outgoing::Outgoing;
use crate::transport::query::{self, HELD, Held, MAGIC_LEN};
use crate::transport::receipt::Receipt;
use crate::transport::send::{MEANWHILE, receipt_failed, sending_failed};

/// How many bytes are sent before the sender listens again.
const PIECE: usize = 256 << 10;

/// Brings a stream over a link that has just been made, and returns the receipt if it holds.
pub(in crate::transport) fn over_link(
    link: &mut dyn Link,
    stream: &mut Outgoing<'_>,
    terms: &Terms,
) -> Result<Receipt, TransportError> {
    set_timeout(link, terms.time_to_idle()?)?;
    let asks = stream.asks();
    stream.mark_reached();
    let start = if asks { ask(link, stream, terms)? } else { 0 };
    let offset = if start == 0 {
        0
    } else {
        stream.offset_of(start)
    };
    stream.mark_resumed(offset);
    trace::resumed(&stream.transfer_id(), start);
    let mut head = Vec::new();
    if asks {
        head.extend(start.to_be_bytes());
    }
    head.extend(stream.header().to_bytes());
    let payload = stream.offset_of(start);
    let answer = send(
        link,
        &head,
        stream.bytes_from(payload).map_err(reading_failed)?,
        terms,
    )?;
    let receipt = match answer {
        Some(receipt) => receipt,
        None => await_answer(link, terms)?,
    };
    stream.judge(receipt)
}

fn set_timeout(link: &mut dyn Link, time: core::time::Duration) -> Result<(), TransportError> {
    link.set_idle_timeout(Some(time))
        .map_err(|error| TransportError::Connection("the connection failed", error))
}

fn reading_failed(error: io::Error) -> TransportError {
    TransportError::Read(error.into())
}

/// Asks how many chunks are there, and returns from which one on to send: all of those are the same here.
fn ask(
    link: &mut dyn Link,
    stream: &mut Outgoing<'_>,
    terms: &Terms,
) -> Result<u64, TransportError> {
    let id = stream.transfer_id();
    let asked = link
        .write_all(&query::query(&id))
        .and_then(|()| link.flush());
    asked.map_err(sending_failed)?;
    // The receiver may have to read all that it holds.
    link.set_read_deadline(Some(Instant::now() + terms.time_to_verify()?));
    let held = read_held(link, stream)?;
    link.set_read_deadline(None);
    let same = stream.hash_of(held.frames).map_err(reading_failed)?;
    Ok(if same == Some(held.hash) {
        held.frames
    } else {
        0
    })
}

fn read_held(link: &mut dyn Link, stream: &Outgoing<'_>) -> Result<Held, TransportError> {
    let mut link = &mut *link;
    let magic: [u8; MAGIC_LEN] = query::read_array(&mut link).map_err(receipt_failed)?;
    if magic != HELD {
        // Who refuses does not answer the question.
        let receipt = Receipt::read(&mut magic.as_slice().chain(link)).map_err(receipt_failed)?;
        let receipt = receipt.ok_or(TransportError::FalseReceipt)?;
        stream.judge(receipt)?;
        // A receipt for a stream of which only the name was said.
        return Err(TransportError::FalseReceipt);
    }
    let held = Held::read(&mut link, &stream.transfer_id()).map_err(receipt_failed)?;
    held.ok_or(TransportError::FalseReceipt)
}

/// Sends everything, unless there is an answer before that: then the answer is returned.
fn send(
    link: &mut dyn Link,
    head: &[u8],
    mut payload: impl Read,
    terms: &Terms,
) -> Result<Option<Receipt>, TransportError> {
    if let Some(answer) = send_piece(link, head, terms)? {
        return Ok(Some(answer));
    }
    let mut buffer = vec![0; PIECE];
    loop {
        let len = match payload.read(&mut buffer) {
            Ok(0) => break,
            Ok(len) => len,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            // The stream still grows. What is there goes out, and the receiver may have something to say.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                match send_piece(link, &[], terms)? {
                    None => continue,
                    answer => return Ok(answer),
                }
            }
            Err(error) => return Err(reading_failed(error)),
        };
        if let Some(answer) = send_piece(link, &buffer[..len], terms)? {
            return Ok(Some(answer));
        }
    }
    send_piece(link, &[], terms)
}

/// Sends bytes, or what waits in the link where there are none, and takes an answer that is here.
pub(super) fn send_piece(
    link: &mut dyn Link,
    piece: &[u8],
    terms: &Terms,
) -> Result<Option<Receipt>, TransportError> {
    terms.time_to_idle()?;
    let sent = if piece.is_empty() {
        link.flush()
    } else {
        link.write_all(piece)
    };
    match sent {
        Ok(()) => poll(link),
        Err(error) => answered(link, error).map(Some),
    }
}

/// Takes an answer that is here already. One that comes while nobody listens can be lost: where the receiver
/// closes a connection with bytes unread, the reset takes with it what was not read on this side either.
fn poll(link: &mut dyn Link) -> Result<Option<Receipt>, TransportError> {
    let mut first = [0; 64];
    let len = match link.poll_read(&mut first) {
        Ok(None) => return Ok(None),
        Ok(Some(0)) => return Err(TransportError::NoReceipt),
        Ok(Some(len)) => len,
        Err(error) => return Err(sending_failed(error)),
    };
    let read = Receipt::read(&mut (&first[..len]).chain(&mut *link));
    let receipt = read.map_err(receipt_failed)?;
    receipt.ok_or(TransportError::FalseReceipt).map(Some)
}

/// Writing failed: the receiver may have said why and gone.
fn answered(link: &mut dyn Link, error: io::Error) -> Result<Receipt, TransportError> {
    link.set_read_deadline(Some(Instant::now() + MEANWHILE));
    match Receipt::read(&mut &mut *link) {
        Ok(Some(receipt)) => Ok(receipt),
        _ => Err(sending_failed(error)),
    }
}

/// Says that this was all, and waits.
pub(super) fn await_answer(link: &mut dyn Link, terms: &Terms) -> Result<Receipt, TransportError> {
    // A receiver may have answered and gone; what it said is read next.
    let _: io::Result<()> = link.finish_sending();
    set_timeout(link, terms.time_to_verify()?)?;
    let receipt = Receipt::read(&mut &mut *link).map_err(receipt_failed)?;
    receipt.ok_or(TransportError::FalseReceipt)
}
