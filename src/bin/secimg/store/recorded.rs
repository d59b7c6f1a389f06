//! Streams that come again: what was stored of them is theirs, and nothing is stored twice.
//!
//! A receiver that is killed between the first name and the receipt leaves a sender without an answer. The stream
//! comes again, with the same transfer id, and finds its own images in its way. The record that was written
//! before the first of them says that they are its own, if they are what it has.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use secimg::io::file::make_name_durable;
use secimg::transport::{Commit, commit_entry};
use sha2::{Digest, Sha256};

use super::{Destination, Kept, NUMBERED, Place};
use crate::exit::Failure;

/// Finds what is there already of a stream, and records what is about to be there.
pub(super) fn prepare(
    destination: &Destination,
    items: &mut [Kept],
    id: &[u8; 32],
) -> Result<(), Failure> {
    let Destination::Folder(folder, _) = destination else {
        return Ok(());
    };
    let Some(state) = &folder.state else {
        return Ok(());
    };
    let before = state.commits.find(id);
    if !before.is_empty() {
        let numbered = numbered_in(&folder.path)
            .map_err(|error| Failure::io("reading the output folder failed", &error))?;
        for kept in &mut *items {
            if let Some(name) = found(kept, &before, &folder.path, &numbered, id) {
                kept.target = folder.path.join(&name);
                make_name_durable(&kept.target)?;
                (kept.name, kept.place) = (name, Place::There);
            }
        }
    }
    for kept in &mut *items {
        if let Place::Taken(failure) = &kept.place {
            return Err(failure.clone());
        }
    }
    let entries: Vec<_> = items
        .iter()
        .map(|kept| kept.entry(id, &kept.name))
        .collect();
    if entries.iter().all(|entry| before.contains(entry)) {
        return Ok(());
    }
    Ok(state.commits.begin(id, &entries)?)
}

impl Kept {
    fn entry(&self, id: &[u8; 32], name: &str) -> [u8; 32] {
        commit_entry(id, &self.sha256, self.bytes, name)
    }
}

/// Under which name an image is there already. `numbered` are the names that images without one have.
fn found(
    kept: &Kept,
    before: &Commit,
    folder: &Path,
    numbered: &[String],
    id: &[u8; 32],
) -> Option<String> {
    let names = if kept.is_numbered {
        numbered
    } else {
        core::slice::from_ref(&kept.name)
    };
    let is_it = |name: &&String| {
        before.contains(&kept.entry(id, name)) && holds(&folder.join(name), kept).unwrap_or(false)
    };
    names.iter().find(is_it).cloned()
}

/// All names that may be those of images without one. The number of an image that is there already may be higher than the
/// first one that is free now: another stream had the lower one then, and was not stored.
fn numbered_in(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        if let Ok(name) = entry?.file_name().into_string()
            && name.starts_with(NUMBERED)
        {
            names.push(name);
        }
    }
    Ok(names)
}

/// Tells whether a file, and no link to one, is the image.
pub(super) fn holds(path: &Path, kept: &Kept) -> io::Result<bool> {
    let stands = fs::symlink_metadata(path)?;
    if !stands.is_file() || stands.len() != kept.bytes {
        return Ok(false);
    }
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(<[u8; 32]>::from(hash.finalize()) == kept.sha256),
            len => hash.update(&buffer[..len]),
        }
    }
}

#[cfg(test)]
mod tests {
    use secimg::transport::CommitLog;

    use super::*;

    /// Two streams without names came at the same time, and both receivers of this one were killed before the receipt. The
    /// other one had the lower number, and never got it.
    #[test]
    fn an_image_is_found_behind_a_number_that_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let image = b"an image without a name";
        fs::write(folder.path().join("image-5.raw"), image).unwrap();
        fs::write(folder.path().join("image-6.raw"), image).unwrap();
        let mut kept = Kept::new(folder.path().join("image-1.raw"), Place::There);
        kept.name = "image-1.raw".to_owned();
        kept.is_numbered = true;
        kept.bytes = image.len() as u64;
        kept.sha256 = Sha256::digest(image).into();
        let id = [7; 32];
        let state = tempfile::tempdir().unwrap();
        let log = CommitLog::open(&state.path().join("stored"), 9).unwrap();
        let find = |kept: &Kept, log: &CommitLog| {
            let numbered = numbered_in(folder.path()).unwrap();
            found(kept, &log.find(&id), folder.path(), &numbered, &id)
        };
        assert_eq!(find(&kept, &log), None);
        log.begin(&id, &[kept.entry(&id, "image-5.raw")]).unwrap();
        assert_eq!(find(&kept, &log).as_deref(), Some("image-5.raw"));
        // The same name, and another image.
        kept.sha256 = [0; 32];
        assert_eq!(find(&kept, &log), None);
    }
}
