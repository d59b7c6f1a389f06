//! The end of a verified stream: its images get their names, all of them or none.
//!
//! What takes long, waiting for the disk, happens outside the lock under which names are given, so that streams that
//! come at the same time wait for the disk together.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};

use secimg::io::file::{FileMode, Naming, Overwrite};

use super::folder::Below;
use super::{Destination, Kept, Place, Store, copy, recorded, spool_failed};
use crate::exit::Failure;
use crate::inputs::binary_stdout;

/// Of two streams with the same names one is stored whole. Otherwise each could have one image there first, and both
/// would be taken back, or, with `--force`, some of each would stay.
static NAMING: Mutex<()> = Mutex::new(());

impl Store<'_> {
    /// Gives the images of a verified stream their names, and says where each went. `transfer_id` is the
    /// stream's where it may come again.
    ///
    /// If one fails, those before it go again, unless they have replaced something.
    pub(crate) fn commit(
        mut self,
        transfer_id: Option<&[u8; 32]>,
    ) -> Result<Vec<Option<String>>, Failure> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        self.end_item()?;
        let _storing = transfer_id.map(Storing::begin);
        if let Some(id) = transfer_id {
            recorded::prepare(self.destination, &mut self.items, id)?;
        }
        if self.items.is_empty() && !matches!(self.destination, Destination::Folder(..)) {
            return Err(Failure::usage("the stream holds no image"));
        }
        let mut spool = self.spool.take();
        if let Some(spool) = &mut spool {
            spool
                .seek(SeekFrom::Start(0))
                .map_err(|error| spool_failed(&error))?;
        }
        let done = self.place_all(spool.as_mut())?;
        self.written.extend(self.names.into_files());
        let shown = |file: Placed| Some(file.path.to_string_lossy().into_owned());
        Ok(done.files.into_iter().map(shown).collect())
    }

    fn place_all(&mut self, spool: Option<&mut File>) -> Result<Done, Failure> {
        let mut done = Done::default();
        let mut naming = Naming::new(FileMode::Shared);
        let names = NAMING.lock();
        let placed = self.place_each(spool, &mut naming, &mut done);
        if placed.is_err() {
            done.undo(self.destination);
        }
        drop(names);
        placed?;
        if let Err(error) = naming.finish() {
            done.undo(self.destination);
            return Err(error.into());
        }
        Ok(done)
    }

    fn place_each(
        &mut self,
        mut spool: Option<&mut File>,
        naming: &mut Naming,
        done: &mut Done,
    ) -> Result<(), Failure> {
        // What stands in the way of one image stands in the way of all.
        if let Destination::Folder(folder, overwrite) = self.destination {
            for below in self.items.iter().filter_map(Kept::below) {
                below.prepare(&folder.path, *overwrite, &mut done.folders)?;
            }
        }
        for kept in self.items.drain(..) {
            let output = Placed {
                path: kept.target.clone(),
                below: kept.below().cloned(),
                is_new: !matches!(kept.place, Place::There),
            };
            place(kept, self.destination, spool.as_deref_mut(), naming)?;
            done.files.push(output);
        }
        Ok(())
    }
}

/// One stream at a time under each transfer id: a sender may come again while its first connection, which it gave up,
/// is still being stored. The second finds what the first has stored.
struct Storing([u8; 32]);

static UNDER_WAY: Mutex<Option<HashSet<[u8; 32]>>> = Mutex::new(None);
static ONE_LESS: Condvar = Condvar::new();

impl Storing {
    fn begin(transfer_id: &[u8; 32]) -> Self {
        let mut under_way = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        while !under_way.get_or_insert_default().insert(*transfer_id) {
            under_way = ONE_LESS
                .wait(under_way)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Self(*transfer_id)
    }
}

impl Drop for Storing {
    fn drop(&mut self) {
        let mut under_way = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.get_or_insert_default().remove(&self.0);
        ONE_LESS.notify_all();
    }
}

fn place(
    kept: Kept,
    destination: &Destination,
    spool: Option<&mut File>,
    naming: &mut Naming,
) -> Result<(), Failure> {
    match (kept.place, destination) {
        (Place::Own(file), _) => Ok(file.name(naming)?),
        (Place::Taken(failure), _) => Err(failure),
        (Place::There, _) => Ok(()),
        (Place::Below(below, length), Destination::Folder(folder, overwrite)) => {
            below.write(&folder.path, *overwrite, |file| copy(spool, length, file))
        }
        (Place::Below(_, length) | Place::Stdout(length), _) => {
            copy(spool, length, &mut binary_stdout()?)
        }
    }
}

/// What a commit has done so far.
#[derive(Default)]
struct Done {
    files: Vec<Placed>,
    /// The folders that were not there before, outer ones first.
    folders: Vec<Below>,
}

struct Placed {
    path: PathBuf,
    below: Option<Below>,
    /// It was not there before.
    is_new: bool,
}

impl Done {
    /// Takes back what was new. A file that replaced another stays: it is whole, and the other is gone.
    fn undo(&self, destination: &Destination) {
        let Destination::Folder(top, overwrite) = destination else {
            return;
        };
        if *overwrite == Overwrite::Refuse {
            for file in self.files.iter().filter(|file| file.is_new) {
                match &file.below {
                    Some(below) => below.remove_file(&top.path),
                    None => drop(fs::remove_file(&file.path)),
                }
            }
        }
        for folder in self.folders.iter().rev() {
            folder.remove_folder(&top.path);
        }
    }
}
