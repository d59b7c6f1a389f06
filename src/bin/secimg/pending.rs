//! Files in the making, known to the signal handler: a command that is stopped leaves none behind.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

use secimg::io::file::{FileError, FileMode, Overwrite, PendingFile};

/// What a shell reports for a command that Ctrl-C ended.
const STOPPED: i32 = 130;

/// Paths that must not outlive the process.
static LIVE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn live() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    // A set of paths is whole after every panic.
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all pending files when the process is told to stop (SIGINT, SIGTERM, SIGHUP, Ctrl-C).
pub(crate) fn remove_on_signal() {
    let stop = || {
        // The lock is kept to the end, so nobody creates another file behind this.
        let live = live();
        for path in live.iter() {
            let _: io::Result<()> = fs::remove_file(path);
        }
        process::exit(STOPPED);
    };
    // Without a handler the command still works, and a signal still stops it.
    let _: Result<(), ctrlc::Error> = ctrlc::set_handler(stop);
}

/// A [`PendingFile`] that a signal removes too.
#[derive(Debug)]
pub(crate) struct Pending {
    file: Option<PendingFile>,
    path: PathBuf,
}

impl Pending {
    pub(crate) fn create(target: &Path, overwrite: Overwrite) -> Result<Self, FileError> {
        // Under the lock: a signal comes before the file exists or after it is known.
        let mut live = live();
        let file = PendingFile::create(target, overwrite)?;
        let path = file.path().to_path_buf();
        live.insert(path.clone());
        Ok(Self {
            file: Some(file),
            path,
        })
    }

    pub(crate) fn commit(mut self, mode: FileMode) -> Result<(), FileError> {
        match self.file.take() {
            Some(file) => file.commit(mode),
            None => Ok(()),
        }
    }
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), PendingFile::flush)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // Removed first and forgotten then.
        drop(self.file.take());
        live().remove(&self.path);
    }
}
