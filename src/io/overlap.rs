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
/// A failed write is told by one of the later calls; [`WriteBehind::finish`] tells it at the latest. Dropping it drops the
/// writer, behind the write at hand.
#[derive(Debug)]
pub struct WriteBehind<W: Write + Send + 'static> {
    state: State<W>,
}

#[derive(Debug)]
enum State<W> {
    /// So many bytes were written, here.
    Short(W, usize),
    Behind(Behind<W>),
    /// A failure was told.
    Failed,
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
    pub fn finish(self) -> io::Result<W> {
        match self.state {
            State::Short(writer, _) => Ok(writer),
            State::Behind(behind) => behind.finish(),
            State::Failed => Err(failed_before()),
        }
    }

    /// Gives the failure that ended the thread.
    fn fail(&mut self) -> io::Error {
        match core::mem::replace(&mut self.state, State::Failed) {
            State::Behind(behind) => behind.finish().err().unwrap_or_else(failed_before),
            State::Short(..) | State::Failed => failed_before(),
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
                if let State::Short(writer, _) = core::mem::replace(&mut self.state, State::Failed)
                {
                    self.state = State::Behind(Behind::start(writer));
                }
            }
            State::Behind(_) | State::Failed => {}
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
            State::Failed => Err(failed_before()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(len: usize) -> Vec<u8> {
        (0..len)
            .map(|i| (i * 13 + i / 1021).to_le_bytes()[0])
            .collect()
    }

    #[test]
    fn what_is_read_ahead_is_what_is_there() {
        for len in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 7 * BLOCK + 5] {
            let mut read = Vec::new();
            let mut reader = ReadAhead::new(io::Cursor::new(bytes(len)));
            reader.read_to_end(&mut read).unwrap();
            assert!(read == bytes(len), "{len}");
            assert_eq!(
                reader.read(&mut [0; 8]).unwrap(),
                0,
                "the end stays the end"
            );
        }
    }

    #[test]
    fn what_is_written_behind_arrives() {
        for len in [0, 1, SHORT, SHORT + 1, SHORT + BLOCK, 9 * BLOCK + 5] {
            for piece in [1 << 12, 700_001, 5 << 20] {
                let mut writer = WriteBehind::new(Vec::new());
                bytes(len)
                    .chunks(piece)
                    .for_each(|piece| writer.write_all(piece).unwrap());
                writer.flush().unwrap();
                assert!(writer.finish().unwrap() == bytes(len), "{len} by {piece}");
            }
        }
    }

    #[test]
    fn who_reads_no_further_is_left_alone() {
        drop(ReadAhead::new(io::repeat(7)));
    }

    /// Room for so many bytes, as on a disk that is nearly full.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 < bytes.len() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0 -= bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_told_once_by_its_name_and_then_again() {
        for room in [0, SHORT, SHORT + BLOCK, SHORT + 3 * BLOCK] {
            let mut writer = WriteBehind::new(Full(room));
            let whole = bytes(SHORT + 20 * BLOCK);
            let failure = whole
                .chunks(BLOCK / 2)
                .find_map(|piece| writer.write_all(piece).err());
            assert_eq!(
                failure.unwrap().kind(),
                io::ErrorKind::StorageFull,
                "{room}"
            );
            assert!(room == 0 || writer.write_all(b"more").is_err());
            assert!(room == 0 || writer.finish().is_err());
        }
        let mut writer = WriteBehind::new(Full(SHORT + BLOCK));
        let pieces = bytes(SHORT + BLOCK + 1);
        pieces
            .chunks(BLOCK)
            .for_each(|piece| writer.write_all(piece).unwrap());
        let failure = writer.finish().err().unwrap();
        assert_eq!(failure.kind(), io::ErrorKind::StorageFull, "at the latest");
    }

    struct Broken(usize);

    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            let len = self.0.min(buffer.len());
            self.0 -= len;
            Ok(len)
        }
    }

    #[test]
    fn a_failed_read_is_told_by_its_name() {
        let mut read = Vec::new();
        let failure = ReadAhead::new(Broken(BLOCK + 3))
            .read_to_end(&mut read)
            .unwrap_err();
        assert_eq!(failure.kind(), io::ErrorKind::ConnectionReset);
    }
}
