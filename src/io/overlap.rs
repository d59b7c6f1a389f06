//! Reading ahead and writing behind: a file is read and written while what was read is sealed or opened.
//!
//! Both own a thread and a few buffers of two mebibytes, which are wiped when they go. A short file never starts one.

use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use zeroize::Zeroizing;

use super::seal_writer::read_some;

/// What is read or written at once.
const BLOCK: usize = 2 << 20;
/// Blocks that wait, beside the one that is worked on and the one that is read or written.
const WAITING: usize = 2;
/// What is written before a thread starts: no less than it costs to start one.
const SHORT: usize = BLOCK;

type Block = Zeroizing<Vec<u8>>;

/// Reads ahead in a thread of its own.
///
/// It reads as far as it may, whether that is asked for or not: for files, not for what others wait at. Dropping it ends the
/// thread behind the read at hand.
///
/// ```
/// use std::io::Read;
///
/// let mut reader = secimg::io::ReadAhead::new(&b"what a file holds"[..]);
/// let mut text = String::new();
/// reader.read_to_string(&mut text)?;
/// assert_eq!(text, "what a file holds");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct ReadAhead {
    full: Receiver<io::Result<Block>>,
    empty: SyncSender<Block>,
    block: Block,
    at: usize,
}

impl ReadAhead {
    /// Starts to read.
    #[must_use]
    pub fn new(mut reader: impl Read + Send + 'static) -> Self {
        let (send_full, full) = sync_channel(WAITING);
        let (empty, take_empty) = sync_channel::<Block>(WAITING + 2);
        for _ in 0..=WAITING {
            // There is room for all of them.
            let _: Result<(), _> = empty.send(Block::default());
        }
        thread::spawn(move || {
            while let Ok(mut block) = take_empty.recv() {
                let read = fill(&mut reader, &mut block);
                let last = !matches!(&read, Ok(len) if *len > 0);
                if send_full.send(read.map(|_| block)).is_err() || last {
                    break;
                }
            }
        });
        Self {
            full,
            empty,
            block: Block::default(),
            at: 0,
        }
    }
}

/// Fills a block as far as there is something to read, and returns how much that was.
fn fill(reader: &mut impl Read, block: &mut Block) -> io::Result<usize> {
    block.resize(BLOCK, 0);
    let mut len = 0;
    while len < BLOCK {
        match read_some(reader, &mut block[len..])? {
            0 => break,
            more => len += more,
        }
    }
    block.truncate(len);
    Ok(len)
}

impl Read for ReadAhead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let waiting = self.fill_buf()?;
        let len = waiting.len().min(buffer.len());
        buffer[..len].copy_from_slice(&waiting[..len]);
        self.consume(len);
        Ok(len)
    }
}

impl BufRead for ReadAhead {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.block.len() {
            // The thread has ended behind the end of the file, or behind an error.
            let Ok(next) = self.full.recv() else {
                return Ok(&[]);
            };
            let used = core::mem::replace(&mut self.block, next?);
            self.at = 0;
            // The thread has ended where nobody takes it.
            let _: Result<(), _> = self.empty.send(used);
        }
        Ok(&self.block[self.at..])
    }

    fn consume(&mut self, len: usize) {
        self.at = (self.at + len).min(self.block.len());
    }
}

/// Writes in a thread of its own, which starts behind the first mebibytes.
///
/// A failed write is told by one of the later calls; [`WriteBehind::finish`] tells it at the latest. Dropping it waits for the
/// thread, and the writer is dropped when that returns: a temporary file, for instance, is gone then.
#[derive(Debug)]
pub struct WriteBehind<W: Write + Send + 'static> {
    state: State<W>,
}

#[derive(Debug)]
enum State<W> {
    /// So many bytes were written, here.
    Short(W, usize),
    Behind(Behind<W>),
    /// A failure was told, or the writer was given back.
    Ended,
}

#[derive(Debug)]
struct Behind<W> {
    full: SyncSender<Block>,
    empty: Receiver<Block>,
    block: Block,
    thread: JoinHandle<io::Result<W>>,
}

