//! Progress on standard error, for work that a person waits for: bytes, images, rate, and what is left of the time.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::io::{self, BufRead, IsTerminal, Read};
use std::sync::{Arc, LazyLock, Once};
use std::time::Instant;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use secimg::Authentic;
use secimg::content::Manifest;
use secimg::io::{ItemSink, RestoredFrames};
use secimg::stream::{Header, ItemReport, SignatureReport};

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

/// How far some work has come. Clones are about the same work, and its line goes with the last of them.
#[derive(Debug, Clone)]
pub(crate) struct Progress(Arc<Line>);

#[derive(Debug)]
struct Line {
    bar: ProgressBar,
    started: Instant,
    visible: bool,
    shown: Once,
    label: String,
    /// Images that were begun, and how many there will be, where that is known.
    images: AtomicU64,
    of: Option<u64>,
}

impl Progress {
    /// Starts the clock. Nothing is ever drawn when `quiet` is set or standard error is no terminal.
    ///
    /// The label goes to the terminal as it is: names in it must be escaped.
    pub(crate) fn new(label: &str, total: Option<u64>, quiet: bool) -> Self {
        Self::start(label, None, total, quiet)
    }

    /// As [`Progress::new`], for so many images, each of which says its own name.
    pub(crate) fn series(images: usize, total: Option<u64>, quiet: bool) -> Self {
        Self::start("", Some(images as u64), total, quiet)
    }

    fn start(label: &str, of: Option<u64>, total: Option<u64>, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let template = if total.is_some() { BAR } else { COUNTER };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(label.to_owned());
        Self(Arc::new(Line {
            bar,
            started: Instant::now(),
            visible: !quiet && io::stderr().is_terminal(),
            shown: Once::new(),
            label: label.to_owned(),
            images: AtomicU64::new(0),
            of,
        }))
    }

    /// Says that so many bytes more are done.
    pub(crate) fn add(&self, bytes: u64) {
        let line = &self.0;
        if line.visible && line.started.elapsed() > PATIENCE {
            line.shown.call_once(|| drop(LINES.add(line.bar.clone())));
        }
        line.bar.inc(bytes);
    }

    /// Says that another image begins, and what it is called where the work has no name of its own.
    pub(crate) fn image(&self, name: &str) {
        let number = self.0.images.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.bar.set_message(self.0.message(number, name));
    }

    /// Counts what is read from `reader` as this work, which ends with the reader and the last clone.
    pub(crate) const fn reading<R: Read>(self, reader: R) -> ProgressReader<R> {
        ProgressReader {
            reader,
            progress: self,
        }
    }

    /// Counts the images that come before `sink` takes them, with the samples of compressed frames restored.
    pub(crate) const fn counting<S: ItemSink>(self, sink: &mut S) -> ProgressSink<'_, S> {
        ProgressSink {
            sink: RestoredFrames::new(sink),
            progress: self,
        }
    }

    /// Removes the line now, whoever else holds a clone.
    pub(crate) fn finish(self) {
        self.0.clear();
    }
}

impl Line {
    fn message(&self, number: u64, name: &str) -> String {
        match self.of {
            Some(1) => name.to_owned(),
            Some(of) => format!("{number} of {of} images, {name}"),
            // One stream with one image needs no number.
            None if number == 1 => self.label.clone(),
            None => format!("{number} images, {}", self.label),
        }
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
        LINES.remove(&self.bar);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.clear();
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

/// Counts the images that pass.
pub(crate) struct ProgressSink<'a, S> {
    sink: RestoredFrames<'a, S>,
    progress: Progress,
}

impl<S: ItemSink> ItemSink for ProgressSink<'_, S> {
    fn start(&mut self, header: &Header) -> io::Result<()> {
        self.sink.start(header)
    }

    fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()> {
        self.progress.image("");
        self.sink.item(manifest)
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sink.data(bytes)
    }

    fn preview(&mut self, preview: &Authentic<Vec<u8>>) -> io::Result<()> {
        self.sink.preview(preview)
    }

    fn item_end(&mut self, item: &Authentic<ItemReport>) -> io::Result<()> {
        self.sink.item_end(item)
    }

    fn checkpoint(&mut self, signature: Option<&SignatureReport>) -> io::Result<()> {
        self.sink.checkpoint(signature)
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
        assert_eq!(reader.progress.0.bar.position(), 5);
        assert!(reader.progress.0.bar.is_hidden());
    }

    #[test]
    fn it_says_how_many_images_there_are() {
        let said = |progress: &Progress, name| {
            progress.image(name);
            progress.0.bar.message()
        };
        let stream = Progress::new("a.secimg", None, true);
        assert_eq!(said(&stream, ""), "a.secimg");
        assert_eq!(said(&stream, ""), "2 images, a.secimg");
        let series = Progress::series(3, Some(10), true);
        assert_eq!(said(&series, "a.png"), "1 of 3 images, a.png");
        assert_eq!(said(&series.clone(), "b.png"), "2 of 3 images, b.png");
        let alone = Progress::series(1, Some(10), true);
        assert_eq!(said(&alone, "a.png"), "a.png");
    }

    #[test]
    fn both_templates_are_sound() {
        for template in [BAR, COUNTER] {
            assert!(ProgressStyle::with_template(template).is_ok());
        }
    }
}
