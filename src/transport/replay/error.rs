//! What can be wrong with the folder in which accepted streams are remembered.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why the list of accepted streams cannot be read or kept.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StateError {
    /// Another receiver uses the folder.
    #[error("{}: another receiver uses this folder", .0.display())]
    InUse(PathBuf),
    /// The file is not what a receiver wrote. Without it a replay could not be told from a new stream.
    #[error(
        "{path}: damaged at byte {at}; put a sound copy back, or remove it and have old streams taken again",
        path = .0.display(),
        at = .1
    )]
    Damaged(PathBuf, u64),
    /// The system failed.
    #[error("{path}: cannot {doing}", path = .0.display(), doing = .1)]
    Io(PathBuf, &'static str, #[source] io::Error),
}
