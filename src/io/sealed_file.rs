//! A sealed file as readers shall see it, also while it is rewrapped in place.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use crate::format::CORE_FRAME_LEN;

use super::file::FileError;
use super::rewrap::backup::{Found, Head, backup_path};

/// Rewraps that end while the file is being opened; so many in a row are no chance.
const ATTEMPTS: usize = 16;
const FRAME_AT: u64 = CORE_FRAME_LEN as u64;

/// A sealed file, opened for reading.
///
/// Where a rewrap in place is at work, or was interrupted, the block of recipients in the file may be half of the
/// old one and half of the new. Its backup has the old one, whole, and that is what is read: the stream opens
/// for its old recipients until the rewrap is done. Nothing is written and no lock is needed.
///
/// A file that is no stream is read as it is.
#[derive(Debug)]
pub struct SealedFile {
    file: File,
    /// The RECIPIENTS frame, read in one moment. The other bytes never change in place.
    frame: Vec<u8>,
    position: u64,
    /// Where the file itself stands.
    file_position: u64,
    interrupted: bool,
}

impl SealedFile {
    /// Opens a file.
    ///
    /// # Errors
    /// [`FileError::Missing`], [`FileError::Folder`], and [`FileError::Io`]; also where a backup cannot be
    /// read, since nobody could say what the stream is.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let file = File::open(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => FileError::Missing(path.into(), error),
            _ if path.is_dir() => FileError::Folder(path.into()),
            _ => FileError::Io(path.into(), "open", error),
        })?;
        if path.is_dir() {
            return Err(FileError::Folder(path.into()));
        }
        Self::of(file, path)
    }

    /// As [`SealedFile::open`], for a regular file that was opened already.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn of(mut file: File, path: &Path) -> Result<Self, FileError> {
        // The backup lies beside the file and not beside a link to it.
        let beside = fs::canonicalize(path).unwrap_or_else(|_| path.into());
        let backup = backup_path(&beside);
        let reading = |source| FileError::Io(path.into(), "read", source);
        let mut head = Head::read(&mut file).map_err(reading)?;
        for _ in 0..ATTEMPTS {
            let Some(before) = head else {
                return Self::with_frame(file, Vec::new(), false).map_err(reading);
            };
            let found = Found::at(&backup, &before).map_err(|source| {
                FileError::Io(backup.clone(), "read the backup of a rewrap,", source)
            })?;
            if let Found::Whole(old) = found {
                return Self::with_frame(file, old.frame, true).map_err(reading);
            }
            // No rewrap was at work in between, or one has ended: read again until nothing changes.
            head = Head::read(&mut file).map_err(reading)?;
            if head.as_ref() == Some(&before) {
                return Self::with_frame(file, before.frame, false).map_err(reading);
            }
        }
        Err(reading(ErrorKind::ResourceBusy.into()))
    }

    fn with_frame(mut file: File, frame: Vec<u8>, interrupted: bool) -> io::Result<Self> {
        file.seek(SeekFrom::Start(0))?;
        Ok(Self {
            file,
            frame,
            position: 0,
            file_position: 0,
            interrupted,
        })
    }

    /// Tells whether a rewrap had begun and was not done when the file was opened. The next rewrap puts
    /// the old block back, if the one that began is not still at work.
    #[must_use]
    pub const fn is_interrupted(&self) -> bool {
        self.interrupted
    }
}

impl Read for SealedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.kept() {
            [] => self.read_file(buffer)?,
            mut kept => kept.read(buffer)?,
        };
        self.position = self.position.saturating_add(read as u64);
        Ok(read)
    }
}

impl SealedFile {
    /// What the frame has for the current position.
    fn kept(&self) -> &[u8] {
        let within = self.position.checked_sub(FRAME_AT);
        let within = within.and_then(|at| usize::try_from(at).ok());
        within.and_then(|at| self.frame.get(at..)).unwrap_or(&[])
    }

    fn read_file(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.file_position != self.position {
            self.file.seek(SeekFrom::Start(self.position))?;
            self.file_position = self.position;
        }
        let before_frame = FRAME_AT.checked_sub(self.position).filter(|&left| left > 0);
        let most = before_frame.and_then(|left| usize::try_from(left).ok());
        let most = most.unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read(&mut buffer[..most])?;
        self.file_position = self.file_position.saturating_add(read as u64);
        Ok(read)
    }
}

impl Seek for SealedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // From the end only the file knows; the frame is inside it, so both have one length.
        self.position = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self
                .position
                .checked_add_signed(by)
                .ok_or(ErrorKind::InvalidInput)?,
            SeekFrom::End(_) => {
                self.file_position = self.file.seek(to)?;
                self.file_position
            }
        };
        Ok(self.position)
    }
}
