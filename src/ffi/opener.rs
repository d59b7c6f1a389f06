//! The opening machine: sealed bytes are pushed in, events and the bytes of images come out.

mod machine;

use core::ffi::c_char;
use core::ptr;

use super::guard::{guard, release, value};
use super::handle::{Handle, borrow, borrow_mut, clear, create, create_if_wanted, free};
use super::manifest::secimg_manifest;
use super::memory::{bytes, lend, put, write_text};
use super::open_options::secimg_open_options;
use super::report::{report_for_c, secimg_report};
use super::sealer::SECIMG_STATE_FAILED;
use super::status::secimg_status;
use machine::Machine;

/// Nothing waits: push more, or call `secimg_opener_finish` when the input has ended.
pub const SECIMG_EVENT_NEED_INPUT: u32 = 0;
/// Bytes of the image wait: peek and consume. Asking again gives the same answer.
pub const SECIMG_EVENT_DATA: u32 = 1;
/// An image begins: see `secimg_opener_manifest`.
pub const SECIMG_EVENT_ITEM: u32 = 2;
/// The image has a preview: see `secimg_opener_preview`.
pub const SECIMG_EVENT_PREVIEW: u32 = 3;
/// The image is whole, and its digest is right where it carries one.
pub const SECIMG_EVENT_ITEM_END: u32 = 4;
/// Everything before is whole; in a signed stream the signer says so.
pub const SECIMG_EVENT_CHECKPOINT: u32 = 5;
/// The stream's end was reached and everything holds. Asking again gives the same answer.
pub const SECIMG_EVENT_FINISHED: u32 = 6;

/// Opens a stream, in memory of a few chunks, for sockets of the caller's own: nothing here reads or writes.
///
/// Events come in the order of the stream. What comes before `secimg_opener_finish` succeeds is authentic (some
/// holder of the key made it) and not yet verified: who has used it must undo that if the end is not good.
#[derive(Debug)]
pub struct secimg_opener {
    _opaque: [u8; 0],
}

impl Handle for secimg_opener {
    type Inner = Machine;
    const TAG: u32 = 0x5EC1_0012;
}

/// Starts before the first byte of a stream. With a required signer the options must promise that output is held
/// back (`secimg_open_options_set_spooled`); otherwise this is `SECIMG_ERR_STATE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opener_new(
    options: *const secimg_open_options,
    out: *mut *mut secimg_opener,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let make = || Machine::new(unsafe { borrow(options)? }.options.clone());
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Takes bytes of the stream and none behind its end: `*consumed` of them, which may be fewer than `len`, also 0,
/// while something waits. Once, when the header is whole, it takes the time of a private-key operation or a key
/// derivation.
///
/// While an event other than `SECIMG_EVENT_DATA` waits the answer is `SECIMG_ERR_STATE`, which changes nothing: take
/// the event first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opener_push(
    opener: *mut secimg_opener,
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
        let taken = unsafe { borrow_mut(opener)? }.push(data)?;
        // SAFETY: as the module says.
        unsafe { put(consumed, taken) }
    })
}

/// Stores what comes next, one of `SECIMG_EVENT_*`. An item's begin and end, a preview and a checkpoint are taken by
/// this call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opener_event(
    opener: *mut secimg_opener,
    event: *mut u32,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { put(event, SECIMG_EVENT_NEED_INPUT)? };
        // SAFETY: as the module says.
        let next = unsafe { borrow_mut(opener)? }.event()?;
        // SAFETY: as the module says.
        unsafe { put(event, next) }
    })
}

/// Lends the bytes of the current image that come next, without copying them: `*len` of them, 0 where none wait.
/// They are good until the next call that changes the opener, and are wiped later.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opener_peek(
    opener: *const secimg_opener,
    data: *mut *const u8,
    len: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let ready = unsafe { borrow(opener)? }.peek()?;
        // SAFETY: as the module says.
        unsafe { lend(ready, data, len) }
    })
}

/// Says that the first `len` of the bytes that were lent are done with.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opener_consume(
    opener: *mut secimg_opener,
    len: usize,
) -> secimg_status {
    // SAFETY: as the module says.
    guard(|| unsafe { borrow_mut(opener)? }.consume(len))
}

/// Lends what the current image claims to be: of the last `SECIMG_EVENT_ITEM`, and until the next; `NULL` before the
/// first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opener_manifest(
    opener: *const secimg_opener,
) -> *const secimg_manifest {
    // SAFETY: as the module says.
    value(ptr::null(), || Ok(unsafe { borrow(opener)? }.manifest()))
}

/// Lends the current image's preview, until the next image; 0 bytes where it has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opener_preview(
    opener: *const secimg_opener,
    data: *mut *const u8,
    len: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let preview = unsafe { borrow(opener)? }.preview();
        // SAFETY: as the module says.
        unsafe { lend(preview, data, len) }
    })
}

/// Says that the stream has ended. Only if this succeeds is what the opener gave verified; `report` (`NULL`: not
/// wanted) then gets what is proven. `SECIMG_ERR_TRUNCATED` where the stream's end was not reached.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opener_finish(
    opener: *mut secimg_opener,
    report: *mut *mut secimg_report,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear(report) };
        // SAFETY: as the module says.
        let verified = unsafe { borrow_mut(opener)? }.finish()?;
        // SAFETY: as the module says.
        unsafe { create_if_wanted(report, || report_for_c(verified)) }
    })
}

/// Returns a sum of `SECIMG_STATE_*`; `SECIMG_STATE_FAILED` for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opener_state(opener: *const secimg_opener) -> u32 {
    value(SECIMG_STATE_FAILED, || {
        // SAFETY: as the module says.
        Ok(unsafe { borrow(opener)? }.state())
    })
}

/// Copies why the opener failed into `buffer`, as `secimg_last_error` does, whatever other calls did since.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opener_error(
    opener: *const secimg_opener,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    // SAFETY: as the module says.
    let text = value("".into(), || Ok(unsafe { borrow(opener)? }.error()));
    // SAFETY: as the module says.
    unsafe { write_text(&text, buffer, capacity) }
}

/// Frees an opener and wipes what it held.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_opener_free(opener: *mut secimg_opener) {
    // SAFETY: as the module says.
    release(|| unsafe { free(opener) });
}
