//! A sealed stream that is still being made: what is sealed is kept, and read from there as it grows.

use core::fmt;
use core::time::Duration;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::transport::receipt::ExpectedReceipt;

/// A reader does not wait longer than this for more: who sends has to listen as well.
const WAIT: Duration = Duration::from_millis(200);

/// What a spool can lie in: a file without a name, a cursor in memory.
pub trait SpoolFile: Read + Write + Seek + Send {}

impl<T: Read + Write + Seek + Send> SpoolFile for T {}

/// What the two ends share.
struct Shared {
    kept: Mutex<Kept>,
    changed: Condvar,
}

struct Kept {
    file: Box<dyn SpoolFile>,
    len: u64,
    end: End,
    /// Nobody reads any more.
    abandoned: bool,
}

/// How far the sealing is.
#[derive(Clone)]
enum End {
    Open,
    /// All of it is there, and this is what its receipt must be.
    Whole(ExpectedReceipt),
    /// It ended before the stream did.
    Broken,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Bytes are counted when they are written, so that a panic leaves nothing half-counted.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Kept)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }
}

/// Makes a spool, which should be empty: one end to seal into, the other for
/// [`Outgoing::growing`](super::Outgoing::growing).
///
/// All that was sealed stays in it, since a connection that breaks may need any of it again; it takes as much room
/// as the whole stream.
pub fn spool(file: impl SpoolFile + 'static) -> (SpoolWriter, SpoolReader) {
    let shared = Arc::new(Shared {
        kept: Mutex::new(Kept {
            file: Box::new(file),
            len: 0,
            end: End::Open,
            abandoned: false,
        }),
        changed: Condvar::new(),
    });
    let reader = SpoolReader {
        shared: Arc::clone(&shared),
        position: 0,
    };
    (SpoolWriter(shared), reader)
}

/// The end of a spool that is written to. Dropped without [`SpoolWriter::finish`], it breaks the stream off.
pub struct SpoolWriter(Arc<Shared>);

impl SpoolWriter {
    /// Says that all of the stream is there, and what its receipt must be.
    pub fn finish(self, expected: ExpectedReceipt) {
        self.0.change(|kept| kept.end = End::Whole(expected));
    }

    /// Tells whether nobody reads any more: the stream was refused, or its sender gave up.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.0.lock().abandoned
    }
}

impl Write for SpoolWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock();
        if kept.abandoned {
            let what = "nobody sends the stream any more";
            return Err(io::Error::new(ErrorKind::BrokenPipe, what));
        }
        let end = kept.len;
        kept.file.seek(SeekFrom::Start(end))?;
        let len = kept.file.write(bytes)?;
        kept.len += len as u64;
        drop(kept);
        self.0.changed.notify_all();
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().file.flush()
    }
}

impl Drop for SpoolWriter {
    fn drop(&mut self) {
        self.0.change(|kept| {
            if matches!(kept.end, End::Open) {
                kept.end = End::Broken;
            }
        });
    }
}

impl fmt::Debug for SpoolWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpoolWriter({} bytes)", self.0.lock().len)
    }
}

/// The end of a spool that is read. A read that waits in vain for a moment fails with [`ErrorKind::WouldBlock`],
/// one of a stream that broke off with [`ErrorKind::UnexpectedEof`].
pub struct SpoolReader {
    shared: Arc<Shared>,
    position: u64,
}

impl SpoolReader {
    /// Returns how many bytes are there, and whether those are all.
    pub(super) fn extent(&self) -> (u64, bool) {
        let kept = self.shared.lock();
        (kept.len, matches!(kept.end, End::Whole(_)))
    }

    /// Waits until all of the stream is there.
    pub(super) fn wait_until_whole(&mut self) -> io::Result<()> {
        let mut kept = self.shared.lock();
        while matches!(kept.end, End::Open) {
            let waited = self.shared.changed.wait(kept);
            kept = waited.unwrap_or_else(PoisonError::into_inner);
        }
        match kept.end {
            End::Broken => Err(broken_off()),
            End::Open | End::Whole(_) => Ok(()),
        }
    }

    /// Returns what the receipt must be, once that is known.
    pub(super) fn expected(&self) -> Option<ExpectedReceipt> {
        match &self.shared.lock().end {
            End::Whole(expected) => Some(expected.clone()),
            End::Open | End::Broken => None,
        }
    }
}

impl Read for SpoolReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut kept = self.shared.lock();
        if self.position >= kept.len && matches!(kept.end, End::Open) {
            let at = self.position;
            let nothing = |kept: &mut Kept| at >= kept.len && matches!(kept.end, End::Open);
            let waited = self.shared.changed.wait_timeout_while(kept, WAIT, nothing);
            kept = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if self.position >= kept.len {
            return match kept.end {
                End::Open => Err(ErrorKind::WouldBlock.into()),
                End::Whole(_) => Ok(0),
                End::Broken => Err(broken_off()),
            };
        }
        let there = usize::try_from(kept.len - self.position).unwrap_or(usize::MAX);
        let most = there.min(buffer.len());
        kept.file.seek(SeekFrom::Start(self.position))?;
        let len = kept.file.read(&mut buffer[..most])?;
        self.position += len as u64;
        Ok(len)
    }
}

fn broken_off() -> io::Error {
    let what = "sealing ended before the stream did";
    io::Error::new(ErrorKind::UnexpectedEof, what)
}

impl Seek for SpoolReader {
    /// Goes to any place. The end is that of what is there at the moment.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let moved = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.shared.lock().len.checked_add_signed(by),
        };
        self.position = moved.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl Drop for SpoolReader {
    fn drop(&mut self) {
        self.shared.change(|kept| kept.abandoned = true);
    }
}

impl fmt::Debug for SpoolReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpoolReader(at {})", self.position)
    }
}
