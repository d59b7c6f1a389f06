//! `secimg pub` and `secimg key`: what a key file or a certificate file holds.
//!
//! ```json
//! {"schema":"secimg/key/1","file":"alice","exit":0,"kind":"rsa","private":true,"encrypted":false,"bits":3072,
//!  "strength_bits":128,"fingerprint":"sha256:hex","public_file":null,"certificates":null,"warnings":[],
//!  "error":null}
//! {"subject":"CN=…","issuer":"CN=…","serial":"hex","sha256":"sha256:hex","not_before":"RFC 3339","not_after":"RFC 3339",
//!  "key_usage":["keyEncipherment"],"extended_key_usage":null,"authority":false,"kind":"rsa","bits":3072,
//!  "strength_bits":128,"fingerprint":"sha256:hex","fits":["recipient","signer"],"warnings":[]}
//! {"schema":"secimg/pub/1","file":"alice","exit":0,"fingerprint":"sha256:hex","pem":"…","error":null}
//! ```
//!
//! The second is an entry of `certificates`. Of a file with several certificates the key stands there
//! only, unless one of them is an end entity's and the others are of its chain.

use std::io::{self, Write};
use std::path::Path;

use secimg::io::file::FileError;
use secimg::io::private::{read_bounded, read_private};
use secimg::keys::{Certificate, CertificateFile, KeyError, PrivateKey, PublicKey, SymmetricKey};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::args::{Common, KeyAccess, KeyArgs, PubArgs};
use crate::certificates::{MAX_FILE, check_key_length};
use crate::exit::{Failure, Status};
use crate::keys_in::private_key_from;
use crate::label::Label;
use crate::names_of_keys::either_side;
use crate::output::{Output, error_json};

mod certificate;

/// A key of any kind, or certificates.
enum AnyKey {
    Private {
        key: Box<PrivateKey>,
        encrypted: bool,
    },
    Public(Box<PublicKey>),
    Symmetric(SymmetricKey),
    Certificates(CertificateFile),
}

impl AnyKey {
    /// Reads whatever key the file holds. A public key may be open to others; the rest may not.
    fn read(file: &Path, access: &KeyAccess) -> Result<Self, Failure> {
        let text = match read_private(file, access.sharing(), MAX_FILE) {
            Err(shared @ FileError::Shared(..)) => {
                let text = Zeroizing::new(read_bounded(file, MAX_FILE)?);
                if is_secret(&text) {
                    return Err(shared.into());
                }
                text
            }
            text => text?,
        };
        if Certificate::is_certificate_file(&text) {
            return Ok(Self::Certificates(CertificateFile::parse(&text)?));
        }
        check_key_length(file, &text)?;
        if let Ok(key) = SymmetricKey::from_file_bytes(&text) {
            return Ok(Self::Symmetric(key));
        }
        match PublicKey::from_pem(&text) {
            Err(KeyError::PrivateWherePublic) => {
                let key = Box::new(private_key_from(&text, file, access)?);
                Ok(Self::Private {
                    key,
                    encrypted: PrivateKey::is_encrypted_pem(&text),
                })
            }
            Err(error) => Err(Failure::from(error)),
            Ok(key) => Ok(Self::Public(Box::new(key))),
        }
    }
}

fn is_secret(text: &[u8]) -> bool {
    let read = if Certificate::is_certificate_file(text) {
        CertificateFile::parse(text).map(drop)
    } else {
        PublicKey::from_pem(text).map(drop)
    };
    SymmetricKey::from_file_bytes(text).is_ok() || read == Err(KeyError::PrivateWherePublic)
}

/// What is worth knowing of a key, and no secret.
pub(crate) struct KeyFacts {
    kind: &'static str,
    private: bool,
    /// Of private keys.
    encrypted: Option<bool>,
    bits: usize,
    strength_bits: u32,
    fingerprint: String,
    pub(crate) warnings: Vec<String>,
}

pub(crate) fn run(args: &KeyArgs, common: Common) -> Status {
    let out = Output::new(common);
    args.keys.iter().fold(Status::Done, |status, path| {
        status.and_then(one(path, &args.access, out))
    })
}

fn one(path: &Path, access: &KeyAccess, out: Output) -> Status {
    let label = Label::file(path);
    let read =
        either_side(path, access.sharing(), false).and_then(|path| AnyKey::read(&path, access));
    match read.and_then(|key| Said::of(&key, &label)) {
        Ok(said) => {
            out.object(&said.object);
            out.say(said.text);
            said.warnings
                .iter()
                .for_each(|warning| out.warn(&label, warning));
            Status::Done
        }
        Err(failure) => {
            out.object(&failure_json(&label, &failure));
            out.failed(Some(&label), &failure);
            failure.status
        }
    }
}

/// What is said of one file.
struct Said {
    object: Value,
    text: String,
    warnings: Vec<String>,
}

impl Said {
    fn of(key: &AnyKey, label: &Label) -> Result<Self, Failure> {
        let facts = match key {
            AnyKey::Private { key, encrypted } => KeyFacts::of_private(key, *encrypted),
            AnyKey::Public(key) => KeyFacts::of_public(key),
            AnyKey::Symmetric(key) => KeyFacts::of_symmetric(key),
            AnyKey::Certificates(file) => return Self::of_certificates(file, label),
        };
        Ok(Self {
            object: facts.json(label, None),
            text: facts.text(label),
            warnings: facts.warnings,
        })
    }
}

