//! How inputs are called: for people without anything that moves a terminal, for programs as given.

use std::path::Path;

use secimg::io::names::escape_for_display;

/// How an input is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    /// For people: nothing in it moves the terminal.
    pub(crate) shown: String,
    /// For programs: the argument as it was given, `-` for standard input.
    pub(crate) raw: String,
}

impl Label {
    /// A file.
    pub(crate) fn file(path: &Path) -> Self {
        Self {
            shown: shown(path),
            raw: path.to_string_lossy().into_owned(),
        }
    }

    /// Standard input.
    pub(crate) fn stdin() -> Self {
        Self {
            shown: "standard input".to_owned(),
            raw: "-".to_owned(),
        }
    }

    /// A URL. People see neither its query, where those who sign URLs put secrets, nor a password.
    pub(crate) fn url(url: &str) -> Self {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority.rsplit('@').next().unwrap_or_default();
        Self {
            shown: shown(Path::new(&format!("{scheme}://{host}{path}"))),
            raw: url.to_owned(),
        }
    }

    /// Something else, such as a peer's address.
    pub(crate) fn text(text: &str) -> Self {
        Self {
            shown: escape_for_display(text),
            raw: text.to_owned(),
        }
    }
}

/// A path as a terminal may show it. It is not cut: the end of a path says most.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    text.chars()
        .map(|c| escape_for_display(c.encode_utf8(&mut [0; 4])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped_and_not_cut() {
        let long = format!("{}\u{1b}[31m/end", "a".repeat(300));
        let shown = shown(Path::new(&long));
        assert!(
            shown.ends_with("[31m/end") && !shown.contains('\u{1b}'),
            "{shown}"
        );
    }
}