impl<W: Write + Send + 'static> WriteBehind<W> {
    /// Takes a writer.
    pub const fn new(writer: W) -> Self {
        Self {
            state: State::Short(writer, 0),
        }
    }

    /// Waits until everything is written, and returns the writer.
    ///
    /// # Errors
    /// What the writer said.
    pub fn finish(mut self) -> io::Result<W> {
        match core::mem::replace(&mut self.state, State::Ended) {
            State::Short(writer, _) => Ok(writer),
            State::Behind(behind) => behind.finish(),
            State::Ended => Err(failed_before()),
        }
    }

    /// Gives the failure that ended the thread.
    fn fail(&mut self) -> io::Error {
        match core::mem::replace(&mut self.state, State::Ended) {
            State::Behind(behind) => behind.finish().err().unwrap_or_else(failed_before),
            State::Short(..) | State::Ended => failed_before(),
        }
    }
}

impl<W: Write + Send + 'static> Behind<W> {
    fn start(mut writer: W) -> Self {
        let (full, take_full) = sync_channel::<Block>(WAITING);
        let (send_empty, empty) = sync_channel(WAITING + 2);
        for _ in 0..=WAITING {
            // There is room for all of them.
            let _: Result<(), _> = send_empty.send(Block::default());
        }
        let thread = thread::spawn(move || {
            while let Ok(mut block) = take_full.recv() {
                writer.write_all(&block)?;
                block.clear();
                // Nobody takes it behind the end.
                let _: Result<(), _> = send_empty.send(block);
            }
            Ok(writer)
        });
        Self {
            full,
            empty,
            block: Block::new(Vec::with_capacity(BLOCK)),
            thread,
        }
    }

    /// Takes what fits into the block, which goes to the thread when it is full; nothing when the thread has failed.
    fn write(&mut self, bytes: &[u8]) -> Option<usize> {
        let len = bytes.len().min(BLOCK - self.block.len());
        self.block.extend_from_slice(&bytes[..len]);
        if self.block.len() == BLOCK {
            let mut next = self.empty.recv().ok()?;
            // Never grown again: a block that moves leaves its bytes behind.
            next.reserve_exact(BLOCK);
            let full = core::mem::replace(&mut self.block, next);
            self.full.send(full).ok()?;
        }
        Some(len)
    }

    fn finish(self) -> io::Result<W> {
        // The thread has failed where nobody takes it, and says why.
        let _: Result<(), _> = self.full.send(self.block);
        drop(self.full);
        self.thread.join().unwrap_or_else(|_| Err(failed_before()))
    }
}

impl<W: Write + Send + 'static> Drop for WriteBehind<W> {
    fn drop(&mut self) {
        if let State::Behind(behind) = core::mem::replace(&mut self.state, State::Ended) {
            drop(behind.full);
            // What the thread returns, and with it the writer, is dropped here.
            drop(behind.thread.join());
        }
    }
}

fn failed_before() -> io::Error {
    io::Error::other("an earlier write failed")
}

impl<W: Write + Send + 'static> Write for WriteBehind<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.state {
            State::Short(writer, written) if *written < SHORT => {
                let len = writer.write(bytes)?;
                *written += len;
                return Ok(len);
            }
            State::Short(..) => {
                if let State::Short(writer, _) = core::mem::replace(&mut self.state, State::Ended) {
                    self.state = State::Behind(Behind::start(writer));
                }
            }
            State::Behind(_) | State::Ended => {}
        }
        let State::Behind(behind) = &mut self.state else {
            return Err(failed_before());
        };
        match behind.write(bytes) {
            Some(len) => Ok(len),
            None => Err(self.fail()),
        }
    }

    /// Flushes a short file. What is written behind is flushed by [`WriteBehind::finish`].
    fn flush(&mut self) -> io::Result<()> {
        match &mut self.state {
            State::Short(writer, _) => writer.flush(),
            State::Behind(_) => Ok(()),
            State::Ended => Err(failed_before()),
        }
    }
}

#[cfg(test)]
mod tests;
