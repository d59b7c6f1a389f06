//! Why a part cannot be had or go on.

use std::io;

use thiserror::Error;

/// Why a part cannot be claimed, read or appended to.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PartError {
    /// Somebody else has it.
    #[error("another connection is at work on this part")]
    Busy,
    /// Somebody else took it, or it was removed.
    #[error("another connection has taken this part over")]
    Taken,
    /// The key cannot be a file's name.
    #[error("no key of a part: 1 to 128 letters, digits, - and _")]
    Key,
    /// All parts together would have more than they may.
    #[error("there is no room for another part of a stream")]
    Full,
    /// The system failed.
    #[error("keeping a part of a stream failed")]
    Io(#[from] io::Error),
}

impl From<PartError> for io::Error {
    fn from(error: PartError) -> Self {
        match error {
            PartError::Io(error) => error,
            PartError::Full => Self::new(io::ErrorKind::StorageFull, error),
            error => Self::other(error),
        }
    }
}
