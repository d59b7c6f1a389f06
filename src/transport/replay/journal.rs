//! The file that keeps the window: only ever appended to, and written anew when it is twice as long
//! as it must be.
//!
//! A record is on the disk before its receipt is sent. What a power failure can leave behind is the
//! beginning of a last record, for which no receipt was sent; it is cut off. Damage anywhere else is an
//! error, for a window with holes refuses nothing.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::Id;
use super::error::StateError;
use super::record;
use super::window::Window;
use crate::io::file::{FileMode, Overwrite, PendingFile};
use crate::transport::receipt::Contents;
use crate::transport::state::{create_folder, lock_folder};

/// What the file begins with.
const MAGIC: [u8; 16] = *b"secimg accepted1";

#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    /// Closed while another takes its place: Windows does not replace an open file.
    file: Option<File>,
    /// The length of the file: all of it is whole records.
    len: u64,
    records: usize,
    /// Held for as long as the journal lives.
    _lock: File,
}

impl Journal {
    /// Takes the folder, and reads what was accepted.
    pub(super) fn open(folder: &Path, capacity: usize) -> Result<(Self, Window), StateError> {
        create_folder(folder).map_err(at(folder, "create this folder"))?;
        let lock = lock_folder(folder)?;
        let path = folder.join("accepted");
        let mut window = Window::new(capacity);
        if !path.exists() {
            write_new(&path, &window)?;
        }
        let mut file = open(&path)?;
        let (len, records) = read(&path, &mut file, &mut window)?;
        file.set_len(len).map_err(at(&path, "cut"))?;
        let journal = Self {
            path,
            file: Some(file),
            len,
            records,
            _lock: lock,
        };
        Ok((journal, window))
    }

    /// Adds a record, which stands in `window` already, and waits until it is on the disk.
    pub(super) fn append(
        &mut self,
        id: Id,
        contents: Contents,
        window: &Window,
    ) -> Result<(), StateError> {
        let bytes = record::encode(&id, contents);
        let file = match &mut self.file {
            Some(file) => file,
            closed => closed.insert(open(&self.path)?),
        };
        let written = file
            .seek(SeekFrom::Start(self.len))
            .and_then(|_| file.write_all(&bytes))
            .and_then(|()| file.sync_data());
        if let Err(error) = written {
            // Half a record in the middle would be damage.
            let _: io::Result<()> = file.set_len(self.len);
            return Err(at(&self.path, "write")(error));
        }
        self.len += bytes.len() as u64;
        self.records += 1;
        if self.records >= window.capacity().saturating_mul(2) {
            self.compact(window)?;
        }
        Ok(())
    }

    /// Leaves only what the window still holds.
    fn compact(&mut self, window: &Window) -> Result<(), StateError> {
        self.file = None;
        write_new(&self.path, window)?;
        self.records = window.len();
        self.len = (MAGIC.len() + self.records * record::LEN) as u64;
        Ok(())
    }
}

fn open(path: &Path) -> Result<File, StateError> {
    let mut options = OpenOptions::new();
    // Not for appending alone: Windows would not let such a file be cut.
    options.read(true).write(true);
    options.open(path).map_err(at(path, "open"))
}

/// Writes the file whole, under a name of its own, and exchanges it then.
fn write_new(path: &Path, window: &Window) -> Result<(), StateError> {
    let of_file = |error| at(path, "write")(io::Error::other(error));
    let mut bytes = MAGIC.to_vec();
    for (id, contents) in window.iter() {
        bytes.extend(record::encode(id, contents));
    }
    let mut file = PendingFile::create(path, Overwrite::Replace).map_err(of_file)?;
    file.write_all(&bytes).map_err(at(path, "write"))?;
    file.commit(FileMode::Private).map_err(of_file)
}

/// Reads the records, and returns the length of what is whole and how many there are.
fn read(path: &Path, file: &mut File, window: &mut Window) -> Result<(u64, usize), StateError> {
    let whole = file.metadata().map_err(at(path, "look at"))?.len();
    let mut reader = BufReader::new(file);
    let mut magic = [0; MAGIC.len()];
    match reader.read_exact(&mut magic) {
        Ok(()) if magic == MAGIC => {}
        Ok(()) => return Err(StateError::Damaged(path.into(), 0)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            return Err(StateError::Damaged(path.into(), 0));
        }
        Err(error) => return Err(at(path, "read")(error)),
    }
    let (mut len, mut records) = (MAGIC.len() as u64, 0);
    while whole - len >= record::LEN as u64 {
        let mut bytes = [0; record::LEN];
        reader.read_exact(&mut bytes).map_err(at(path, "read"))?;
        let next = len + record::LEN as u64;
        match record::decode(&bytes) {
            Some((id, contents)) => window.insert(id, contents),
            // The last record may have been torn by a power failure.
            None if next == whole => break,
            None => return Err(StateError::Damaged(path.into(), len)),
        }
        len = next;
        records += 1;
    }
    Ok((len, records))
}

fn at(path: &Path, doing: &'static str) -> impl Fn(io::Error) -> StateError {
    move |error| StateError::Io(path.into(), doing, error)
}
