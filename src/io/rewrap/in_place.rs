//! The order of steps that leaves the old recipients or the new ones, wherever it is cut off.
//!
//! ```text
//! create backup -> write it -> sync it -> sync folder -> overwrite -> sync -> delete backup -> sync folder
//! ```

use std::io;

use super::backup::{Found, Head};
use super::disk::Disk;

/// What became of a backup that was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recovery {
    /// There is none.
    Nothing,
    /// The old block stands again, and the backup is gone.
    Restored,
    /// One that was cut short lies there; the stream was not touched.
    Torn,
    /// What lies there is no backup, and nothing was changed.
    Strange,
    /// A backup of another stream, and nothing was changed.
    OfAnother,
}

/// Why a block was not overwritten.
#[derive(Debug)]
pub(super) enum Failed {
    /// The stream is as it was.
    Untouched(io::Error),
    /// The backup stays, and the next run puts the old block back.
    Unfinished(io::Error),
}

/// Puts the old block back where a backup asks for it.
pub(super) fn recover(disk: &mut impl Disk) -> io::Result<Recovery> {
    match disk.find_backup()? {
        Found::Nothing => Ok(Recovery::Nothing),
        Found::Torn => Ok(Recovery::Torn),
        Found::Strange => Ok(Recovery::Strange),
        Found::OfAnother => Ok(Recovery::OfAnother),
        Found::Whole(old) => restore(disk, &old).map(|()| Recovery::Restored),
    }
}

fn restore(disk: &mut impl Disk, old: &Head) -> io::Result<()> {
    disk.overwrite(&old.frame)?;
    disk.sync_stream()?;
    disk.delete_backup()?;
    disk.sync_folder()
}

/// Overwrites the old block by `new`, which is as long.
pub(super) fn replace(disk: &mut impl Disk, old: &Head, new: &[u8]) -> Result<(), Failed> {
    // Whatever else lies under the name is not ours to remove.
    disk.create_backup().map_err(Failed::Untouched)?;
    if let Err(error) = save(disk, old) {
        // The first failure is the one to report; a torn backup that stays does no harm.
        let _: io::Result<()> = disk.delete_backup();
        return Err(Failed::Untouched(error));
    }
    if let Err(error) = disk.overwrite(new).and_then(|()| disk.sync_stream()) {
        return Err(match restore(disk, old) {
            Ok(()) => Failed::Untouched(error),
            Err(_) => Failed::Unfinished(error),
        });
    }
    disk.delete_backup()
        .and_then(|()| disk.sync_folder())
        .map_err(Failed::Unfinished)
}

fn save(disk: &mut impl Disk, old: &Head) -> io::Result<()> {
    disk.write_backup(&old.to_backup())?;
    disk.sync_backup()?;
    disk.sync_folder()
}
