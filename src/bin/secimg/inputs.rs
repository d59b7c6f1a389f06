//! What a command reads: files, standard input, and sealed streams on servers.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use secimg::io::ReadAhead;
use secimg::io::SealedFile;
use secimg::io::file::FileError;

use crate::exit::{Failure, Status};
use crate::label::Label;
use crate::output::Output;
use crate::progress::{Progress, ProgressReader};
use crate::web::{Web, url_of};

/// Files of this length are read ahead.
const LONG: u64 = 4 << 20;

/// One input of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    Stdin,
    File(PathBuf),
    /// A sealed stream on a server.
    Url(String),
}

/// An input that was opened.
pub(crate) struct Source {
    pub(crate) reader: Box<dyn Read + Send>,
    /// How long it is, where that is known before it is read.
    pub(crate) len: Option<u64>,
    /// Of a regular file.
    pub(crate) metadata: Option<Metadata>,
}

impl Input {
    /// `-` is standard input, and so is no argument at all.
    pub(crate) fn list(arguments: &[PathBuf]) -> Vec<Self> {
        if arguments.is_empty() {
            return vec![Self::Stdin];
        }
        let one = |path: &PathBuf| {
            if is_dash(path) {
                Self::Stdin
            } else {
                Self::File(path.clone())
            }
        };
        arguments.iter().map(one).collect()
    }

    /// As [`Input::list`], for sealed streams, which may be at URLs.
    pub(crate) fn sealed(arguments: &[PathBuf]) -> Vec<Self> {
        let one = |input: Self| match input.path().and_then(url_of) {
            Some(url) => Self::Url(url.to_owned()),
            None => input,
        };
        Self::list(arguments).into_iter().map(one).collect()
    }

    pub(crate) fn label(&self) -> Label {
        match self {
            Self::Stdin => Label::stdin(),
            Self::File(path) => Label::file(path),
            Self::Url(url) => Label::url(url),
        }
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Stdin | Self::Url(_) => None,
            Self::File(path) => Some(path),
        }
    }

    /// How long it is, where that is known before it is read.
    pub(crate) fn len(&self) -> Option<u64> {
        let found = fs::metadata(self.path()?).ok()?;
        found.is_file().then_some(found.len())
    }

    /// Finds what can be found without opening it: a pipe gives its bytes once.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let Self::File(path) = self else {
            return Ok(());
        };
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(is_folder()),
            Ok(_) => Ok(()),
            Err(error) => Err(not_opened(path, error)),
        }
    }

    pub(crate) fn open(&self) -> Result<Source, Failure> {
        match self {
            Self::Stdin => Ok(Source::new(io::stdin(), None)),
            Self::File(path) => {
                let (file, metadata) = open_file(path)?;
                Ok(Source::new(file, Some(metadata)))
            }
            Self::Url(_) => Err(Failure::usage(
                "only a sealed stream is read from a URL; fetch the file first",
            )),
        }
    }
}

impl Input {
    /// Opens a sealed stream; one whose rewrap was interrupted is read as it was before.
    pub(crate) fn open_sealed(&self, out: Output) -> Result<Source, Failure> {
        let Self::File(path) = self else {
            return self.open();
        };
        let (file, metadata) = open_file(path)?;
        if !metadata.is_file() {
            return Ok(Source::new(file, None));
        }
        let sealed = as_sealed(file, path, out)?;
        Ok(Source::new(sealed, Some(metadata)))
    }

    /// As [`Input::open_sealed`], wherever it is.
    pub(crate) fn fetch_sealed(&self, web: &Web, out: Output) -> Result<Source, Failure> {
        match self {
            Self::Url(url) => web.get(url),
            Self::Stdin | Self::File(_) => self.open_sealed(out),
        }
    }
}

impl Input {
    /// As [`Input::open_sealed`], where it can be read from any place: nothing for a pipe.
    pub(crate) fn sealed_file(&self, out: Output) -> Result<Option<SealedFile>, Failure> {
        let Self::File(path) = self else {
            return Ok(None);
        };
        // A pipe is opened only by who reads it.
        if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            return Ok(None);
        }
        let (file, _) = open_file(path)?;
        as_sealed(file, path, out).map(Some)
    }
}

/// Reads a regular file as a sealed one, and says so where its rewrap was interrupted.
fn as_sealed(file: File, path: &Path, out: Output) -> Result<SealedFile, Failure> {
    let sealed = SealedFile::of(file, path)?;
    if sealed.is_interrupted() {
        out.warn(
            &Label::file(path),
            "a rewrap is at work or was interrupted; read for the recipients from before",
        );
    }
    Ok(sealed)
}

impl Source {
    /// Of what is no regular file nothing is known.
    fn new(reader: impl Read + Send + 'static, metadata: Option<Metadata>) -> Self {
        let metadata = metadata.filter(Metadata::is_file);
        Self {
            reader: Box::new(reader),
            len: metadata.as_ref().map(Metadata::len),
            metadata,
        }
    }

    /// Shows on a terminal how far the reading is.
    pub(crate) fn with_progress(self, label: &Label, quiet: bool) -> ProgressReader<Box<dyn Read>> {
        let work = Progress::new(&label.shown, self.len, quiet);
        self.read_for(&work)
    }

    /// Tells whether it is worth reading ahead, for who takes long over what was read.
    pub(crate) fn is_long(&self) -> bool {
        self.len.is_some_and(|len| len >= LONG)
    }

    /// Reads as a part of some work.
    pub(crate) fn read_for(self, work: &Progress) -> ProgressReader<Box<dyn Read>> {
        work.clone().reading(self.reader)
    }

    /// As [`Source::read_for`], and reads ahead.
    pub(crate) fn ahead_for(self, work: &Progress) -> ProgressReader<ReadAhead> {
        work.clone().reading(ReadAhead::new(self.reader))
    }
}

/// Opens a file that is no folder.
pub(crate) fn open_file(path: &Path) -> Result<(File, Metadata), Failure> {
    let file = File::open(path).map_err(|error| not_opened(path, error))?;
    let metadata = file
        .metadata()
        .map_err(|error| Failure::io("cannot look at it", &error))?;
    if metadata.is_dir() {
        return Err(is_folder());
    }
    Ok((file, metadata))
}

fn not_opened(path: &Path, error: io::Error) -> Failure {
    match error.kind() {
        ErrorKind::NotFound => FileError::Missing(path.into(), error).into(),
        // Windows does not open folders at all.
        _ if path.is_dir() => is_folder(),
        _ => Failure::io("cannot open it", &error),
    }
}

fn is_folder() -> Failure {
    Failure::new(
        Status::Usage,
        "is_folder",
        "it is a folder; name the files in it",
    )
}

/// Tells whether an argument means standard input or output.
pub(crate) fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Standard output for bytes that are no text.
pub(crate) fn binary_stdout() -> Result<impl Write, Failure> {
    let stdout = io::stdout();
    if stdout.is_terminal() {
        let what = "binary data is not written to a terminal; name a file with -o, or redirect";
        return Err(Failure::new(Status::Usage, "terminal", what));
    }
    Ok(stdout.lock())
}
