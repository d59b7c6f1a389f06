//! Files that appear under their final name only when they are whole (floor 5).
//!
//! A [`PendingFile`] is a private temporary file beside its target. Until [`PendingFile::commit`]
//! nothing stands under the target's name, and what stood there before is untouched; whatever goes
//! wrong, the temporary file goes.
//!
//! ```text
//! create: look at the target -> .secimg-RANDOM, 0600, O_EXCL
//! write ...
//! commit: mode -> fsync -> rename -> fsync of the folder
//! ```

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

pub use closed::ClosedFile;
pub use error::{FileClass, FileError};
pub use naming::Naming;

mod closed;
mod error;
mod like;
mod naming;
#[cfg(test)]
mod tests;

/// What happens to a file that already stands under the target's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overwrite {
    /// It stays, and the new file is not written.
    Refuse,
    /// It is replaced in one step. A symbolic link is replaced itself, not the file behind it.
    Replace,
}

/// Who may read a finished file. On Windows both mean what the folder's access list says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileMode {
    /// The owner alone: 0600.
    Private,
    /// Whoever may read a file that any other program creates in that folder: 0666 less the umask.
    Shared,
}

/// A file being written, which has no name of its own until it is whole. Dropping it removes it.
#[derive(Debug)]
pub struct PendingFile {
    file: NamedTempFile,
    target: PathBuf,
    overwrite: Overwrite,
    whole: bool,
}

impl PendingFile {
    /// Starts a file that will be called `target`, in the same folder.
    ///
    /// # Errors
    ///
    /// Before any work: [`FileError::Exists`] or [`FileError::Link`] when something stands there
    /// and must stay; [`FileError::Folder`] and [`FileError::Special`] for what no file may
    /// replace, also behind a link; [`FileError::NoFolder`] and [`FileError::Io`] when the
    /// temporary file cannot be created.
    pub fn create(target: &Path, overwrite: Overwrite) -> Result<Self, FileError> {
        Self::create_marked(target, overwrite, "")
    }

    /// As [`PendingFile::create`], with a mark in the temporary file's name: a program that was killed finds by
    /// it what it left behind, and [`remove_marked`] removes it.
    ///
    /// # Errors
    ///
    /// As [`PendingFile::create`].
    pub fn create_marked(
        target: &Path,
        overwrite: Overwrite,
        mark: &str,
    ) -> Result<Self, FileError> {
        let folder = folder_of(target)?;
        check_target(target, overwrite)?;
        // tempfile creates with O_EXCL and 0600, so not a byte is ever open to others.
        let file = Builder::new()
            .prefix(&format!("{PREFIX}{mark}"))
            .tempfile_in(folder)
            .map_err(|source| match source.kind() {
                ErrorKind::NotFound => FileError::NoFolder(target.into(), source),
                _ => FileError::Io(target.into(), "create a temporary file for", source),
            })?;
        Ok(Self {
            file,
            target: target.into(),
            overwrite,
            whole: true,
        })
    }

    /// The temporary file's path, for a command that ends without dropping (a signal) and must
    /// remove it.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Gives the whole file its mode and its name, and makes both survive a power failure.
    ///
    /// # Errors
    ///
    /// [`FileError::Exists`] when the name was taken meanwhile and must not be overwritten,
    /// [`FileError::Incomplete`] after a failed write, [`FileError::Io`] when the disk is full or
    /// fails. Nothing new stands under the name then, except when the last step, making the
    /// finished folder durable, is the one that failed.
    pub fn commit(self, mode: FileMode) -> Result<(), FileError> {
        #[cfg(unix)]
        return self.finish(|file, folder| set_mode(file, mode, folder));
        #[cfg(not(unix))]
        {
            let _ = mode;
            self.finish(|_, _| Ok(()))
        }
    }

    /// As [`PendingFile::commit`], for a file that takes the place of another: who may read it, and where
    /// the system allows it whose it is, stays as it was.
    ///
    /// Where the group cannot be kept, it may do no more than everybody, for it is another group.
    ///
    /// # Errors
    ///
    /// As [`PendingFile::commit`].
    pub fn commit_like(self, before: &fs::Metadata) -> Result<(), FileError> {
        self.finish(|file, _| like::make_like(file.as_file(), before))
    }

    /// Makes what was written durable and closes it, so that many files can wait for one verdict.
    ///
    /// # Errors
    ///
    /// [`FileError::Incomplete`] after a failed write, [`FileError::Io`]; the file is gone then.
    pub fn close(self) -> Result<ClosedFile, FileError> {
        ClosedFile::of(self)
    }

    fn finish(
        self,
        set_mode: impl FnOnce(&NamedTempFile, &Path) -> io::Result<()>,
    ) -> Result<(), FileError> {
        let Self {
            file,
            target,
            overwrite,
            whole,
        } = self;
        if !whole {
            return Err(FileError::Incomplete(target));
        }
        set_mode(&file, folder_of(&target)?)
            .map_err(|source| FileError::Io(target.clone(), "set the mode of", source))?;
        file.as_file()
            .sync_all()
            .map_err(|source| FileError::Io(target.clone(), "write", source))?;
        publish(file, &target, overwrite)?;
        #[cfg(unix)]
        sync_folder(folder_of(&target)?)
            .map_err(|source| FileError::Io(target, "make durable the folder of", source))?;
        Ok(())
    }
}

/// Not buffered: callers write whole chunks. After an error the file can no longer be committed.
impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.as_file_mut().write(bytes);
        self.whole &= !matches!(&written, Err(error) if error.kind() != ErrorKind::Interrupted);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

