//! Rewraps the stream in a file, from the lock to the last fsync.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use crate::format::{CORE_FRAME_LEN, FormatError, FormatErrorKind, Limits};
use crate::stream::{
    FrameWalker, HeaderReader, OpenOptions, SealOptions, Survey, Unlocked, rewrapped_header,
};

use super::super::error::ReadError;
use super::super::file::{FileError, Overwrite, PendingFile};
use super::super::seal_writer::read_some;
use super::super::source::StreamSource;
use super::backup::{Found, Head, backup_path};
use super::copy;
use super::disk::FileDisk;
use super::error::RewrapFileError;
use super::in_place::{Failed, Recovery, recover, replace};
use super::lock::LockedFile;

/// How a file was rewrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RewrapReport {
    /// The stream as it stands now, for its new recipients.
    pub survey: Survey,
    /// Whether the block was overwritten where it stands. Otherwise the stream was copied and has taken
    /// the place of the old file.
    pub in_place: bool,
    /// Whether an earlier rewrap had been interrupted, and was undone first.
    pub recovered: bool,
}

/// Rewraps the stream in a file: the whole set of recipients is replaced, and nothing else.
///
/// Where the new block fits in the old one's length it is overwritten in place; a backup,
/// `NAME.rewrap-backup`, lies beside the stream meanwhile, so that whatever happens the stream can be opened
/// by the old recipients or by the new ones. A backup that an earlier run left behind is restored first.
/// Otherwise, and where the file may be replaced but not written to, the stream is copied and
/// renamed, with the permissions of the old file.
///
/// A symbolic link is followed. A file with several names changes under all of them in place, but a copy
/// takes one name only; and an interrupted rewrap is known under the name that it was called with.
///
/// The payload is not opened, but all frames must stand where they must: a stream that is truncated,
/// or has bytes behind it, is refused. Of `recipients` only the recipients count. See [`rewrapped_header`] for
/// what a rewrap does not undo.
///
/// # Errors
/// [`RewrapFileError`].
pub fn rewrap_file(
    path: &Path,
    options: &OpenOptions,
    recipients: &SealOptions,
) -> Result<RewrapReport, RewrapFileError> {
    let create = |target: &Path| PendingFile::create(target, Overwrite::Replace);
    rewrap_file_with(path, options, recipients, create)
}

/// As [`rewrap_file`], for a program that wants to know of the temporary file if a copy must be made, to
/// remove it when a signal ends it: `create` makes it, with [`Overwrite::Replace`].
///
/// # Errors
/// As [`rewrap_file`].
pub fn rewrap_file_with(
    path: &Path,
    options: &OpenOptions,
    recipients: &SealOptions,
    create: impl FnOnce(&Path) -> Result<PendingFile, FileError>,
) -> Result<RewrapReport, RewrapFileError> {
    let path = &fs::canonicalize(path).map_err(|error| not_found(path, error))?;
    let mut target = Target::open(path)?;
    let recovered = target.recover()?;
    let survey = survey(&mut target.stream.file, *options.get_limits())?;
    let unlocked = target.unlock(options)?;
    let header = rewrapped_header(&unlocked, recipients)?;
    let fits = header.len() as u64 == unlocked.header().payload_offset();
    let done = |survey, in_place| RewrapReport {
        survey,
        in_place,
        recovered,
    };
    if fits && target.in_place && target.overwrite(&unlocked, &header)? {
        return Ok(done(with_header(survey, &header)?, true));
    }
    Ok(done(target.copy(&header, options, create)?, false))
}

fn not_found(path: &Path, error: io::Error) -> FileError {
    match error.kind() {
        ErrorKind::NotFound => FileError::Missing(path.into(), error),
        _ => FileError::Io(path.into(), "find", error),
    }
}

/// The file, opened and locked.
#[derive(Debug)]
struct Target<'a> {
    path: &'a Path,
    stream: LockedFile,
    metadata: Metadata,
    /// It can be written to, and nobody else rewraps it.
    in_place: bool,
    torn: bool,
}

impl<'a> Target<'a> {
    fn open(path: &'a Path) -> Result<Self, RewrapFileError> {
        let failed = |source| FileError::Io(path.into(), "open", source);
        // Looked at first: opening a pipe may wait for ever.
        let found = fs::metadata(path).map_err(failed)?;
        if found.is_dir() {
            return Err(FileError::Folder(path.into()).into());
        }
        if !found.is_file() {
            return Err(FileError::Special(path.into()).into());
        }
        let (file, writable) = match File::options().read(true).write(true).open(path) {
            Ok(file) => (file, true),
            Err(error) if is_read_only(&error) => (File::open(path).map_err(failed)?, false),
            Err(error) => return Err(failed(error).into()),
        };
        let locked = LockedFile::lock(file, path).map_err(failed)?;
        let stream = locked.ok_or_else(|| RewrapFileError::Busy(path.into()))?;
        Ok(Self {
            path,
            metadata: stream.file.metadata().map_err(failed)?,
            in_place: writable && stream.is_locked,
            stream,
            torn: false,
        })
    }

