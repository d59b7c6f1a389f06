//! The few things that a rewrap in place does to the disk, one at a time, so that a test can stop it
//! behind each of them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::format::CORE_FRAME_LEN;

#[cfg(unix)]
use super::super::file::{folder_of, sync_folder};
use super::backup::{Found, Head, backup_path};

pub(super) trait Disk {
    /// Looks for a backup.
    fn find_backup(&mut self) -> io::Result<Found>;
    /// Creates an empty backup; fails where something lies there.
    fn create_backup(&mut self) -> io::Result<()>;
    fn write_backup(&mut self, bytes: &[u8]) -> io::Result<()>;
    fn sync_backup(&mut self) -> io::Result<()>;
    /// Makes names durable: that the backup is there, or is not there any more.
    fn sync_folder(&mut self) -> io::Result<()>;
    /// Overwrites the stream's RECIPIENTS frame by one of the same length.
    fn overwrite(&mut self, frame: &[u8]) -> io::Result<()>;
    fn sync_stream(&mut self) -> io::Result<()>;
    fn delete_backup(&mut self) -> io::Result<()>;
}

/// A stream in a file, and the folder that it lies in.
#[derive(Debug)]
pub(super) struct FileDisk<'a> {
    stream: &'a mut File,
    head: Head,
    #[cfg(unix)]
    path: &'a Path,
    backup_path: PathBuf,
    backup: Option<File>,
}

impl<'a> FileDisk<'a> {
    /// `head` is what stands in the stream.
    pub(super) fn new(path: &'a Path, stream: &'a mut File, head: Head) -> Self {
        Self {
            stream,
            head,
            #[cfg(unix)]
            path,
            backup_path: backup_path(path),
            backup: None,
        }
    }

    fn open_backup(&mut self) -> io::Result<&mut File> {
        self.backup
            .as_mut()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Disk for FileDisk<'_> {
    fn find_backup(&mut self) -> io::Result<Found> {
        Found::at(&self.backup_path, &self.head)
    }

    /// Who may read the stream may read the backup: it says what to make of the stream.
    fn create_backup(&mut self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&self.backup_path)?;
        #[cfg(unix)]
        {
            let wanted = self.stream.metadata()?.permissions();
            if file.metadata()?.permissions() != wanted {
                file.set_permissions(wanted)?;
            }
        }
        self.backup = Some(file);
        Ok(())
    }

    fn write_backup(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.open_backup()?.write_all(bytes)
    }

    fn sync_backup(&mut self) -> io::Result<()> {
        self.open_backup()?.sync_all()
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        #[cfg(unix)]
        return sync_folder(folder_of(self.path).map_err(|_| io::ErrorKind::IsADirectory)?);
        #[cfg(not(unix))]
        Ok(())
    }

    fn overwrite(&mut self, frame: &[u8]) -> io::Result<()> {
        self.stream.seek(SeekFrom::Start(CORE_FRAME_LEN as u64))?;
        self.stream.write_all(frame)
    }

    fn sync_stream(&mut self) -> io::Result<()> {
        self.stream.sync_all()
    }

    fn delete_backup(&mut self) -> io::Result<()> {
        // Windows removes no file that is open.
        self.backup = None;
        fs::remove_file(&self.backup_path)
    }
}
