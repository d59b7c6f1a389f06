//! Why a frame could not be taken, or not be given back.

use thiserror::Error;

use crate::format::{FrameLayout, LayoutError};

/// What can be wrong with a raw frame: on the caller's side before anything is sealed, on the stream's side
/// when it is opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// No frame has this layout.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// Rows would overlap.
    #[error("the stride is {stride} bytes, and a row has {row_bytes}")]
    Stride {
        /// From the beginning of a row to that of the next, in bytes.
        stride: usize,
        /// The bytes of a row.
        row_bytes: u64,
    },
    /// The buffer ends inside the frame.
    #[error("the frame needs a buffer of {needed} bytes, and it has {given}")]
    Buffer {
        /// `stride * (rows - 1)` and the bytes of one row.
        needed: u64,
        /// The length of the buffer in bytes.
        given: usize,
    },
    /// The buffer is for another frame.
    #[error("the buffer is for {}, and the frame is {}", said(.wanted), said(.found))]
    Shape {
        /// What the buffer is for.
        wanted: FrameLayout,
        /// What the frame is.
        found: FrameLayout,
    },
    /// The item is a file, or something else without a layout.
    #[error("the item is no raw frame: its manifest has no layout of samples")]
    NotAFrame,
    /// The samples are there in a form that this version does not know.
    #[error(
        "the frame's samples are transformed with \"{0}\", which this version does not know: a later one may"
    )]
    Transform(String),
    /// More or fewer bytes than the samples of the frame have.
    #[error("the frame has {given} bytes of samples, and its layout asks for {needed}")]
    Length {
        /// What the layout asks for.
        needed: u64,
        /// How many bytes the item has.
        given: u64,
    },
    /// More than the caller accepts.
    #[error("the frame has {bytes} bytes, and the limit is {limit}")]
    Limit {
        /// The bytes of all samples.
        bytes: u64,
        /// The caller's limit.
        limit: u64,
    },
    /// What is there is not what the coder writes.
    #[error("the compressed samples are not sound: {0}")]
    Coding(#[from] CodingError),
    /// The samples are not those that were sealed.
    #[error("the samples do not agree with their digest in the manifest")]
    Digest,
}

fn said(layout: &FrameLayout) -> String {
    format!(
        "{} rows of {} columns with {} samples of type {}",
        layout.rows,
        layout.columns,
        layout.samples_per_pixel,
        layout.sample_type.name()
    )
}

/// Where coded samples are not what a coder writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CodingError {
    /// A first byte that names no predictor.
    #[error("no predictor has the number {number} (at byte 0)")]
    Predictor {
        /// The number that stands there.
        number: u8,
    },
    /// The bytes end inside the frame.
    #[error("they end inside row {row}, at byte {offset}")]
    Truncated {
        /// The row that is not whole, counted from 0.
        row: usize,
        /// How many bytes there are.
        offset: u64,
    },
    /// Bits that are no code.
    #[error("row {row}, which ends at byte {offset}, has bits that are no code")]
    Row {
        /// The row, counted from 0.
        row: usize,
        /// The byte in which the row ends.
        offset: u64,
    },
    /// Something stands behind the last row.
    #[error("something follows the last row, which ends at byte {offset}")]
    Trailing {
        /// The byte in which the last row ends.
        offset: u64,
    },
}
