//! The caller's memory of a raw frame: rows, and between them bytes that are somebody else's.
//!
//! Those bytes may never have been written, and another thread may be writing them now: a part of a larger picture has
//! another part beside it. So no reference ever covers them; where there are gaps, rows are copied one by one.

use core::ffi::c_void;
use core::{ptr, slice};

use zeroize::Zeroizing;

use crate::image::{FrameLayout, FrameMut, RawFrame, frame_span};

use super::fail::Fail;
use super::frame_layout::secimg_frame_layout;
use super::memory::{Output, check_length};

/// Where rows lie, counted from the first byte.
#[derive(Clone, Copy)]
struct Rows {
    count: usize,
    bytes: usize,
    stride: usize,
    /// From the first byte of the first row to the last of the last.
    span: usize,
}

impl Rows {
    /// Finds out where the rows of such a frame lie in `len` bytes; a stride of 0 stands for rows without a gap.
    fn find(layout: &FrameLayout, len: usize, stride: usize) -> Result<Self, Fail> {
        let stride = match stride {
            0 => usize::try_from(layout.row_bytes()).unwrap_or(usize::MAX),
            stride => stride,
        };
        let (bytes, span) = frame_span(layout, stride, len)?;
        Ok(Self {
            count: usize::try_from(layout.rows).unwrap_or(usize::MAX),
            bytes,
            stride,
            span,
        })
    }

    const fn has_gaps(&self) -> bool {
        self.count > 1 && self.stride > self.bytes
    }

    const fn packed_bytes(&self) -> usize {
        self.count * self.bytes
    }

    /// Returns where each row begins, in memory and where there are no gaps.
    fn offsets(self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.count).map(move |row| (row * self.stride, row * self.bytes))
    }
}

/// The samples of a frame that is to be sealed.
pub(super) struct Samples<'a> {
    layout: FrameLayout,
    bytes: Bytes<'a>,
}

enum Bytes<'a> {
    Borrowed(&'a [u8]),
    Copied(Zeroizing<Vec<u8>>),
}

impl Samples<'_> {
    /// Borrows the caller's samples where there are no gaps, and copies the rows where there are.
    pub(super) unsafe fn read(
        layout: *const secimg_frame_layout,
        samples: *const c_void,
        len: usize,
        stride: usize,
    ) -> Result<Self, Fail> {
        // SAFETY: the caller's struct.
        let layout = unsafe { secimg_frame_layout::read(layout)? };
        check_length(samples.is_null(), len)?;
        let rows = Rows::find(&layout, len, stride)?;
        let from: *const u8 = samples.cast();
        let bytes = if rows.has_gaps() {
            // SAFETY: the caller's memory, in which the rows lie.
            Bytes::Copied(unsafe { copy_rows(from, rows)? })
        } else {
            // SAFETY: the caller's memory, all of it samples.
            Bytes::Borrowed(unsafe { slice::from_raw_parts(from, rows.span) })
        };
        Ok(Self { layout, bytes })
    }

    pub(super) fn len(&self) -> usize {
        self.as_bytes().len()
    }

    fn as_bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Borrowed(bytes) => bytes,
            Bytes::Copied(bytes) => bytes,
        }
    }

    pub(super) fn frame(&self) -> Result<RawFrame<'_>, Fail> {
        Ok(RawFrame::new(self.as_bytes(), self.layout)?)
    }
}

unsafe fn copy_rows(from: *const u8, rows: Rows) -> Result<Zeroizing<Vec<u8>>, Fail> {
    let mut copy = room_for(rows)?;
    for (there, here) in rows.offsets() {
        let to = &mut copy[here..here + rows.bytes];
        // SAFETY: inside the span of the rows.
        let row = unsafe { from.add(there) };
        // SAFETY: a row of the caller's, which is not ours.
        unsafe { ptr::copy_nonoverlapping(row, to.as_mut_ptr(), rows.bytes) };
    }
    Ok(copy)
}

/// Takes memory for the samples alone, as zeros.
fn room_for(rows: Rows) -> Result<Zeroizing<Vec<u8>>, Fail> {
    let mut room = Zeroizing::new(Vec::new());
    room.try_reserve_exact(rows.packed_bytes())
        .map_err(|_| Fail::no_memory())?;
    room.resize(rows.packed_bytes(), 0);
    Ok(room)
}

/// The caller's memory that takes a frame.
pub(super) struct Place {
    layout: FrameLayout,
    rows: Rows,
    data: *mut u8,
    output: Output,
}

impl Place {
    pub(super) unsafe fn new(
        layout: *const secimg_frame_layout,
        samples: *mut c_void,
        len: usize,
        stride: usize,
    ) -> Result<Self, Fail> {
        // SAFETY: the caller's struct.
        let layout = unsafe { secimg_frame_layout::read(layout)? };
        let data: *mut u8 = samples.cast();
        let output = Output::new(data, len)?;
        let rows = Rows::find(&layout, len, stride)?;
        Ok(Self {
            layout,
            rows,
            data,
            output,
        })
    }

    /// Refuses memory that it shares with `input`.
    pub(super) fn apart_from(&self, input: &[u8]) -> Result<(), Fail> {
        self.output.apart_from(input)
    }

    /// Lets `work` fill the rows, which are zeros where it fails.
    ///
    /// # Safety
    /// The rows are the caller's, and nothing else of this call refers to them.
    pub(super) unsafe fn fill(
        &self,
        work: impl FnOnce(&mut FrameMut<'_>) -> Result<(), Fail>,
    ) -> Result<(), Fail> {
        if self.rows.has_gaps() {
            // SAFETY: as this function says.
            unsafe { self.write_rows(None) };
            let mut samples = room_for(self.rows)?;
            work(&mut FrameMut::new(&mut samples, self.layout)?)?;
            // SAFETY: as this function says.
            unsafe { self.write_rows(Some(&samples)) };
            return Ok(());
        }
        // SAFETY: as this function says.
        let samples = unsafe { self.output.zeroed(self.rows.span) };
        work(&mut FrameMut::new(samples, self.layout)?)
    }

    /// Writes the rows, or zeros.
    unsafe fn write_rows(&self, packed: Option<&[u8]>) {
        for (there, here) in self.rows.offsets() {
            // SAFETY: inside the span of the rows.
            let row = unsafe { self.data.add(there) };
            match packed {
                // SAFETY: a row of the caller's.
                None => unsafe { row.write_bytes(0, self.rows.bytes) },
                Some(samples) => {
                    let from = &samples[here..here + self.rows.bytes];
                    // SAFETY: a row of the caller's, which is not ours.
                    unsafe { ptr::copy_nonoverlapping(from.as_ptr(), row, self.rows.bytes) };
                }
            }
        }
    }
}
