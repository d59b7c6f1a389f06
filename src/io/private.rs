//! Key and passphrase files: private from the first byte, and wiped from memory when done (floor
//! 5).
//!
//! Like ssh, reading refuses a regular file that others can read: such a key must be thought of as
//! known. Pipes are exempt, so that `-i <(pass show key)` works; what is read is bounded either
//! way.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use zeroize::Zeroizing;

use super::file::{FileError, FileMode, Overwrite, PendingFile};

#[cfg(test)]
mod tests;

/// Whether a private file may be open to group and others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sharing {
    /// Only its owner may have access. Not checked on Windows, where access lists say so and not a
    /// mode.
    Refused,
    /// Anybody may, because the user said so.
    Allowed,
}

/// Writes a file that only its owner can read, whole or not at all.
///
/// # Errors
///
/// Those of [`PendingFile::create`] and [`PendingFile::commit`], and [`FileError::Io`] when a write
/// fails. A file system without modes (FAT) cannot hold a private file and is such an error.
pub fn write_private(path: &Path, bytes: &[u8], overwrite: Overwrite) -> Result<(), FileError> {
    let mut file = PendingFile::create(path, overwrite)?;
    file.write_all(bytes)
        .map_err(|source| FileError::Io(path.into(), "write", source))?;
    file.commit(FileMode::Private)
}

/// Reads a private key or a passphrase, leaving no copy in memory but the one returned.
///
/// # Errors
///
/// [`FileError::Shared`] for a regular file that group or others have any access to, unless
/// `sharing` allows it; [`FileError::Missing`], [`FileError::Folder`], [`FileError::TooLarge`]
/// (more than `max` bytes), [`FileError::Io`].
pub fn read_private(
    path: &Path,
    sharing: Sharing,
    max: u64,
) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let (file, found) = open(path)?;
    check_sharing(path, &found, sharing)?;
    check_size(path, &found, max)?;
    read_wiped(path, file, found.len(), max)
}

/// Reads a file that is no secret (a public key, a certificate), if it has at most `max` bytes.
///
/// # Errors
///
/// [`FileError::Missing`], [`FileError::Folder`], [`FileError::TooLarge`], [`FileError::Io`].
pub fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>, FileError> {
    let (file, found) = open(path)?;
    check_size(path, &found, max)?;
    let mut bytes = Vec::new();
    let read = file.take(max.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|source| FileError::Io(path.into(), "read", source))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= max) {
        return Ok(bytes);
    }
    Err(FileError::TooLarge(path.into(), max))
}

/// Opens first and then asks what was opened, so that nobody can exchange the file in between.
fn open(path: &Path) -> Result<(File, Metadata), FileError> {
    let file = File::open(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => FileError::Missing(path.into(), source),
        // Windows does not open folders at all.
        _ if path.is_dir() => FileError::Folder(path.into()),
        _ => FileError::Io(path.into(), "open", source),
    })?;
    let found = file
        .metadata()
        .map_err(|source| FileError::Io(path.into(), "look at", source))?;
    if found.is_dir() {
        return Err(FileError::Folder(path.into()));
    }
    Ok((file, found))
}

#[cfg(unix)]
fn check_sharing(path: &Path, found: &Metadata, sharing: Sharing) -> Result<(), FileError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = found.permissions().mode() & 0o7777;
    if sharing == Sharing::Refused && found.is_file() && mode & 0o077 != 0 {
        return Err(FileError::Shared(path.into(), mode));
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "one signature on every platform")]
fn check_sharing(_: &Path, _: &Metadata, _: Sharing) -> Result<(), FileError> {
    Ok(())
}

fn check_size(path: &Path, found: &Metadata, max: u64) -> Result<(), FileError> {
    if found.is_file() && found.len() > max {
        return Err(FileError::TooLarge(path.into(), max));
    }
    Ok(())
}

/// Reads into a buffer that is never reallocated, since a reallocation leaves its old bytes behind.
/// A file's size decides the buffer; a pipe has none, so its buffer is exchanged for larger ones,
/// each wiped when it goes.
fn read_wiped(
    path: &Path,
    mut file: File,
    size: u64,
    max: u64,
) -> Result<Zeroizing<Vec<u8>>, FileError> {
    // One byte more than allowed shows both the end of a file that fits and the excess of one that
    // does not.
    let limit = usize::try_from(max).unwrap_or(usize::MAX).saturating_add(1);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut held = zeroed(size.max(FIRST_READ).saturating_add(1).min(limit));
    let mut length = 0;
    loop {
        match file.read(&mut held[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(source) => return Err(FileError::Io(path.into(), "read", source)),
        }
        if length == limit {
            return Err(FileError::TooLarge(path.into(), max));
        }
        if length == held.len() {
            let mut larger = zeroed(length.saturating_mul(2).min(limit));
            larger[..length].copy_from_slice(&held);
            held = larger;
        }
    }
    held.truncate(length);
    Ok(held)
}

fn zeroed(length: usize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(vec![0; length])
}

const FIRST_READ: usize = 4095;
