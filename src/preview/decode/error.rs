//! Why there are no pixels.

use std::io;

use thiserror::Error;

/// Why an image was not decoded. None of it says that the image is bad: a decoder knows some formats, and parts of them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// A format that is not decoded here, or none that is known; its name in [`FORMATS`](crate::image::FORMATS).
    #[error("images of the format {0} are not decoded here")]
    Format(&'static str),
    /// More pixels than are decoded: see [`MAX_SIDE`](super::MAX_SIDE) and [`MAX_PIXEL_BYTES`](super::MAX_PIXEL_BYTES).
    #[error("{width} x {height} pixels are more than are decoded")]
    TooLarge {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// The decoder would have taken more memory than it may.
    #[error("decoding it takes more memory than it may")]
    Limit,
    /// A part of a format that its decoder does not know.
    #[error("its decoder does not know this kind: {0}")]
    Unsupported(String),
    /// The decoder found an error.
    #[error("it cannot be decoded: {0}")]
    Damaged(String),
    /// The decoder panicked.
    #[error("its decoder failed")]
    Panicked,
    /// This program ends where something panics, so no decoder is called.
    #[error("this program is built to abort on a panic, so nothing is decoded in it")]
    NoUnwinding,
    /// The thread for the decoder could not be started.
    #[error("the thread for the decoder cannot be started: {0}")]
    Thread(io::ErrorKind),
}
