//! A whole upload as a connection on which everything has arrived: who can answer a connection can answer this.

use core::fmt;
use core::time::Duration;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::time::Instant;

use crate::transport::link::Link;
use crate::transport::receipt::{MAX_RECEIPT_LEN, Receipt};
use crate::transport::receive::Receiver;

/// A sealed stream that arrived over HTTP, and the receiver that keeps the server's limits for its peer.
///
/// It is a [`Link`]: its bytes are read from it, and a [`Receipt`] is written to it. Deadlines do not matter to it, since
/// everything is here.
pub struct Upload {
    sealed: File,
    len: u64,
    peer: String,
    receiver: Receiver,
    answer: Vec<u8>,
    unreadable: bool,
}

impl Upload {
    pub(super) const fn new(sealed: File, len: u64, peer: String, receiver: Receiver) -> Self {
        Self {
            sealed,
            len,
            peer,
            receiver,
            answer: Vec::new(),
            unreadable: false,
        }
    }

    /// Returns the peer's address, for people.
    #[must_use]
    pub fn peer(&self) -> &str {
        &self.peer
    }

    /// Returns the length in bytes.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "it may be empty, and is then no stream like others that are none"
    )]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Returns the receiver for this upload: only its own is counted and held at the gate.
    pub const fn receiver(&self) -> &Receiver {
        &self.receiver
    }

    /// Goes back to the first byte, and takes back what was answered.
    ///
    /// # Errors
    /// The file's.
    pub fn rewind(&mut self) -> io::Result<()> {
        self.answer.clear();
        self.sealed.rewind()
    }

    /// Tells whether the disk did not give what it had, so that nobody could judge it.
    pub(super) const fn was_unreadable(&self) -> bool {
        self.unreadable
    }

    /// What was answered, if it is a receipt.
    pub(super) fn into_receipt(self) -> Option<Receipt> {
        Receipt::parse(&self.answer)
    }
}

impl Read for Upload {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.sealed.read(buffer);
        let broke = |error: &io::Error| error.kind() != io::ErrorKind::Interrupted;
        self.unreadable |= read.as_ref().is_err_and(broke);
        read
    }
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.answer.len() + bytes.len() > MAX_RECEIPT_LEN {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the answer is no receipt",
            ));
        }
        self.answer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Link for Upload {
    fn finish_sending(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn set_read_deadline(&mut self, _: Option<Instant>) {}

    fn set_idle_timeout(&mut self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("len", &self.len)
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}