/// Removes the temporary files with this mark from a folder, and says how many there were. Only who knows that
/// nobody else uses the mark now may do this.
///
/// # Errors
///
/// The system's, from reading the folder.
pub fn remove_marked(folder: &Path, mark: &str) -> io::Result<usize> {
    let prefix = format!("{PREFIX}{mark}");
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_one = name.to_str().is_some_and(|name| name.starts_with(&prefix));
        if is_one && !mark.is_empty() && entry.file_type()?.is_file() {
            removed += usize::from(fs::remove_file(entry.path()).is_ok());
        }
    }
    Ok(removed)
}

/// The folder that `target` names a file in; `a/`, `a/.` and `a/..` name none.
pub(super) fn folder_of(target: &Path) -> Result<&Path, FileError> {
    let spelled = target.as_os_str().as_encoded_bytes();
    match (target.file_name(), target.parent()) {
        (Some(name), Some(folder)) if spelled.ends_with(name.as_encoded_bytes()) => {
            Ok(if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            })
        }
        _ => Err(FileError::Folder(target.into())),
    }
}

fn check_target(target: &Path, overwrite: Overwrite) -> Result<(), FileError> {
    let found = match fs::symlink_metadata(target) {
        Ok(found) => found,
        Err(missing) if missing.kind() == ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(FileError::Io(target.into(), "look at", source)),
    };
    // A link to a folder or to /dev/fd/1 was not meant to become a file; a dangling one may.
    match fs::metadata(target) {
        Ok(behind) if behind.is_dir() => return Err(FileError::Folder(target.into())),
        Ok(behind) if !behind.is_file() => return Err(FileError::Special(target.into())),
        _ => {}
    }
    match overwrite {
        Overwrite::Replace => Ok(()),
        Overwrite::Refuse if found.is_symlink() => Err(FileError::Link(target.into())),
        Overwrite::Refuse => Err(FileError::Exists(target.into())),
    }
}

/// Renames; both ways are one step, so that no reader ever sees half a file.
fn publish(file: NamedTempFile, target: &Path, overwrite: Overwrite) -> Result<(), FileError> {
    let renamed = match overwrite {
        Overwrite::Replace => file
            .persist(target)
            .map(drop)
            .map_err(|failure| failure.error),
        Overwrite::Refuse => match file.persist_noclobber(target) {
            Ok(_) => Ok(()),
            Err(failure) if failure.error.kind() == ErrorKind::AlreadyExists => Err(failure.error),
            Err(failure) => claim_and_rename(failure.file, target),
        },
    };
    renamed.map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => FileError::Exists(target.into()),
        _ => FileError::Io(target.into(), "give its name to", source),
    })
}

/// For file systems that know neither a rename that spares the target nor hard links (exFAT on
/// macOS, some network shares): the name is taken with an empty file that only we can have created,
/// and that one is replaced.
fn claim_and_rename(file: NamedTempFile, target: &Path) -> io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(target)?;
    file.persist(target).map(drop).map_err(|failure| {
        // The first failure is the one to report; an empty file that stays behind is seen.
        let _ = fs::remove_file(target);
        failure.error
    })
}

#[cfg(unix)]
fn set_mode(pending: &NamedTempFile, mode: FileMode, folder: &Path) -> io::Result<()> {
    let wanted = wanted_mode(mode, folder, pending.path())?;
    set_bits(pending.as_file(), wanted)
}

#[cfg(unix)]
fn wanted_mode(mode: FileMode, folder: &Path, pending: &Path) -> io::Result<u32> {
    match mode {
        FileMode::Private => Ok(0o600),
        FileMode::Shared => shared_mode(folder, pending),
    }
}

#[cfg(unix)]
fn set_bits(file: &fs::File, wanted: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // FAT has one mode for all files and refuses to set any, even its own under some mounts.
    if file.metadata()?.permissions().mode() & 0o7777 == wanted {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(wanted))
}

/// The mode that a new ordinary file gets in `folder`, read from one.
///
/// The umask cannot be read without `unsafe` (and not at all without setting it for every thread),
/// and it is not the whole rule either: access lists of the folder and mount options count too. So
/// an empty file is created, looked at and removed. The file with the image cannot serve: whoever
/// opens it while it is empty and open to all could read it later. Nor can the answer be kept for
/// longer than one stream: the folder may have other rules by then. Its name begins with that of the `pending`
/// file, so that a mark in it counts for both.
#[cfg(unix)]
fn shared_mode(folder: &Path, pending: &Path) -> io::Result<u32> {
    use std::os::unix::fs::PermissionsExt;
    let everyone = fs::Permissions::from_mode(0o666);
    let probe = Builder::new()
        .prefix(pending.file_name().unwrap_or_else(|| PREFIX.as_ref()))
        .permissions(everyone)
        .tempfile_in(folder)?;
    Ok(probe.as_file().metadata()?.permissions().mode() & 0o777)
}

/// Makes the name of a file durable that another process gave to it.
///
/// # Errors
///
/// [`FileError::Io`], and [`FileError::Folder`] for what names no file.
pub fn make_name_durable(target: &Path) -> Result<(), FileError> {
    #[cfg(unix)]
    sync_folder(folder_of(target)?)
        .map_err(|source| FileError::Io(target.into(), "make durable the folder of", source))?;
    folder_of(target).map(drop)
}

/// A rename is durable once its folder is. Folders that cannot be opened or synced (network shares)
/// are left to the system.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    let Ok(folder) = fs::File::open(folder) else {
        return Ok(());
    };
    match folder.sync_all() {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

const PREFIX: &str = ".secimg-";
