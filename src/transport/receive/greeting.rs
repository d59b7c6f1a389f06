//! The beginning of a connection: a stream, or first a question what is here of one.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Instant;

use super::{Receiver, SMALL, header_failed, read_some};
use crate::crypto::{find_suite, transfer_id};
use crate::format::{CORE_FRAME_LEN, Core, Geometry};
use crate::hash::Sha256Stream;
use crate::io::ReadError;
use crate::stream::{HeaderReader, Locked};
use crate::trace;
use crate::transport::error::TransportError;
use crate::transport::pace::Paced;
use crate::transport::parts::{Part, PartError, PartStore};
use crate::transport::query::{self, Held, MAGIC_LEN, QUERY};
use crate::transport::state::hex;

/// A header, and what is known when it is here.
pub(super) struct Greeting {
    pub(super) locked: Locked,
    /// The header's bytes.
    pub(super) head: Vec<u8>,
    /// What was read behind it.
    pub(super) rest: Vec<u8>,
    /// The part with which the stream goes on.
    pub(super) held: Option<Part>,
}

/// The name of a stream's part.
pub(super) fn part_key(id: &[u8; 32]) -> String {
    hex(id)
}

impl Receiver {
    /// Reads up to the end of the header, and answers the question that may stand before it.
    pub(super) fn greet(&self, paced: &mut Paced<'_>) -> Result<Greeting, TransportError> {
        let mut first = Vec::with_capacity(MAGIC_LEN);
        let read = (&mut *paced).take(MAGIC_LEN as u64).read_to_end(&mut first);
        read.map_err(|error| header_failed(error.into()))?;
        if first != QUERY {
            return read_header(paced, first, None);
        }
        let failed = |error| header_failed(inside_a_question(error).into());
        let id = query::read_array(paced).map_err(failed)?;
        let (held, part) = self.held(&id);
        trace::held(&id, held.frames);
        let link = paced.link();
        let answered = link
            .write_all(&held.to_bytes(&id))
            .and_then(|()| link.flush());
        answered.map_err(|error| TransportError::Connection("answering failed", error))?;
        // What was kept may have taken a while to read.
        link.set_read_deadline(Some(Instant::now() + self.header_deadline));
        let start = query::read_u64(paced).map_err(failed)?;
        let part = match start {
            0 => None,
            start if start == held.frames => part,
            _ => return Err(TransportError::Resuming),
        };
        let greeting = read_header(paced, Vec::new(), part)?;
        if greeting.locked.header().transfer_id() != id {
            return Err(TransportError::Resuming);
        }
        Ok(greeting)
    }

    /// Says what is here of a stream, and takes it from a connection that may not know yet that it broke.
    fn held(&self, id: &[u8; 32]) -> (Held, Option<Part>) {
        let found = self.parts.as_ref().map(|parts| find(parts, id));
        // What cannot be read is as good as not there.
        found
            .and_then(Result::ok)
            .unwrap_or_else(|| (nothing(), None))
    }
}

fn inside_a_question(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        let what = "the connection ended in the middle of a question about a stream";
        return io::Error::new(error.kind(), what);
    }
    error
}

fn nothing() -> Held {
    Held {
        frames: 0,
        hash: Sha256Stream::new().finalize(),
    }
}

fn find(parts: &Arc<PartStore>, id: &[u8; 32]) -> Result<(Held, Option<Part>), PartError> {
    let key = part_key(id);
    if parts.len_of(&key).is_none() {
        return Ok((nothing(), None));
    }
    let mut part = parts.seize(&key)?;
    let Some(geometry) = geometry(&part, id)? else {
        part.remove();
        return Ok((nothing(), None));
    };
    let (start, stride) = (CORE_FRAME_LEN as u64, geometry.stride() as u64);
    // Another connection may have taken it this very moment; then it has no length for this one.
    let Some(len) = part.len().checked_sub(start) else {
        return Ok((nothing(), None));
    };
    let frames = len / stride;
    let end = start + frames * stride;
    // A frame that broke off comes again.
    part.truncate(end)?;
    let hash = part.hash(start, end)?;
    Ok((Held { frames, hash }, Some(part)))
}

/// What the CORE at the beginning of a part says, if it is that of the stream.
fn geometry(part: &Part, id: &[u8; 32]) -> Result<Option<Geometry>, PartError> {
    if part.len() < CORE_FRAME_LEN as u64 {
        return Ok(None);
    }
    let mut bytes = [0; CORE_FRAME_LEN];
    part.reader()?.read_exact(&mut bytes)?;
    let Ok(core) = Core::parse(&bytes) else {
        return Ok(None);
    };
    let suite = find_suite(core.suite).filter(|_| transfer_id(&core) == *id);
    Ok(suite.map(|suite| Geometry::new(core.chunk_size, suite.layout)))
}

/// Reads up to the end of the header, of which the first bytes may be here.
fn read_header(
    paced: &mut Paced<'_>,
    mut head: Vec<u8>,
    part: Option<Part>,
) -> Result<Greeting, TransportError> {
    let mut header = HeaderReader::new();
    header.push(&head).map_err(ReadError::from)?;
    let mut buffer = vec![0; SMALL];
    loop {
        let bytes = read_some(paced, &mut buffer).map_err(header_failed)?;
        if bytes.is_empty() {
            return Err(ReadError::from(header.end_of_input()).into());
        }
        let (used, locked) = header.push(bytes).map_err(ReadError::from)?;
        head.extend_from_slice(&bytes[..used]);
        if let Some(locked) = locked {
            let rest = bytes[used..].to_vec();
            return Ok(Greeting {
                locked,
                head,
                rest,
                held: part,
            });
        }
    }
}
