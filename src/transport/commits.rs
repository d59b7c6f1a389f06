//! What is about to get its name: so that a stream is stored once, whenever its receiver is killed.
//!
//! Before the first image of a stream gets its name, a record of all of them is on the disk. If the receiver is
//! killed between that and the receipt, the sender brings the stream again, and images that stand there already
//! are known by the record as the stream's own. A record holds hashes, and neither a name nor a digest.

use std::fs::{self, DirEntry};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::replay::StateError;
use super::state::{create_folder, hex};
use crate::io::file::{FileMode, Overwrite, PendingFile};
use crate::io::private::read_bounded;

/// What a record begins with.
const MAGIC: [u8; 16] = *b"secimg storing 1";
const HASH: usize = 32;
/// A stream has no more items than this by any limit that is sensible.
const MAX_RECORD: u64 = 64 << 20;

/// A folder of records, of which the oldest go first.
#[derive(Debug)]
pub struct CommitLog {
    folder: PathBuf,
    capacity: usize,
}

/// The images of a stream whose storing began, under the names that they were to get.
#[derive(Debug, Default)]
pub struct Commit {
    entries: Vec<[u8; HASH]>,
}

/// What is recorded of an image: its stream, its digest, its length and its name below the output folder, all of
/// them in one hash.
#[must_use]
pub fn commit_entry(transfer_id: &[u8; 32], sha256: &[u8; 32], bytes: u64, name: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"secimg/1 stored\0");
    hash.update(transfer_id);
    hash.update(sha256);
    hash.update(bytes.to_be_bytes());
    hash.update(name);
    hash.finalize().into()
}

impl CommitLog {
    /// How many streams the command remembers so.
    pub const DEFAULT_CAPACITY: usize = 1000;

    /// Takes a folder, which is created for its owner alone if it is not there. One process at a time may use it:
    /// it stands beside a [`PartStore`](super::PartStore), whose lock counts for both.
    ///
    /// # Errors
    /// [`StateError::Io`].
    pub fn open(folder: &Path, capacity: usize) -> Result<Self, StateError> {
        create_folder(folder)
            .map_err(|error| StateError::Io(folder.into(), "create this folder", error))?;
        let log = Self {
            folder: folder.into(),
            capacity,
        };
        log.forget_oldest()?;
        Ok(log)
    }

    fn path(&self, transfer_id: &[u8; 32]) -> PathBuf {
        self.folder.join(hex(transfer_id))
    }

    /// Returns what was begun of a stream; a record that is not sound says nothing.
    #[must_use]
    pub fn find(&self, transfer_id: &[u8; 32]) -> Commit {
        let bytes = read_bounded(&self.path(transfer_id), MAX_RECORD);
        let entries = bytes.ok().and_then(|bytes| parse(&bytes));
        Commit {
            entries: entries.unwrap_or_default(),
        }
    }

    /// Records what is about to be stored; when this returns, a power failure does not undo it.
    ///
    /// # Errors
    /// [`StateError::Io`]; nothing must be stored then.
    pub fn begin(&self, transfer_id: &[u8; 32], entries: &[[u8; 32]]) -> Result<(), StateError> {
        let path = self.path(transfer_id);
        let failed = |error| StateError::Io(path.clone(), "write", error);
        let mut bytes = [MAGIC.as_slice(), &entries.concat()].concat();
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&sum);
        let mut file = PendingFile::create(&path, Overwrite::Replace)
            .map_err(|error| failed(io::Error::other(error)))?;
        file.write_all(&bytes).map_err(failed)?;
        let committed = file.commit(FileMode::Private);
        committed.map_err(|error| failed(io::Error::other(error)))?;
        self.forget_oldest()
    }

    fn forget_oldest(&self) -> Result<(), StateError> {
        let failed = |error| StateError::Io(self.folder.clone(), "read this folder", error);
        let entries = fs::read_dir(&self.folder).map_err(failed)?;
        let mut records: Vec<_> = entries
            .flatten()
            .map(|entry| (time(&entry), entry))
            .collect();
        let Some(more) = records.len().checked_sub(self.capacity).filter(|&n| n > 0) else {
            return Ok(());
        };
        records.sort_by_key(|(time, _)| *time);
        for (_, entry) in records.iter().take(more) {
            // One that stays is found again next time.
            let _: io::Result<()> = fs::remove_file(entry.path());
        }
        Ok(())
    }
}

fn time(entry: &DirEntry) -> SystemTime {
    let modified = entry.metadata().and_then(|found| found.modified());
    modified.unwrap_or(SystemTime::UNIX_EPOCH)
}

fn parse(bytes: &[u8]) -> Option<Vec<[u8; HASH]>> {
    let (record, sum) = bytes.split_last_chunk::<HASH>()?;
    let entries = record.strip_prefix(&MAGIC)?;
    if <[u8; HASH]>::from(Sha256::digest(record)) != *sum {
        return None;
    }
    let (entries, rest) = entries.as_chunks();
    rest.is_empty().then(|| entries.to_vec())
}

impl Commit {
    /// Tells whether nothing was begun.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Tells whether an image was to be stored: see [`commit_entry`].
    #[must_use]
    pub fn contains(&self, entry: &[u8; 32]) -> bool {
        self.entries.contains(entry)
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn what_was_begun_is_known_to_the_next_run() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("stored");
        let entries = [
            commit_entry(&[1; 32], &[2; 32], 3, "a.png"),
            commit_entry(&[1; 32], &[2; 32], 3, "b.png"),
        ];
        let log = CommitLog::open(&path, 2).unwrap();
        assert!(log.find(&[1; 32]).is_empty());
        log.begin(&[1; 32], &entries).unwrap();
        let found = CommitLog::open(&path, 2).unwrap().find(&[1; 32]);
        assert!(entries.iter().all(|entry| found.contains(entry)));
        for other in [
            commit_entry(&[9; 32], &[2; 32], 3, "a.png"),
            commit_entry(&[1; 32], &[9; 32], 3, "a.png"),
            commit_entry(&[1; 32], &[2; 32], 9, "a.png"),
            commit_entry(&[1; 32], &[2; 32], 3, "c.png"),
        ] {
            assert!(!found.contains(&other));
        }
    }

    #[test]
    fn a_damaged_record_says_nothing() {
        let folder = TempDir::new().unwrap();
        let log = CommitLog::open(&folder.path().join("stored"), 2).unwrap();
        log.begin(&[1; 32], &[[7; 32]]).unwrap();
        let whole = fs::read(log.path(&[1; 32])).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            for bytes in [&changed[..], &whole[..at]] {
                fs::write(log.path(&[1; 32]), bytes).unwrap();
                assert!(log.find(&[1; 32]).is_empty(), "byte {at}");
            }
        }
    }

    #[test]
    fn the_oldest_record_goes_first() {
        let folder = TempDir::new().unwrap();
        let log = CommitLog::open(&folder.path().join("stored"), 2).unwrap();
        for number in 1..=3 {
            log.begin(&[number; 32], &[[number; 32]]).unwrap();
            let file = fs::File::open(log.path(&[number; 32])).unwrap();
            let time = SystemTime::UNIX_EPOCH + core::time::Duration::from_secs(number.into());
            file.set_modified(time).unwrap();
        }
        assert!(log.find(&[1; 32]).is_empty());
        assert!(!log.find(&[2; 32]).is_empty() && !log.find(&[3; 32]).is_empty());
    }
}
