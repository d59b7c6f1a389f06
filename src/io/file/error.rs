//! What can go wrong with a file, and whose fault it is.

use std::io;
use std::path::{Path, PathBuf};

use super::super::names::escape_hidden;

/// Why a file was not written or read. Messages name the file and what to do; `source()` has the
/// system's reason.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Something stands under the name already.
    #[error("{} exists; --force overwrites it", shown(.0))]
    Exists(PathBuf),
    /// A symbolic link stands under the name.
    #[error("{} is a symbolic link; --force replaces the link, not what it points to", shown(.0))]
    Link(PathBuf),
    /// The name belongs to a folder, or ends like one.
    #[error("{} is a folder; name a file in it", shown(.0))]
    Folder(PathBuf),
    /// The name belongs to a device, a pipe or a socket, which cannot be replaced by a file.
    #[error("{} is a device, a pipe or a socket; name a file, or - for standard output", shown(.0))]
    Special(PathBuf),
    /// The folder that the file should be in does not exist.
    #[error("the folder of {} does not exist; create it first", shown(.0))]
    NoFolder(PathBuf, #[source] io::Error),
    /// The file to read does not exist.
    #[error("{} does not exist", shown(.0))]
    Missing(PathBuf, #[source] io::Error),
    /// The file to read is larger than anything that it could rightly be.
    #[error("{} is larger than {} bytes; is it the right file?", shown(.0), .1)]
    TooLarge(PathBuf, u64),
    /// A private file is open to group or others; the number is its mode.
    #[error(
        "{} is open to other users (mode {:04o}); make it private with chmod 600, or pass \
         --allow-shared-key",
        shown(.0), .1
    )]
    Shared(PathBuf, u32),
    /// A write had failed, so the file is not whole and was not given its name.
    #[error("{} was not written: an earlier write failed", shown(.0))]
    Incomplete(PathBuf),
    /// The operating system refused; the text says what was being done.
    #[error("cannot {} {}", .1, shown(.0))]
    Io(PathBuf, &'static str, #[source] io::Error),
}

/// Whose fault a [`FileError`] is, for a command's exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileClass {
    /// Another argument, or `chmod`, helps: an existing target, a folder, a shared or oversized key
    /// file.
    Usage,
    /// The system or the disk: a missing file or folder, no permission, no space.
    Io,
}

impl FileError {
    /// Whose fault it is.
    ///
    /// A shared key file is wrong usage rather than a refusal: a refusal (status 1) is a verdict on
    /// a stream.
    #[must_use]
    pub fn class(&self) -> FileClass {
        match self {
            Self::Exists(_)
            | Self::Link(_)
            | Self::Folder(_)
            | Self::Special(_)
            | Self::TooLarge(..)
            | Self::Shared(..) => FileClass::Usage,
            Self::NoFolder(..) | Self::Missing(..) | Self::Incomplete(_) | Self::Io(..) => {
                FileClass::Io
            }
        }
    }
}

fn shown(path: &Path) -> String {
    escape_hidden(&path.to_string_lossy())
}
