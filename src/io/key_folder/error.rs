//! What can be wrong with a key folder, and with what is in it.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::io::file::FileError;
use crate::io::names::{NameError, escape_hidden};
use crate::keys::KeyError;

/// Why a key folder, or a key in it, is not used. Messages name the file and what to do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyFolderError {
    /// Others can write in the folder; the number is its mode.
    #[error(
        "others can write in the key folder {} (mode {:04o}); make it private with chmod 700, or pass \
         --allow-shared-key",
        shown(.0), .1
    )]
    Writable(PathBuf, u32),
    /// The folder belongs to another user.
    #[error("the key folder {} belongs to another user; --allow-shared-key takes it nevertheless", shown(.0))]
    Foreign(PathBuf),
    /// A file stands where the folder should be.
    #[error("the key folder {} is no folder", shown(.0))]
    NotAFolder(PathBuf),
    /// A key cannot be called so.
    #[error("no key can have this name: {0}")]
    Name(NameError),
    /// The name ends as the files of public keys do.
    #[error("no key can have the name \"{0}\": .pub and .crt are for the files of public keys")]
    Suffix(String),
    /// What is in the folder is no regular file.
    #[error("{} is no regular file", shown(.0))]
    Special(PathBuf),
    /// An encrypted private key, of which nobody knows whom it is for before it is decrypted.
    #[error(
        "{} is encrypted and has no public key beside it, so it is not known what it opens; \
         `secimg pub` makes one", shown(.0)
    )]
    NoPublicSide(PathBuf),
    /// A file could not be read, or is open to others.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file holds no key that can be used.
    #[error("{}: {}", shown(.0), .1)]
    Key(PathBuf, KeyError),
    /// The operating system refused; the text says what was being done.
    #[error("cannot {} the key folder {}", .1, shown(.0))]
    Io(PathBuf, &'static str, #[source] io::Error),
}

pub(super) fn shown(path: &Path) -> String {
    escape_hidden(&path.to_string_lossy())
}
