//! `-R FILE`: a list of recipients in a file.
//!
//! ```text
//! # the ward
//! alice.pub
//! ../keys/radiology.pub
//! bob
//! ```
//!
//! One public key or certificate a line: a path, counted from the file's folder, or the name of a key in
//! the key folder. Empty lines and lines that begin with `#` say nothing. Or else the file is PEM: public
//! keys and certificates, one after another, with any text between them. The certificates of a file
//! belong together, so that those of their authorities are known as such.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use secimg::format::MAX_RECIPIENTS;
use secimg::io::private::{Sharing, read_bounded};
use secimg::keys::{CertificatePurpose, Recipient};

use crate::certificates::{NamedKeys, named_keys, named_keys_in};
use crate::exit::{Failure, Status};
use crate::label::shown;
use crate::names_of_keys::public_named;

/// The longest file: 32 public keys of any kind, and as many words beside them.
const MAX_FILE: u64 = 256 << 10;

/// The longest line: a path of the longest that systems take.
const MAX_LINE: usize = 4096;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";

/// One recipient of such a file.
#[derive(Debug, PartialEq, Eq)]
struct Listed {
    /// Where it stands, for people.
    place: String,
    key: ListedKey,
}

#[derive(Debug, PartialEq, Eq)]
enum ListedKey {
    /// A file.
    Path(PathBuf),
    /// The name of a key in the key folder.
    Name(String),
    /// A PEM block; or all certificates of the file.
    Pem(String),
}

impl Listed {
    /// The public keys of this line or block: one, or those of the certificates.
    fn keys(&self, file: &Path, sharing: Sharing, strict: bool) -> Result<NamedKeys, Failure> {
        let purpose = CertificatePurpose::Recipient;
        match &self.key {
            ListedKey::Path(path) => named_keys(path, purpose, strict),
            ListedKey::Name(name) => named_keys(&public_named(name, sharing)?, purpose, strict),
            ListedKey::Pem(text) => named_keys_in(text.as_bytes(), file, purpose, strict),
        }
    }

    /// Says in which line of which file something is wrong.
    fn blame(&self, mut failure: Failure) -> Failure {
        failure.message = format!("{}: {}", self.place, failure.message);
        failure
    }
}

/// Whom the files of `-R` name, and what is worth knowing of their certificates.
#[derive(Debug, Default)]
pub(crate) struct Members {
    pub(crate) recipients: Vec<Arc<dyn Recipient>>,
    pub(crate) warnings: Vec<String>,
}

/// Everybody in the files of `-R`, but each key once, and none that was named before: lists overlap.
pub(crate) fn recipients(
    files: &[PathBuf],
    named: &mut Vec<Vec<u8>>,
    sharing: Sharing,
    strict: bool,
) -> Result<Members, Failure> {
    let mut members = Members::default();
    for file in files {
        for listed in read(file)? {
            let keys = listed.keys(file, sharing, strict);
            let keys = keys.map_err(|failure| listed.blame(failure))?;
            members.warnings.extend(keys.warnings);
            for key in keys.keys {
                if named.iter().any(|known| known == key.spki()) {
                    continue;
                }
                let recipient = key
                    .recipient()
                    .map_err(|error| listed.blame(error.into()))?;
                if named.len() == MAX_RECIPIENTS {
                    let what = format!(
                        "a stream has at most {MAX_RECIPIENTS} recipients, and these are more"
                    );
                    return Err(listed.blame(Failure::usage(what)));
                }
                named.push(key.spki().to_vec());
                members.recipients.push(recipient);
            }
        }
    }
    Ok(members)
}

/// Reads a recipients file.
fn read(file: &Path) -> Result<Vec<Listed>, Failure> {
    let bytes = read_bounded(file, MAX_FILE)?;
    let text = core::str::from_utf8(&bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()]
            .split(|&byte| byte == b'\n')
            .count();
        malformed(&place(file, line), "not UTF-8")
    })?;
    let is_pem = text.lines().any(|line| line.trim().starts_with(BEGIN));
    let listed = if is_pem {
        pem_blocks(file, text)?
    } else {
        lines(file, text)?
    };
    if listed.is_empty() {
        let what = format!("{}: no recipient is in this file", shown(file));
        return Err(Failure::new(Status::Usage, "no_recipient", what));
    }
    Ok(listed)
}

fn lines(file: &Path, text: &str) -> Result<Vec<Listed>, Failure> {
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    let mut listed = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = place(file, number);
        if line.len() > MAX_LINE || line.contains(char::is_control) {
            return Err(malformed(&place, "not the path or name of a public key"));
        }
        let path = folder.join(line);
        // Files are looked for in the file's folder only; what is none there is a name.
        let mut components = Path::new(line).components();
        let is_bare = matches!(
            (components.next(), components.next()),
            (Some(Component::Normal(_)), None)
        );
        let key = if is_bare && fs::symlink_metadata(&path).is_err() {
            ListedKey::Name(line.to_owned())
        } else {
            ListedKey::Path(path)
        };
        listed.push(Listed { place, key });
    }
    Ok(listed)
}

