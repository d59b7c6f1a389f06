//! Why the stream in a file could not be rewrapped.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::stream::{OpenError, SealError};

use super::super::error::ReadError;
use super::super::file::FileError;
use super::super::names::escape_hidden;

/// Why the stream in a file could not be rewrapped.
///
/// The stream is as it was, or was recovered to what it was, but for [`RewrapFileError::Unfinished`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RewrapFileError {
    /// The stream cannot be read or is refused.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The new recipients cannot be used.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The file or its folder does not allow it.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another rewrap of the same file is at work.
    #[error("another rewrap of {} is running; wait until it is done", shown(.0))]
    Busy(PathBuf),
    /// Under the name of the backup lies one of another stream, or of a block of another length.
    #[error(
        "{} is the backup of another stream than the one beside it; move it away, or put its stream \
         back, and try again", shown(.0)
    )]
    BackupOfAnother(PathBuf),
    /// Under the name of the backup lies something else.
    #[error("{} stands where the backup must be, and is none; move it away", shown(.0))]
    NoBackup(PathBuf),
    /// The disk failed on the way, and so did putting the old block back.
    #[error(
        "rewrapping {} was not finished: {}; the backup beside it holds the old recipients, and the \
         next rewrap puts them back", shown(.0), .1
    )]
    Unfinished(PathBuf, #[source] io::Error),
}

impl From<OpenError> for RewrapFileError {
    fn from(error: OpenError) -> Self {
        Self::Read(error.into())
    }
}

fn shown(path: &Path) -> String {
    escape_hidden(&path.to_string_lossy())
}
