//! Slices, strings and out parameters: everything that comes as an address and a length.

use core::ffi::{CStr, c_char, c_void};
use core::{ptr, slice};
use std::ffi::CString;

use zeroize::Zeroize;

use super::fail::Fail;
use super::guard::release;

/// No object is longer than this (C: `PTRDIFF_MAX`).
const LONGEST: usize = isize::MAX.cast_unsigned();

/// Memory of the library's, whose length is known only when it is there. Never `free()` it.
#[repr(C)]
#[derive(Debug)]
pub struct secimg_buf {
    /// The first byte; `NULL` where there is none.
    pub data: *mut u8,
    /// How many bytes there are.
    pub len: usize,
}

/// Wipes and frees what is in a buffer, and empties it. `NULL` and an empty buffer are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_buf_free(buf: *mut secimg_buf) {
    release(|| {
        if buf.is_null() {
            return;
        }
        // SAFETY: the caller's buffer.
        let taken = unsafe { buf.replace(EMPTY) };
        if !taken.data.is_null() {
            let bytes = ptr::slice_from_raw_parts_mut(taken.data, taken.len);
            // SAFETY: `give_buf` made it from a box of this length.
            let mut bytes = unsafe { Box::from_raw(bytes) };
            bytes.zeroize();
        }
    });
}

const EMPTY: secimg_buf = secimg_buf {
    data: ptr::null_mut(),
    len: 0,
};

/// Empties an out parameter of this type before anything can fail.
pub(super) unsafe fn clear_buf(out: *mut secimg_buf) -> Result<(), Fail> {
    // SAFETY: the caller's out parameter.
    unsafe { put(out, EMPTY) }
}

/// Hands over bytes, which [`secimg_buf_free`] takes back.
pub(super) unsafe fn give_buf(out: *mut secimg_buf, bytes: Box<[u8]>) -> Result<(), Fail> {
    let len = bytes.len();
    let data = if len == 0 {
        ptr::null_mut()
    } else {
        Box::into_raw(bytes).cast()
    };
    // SAFETY: the caller's out parameter.
    unsafe { put(out, secimg_buf { data, len }) }
}

/// Copies text for C; a NUL inside, which C would take for its end, becomes U+FFFD.
pub(super) fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{FFFD}")).unwrap_or_default()
}

/// Borrows the caller's bytes.
pub(super) unsafe fn bytes<'a>(data: *const u8, len: usize) -> Result<&'a [u8], Fail> {
    check_length(data.is_null(), len)?;
    if len == 0 {
        return Ok(&[]);
    }
    // SAFETY: not NULL and not too long, and the caller's for `len` bytes.
    Ok(unsafe { slice::from_raw_parts(data, len) })
}

pub(super) fn check_length(is_null: bool, len: usize) -> Result<(), Fail> {
    if is_null && len > 0 {
        return Err(Fail::null());
    }
    if len > LONGEST {
        return Err(Fail::argument("a length that no object can have"));
    }
    Ok(())
}

/// Borrows the caller's string.
pub(super) unsafe fn text<'a>(text: *const c_char) -> Result<&'a str, Fail> {
    if text.is_null() {
        return Err(Fail::null());
    }
    // SAFETY: not NULL, and ended by NUL.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str()
        .map_err(|_| Fail::argument("text that is not UTF-8"))
}

/// Stores a value in an out parameter.
pub(super) unsafe fn put<T>(out: *mut T, value: T) -> Result<(), Fail> {
    if out.is_null() {
        return Err(Fail::null());
    }
    // SAFETY: the caller's out parameter.
    unsafe { out.write(value) };
    Ok(())
}

/// Stores an array in an out parameter, which has room for it.
pub(super) unsafe fn put_bytes(out: *mut u8, value: &[u8]) -> Result<(), Fail> {
    if out.is_null() {
        return Err(Fail::null());
    }
    // SAFETY: the caller's out parameter, which does not overlap what is ours.
    unsafe { ptr::copy_nonoverlapping(value.as_ptr(), out, value.len()) };
    Ok(())
}

/// Lends bytes to the caller. An empty slice has a length of 0 and no address.
pub(super) unsafe fn lend(value: &[u8], data: *mut *const u8, len: *mut usize) -> Result<(), Fail> {
    let address = if value.is_empty() {
        ptr::null()
    } else {
        value.as_ptr()
    };
    if data.is_null() || len.is_null() {
        return Err(Fail::null());
    }
    // SAFETY: the caller's out parameter.
    unsafe { data.write(address) };
    // SAFETY: the caller's out parameter.
    unsafe { len.write(value.len()) };
    Ok(())
}

/// The caller's buffer for output: checked, and not touched before it is known that it will be filled.
pub(super) struct Output {
    data: *mut u8,
    pub(super) capacity: usize,
}

impl Output {
    pub(super) fn new(data: *mut u8, capacity: usize) -> Result<Self, Fail> {
        check_length(data.is_null(), capacity)?;
        Ok(Self { data, capacity })
    }

    /// Refuses a buffer that shares memory with `input`.
    pub(super) fn apart_from(&self, input: &[u8]) -> Result<(), Fail> {
        let (start, other) = (self.data.addr(), input.as_ptr().addr());
        let apart = start.saturating_add(self.capacity) <= other
            || other.saturating_add(input.len()) <= start;
        if apart || self.capacity == 0 || input.is_empty() {
            return Ok(());
        }
        Err(Fail::argument("output and input overlap"))
    }

    /// Lends the first `len` bytes, as zeros: what C hands over need not have been written before.
    ///
    /// # Safety
    /// The buffer is the caller's, and nothing else of this call refers to it.
    pub(super) unsafe fn zeroed<'a>(&self, len: usize) -> &'a mut [u8] {
        let len = len.min(self.capacity);
        if len == 0 {
            return &mut [];
        }
        // SAFETY: the caller's buffer of at least `len` bytes.
        unsafe { self.data.write_bytes(0, len) };
        // SAFETY: the same, and now it is written.
        unsafe { slice::from_raw_parts_mut(self.data, len) }
    }
}

/// Copies text into the caller's buffer as `snprintf` does: cut where it must be, but not inside a character,
/// ended by NUL, and its whole length is returned.
pub(super) unsafe fn write_text(text: &str, buffer: *mut c_char, capacity: usize) -> usize {
    if buffer.is_null() || capacity == 0 {
        return text.len();
    }
    let cut = text.floor_char_boundary(capacity - 1);
    // SAFETY: the caller's buffer has at least `cut + 1` bytes.
    unsafe { ptr::copy_nonoverlapping(text.as_ptr(), buffer.cast(), cut) };
    // SAFETY: inside the buffer.
    let end = unsafe { buffer.add(cut) };
    // SAFETY: inside the buffer.
    unsafe { end.write(0) };
    text.len()
}

/// Overwrites memory with zeros, in a way that no compiler leaves out. `NULL` with a length of 0 is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_memzero(memory: *mut c_void, len: usize) {
    release(|| {
        if let Ok(output) = Output::new(memory.cast(), len) {
            // SAFETY: the caller's memory.
            unsafe { output.zeroed(len) }.zeroize();
        }
    });
}
