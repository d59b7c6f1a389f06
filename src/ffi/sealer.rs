//! The sealing machine: images are pushed in, sealed bytes are peeked at and consumed.

mod machine;

use core::ffi::c_char;

use super::description::{Description, secimg_description};
use super::fail::Fail;
use super::guard::{guard, release, value};
use super::handle::{Handle, borrow, borrow_mut, create, free};
use super::memory::{bytes, lend, put, put_bytes, write_text};
use super::seal_options::secimg_seal_options;
use super::status::secimg_status;
pub(super) use machine::Machine;

/// The machine takes bytes now.
pub const SECIMG_STATE_WANTS_INPUT: u32 = 1;
/// Bytes wait: peek and consume.
pub const SECIMG_STATE_HAS_OUTPUT: u32 = 2;
/// Sealer: the stream is whole and all of it was consumed. Opener: the end was reached and everything holds; call
/// `secimg_opener_finish`.
pub const SECIMG_STATE_DONE: u32 = 4;
/// An error ended the work; only `_error` and `_free` are of use. (Of an opener, the next call returns the error.)
pub const SECIMG_STATE_FAILED: u32 = 8;
/// Opener: an event other than `SECIMG_EVENT_DATA` waits.
pub const SECIMG_STATE_HAS_EVENT: u32 = 16;

/// The length of an item is not known before its end.
pub const SECIMG_LENGTH_UNKNOWN: u64 = u64::MAX;

/// How many of an image's first bytes are looked at to recognise its format.
pub const SECIMG_SNIFF_LEN: usize = 65536;

const _: () = assert!(SECIMG_SNIFF_LEN == crate::image::SNIFF_LEN);

/// Seals a stream, in memory of a few chunks, for sockets of the caller's own: nothing here reads or writes.
#[derive(Debug)]
pub struct secimg_sealer {
    _opaque: [u8; 0],
}

impl Handle for secimg_sealer {
    type Inner = Machine;
    const TAG: u32 = 0x5EC1_0011;
}

/// Starts a stream. The header waits as output at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_new(
    options: *const secimg_seal_options,
    out: *mut *mut secimg_sealer,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let make = || Machine::new(&unsafe { borrow(options)? }.options);
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Starts an image of `length` bytes (`SECIMG_LENGTH_UNKNOWN` where that is not known; a known one costs less).
/// `description` may be `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_start_item(
    sealer: *mut secimg_sealer,
    description: *const secimg_description,
    length: u64,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let mut machine = unsafe { borrow_mut(sealer)? };
        // SAFETY: as the module says.
        let description = unsafe { Description::read(description)? };
        machine.start_item(
            description,
            (length != SECIMG_LENGTH_UNKNOWN).then_some(length),
        )
    })
}

/// Takes bytes of the image: as many as there is room for, `*consumed`, which is 0 while output waits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_push(
    sealer: *mut secimg_sealer,
    data: *const u8,
    len: usize,
    consumed: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { put(consumed, 0)? };
        // SAFETY: as the module says.
        let data = unsafe { bytes(data, len)? };
        // SAFETY: as the module says.
        let taken = unsafe { borrow_mut(sealer)? }.push(data)?;
        // SAFETY: as the module says.
        unsafe { put(consumed, taken) }
    })
}

/// Ends the image. It must have the length that was said.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_end_item(sealer: *mut secimg_sealer) -> secimg_status {
    // SAFETY: as the module says.
    guard(|| unsafe { borrow_mut(sealer)? }.end_item())
}

/// Between images: pads to the end of a chunk, so that everything before can be sent and opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_flush(sealer: *mut secimg_sealer) -> secimg_status {
    // SAFETY: as the module says.
    guard(|| unsafe { borrow_mut(sealer)? }.flush())
}

/// Between images: signs everything before (in a stream that is not signed, marks it as whole) and ends the chunk.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_checkpoint(sealer: *mut secimg_sealer) -> secimg_status {
    // SAFETY: as the module says.
    guard(|| unsafe { borrow_mut(sealer)? }.checkpoint())
}

/// Ends the stream, and signs it. What waits then is the rest of it: consume until the state has
/// `SECIMG_STATE_DONE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_finish(sealer: *mut secimg_sealer) -> secimg_status {
    // SAFETY: as the module says.
    guard(|| unsafe { borrow_mut(sealer)? }.finish())
}

/// Lends the sealed bytes that come next, without copying them: `*len` of them, 0 where none wait. There may be more
/// behind them. They are good until the next call that changes the sealer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_peek(
    sealer: *const secimg_sealer,
    data: *mut *const u8,
    len: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let ready = unsafe { borrow(sealer)? }.peek()?;
        // SAFETY: as the module says.
        unsafe { lend(ready, data, len) }
    })
}

/// Says that the first `len` of the bytes that were lent are sent or stored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_consume(
    sealer: *mut secimg_sealer,
    len: usize,
) -> secimg_status {
    // SAFETY: as the module says.
    guard(|| unsafe { borrow_mut(sealer)? }.consume(len))
}

/// Returns a sum of `SECIMG_STATE_*`; `SECIMG_STATE_FAILED` for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_state(sealer: *const secimg_sealer) -> u32 {
    value(SECIMG_STATE_FAILED, || {
        // SAFETY: as the module says.
        Ok(unsafe { borrow(sealer)? }.state())
    })
}

/// Stores the stream's name, `SECIMG_TRANSFER_ID_LEN` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_transfer_id(
    sealer: *const secimg_sealer,
    out: *mut u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let id = unsafe { borrow(sealer)? }.transfer_id();
        // SAFETY: as the module says.
        unsafe { put_bytes(out, &id) }
    })
}

/// Copies why the sealer failed into `buffer`, as `secimg_last_error` does, whatever other calls did since.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_error(
    sealer: *const secimg_sealer,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    // SAFETY: as the module says.
    let text = value("".into(), || Ok(unsafe { borrow(sealer)? }.error()));
    // SAFETY: as the module says.
    unsafe { write_text(&text, buffer, capacity) }
}

/// Frees a sealer and wipes what it held. A stream that was not finished is refused by every reader.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealer_free(sealer: *mut secimg_sealer) {
    // SAFETY: as the module says.
    release(|| unsafe { free(sealer) });
}

impl Fail {
    /// What a machine answers after it failed.
    pub(super) fn after(earlier: &Self) -> Self {
        Self {
            text: format!("an earlier call failed: {}", earlier.text).into(),
            ..Self::state("")
        }
    }
}