fn pem_blocks(file: &Path, text: &str) -> Result<Vec<Listed>, Failure> {
    let mut listed = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        match &mut open {
            None if line.starts_with(BEGIN) => open = Some((number, format!("{line}\n"))),
            // Text between the blocks explains them.
            None => {}
            Some((begin, _)) if line.starts_with(BEGIN) => {
                return Err(malformed(&place(file, *begin), "this PEM block has no end"));
            }
            Some((begin, block)) => {
                block.push_str(line);
                block.push('\n');
                if line.starts_with(END) {
                    add_block(&mut listed, place(file, *begin), core::mem::take(block));
                    open = None;
                }
            }
        }
    }
    match open {
        Some((begin, _)) => Err(malformed(&place(file, begin), "this PEM block has no end")),
        None => Ok(listed),
    }
}

fn add_block(listed: &mut Vec<Listed>, place: String, block: String) {
    if block.starts_with(CERTIFICATE) {
        let earlier = listed.iter_mut().find_map(|entry| match &mut entry.key {
            ListedKey::Pem(text) if text.starts_with(CERTIFICATE) => Some(text),
            _ => None,
        });
        if let Some(text) = earlier {
            text.push_str(&block);
            return;
        }
    }
    let key = ListedKey::Pem(block);
    listed.push(Listed { place, key });
}

fn place(file: &Path, line: usize) -> String {
    format!("{}, line {line}", shown(file))
}

fn malformed(place: &str, what: &str) -> Failure {
    Failure::new(Status::Damaged, "malformed_key", format!("{place}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<Listed>, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("team");
        fs::write(folder.path().join("here.pub"), b"").unwrap();
        fs::write(&file, text).unwrap();
        let mut listed = read(&file)?;
        let base = format!("{}/", folder.path().display());
        for entry in &mut listed {
            entry.place = entry.place.replace(&base, "");
            if let ListedKey::Path(path) = &mut entry.key
                && let Ok(inside) = path.strip_prefix(folder.path())
            {
                *path = Path::new("@").join(inside);
            }
        }
        Ok(listed)
    }

    fn path(place: &str, path: &str) -> Listed {
        Listed {
            place: place.to_owned(),
            key: ListedKey::Path(path.into()),
        }
    }

    #[test]
    fn lines_are_paths_from_the_files_folder_or_names() {
        let text = "# ward\r\n\r\nhere.pub\r\n  alice  \n\tsub/bob.pub\n#x\n/abs/c.pub";
        let expected = vec![
            path("team, line 3", "@/here.pub"),
            Listed {
                place: "team, line 4".to_owned(),
                key: ListedKey::Name("alice".to_owned()),
            },
            path("team, line 5", "@/sub/bob.pub"),
            path("team, line 7", "/abs/c.pub"),
        ];
        assert_eq!(parsed(text).unwrap(), expected);
    }

    #[test]
    fn blocks_are_keys_whatever_stands_between() {
        let block = |body: &str| format!("-----BEGIN A-----\n{body}\n-----END A-----\n");
        let text = format!("Alice\n{}\n# Bob\n  {}", block("AA=="), block("BB=="));
        let listed = parsed(&text).unwrap();
        let expected = [
            ("team, line 2", block("AA==")),
            ("team, line 7", block("BB==")),
        ];
        for (entry, (place, body)) in listed.iter().zip(expected) {
            assert_eq!(
                (entry.place.as_str(), &entry.key),
                (place, &ListedKey::Pem(body))
            );
        }
        assert_eq!(listed.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, what) in [
            ("a\nb\0c", "line 2"),
            ("\n-----BEGIN A-----\nAA==\n", "line 2"),
            (
                "-----BEGIN A-----\n-----BEGIN A-----\n-----END A-----\n",
                "line 1",
            ),
            ("# nobody\n\n", "no recipient"),
            ("", "no recipient"),
        ] {
            let failure = parsed(text).unwrap_err();
            assert!(failure.message.contains(what), "{failure}");
        }
        let long = "x".repeat(MAX_LINE + 1);
        assert!(parsed(&long).unwrap_err().message.contains("line 1"));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("team");
        fs::write(&file, b"alice\n\n\xff\xfe").unwrap();
        assert!(
            read(&file)
                .unwrap_err()
                .message
                .contains("line 3: not UTF-8")
        );
        fs::write(&file, vec![b'\n'; (256 << 10) + 1]).unwrap();
        assert_eq!(read(&file).unwrap_err().code, "too_large");
    }
}