    fn disk(&mut self, head: Head) -> FileDisk<'_> {
        FileDisk::new(self.path, &mut self.stream.file, head)
    }

    /// Undoes what an earlier run left behind; tells whether there was anything.
    fn recover(&mut self) -> Result<bool, RewrapFileError> {
        let backup = backup_path(self.path);
        let Some(head) = Head::read(&mut self.stream.file).map_err(ReadError::Io)? else {
            // What is no stream is refused in a moment, with all that can be said of it.
            return Ok(false);
        };
        let restoring = |source| FileError::Io(backup.clone(), "restore the stream beside", source);
        let found = Found::at(&backup, &head).map_err(restoring)?;
        if matches!(found, Found::Whole(_)) && !self.in_place {
            return Err(restoring(ErrorKind::PermissionDenied.into()).into());
        }
        match recover(&mut self.disk(head)).map_err(restoring)? {
            Recovery::Nothing => Ok(false),
            Recovery::Restored => Ok(true),
            Recovery::Torn => {
                // It goes when the stream has shown that it was not touched.
                self.torn = true;
                Ok(false)
            }
            Recovery::Strange => Err(RewrapFileError::NoBackup(backup)),
            Recovery::OfAnother => Err(RewrapFileError::BackupOfAnother(backup)),
        }
    }

    fn unlock(&mut self, options: &OpenOptions) -> Result<Unlocked, RewrapFileError> {
        self.stream
            .file
            .seek(SeekFrom::Start(0))
            .map_err(ReadError::Io)?;
        let unlocked = StreamSource::new(&self.stream.file)
            .header()?
            .unlock(options)?;
        if self.torn && self.in_place {
            let backup = backup_path(self.path);
            fs::remove_file(&backup).map_err(|source| FileError::Io(backup, "remove", source))?;
        }
        Ok(unlocked)
    }

    /// Tells whether it was done; nothing has happened where the backup can have no name.
    fn overwrite(&mut self, old: &Unlocked, header: &[u8]) -> Result<bool, RewrapFileError> {
        let head = Head {
            transfer_id: old.header().transfer_id(),
            frame: old.header().recipients.to_frame(),
        };
        let path = self.path;
        let mut disk = self.disk(head.clone());
        match replace(&mut disk, &head, &header[CORE_FRAME_LEN..]) {
            Ok(()) => Ok(true),
            Err(Failed::Untouched(error)) if cannot_have_backup(&error) => Ok(false),
            Err(Failed::Untouched(source)) => {
                Err(FileError::Io(path.into(), "rewrap", source).into())
            }
            Err(Failed::Unfinished(source)) => {
                Err(RewrapFileError::Unfinished(path.into(), source))
            }
        }
    }

    fn copy(
        mut self,
        header: &[u8],
        options: &OpenOptions,
        create: impl FnOnce(&Path) -> Result<PendingFile, FileError>,
    ) -> Result<Survey, RewrapFileError> {
        let mut pending = create(self.path)?;
        self.stream
            .file
            .seek(SeekFrom::Start(0))
            .map_err(ReadError::Io)?;
        let mut source = StreamSource::new(&self.stream.file);
        source.header()?;
        let survey = copy(source, header, &mut pending, options)?;
        // Windows renames over no open file; elsewhere the lock holds until the name has passed on.
        #[cfg(windows)]
        drop(self.stream);
        pending.commit_like(&self.metadata)?;
        Ok(survey)
    }
}

fn is_read_only(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Its name would be too long.
fn cannot_have_backup(error: &io::Error) -> bool {
    error.kind() == ErrorKind::InvalidFilename
}

/// Walks over the frames of a file and reads their headers only; refuses bytes behind the stream.
fn survey(file: &mut (impl Read + Seek), limits: Limits) -> Result<Survey, ReadError> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut walker = FrameWalker::new(limits);
    let mut buffer = [0; 4608];
    let mut at = 0;
    while !walker.is_done() && at < length {
        let passed = walker.skip(length - at);
        if passed == 0 {
            let wanted = if walker.header().is_some() {
                4
            } else {
                buffer.len()
            };
            file.seek(SeekFrom::Start(at))?;
            let read = read_some(file, &mut buffer[..wanted])?;
            if read == 0 {
                break;
            }
            at += walker.push(&buffer[..read])? as u64;
        }
        at += passed;
    }
    let survey = walker.finish()?;
    if at < length {
        return Err(FormatError::at(FormatErrorKind::TrailingBytes, at).into());
    }
    Ok(survey)
}

/// What is left of the survey when another header of the same length stands before the chunks.
fn with_header(mut survey: Survey, header: &[u8]) -> Result<Survey, RewrapFileError> {
    let mut reader = HeaderReader::new();
    let (_, locked) = reader.push(header).map_err(ReadError::from)?;
    if let Some(locked) = locked {
        survey.header = locked.header().clone();
    }
    Ok(survey)
}
