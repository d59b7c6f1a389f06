//! Names for the files of one stream: what they have in common is asked and made durable once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{ClosedFile, FileError, FileMode, folder_of};

/// Gives many whole files their names, one after the other, and makes all the names durable together.
///
/// Each file was made durable when it was closed, so after a power failure whatever stands under a name is whole.
/// What [`Naming::finish`] adds is that all of them stand there.
///
/// ```
/// use std::io::Write;
/// use secimg::io::file::{FileMode, Naming, Overwrite, PendingFile};
///
/// let folder = tempfile::tempdir()?;
/// let mut naming = Naming::new(FileMode::Shared);
/// for name in ["slice-1.dcm", "slice-2.dcm"] {
///     let mut file = PendingFile::create(&folder.path().join(name), Overwrite::Refuse)?;
///     file.write_all(b"an image")?;
///     naming.name(file.close()?)?;
/// }
/// naming.finish()?;
/// assert!(folder.path().join("slice-2.dcm").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct Naming {
    mode: FileMode,
    /// The folders in which names were given, and the mode that a file has there.
    folders: BTreeMap<PathBuf, u32>,
}

impl Naming {
    /// Starts with no file. All of them get this mode.
    pub const fn new(mode: FileMode) -> Self {
        Self {
            mode,
            folders: BTreeMap::new(),
        }
    }

    /// Gives a file its mode and its name.
    ///
    /// The mode is the one thing that a power failure may undo behind [`Naming::finish`] on file systems that do not write
    /// what belongs to one folder in order; the file is its owner's alone then.
    ///
    /// # Errors
    ///
    /// As [`ClosedFile::commit`]; the file is gone then, and others that have their names keep them.
    pub fn name(&mut self, file: ClosedFile) -> Result<(), FileError> {
        let mode = self.mode_in(folder_of(file.target())?, &file)?;
        file.name_with(mode)
    }

    /// The folder is asked once, and for one stream: later it may have other rules.
    fn mode_in(&mut self, folder: &Path, file: &ClosedFile) -> Result<u32, FileError> {
        if let Some(&mode) = self.folders.get(folder) {
            return Ok(mode);
        }
        let mode = wanted_mode(self.mode, folder, file)?;
        self.folders.insert(folder.to_path_buf(), mode);
        Ok(mode)
    }

    /// Makes the names durable. Nothing is durable before, and a naming that is dropped makes nothing durable.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`]; the names are there, and may be gone after a power failure.
    pub fn finish(self) -> Result<(), FileError> {
        #[cfg(unix)]
        for folder in self.folders.keys() {
            super::sync_folder(folder).map_err(|source| {
                FileError::Io(folder.clone(), "make durable the folder", source)
            })?;
        }
        Ok(())
    }
}

#[cfg(unix)]
fn wanted_mode(mode: FileMode, folder: &Path, file: &ClosedFile) -> Result<u32, FileError> {
    super::wanted_mode(mode, folder, file.path())
        .map_err(|source| FileError::Io(file.target().into(), "set the mode of", source))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "one signature on every platform")]
const fn wanted_mode(_: FileMode, _: &Path, _: &ClosedFile) -> Result<u32, FileError> {
    Ok(0)
}
