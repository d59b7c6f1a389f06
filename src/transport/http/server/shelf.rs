//! A folder of sealed streams, each under its transfer id.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::io::file::{FileError, FileMode, Overwrite, PendingFile};
use crate::transport::http::hex::{hex, parse_id};

/// What the names of the files end with.
const SUFFIX: &str = ".secimg";
/// Magic, CORE and the longest RECIPIENTS, each with its frame header: what a rewrap can change lies in it.
const HEADER: u64 = 8 + 4 + 69 + 4 + (64 << 10);

/// A folder of sealed streams that anybody may read who can ask: they are of use to their recipients only.
#[derive(Debug, Clone)]
pub struct Shelf {
    folder: PathBuf,
}

/// A stream that is kept.
#[derive(Debug)]
pub(super) struct OnShelf {
    pub(super) file: File,
    pub(super) len: u64,
    /// A strong entity tag: other bytes have another one.
    pub(super) etag: String,
}

impl Shelf {
    /// Takes a folder that exists.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
        }
    }

    fn path(&self, id: &[u8; 32]) -> PathBuf {
        self.folder.join(format!("{}{SUFFIX}", hex(id)))
    }

    /// Opens a stream to be read.
    pub(super) fn open(&self, id: &[u8; 32]) -> io::Result<OnShelf> {
        let mut file = open_regular(&self.path(id))?;
        let len = file.metadata()?.len();
        let mut header = Vec::new();
        (&mut file).take(HEADER.min(len)).read_to_end(&mut header)?;
        file.seek(SeekFrom::Start(0))?;
        // The recipients can be changed under the same transfer id, so it alone does not name the bytes.
        let version = Sha256::digest(&header);
        let etag = format!("\"{}-{}\"", hex(id), hex(&version[..8]));
        Ok(OnShelf { file, len, etag })
    }

    /// Lists up to `most` streams behind `after`, in the order of their ids, with their lengths.
    pub(super) fn list(
        &self,
        after: Option<[u8; 32]>,
        most: usize,
    ) -> io::Result<Vec<([u8; 32], u64)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let id = name
                .to_str()
                .and_then(|name| name.strip_suffix(SUFFIX))
                .and_then(parse_id);
            let Some(id) = id.filter(|id| after.is_none_or(|after| *id > after)) else {
                continue;
            };
            if let Ok(metadata) = entry.metadata()
                && metadata.is_file()
            {
                found.push((id, metadata.len()));
            }
        }
        found.sort_unstable();
        found.truncate(most);
        Ok(found)
    }

    /// Begins to keep a stream, or to compare it with the one that is kept under this id.
    pub(super) fn place(&self, id: &[u8; 32]) -> io::Result<Placing> {
        let path = self.path(id);
        match PendingFile::create(&path, Overwrite::Refuse) {
            Ok(file) => Ok(Placing::New(file)),
            Err(FileError::Exists(_)) => Ok(Placing::Again(open_regular(&path)?)),
            Err(error) => Err(into_io(error)),
        }
    }
}

/// Where the bytes of a stream go.
#[derive(Debug)]
pub(super) enum Placing {
    New(PendingFile),
    /// The stream's file, with which the bytes must agree.
    Again(File),
}

impl Placing {
    /// On the disk and under its name, or the same as what was there.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::New(file) => file.commit(FileMode::Shared).map_err(into_io),
            Self::Again(mut file) => match file.read(&mut [0])? {
                0 => Ok(()),
                _ => Err(ErrorKind::AlreadyExists.into()),
            },
        }
    }
}

impl Write for Placing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let file = match self {
            Self::New(file) => return file.write(bytes),
            Self::Again(file) => file,
        };
        let mut kept = vec![0; bytes.len()];
        match file.read_exact(&mut kept) {
            Ok(()) if kept == bytes => Ok(bytes.len()),
            Err(error) if error.kind() != ErrorKind::UnexpectedEof => Err(error),
            _ => Err(ErrorKind::AlreadyExists.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::New(file) => file.flush(),
            Self::Again(_) => Ok(()),
        }
    }
}

/// Opens a file and nothing else: a pipe would be waited for.
fn open_regular(path: &Path) -> io::Result<File> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(ErrorKind::NotFound.into());
    }
    OpenOptions::new().read(true).open(path)
}

fn into_io(error: FileError) -> io::Error {
    match error {
        FileError::Io(_, _, error) => error,
        // Another delivery of the stream was a moment faster.
        FileError::Exists(_) => ErrorKind::AlreadyExists.into(),
        error => io::Error::other(error),
    }
}
