//! Raw frames: sealed out of the caller's memory, and given back into it, with the caller's stride.

use core::ffi::c_void;

use crate::image::{Compression, FrameError};
use crate::oneshot::encrypt_frames;
use crate::stream::{ImageDescription, restore_frame};

use super::callbacks::check_struct;
use super::description::{Description, secimg_description};
use super::fail::Fail;
use super::frame_layout::{named, secimg_frame_layout};
use super::frame_memory::{Place, Samples};
use super::guard::guard;
use super::handle::{borrow, borrow_mut};
use super::manifest::secimg_manifest;
use super::memory::{bytes, clear_buf, give_buf, put, secimg_buf};
use super::opened::secimg_opened;
use super::reader::secimg_reader;
use super::seal_options::secimg_seal_options;
use super::sealer::secimg_sealer;
use super::status::secimg_status;

/// Samples are compressed, without loss, where it pays. How long a compressed frame is tells a little of what is on it.
pub const SECIMG_COMPRESS_AUTO: u32 = 0;
/// Samples are sealed as they are.
pub const SECIMG_COMPRESS_NEVER: u32 = 1;
/// Samples are compressed even where that saves nothing.
pub const SECIMG_COMPRESS_ALWAYS: u32 = 2;

const COMPRESSIONS: [(u32, Compression); 3] = [
    (SECIMG_COMPRESS_AUTO, Compression::Auto),
    (SECIMG_COMPRESS_NEVER, Compression::Never),
    (SECIMG_COMPRESS_ALWAYS, Compression::Always),
];

fn compression(number: u32) -> Result<Compression, Fail> {
    named(
        &COMPRESSIONS,
        number,
        "compression is not one of SECIMG_COMPRESS_*",
    )
}

impl Description {
    /// What is said of a frame, whose format is its layout.
    fn of_frame(&self) -> Result<&ImageDescription, Fail> {
        self.check()?;
        self.words_alone().ok_or_else(|| {
            Fail::argument("a raw frame has its layout, and no other format: leave secimg_description_set_format out")
        })
    }
}

/// Seals one raw frame: its samples, and nothing of what lies between its rows. Free the stream with `secimg_buf_free`.
///
/// `samples` has `samples_len` bytes, and its rows begin `stride` bytes apart (0: without a gap); the last row needs no
/// padding. `description` may be `NULL`, and says no format. `compression` is one of `SECIMG_COMPRESS_*`. Several frames
/// in one stream are sealed with `secimg_sealer_add_frame`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_encrypt_frame(
    options: *const secimg_seal_options,
    description: *const secimg_description,
    layout: *const secimg_frame_layout,
    samples: *const c_void,
    samples_len: usize,
    stride: usize,
    compression: u32,
    out: *mut secimg_buf,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear_buf(out)? };
        // SAFETY: as the module says.
        let sealing = unsafe { borrow(options)? };
        // SAFETY: as the module says.
        let description = unsafe { Description::read(description)? };
        // SAFETY: as the module says.
        let samples = unsafe { Samples::read(layout, samples, samples_len, stride)? };
        let named = description.of_frame()?.clone();
        let compression = self::compression(compression)?;
        let frame = samples.frame()?;
        let total = samples.len();
        sealing.progress.tell(0, total)?;
        let sealed = encrypt_frames(&[(frame, named)], compression, &sealing.options)?;
        sealing.progress.tell(total, total)?;
        // SAFETY: as the module says.
        unsafe { give_buf(out, sealed.into_boxed_slice()) }
    })
}

/// Between images: seals a raw frame as the next one, with the arguments of `secimg_encrypt_frame`. The samples are the
/// library's for the call only: all of the sealed frame then waits as output, in memory of about its size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_add_frame(
    sealer: *mut secimg_sealer,
    description: *const secimg_description,
    layout: *const secimg_frame_layout,
    samples: *const c_void,
    samples_len: usize,
    stride: usize,
    compression: u32,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let mut machine = unsafe { borrow_mut(sealer)? };
        // SAFETY: as the module says.
        let description = unsafe { Description::read(description)? };
        // SAFETY: as the module says.
        let samples = unsafe { Samples::read(layout, samples, samples_len, stride)? };
        let compression = self::compression(compression)?;
        machine.add_frame(samples.frame()?, description.of_frame()?, compression)
    })
}

