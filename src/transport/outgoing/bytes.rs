//! The bytes of an [`Outgoing`] from somewhere on.

use core::fmt;
use std::io::{self, ErrorKind, Read};

use super::{Outgoing, Source};

/// The bytes of an [`Outgoing`] from somewhere on. Where the stream is still growing, a read that waits in vain
/// for a moment fails with [`ErrorKind::WouldBlock`].
pub struct OutgoingBytes<'s, 'a> {
    pub(super) stream: &'s mut Outgoing<'a>,
    pub(super) at: u64,
}

impl OutgoingBytes<'_, '_> {
    /// Returns how many bytes are left, of what is there.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.stream.len().saturating_sub(self.at)
    }
}

impl Read for OutgoingBytes<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = match &mut self.stream.source {
            Source::Growing(spool) => spool.read(buffer)?,
            Source::Whole(file, len, _) => {
                let left = len.saturating_sub(self.at);
                let most = usize::try_from(left)
                    .unwrap_or(usize::MAX)
                    .min(buffer.len());
                if most == 0 {
                    return Ok(0);
                }
                match file.read(&mut buffer[..most])? {
                    0 => return Err(shorter()),
                    len => len,
                }
            }
        };
        self.at += len as u64;
        if let Some(watch) = &mut self.stream.watch {
            watch(self.at);
        }
        Ok(len)
    }
}

/// It was so long a moment ago.
fn shorter() -> io::Error {
    let what = "the sealed file became shorter while it was sent";
    io::Error::new(ErrorKind::UnexpectedEof, what)
}

impl fmt::Debug for OutgoingBytes<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingBytes")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
