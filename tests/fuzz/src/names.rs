//! Names from inside a stream: what is accepted is one file in its folder, on every platform.

use std::path::{Component, Path};

use secimg::io::names::{check_name, escape_for_display, file_name_key, same_file_name};
use unicode_normalization::UnicodeNormalization;

/// Input: a name, in UTF-8.
pub fn names(data: &[u8]) {
    let name = String::from_utf8_lossy(data);
    let shown = escape_for_display(&name);
    assert!(!shown.chars().any(char::is_control));
    assert!(shown.chars().count() <= 201);
    if check_name(&name).is_ok() {
        is_one_file(&name);
        leads_nowhere(&name.nfd().to_string());
        leads_nowhere(&name.nfkc().to_string());
        meets_its_other_forms(&name);
    }
}

fn is_one_file(name: &str) {
    let components: Vec<_> = Path::new(name).components().collect();
    assert_eq!(components, [Component::Normal(name.as_ref())]);
    assert!(
        !name.contains(['/', '\\', ':', '\0', '*', '?', '"', '<', '>', '|']),
        "Windows gives these a meaning"
    );
    assert!(name.encode_utf16().count() <= 255 && !name.starts_with('.'));
    assert_eq!(
        name.trim_end_matches([' ', '.']),
        name,
        "Windows drops these"
    );
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    for device in ["CON", "PRN", "AUX", "NUL", "COM1", "COM9", "LPT1", "LPT0"] {
        assert_ne!(stem, device);
    }
}

/// Who normalises a name later may get a folder from it, but none outside.
fn leads_nowhere(path: &str) {
    for part in path.split(['/', '\\']) {
        assert!(!matches!(part, "" | "." | ".."), "{path:?}");
    }
    let drive = matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    assert!(!drive, "{path:?}");
}

/// What a system that ignores case or form would write to the same file is seen to be the same.
fn meets_its_other_forms(name: &str) {
    let forms = [
        name.to_owned(),
        name.nfd().to_string(),
        name.chars().map(|c| simple(c, c.to_lowercase())).collect(),
        name.chars().map(|c| simple(c, c.to_uppercase())).collect(),
        file_name_key(name),
    ];
    for form in &forms {
        assert!(same_file_name(name, form), "{name:?} and {form:?}");
    }
}

/// No file system makes two characters of one.
fn simple(c: char, mut mapped: impl ExactSizeIterator<Item = char>) -> char {
    match (mapped.len(), mapped.next()) {
        (1, Some(other)) => other,
        _ => c,
    }
}