/// Says what an item's samples are, in `*layout`, of which `struct_size` must be set. `SECIMG_ERR_INVALID_ARGUMENT` for what
/// is no raw frame.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_frame_layout(
    manifest: *const secimg_manifest,
    layout: *mut secimg_frame_layout,
) -> secimg_status {
    guard(|| {
        // SAFETY: the caller's struct.
        unsafe { check_struct(layout.cast_const())? };
        // SAFETY: as the module says.
        let entry = unsafe { borrow(manifest)? }.manifest().frame.as_ref();
        let entry = entry.ok_or(FrameError::NotAFrame)?;
        // SAFETY: as the module says.
        unsafe { put(layout, secimg_frame_layout::of(&entry.layout)) }
    })
}

/// Stores how many bytes the samples of a frame have together, without what may lie between rows.
/// `SECIMG_ERR_INVALID_ARGUMENT` for a layout that no frame can have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_frame_bytes(
    layout: *const secimg_frame_layout,
    out: *mut u64,
) -> secimg_status {
    guard(|| {
        // SAFETY: the caller's struct.
        let layout = unsafe { secimg_frame_layout::read(layout)? };
        // SAFETY: as the module says.
        unsafe { put(out, layout.packed_bytes()) }
    })
}

/// Gives a raw frame back from its manifest and all bytes of its item, as an opener hands them out: with `samples_len` bytes at
/// `samples`, rows `stride` bytes apart (0: without a gap), in the byte order of `layout`. What lies between rows is not
/// touched; after an error the samples are 0.
///
/// Rows, columns, samples a pixel and sample type of `layout` must be the frame's: see `secimg_manifest_frame_layout`. The
/// frame is authentic, and verified when `secimg_opener_finish` has succeeded.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_manifest_restore_frame(
    manifest: *const secimg_manifest,
    data: *const u8,
    data_len: usize,
    layout: *const secimg_frame_layout,
    samples: *mut c_void,
    samples_len: usize,
    stride: usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let place = unsafe { Place::new(layout, samples, samples_len, stride)? };
        // SAFETY: as the module says.
        let manifest = unsafe { borrow(manifest)? }.manifest();
        // SAFETY: as the module says.
        let data = unsafe { bytes(data, data_len)? };
        place.apart_from(data)?;
        // SAFETY: the caller's memory, and nothing else here refers to it.
        unsafe { place.fill(|frame| Ok(restore_frame(manifest, data, frame)?)) }
    })
}

/// Copies raw frame `index` of what was opened, and verified, into the caller's memory, as `secimg_manifest_restore_frame`
/// says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opened_copy_frame(
    opened: *const secimg_opened,
    index: usize,
    layout: *const secimg_frame_layout,
    samples: *mut c_void,
    samples_len: usize,
    stride: usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let place = unsafe { Place::new(layout, samples, samples_len, stride)? };
        // SAFETY: as the module says.
        let (manifest, bytes) = unsafe { borrow(opened)? }.image(index)?;
        // SAFETY: the caller's memory, and nothing else here refers to it.
        unsafe {
            place.fill(|frame| {
                let entry = manifest.frame.as_ref().ok_or(FrameError::NotAFrame)?;
                Ok(frame.copy_packed(&entry.layout, bytes)?)
            })
        }
    })
}

/// Reads the selected image, which is a raw frame, into the caller's memory, as `secimg_manifest_restore_frame` says, and stands
/// at its first byte then.
///
/// The frame is authentic. Where a signer is required the signature was verified before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_read_frame(
    reader: *mut secimg_reader,
    layout: *const secimg_frame_layout,
    samples: *mut c_void,
    samples_len: usize,
    stride: usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let place = unsafe { Place::new(layout, samples, samples_len, stride)? };
        // SAFETY: as the module says.
        let mut reader = unsafe { borrow_mut(reader)? };
        place.apart_from(reader.memory())?;
        // SAFETY: the caller's memory, and nothing else here refers to it.
        unsafe { place.fill(|frame| reader.read_frame(frame)) }
    })
}
