//! One reader, for the library and for the reference.

use std::sync::Arc;

use secimg::OpenOptions;
use secimg::keys::{self, Passphrase, PublicKey, RawKeyRecipient, SymmetricKey};

use super::file::{Vector, key_file, unhex, unquote};
use crate::answer::{Identity, Reader};
use crate::der::{pem, private_key};

/// A key to open with.
#[derive(Clone)]
pub(crate) enum Key {
    Raw([u8; 32]),
    Passphrase(String),
    /// A private key file of the kit.
    File(String),
}

/// Who reads, and what it wants.
#[derive(Clone, Default)]
pub(crate) struct Who {
    pub(crate) keys: Vec<Key>,
    pub(crate) context: String,
    /// Public key files of the kit; a signature by one of them is required if there is one.
    pub(crate) trusted: Vec<String>,
}

impl Who {
    /// The reader that a vector names.
    pub(crate) fn of(vector: &Vector) -> Self {
        let keys = vector.all("identity").map(|line| {
            let (kind, value) = line.split_once(' ').unwrap();
            match kind {
                "raw" => Key::Raw(unhex(value).try_into().unwrap()),
                "passphrase" => Key::Passphrase(unquote(value).to_owned()),
                _ => Key::File(value.to_owned()),
            }
        });
        Self {
            keys: keys.collect(),
            context: vector.quoted("context").unwrap_or_default().to_owned(),
            trusted: vector.all("trust").map(str::to_owned).collect(),
        }
    }

    pub(crate) fn reference(&self) -> Reader {
        let der = |file: &str| pem(&String::from_utf8(key_file(file)).unwrap());
        let identity = |key: &Key| match key {
            Key::Raw(bytes) => Identity::Raw(*bytes),
            Key::Passphrase(text) => Identity::Passphrase(text.clone()),
            Key::File(file) => Identity::Private(private_key(&der(file)).unwrap()),
        };
        let trusted: Vec<_> = self.trusted.iter().map(|file| der(file)).collect();
        Reader {
            identities: self.keys.iter().map(identity).collect(),
            context: self.context.as_bytes().to_vec(),
            trusted: (!trusted.is_empty()).then_some(trusted),
        }
    }

    pub(crate) fn library(&self) -> OpenOptions {
        let identity = |key: &Key| -> Arc<dyn keys::Identity> {
            match key {
                Key::Raw(bytes) => raw(bytes),
                Key::Passphrase(text) => Arc::new(Passphrase::new(text).unwrap()),
                Key::File(file) => private(file).identity().unwrap(),
            }
        };
        let options = OpenOptions::new()
            .context(self.context.as_bytes())
            .identities(self.keys.iter().map(identity))
            .spooled();
        if self.trusted.is_empty() {
            return options;
        }
        options.require_signer(self.trusted.iter().map(|file| public(file)).collect())
    }
}

pub(crate) fn raw(bytes: &[u8; 32]) -> Arc<RawKeyRecipient> {
    Arc::new(RawKeyRecipient::new(
        SymmetricKey::from_file_bytes(bytes).unwrap(),
    ))
}

pub(crate) fn private(file: &str) -> keys::PrivateKey {
    keys::PrivateKey::from_pem(&key_file(file), None).unwrap()
}

pub(crate) fn public(file: &str) -> PublicKey {
    PublicKey::from_pem(&key_file(file)).unwrap()
}
