//! Names that lead nowhere else, folders in the right hands, and passphrases that are asked for only
//! when they open something.

use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::*;
use crate::io::file::Overwrite;
use crate::io::private::write_private;
use crate::io::{ReadError, SealWriter, open_stream};
use crate::keys::{GenerateKind, KeyError, PrivateKey, SymmetricKey};
use crate::stream::{ImageDescription, OpenError, OpenOptions, SealOptions};

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("keys")
    }

    fn folder(&self) -> KeyFolder {
        KeyFolder::open_or_create(&self.path(), Sharing::Refused).unwrap()
    }

    fn put(&self, name: &str, text: &str) {
        write_private(&self.path().join(name), text.as_bytes(), Overwrite::Refuse).unwrap();
    }

    /// A private key, under a passphrase where there is one, with or without its public key.
    fn key(&self, name: &str, passphrase: Option<&[u8]>, with_public: bool) -> PrivateKey {
        let key = PrivateKey::generate(GenerateKind::Rsa { bits: 2048 }).unwrap();
        let pem = match passphrase {
            Some(passphrase) => key.to_encrypted_pem(passphrase).unwrap(),
            None => key.to_pem().unwrap(),
        };
        self.put(name, &pem);
        if with_public {
            self.put(&format!("{name}.pub"), &key.public().to_pem());
        }
        key
    }
}

fn sealed_for(key: &PrivateKey) -> Vec<u8> {
    let options = SealOptions::new().recipient(key.public().recipient().unwrap());
    let mut writer = SealWriter::new(Vec::new(), &options).unwrap();
    let image: &[u8] = b"pixels";
    writer
        .add_image(image, &ImageDescription::new(), None)
        .unwrap();
    writer.finish().unwrap()
}

fn open(sealed: &[u8], found: &FolderIdentities) -> Result<(), OpenError> {
    let options = OpenOptions::new().identities(found.identities.iter().cloned());
    match open_stream(sealed, &options, &mut ()) {
        Ok(_) => Ok(()),
        Err(ReadError::Open(error)) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

/// Counts how often it is asked.
fn counted(passphrase: &'static [u8]) -> (PassphraseSource, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let source: PassphraseSource = Arc::new(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(Zeroizing::new(passphrase.to_vec()))
    });
    (source, asked)
}

#[test]
fn a_new_folder_is_its_owners() {
    let place = Place::new();
    assert!(
        KeyFolder::open(&place.path(), Sharing::Refused)
            .unwrap()
            .is_none()
    );
    let nested = place.path().join("deep/er");
    let folder = KeyFolder::open_or_create(&nested, Sharing::Refused).unwrap();
    assert!(folder.entries().unwrap().is_empty());
    assert_eq!(folder.listed_by_others(), None);
    #[cfg(unix)]
    for path in [&nested, &place.path()] {
        assert_eq!(mode(&fs::metadata(path).unwrap()), Some(0o700));
    }
}

#[cfg(unix)]
#[test]
fn a_folder_in_which_others_write_is_refused_and_one_they_list_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.folder();
    let with = |mode, sharing| {
        fs::set_permissions(place.path(), fs::Permissions::from_mode(mode)).unwrap();
        KeyFolder::open(&place.path(), sharing)
    };
    for mode in [0o777, 0o770, 0o720, 0o702, 0o1777] {
        let error = with(mode, Sharing::Refused).unwrap_err();
        assert!(matches!(error, KeyFolderError::Writable(_, seen) if seen == mode));
        assert!(error.to_string().contains("chmod 700"));
        assert!(with(mode, Sharing::Allowed).is_ok());
    }
    for (mode, listed) in [(0o755, true), (0o750, true), (0o711, true), (0o700, false)] {
        let folder = with(mode, Sharing::Refused).unwrap().unwrap();
        assert_eq!(folder.listed_by_others(), listed.then_some(mode));
    }
}

#[test]
fn a_file_is_no_key_folder() {
    let place = Place::new();
    fs::write(place.path(), b"").unwrap();
    for sharing in [Sharing::Refused, Sharing::Allowed] {
        let error = KeyFolder::open(&place.path(), sharing).unwrap_err();
        assert!(matches!(error, KeyFolderError::NotAFolder(_)));
    }
}

#[test]
fn names_never_leave_the_folder() {
    let place = Place::new();
    let folder = place.folder();
    for name in [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "/etc/passwd",
        "a\\b",
        "-x",
        "--force",
        "nul\0",
        "NUL",
        "com1",
        ".hidden",
        "a ",
        "a.",
        "C:key",
        "a\nb",
        "\u{202e}a",
        "u\u{308}",
        "~",
    ] {
        assert!(folder.files_for(name).is_err(), "{name:?}");
        assert!(folder.find_private(name).is_err(), "{name:?}");
        assert!(folder.find_public(name).is_err(), "{name:?}");
    }
    assert!(matches!(
        folder.files_for("a.pub"),
        Err(KeyFolderError::Suffix(_))
    ));
    assert!(matches!(
        folder.files_for("a.crt"),
        Err(KeyFolderError::Suffix(_))
    ));
    let (private, public) = folder.files_for("ärztin 1").unwrap();
    assert_eq!(private, place.path().join("ärztin 1"));
    assert_eq!(public, place.path().join("ärztin 1.pub"));
}

#[test]
fn each_side_is_found() {
    let place = Place::new();
    let folder = place.folder();
    for file in ["a", "a.pub", "b.crt", "c.pub", "c.crt"] {
        place.put(file, "");
    }
    let at = |name: &str| Some(place.path().join(name));
    assert_eq!(folder.find_private("a").unwrap(), at("a"));
    assert_eq!(folder.find_private("b").unwrap(), None);
    assert_eq!(folder.find_public("a").unwrap(), at("a.pub"));
    assert_eq!(folder.find_public("a.pub").unwrap(), at("a.pub"));
    assert_eq!(folder.find_public("b").unwrap(), at("b.crt"));
    assert_eq!(folder.find_public("c").unwrap(), at("c.pub"));
    assert_eq!(folder.find_public("d").unwrap(), None);
}

