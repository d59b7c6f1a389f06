//! Keys that are called by a NAME, and the key folder they lie in.
//!
//! An argument that names a file means that file. Any other argument of one component is the name of a
//! key in the key folder: `NAME` for the private side, `NAME.pub` (or `NAME.crt`) for the public one.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Once, OnceLock};

use secimg::OpenOptions;
use secimg::io::key_folder::{KeyFolder, KeyFolderError, PassphraseSource};
use secimg::io::names::check_name;
use secimg::io::private::Sharing;
use secimg::keys::{Identity, KeyError};

use crate::args::KeyAccess;
use crate::exit::{Failure, Status};
use crate::inputs::is_dash;
use crate::label::{Label, shown};
use crate::output::Output;
use crate::passphrases::{ask_key_passphrase, passphrase_bytes};

/// How warnings about the folder are told; it is opened deep inside every command.
static OUT: OnceLock<Output> = OnceLock::new();

pub(crate) fn tell_through(out: Output) {
    // It is set once, at the start.
    let _: Result<(), Output> = OUT.set(out);
}

/// The file of a private or symmetric key.
pub(crate) fn private_side(given: &Path, sharing: Sharing) -> Result<PathBuf, Failure> {
    find(given, sharing, KeyFolder::find_private)
}

/// The file of a public key.
pub(crate) fn public_side(given: &Path, sharing: Sharing) -> Result<PathBuf, Failure> {
    find(given, sharing, KeyFolder::find_public)
}

/// The file of a key of either side, the public one if `public_first` and there are both.
pub(crate) fn either_side(
    given: &Path,
    sharing: Sharing,
    public_first: bool,
) -> Result<PathBuf, Failure> {
    find(given, sharing, |folder, name| {
        let (private, public) = (folder.find_private(name)?, folder.find_public(name)?);
        Ok(if public_first {
            public.or(private)
        } else {
            private.or(public)
        })
    })
}

/// The file of the public key of this name, whatever files are here.
pub(crate) fn public_named(name: &str, sharing: Sharing) -> Result<PathBuf, Failure> {
    match in_folder(name, sharing, KeyFolder::find_public)? {
        (_, Some(found)) => Ok(found),
        (why, None) => Err(missing(Path::new(name), &why)),
    }
}

fn find(
    given: &Path,
    sharing: Sharing,
    side: impl Fn(&KeyFolder, &str) -> Result<Option<PathBuf>, KeyFolderError>,
) -> Result<PathBuf, Failure> {
    let Some(name) = bare_name(given) else {
        return Ok(given.into());
    };
    match in_folder(name, sharing, side)? {
        (_, Some(found)) => Ok(found),
        // A folder of that name: what is wrong with it is said where it is read.
        (_, None) if given.exists() => Ok(given.into()),
        (why, None) => Err(missing(given, &why)),
    }
}

/// The key in the folder; where there is none, why not.
fn in_folder(
    name: &str,
    sharing: Sharing,
    side: impl Fn(&KeyFolder, &str) -> Result<Option<PathBuf>, KeyFolderError>,
) -> Result<(String, Option<PathBuf>), Failure> {
    if let Err(error) = check_name(name) {
        return Ok((format!("and no key in the key folder can: {error}"), None));
    }
    let Some(path) = KeyFolder::default_path() else {
        return Ok(("and there is no key folder".to_owned(), None));
    };
    let found = match open(&path, sharing)? {
        Some(folder) => side(&folder, name)?,
        None => None,
    };
    let why = format!(
        "and there is no such key in the key folder, {}",
        shown(&path)
    );
    Ok((why, found))
}

fn missing(given: &Path, why: &str) -> Failure {
    let what = format!("{} does not exist, {why}", shown(given));
    Failure::new(Status::Io, "not_found", what)
}

/// What can be the name of a key: one component, which is the name of no file here.
fn bare_name(given: &Path) -> Option<&str> {
    let mut components = given.components();
    let (Some(Component::Normal(name)), None) = (components.next(), components.next()) else {
        return None;
    };
    // A folder here cannot be a key, so it does not stand in the way of one.
    let is_file = fs::symlink_metadata(given).is_ok_and(|found| !found.is_dir());
    let text = name.to_str().filter(|_| name == given.as_os_str())?;
    (!is_file && !is_dash(given)).then_some(text)
}

