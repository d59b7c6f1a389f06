//! Paths from inside a stream: names with folders before them.

use super::{NameError, check_name, escape_for_display};

/// The longest path in bytes: what a manifest can hold (SPEC section 7.2).
pub const MAX_PATH_BYTES: usize = 1024;

/// How many components a path may have, its last one, the name, included.
pub const MAX_PATH_COMPONENTS: usize = 32;

const SEPARATOR: char = '/';

/// Checks a path that is stored in a stream: names that are fit for [`check_name`], with `/` between
/// them. So it is relative on every system, leads down only, and is spelled in one way. A single name
/// is a path too.
///
/// ```
/// use secimg::io::names::check_path;
///
/// assert_eq!(check_path("study/series 2/1.dcm"), Ok(["study", "series 2", "1.dcm"].to_vec()));
/// assert!(check_path("study/../1.dcm").is_err());
/// assert!(check_path("/study").is_err());
/// ```
///
/// # Errors
///
/// [`NameError`] of the first component that is no name, [`NameError::Folder`] for an empty one (`/a`,
/// `a//b`, `a/`), [`NameError::TooLong`] and [`NameError::TooDeep`] for the whole.
pub fn check_path(path: &str) -> Result<Vec<&str>, NameError> {
    if path.is_empty() {
        return Err(NameError::Empty);
    }
    if path.len() > MAX_PATH_BYTES {
        return Err(NameError::TooLong(escape_for_display(path)));
    }
    let components: Vec<&str> = path.split(SEPARATOR).collect();
    if components.len() > MAX_PATH_COMPONENTS {
        return Err(NameError::TooDeep(escape_for_display(path)));
    }
    for component in &components {
        if component.is_empty() {
            return Err(NameError::Folder(escape_for_display(path)));
        }
        check_name(component)?;
    }
    Ok(components)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_names_with_separators() {
        for (path, components) in [
            ("a", vec!["a"]),
            ("a/b.png", vec!["a", "b.png"]),
            (
                "Röntgen/Serie 1/1.2.840.dcm",
                vec!["Röntgen", "Serie 1", "1.2.840.dcm"],
            ),
        ] {
            assert_eq!(check_path(path), Ok(components));
        }
        let deep = ["a"; MAX_PATH_COMPONENTS].join("/");
        assert_eq!(
            check_path(&deep).map(|path| path.len()),
            Ok(MAX_PATH_COMPONENTS)
        );
        assert!(matches!(
            check_path(&format!("{deep}/a")),
            Err(NameError::TooDeep(_))
        ));
        let long = [&*"x".repeat(240); 4].join("/");
        assert!(check_path(&format!("{long}/{}", "y".repeat(60))).is_ok());
        let longer = format!("{long}/{}", "y".repeat(61));
        assert!(matches!(check_path(&longer), Err(NameError::TooLong(_))));
    }

    #[test]
    fn every_component_must_be_a_name() {
        for path in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            "a/./b",
            "a/../b",
            "../a",
            "./a",
            "a/..",
            "a\\b/c",
            "C:/a",
            "a/.hidden/b",
            "-a/b",
            "a/NUL/b",
            "a/b ",
            "a /b",
            "a./b",
            "a/b:c",
            "a/\u{202e}b/c",
            "a/u\u{308}",
            "//server/share/a",
            "~/a",
            "a/desktop.ini",
        ] {
            assert!(check_path(path).is_err(), "{path:?}");
        }
    }
}
