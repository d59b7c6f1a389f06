//! Reading and writing fail either because of the bytes or because of what carries them.

use std::io;

use thiserror::Error;

use crate::format::FormatError;
use crate::image::FrameError;
use crate::stream::{OpenError, SealError};

/// Why a stream could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// What carries the stream failed.
    #[error("reading failed: {0}")]
    Io(#[from] io::Error),
    /// The stream is refused.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A raw frame cannot be restored, or not into the buffer that was given for it.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// What takes the output failed.
    #[error("writing the output failed: {0}")]
    Sink(#[source] io::Error),
}

impl From<FormatError> for ReadError {
    fn from(error: FormatError) -> Self {
        Self::Open(error.into())
    }
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) | ReadError::Sink(error) => error,
            ReadError::Open(error) => Self::new(io::ErrorKind::InvalidData, error),
            ReadError::Frame(error) => Self::new(io::ErrorKind::InvalidData, error),
        }
    }
}

/// Why a stream could not be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// What takes the stream failed.
    #[error("writing failed: {0}")]
    Io(#[from] io::Error),
    /// What gives the image failed.
    #[error("reading the image failed: {0}")]
    Source(#[source] io::Error),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl From<WriteError> for io::Error {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Io(error) | WriteError::Source(error) => error,
            WriteError::Seal(error) => Self::new(io::ErrorKind::InvalidInput, error),
        }
    }
}
