//! Files in the making, known to the signal handler: a command that is stopped leaves none behind.

use core::mem;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

use secimg::io::WriteBehind;
use secimg::io::file::{ClosedFile, FileError, FileMode, Naming, Overwrite, PendingFile};

/// What a shell reports for a command that Ctrl-C ended.
const STOPPED: i32 = 130;

/// Paths that must not outlive the process.
static LIVE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Folders that were created for what did not come yet.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Names that were found free for images without one.
static PROMISED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// What the first signal does instead of ending the process.
static GENTLE: Mutex<Option<Gentle>> = Mutex::new(None);

type Gentle = Box<dyn FnOnce() + Send>;

/// Lets the first signal do this; the next one ends the process.
pub(crate) fn on_first_signal(gently: impl FnOnce() + Send + 'static) {
    *lock(&GENTLE) = Some(Box::new(gently));
}

/// Has a signal remove this folder, if it is empty then.
pub(crate) fn remove_if_empty(folder: &Path) {
    lock(&FOLDERS).push(folder.to_path_buf());
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is in them is whole after every panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn live() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    lock(&LIVE)
}

/// Removes all pending files when the process is told to stop (SIGINT, SIGTERM, SIGHUP, Ctrl-C).
pub(crate) fn remove_on_signal() {
    let stop = || {
        let gently = lock(&GENTLE).take();
        if let Some(gently) = gently {
            return gently();
        }
        // The lock is kept to the end, so nobody creates another file behind this.
        let live = live();
        for path in live.iter() {
            let _: io::Result<()> = fs::remove_file(path);
        }
        for folder in lock(&FOLDERS).iter() {
            let _: io::Result<()> = fs::remove_dir(folder);
        }
        process::exit(STOPPED);
    };
    // Without a handler the command still works, and a signal still stops it.
    let _: Result<(), ctrlc::Error> = ctrlc::set_handler(stop);
}

/// A name that was found free, and that no other stream of this process takes meanwhile.
#[derive(Debug)]
pub(crate) struct Promise(PathBuf);

impl Promise {
    /// Takes a name, if nobody has it and nothing is there.
    pub(crate) fn take(path: &Path) -> Option<Self> {
        let mut promised = lock(&PROMISED);
        let free = fs::symlink_metadata(path).is_err() && promised.insert(path.to_path_buf());
        free.then(|| Self(path.to_path_buf()))
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        lock(&PROMISED).remove(&self.0);
    }
}

/// A [`PendingFile`] that a signal removes too.
#[derive(Debug)]
pub(crate) struct Pending {
    state: State,
    path: PathBuf,
    target: PathBuf,
}

#[derive(Debug)]
enum State {
    Open(WriteBehind<PendingFile>),
    /// Whole, and waiting for its name.
    Closed(ClosedFile),
    Gone,
}

impl Pending {
    pub(crate) fn create(target: &Path, overwrite: Overwrite) -> Result<Self, FileError> {
        Self::create_marked(target, overwrite, "")
    }

    /// As [`Pending::create`], with a mark by which the next run finds what a killed one left behind.
    pub(crate) fn create_marked(
        target: &Path,
        overwrite: Overwrite,
        mark: &str,
    ) -> Result<Self, FileError> {
        // Under the lock: a signal comes before the file exists or after it is known.
        let mut live = live();
        let file = PendingFile::create_marked(target, overwrite, mark)?;
        let path = file.path().to_path_buf();
        live.insert(path.clone());
        Ok(Self {
            state: State::Open(WriteBehind::new(file)),
            path,
            target: target.into(),
        })
    }

    /// Where the bytes are before they have their name.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What it will be called.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Ends writing: a process has fewer open files than a series may have images.
    pub(crate) fn close(&mut self) -> Result<(), FileError> {
        self.state = match mem::replace(&mut self.state, State::Gone) {
            State::Open(file) => State::Closed(self.written(file)?.close()?),
            other => other,
        };
        Ok(())
    }

    /// Waits for what is still being written.
    fn written(&self, file: WriteBehind<PendingFile>) -> Result<PendingFile, FileError> {
        file.finish()
            .map_err(|error| FileError::Io(self.target.clone(), "write", error))
    }

    /// Gives the file its name, which is durable with those of the others.
    pub(crate) fn name(mut self, naming: &mut Naming) -> Result<(), FileError> {
        self.close()?;
        match mem::replace(&mut self.state, State::Gone) {
            State::Closed(file) => naming.name(file),
            State::Open(_) | State::Gone => Ok(()),
        }
    }

    pub(crate) fn commit(mut self, mode: FileMode) -> Result<(), FileError> {
        match mem::replace(&mut self.state, State::Gone) {
            State::Open(file) => self.written(file)?.commit(mode),
            State::Closed(file) => file.commit(mode),
            State::Gone => Ok(()),
        }
    }
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.state {
            State::Open(file) => file.write(bytes),
            State::Closed(_) | State::Gone => Ok(0),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.state {
            State::Open(file) => file.flush(),
            State::Closed(_) | State::Gone => Ok(()),
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // Removed first and forgotten then.
        self.state = State::Gone;
        live().remove(&self.path);
    }
}

/// A [`PendingFile`] that the library writes and commits, and that a signal removes too.
#[derive(Debug, Default)]
pub(crate) struct Lent {
    path: Option<PathBuf>,
}

impl Lent {
    pub(crate) fn create(&mut self, target: &Path) -> Result<PendingFile, FileError> {
        let mut live = live();
        let file = PendingFile::create(target, Overwrite::Replace)?;
        let path = file.path().to_path_buf();
        live.insert(path.clone());
        self.path = Some(path);
        Ok(file)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            live().remove(path);
        }
    }
}
