//! [`ReadAt`]: reading at a place, as files, object stores and HTTP ranges do; [`RangeReader`] makes
//! `Read` and `Seek` of it, in few and large requests.

mod open;
mod range_reader;

use std::fs::File;
use std::io;

pub use range_reader::RangeReader;

/// Something of known length that is read at any place: a file, bytes in memory, an object in a store.
///
/// One call is one request: a remote store answers each after one round trip, so callers ask for much at
/// once. [`RangeReader`] does that, and makes of any `ReadAt` what [`OpenReader`](crate::io::OpenReader)
/// opens: a preview, or one image of a series, is read without the rest.
///
/// Nothing that comes back is trusted: every chunk is authenticated before it is used, so a store that
/// changes, mixes up or cuts what it holds is found out. A store with versions should still be asked for
/// one version throughout (an `ETag` with `If-Match`): its own word for a change is clearer.
///
/// ```
/// use std::io::{self, Read};
/// use secimg::io::{OpenReader, ReadAt};
/// # use secimg::{Image, OpenOptions, SealOptions, keys::{RawKeyRecipient, SymmetricKey}};
/// # let key = std::sync::Arc::new(RawKeyRecipient::new(SymmetricKey::from_file_bytes(&[7; 32])?));
/// # let sealed = secimg::encrypt(&Image::new(b"GIF89a".to_vec()), &SealOptions::new().recipient(key.clone()))?;
/// # let options = OpenOptions::new().identity(key);
///
/// /// Stands for a client of some store.
/// struct Object(Vec<u8>);
///
/// impl ReadAt for Object {
///     fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
///         // Here a client would ask for bytes offset..offset + buffer.len().
///         self.0.read_at(offset, buffer)
///     }
///
///     fn size(&mut self) -> io::Result<u64> {
///         Ok(self.0.len() as u64)
///     }
/// }
///
/// let mut reader = OpenReader::open_at(Object(sealed), &options)?;
/// let mut image = Vec::new();
/// reader.read_to_end(&mut image)?;
/// assert_eq!(image, b"GIF89a");
/// assert_eq!(reader.get_ref().requests(), 1);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub trait ReadAt {
    /// Reads bytes at `offset` into `buffer`, and returns how many; 0 at or behind the end.
    ///
    /// Fewer than asked for may come, and the rest is then asked for again: who asks a remote store
    /// fills the buffer.
    ///
    /// # Errors
    /// What the store says; [`Interrupted`](io::ErrorKind::Interrupted) means that the call may be made
    /// again.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Returns the length in bytes. It is asked for once.
    ///
    /// # Errors
    /// What the store says.
    fn size(&mut self) -> io::Result<u64>;
}

impl<T: ReadAt + ?Sized> ReadAt for &mut T {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buffer)
    }

    fn size(&mut self) -> io::Result<u64> {
        (**self).size()
    }
}

impl<T: ReadAt + ?Sized> ReadAt for Box<T> {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buffer)
    }

    fn size(&mut self) -> io::Result<u64> {
        (**self).size()
    }
}

impl ReadAt for &[u8] {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|offset| self.get(offset..))
            .unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn size(&mut self) -> io::Result<u64> {
        Ok(<[u8]>::len(self) as u64)
    }
}

impl ReadAt for Vec<u8> {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(offset, buffer)
    }

    fn size(&mut self) -> io::Result<u64> {
        Ok(<[u8]>::len(self) as u64)
    }
}

/// The file's position is not used; on Windows it moves.
#[cfg(any(unix, windows))]
impl ReadAt for &File {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::read_at(*self, buffer, offset);
        #[cfg(windows)]
        return std::os::windows::fs::FileExt::seek_read(*self, buffer, offset);
    }

    fn size(&mut self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}

#[cfg(any(unix, windows))]
impl ReadAt for File {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        ReadAt::read_at(&mut &*self, offset, buffer)
    }

    fn size(&mut self) -> io::Result<u64> {
        ReadAt::size(&mut &*self)
    }
}

/// A [`ReadAt`] of a length and a function: see [`read_at_fn`].
#[derive(Clone, Copy)]
pub struct ReadAtFn<F> {
    len: u64,
    read: F,
}

impl<F> core::fmt::Debug for ReadAtFn<F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ReadAtFn")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

/// Makes a [`ReadAt`] of a length in bytes and of a function that does as [`ReadAt::read_at`].
///
/// ```
/// use secimg::io::{RangeReader, read_at_fn};
/// use std::io::{Read, Seek, SeekFrom};
///
/// let zeros = read_at_fn(10, |_, buffer: &mut [u8]| {
///     buffer.fill(0);
///     Ok(buffer.len())
/// });
/// let mut reader = RangeReader::new(zeros)?;
/// reader.seek(SeekFrom::End(-3))?;
/// let mut end = Vec::new();
/// reader.read_to_end(&mut end)?;
/// assert_eq!(end, [0; 3]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub const fn read_at_fn<F>(len: u64, read: F) -> ReadAtFn<F>
where
    F: FnMut(u64, &mut [u8]) -> io::Result<usize>,
{
    ReadAtFn { len, read }
}

impl<F> ReadAt for ReadAtFn<F>
where
    F: FnMut(u64, &mut [u8]) -> io::Result<usize>,
{
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        (self.read)(offset, buffer)
    }

    fn size(&mut self) -> io::Result<u64> {
        Ok(self.len)
    }
}
