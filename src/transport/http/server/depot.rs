//! What becomes of streams that have arrived.

use std::io::{self, ErrorKind};

use super::shelf::Shelf;
use super::upload::Upload;
use crate::io::ReadError;
use crate::transport::error::TransportError;
use crate::transport::receipt::Receipt;
use crate::transport::server::TurnedAway;

/// Takes what arrives over HTTP.
pub trait Depot: Send + Sync + 'static {
    /// Takes a whole upload: reads the stream from it and writes a [`Receipt`] to it. What writes no receipt has refused
    /// the stream. This may take its time, and is called from many threads at once; a panic is a refusal.
    ///
    /// # Errors
    /// Only where the fault is on this side, such as a full disk: the sender learns that, and its bytes are kept,
    /// so that it can ask again.
    fn take(&self, upload: &mut Upload) -> io::Result<()>;

    /// Returns where sealed streams can be read again. None where they are opened and not kept.
    fn shelf(&self) -> Option<&Shelf> {
        None
    }

    /// A connection was closed at once. Somebody who floods a server can make this happen often.
    fn turned_away(&self, peer: &str, why: TurnedAway) {
        let _ = (peer, why);
    }

    /// A connection could not be accepted, or [`Depot::take`] panicked.
    fn failed(&self, error: &io::Error) {
        let _ = error;
    }
}

/// A store that cannot open what it keeps: each stream lies in a folder as `TRANSFERID.secimg`, and its receipt says
/// "stored" and proves nothing.
#[derive(Debug)]
pub struct BlindStore(Shelf);

impl BlindStore {
    /// Keeps streams on this shelf.
    #[must_use]
    pub const fn new(shelf: Shelf) -> Self {
        Self(shelf)
    }
}

impl Depot for BlindStore {
    fn take(&self, upload: &mut Upload) -> io::Result<()> {
        match self.keep(upload) {
            // Two deliveries of one stream at the same time: now it is there to be compared with.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                upload.rewind()?;
                // Another stream under this transfer id is refused like any other that is not right.
                self.keep(upload).or_else(|error| match error.kind() {
                    ErrorKind::AlreadyExists => Ok(()),
                    _ => Err(error),
                })
            }
            kept => kept,
        }
    }

    fn shelf(&self) -> Option<&Shelf> {
        Some(&self.0)
    }
}

impl BlindStore {
    fn keep(&self, upload: &mut Upload) -> io::Result<()> {
        let receiver = upload.receiver().clone();
        let stored = receiver.store(upload, |header| self.0.place(&header.transfer_id()));
        let (survey, placed) = match stored {
            Ok(stored) => stored,
            Err(TransportError::Read(ReadError::Sink(error))) => return Err(error),
            // No whole stream, or one that is too long.
            Err(_) => return Ok(()),
        };
        placed.finish()?;
        Receipt::stored(survey.header.transfer_id()).send(upload)
    }
}
