//! What a receiver keeps from one run to the next, and where.
//!
//! ```text
//! --state DIR, or STATE/secimg/received/HASH for an output folder
//!   parts/KEY.part    the sealed beginning of a stream whose connection broke
//!   stored/ID         hashes of the images of a stream that was being stored
//!   accepted, lock    which streams were accepted; only with --state
//! ```
//!
//! Nothing in it can be opened with what is in it.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secimg::io::file::remove_marked;
use secimg::transport::{CommitLog, PartBudget, PartStore};
use sha2::{Digest, Sha256};

use crate::exit::Failure;
use crate::label::Label;
use crate::output::{Output, hex};

/// What is kept for one output folder.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) parts: Arc<PartStore>,
    pub(crate) commits: Arc<CommitLog>,
    /// Stands in the names of temporary files in the output folder.
    pub(crate) mark: String,
}

impl State {
    /// Takes the folder that was named, or the one that belongs to `output` by default. Without the latter a
    /// receiver works as well: streams that break off come again from their beginning.
    pub(crate) fn open(
        named: Option<&Path>,
        output: &Path,
        out: Output,
    ) -> Result<Option<Self>, Failure> {
        let state = match named {
            Some(folder) => Self::in_folder(folder)?,
            None => match default_folder(output).and_then(|folder| Self::in_folder(&folder)) {
                Ok(state) => state,
                Err(failure) => {
                    let what = format!("a stream that breaks off cannot go on here: {failure}");
                    out.warn(&Label::file(output), what);
                    return Ok(None);
                }
            },
        };
        // The lock on the parts says that nobody else writes under this mark.
        let _: io::Result<usize> = remove_marked(output, &state.mark);
        Ok(Some(state))
    }

    fn in_folder(folder: &Path) -> Result<Self, Failure> {
        create(folder)?;
        let parts = PartStore::open(&folder.join("parts"), PartBudget::new())?;
        let commits = CommitLog::open(&folder.join("stored"), CommitLog::DEFAULT_CAPACITY)?;
        let of_folder = hash_of(&absolute(folder)?);
        Ok(Self {
            parts,
            commits: Arc::new(commits),
            mark: format!("{}-", &of_folder[..12]),
        })
    }
}

fn create(folder: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let created = builder.create(folder);
    created.map_err(|error| Failure::io("cannot create the state folder", &error).about(folder))
}

/// One folder for each output folder: two receivers with two of them do not meet.
fn default_folder(output: &Path) -> Result<PathBuf, Failure> {
    let Some(base) = base() else {
        return Err(Failure::usage(
            "no state folder is known; name one with --state DIR",
        ));
    };
    Ok(base.join("received").join(hash_of(&absolute(output)?)))
}

fn absolute(folder: &Path) -> Result<PathBuf, Failure> {
    fs::canonicalize(folder).map_err(|error| Failure::io("cannot find", &error).about(folder))
}

fn hash_of(folder: &Path) -> String {
    let hash: [u8; 32] = Sha256::digest(folder.as_os_str().as_encoded_bytes()).into();
    hex(&hash)
}

/// The platform's folder for what a program keeps.
fn base() -> Option<PathBuf> {
    let folder = |name: &str| env::var_os(name).map(PathBuf::from);
    let given = |name: &str| folder(name).filter(|path| path.is_absolute());
    if cfg!(windows) {
        return given("LOCALAPPDATA").map(|path| path.join("secimg").join("state"));
    }
    if let Some(state) = given("XDG_STATE_HOME") {
        return Some(state.join("secimg"));
    }
    let home = given("HOME")?;
    Some(if cfg!(target_os = "macos") {
        home.join("Library/Application Support/secimg/state")
    } else {
        home.join(".local/state/secimg")
    })
}