fn open(path: &Path, sharing: Sharing) -> Result<Option<KeyFolder>, Failure> {
    let folder = KeyFolder::open(path, sharing)?;
    if let Some(warning) = folder.as_ref().and_then(listed_warning) {
        static TOLD: Once = Once::new();
        TOLD.call_once(|| tell(path, &warning));
    }
    Ok(folder)
}

/// The key folder, created if need be, for a new key.
pub(crate) fn folder_for_new(sharing: Sharing) -> Result<KeyFolder, Failure> {
    let path = KeyFolder::default_path().ok_or_else(no_place)?;
    let folder = KeyFolder::open_or_create(&path, sharing)?;
    if let Some(warning) = listed_warning(&folder) {
        tell(&path, &warning);
    }
    Ok(folder)
}

/// The key folder, if there is one, and where it is.
pub(crate) fn folder(sharing: Sharing) -> Result<(PathBuf, Option<KeyFolder>), Failure> {
    let path = KeyFolder::default_path().ok_or_else(no_place)?;
    let folder = open(&path, sharing)?;
    Ok((path, folder))
}

fn no_place() -> Failure {
    Failure::usage("there is no place for a key folder; name one in SECIMG_KEYS")
}

pub(crate) fn listed_warning(folder: &KeyFolder) -> Option<String> {
    let mode = folder.listed_by_others()?;
    Some(format!(
        "others can see what keys are here (mode {mode:04o}); chmod 700 hides them"
    ))
}

fn tell(file: &Path, warning: &str) {
    if let Some(out) = OUT.get() {
        out.warn(&Label::file(file), warning);
    }
}

/// Every key of the folder that can open streams, where no identity was named.
pub(crate) fn open_with_folder(access: &KeyAccess) -> Result<OpenOptions, Failure> {
    let nobody = |more: &str| {
        let how = "no identity: name one with -i KEY, --passphrase-file F, -p or --key-file K";
        Failure::new(Status::Usage, "no_identity", format!("{how}{more}"))
    };
    let Some(path) = KeyFolder::default_path() else {
        return Err(nobody(""));
    };
    let none = || {
        nobody(&format!(
            "; no key that opens streams is in {}",
            shown(&path)
        ))
    };
    let folder = open(&path, access.sharing())?.ok_or_else(none)?;
    let found = folder.identities(&passphrases(access.clone()))?;
    for ignored in &found.ignored {
        tell(&path, &format!("a key is left out: {ignored}"));
    }
    if found.identities.is_empty() {
        return Err(none());
    }
    let identities: Vec<Arc<dyn Identity>> = found.identities;
    Ok(OpenOptions::new().identities(identities))
}

/// Asks for a passphrase, or reads the file that was named. The library's error has no place for ours,
/// so what went wrong is told here.
fn passphrases(access: KeyAccess) -> PassphraseSource {
    Arc::new(move |key| {
        let passphrase = match &access.key_passphrase_file {
            Some(file) => passphrase_bytes(file, access.sharing()),
            None => ask_key_passphrase(key),
        };
        passphrase.map_err(|failure| {
            tell(key, &failure.message);
            KeyError::PassphraseNeeded
        })
    })
}

impl From<KeyFolderError> for Failure {
    fn from(error: KeyFolderError) -> Self {
        let text = error.to_string();
        match error {
            KeyFolderError::File(error) => error.into(),
            KeyFolderError::Key(path, error) => Self::from(error).about(&path),
            KeyFolderError::Writable(..) | KeyFolderError::Foreign(_) => {
                Self::new(Status::Usage, "shared_key", text)
            }
            KeyFolderError::Name(_) | KeyFolderError::Suffix(_) => {
                Self::new(Status::Usage, "bad_name", text)
            }
            KeyFolderError::Special(_) => Self::new(Status::Usage, "special_file", text),
            KeyFolderError::Io(_, _, reason) => {
                Self::new(Status::Io, "io", format!("{text}: {reason}"))
            }
            _ => Self::usage(text),
        }
    }
}
