//! Folders in which something is kept from one run to the next.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

use super::replay::StateError;

/// Creates a folder for its owner alone, if it is not there. The folder that it is in must exist.
pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(false);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        created => created,
    }
}

/// The name of what is kept for a stream.
pub(super) fn hex(id: &[u8; 32]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    id.iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Makes this process the only one that uses the folder, until the file is dropped or the process ends,
/// in whatever way.
pub(super) fn lock_folder(folder: &Path) -> Result<File, StateError> {
    let path = folder.join("lock");
    let failed = |doing| {
        let path = path.clone();
        move |error| StateError::Io(path, doing, error)
    };
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let file = options.open(&path).map_err(failed("open"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StateError::InUse(folder.into())),
        Err(TryLockError::Error(error)) => Err(failed("lock")(error)),
    }
}
