//! Sealed bytes that come from the caller's read and seek.

use core::ffi::c_void;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};

use super::callbacks::{Owner, check_struct, secimg_release_fn};
use super::fail::Fail;

/// Where a reader gets a stream from: a file, a blob of a database, a request for a range.
///
/// The callbacks are called only during calls of the reader's functions, on the thread that makes them, and no
/// exception may leave them.
#[repr(C)]
#[derive(Debug)]
pub struct secimg_source {
    /// `sizeof(secimg_source)`.
    pub struct_size: usize,
    /// Handed to each callback.
    pub userdata: *mut c_void,
    /// The length of the whole stream in bytes.
    pub length: u64,
    /// Reads at most `capacity` bytes from where the source stands into `buffer`, stores how many in `*read` (0 only at
    /// the end) and returns 0; another number when it failed.
    pub read: Option<
        unsafe extern "C" fn(
            userdata: *mut c_void,
            buffer: *mut u8,
            capacity: usize,
            read: *mut usize,
        ) -> i32,
    >,
    /// Goes to byte `offset` of the stream and returns 0; another number when it failed.
    pub seek: Option<unsafe extern "C" fn(userdata: *mut c_void, offset: u64) -> i32>,
    /// See `secimg_release_fn`.
    pub release: secimg_release_fn,
}

/// What a reader reads from.
pub(super) trait ReadSeek: Read + Seek + Send + Sync {}

impl<T: Read + Seek + Send + Sync> ReadSeek for T {}

/// The caller's source.
pub(super) struct Source {
    owner: Owner,
    length: u64,
    position: u64,
    read: unsafe extern "C" fn(*mut c_void, *mut u8, usize, *mut usize) -> i32,
    seek: unsafe extern "C" fn(*mut c_void, u64) -> i32,
}

impl Source {
    pub(super) unsafe fn new(source: *const secimg_source) -> core::result::Result<Self, Fail> {
        // SAFETY: the caller's struct.
        unsafe { check_struct(source)? };
        // SAFETY: as checked.
        let c = unsafe { &*source };
        let owner = Owner::new(c.userdata, c.release);
        Ok(Self {
            owner,
            length: c.length,
            position: 0,
            read: c.read.ok_or_else(Fail::null)?,
            seek: c.seek.ok_or_else(Fail::null)?,
        })
    }
}

fn failed(what: &str, answer: i32) -> Error {
    Error::other(format!("the {what} callback failed with {answer}"))
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut count = 0;
        let (data, len) = (buffer.as_mut_ptr(), buffer.len());
        // SAFETY: the caller's function, with a buffer of this length.
        let answer = unsafe { (self.read)(self.owner.userdata, data, len, &raw mut count) };
        if answer != 0 {
            return Err(failed("read", answer));
        }
        if count > len {
            return Err(Error::other(
                "the read callback says that it read more than there is room for",
            ));
        }
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(delta) => self.length.checked_add_signed(delta),
            SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
        };
        let position = position.ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, "a seek to before the first byte")
        })?;
        // SAFETY: the caller's function.
        let answer = unsafe { (self.seek)(self.owner.userdata, position) };
        if answer != 0 {
            return Err(failed("seek", answer));
        }
        self.position = position;
        Ok(position)
    }
}
