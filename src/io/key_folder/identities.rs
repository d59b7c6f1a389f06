//! The keys of a folder as identities: each is tried only where its key id stands in the stream, and an
//! encrypted one is decrypted only then.

use core::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::crypto::Cek;
use crate::format::{KeyId, RecipientType, Salt};
use crate::io::private::Sharing;
use crate::keys::{
    Identity, KeyError, PrivateKey, PublicKey, RawKeyRecipient, Recipient, UnwrapContext,
};

use super::KeyFolder;
use super::entries::{KeyEntry, StoredKey, read_public, read_secret};
use super::error::KeyFolderError;

/// Gives the passphrase of the encrypted private key in a file. It is asked only when a stream is for
/// that key.
pub type PassphraseSource =
    Arc<dyn Fn(&Path) -> Result<Zeroizing<Vec<u8>>, KeyError> + Send + Sync>;

/// What [`KeyFolder::identities`] found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct FolderIdentities {
    /// One for each key that can open streams.
    pub identities: Vec<Arc<dyn Identity>>,
    /// Private keys that are left out, and why: open to others, damaged, encrypted without a public key
    /// beside them.
    pub ignored: Vec<KeyFolderError>,
}

impl KeyFolder {
    /// Makes an identity of each private and symmetric key that can open streams. Keys that only sign,
    /// and files that are no keys, are passed over.
    ///
    /// A private key with its public key beside it is not read before a stream is for it. Where it then
    /// turns out to be another key, the identity fails with [`KeyError::Provider`].
    ///
    /// # Errors
    /// [`KeyFolderError::Io`] when the folder itself cannot be read.
    pub fn identities(
        &self,
        passphrase: &PassphraseSource,
    ) -> Result<FolderIdentities, KeyFolderError> {
        let mut found = FolderIdentities::default();
        for entry in self.entries()? {
            let Some(path) = &entry.private else {
                continue;
            };
            match self.identity(&entry, path, passphrase) {
                Ok(identity) => found.identities.extend(identity),
                Err(KeyFolderError::Key(_, KeyError::NotAKey(_))) => {}
                Err(error) => found.ignored.push(error),
            }
        }
        Ok(found)
    }

    fn identity(
        &self,
        entry: &KeyEntry,
        path: &Path,
        passphrase: &PassphraseSource,
    ) -> Result<Option<Arc<dyn Identity>>, KeyFolderError> {
        if let Some(public) = &entry.public {
            // Whether others can read the private key is seen now.
            drop(read_secret(path, self.sharing)?);
            if let Ok(public) = read_public(public) {
                let deferred = Deferred::new(&public, path, self.sharing, passphrase);
                return Ok(deferred.map(|identity| Arc::new(identity) as Arc<dyn Identity>));
            }
        }
        match self.read(entry)? {
            StoredKey::Symmetric(key) => Ok(Some(Arc::new(RawKeyRecipient::new(key)))),
            // A key that only signs has no identity.
            StoredKey::Private(key) => Ok(key.identity().ok()),
            StoredKey::Encrypted(_) => Err(KeyFolderError::NoPublicSide(path.into())),
            StoredKey::Public(_) => Ok(None),
        }
    }
}

/// A private key that is known by its public side until it is needed.
struct Deferred {
    recipient: Arc<dyn Recipient>,
    public: PublicKey,
    path: PathBuf,
    sharing: Sharing,
    passphrase: PassphraseSource,
    identity: Mutex<Option<Arc<dyn Identity>>>,
}

impl Deferred {
    /// Nothing for a key that only signs.
    fn new(
        public: &PublicKey,
        path: &Path,
        sharing: Sharing,
        passphrase: &PassphraseSource,
    ) -> Option<Self> {
        Some(Self {
            recipient: public.recipient().ok()?,
            public: public.clone(),
            path: path.into(),
            sharing,
            passphrase: Arc::clone(passphrase),
            identity: Mutex::default(),
        })
    }

    /// Reads the key once; a passphrase that was wrong is asked for again with the next stream.
    fn identity(&self) -> Result<Arc<dyn Identity>, KeyError> {
        let mut known = self.identity.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(identity) = &*known {
            return Ok(Arc::clone(identity));
        }
        let identity = self.read()?;
        *known = Some(Arc::clone(&identity));
        Ok(identity)
    }

    fn read(&self) -> Result<Arc<dyn Identity>, KeyError> {
        let text = read_secret(&self.path, self.sharing)
            .map_err(|error| KeyError::Provider(error.to_string()))?;
        let passphrase = if PrivateKey::is_encrypted_pem(&text) {
            Some((self.passphrase)(&self.path)?)
        } else {
            None
        };
        let passphrase = passphrase.as_ref().map(|bytes| bytes.as_slice());
        let key = PrivateKey::from_pem(&text, passphrase)?;
        if *key.public() != self.public {
            let name = super::error::shown(&self.path);
            let what = format!("{name} is not the private side of the public key beside it");
            return Err(KeyError::Provider(what));
        }
        key.identity()
    }
}

impl Identity for Deferred {
    fn kind(&self) -> RecipientType {
        self.recipient.kind()
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        self.recipient.key_id(salt)
    }

    fn unwrap(&self, body: &[u8], context: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        self.identity()?.unwrap(body, context)
    }

    fn spki(&self) -> Option<&[u8]> {
        self.recipient.spki()
    }
}

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deferred({:?})", self.public)
    }
}
