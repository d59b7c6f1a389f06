//! What images are called inside a stream, and that no two of them could become one file.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use secimg::io::names::{check_name, check_path, file_name_key};
use unicode_normalization::UnicodeNormalization;

use crate::inputs::Input;

/// An image to be sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) input: Input,
    /// What is stored instead of the name alone.
    path: Option<PathBuf>,
}

impl From<Input> for Image {
    fn from(input: Input) -> Self {
        Self { input, path: None }
    }
}

impl Image {
    /// An image of which the path is to be stored.
    pub(crate) const fn with_path(input: Input, path: PathBuf) -> Self {
        Self {
            input,
            path: Some(path),
        }
    }

    /// What is stored, in Unicode's composed form, if every system can have such a file: the last
    /// component, or all of them with `/` between.
    pub(crate) fn stored_name(&self) -> Option<Result<String, String>> {
        let path = self.input.path()?;
        Some(match &self.path {
            Some(path) => storable_path(path),
            None => storable_name(path),
        })
    }
}

pub(crate) fn storable_name(path: &Path) -> Result<String, String> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name: String = name.ok_or(NOT_UTF8)?.nfc().collect();
    match check_name(&name) {
        Ok(()) => Ok(name),
        Err(error) => Err(error.to_string()),
    }
}

fn storable_path(path: &Path) -> Result<String, String> {
    let components: Option<Vec<_>> = path.iter().map(|name| name.to_str()).collect();
    let path: String = components.ok_or(NOT_UTF8)?.join("/").nfc().collect();
    match check_path(&path) {
        Ok(_) => Ok(path),
        Err(error) => Err(error.to_string()),
    }
}

const NOT_UTF8: &str = "the name is not UTF-8";

/// What of an argument is stored before the names inside it: all of it where it leads down from here;
/// otherwise, of an absolute path and of one with `..`, the last component.
pub(crate) fn path_of_argument(given: &Path) -> PathBuf {
    let is_down = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if given.components().all(is_down) {
        let named = |part: &Component<'_>| matches!(part, Component::Normal(_));
        return given.components().filter(named).collect();
    }
    given.file_name().map(PathBuf::from).unwrap_or_default()
}

/// The names of one stream, as a file system that ignores case would compare them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// Takes a name or path. `false` where it is taken, or where it would be a file and a folder.
    pub(crate) fn claim(&mut self, path: &str) -> bool {
        let key = file_name_key(path);
        let folders = || key.match_indices('/').map(|(at, _)| &key[..at]);
        // A folder is known by the separator behind it.
        let is_folder = self.taken.contains(&format!("{key}/"));
        if is_folder || folders().any(|folder| self.taken.contains(folder)) {
            return false;
        }
        for folder in folders() {
            self.taken.insert(format!("{folder}/"));
        }
        self.taken.insert(key)
    }

    pub(crate) fn into_files(self) -> impl Iterator<Item = String> {
        self.taken.into_iter().filter(|key| !key.ends_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_meet_are_refused() {
        let mut names = Names::default();
        for (path, free) in [
            ("a.png", true),
            ("A.PNG", false),
            ("s/a.png", true),
            ("S/A.png", false),
            ("S/b.png", true),
            ("s", false),
            ("a.png/b", false),
            ("t", true),
            ("T/u/v", false),
            ("t/u", false),
            ("u\u{308}", true),
            ("\u{fc}", false),
        ] {
            assert_eq!(names.claim(path), free, "{path}");
        }
        assert_eq!(names.into_files().count(), 5);
    }

    #[test]
    fn a_path_is_stored_as_it_leads_down() {
        for (given, stored) in [
            ("a.png", "a.png"),
            ("./a/b", "a/b"),
            (".", ""),
            ("a/", "a"),
            ("a/./b", "a/b"),
            ("/data/study", "study"),
            ("../study", "study"),
            ("a/../b", "b"),
            ("..", ""),
            ("/", ""),
        ] {
            assert_eq!(
                path_of_argument(Path::new(given)),
                Path::new(stored),
                "{given}"
            );
        }
    }

    #[test]
    fn what_cannot_be_stored_is_said() {
        let image = |path: &str| Image::with_path(Input::File(path.into()), path.into());
        assert_eq!(
            image("a/u\u{308}.png").stored_name(),
            Some(Ok("a/\u{fc}.png".to_owned()))
        );
        for path in ["a/../b", "/a", "a/NUL", "a/b:c", ".a/b"] {
            assert!(image(path).stored_name().unwrap().is_err(), "{path}");
        }
        assert_eq!(Image::from(Input::Stdin).stored_name(), None);
    }
}
