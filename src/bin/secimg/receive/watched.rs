//! A connection that shows how much comes, and notices whether it is a stream.

use core::time::Duration;
use std::io::{self, Read, Write};
use std::time::Instant;

use secimg::format::MAGIC;
use secimg::transport::Link;

use crate::label::Label;
use crate::progress::Progress;

pub(super) struct Watched {
    link: Box<dyn Link>,
    progress: Option<Progress>,
    /// The first bytes, up to the length of the magic.
    head: Vec<u8>,
}

impl Watched {
    pub(super) fn new(link: Box<dyn Link>, peer: &Label, quiet: bool) -> Self {
        Self {
            link,
            progress: Some(Progress::new(&peer.shown, None, quiet)),
            head: Vec::new(),
        }
    }

    /// Tells whether the peer sent what every stream begins with.
    pub(super) fn is_stream(&self) -> bool {
        self.head == MAGIC
    }

    /// Ends the progress, so that the terminal is free.
    pub(super) fn hide(&mut self) {
        if let Some(progress) = self.progress.take() {
            progress.finish();
        }
    }
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.link.read(buffer)?;
        let wanted = (MAGIC.len() - self.head.len()).min(len);
        self.head.extend_from_slice(&buffer[..wanted]);
        if let Some(progress) = &self.progress {
            progress.add(len as u64);
        }
        Ok(len)
    }
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.link.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.link.flush()
    }
}

impl Link for Watched {
    fn finish_sending(&mut self) -> io::Result<()> {
        self.link.finish_sending()
    }

    fn set_read_deadline(&mut self, deadline: Option<Instant>) {
        self.link.set_read_deadline(deadline);
    }

    fn set_idle_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.link.set_idle_timeout(timeout)
    }
}
