//! Counting by class, hexadecimal, and the `.rsp` files of NIST.

use std::collections::BTreeMap;

type Classes = BTreeMap<&'static str, usize>;

/// Counts the vectors of one set, by class, until [`Tally::done`] compares and prints the counts.
pub(crate) struct Tally {
    set: &'static str,
    checked: Classes,
    not_ours: Classes,
}

impl Tally {
    pub(crate) fn new(set: &'static str) -> Self {
        Self {
            set,
            checked: Classes::new(),
            not_ours: Classes::new(),
        }
    }

    /// One vector of `class` gave the answer that was expected of it.
    pub(crate) fn checked(&mut self, class: &'static str) {
        *self.checked.entry(class).or_default() += 1;
    }

    /// One vector is for parameters that the library does not use; `class` says which.
    pub(crate) fn not_ours(&mut self, class: &'static str) {
        *self.not_ours.entry(class).or_default() += 1;
    }

    /// Prints `N of N` and asserts that each class has exactly its number of vectors.
    pub(crate) fn done(
        self,
        checked: &[(&'static str, usize)],
        not_ours: &[(&'static str, usize)],
    ) {
        let expected: Classes = checked.iter().copied().collect();
        let set_aside: Classes = not_ours.iter().copied().collect();
        let (n, of) = (total(&self.checked), total(&expected));
        say!("{}: {n} of {of} ({})", self.set, list(&self.checked));
        if !self.not_ours.is_empty() {
            let n = total(&self.not_ours);
            say!(
                "{}: {n} not our parameters ({})",
                self.set,
                list(&self.not_ours)
            );
        }
        assert_eq!(self.checked, expected, "{}: vectors checked", self.set);
        assert_eq!(
            self.not_ours, set_aside,
            "{}: vectors not our parameters",
            self.set
        );
    }
}

fn total(classes: &Classes) -> usize {
    classes.values().sum()
}

fn list(classes: &Classes) -> String {
    let each: Vec<String> = classes
        .iter()
        .map(|(class, n)| format!("{class}: {n}"))
        .collect();
    each.join("; ")
}

/// Bytes from hexadecimal.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "half a byte in {text}");
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

/// One vector of a `.rsp` file: the section it stands in, and its lines `NAME = value`.
pub(crate) struct Record<'a> {
    pub(crate) section: &'a str,
    fields: Vec<(&'a str, &'a str)>,
}

impl Record<'_> {
    /// The bytes of a field, which must be there.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let field = self.fields.iter().find(|(key, _)| *key == name);
        hex(field
            .unwrap_or_else(|| panic!("no {name} in {:?}", self.fields))
            .1)
    }

    /// Whether there is such a line, as for `FAIL`, which has no value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(key, _)| *key == name)
    }
}

/// Reads a `.rsp` file. A vector begins at its `COUNT`; `[` begins a section; `#` is a comment.
pub(crate) fn rsp(text: &str) -> Vec<Record<'_>> {
    let mut section = "";
    let mut records = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            continue;
        }
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        if name.trim().eq_ignore_ascii_case("count") {
            records.push(Record {
                section,
                fields: Vec::new(),
            });
        }
        let record = records
            .last_mut()
            .unwrap_or_else(|| panic!("{line} before any COUNT"));
        record.fields.push((name.trim(), value.trim()));
    }
    records
}
