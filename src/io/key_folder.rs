//! The key folder: keys that are called by a name (floor 5).
//!
//! ```text
//! FOLDER/NAME        a private key (PKCS#8 PEM) or a symmetric key, open to its owner only
//! FOLDER/NAME.pub    the public key; of somebody else's key this is all there is
//! FOLDER/NAME.crt    or a certificate with it
//! ```
//!
//! Like ssh, a folder in which others can write is refused: whoever can exchange a public key reads what
//! is sealed for it.

use core::fmt;
use std::env;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::names::{NameError, check_name};
use super::private::Sharing;

pub use entries::{KeyEntry, StoredKey};
pub use error::KeyFolderError;
pub use identities::{FolderIdentities, PassphraseSource};

mod entries;
mod error;
mod identities;
#[cfg(test)]
mod tests;

/// The environment variable that names the folder.
pub const KEY_FOLDER_VARIABLE: &str = "SECIMG_KEYS";

/// What a public key's file adds to the name, and what a certificate's does.
const PUBLIC: &str = ".pub";
const CERTIFICATE: &str = ".crt";

/// A folder with keys, in which nobody else can write.
#[derive(Debug, Clone)]
pub struct KeyFolder {
    path: PathBuf,
    sharing: Sharing,
    /// Its mode, where others can list it.
    listed: Option<u32>,
}

impl KeyFolder {
    /// Returns where the folder is: `$SECIMG_KEYS`, or `secimg/keys` in the platform's folder for
    /// configuration (`$XDG_CONFIG_HOME` or `~/.config`, on macOS `~/Library/Application Support`, on
    /// Windows `%APPDATA%`). Nothing where there is none of these.
    #[must_use]
    pub fn default_path() -> Option<PathBuf> {
        let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
        if let Some(path) = variable(KEY_FOLDER_VARIABLE) {
            return Some(path.into());
        }
        let base = if cfg!(windows) {
            PathBuf::from(variable("APPDATA")?)
        } else if cfg!(target_os = "macos") {
            env::home_dir()?.join("Library/Application Support")
        } else {
            // The XDG specification: a relative path there is to be ignored.
            let set = variable("XDG_CONFIG_HOME").map(PathBuf::from);
            match set.filter(|path| path.is_absolute()) {
                Some(path) => path,
                None => env::home_dir()?.join(".config"),
            }
        };
        Some(base.join("secimg").join("keys"))
    }

