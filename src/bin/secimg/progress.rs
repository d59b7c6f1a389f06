//! Progress on standard error, for work that a person waits for.

use core::time::Duration;
use std::io::{self, BufRead, IsTerminal, Read};
use std::sync::{LazyLock, Once};
use std::time::Instant;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that is done sooner shows nothing: a line that comes and goes only disturbs.
const PATIENCE: Duration = Duration::from_millis(500);

// The label comes last: it is cut to what is left of the terminal's line.
const BAR: &str = "[{bar:28}] {binary_bytes}/{binary_total_bytes}  {binary_bytes_per_sec}  {eta} left  {wide_msg}";
const COUNTER: &str = "{spinner} {binary_bytes}  {binary_bytes_per_sec}  {wide_msg}";

/// All lines that are drawn: several kinds of work share one terminal.
static LINES: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Clears the lines while something else is said.
pub(crate) fn suspended<T>(say: impl FnOnce() -> T) -> T {
    LINES.suspend(say)
}

/// How far some work has come, in bytes.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    visible: bool,
    shown: Once,
}

impl Progress {
    /// Starts the clock. Nothing is ever drawn when `quiet` is set or standard error is no terminal.
    ///
    /// The label goes to the terminal as it is: names in it must be escaped.
    pub(crate) fn new(label: &str, total: Option<u64>, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let template = if total.is_some() { BAR } else { COUNTER };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(label.to_owned());
        Self {
            bar,
            started: Instant::now(),
            visible: !quiet && io::stderr().is_terminal(),
            shown: Once::new(),
        }
    }

    /// Says that so many bytes more are done.
    pub(crate) fn add(&self, bytes: u64) {
        if self.visible && self.started.elapsed() > PATIENCE {
            self.shown.call_once(|| drop(LINES.add(self.bar.clone())));
        }
        self.bar.inc(bytes);
    }

    /// Counts what is read from `reader` as this work, which ends when the reader is dropped.
    pub(crate) const fn reading<R: Read>(self, reader: R) -> ProgressReader<R> {
        ProgressReader {
            reader,
            progress: self,
        }
    }

    /// Removes the line, as dropping does.
    pub(crate) fn finish(self) {
        drop(self);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        LINES.remove(&self.bar);
    }
}

/// Counts what is read.
#[derive(Debug)]
pub(crate) struct ProgressReader<R> {
    reader: R,
    progress: Progress,
}

impl<R: Read> Read for ProgressReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.progress.add(read as u64);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for ProgressReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, len: usize) {
        self.reader.consume(len);
        self.progress.add(len as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_and_passes_on() {
        let mut read = Vec::new();
        let mut reader = Progress::new("reading", Some(5), true).reading(&b"12345"[..]);
        reader.read_to_end(&mut read).unwrap();
        assert_eq!(read, b"12345");
        assert_eq!(reader.progress.bar.position(), 5);
        assert!(reader.progress.bar.is_hidden());
    }

    #[test]
    fn both_templates_are_sound() {
        for template in [BAR, COUNTER] {
            assert!(ProgressStyle::with_template(template).is_ok());
        }
    }
}
