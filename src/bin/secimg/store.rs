//! Where images go: temporary files that get their names when the whole stream is verified, and not
//! before.
//!
//! What is wrong with a name is said only of a verified stream: the names in another are nobody's
//! business, and its refusal weighs more.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use secimg::Authentic;
use secimg::content::Manifest;
use secimg::image::FORMATS;
use secimg::io::ItemSink;
use secimg::io::file::{FileError, Overwrite};
use secimg::io::names::file_name_key;
use secimg::stream::ItemReport;

use crate::exit::{Failure, Status};
use crate::label::shown;
use crate::pending::{Pending, Promise};
use crate::stored_names::Names;
use folder::Below;

pub(crate) use folder::OutputFolder;

mod folder;
mod handing;
mod placing;
mod recorded;

/// Where the images of a stream go.
#[derive(Debug)]
pub(crate) enum Destination {
    /// Into a folder, under their stored names.
    Folder(OutputFolder, Overwrite),
    /// The one image into this file.
    File(PathBuf, Overwrite),
    /// The one image to standard output.
    Stdout,
}

impl Destination {
    /// The folder or the file.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Folder(folder, _) => &folder.path,
            Self::File(path, _) => path,
            Self::Stdout => Path::new("-"),
        }
    }
}

/// Names that this run has written: `--force` is not meant for those.
pub(crate) type Written = HashSet<String>;

/// Takes the images of one stream; [`Store::commit`] gives them their names.
#[derive(Debug)]
pub(crate) struct Store<'a> {
    destination: &'a Destination,
    written: &'a mut Written,
    names: Names,
    items: Vec<Kept>,
    /// Names for images without one: two streams that come at the same time do not choose the same.
    promises: Vec<Promise>,
    spool: Option<File>,
    /// What will be said if the stream turns out to be good.
    problem: Option<Failure>,
}

#[derive(Debug)]
struct Kept {
    target: PathBuf,
    place: Place,
    /// Its place below the folder, as a record has it.
    name: String,
    /// It came without a name, and is called by a number.
    is_numbered: bool,
    bytes: u64,
    sha256: [u8; 32],
}

/// Where the bytes wait for the verdict. The spool is one file, with one item behind the other.
#[derive(Debug)]
enum Place {
    /// In a file of its own beside its target.
    Own(Pending),
    /// So many bytes of the spool, for a folder that is not made yet.
    Below(Below, u64),
    /// So many bytes of the spool.
    Stdout(u64),
    /// Nowhere: a file stands there, and if it is not this very image, this is what is wrong.
    Taken(Failure),
    /// This very image stands there: the stream was being stored when its receiver ended.
    There,
}

impl Kept {
    const fn new(target: PathBuf, place: Place) -> Self {
        Self {
            target,
            place,
            name: String::new(),
            is_numbered: false,
            bytes: 0,
            sha256: [0; 32],
        }
    }

    const fn below(&self) -> Option<&Below> {
        match &self.place {
            Place::Below(below, _) => Some(below),
            Place::Own(_) | Place::Stdout(_) | Place::Taken(_) | Place::There => None,
        }
    }
}

impl<'a> Store<'a> {
    pub(crate) fn new(destination: &'a Destination, written: &'a mut Written) -> Self {
        Self {
            destination,
            written,
            names: Names::default(),
            items: Vec::new(),
            promises: Vec::new(),
            spool: None,
            problem: None,
        }
    }

    /// Makes the last image durable, which has no name yet.
    fn end_item(&mut self) -> Result<(), Failure> {
        if let Some(Place::Own(file)) = self.items.last_mut().map(|kept| &mut kept.place) {
            file.close()?;
        }
        Ok(())
    }

    fn begin(&mut self, manifest: &Manifest) -> Result<Kept, Failure> {
        match self.destination {
            Destination::Folder(folder, overwrite) => {
                let Some(name) = &manifest.name else {
                    let name = self.free_name(&folder.path, manifest)?;
                    let mut kept = own(folder.path.join(&name), Overwrite::Refuse, folder.mark())?;
                    (kept.name, kept.is_numbered) = (name, true);
                    return Ok(kept);
                };
                let path = folder.place(name).map_err(Failure::with_advice)?;
                self.claim(path)?;
                let target = folder.path.join(path);
                let mut kept = match Below::of_path(path) {
                    None if folder.state.is_some() => {
                        own_or_taken(target, *overwrite, folder.mark())
                    }
                    None => own(target, *overwrite, ""),
                    Some(below) => Ok(Kept::new(target, Place::Below(below, 0))),
                }?;
                path.clone_into(&mut kept.name);
                Ok(kept)
            }
            _ if !self.items.is_empty() => {
                let what = "the stream holds several images; -O DIR takes them all";
                Err(Failure::new(Status::Usage, "many_images", what))
            }
            Destination::File(path, overwrite) => own(path.clone(), *overwrite, ""),
            Destination::Stdout => Ok(Kept::new(PathBuf::from("-"), Place::Stdout(0))),
        }
    }

