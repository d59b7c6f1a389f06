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

use super::{Destination, Kept, Place, numbered};
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
        for kept in &mut *items {
            if let Some(name) = found(kept, &before, &folder.path, id) {
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

/// Under which name an image is there already.
fn found(kept: &Kept, before: &Commit, folder: &Path, id: &[u8; 32]) -> Option<String> {
    let names: Vec<_> = match &kept.numbers {
        Some((numbers, extension)) => numbers.clone().map(|n| numbered(n, extension)).collect(),
        None => vec![kept.name.clone()],
    };
    let is_it = |name: &String| {
        before.contains(&kept.entry(id, name)) && holds(&folder.join(name), kept).unwrap_or(false)
    };
    names.into_iter().find(is_it)
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
