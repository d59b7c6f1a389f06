//! Images that are handed out before their series is verified: copies, so that what gets its name in the end was in
//! nobody's hands.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::path::Path;

use secimg::io::file::{FileError, FileMode, Overwrite};

use super::recorded::holds;
use super::{Destination, Kept, Place, Store, copy, spool_failed};
use crate::exit::Failure;
use crate::pending::Pending;

impl Store<'_> {
    /// What is in the way of a whole image: a name that is not sound, or a file that has it.
    fn problem(&self, number: usize) -> Option<Failure> {
        match self.items.get(number).map(|kept| (kept, &kept.place)) {
            Some((kept, Place::Taken(failure))) if !is_there(kept) => Some(failure.clone()),
            Some(_) => None,
            // Behind a problem nothing is taken.
            None => self.problem.clone(),
        }
    }

    /// Copies a whole image to a file of its own, and tells whether it did: what was handed out before is not
    /// handed out again.
    pub(crate) fn hand_out(&mut self, number: usize, target: &Path) -> Result<bool, Failure> {
        if let Some(problem) = self.problem(number) {
            return Err(problem);
        }
        let kept = &self.items[number];
        if holds(target, kept).unwrap_or(false) || is_there(kept) {
            return Ok(false);
        }
        let mark = match self.destination {
            Destination::Folder(folder, _) => folder.mark(),
            Destination::File(..) | Destination::Stdout => "",
        };
        let mut file = Pending::create_marked(target, Overwrite::Refuse, mark)?;
        self.copy_to(number, &mut file)?;
        match file.commit(FileMode::Shared) {
            // Another connection, which does not know yet that it broke, was a moment faster.
            Err(FileError::Exists(_)) if holds(target, &self.items[number]).unwrap_or(false) => {
                Ok(false)
            }
            done => Ok(done.map(|()| true)?),
        }
    }

    fn copy_to(&mut self, number: usize, to: &mut Pending) -> Result<(), Failure> {
        let before: u64 = self.items[..number].iter().map(Kept::spooled).sum();
        match &mut self.items[number].place {
            Place::Own(file) => {
                file.close()?;
                let copied = File::open(file.path()).and_then(|mut from| io::copy(&mut from, to));
                let failed = |error| Failure::io("writing the output failed", &error);
                copied.map(drop).map_err(failed)
            }
            Place::Below(_, length) | Place::Stdout(length) => {
                let length = *length;
                let Some(spool) = self.spool.as_mut() else {
                    return Ok(());
                };
                let sought = spool.seek(SeekFrom::Start(before));
                sought.map_err(|error| spool_failed(&error))?;
                copy(Some(&mut *spool), length, to)?;
                let end = spool.seek(SeekFrom::End(0));
                end.map(drop).map_err(|error| spool_failed(&error))
            }
            Place::Taken(_) | Place::There => Ok(()),
        }
    }
}

impl Kept {
    /// How many bytes of the spool are its own.
    const fn spooled(&self) -> u64 {
        match &self.place {
            Place::Below(_, length) | Place::Stdout(length) => *length,
            Place::Own(_) | Place::Taken(_) | Place::There => 0,
        }
    }
}

/// Tells whether this very image has its name already: its receiver ended between that and the receipt.
fn is_there(kept: &Kept) -> bool {
    matches!(kept.place, Place::Taken(_)) && holds(&kept.target, kept).unwrap_or(false)
}
