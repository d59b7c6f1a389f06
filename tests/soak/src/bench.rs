//! What all rows work with: a folder, a key, and the command.

use core::time::Duration;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::{OpenOptions, SealOptions};
use tempfile::TempDir;

use crate::args::Args;
use crate::command::Secimg;

/// What all rows work with.
pub(crate) struct Bench {
    pub(crate) seed: u64,
    /// How long a row may take that goes on until the time is up.
    pub(crate) time: Duration,
    secimg: Option<PathBuf>,
    key: Arc<RawKeyRecipient>,
    folder: TempDir,
}

impl Bench {
    pub(crate) fn new(args: &Args) -> Self {
        let folder = match &args.folder {
            Some(path) => TempDir::new_in(path),
            None => TempDir::new(),
        }
        .expect("a temporary folder");
        let key = SymmetricKey::generate().expect("randomness");
        let file = folder.path().join("key");
        write_private(&file, &key.to_file_text());
        Self {
            seed: args.seed,
            time: args.share(),
            secimg: args.secimg.clone(),
            key: Arc::new(RawKeyRecipient::new(key)),
            folder,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A new folder for one row, or one part of it.
    pub(crate) fn room(&self, name: &str) -> PathBuf {
        let room = self.folder().join(name);
        fs::create_dir_all(&room).expect("a folder");
        room
    }

    pub(crate) fn secimg(&self) -> Secimg {
        let path = self.secimg.clone().expect("checked with the arguments");
        Secimg::new(path, self.folder().join("key"), self.room("home"))
    }

    pub(crate) fn sealing(&self) -> SealOptions {
        SealOptions::new().recipient(self.key.clone())
    }

    pub(crate) fn opening(&self) -> OpenOptions {
        OpenOptions::new().identity(self.key.clone())
    }
}

fn write_private(path: &Path, text: &str) {
    fs::write(path, text).expect("the key file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let owner_only = fs::Permissions::from_mode(0o600);
        fs::set_permissions(path, owner_only).expect("the key file's permissions");
    }
}
