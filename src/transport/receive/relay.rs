//! Receiving without a key: a stream is stored as it comes.

use std::io::{self, Write};

use super::{BUFFER, Receiver, SMALL, header_failed, read_some};
use crate::io::ReadError;
use crate::stream::{FrameWalker, Header, HeaderReader, Locked, Survey};
use crate::transport::error::TransportError;
use crate::transport::link::Link;
use crate::transport::pace::{Paced, judged};

impl Receiver {
    /// Receives one stream over a [`Link`] as it is, without a key, as a relay does: only its form is
    /// checked, and the limits are kept. `create` says where it goes, once it is known what it is.
    /// Answer with [`Receipt::stored`](crate::transport::Receipt::stored).
    ///
    /// # Errors
    /// [`TransportError`]; what was written must then be undone. What `create` returns as an error is a
    /// [`ReadError::Sink`].
    pub fn store<W: Write>(
        &self,
        link: &mut dyn Link,
        create: impl FnOnce(&Header) -> io::Result<W>,
    ) -> Result<(Survey, W), TransportError> {
        self.start(link)?;
        let mut paced = Paced::new(link, self.pace);
        self.store_from(&mut paced, create).map_err(judged)
    }

    fn store_from<W: Write>(
        &self,
        paced: &mut Paced<'_>,
        create: impl FnOnce(&Header) -> io::Result<W>,
    ) -> Result<(Survey, W), TransportError> {
        let (locked, head) = read_header(paced)?;
        paced.start();
        let mut store = create(locked.header()).map_err(ReadError::Sink)?;
        let mut walker = FrameWalker::new(*self.options.get_limits());
        let mut buffer = vec![0; BUFFER];
        let mut bytes = head.as_slice();
        loop {
            let used = walker.push(bytes).map_err(ReadError::from)?;
            store.write_all(&bytes[..used]).map_err(ReadError::Sink)?;
            if walker.is_done() {
                break;
            }
            bytes = read_some(paced, &mut buffer)?;
            if bytes.is_empty() {
                break;
            }
        }
        Ok((walker.finish().map_err(ReadError::from)?, store))
    }
}

/// Reads up to the end of the header, and returns it with everything that was read.
fn read_header(paced: &mut Paced<'_>) -> Result<(Locked, Vec<u8>), TransportError> {
    let mut header = HeaderReader::new();
    let mut buffer = vec![0; SMALL];
    let mut head = Vec::new();
    loop {
        let bytes = read_some(paced, &mut buffer).map_err(header_failed)?;
        if bytes.is_empty() {
            return Err(ReadError::from(header.end_of_input()).into());
        }
        head.extend_from_slice(bytes);
        if let (_, Some(locked)) = header.push(bytes).map_err(ReadError::from)? {
            return Ok((locked, head));
        }
    }
}
