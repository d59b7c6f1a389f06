//! A vector file: lines `key: value`, an empty line, the bytes of the stream.

use core::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// One scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vector {
    pub(crate) name: String,
    lines: Vec<(String, String)>,
    pub(crate) stream: Vec<u8>,
}

impl Vector {
    pub(crate) fn new(name: &str, lines: Vec<(String, String)>, stream: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            lines,
            stream,
        }
    }

    /// The value of a line that stands at most once.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let mut values = self.lines.iter().filter(|(k, _)| k == key);
        let value = values.next();
        assert!(values.next().is_none(), "{}: {key} stands twice", self.name);
        value.map(|(_, value)| value.as_str())
    }

    pub(crate) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let of_key = self.lines.iter().filter(move |(k, _)| k == key);
        of_key.map(|(_, value)| value.as_str())
    }

    /// The text of a quoted value, or nothing where there is no such line.
    pub(crate) fn quoted(&self, key: &str) -> Option<&str> {
        self.get(key).map(unquote)
    }

    pub(crate) fn expect(&self) -> &str {
        self.get("expect").unwrap()
    }

    pub(crate) fn lines(&self) -> &[(String, String)] {
        &self.lines
    }

    /// Where the stream begins in the file.
    pub(crate) fn stream_at(&self) -> usize {
        self.to_bytes().len() - self.stream.len()
    }

    fn parse(name: &str, bytes: &[u8]) -> Self {
        let end = bytes.windows(2).position(|two| two == b"\n\n").unwrap();
        let text = core::str::from_utf8(&bytes[..end]).unwrap();
        let lines = text.lines().map(|line| {
            let (key, value) = line.split_once(": ").unwrap();
            (key.to_owned(), value.to_owned())
        });
        Self::new(name, lines.collect(), bytes[end + 2..].to_vec())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let lines = self
            .lines
            .iter()
            .map(|(key, value)| format!("{key}: {value}\n"));
        [lines.collect::<String>().as_bytes(), b"\n", &self.stream].concat()
    }
}

/// Takes the quotes off; there is nothing to escape.
pub(crate) fn unquote(text: &str) -> &str {
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or_else(|| panic!("{text} is not quoted"))
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

/// Reads the whole kit, by name.
pub(crate) fn read_kit() -> Vec<Vector> {
    let entries = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|e| e == "vec"))
        .collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        Vector::parse(name, &fs::read(path).unwrap())
    };
    paths.iter().map(read).collect()
}

/// Replaces the whole kit.
pub(crate) fn write_kit(vectors: &[Vector]) {
    for old in read_kit() {
        fs::remove_file(folder().join(old.name + ".vec")).unwrap();
    }
    for vector in vectors {
        fs::write(
            folder().join(format!("{}.vec", vector.name)),
            vector.to_bytes(),
        )
        .unwrap();
    }
}

/// Reads a file of `keys`.
pub(crate) fn key_file(name: &str) -> Vec<u8> {
    fs::read(folder().join("keys").join(name)).unwrap()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "half a byte in {text}");
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}
