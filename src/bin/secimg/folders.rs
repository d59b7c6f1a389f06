//! Folders as arguments: the images in them, always in the same order.
//!
//! Every regular file is taken but those that are hidden or end in `.secimg`. Links are not followed: a
//! folder is sealed for others, and a link may lead to what is not meant for them.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, DirEntry, FileType};
use std::io;
use std::path::{Path, PathBuf};

use secimg::io::names::MAX_PATH_COMPONENTS;

use crate::exit::{Failure, Status};
use crate::inputs::{Input, is_dash};
use crate::label::{Label, shown};
use crate::output::Output;
use crate::stored_names::{Image, path_of_argument};

/// What is appended to an image's name.
pub(crate) const SUFFIX: &str = ".secimg";

/// What the arguments of a command that seals stand for.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) images: Vec<Image>,
    /// What was named and cannot be sealed.
    pub(crate) problems: Vec<(Label, Failure)>,
    /// The arguments that are folders.
    folders: Vec<PathBuf>,
    /// What was passed over, and why.
    skipped: Vec<(PathBuf, &'static str)>,
    keep_paths: bool,
}

impl Found {
    /// Finds the images. No argument at all is standard input.
    pub(crate) fn from_arguments(arguments: &[PathBuf], keep_paths: bool) -> Self {
        let mut found = Self {
            keep_paths,
            ..Self::default()
        };
        if arguments.is_empty() {
            found.images.push(Input::Stdin.into());
        }
        for path in arguments {
            if is_dash(path) {
                found.images.push(Input::Stdin.into());
            } else if path.is_dir() {
                found.folder(path);
            } else {
                found.file(path.clone(), path_of_argument(path));
            }
        }
        if arguments.len() > 1 {
            found.refuse_twice();
        }
        found
    }

    /// Says what was passed over.
    pub(crate) fn warn(&self, out: Output) {
        for (path, why) in &self.skipped {
            out.warn(&Label::file(path), why);
        }
    }

    /// Refuses an output that would be sealed with the rest the next time.
    pub(crate) fn check_output(&self, output: &Path) -> Result<(), Failure> {
        let beside = match output.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // A folder that is not there is an error of its own.
        let Ok(place) = fs::canonicalize(beside) else {
            return Ok(());
        };
        let mut folders = self.folders.iter();
        let inside =
            |folder: &&PathBuf| fs::canonicalize(folder).is_ok_and(|f| place.starts_with(f));
        let Some(folder) = folders.find(inside) else {
            return Ok(());
        };
        let (output, folder) = (shown(output), shown(folder));
        let what = format!("{output} lies in {folder}, which is sealed; name an output elsewhere");
        Err(Failure::usage(what))
    }

    fn file(&mut self, path: PathBuf, stored: PathBuf) {
        let input = Input::File(path);
        self.images.push(if self.keep_paths {
            Image::with_path(input, stored)
        } else {
            input.into()
        });
    }

    fn folder(&mut self, path: &Path) {
        let (images, problems) = (self.images.len(), self.problems.len());
        self.walk(path, &path_of_argument(path), 0);
        self.folders.push(path.to_path_buf());
        if (self.images.len(), self.problems.len()) == (images, problems) {
            let what =
                format!("no image is in this folder (hidden files and *{SUFFIX} are not taken)");
            self.problems
                .push((Label::file(path), Failure::usage(what)));
        }
    }

    fn walk(&mut self, folder: &Path, stored: &Path, depth: usize) {
        if depth == MAX_PATH_COMPONENTS {
            let what = format!("more than {MAX_PATH_COMPONENTS} folders, one in the other");
            self.problems
                .push((Label::file(folder), Failure::usage(what)));
            return;
        }
        let entries = match entries(folder) {
            Ok(entries) => entries,
            Err(error) => {
                let failure = Failure::io("cannot read the folder", &error);
                self.problems.push((Label::file(folder), failure));
                return;
            }
        };
        for (name, kind) in entries {
            let (path, stored) = (folder.join(&name), stored.join(&name));
            if kind.is_dir() {
                self.walk(&path, &stored, depth + 1);
            } else if kind.is_symlink() {
                self.skipped
                    .push((path, "a symbolic link, which is not followed"));
            } else if !kind.is_file() {
                self.skipped
                    .push((path, "a device, a pipe or a socket, which is not sealed"));
            } else if !is_sealed(&name) {
                self.file(path, stored);
            }
        }
    }

    /// One file, named twice, would be sealed twice.
    fn refuse_twice(&mut self) {
        let mut seen = HashSet::new();
        let mut twice = Vec::new();
        self.images.retain(|image| {
            let first = image
                .input
                .path()
                .and_then(place)
                .is_none_or(|place| seen.insert(place));
            if !first {
                twice.push((
                    image.input.label(),
                    Failure::usage("this image was named before"),
                ));
            }
            first
        });
        self.problems.append(&mut twice);
    }
}

/// The entries that are not hidden, sorted by name.
fn entries(folder: &Path) -> io::Result<Vec<(OsString, FileType)>> {
    let one = |entry: io::Result<DirEntry>| {
        let entry = entry?;
        Ok((entry.file_name(), entry.file_type()?))
    };
    let is_hidden = |name: &OsString| name.as_encoded_bytes().starts_with(b".");
    let entries: io::Result<Vec<_>> = fs::read_dir(folder)?.map(one).collect();
    let mut entries: Vec<_> = entries?
        .into_iter()
        .filter(|(name, _)| !is_hidden(name))
        .collect();
    entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    Ok(entries)
}

fn is_sealed(name: &OsString) -> bool {
    let (name, suffix) = (name.as_encoded_bytes(), SUFFIX.as_bytes());
    let start = name.len().saturating_sub(suffix.len());
    name[start..].eq_ignore_ascii_case(suffix)
}

/// Where a file lies. A link and what it points to are two files: they have two names.
fn place(path: &Path) -> Option<PathBuf> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::canonicalize(folder.unwrap_or_else(|| Path::new("."))).ok()?;
    Some(folder.join(path.file_name()?))
}

/// What is said of a series that cannot be whole.
pub(crate) fn first_problem(found: &Found) -> Result<(), (Option<Label>, Failure)> {
    match found.problems.first() {
        Some((label, failure)) => Err((Some(label.clone()), failure.clone())),
        None if found.images.is_empty() => {
            let what = "there is nothing to seal";
            Err((None, Failure::new(Status::Usage, "usage", what)))
        }
        None => Ok(()),
    }
}
