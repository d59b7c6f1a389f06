//! A relay: keeps streams that it cannot open, each as `TRANSFERID.secimg`, to be sent on.
//!
//! Its receipt says "stored" and proves nothing. A stream that is here already is stored again, so to
//! speak: its sender may have missed the first receipt.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use secimg::io::file::{FileError, FileMode, Overwrite};
use secimg::stream::Survey;
use secimg::transport::{Link, Receipt, Receiver};
use serde_json::json;

use super::NotTaken;
use crate::exit::{Failure, Status};
use crate::label::{Label, shown};
use crate::output::{Output, hex};
use crate::pending::Pending;
use crate::store::OutputFolder;

/// Where sealed streams are kept.
pub(super) struct Folder {
    path: PathBuf,
    overwrite: Overwrite,
    /// Removed again if nothing came.
    created: OutputFolder,
}

/// A stream that is kept.
pub(super) struct Stored {
    survey: Survey,
    path: PathBuf,
}

impl Folder {
    pub(super) const fn new(path: PathBuf, folder: OutputFolder, overwrite: Overwrite) -> Self {
        Self {
            path,
            overwrite,
            created: folder,
        }
    }

    /// Receives one stream. Only its form is checked; there is nothing else to go by.
    pub(super) fn take_in(
        &self,
        receiver: &Receiver,
        link: &mut dyn Link,
    ) -> Result<Stored, NotTaken> {
        let (survey, kept) = receiver.store(link, |header| {
            let target = self.target(&header.transfer_id());
            Ok(Kept::create(&target, self.overwrite, self.created.mark())?)
        })?;
        kept.finish().map_err(NotTaken::storing)?;
        let path = self.target(&survey.header.transfer_id());
        Ok(Stored { survey, path })
    }

    fn target(&self, transfer_id: &[u8; 32]) -> PathBuf {
        self.path.join(format!("{}.secimg", hex(transfer_id)))
    }
}

impl Stored {
    pub(super) fn acknowledge(&self, link: &mut dyn Link) -> io::Result<()> {
        let receipt = Receipt::stored(self.survey.header.transfer_id());
        receipt.send(&mut &mut *link)
    }

    pub(super) fn report(&self, out: Output, peer: &Label) {
        out.object(&json!({
            "schema": "secimg/stored/1",
            "file": peer.raw,
            "verdict": "stored",
            "exit": Status::Done.number(),
            "suite": self.survey.header.suite().name,
            "chunks": self.survey.chunks,
            "sealed_bytes": self.survey.stream_bytes,
            "transfer_id": hex(&self.survey.header.transfer_id()),
            "output": self.path.to_string_lossy(),
            "error": null,
        }));
        let (bytes, path) = (self.survey.stream_bytes, shown(&self.path));
        out.say(format_args!(
            "{}: stored unopened, {bytes} bytes -> {path}",
            peer.shown
        ));
    }
}

/// Where the bytes of a stream go.
enum Kept {
    New(Pending),
    /// The stream's file, with which the bytes must agree.
    Again(File, PathBuf),
}

impl Kept {
    fn create(target: &Path, overwrite: Overwrite, mark: &str) -> Result<Self, Failure> {
        match Pending::create_marked(target, overwrite, mark) {
            Ok(pending) => Ok(Self::New(pending)),
            Err(FileError::Exists(path)) => {
                let file = File::open(&path);
                let file = file.map_err(|error| Failure::io("opening what is stored", &error))?;
                Ok(Self::Again(file, path))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self {
            Self::New(pending) => Ok(pending.commit(FileMode::Shared)?),
            Self::Again(mut file, path) => match file.read(&mut [0]) {
                Ok(0) => Ok(()),
                Ok(_) => Err(another(&path)),
                Err(error) => Err(Failure::io("reading what is stored", &error)),
            },
        }
    }
}

/// The recipients can differ, and whoever knows the stream's first bytes can put others behind them.
fn another(path: &Path) -> Failure {
    let what = format!(
        "another stream with this transfer id is stored as {}",
        shown(path)
    );
    Failure::new(Status::Usage, "exists", what)
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::New(pending) => pending.write(bytes),
            Self::Again(file, path) => {
                let mut stored = vec![0; bytes.len()];
                match file.read_exact(&mut stored) {
                    Ok(()) if stored == bytes => Ok(bytes.len()),
                    Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
                    _ => Err(another(path).into()),
                }
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::New(pending) => pending.flush(),
            Self::Again(..) => Ok(()),
        }
    }
}
