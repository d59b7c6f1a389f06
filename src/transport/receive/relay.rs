//! Receiving without a key: a stream is stored as it comes.

use std::io::{self, Read, Write};

use super::greeting::Greeting;
use super::incoming::{Incoming, Leftover};
use super::{BUFFER, Receiver, read_some};
use crate::io::ReadError;
use crate::stream::{FrameWalker, Header, Survey};
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
        let paced = Paced::new(link, self.pace);
        self.store_from(paced, create).map_err(judged)
    }

    fn store_from<W: Write>(
        &self,
        mut paced: Paced<'_>,
        create: impl FnOnce(&Header) -> io::Result<W>,
    ) -> Result<(Survey, W), TransportError> {
        let Greeting {
            locked,
            head,
            rest,
            held,
        } = self.greet(&mut paced)?;
        paced.start();
        let store = create(locked.header()).map_err(ReadError::Sink)?;
        let leftover = Leftover::of(self.parts.as_ref(), locked.header(), held);
        let mut incoming = Incoming::new(paced, rest, leftover)?;
        let stored = self.walk(&head, &mut incoming, store);
        incoming.settle(stored, |_, leftover| drop(leftover))
    }

    /// Passes a stream on as it comes: what is wrong with its form is found, and nothing else.
    fn walk<W: Write>(
        &self,
        head: &[u8],
        incoming: &mut impl Read,
        mut store: W,
    ) -> Result<(Survey, W), TransportError> {
        let mut walker = FrameWalker::new(*self.options.get_limits());
        let mut buffer = vec![0; BUFFER];
        let mut bytes = head;
        loop {
            let used = walker.push(bytes).map_err(ReadError::from)?;
            store.write_all(&bytes[..used]).map_err(ReadError::Sink)?;
            if walker.is_done() {
                break;
            }
            bytes = read_some(incoming, &mut buffer)?;
            if bytes.is_empty() {
                break;
            }
        }
        Ok((walker.finish().map_err(ReadError::from)?, store))
    }
}
