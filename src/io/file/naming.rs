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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;
    use crate::io::file::{Overwrite, PendingFile};

    #[test]
    fn many_files_get_their_names_together() {
        let folder = tempfile::tempdir().unwrap();
        let closed = |name: &str, overwrite| {
            let mut file = PendingFile::create(&folder.path().join(name), overwrite).unwrap();
            file.write_all(name.as_bytes()).unwrap();
            file.close().unwrap()
        };
        let files = ["a", "b", "c"].map(|name| closed(name, Overwrite::Refuse));
        let late = closed("d", Overwrite::Refuse);
        fs::write(folder.path().join("d"), b"another's").unwrap();
        let mut naming = Naming::new(FileMode::Shared);
        for file in files {
            naming.name(file).unwrap();
        }
        assert!(matches!(naming.name(late), Err(FileError::Exists(_))));
        naming.name(closed("d", Overwrite::Replace)).unwrap();
        naming.finish().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
        for name in ["a", "b", "c", "d"] {
            assert_eq!(fs::read(folder.path().join(name)).unwrap(), name.as_bytes());
        }
    }

    #[cfg(unix)]
    #[test]
    fn files_named_together_have_the_mode_of_files_named_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode_of = |name: &str| {
            let found = fs::metadata(folder.path().join(name)).unwrap();
            found.permissions().mode()
        };
        for (mode, names) in [
            (FileMode::Shared, ["shared", "shared too"]),
            (FileMode::Private, ["private", "private too"]),
        ] {
            let create = |name| PendingFile::create(&folder.path().join(name), Overwrite::Refuse);
            create(names[0]).unwrap().commit(mode).unwrap();
            let mut naming = Naming::new(mode);
            naming
                .name(create(names[1]).unwrap().close().unwrap())
                .unwrap();
            naming.finish().unwrap();
            assert_eq!(mode_of(names[0]), mode_of(names[1]));
        }
        assert_ne!(mode_of("shared"), mode_of("private"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_took_the_place_of_a_closed_one_gets_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.png");
        let file = PendingFile::create(&target, Overwrite::Refuse).unwrap();
        let closed = file.close().unwrap();
        // Kept, so that its number is not given to the next.
        fs::rename(closed.path(), folder.path().join("moved")).unwrap();
        fs::write(closed.path(), b"another's").unwrap();
        let mut naming = Naming::new(FileMode::Shared);
        assert!(matches!(naming.name(closed), Err(FileError::Io(..))));
        assert!(!target.exists());
    }
}
