//! One part, in the hands of who claimed it.

use core::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, MutexGuard};
use std::time::SystemTime;

use super::slot::{Slot, SlotState};
use super::{PartError, PartStore};
use crate::hash::Sha256Stream;

/// How many bytes are hashed at once.
const BUFFER: usize = 256 << 10;

/// The beginning of a sealed stream. Dropping it gives it free and leaves its file for who goes on.
pub struct Part {
    store: Arc<PartStore>,
    key: String,
    slot: Arc<Slot>,
    ticket: u64,
    file: File,
}

/// SHA-256 over the bytes of a part from `from` to `to`.
#[derive(Debug)]
pub(super) struct Hashed {
    from: u64,
    to: u64,
    hash: Sha256Stream,
}

/// Opens or creates the file of a part, of which `len` bytes count.
pub(super) fn open(path: &Path, len: u64) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // Not for appending alone: Windows would not let such a file be cut.
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    if file.metadata()?.len() != len {
        file.set_len(len)?;
    }
    Ok(file)
}

impl Part {
    pub(super) fn new(
        store: Arc<PartStore>,
        key: &str,
        slot: Arc<Slot>,
        ticket: u64,
        file: File,
    ) -> Self {
        Self {
            store,
            key: key.to_owned(),
            slot,
            ticket,
            file,
        }
    }

    /// Returns its key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Locks the slot, if this part is still the one that has it.
    fn own(&self) -> Result<MutexGuard<'_, SlotState>, PartError> {
        let state = self.slot.lock();
        if state.gone || state.holder != Some(self.ticket) {
            return Err(PartError::Taken);
        }
        Ok(state)
    }

    /// Returns how many bytes it has, none where somebody else has taken it.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.own().map_or(0, |state| state.len)
    }

    /// Tells whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds bytes at its end: all of them or none.
    ///
    /// # Errors
    /// [`PartError::Taken`], [`PartError::Full`], [`PartError::Io`].
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), PartError> {
        drop(self.own()?);
        self.store.reserve(bytes.len() as u64)?;
        let appended = self.append_reserved(bytes);
        if appended.is_err() {
            let unused = bytes.len() as u64;
            self.store.bytes.fetch_sub(unused, super::Ordering::Relaxed);
        }
        appended
    }

    fn append_reserved(&self, bytes: &[u8]) -> Result<(), PartError> {
        let mut state = self.own()?;
        let mut file = &self.file;
        let written = file
            .seek(SeekFrom::Start(state.len))
            .and_then(|_| file.write_all(bytes));
        if let Err(error) = written {
            // What stands behind the length does not count, and the next claim cuts it.
            let _: io::Result<()> = file.set_len(state.len);
            return Err(error.into());
        }
        state.len += bytes.len() as u64;
        state.used = SystemTime::now();
        Ok(())
    }

    /// Says that somebody was told its key: it stays when it is dropped without a byte, also for the next run.
    ///
    /// # Errors
    /// [`PartError::Taken`].
    pub fn announce(&self) -> Result<(), PartError> {
        self.own()?.announced = true;
        Ok(())
    }

    /// Cuts it to this length, if it is longer.
    ///
    /// # Errors
    /// [`PartError::Taken`], [`PartError::Io`].
    pub fn truncate(&mut self, len: u64) -> Result<(), PartError> {
        let mut state = self.own()?;
        let Some(less) = state.len.checked_sub(len).filter(|&less| less > 0) else {
            return Ok(());
        };
        self.file.set_len(len)?;
        state.len = len;
        if state.hashed.as_ref().is_some_and(|hashed| hashed.to > len) {
            state.hashed = None;
        }
        self.store.bytes.fetch_sub(less, super::Ordering::Relaxed);
        Ok(())
    }

    /// Waits until its bytes are on the disk.
    ///
    /// # Errors
    /// [`PartError::Io`].
    pub fn sync(&self) -> Result<(), PartError> {
        Ok(self.file.sync_data()?)
    }

    /// Returns a reader of what it has now, from its first byte on, which can be moved to any other.
    ///
    /// # Errors
    /// [`PartError::Taken`], [`PartError::Io`].
    pub fn reader(&self) -> Result<File, PartError> {
        let state = self.own()?;
        let reader = File::open(self.store.path(&self.key))?;
        drop(state);
        Ok(reader)
    }

    /// Returns SHA-256 over the bytes from `from` to `to`. It goes on from what was hashed before, so that
    /// asking again and again costs no reading.
    ///
    /// # Errors
    /// [`PartError::Taken`], [`PartError::Io`]; also where there are not so many.
    pub fn hash(&self, from: u64, to: u64) -> Result<[u8; 32], PartError> {
        let known = self.own()?.hashed.take();
        let mut hashed = known
            .filter(|hashed| hashed.from == from && hashed.to <= to)
            .unwrap_or_else(|| Hashed {
                from,
                to: from,
                hash: Sha256Stream::new(),
            });
        let mut reader = self.reader()?;
        reader.seek(SeekFrom::Start(hashed.to))?;
        let mut buffer = vec![0; BUFFER];
        while hashed.to < to {
            let left = usize::try_from(to - hashed.to).unwrap_or(BUFFER);
            match reader.read(&mut buffer[..left.min(BUFFER)]) {
                Ok(0) => return Err(io::Error::from(ErrorKind::UnexpectedEof).into()),
                Ok(len) => {
                    hashed.hash.update(&buffer[..len]);
                    hashed.to += len as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        let hash = hashed.hash.clone().finalize();
        self.own()?.hashed = Some(hashed);
        Ok(hash)
    }

    /// Removes it, if nobody else has taken it.
    pub fn remove(self) {
        let mut slots = self.store.lock();
        if let Ok(mut state) = self.own() {
            self.store.forget(&self.key, &mut state);
            slots.remove(&self.key);
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Ok(mut state) = self.own() {
            state.holder = None;
        }
        // One that never got a byte leaves nothing behind, unless somebody will ask for it.
        let mut slots = self.store.lock();
        let mut state = self.slot.lock();
        if !state.is_worth_keeping() && state.holder.is_none() && !state.gone {
            self.store.forget(&self.key, &mut state);
            slots.remove(&self.key);
        }
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Part({} bytes)", self.len())
    }
}