#[test]
fn keys_are_listed_with_what_is_known_of_them() {
    let place = Place::new();
    let folder = place.folder();
    let plain = place.key("plain", None, true);
    let encrypted = place.key("encrypted", Some(b"x"), true);
    place.key("alone", Some(b"x"), false);
    place.put("other.pub", &plain.public().to_pem());
    place.put("sym", &SymmetricKey::generate().unwrap().to_file_text());
    place.put("note", "no key");
    place.put(".hidden", "no key");
    fs::create_dir(place.path().join("folder")).unwrap();
    let entries = folder.entries().unwrap();
    let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(
        names,
        ["alone", "encrypted", "note", "other", "plain", "sym"]
    );
    let read = |n: usize| folder.read(&entries[n]);
    assert!(matches!(read(0), Ok(StoredKey::Encrypted(None))));
    assert!(matches!(read(1), Ok(StoredKey::Encrypted(Some(key))) if *key == *encrypted.public()));
    assert!(matches!(
        read(2),
        Err(KeyFolderError::Key(_, KeyError::NotAKey(_)))
    ));
    assert!(matches!(read(3), Ok(StoredKey::Public(key)) if *key == *plain.public()));
    assert!(matches!(read(4), Ok(StoredKey::Private(_))));
    assert!(matches!(read(5), Ok(StoredKey::Symmetric(_))));
}

#[test]
fn only_the_key_that_fits_is_asked_for() {
    let place = Place::new();
    let folder = place.folder();
    let mine = place.key("mine", Some(b"right"), true);
    place.key("other", Some(b"right"), true);
    place.key("third", None, true);
    place.key("unknown", Some(b"right"), false);
    let (source, asked) = counted(b"right");
    let found = folder.identities(&source).unwrap();
    assert_eq!(found.identities.len(), 3);
    assert!(matches!(
        found.ignored[..],
        [KeyFolderError::NoPublicSide(_)]
    ));
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    for _ in 0..2 {
        open(&sealed_for(&mine), &found).unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 1, "once for all streams");
    }
    let stranger = PrivateKey::generate(GenerateKind::Rsa { bits: 2048 }).unwrap();
    let refused = open(&sealed_for(&stranger), &found);
    assert_eq!(refused.unwrap_err(), OpenError::NoMatchingKey);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn a_wrong_passphrase_and_a_false_public_key_are_said() {
    let place = Place::new();
    let folder = place.folder();
    let mine = place.key("mine", Some(b"right"), true);
    let (source, _) = counted(b"wrong");
    let found = folder.identities(&source).unwrap();
    let error = open(&sealed_for(&mine), &found).unwrap_err();
    assert_eq!(error, OpenError::Key(KeyError::WrongKeyPassphrase));

    let twin = place.key("twin", None, false);
    let stranger = PrivateKey::generate(GenerateKind::Rsa { bits: 2048 }).unwrap();
    place.put("twin.pub", &stranger.public().to_pem());
    let found = folder.identities(&source).unwrap();
    let error = open(&sealed_for(&stranger), &found).unwrap_err();
    assert!(matches!(error, OpenError::Key(KeyError::Provider(what)) if what.contains("twin")));
    let error = open(&sealed_for(&twin), &found).unwrap_err();
    assert_eq!(error, OpenError::NoMatchingKey);
}

#[test]
fn signers_and_notes_are_passed_over_and_symmetric_keys_are_not() {
    let place = Place::new();
    let folder = place.folder();
    let signer = PrivateKey::generate(GenerateKind::Ed25519).unwrap();
    place.put("signer", &signer.to_pem().unwrap());
    place.put("signer.pub", &signer.public().to_pem());
    place.put("note", "no key");
    place.put("friend.pub", &signer.public().to_pem());
    place.put("sym", &SymmetricKey::generate().unwrap().to_file_text());
    let found = folder.identities(&counted(b"").0).unwrap();
    assert_eq!((found.identities.len(), found.ignored.len()), (1, 0));
    assert_eq!(
        found.identities[0].kind(),
        crate::format::RecipientType::RawKey
    );
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_opens_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let folder = place.folder();
    place.key("mine", None, true);
    let mode = fs::Permissions::from_mode(0o644);
    fs::set_permissions(place.path().join("mine"), mode).unwrap();
    let found = folder.identities(&counted(b"").0).unwrap();
    assert!(found.identities.is_empty());
    assert!(matches!(found.ignored[..], [KeyFolderError::File(_)]));
    let allowed = KeyFolder::open(&place.path(), Sharing::Allowed)
        .unwrap()
        .unwrap();
    assert_eq!(
        allowed
            .identities(&counted(b"").0)
            .unwrap()
            .identities
            .len(),
        1
    );
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_and_a_pipe_are_listed_and_not_waited_for() {
    let place = Place::new();
    let folder = place.folder();
    std::os::unix::fs::symlink("nowhere", place.path().join("gone")).unwrap();
    let pipe = std::process::Command::new("mkfifo")
        .arg(place.path().join("pipe"))
        .status();
    let entries = folder.entries().unwrap();
    assert!(matches!(
        folder.read(&entries[0]),
        Err(KeyFolderError::File(_))
    ));
    if pipe.is_ok_and(|status| status.success()) {
        assert!(matches!(
            folder.read(&entries[1]),
            Err(KeyFolderError::Special(_))
        ));
    }
}
