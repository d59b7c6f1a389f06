//! Folders inside a folder, entered without ever leaving it (floor 5).
//!
//! A path from inside a stream (`study/1.dcm`) becomes folders under one that the reader chose. Whoever
//! else can write there may have put a symbolic link in the way, or may put one there while files are
//! being written. So each step looks at what it enters: a link is refused, and what was opened must be
//! what was looked at.
//!
//! | system | while a file is written in an entered folder |
//! | --- | --- |
//! | Linux with `/proc` | the folder is held open, and named by that: nothing that happens to its path matters |
//! | others | the path was right when it was looked at; who can write in the folder above could exchange it a moment later |

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::names::{NameError, check_name, escape_hidden};

#[cfg(test)]
mod tests;

/// Why a folder was not entered. Messages name the folder.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The name is none that a folder may have.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A symbolic link stands where the folder should be: it could lead anywhere.
    #[error("{} is a symbolic link, which is not followed; remove it, or choose another folder", shown(.0))]
    Link(PathBuf),
    /// A file stands where the folder should be.
    #[error("{} is no folder", shown(.0))]
    NotAFolder(PathBuf),
    /// Between two looks another folder took the place of this one.
    #[error("{} changed while it was entered", shown(.0))]
    Changed(PathBuf),
    /// The operating system refused; the text says what was being done.
    #[error("cannot {} the folder {}", .1, shown(.0))]
    Io(PathBuf, &'static str, #[source] io::Error),
}

/// A folder that exists, and whose path was checked step by step.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// How the system is asked for it.
    reach: PathBuf,
    /// What `reach` names, where it names an open file.
    _held: Option<fs::File>,
}

impl Folder {
    /// Opens a folder that the caller chose. Links in this path are the caller's, and are followed.
    ///
    /// # Errors
    /// [`FolderError::NotAFolder`], [`FolderError::Io`].
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let found = fs::metadata(path).map_err(|error| failed(path, "look at", error))?;
        Self::held(path.to_path_buf(), path, &found)
    }

    /// Returns the path, for people.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path under which a file called `name` is created in this folder. It is good for as
    /// long as the folder is not dropped, and may be nothing to show.
    ///
    /// # Errors
    /// [`FolderError::Name`].
    pub fn target(&self, name: &str) -> Result<PathBuf, FolderError> {
        check_name(name)?;
        Ok(self.reach.join(name))
    }

    /// Enters a folder in this one.
    ///
    /// # Errors
    /// [`FolderError`]; [`FolderError::Link`] for a symbolic link, wherever it leads.
    pub fn enter(&self, name: &str) -> Result<Self, FolderError> {
        let (path, reach) = (self.path.join(name), self.target(name)?);
        let found =
            fs::symlink_metadata(&reach).map_err(|error| failed(&path, "look at", error))?;
        if found.is_symlink() {
            return Err(FolderError::Link(path));
        }
        Self::held(path, &reach, &found)
    }

    /// Enters a folder in this one, and creates it first where nothing of that name is there. Says
    /// whether it did.
    ///
    /// # Errors
    /// As [`Folder::enter`].
    pub fn enter_or_create(&self, name: &str) -> Result<(Self, bool), FolderError> {
        let created = match fs::create_dir(self.target(name)?) {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            Err(error) => return Err(failed(&self.path.join(name), "create", error)),
        };
        self.enter(name).map(|folder| (folder, created))
    }

    /// Removes a folder in this one, if it is empty.
    ///
    /// # Errors
    /// [`FolderError::Name`], [`FolderError::Io`].
    pub fn remove_empty(&self, name: &str) -> Result<(), FolderError> {
        let removed = fs::remove_dir(self.target(name)?);
        removed.map_err(|error| failed(&self.path.join(name), "remove", error))
    }

    #[cfg(unix)]
    fn held(path: PathBuf, reach: &Path, found: &Metadata) -> Result<Self, FolderError> {
        if !found.is_dir() {
            return Err(FolderError::NotAFolder(path));
        }
        // The dot makes the system refuse what is no folder; a pipe would be waited for.
        let held = fs::File::open(reach.join(".")).map_err(|error| failed(&path, "open", error))?;
        let opened = held
            .metadata()
            .map_err(|error| failed(&path, "look at", error))?;
        if !is_same(&opened, found) {
            return Err(FolderError::Changed(path));
        }
        match by_handle(&held, &opened) {
            Some(reach) => Ok(Self {
                path,
                reach,
                _held: Some(held),
            }),
            None => Ok(Self {
                path,
                reach: reach.to_path_buf(),
                _held: None,
            }),
        }
    }

    #[cfg(not(unix))]
    fn held(path: PathBuf, reach: &Path, found: &Metadata) -> Result<Self, FolderError> {
        if !found.is_dir() {
            return Err(FolderError::NotAFolder(path));
        }
        Ok(Self {
            path,
            reach: reach.to_path_buf(),
            _held: None,
        })
    }
}

/// The path that names an open folder whatever becomes of its own path, where the system has one.
#[cfg(unix)]
fn by_handle(held: &fs::File, opened: &Metadata) -> Option<PathBuf> {
    use std::os::fd::AsRawFd;
    if !cfg!(target_os = "linux") {
        return None;
    }
    let reach = PathBuf::from(format!("/proc/self/fd/{}", held.as_raw_fd()));
    let reached = fs::metadata(&reach).ok()?;
    is_same(&reached, opened).then_some(reach)
}

#[cfg(unix)]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    a.is_dir() == b.is_dir() && a.dev() == b.dev() && a.ino() == b.ino()
}

fn failed(path: &Path, doing: &'static str, error: io::Error) -> FolderError {
    FolderError::Io(path.to_path_buf(), doing, error)
}

fn shown(path: &Path) -> String {
    escape_hidden(&path.to_string_lossy())
}
