//! A buffer before a [`Read`], whose size can change on the way.

use std::io::{self, BufRead, Read};

/// As [`std::io::BufReader`], with a buffer that can be exchanged while something waits in it.
#[derive(Debug)]
pub struct Buffered<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl<R> Buffered<R> {
    /// Takes a buffer of so many bytes, at least one: no read asks for more at once.
    pub(super) fn new(reader: R, bytes: usize) -> Self {
        Self {
            reader,
            buffer: vec![0; bytes.max(1)],
            start: 0,
            end: 0,
        }
    }

    /// Exchanges the buffer for one of this size, or of what waits in it, and returns which.
    pub(super) fn set_size(&mut self, bytes: usize) -> usize {
        let waiting = self.end - self.start;
        let mut buffer = vec![0; bytes.max(waiting).max(1)];
        buffer[..waiting].copy_from_slice(&self.buffer[self.start..self.end]);
        (self.buffer, self.start, self.end) = (buffer, 0, waiting);
        self.buffer.len()
    }

    pub(super) fn into_inner(self) -> R {
        self.reader
    }

    pub(super) const fn inner_mut(&mut self) -> &mut R {
        &mut self.reader
    }
}

impl<R: Read> Read for Buffered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let waiting = self.fill_buf()?;
        let len = waiting.len().min(buffer.len());
        buffer[..len].copy_from_slice(&waiting[..len]);
        self.consume(len);
        Ok(len)
    }
}

impl<R: Read> BufRead for Buffered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            // What a failed read left behind is not taken for what was read.
            (self.start, self.end) = (0, 0);
            self.end = self.reader.read(&mut self.buffer)?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, len: usize) {
        self.start = (self.start + len).min(self.end);
    }
}
