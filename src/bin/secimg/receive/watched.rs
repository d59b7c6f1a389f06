//! A connection that shows how much comes.

use core::time::Duration;
use std::io::{self, Read, Write};
use std::time::Instant;

use secimg::transport::Link;

use crate::label::Label;
use crate::progress::Progress;

pub(super) struct Watched<'a> {
    link: &'a mut dyn Link,
    progress: Option<Progress>,
}

impl<'a> Watched<'a> {
    pub(super) fn new(link: &'a mut dyn Link, peer: &Label, quiet: bool) -> Self {
        Self {
            link,
            progress: Some(Progress::new(&peer.shown, None, quiet)),
        }
    }

    /// What is shown, for who counts images.
    pub(super) fn progress(&self) -> Progress {
        let hidden = || Progress::new("", None, true);
        self.progress.clone().unwrap_or_else(hidden)
    }

    /// Ends the progress, so that the terminal is free.
    pub(super) fn hide(&mut self) {
        if let Some(progress) = self.progress.take() {
            progress.finish();
        }
    }
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.link.read(buffer)?;
        if let Some(progress) = &self.progress {
            progress.add(len as u64);
        }
        Ok(len)
    }
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.link.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.link.flush()
    }
}

impl Link for Watched<'_> {
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
