//! Links in memory that break, flip, stall and dribble as they are told.

use core::time::Duration;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Instant;

use secimg::transport::Link;

use crate::parties::PATIENCE;

/// What one direction of a connection does to the bytes that are written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Way {
    /// After so many the connection is reset.
    pub(crate) cut: Option<usize>,
    /// One bit of this byte flips.
    pub(crate) flip: Option<usize>,
    /// What was on the way at the reset is lost, and not only what would have come.
    pub(crate) loses: bool,
    /// Everything is moved a few bytes at a time, with calls that are interrupted.
    pub(crate) dribbles: bool,
    /// The bytes from this one on come so much later.
    pub(crate) stall: Option<(usize, Duration)>,
}

#[derive(Debug, Default)]
struct Queue {
    bytes: VecDeque<u8>,
    ended: bool,
    reset: bool,
}

/// One direction.
#[derive(Debug, Default)]
struct Pipe {
    queue: Mutex<Queue>,
    changed: Condvar,
}

impl Pipe {
    fn change(&self, change: impl FnOnce(&mut Queue)) {
        change(&mut self.queue.lock().unwrap());
        self.changed.notify_all();
    }
}

/// One end of a connection in memory.
pub(crate) struct End {
    from: Arc<Pipe>,
    to: Arc<Pipe>,
    way: Way,
    written: usize,
    calls: usize,
    deadline: Option<Instant>,
}

pub(crate) fn connection(there: Way, back: Way) -> (End, End) {
    let (a, b) = (Arc::new(Pipe::default()), Arc::new(Pipe::default()));
    let end = |from: &Arc<Pipe>, to: &Arc<Pipe>, way| End {
        from: Arc::clone(from),
        to: Arc::clone(to),
        way,
        written: 0,
        calls: 0,
        deadline: None,
    };
    (end(&b, &a, there), end(&a, &b, back))
}

impl End {
    fn interrupted(&mut self) -> bool {
        self.calls += 1;
        self.way.dribbles && self.calls.is_multiple_of(3)
    }

    fn stall(&mut self, len: usize) {
        if let Some((at, time)) = self.way.stall
            && (self.written..self.written + len).contains(&at)
        {
            thread::sleep(time);
        }
    }

    /// Both directions, and what was on the way is lost.
    fn reset(&self) {
        for pipe in [&self.from, &self.to] {
            pipe.change(|queue| {
                queue.reset = true;
                if self.way.loses {
                    queue.bytes.clear();
                }
            });
        }
    }

    fn take(&mut self, buffer: &mut [u8], wait: bool) -> io::Result<Option<usize>> {
        let until = self.deadline.unwrap_or_else(|| Instant::now() + PATIENCE);
        let mut queue = self.from.queue.lock().unwrap();
        loop {
            let most = if self.way.dribbles { 1 } else { buffer.len() };
            let len = queue.bytes.len().min(most).min(buffer.len());
            if len > 0 || queue.ended {
                for (to, from) in buffer.iter_mut().zip(queue.bytes.drain(..len)) {
                    *to = from;
                }
                return Ok(Some(len));
            }
            if queue.reset {
                return Err(ErrorKind::ConnectionReset.into());
            }
            if !wait {
                return Ok(None);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            queue = self.from.changed.wait_timeout(queue, left).unwrap().0;
        }
    }
}

impl Read for End {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.interrupted() {
            return Err(ErrorKind::Interrupted.into());
        }
        Ok(self.take(buffer, true)?.unwrap_or(0))
    }
}

impl Write for End {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.interrupted() {
            thread::yield_now();
            return Err(ErrorKind::Interrupted.into());
        }
        if self.to.queue.lock().unwrap().reset {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let most = if self.way.dribbles {
            1 + self.calls % 700
        } else {
            bytes.len()
        };
        let room = self.way.cut.map_or(usize::MAX, |cut| cut - self.written);
        let len = bytes.len().min(most).min(room);
        if len == 0 && !bytes.is_empty() {
            self.reset();
            return Err(ErrorKind::ConnectionReset.into());
        }
        self.stall(len);
        let mut sent = bytes[..len].to_vec();
        if let Some(at) = self.way.flip
            && let Some(byte) = at.checked_sub(self.written).and_then(|at| sent.get_mut(at))
        {
            *byte ^= 1 << (at % 8);
        }
        self.to.change(|queue| queue.bytes.extend(sent));
        self.written += len;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Link for End {
    fn finish_sending(&mut self) -> io::Result<()> {
        self.to.change(|queue| queue.ended = true);
        Ok(())
    }

    fn set_read_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    fn set_idle_timeout(&mut self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn poll_read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        self.take(buffer, false)
    }
}

impl Drop for End {
    fn drop(&mut self) {
        // Orderly: what was sent can be read, and then there is an end.
        self.to.change(|queue| queue.ended = true);
        // Whoever writes to nobody is told.
        self.from.change(|queue| {
            if !queue.ended {
                queue.reset = true;
            }
        });
    }
}