    fn claim(&mut self, name: &str) -> Result<(), Failure> {
        if self.written.contains(&file_name_key(name)) || !self.names.claim(name) {
            let name = shown(Path::new(name));
            let what = format!("the name \"{name}\" stands twice; the files would be one");
            return Err(Failure::new(Status::Damaged, "duplicate_name", what));
        }
        Ok(())
    }

    /// Images without a name are called by their position and format: `image-1.png`, or the next
    /// number that is free.
    fn free_name(&mut self, folder: &Path, manifest: &Manifest) -> Result<String, Failure> {
        let format = FORMATS.iter().find(|format| format.name == manifest.format);
        let extension = format.map_or("bin", |format| format.extension);
        let first = self.items.len() + 1;
        for number in first.. {
            let name = numbered(number, extension);
            let target = folder.join(&name);
            if let Some(promise) = Promise::take(&target)
                && self.claim(&name).is_ok()
            {
                self.promises.push(promise);
                return Ok(name);
            }
        }
        Err(Failure::usage("no name is free"))
    }

    fn spool(&mut self) -> io::Result<&mut File> {
        if self.spool.is_none() {
            // It has no name, so nothing has to remove it.
            self.spool = Some(match self.destination {
                Destination::Folder(folder, _) => tempfile::tempfile_in(&folder.path)?,
                _ => tempfile::tempfile()?,
            });
        }
        self.spool
            .as_mut()
            .ok_or_else(|| ErrorKind::NotFound.into())
    }
}

impl Failure {
    fn with_advice(mut self) -> Self {
        self.message
            .push_str("; `secimg decrypt -o OUT` gives it another");
        self
    }
}

/// What an image without a name is called.
fn numbered(number: usize, extension: &str) -> String {
    format!("{NUMBERED}{number}.{extension}")
}

const NUMBERED: &str = "image-";

fn own(target: PathBuf, overwrite: Overwrite, mark: &str) -> Result<Kept, Failure> {
    let pending = Pending::create_marked(&target, overwrite, mark)?;
    Ok(Kept::new(target, Place::Own(pending)))
}

/// Where a file stands already, it may turn out to be this very image.
fn own_or_taken(target: PathBuf, overwrite: Overwrite, mark: &str) -> Result<Kept, Failure> {
    match Pending::create_marked(&target, overwrite, mark) {
        Ok(pending) => Ok(Kept::new(target, Place::Own(pending))),
        Err(error @ FileError::Exists(_)) => Ok(Kept::new(target, Place::Taken(error.into()))),
        Err(error) => Err(error.into()),
    }
}

impl ItemSink for Store<'_> {
    fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()> {
        if self.problem.is_some() {
            return Ok(());
        }
        self.end_item()?;
        match self.begin(manifest.get()) {
            Ok(kept) => self.items.push(kept),
            Err(problem) => self.problem = Some(problem),
        }
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.problem.is_some() {
            return Ok(());
        }
        match self.items.last_mut().map(|kept| &mut kept.place) {
            Some(Place::Own(file)) => file.write_all(bytes),
            Some(Place::Below(_, length) | Place::Stdout(length)) => {
                *length += bytes.len() as u64;
                self.spool()?.write_all(bytes)
            }
            Some(Place::Taken(_) | Place::There) | None => Ok(()),
        }
    }

    fn item_end(&mut self, item: &Authentic<ItemReport>) -> io::Result<()> {
        if let Some(kept) = self.items.last_mut() {
            kept.bytes = item.get().bytes;
            kept.sha256 = item.get().sha256.unwrap_or_default();
        }
        Ok(())
    }
}

fn copy(spool: Option<&mut File>, length: u64, to: &mut impl Write) -> Result<(), Failure> {
    if let Some(spool) = spool {
        let copied = io::copy(&mut spool.take(length), to).and_then(|_| to.flush());
        copied.map_err(|error| Failure::io("writing the output failed", &error))?;
    }
    Ok(())
}

fn spool_failed(error: &io::Error) -> Failure {
    Failure::io("the temporary file failed", error)
}

/// What an existing file means for a command with or without `--force`.
pub(crate) const fn overwrite(force: bool) -> Overwrite {
    if force {
        Overwrite::Replace
    } else {
        Overwrite::Refuse
    }
}

/// Refuses an output that exists, before any work is done for it.
pub(crate) fn check_free(target: &Path, overwrite: Overwrite) -> Result<(), FileError> {
    Pending::create(target, overwrite).map(drop)
}
