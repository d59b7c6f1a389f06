//! A fresh folder with pictures and keys.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use secimg::io::file::Overwrite;
use secimg::io::private::write_private;
use secimg::keys::{GenerateKind, PrivateKey};

use super::samples;
use crate::exit::Failure;
use crate::inputs::open_file;
use crate::label::shown;

/// Where the demonstration happens. The folder is kept: people want to look at it.
pub(super) struct Scene {
    pub(super) folder: PathBuf,
    pub(super) pictures: Vec<Picture>,
    given: bool,
}

/// Who takes part.
pub(super) struct Keys {
    pub(super) receiver: PrivateKey,
    pub(super) sender: PrivateKey,
}

pub(super) struct Picture {
    pub(super) path: PathBuf,
    /// What can be seen on it, with a comma behind it, where that is known.
    pub(super) what: String,
    pub(super) bytes: u64,
}

impl Picture {
    /// The file's name, for people.
    pub(super) fn name(&self) -> String {
        shown(self.path.file_name().map_or(&self.path, Path::new))
    }
}

impl Scene {
    /// Takes the files that were named, or draws some.
    pub(super) fn set(files: &[PathBuf]) -> Result<Self, Failure> {
        let given: Result<Vec<_>, _> = files.iter().map(|file| named(file)).collect();
        let given = given?;
        let folder = tempfile::Builder::new().prefix("secimg-demo-").tempdir();
        let folder = folder.map_err(|error| Failure::io("cannot create a folder", &error))?;
        let mut scene = Self {
            folder: folder.keep(),
            pictures: given,
            given: !files.is_empty(),
        };
        if !scene.given {
            scene.draw().map_err(|error| cannot_write(&error))?;
        }
        Ok(scene)
    }

    fn draw(&mut self) -> io::Result<()> {
        let originals = self.folder.join("originals");
        fs::create_dir(&originals)?;
        for sample in samples::all().map_err(io::Error::other)? {
            let path = originals.join(sample.name);
            fs::write(&path, &sample.bytes)?;
            let (what, bytes) = (format!("{}, ", sample.what), sample.bytes.len() as u64);
            self.pictures.push(Picture { path, what, bytes });
        }
        Ok(())
    }

    pub(super) fn key_file(&self, name: &str) -> PathBuf {
        self.folder.join("keys").join(name)
    }

    /// Only where they were drawn here.
    pub(super) fn originals(&self) -> Option<PathBuf> {
        (!self.given).then(|| self.folder.join("originals"))
    }

    pub(super) fn received(&self) -> PathBuf {
        self.folder.join("received")
    }

    pub(super) fn sealed(&self) -> PathBuf {
        self.folder.join("pictures.secimg")
    }
}

impl Keys {
    /// Makes the keys and writes them down, so that the other commands can be tried with them.
    pub(super) fn make(scene: &Scene) -> Result<Self, Failure> {
        fs::create_dir(scene.key_file("")).map_err(|error| cannot_write(&error))?;
        let keys = Self {
            receiver: PrivateKey::generate(GenerateKind::default())?,
            sender: PrivateKey::generate(GenerateKind::Ed25519)?,
        };
        for (who, key) in [("receiver", &keys.receiver), ("sender", &keys.sender)] {
            write_private(
                &scene.key_file(who),
                key.to_pem()?.as_bytes(),
                Overwrite::Refuse,
            )?;
            let public = scene.key_file(&format!("{who}.pub"));
            fs::write(public, key.public().to_pem()).map_err(|error| cannot_write(&error))?;
        }
        Ok(keys)
    }
}

fn named(path: &Path) -> Result<Picture, Failure> {
    let (_, metadata) = open_file(path).map_err(|failure| failure.about(path))?;
    Ok(Picture {
        path: path.to_path_buf(),
        what: String::new(),
        bytes: metadata.len(),
    })
}

pub(super) fn cannot_write(error: &io::Error) -> Failure {
    Failure::io("cannot write the demonstration's files", error)
}
