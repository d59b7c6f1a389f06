//! What is in a key folder, key by key.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::io::file::FileError;
use crate::io::names::check_name;
use crate::io::private::{Sharing, read_bounded, read_private};
use crate::keys::{Certificate, CertificateFile, KeyError, PrivateKey, PublicKey, SymmetricKey};

use super::error::KeyFolderError;
use super::{KeyFolder, public_stem};

/// The longest key file: an encrypted RSA key of 4096 bits takes 4 KiB, and text may stand around it.
const MAX_KEY_FILE: u64 = 64 << 10;
/// The longest file with a certificate and those of its authorities.
const MAX_CERTIFICATE_FILE: u64 = Certificate::MAX_FILE as u64;

/// A key in the folder: its private side, its public side, or both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct KeyEntry {
    /// What it is called by.
    pub name: String,
    /// The file of the private or symmetric key.
    pub private: Option<PathBuf>,
    /// The file of the public key or certificate.
    pub public: Option<PathBuf>,
}

/// A key as it is stored, as far as it is known without a passphrase.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoredKey {
    /// A private key in plain.
    Private(Box<PrivateKey>),
    /// An encrypted private key; the public key is that of the file beside it, and nobody has shown yet
    /// that it belongs to it.
    Encrypted(Option<Box<PublicKey>>),
    /// A public key alone.
    Public(Box<PublicKey>),
    /// A symmetric key.
    Symmetric(SymmetricKey),
}

impl KeyFolder {
    /// Lists the keys, sorted by name. Hidden files and folders are none; what cannot be read is listed,
    /// and [`KeyFolder::read`] says what is wrong with it.
    ///
    /// # Errors
    /// [`KeyFolderError::Io`] when the folder itself cannot be read.
    pub fn entries(&self) -> Result<Vec<KeyEntry>, KeyFolderError> {
        let failed = |error| KeyFolderError::Io(self.path.clone(), "read", error);
        let mut entries = BTreeMap::<String, KeyEntry>::new();
        let mut certificates = Vec::new();
        for found in fs::read_dir(&self.path).map_err(failed)? {
            let path = found.map_err(failed)?.path();
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            if file.starts_with('.') || path.is_dir() {
                continue;
            }
            match public_stem(&file) {
                Some(stem) if file.ends_with(super::PUBLIC) => {
                    entries.entry(stem.to_owned()).or_default().public = Some(path.clone());
                }
                Some(stem) => certificates.push((stem.to_owned(), path.clone())),
                None => {
                    entries
                        .entry(file.clone().into_owned())
                        .or_default()
                        .private = Some(path.clone());
                }
            }
        }
        for (name, path) in certificates {
            entries.entry(name).or_default().public.get_or_insert(path);
        }
        let named = entries
            .into_iter()
            .map(|(name, entry)| KeyEntry { name, ..entry });
        Ok(named.collect())
    }

    /// Reads a key of this folder, and asks for nothing.
    ///
    /// # Errors
    /// [`KeyFolderError`]; a private key that others can read is one.
    pub fn read(&self, entry: &KeyEntry) -> Result<StoredKey, KeyFolderError> {
        check_name(&entry.name)?;
        let public = || entry.public.as_deref().map(read_public);
        let Some(path) = &entry.private else {
            return match public() {
                Some(key) => Ok(StoredKey::Public(Box::new(key?))),
                None => Err(KeyFolderError::Special(self.path.join(&entry.name))),
            };
        };
        let text = read_secret(path, self.sharing)?;
        if let Ok(key) = SymmetricKey::from_file_bytes(&text) {
            return Ok(StoredKey::Symmetric(key));
        }
        if PrivateKey::is_encrypted_pem(&text) {
            let public = public().transpose()?;
            return Ok(StoredKey::Encrypted(public.map(Box::new)));
        }
        let of_file = |error| KeyFolderError::Key(path.clone(), error);
        match PrivateKey::from_pem(&text, None) {
            // Somebody's public key under a bare name is a public key all the same.
            Err(KeyError::PublicWherePrivate) => {
                let key = PublicKey::from_pem(&text).map_err(of_file)?;
                Ok(StoredKey::Public(Box::new(key)))
            }
            key => Ok(StoredKey::Private(Box::new(key.map_err(of_file)?))),
        }
    }
}

/// Reads a public key file of the folder, or a certificate.
pub(super) fn read_public(path: &Path) -> Result<PublicKey, KeyFolderError> {
    check_regular(path)?;
    let text = Zeroizing::new(read_bounded(path, MAX_CERTIFICATE_FILE)?);
    public_in(&text).map_err(|error| KeyFolderError::Key(path.into(), error))
}

fn public_in(bytes: &[u8]) -> Result<PublicKey, KeyError> {
    if !Certificate::is_certificate_file(bytes) {
        return PublicKey::from_pem(bytes);
    }
    let file = CertificateFile::parse(bytes)?;
    let mut own = file.end_entities();
    match (own.next(), own.next()) {
        (Some(certificate), None) => certificate.public_key().cloned(),
        (None, _) => Err(KeyError::OnlyAuthorities),
        (Some(_), Some(_)) => Err(KeyError::NotAKey("certificates of several people")),
    }
}

/// Reads a private key file of the folder. What others can read is refused if it is a secret.
pub(super) fn read_secret(
    path: &Path,
    sharing: Sharing,
) -> Result<Zeroizing<Vec<u8>>, KeyFolderError> {
    check_regular(path)?;
    match read_private(path, sharing, MAX_KEY_FILE) {
        Err(shared @ FileError::Shared(..)) => {
            let text = Zeroizing::new(read_bounded(path, MAX_KEY_FILE)?);
            if is_secret(&text) {
                return Err(shared.into());
            }
            Ok(text)
        }
        read => Ok(read?),
    }
}

fn is_secret(text: &[u8]) -> bool {
    SymmetricKey::from_file_bytes(text).is_ok()
        || matches!(PublicKey::from_pem(text), Err(KeyError::PrivateWherePublic))
}

/// A pipe in the folder would be waited for.
fn check_regular(path: &Path) -> Result<(), KeyFolderError> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(KeyFolderError::Special(path.into())),
        // Reading says what is wrong with it.
        _ => Ok(()),
    }
}
