//! Raw frames: samples in somebody's memory, as a camera, a modality or a `cv::Mat` has them.
//!
//! A frame is borrowed, read and written: never kept. Between its rows may lie bytes that are not of it, such as the
//! padding of an allocator or the rest of a larger picture: they are neither read nor written.

mod coding;
mod destination;
mod error;
mod rows;

pub use coding::{Compression, Transform};
pub use destination::FrameMut;
pub use error::{CodingError, FrameError};

use zeroize::Zeroizing;

use crate::format::FrameLayout;
use crate::hash::Sha256Stream;

/// A frame to be sealed, in the caller's memory.
///
/// ```
/// use secimg::image::{FrameLayout, PhotometricInterpretation, RawFrame, SampleType};
///
/// // A part of a larger picture: 2 rows of 3 BGR pixels, 640 pixels apart.
/// let picture = vec![7_u8; 480 * 640 * 3];
/// let layout = FrameLayout::new(2, 3, SampleType::U8)
///     .photometric_interpretation(PhotometricInterpretation::Bgr);
/// let part = RawFrame::with_stride(&picture[100..], layout, 640 * 3)?;
/// assert_eq!(part.rows().count(), 2);
/// assert_eq!(part.packed_bytes(), 2 * 3 * 3);
/// # Ok::<(), secimg::image::FrameError>(())
/// ```
#[derive(Clone, Copy)]
pub struct RawFrame<'a> {
    layout: FrameLayout,
    bytes: &'a [u8],
    stride: usize,
    row_bytes: usize,
}

impl<'a> RawFrame<'a> {
    /// Borrows a frame whose rows follow one another without a gap.
    ///
    /// # Errors
    /// As [`RawFrame::with_stride`].
    pub fn new(bytes: &'a [u8], layout: FrameLayout) -> Result<Self, FrameError> {
        let stride = usize::try_from(layout.row_bytes()).unwrap_or(usize::MAX);
        Self::with_stride(bytes, layout, stride)
    }

    /// Borrows a frame whose rows begin `stride` bytes apart. The buffer may be longer than the frame, and its last row
    /// needs no padding.
    ///
    /// # Errors
    /// [`FrameError::Layout`], [`FrameError::Stride`] and [`FrameError::Buffer`].
    pub fn with_stride(
        bytes: &'a [u8],
        layout: FrameLayout,
        stride: usize,
    ) -> Result<Self, FrameError> {
        let (row_bytes, needed) = frame_span(&layout, stride, bytes.len())?;
        Ok(Self {
            layout,
            bytes: bytes.get(..needed).unwrap_or_default(),
            stride,
            row_bytes,
        })
    }

    /// Returns what the samples are.
    #[must_use]
    pub const fn layout(&self) -> &FrameLayout {
        &self.layout
    }

    /// Returns how far apart rows begin, in bytes.
    #[must_use]
    pub const fn stride(&self) -> usize {
        self.stride
    }

    /// Returns how many bytes the samples have, without what lies between rows.
    #[must_use]
    pub fn packed_bytes(&self) -> u64 {
        self.layout.packed_bytes()
    }

    /// Returns the rows from the first to the last, each without what lies behind it.
    pub fn rows(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let row_bytes = self.row_bytes;
        // The last row may be shorter than a stride.
        let rows = self.bytes.chunks(self.stride);
        rows.map(move |row| row.get(..row_bytes).unwrap_or_default())
    }

    /// Returns the samples as one array, where nothing lies between rows.
    #[must_use]
    pub fn packed(&self) -> Option<&'a [u8]> {
        (self.stride == self.row_bytes).then_some(self.bytes)
    }

    /// Returns the SHA-256 of the samples, without what lies between rows.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        let mut hash = Sha256Stream::new();
        match self.packed() {
            Some(all) => hash.update(all),
            None => self.rows().for_each(|row| hash.update(row)),
        }
        hash.finalize()
    }

    /// Returns the samples in a smaller form, where `compression` asks for one.
    ///
    /// [`FrameMut::decode`] gives them back to the bit.
    #[must_use]
    pub fn compress(&self, compression: Compression) -> Option<(Transform, Zeroizing<Vec<u8>>)> {
        coding::compress(self, compression)
    }

    fn row(&self, number: usize) -> &'a [u8] {
        let start = number.saturating_mul(self.stride);
        let rest = self.bytes.get(start..).unwrap_or_default();
        rest.get(..self.row_bytes).unwrap_or_default()
    }
}

impl core::fmt::Debug for RawFrame<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("RawFrame")
            .field("layout", &self.layout)
            .field("stride", &self.stride)
            .finish_non_exhaustive()
    }
}

/// Tells whether a frame of this layout lies in a buffer of `given` bytes; returns the bytes of a row, and how much of the
/// buffer the frame needs.
pub(crate) fn frame_span(
    layout: &FrameLayout,
    stride: usize,
    given: usize,
) -> Result<(usize, usize), FrameError> {
    layout.check()?;
    let row_bytes = layout.row_bytes();
    let step = u64::try_from(stride).unwrap_or(u64::MAX);
    if step < row_bytes {
        return Err(FrameError::Stride { stride, row_bytes });
    }
    let gaps = u64::from(layout.rows).saturating_sub(1);
    let needed = step.saturating_mul(gaps).saturating_add(row_bytes);
    let fits = usize::try_from(needed)
        .ok()
        .filter(|needed| *needed <= given);
    match (usize::try_from(row_bytes), fits) {
        (Ok(row_bytes), Some(needed)) => Ok((row_bytes, needed)),
        _ => Err(FrameError::Buffer { needed, given }),
    }
}
