//! One rewrap of a file at a time.
//!
//! The lock is on the stream and not on the backup: the system lets go of it when a process dies, so a
//! backup under a lock that can be had is one that was left behind.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// A file and the lock on it, if its file system knows locks.
#[derive(Debug)]
pub(super) struct LockedFile {
    pub(super) file: File,
    pub(super) is_locked: bool,
}

impl LockedFile {
    /// Nothing where somebody else holds the lock, or the name has passed to another file meanwhile.
    pub(super) fn lock(file: File, path: &Path) -> io::Result<Option<Self>> {
        let is_locked = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(_)) => false,
        };
        let locked = Self { file, is_locked };
        let stands = !is_locked || stands_at(&locked.file, path)?;
        Ok(stands.then_some(locked))
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        // Closing the file is not enough while a process that is just being started has inherited it.
        let _: io::Result<()> = self.file.unlock();
    }
}

/// A rewrap by copy leaves the old file without its name: a lock on that one protects nothing.
#[cfg(unix)]
fn stands_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (ours, named) = (file.metadata()?, std::fs::metadata(path)?);
    Ok((ours.dev(), ours.ino()) == (named.dev(), named.ino()))
}

/// Files have no number that the standard library would tell, but who opens the same one again finds it
/// locked.
#[cfg(not(unix))]
fn stands_at(_: &File, path: &Path) -> io::Result<bool> {
    Ok(File::open(path)?.try_lock_shared().is_err())
}
