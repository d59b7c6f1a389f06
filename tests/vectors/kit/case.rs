//! Scenarios in the making.

use super::file::{Vector, hex};
use super::make::{Keys, sha256};
use super::script::Script;
use super::write::write;

/// The raw key of most streams.
pub(crate) const RAW: [u8; 32] = {
    let mut key = [0; 32];
    let mut i = 0;
    while i < 32 {
        key[i as usize] = i;
        i += 1;
    }
    key
};

/// A scenario that gathers its lines.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    lines: Vec<(String, String)>,
}

impl Case {
    pub(crate) fn new(name: &'static str, expect: &str, spec: &str, comment: &str) -> Self {
        let case = Self {
            name,
            lines: Vec::new(),
        };
        case.line("expect", expect)
            .line("spec", spec)
            .line("comment", comment)
    }

    pub(crate) fn line(mut self, key: &str, value: impl Into<String>) -> Self {
        self.lines.push((key.to_owned(), value.into()));
        self
    }

    /// Opens with the usual raw key.
    pub(crate) fn raw(self) -> Self {
        self.line("identity", format!("raw {}", hex(&RAW)))
    }

    pub(crate) fn identity(self, line: &str) -> Self {
        self.line("identity", line)
    }

    pub(crate) fn trust(self, file: &str) -> Self {
        self.line("trust", file)
    }

    pub(crate) fn cek(self, keys: &Keys) -> Self {
        self.line("cek", hex(&keys.cek))
    }

    /// What comes out of a stream that opens.
    pub(crate) fn gives(self, keys: &Keys, originals: &[Vec<u8>]) -> Self {
        self.cek(keys)
            .line("transfer-id", hex(&keys.transfer_id()))
            .line("items", originals.len().to_string())
            .line("payload-sha256", hex(&sha256(&originals.concat())))
            .line("receipt", hex(&keys.receipt(originals)))
    }

    /// What may come out before the failure.
    pub(crate) fn released(self, bytes: &[u8]) -> Self {
        self.line("released-sha256", hex(&sha256(bytes)))
    }

    pub(crate) fn stream(self, stream: Vec<u8>) -> Vector {
        Vector::new(self.name, self.lines, stream)
    }

    /// Ends a scenario that any writer can seal.
    pub(crate) fn sealed(self, script: &Script) -> Vector {
        let name = self.name;
        let made = write(name, script);
        let mut case = self.gives(&made.keys, &made.originals).line("seed", name);
        for (key, value) in script.to_lines() {
            case = case.line(key, value);
        }
        case.stream(made.stream.bytes())
    }
}