pub(crate) fn run_pub(args: &PubArgs, common: Common) -> Status {
    let out = Output::new(common);
    let label = Label::file(&args.key);
    match public_part(&args.key, &args.access).and_then(|key| print_pub(&key, &label, out)) {
        Ok(()) => Status::Done,
        Err(failure) => {
            out.object(&json!({
                "schema": "secimg/pub/1",
                "file": label.raw,
                "exit": failure.status.number(),
                "fingerprint": null,
                "pem": null,
                "error": error_json(Some(&failure)),
            }));
            out.failed(Some(&label), &failure);
            failure.status
        }
    }
}

fn public_part(path: &Path, access: &KeyAccess) -> Result<PublicKey, Failure> {
    // The public side needs no passphrase.
    match AnyKey::read(&either_side(path, access.sharing(), true)?, access)? {
        AnyKey::Private { key, .. } => Ok(key.public().clone()),
        AnyKey::Public(key) => Ok(*key),
        AnyKey::Symmetric(_) => {
            let what = "a symmetric key has no public side; it is all secret";
            Err(Failure::new(Status::Usage, "wrong_key_kind", what))
        }
        AnyKey::Certificates(file) => certificate::only_key(&file).cloned(),
    }
}

fn print_pub(key: &PublicKey, label: &Label, out: Output) -> Result<(), Failure> {
    if out.is_json() {
        out.object(&json!({
            "schema": "secimg/pub/1",
            "file": label.raw,
            "exit": Status::Done.number(),
            "fingerprint": key.fingerprint().to_string(),
            "pem": key.to_pem(),
            "error": null,
        }));
        return Ok(());
    }
    // The key is what was asked for: it is printed with --quiet too, and must arrive.
    let mut stdout = io::stdout().lock();
    let printed = stdout
        .write_all(key.to_pem().as_bytes())
        .and_then(|()| stdout.flush());
    printed.map_err(|error| Failure::io("writing the output failed", &error))
}

impl KeyFacts {
    pub(crate) fn of_public(key: &PublicKey) -> Self {
        Self {
            kind: key.algorithm().name(),
            private: false,
            encrypted: None,
            bits: key.bits(),
            strength_bits: key.strength_bits(),
            fingerprint: key.fingerprint().to_string(),
            warnings: key.warnings().iter().map(ToString::to_string).collect(),
        }
    }

    pub(crate) fn of_private(key: &PrivateKey, encrypted: bool) -> Self {
        Self {
            private: true,
            encrypted: Some(encrypted),
            ..Self::of_public(key.public())
        }
    }

    /// As its public key says, for it was not decrypted.
    pub(crate) fn of_encrypted(public: &PublicKey) -> Self {
        Self {
            private: true,
            encrypted: Some(true),
            ..Self::of_public(public)
        }
    }

    pub(crate) fn of_symmetric(key: &SymmetricKey) -> Self {
        Self {
            kind: "symmetric",
            private: true,
            encrypted: Some(false),
            bits: 256,
            strength_bits: 256,
            fingerprint: key.fingerprint().to_string(),
            warnings: Vec::new(),
        }
    }

    pub(crate) fn json(&self, label: &Label, public_file: Option<&Path>) -> Value {
        json!({
            "schema": "secimg/key/1",
            "file": label.raw,
            "exit": Status::Done.number(),
            "kind": self.kind,
            "private": self.private,
            "encrypted": self.encrypted,
            "bits": self.bits,
            "strength_bits": self.strength_bits,
            "fingerprint": self.fingerprint,
            "public_file": public_file.map(|path| Label::file(path).raw),
            "certificates": null,
            "warnings": self.warnings,
            "error": null,
        })
    }

    /// In one line, without its side.
    pub(crate) fn short(&self) -> String {
        let (kind, bits, strength) = (self.kind, self.bits, self.strength_bits);
        format!(
            "{}  {kind} {bits}, {strength}-bit strength",
            self.fingerprint
        )
    }

    pub(crate) fn text(&self, label: &Label) -> String {
        let side = match (self.private, self.encrypted) {
            _ if self.kind == "symmetric" => "",
            (true, Some(true)) => ", private and encrypted",
            (true, _) => ", private and not encrypted",
            (false, _) => ", public",
        };
        format!(
            "{}: {}{side}\n  bits         {}\n  strength     {} bits\n  fingerprint  {}",
            label.shown, self.kind, self.bits, self.strength_bits, self.fingerprint
        )
    }
}

/// What is said of a key that was not read or not made.
pub(crate) fn failure_json(label: &Label, failure: &Failure) -> Value {
    let mut object = unknown_json(label, failure.status);
    object["error"] = error_json(Some(failure));
    object
}

/// Everything that the schema has, and nothing known.
pub(crate) fn unknown_json(label: &Label, status: Status) -> Value {
    json!({
        "schema": "secimg/key/1",
        "file": label.raw,
        "exit": status.number(),
        "kind": null,
        "private": null,
        "encrypted": null,
        "bits": null,
        "strength_bits": null,
        "fingerprint": null,
        "public_file": null,
        "certificates": null,
        "warnings": [],
        "error": null,
    })
}
