//! `Read` and `Seek` over a [`ReadAt`], in few requests.

use core::ops::Range;
use std::io::{self, Read, Seek, SeekFrom};

use super::ReadAt;

/// What is asked for at least: a chunk of the default size, with what stands around it.
const LEAST: usize = 66 << 10;
/// What is asked for at most, where much is read in order.
const MOST: usize = 8 << 20;

/// Bytes that one request gave.
#[derive(Debug, Default)]
struct Block {
    start: u64,
    bytes: Vec<u8>,
}

impl Block {
    const fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// What the block has from `position` on.
    fn from(&self, position: u64) -> &[u8] {
        position
            .checked_sub(self.start)
            .and_then(|inside| usize::try_from(inside).ok())
            .and_then(|inside| self.bytes.get(inside..))
            .unwrap_or_default()
    }
}

/// Reads and seeks in something that is read at places, such as an object in a store.
///
/// | what is read | what is asked for |
/// | --- | --- |
/// | somewhere | as much as is wanted, 66 KiB at least |
/// | the first bytes, or the last ones | twice that at least: the header and the first chunk, or the end and the index before it |
/// | what follows, or nearly, what was asked for last | twice as much as last, 8 MiB at most |
/// | a range that [`RangeReader::expect`] announced | 8 MiB at once, and nothing behind the range |
///
/// Both limits can be set: [`RangeReader::windows`]. Memory: two requests' bytes, of which one is small.
#[derive(Debug)]
pub struct RangeReader<S> {
    source: S,
    len: u64,
    position: u64,
    /// The least recently used first.
    blocks: [Block; 2],
    expected: Range<u64>,
    least: usize,
    most: usize,
    requests: u64,
    bytes: u64,
}

impl<S: ReadAt> RangeReader<S> {
    /// Asks for the length, and for nothing else yet.
    ///
    /// # Errors
    /// What [`ReadAt::size`] says.
    pub fn new(mut source: S) -> io::Result<Self> {
        Ok(Self {
            len: source.size()?,
            source,
            position: 0,
            blocks: Default::default(),
            expected: 0..0,
            least: LEAST,
            most: MOST,
            requests: 0,
            bytes: 0,
        })
    }

    /// Sets how many bytes are asked for at least and, where more is not wanted at once, at most.
    ///
    /// The least is worth one round trip more: 66 KiB suit a store that is some milliseconds away. `most`
    /// is never less than `least`, and `least` never less than 1.
    #[must_use]
    pub fn windows(mut self, least: usize, most: usize) -> Self {
        self.least = least.max(1);
        self.most = most.max(self.least);
        self
    }

    /// Announces that this range will be read in order: it is asked for in requests as large as allowed,
    /// and reading in it asks for nothing behind it. Replaces the range that was announced before.
    pub const fn expect(&mut self, range: Range<u64>) {
        self.expected = range;
    }

    /// Returns how many requests were made: calls of [`ReadAt::read_at`].
    #[must_use]
    pub const fn requests(&self) -> u64 {
        self.requests
    }

    /// Returns how many bytes the requests gave.
    #[must_use]
    pub const fn bytes_read(&self) -> u64 {
        self.bytes
    }

    /// Returns the length that the source told, in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.len
    }

    /// Returns what is read from.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.source
    }

    /// Returns the bytes at the position, asking for them if need be; none at the end.
    fn at_position(&mut self, wanted: usize) -> io::Result<&[u8]> {
        let position = self.position;
        if position >= self.len || wanted == 0 {
            return Ok(&[]);
        }
        if !self.blocks[1].from(position).is_empty() {
            return Ok(self.blocks[1].from(position));
        }
        if self.blocks[0].from(position).is_empty() {
            let range = self.next_range(wanted);
            self.fetch(range)?;
        }
        // The last is the most recently used.
        self.blocks.swap(0, 1);
        Ok(self.blocks[1].from(position))
    }

    /// Decides what to ask for, and puts the block that is given up for it first.
    fn next_range(&mut self, wanted: usize) -> Range<u64> {
        let position = self.position;
        if self.continues(&self.blocks[1], wanted) {
            // What was read through is given up, not what else is known.
            self.blocks.swap(0, 1);
        }
        let block = &self.blocks[0];
        let (len, end) = if self.expected.contains(&position) {
            (self.most, self.expected.end)
        } else if self.continues(block, wanted) {
            (block.bytes.len().saturating_mul(2).min(self.most), self.len)
        } else if position == 0 {
            (self.least.saturating_mul(2), self.len)
        } else {
            return self.alone(wanted);
        };
        let len = len.min(distance(position, end)).max(wanted);
        position..position.saturating_add(len as u64).min(self.len)
    }

    /// Whether a reader that was in `block` goes on through the object in order, passing over little. A leap
    /// to the very end is none of that.
    fn continues(&self, block: &Block, wanted: usize) -> bool {
        let leap = self.position.checked_sub(block.end());
        let to_the_end = distance(self.position, self.len) <= wanted;
        !block.bytes.is_empty()
            && leap
                .is_some_and(|leap| leap == 0 || (leap <= block.bytes.len() as u64 && !to_the_end))
    }

    /// The range for a read that has nothing to do with those before.
    fn alone(&self, wanted: usize) -> Range<u64> {
        let end = self.position.saturating_add(wanted as u64);
        if end < self.len {
            let least = self.position.saturating_add(self.least as u64);
            return self.position..end.max(least).min(self.len);
        }
        // Who reads the end of a stream reads next what lies before it.
        let tail = self.len.saturating_sub(self.least as u64 * 2);
        self.position.min(tail)..self.len
    }

    /// Fills the first block with a range that holds the position.
    fn fetch(&mut self, range: Range<u64>) -> io::Result<()> {
        let block = &mut self.blocks[0];
        let len = distance(range.start, range.end);
        // Memory of another size would stay: blocks that grew shrink again.
        if block.bytes.capacity() > len.saturating_mul(2) {
            block.bytes = Vec::new();
        }
        block.bytes.clear();
        block.bytes.resize(len, 0);
        block.start = range.start;
        let mut filled = 0;
        let mut end = Ok(());
        while filled < len {
            let at = range.start + filled as u64;
            self.requests += 1;
            match self.source.read_at(at, &mut block.bytes[filled..]) {
                Ok(0) => {
                    end = Err(ended_early(at, self.len));
                    break;
                }
                Ok(read) => {
                    let read = read.min(len - filled);
                    filled += read;
                    self.bytes += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    end = Err(error);
                    break;
                }
            }
        }
        block.bytes.truncate(filled);
        // An error behind what is wanted is met again by who reads so far.
        if block.from(self.position).is_empty() {
            return end;
        }
        Ok(())
    }
}

impl<S: ReadAt> Read for RangeReader<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.at_position(buffer.len())?;
        let len = bytes.len().min(buffer.len());
        buffer[..len].copy_from_slice(&bytes[..len]);
        self.position += len as u64;
        Ok(len)
    }
}

impl<S: ReadAt> Seek for RangeReader<S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(delta) => self.len.checked_add_signed(delta),
            SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
        };
        self.position = position.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "a seek to before the first byte",
            )
        })?;
        Ok(self.position)
    }
}

fn distance(from: u64, to: u64) -> usize {
    usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX)
}

fn ended_early(at: u64, len: u64) -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        format!("the store gave nothing at byte {at} of {len}: was the object changed meanwhile?"),
    )
}
