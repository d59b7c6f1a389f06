//! The folder that images go into, and the folders below it that a stream asks for.
//!
//! Where a path was stored with an image, its folders are made only when the stream is verified, and
//! entered so that no link leads out: see [`Folder`].

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use secimg::io::file::{FileError, FileMode, Overwrite};
use secimg::io::folder::{Folder, FolderError};
use secimg::io::names::check_path;

use crate::exit::{Failure, Status};
use crate::label::shown;
use crate::pending::Pending;
use crate::state::State;

/// A folder for images. If it did not exist it is created, and removed again when nothing came into it.
#[derive(Debug)]
pub(crate) struct OutputFolder {
    pub(super) path: PathBuf,
    created: bool,
    /// Whether the folders that were stored with the images are made.
    pub(super) keep_paths: bool,
    /// What a receiver keeps, so that a stream that comes again is stored once.
    pub(super) state: Option<State>,
}

impl OutputFolder {
    pub(crate) fn prepare(path: &Path) -> Result<Self, Failure> {
        let path = path.to_path_buf();
        let created = match fs::create_dir(&path) {
            Ok(()) => true,
            Err(_) if path.is_dir() => false,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let what = format!("{} is no folder", shown(&path));
                return Err(Failure::usage(what));
            }
            Err(error) => {
                let doing = format!("cannot create the folder {}", shown(&path));
                return Err(Failure::io(&doing, &error));
            }
        };
        Ok(Self {
            path,
            created,
            keep_paths: false,
            state: None,
        })
    }

    /// Says whether folders are made for paths. Without that the last component is an image's name.
    pub(crate) const fn keeping_paths(mut self, keep_paths: bool) -> Self {
        self.keep_paths = keep_paths;
        self
    }

    /// Records what is stored, so that images of a stream that comes again are not taken for another's.
    pub(crate) fn recorded(mut self, state: Option<State>) -> Self {
        self.state = state;
        self
    }

    /// What stands in the names of temporary files.
    pub(crate) fn mark(&self) -> &str {
        self.state.as_ref().map_or("", |state| &state.mark)
    }

    /// What of a stored name or path is used here. All of it must be sound, also what is not used.
    pub(super) fn place<'a>(&self, stored: &'a str) -> Result<&'a str, Failure> {
        let components = check_path(stored)?;
        match components.last() {
            Some(name) if !self.keep_paths => Ok(name),
            _ => Ok(stored),
        }
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        if self.created {
            // This fails where something is in it, as it should.
            let _: io::Result<()> = fs::remove_dir(&self.path);
        }
    }
}

/// A place below the output folder: folders, and a name in the last of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Below {
    folders: Vec<String>,
    name: String,
}

impl Below {
    /// Nothing for a name without folders.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        let (folders, name) = path.rsplit_once('/')?;
        Some(Self {
            folders: folders.split('/').map(str::to_owned).collect(),
            name: name.to_owned(),
        })
    }

    fn enter(&self, top: &Path) -> Result<Folder, Failure> {
        let mut folder = Folder::open(top)?;
        for name in &self.folders {
            folder = folder.enter(name)?;
        }
        Ok(folder)
    }

    /// Makes the folders that are not there, notes them, and refuses what stands under the name.
    pub(super) fn prepare(
        &self,
        top: &Path,
        overwrite: Overwrite,
        made: &mut Vec<Self>,
    ) -> Result<(), Failure> {
        let mut folder = Folder::open(top)?;
        for (depth, name) in self.folders.iter().enumerate() {
            let (inner, created) = folder.enter_or_create(name)?;
            if created {
                made.push(Self {
                    folders: self.folders[..depth].to_vec(),
                    name: name.clone(),
                });
            }
            folder = inner;
        }
        self.create(&folder, overwrite).map(drop)
    }

    /// Gives a file its name there, with what `put` writes.
    pub(super) fn write(
        &self,
        top: &Path,
        overwrite: Overwrite,
        put: impl FnOnce(&mut Pending) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        // Held until the file has its name, which is good only so long.
        let folder = self.enter(top)?;
        let mut file = self.create(&folder, overwrite)?;
        put(&mut file)?;
        file.commit(FileMode::Shared)
            .map_err(|error| self.named(&folder, error))
    }

    fn create(&self, folder: &Folder, overwrite: Overwrite) -> Result<Pending, Failure> {
        Pending::create(&folder.target(&self.name)?, overwrite)
            .map_err(|error| self.named(folder, error))
    }

    /// The file is reached by another path than the one that people know.
    fn named(&self, folder: &Folder, error: FileError) -> Failure {
        let mut failure = Failure::from(error);
        if let Ok(reach) = folder.target(&self.name) {
            let path = folder.path().join(&self.name);
            failure.message = failure.message.replace(&shown(&reach), &shown(&path));
        }
        failure
    }

    pub(super) fn remove_file(&self, top: &Path) {
        if let Ok(folder) = self.enter(top)
            && let Ok(target) = folder.target(&self.name)
        {
            let _: io::Result<()> = fs::remove_file(target);
        }
    }

    pub(super) fn remove_folder(&self, top: &Path) {
        if let Ok(folder) = self.enter(top) {
            let _: Result<(), FolderError> = folder.remove_empty(&self.name);
        }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        let text = error.to_string();
        match error {
            FolderError::Name(error) => error.into(),
            FolderError::Link(_) | FolderError::NotAFolder(_) => {
                Self::new(Status::Usage, "exists", text)
            }
            FolderError::Io(_, _, reason) => {
                Self::new(Status::Io, "io", format!("{text}: {reason}"))
            }
            _ => Self::new(Status::Io, "io", text),
        }
    }
}
