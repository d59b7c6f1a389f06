//! `--verbose`: what the library does, on standard error. Its events hold no name, no key and no byte of an image.

use std::io::{self, Write};

use tracing_subscriber::filter::LevelFilter;

use crate::args::Common;
use crate::progress::suspended;

/// Starts telling, if that is wanted. Other crates are not listened to.
pub(crate) fn tell(common: Common) {
    let level = match common.verbose {
        0 => return,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .with_target(false)
        .with_writer(|| Beside)
        .init();
}

/// Standard error, beside the lines of progress.
struct Beside;

impl Write for Beside {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        suspended(|| io::stderr().write_all(text))?;
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
