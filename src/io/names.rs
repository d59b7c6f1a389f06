//! What a name from inside a stream may become on this machine (floor 5, SPEC: the manifest's
//! name).
//!
//! Whoever sealed a stream chose the names in it, and an honest sender may have another system than
//! the reader. So one rule holds everywhere: a name is a single path component that Linux, macOS
//! and Windows all store under just that name. It is refused rather than repaired: two repaired
//! names could meet in one file.
//!
//! A path is names with `/` between them, each held to that rule: [`check_path`].
//!
//! Characters that only look like a separator or a dot are text, unless normalising them would
//! leave the folder. Letters that a shell would act on (`$`, `;`, `&`) are allowed, since cameras
//! and people use them.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use characters::{is_forbidden, is_hidden, is_ignorable, push_escaped};

pub use paths::{MAX_PATH_BYTES, MAX_PATH_COMPONENTS, check_path};

mod characters;
mod paths;
#[cfg(test)]
mod tests;

/// Why a name is not fit to be a file's name. The name inside is already escaped and cut for
/// display.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// There is no name.
    #[error("the name is empty")]
    Empty,
    /// The name is longer than some file system can store.
    #[error("the name \"{0}\" is too long (at most {MAX_NAME_BYTES} bytes)")]
    TooLong(String),
    /// The name is a path, or becomes one when it is normalised: `..`, or `..／etc` in full-width
    /// letters.
    #[error("the name \"{0}\" stands for a folder or leads out of one")]
    Folder(String),
    /// The name has a separator, a wildcard, or a character that is invisible or changes how the
    /// rest is shown.
    #[error("the name \"{0}\" contains {character}, which no name may", character = code_point(*.1))]
    Character(String, char),
    /// The name begins with a dot (a hidden file), `-` (an option), `~` (a home folder), or
    /// something unseen.
    #[error("the name \"{0}\" may not begin with {character}", character = code_point(*.1))]
    Start(String, char),
    /// The name ends in a dot or a space, which Windows drops: another name would be written.
    #[error("the name \"{0}\" may not end with {character}", character = code_point(*.1))]
    End(String, char),
    /// The name is not in Unicode's composed form (NFC), so it could look like another one.
    #[error("the name \"{0}\" is not in Unicode normal form NFC")]
    NotComposed(String),
    /// The name belongs to a device on Windows, with any extension: `NUL`, `com1.png`.
    #[error("the name \"{0}\" is a device on Windows")]
    Device(String),
    /// The name belongs to a file that a desktop acts on as soon as its folder is shown:
    /// `desktop.ini`, `a.lnk`.
    #[error("the name \"{0}\" is one that a desktop acts on")]
    Active(String),
    /// The path leads through more folders than any collection of images has.
    #[error("the path \"{0}\" is too deep (at most {MAX_PATH_COMPONENTS} components)")]
    TooDeep(String),
}

/// Says whether `name` can be one file's name on Linux, macOS and Windows alike, whatever this
/// machine runs.
///
/// # Errors
///
/// [`NameError`] says what is wrong, for the first rule that the name breaks.
pub fn check_name(name: &str) -> Result<(), NameError> {
    check_length(name)?;
    check_folder(name)?;
    check_characters(name)?;
    check_ends(name)?;
    if !is_nfc(name) {
        return Err(NameError::NotComposed(escape_for_display(name)));
    }
    check_meaning(name)
}

/// Whether two names would land on one file on a system that ignores case, Unicode form or
/// invisible characters.
///
/// Leans towards yes (`ß` and `ss`, `ı` and `i`): refusing a pair costs a rename, missing one costs
/// a picture.
#[must_use]
pub fn same_file_name(a: &str, b: &str) -> bool {
    file_name_key(a) == file_name_key(b)
}

/// The form of a name under which [`same_file_name`] compares, for looking many names up in a set.
#[must_use]
pub fn file_name_key(name: &str) -> String {
    // Lower, upper and lower again: only so do ẞ and ß, ς and σ, the Kelvin sign and k meet.
    name.nfd()
        .filter(|&c| !is_ignorable(c))
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfd()
        .collect()
}

