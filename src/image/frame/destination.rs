//! Where a frame goes: the caller's memory, with the caller's stride.

use zeroize::Zeroize;

use super::coding::{self, Transform};
use super::error::FrameError;
use super::{frame_span, rows};
use crate::format::{ByteOrder, FrameLayout};
use crate::hash::Sha256Stream;

/// A buffer that takes a frame: the rows of it, and nothing between them.
///
/// Whatever goes wrong on the way, the rows are wiped: no half of a frame is left.
///
/// ```
/// use secimg::image::{FrameLayout, FrameMut, RawFrame, SampleType};
///
/// let layout = FrameLayout::new(2, 3, SampleType::U8);
/// let samples = [1, 2, 3, 4, 5, 6];
/// let mut picture = [0xAA; 2 * 5];
/// let mut place = FrameMut::with_stride(&mut picture, layout, 5)?;
/// place.copy_packed(&layout, &samples)?;
/// assert_eq!(picture, [1, 2, 3, 0xAA, 0xAA, 4, 5, 6, 0xAA, 0xAA]);
/// # Ok::<(), secimg::image::FrameError>(())
/// ```
pub struct FrameMut<'a> {
    layout: FrameLayout,
    bytes: &'a mut [u8],
    stride: usize,
    row_bytes: usize,
}

impl<'a> FrameMut<'a> {
    /// Borrows a buffer whose rows follow one another without a gap.
    ///
    /// Of the layout, numbers and type of the samples must be those of the frame; the byte order is the one in which they
    /// are wanted, and the rest says nothing.
    ///
    /// # Errors
    /// As [`FrameMut::with_stride`].
    pub fn new(bytes: &'a mut [u8], layout: FrameLayout) -> Result<Self, FrameError> {
        let stride = usize::try_from(layout.row_bytes()).unwrap_or(usize::MAX);
        Self::with_stride(bytes, layout, stride)
    }

    /// Borrows a buffer whose rows begin `stride` bytes apart. What lies between rows is never touched.
    ///
    /// # Errors
    /// [`FrameError::Layout`], [`FrameError::Stride`] and [`FrameError::Buffer`].
    pub fn with_stride(
        bytes: &'a mut [u8],
        layout: FrameLayout,
        stride: usize,
    ) -> Result<Self, FrameError> {
        let (row_bytes, needed) = frame_span(&layout, stride, bytes.len())?;
        Ok(Self {
            layout,
            bytes: bytes.get_mut(..needed).unwrap_or_default(),
            stride,
            row_bytes,
        })
    }

    /// Returns what the buffer takes.
    #[must_use]
    pub const fn layout(&self) -> &FrameLayout {
        &self.layout
    }

    /// Returns the rows from the first to the last, each without what lies behind it.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut [u8]> {
        let row_bytes = self.row_bytes;
        let rows = self.bytes.chunks_mut(self.stride);
        rows.map(move |row| row.get_mut(..row_bytes).unwrap_or_default())
    }

    /// Overwrites every sample with zeros.
    pub fn wipe(&mut self) {
        self.rows_mut().for_each(<[u8]>::zeroize);
    }

    /// Tells whether the buffer is for such a frame.
    ///
    /// # Errors
    /// [`FrameError::Shape`] with both.
    pub fn check_shape(&self, found: &FrameLayout) -> Result<(), FrameError> {
        if self.layout.has_shape_of(found) {
            return Ok(());
        }
        Err(FrameError::Shape {
            wanted: self.layout,
            found: *found,
        })
    }

    /// Takes samples that follow one another without a gap, and are what `found` says.
    ///
    /// # Errors
    /// [`FrameError::Layout`], [`FrameError::Shape`] and [`FrameError::Length`]; the samples are then wiped.
    pub fn copy_packed(&mut self, found: &FrameLayout, samples: &[u8]) -> Result<(), FrameError> {
        let copied = self.try_copy(found, samples);
        self.wiping(copied)
    }

    fn try_copy(&mut self, found: &FrameLayout, samples: &[u8]) -> Result<(), FrameError> {
        found.check()?;
        self.check_shape(found)?;
        let needed = found.packed_bytes();
        let given = u64::try_from(samples.len()).unwrap_or(u64::MAX);
        if given != needed {
            return Err(FrameError::Length { needed, given });
        }
        let row_bytes = self.row_bytes;
        for (to, from) in self.rows_mut().zip(samples.chunks_exact(row_bytes)) {
            to.copy_from_slice(from);
        }
        self.reorder(found.byte_order);
        Ok(())
    }

    /// Takes compressed samples, which are what `found` says and have this SHA-256 when they are whole, in the byte order
    /// of `found`.
    ///
    /// The memory that it takes besides is that of three rows.
    ///
    /// # Errors
    /// [`FrameError::Layout`], [`FrameError::Shape`], [`FrameError::Coding`] and [`FrameError::Digest`]; the
    /// samples are then wiped.
    pub fn decode(
        &mut self,
        found: &FrameLayout,
        transform: Transform,
        coded: &[u8],
        sha256: &[u8; 32],
    ) -> Result<(), FrameError> {
        let decoded = self.try_decode(found, transform, coded, sha256);
        self.wiping(decoded)
    }

    fn try_decode(
        &mut self,
        found: &FrameLayout,
        transform: Transform,
        coded: &[u8],
        sha256: &[u8; 32],
    ) -> Result<(), FrameError> {
        found.check()?;
        self.check_shape(found)?;
        let mut hash = Sha256Stream::new();
        let mut rows = self.rows_mut();
        match transform {
            Transform::Rice1 => coding::decode(found, coded, |fill| {
                if let Some(row) = rows.next() {
                    fill(row);
                    hash.update(row);
                }
            })?,
        }
        drop(rows);
        if hash.finalize() != *sha256 {
            return Err(FrameError::Digest);
        }
        self.reorder(found.byte_order);
        Ok(())
    }

    /// Turns samples of this order into those of the buffer's own.
    pub(crate) fn reorder(&mut self, from: ByteOrder) {
        if from != self.layout.byte_order {
            let sample_type = self.layout.sample_type;
            self.rows_mut().for_each(|row| rows::swap(row, sample_type));
        }
    }

    /// Wipes the samples where something failed.
    pub(crate) fn wiping<T, E>(&mut self, result: Result<T, E>) -> Result<T, E> {
        if result.is_err() {
            self.wipe();
        }
        result
    }
}

impl core::fmt::Debug for FrameMut<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("FrameMut")
            .field("layout", &self.layout)
            .field("stride", &self.stride)
            .finish_non_exhaustive()
    }
}