    /// Opens a folder; `Ok(None)` where there is nothing. `sharing` is for the folder and for the private
    /// keys in it.
    ///
    /// # Errors
    /// [`KeyFolderError::Writable`] and [`KeyFolderError::Foreign`] for a folder that is in the hands of
    /// others, unless `sharing` allows it; [`KeyFolderError::NotAFolder`], [`KeyFolderError::Io`].
    pub fn open(path: &Path, sharing: Sharing) -> Result<Option<Self>, KeyFolderError> {
        let found = match fs::metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(KeyFolderError::Io(path.into(), "look at", error)),
        };
        if !found.is_dir() {
            return Err(KeyFolderError::NotAFolder(path.into()));
        }
        if sharing == Sharing::Refused {
            check_hands(path, &found)?;
        }
        Ok(Some(Self {
            path: path.into(),
            sharing,
            listed: mode(&found).filter(|mode| mode & 0o055 != 0),
        }))
    }

    /// Opens a folder, and creates it (0700, the folders above it too) where there is nothing.
    ///
    /// # Errors
    /// As [`KeyFolder::open`].
    pub fn open_or_create(path: &Path, sharing: Sharing) -> Result<Self, KeyFolderError> {
        if let Some(folder) = Self::open(path, sharing)? {
            return Ok(folder);
        }
        create(path).map_err(|error| KeyFolderError::Io(path.into(), "create", error))?;
        Self::open(path, sharing)?.ok_or_else(|| {
            let gone = io::Error::from(ErrorKind::NotFound);
            KeyFolderError::Io(path.into(), "open", gone)
        })
    }

    /// Returns the folder's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the folder's mode, where others can see what keys are in it. That is worth a warning.
    #[must_use]
    pub const fn listed_by_others(&self) -> Option<u32> {
        self.listed
    }

    /// Returns where a new private key of this name goes, and its public key.
    ///
    /// # Errors
    /// [`KeyFolderError::Name`] and [`KeyFolderError::Suffix`] for what is no name of a key.
    pub fn files_for(&self, name: &str) -> Result<(PathBuf, PathBuf), KeyFolderError> {
        check_key_name(name)?;
        Ok((self.join(name, ""), self.join(name, PUBLIC)))
    }

    /// Returns the file of a private or symmetric key, if it is there.
    ///
    /// # Errors
    /// [`KeyFolderError::Name`].
    pub fn find_private(&self, name: &str) -> Result<Option<PathBuf>, KeyFolderError> {
        check_name(name)?;
        Ok(Some(self.join(name, "")).filter(|path| exists(path)))
    }

    /// Returns the file of a public key, if it is there: NAME.pub or else NAME.crt. A name that ends so
    /// is the file's own.
    ///
    /// # Errors
    /// [`KeyFolderError::Name`].
    pub fn find_public(&self, name: &str) -> Result<Option<PathBuf>, KeyFolderError> {
        check_name(name)?;
        let suffixes: &[&str] = if public_stem(name).is_some() {
            &[""]
        } else {
            &[PUBLIC, CERTIFICATE]
        };
        let mut paths = suffixes.iter().map(|suffix| self.join(name, suffix));
        Ok(paths.find(|path| exists(path)))
    }

    fn join(&self, name: &str, suffix: &str) -> PathBuf {
        self.path.join(format!("{name}{suffix}"))
    }
}

/// Says whether a new key can have this name: one path component that every system can store, which
/// does not end as the file of a public key does.
///
/// # Errors
/// [`KeyFolderError::Name`], [`KeyFolderError::Suffix`].
pub fn check_key_name(name: &str) -> Result<(), KeyFolderError> {
    check_name(name)?;
    match public_stem(name) {
        Some(_) => Err(KeyFolderError::Suffix(name.to_owned())),
        None => Ok(()),
    }
}

/// The name without what marks a public key's file, where it is one.
fn public_stem(name: &str) -> Option<&str> {
    let strip = |suffix| name.strip_suffix(suffix).filter(|stem| !stem.is_empty());
    strip(PUBLIC).or_else(|| strip(CERTIFICATE))
}

/// A link that leads nowhere is there too: it is reported and not passed over.
fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is no mode")]
fn mode(found: &Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(found.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
const fn mode(_: &Metadata) -> Option<u32> {
    None
}

/// Refuses a folder in which somebody else can put a key: by its mode, or because it is theirs.
fn check_hands(path: &Path, found: &Metadata) -> Result<(), KeyFolderError> {
    match mode(found) {
        Some(mode) if mode & 0o022 != 0 => Err(KeyFolderError::Writable(path.into(), mode)),
        _ if is_foreign(found) => Err(KeyFolderError::Foreign(path.into())),
        _ => Ok(()),
    }
}

/// Whether somebody else than this process's user and root owns it.
#[cfg(unix)]
fn is_foreign(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    // The standard library does not say who we are; what we have made does.
    let own = || tempfile::tempfile().ok()?.metadata().ok();
    found.uid() != 0 && own().is_some_and(|own| own.uid() != found.uid())
}

#[cfg(not(unix))]
const fn is_foreign(_: &Metadata) -> bool {
    false
}

impl fmt::Display for KeyFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&error::shown(&self.path))
    }
}

impl From<NameError> for KeyFolderError {
    fn from(error: NameError) -> Self {
        Self::Name(error)
    }
}