/// A name as a terminal may show it: what is invisible, private or moves the text around becomes
/// `\u{..}`, and what is longer than 200 characters ends in an ellipsis.
#[must_use]
pub fn escape_for_display(name: &str) -> String {
    let mut shown = String::new();
    let (mut count, mut cut) = (0, 0);
    for c in name.chars() {
        count += push_escaped(&mut shown, c);
        if count > MAX_SHOWN {
            shown.truncate(cut);
            shown.push('…');
            break;
        }
        if count < MAX_SHOWN {
            cut = shown.len();
        }
    }
    shown
}

/// [`escape_for_display`] without the cut, for paths, whose end says most.
pub(super) fn escape_hidden(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        push_escaped(&mut shown, c);
    }
    shown
}

fn code_point(c: char) -> String {
    if is_hidden(c) || c.is_whitespace() {
        return format!("U+{:04X}", u32::from(c));
    }
    format!("'{c}'")
}

fn check_length(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    // HFS+ counts UTF-16 units of the decomposed name; every other limit follows from that of the
    // bytes.
    if name.len() > MAX_NAME_BYTES || name.nfd().map(char::len_utf16).sum::<usize>() > 255 {
        return Err(NameError::TooLong(escape_for_display(name)));
    }
    Ok(())
}

fn check_folder(name: &str) -> Result<(), NameError> {
    // Whoever normalises the name later (a copy to another system, a web page) must not get a way
    // out of the folder.
    let normalised: String = name.nfkc().collect();
    let leads_out = |name: &str| {
        name.split(SEPARATORS)
            .any(|part| matches!(part, "" | "." | ".."))
    };
    // A plain colon is refused as a character.
    let becomes_a_drive = !name.contains(':') && names_a_drive(&normalised);
    if leads_out(name) || leads_out(&normalised) || becomes_a_drive {
        return Err(NameError::Folder(escape_for_display(name)));
    }
    Ok(())
}

/// Windows takes `c:a` for a file of another drive, whatever the folder.
fn names_a_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

fn check_characters(name: &str) -> Result<(), NameError> {
    match name.chars().find(|&c| is_forbidden(c)) {
        Some(c) => Err(NameError::Character(escape_for_display(name), c)),
        None => Ok(()),
    }
}

fn check_ends(name: &str) -> Result<(), NameError> {
    let bad_start = |c: char| matches!(c, '.' | '-' | '~') || c.is_whitespace() || is_ignorable(c);
    let bad_end = |c: char| c == '.' || c.is_whitespace();
    if let Some(c) = name.chars().next().filter(|&c| bad_start(c)) {
        return Err(NameError::Start(escape_for_display(name), c));
    }
    if let Some(c) = name.chars().next_back().filter(|&c| bad_end(c)) {
        return Err(NameError::End(escape_for_display(name), c));
    }
    Ok(())
}

fn check_meaning(name: &str) -> Result<(), NameError> {
    if is_device(name) {
        return Err(NameError::Device(escape_for_display(name)));
    }
    let lower = name.to_ascii_lowercase();
    let extension = lower
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension);
    if ACTIVE_NAMES.contains(&lower.as_str()) || ACTIVE_EXTENSIONS.contains(&extension) {
        return Err(NameError::Active(escape_for_display(name)));
    }
    Ok(())
}

fn is_device(name: &str) -> bool {
    // Windows ignores what follows the first dot and the spaces before it, and reads COM¹ as COM1;
    // NFKC does the same.
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let stem: String = stem.nfkc().filter(|&c| !is_ignorable(c)).collect();
    let stem = stem.trim_end().to_ascii_uppercase();
    let port = stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"));
    let is_port = port.is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']));
    is_port || DEVICES.contains(&stem.as_str())
}

/// The longest name in bytes. File systems take 255; the rest is room for the suffixes of temporary
/// files.
pub const MAX_NAME_BYTES: usize = 240;

const MAX_SHOWN: usize = 200;
const SEPARATORS: [char; 2] = ['/', '\\'];
const DEVICES: [&str; 7] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];
/// A file manager fetches an icon or a target that these files name, from wherever they say.
const ACTIVE_NAMES: [&str; 2] = ["desktop.ini", "autorun.inf"];
const ACTIVE_EXTENSIONS: [&str; 6] = [
    "lnk",
    "url",
    "scf",
    "library-ms",
    "searchconnector-ms",
    "search-ms",
];
