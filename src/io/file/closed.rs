//! A pending file that costs no open file: a stream may hold more images than a process may open.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use super::{FileError, FileMode, Overwrite, PendingFile};

/// A [`PendingFile`] that is whole, durable and closed. Dropping it removes it.
#[derive(Debug)]
pub struct ClosedFile {
    path: TempPath,
    identity: Identity,
    target: PathBuf,
    overwrite: Overwrite,
}

impl ClosedFile {
    pub(super) fn of(pending: PendingFile) -> Result<Self, FileError> {
        let PendingFile {
            file,
            target,
            overwrite,
            whole,
        } = pending;
        if !whole {
            return Err(FileError::Incomplete(target));
        }
        let synced = file.as_file().sync_all();
        match synced.and_then(|()| Identity::of(file.as_file())) {
            Ok(identity) => Ok(Self {
                path: file.into_temp_path(),
                identity,
                target,
                overwrite,
            }),
            Err(source) => Err(FileError::Io(target, "write", source)),
        }
    }

    /// The temporary file's path, as [`PendingFile::path`] gives it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its mode and its name, as [`PendingFile::commit`] does.
    ///
    /// # Errors
    ///
    /// As [`PendingFile::commit`], and [`FileError::Io`] when the temporary file is gone or another
    /// stands under its name.
    pub fn commit(self, mode: FileMode) -> Result<(), FileError> {
        match self.identity.reopen(&self.path) {
            Ok(file) => PendingFile {
                file: NamedTempFile::from_parts(file, self.path),
                target: self.target,
                overwrite: self.overwrite,
                whole: true,
            }
            .commit(mode),
            Err(source) => Err(FileError::Io(
                self.target,
                "find the temporary file of",
                source,
            )),
        }
    }
}

impl ClosedFile {
    /// What it will be called.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the file these mode bits and its name. Both are durable when the folder is.
    pub(super) fn name_with(self, mode: u32) -> Result<(), FileError> {
        let Self {
            path,
            identity,
            target,
            overwrite,
        } = self;
        let file = match identity.reopen(&path) {
            Ok(file) => file,
            Err(source) => {
                return Err(FileError::Io(target, "find the temporary file of", source));
            }
        };
        #[cfg(unix)]
        super::set_bits(&file, mode)
            .map_err(|source| FileError::Io(target.clone(), "set the mode of", source))?;
        #[cfg(not(unix))]
        let _ = mode;
        super::publish(NamedTempFile::from_parts(file, path), &target, overwrite)
    }
}

/// Which file it was: a folder that others may write to could hold another under the name by now, and its
/// mode is not ours to set.
#[derive(Debug)]
struct Identity {
    #[cfg(unix)]
    device_and_inode: (u64, u64),
}

impl Identity {
    #[cfg(unix)]
    fn of(file: &File) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let found = file.metadata()?;
        Ok(Self {
            device_and_inode: (found.dev(), found.ino()),
        })
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "one signature on every platform")]
    fn of(_: &File) -> io::Result<Self> {
        Ok(Self {})
    }

    /// Opened for writing, since Windows makes durable only what it may write.
    #[cfg_attr(
        not(unix),
        expect(clippy::unused_self, reason = "one signature on every platform")
    )]
    fn reopen(&self, path: &Path) -> io::Result<File> {
        let file = OpenOptions::new().write(true).open(path)?;
        #[cfg(unix)]
        if Self::of(&file)?.device_and_inode != self.device_and_inode {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(file)
    }
}
