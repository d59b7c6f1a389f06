//! What comes of a stream behind its header: first what was kept of it, then what the peer sends, which is
//! kept as it goes by.

use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom, Take};
use std::sync::Arc;

use super::greeting::part_key;
use crate::format::{CORE_FRAME_LEN, FrameKind};
use crate::stream::Header;
use crate::trace;
use crate::transport::error::TransportError;
use crate::transport::pace::Paced;
use crate::transport::parts::{Part, PartStore};

/// The payload of a stream.
pub(super) struct Incoming<'a> {
    stored: Option<Take<File>>,
    rest: Cursor<Vec<u8>>,
    paced: Paced<'a>,
    leftover: Option<Leftover>,
}

/// What is kept of a stream until it is acknowledged or refused: removed when this is dropped, unless
/// [`Leftover::keep`] was called.
#[derive(Debug)]
pub(super) struct Leftover {
    store: Arc<PartStore>,
    id: [u8; 32],
    /// Magic and CORE, with which a part begins.
    core: Vec<u8>,
    stride: usize,
    state: State,
    /// What is still to come of the frame that began.
    of_frame: usize,
}

#[derive(Debug)]
enum State {
    /// Nothing came that is worth a file.
    Waiting,
    Keeping(Part),
    /// Nothing more is kept: FINAL is here, there is no room, or another connection has the part.
    Ended(Option<Part>),
}

impl<'a> Incoming<'a> {
    pub(super) fn new(
        paced: Paced<'a>,
        rest: Vec<u8>,
        leftover: Option<Leftover>,
    ) -> Result<Self, TransportError> {
        let stored = leftover.as_ref().and_then(Leftover::stored).transpose();
        let failed = |error| TransportError::Connection("what was kept cannot be read", error);
        Ok(Self {
            stored: stored.map_err(failed)?,
            rest: Cursor::new(rest),
            paced,
            leftover,
        })
    }

    /// Keeps what came if the connection broke. If the stream is here, `done` has it until it is acknowledged.
    pub(super) fn settle<T>(
        self,
        received: Result<T, TransportError>,
        done: impl FnOnce(&mut T, Option<Leftover>),
    ) -> Result<T, TransportError> {
        match received {
            Ok(mut arrived) => {
                done(&mut arrived, self.leftover);
                Ok(arrived)
            }
            Err(error) => {
                if let Some(leftover) = self.leftover
                    && error.is_broken_off()
                {
                    leftover.keep();
                }
                Err(error)
            }
        }
    }
}

impl Read for Incoming<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(stored) = &mut self.stored {
            match stored.read(buffer)? {
                0 if stored.limit() > 0 => return Err(ErrorKind::UnexpectedEof.into()),
                0 => self.stored = None,
                len => return Ok(len),
            }
        }
        let mut len = self.rest.read(buffer)?;
        if len == 0 {
            len = self.paced.read(buffer)?;
        }
        if let Some(leftover) = &mut self.leftover {
            leftover.take(&buffer[..len]);
        }
        Ok(len)
    }
}

impl Leftover {
    /// Of a stream whose header is here, and which may go on with `held`.
    pub(super) fn of(
        store: Option<&Arc<PartStore>>,
        header: &Header,
        held: Option<Part>,
    ) -> Option<Self> {
        Some(Self {
            store: Arc::clone(store?),
            id: header.transfer_id(),
            core: header.core.to_bytes(),
            stride: header.geometry().stride(),
            state: held.map_or(State::Waiting, State::Keeping),
            of_frame: 0,
        })
    }

    /// What was kept before this connection, behind its CORE.
    fn stored(&self) -> Option<io::Result<Take<File>>> {
        let State::Keeping(part) = &self.state else {
            return None;
        };
        let len = part.len().saturating_sub(CORE_FRAME_LEN as u64);
        let reader = part.reader().map_err(io::Error::from);
        Some(reader.and_then(|mut file| {
            file.seek(SeekFrom::Start(CORE_FRAME_LEN as u64))?;
            Ok(file.take(len))
        }))
    }

    /// Keeps of these bytes what belongs to CHUNK frames.
    fn take(&mut self, bytes: &[u8]) {
        if matches!(self.state, State::Ended(_)) {
            return;
        }
        let (len, is_last) = self.chunk_bytes(bytes);
        if len > 0 && self.append(&bytes[..len]).is_none() {
            self.end();
        }
        if is_last {
            self.end();
        }
    }

    /// How many of these bytes belong to CHUNK frames, and whether another kind of frame follows.
    fn chunk_bytes(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut len = 0;
        while len < bytes.len() {
            if self.of_frame == 0 {
                if bytes[len] != FrameKind::Chunk.number() {
                    return (len, true);
                }
                self.of_frame = self.stride;
            }
            let more = self.of_frame.min(bytes.len() - len);
            len += more;
            self.of_frame -= more;
        }
        (len, false)
    }

    fn append(&mut self, bytes: &[u8]) -> Option<()> {
        if matches!(self.state, State::Waiting) {
            let mut part = self.store.seize(&part_key(&self.id)).ok()?;
            part.truncate(0).ok()?;
            part.append(&self.core).ok()?;
            self.state = State::Keeping(part);
        }
        match &mut self.state {
            State::Keeping(part) => part.append(bytes).ok(),
            _ => None,
        }
    }

    fn end(&mut self) {
        self.state = match core::mem::replace(&mut self.state, State::Ended(None)) {
            State::Keeping(part) => State::Ended(Some(part)),
            State::Waiting => State::Ended(None),
            ended @ State::Ended(_) => ended,
        };
    }

    /// Leaves the part for a sender that goes on.
    fn keep(mut self) {
        trace::kept(&self.id);
        self.state = State::Ended(None);
    }
}

impl Drop for Leftover {
    fn drop(&mut self) {
        self.end();
        if let State::Ended(Some(part)) = core::mem::replace(&mut self.state, State::Ended(None)) {
            part.remove();
        }
    }
}
