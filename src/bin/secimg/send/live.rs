//! `send --live`: a series whose images go out one by one, each when it is complete.
//!
//! The images are those that are named, or those whose names come from standard input, one a line: a camera's or a
//! modality's program writes a line when a file is done. Everything sealed stays in a spool until the receipt is here, so
//! that a connection that breaks costs nothing; a sender that ends without its series' end leaves a series that nobody
//! can complete, since its key is on no disk.

use core::time::Duration;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;

use secimg::io::SealWriter;
use secimg::transport::{Outgoing, SpoolWriter, spool};

use super::{Demand, Route, SealedLoad, Sent, blame, check};
use crate::args::{Common, SendArgs};
use crate::exit::{Failure, Status};
use crate::folders::{Found, first_problem};
use crate::inputs::{Input, is_dash};
use crate::keys_in::{Sealing, sealing};
use crate::output::{Output, SealedItem};
use crate::progress::{Progress, suspended};
use crate::sealing::{Counted, Making, add_image};
use crate::store::overwrite;
use crate::stored_names::{Image, Names, path_of_argument};

/// How often who waits for a name looks whether there is still somebody to send to.
const WAIT: Duration = Duration::from_millis(200);

/// Lines that wait to be sealed.
const LINES: usize = 64;

/// Not shown to anybody: why delivering ended says more.
const ABANDONED: &str = "abandoned";

/// What a series was, and how bad it is what was left out of it.
pub(super) type Delivered = (Sealing, Sent, Status);

/// Seals and sends until there is no more image, and waits for the receipt.
pub(super) fn deliver(args: &SendArgs, common: Common) -> Result<Delivered, Failure> {
    let out = Output::new(common);
    let mut images = Images::of(args, out)?;
    let mut demand = Demand::new(args, 1, overwrite(common.force))?;
    let mut sealing = sealing(&args.recipients, &args.seal)?;
    sealing.warnings.append(&mut demand.warnings);
    let route = Route::to(args, out)?;
    if !route.carrier.transport().makes_links() {
        let what = "--live is for tcp://: over HTTP a stream is opened when it is whole";
        return Err(Failure::usage(what));
    }
    let file = tempfile::tempfile();
    let file = file.map_err(|error| Failure::io("the temporary file failed", &error))?;
    let (writer, reader) = spool(file);
    let (sealed, brought) = thread::scope(|scope| {
        let work = scope.spawn(|| seal_series(writer, &mut images, &sealing, out));
        let stream = Outgoing::growing(reader).map_err(Failure::from);
        let brought = stream.and_then(|mut stream| route.bring(&mut stream));
        let sealed = work.join();
        let sealed = sealed.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (sealed, brought)
    });
    match (sealed, brought) {
        // What is missing in a stream that was not sealed to its end is no news.
        (Err(failure), _) if failure.code != ABANDONED => Err(failure),
        (Err(failure), Ok(_)) | (_, Err(failure)) => Err(failure),
        (Ok((load, left_out)), Ok(receipt)) => {
            let sent = load.sent(receipt, &demand)?;
            Ok((sealing, sent, left_out))
        }
    }
}

/// Seals image after image, with a checkpoint behind each.
fn seal_series(
    spool: SpoolWriter,
    images: &mut Images,
    sealing: &Sealing,
    out: Output,
) -> Result<(SealedLoad, Status), Failure> {
    let mut series = Series {
        writer: SealWriter::new(Counted::new(spool), &sealing.options)?,
        items: Vec::new(),
        names: Names::default(),
        left_out: Status::Done,
        making: sealing.making,
        out,
    };
    // The header goes out at once: a receiver does not wait for it for long.
    series.writer.flush().map_err(|error| wrote(&error))?;
    let work = Progress::new("sealed", None, out.is_quiet());
    loop {
        if series.writer.get_ref().get_ref().is_abandoned() {
            return Err(abandoned());
        }
        match images.next()? {
            Next::Image(image) => series.add(&image, &work)?,
            Next::Nothing => {}
            Next::End => return series.finish(sealing),
        }
    }
}

fn abandoned() -> Failure {
    Failure::new(Status::Io, ABANDONED, "nobody sends the series any more")
}

fn wrote(error: &io::Error) -> Failure {
    Failure::io("the temporary file failed", error)
}

/// A series in the making.
struct Series {
    writer: SealWriter<Counted<SpoolWriter>>,
    items: Vec<SealedItem>,
    names: Names,
    left_out: Status,
    making: Making,
    out: Output,
}

impl Series {
    /// Adds an image and sends it out. One that cannot be opened is left out and the series goes on: what comes
    /// next is as important.
    fn add(&mut self, image: &Image, work: &Progress) -> Result<(), Failure> {
        if let Err(failure) = self.check(image) {
            self.left_out = self.left_out.and_then(failure.status);
            suspended(|| self.out.failed(Some(&image.input.label()), &failure));
            return Ok(());
        }
        match add_image(image, &mut self.writer, work, self.making) {
            Ok(item) => self.items.push(item),
            Err(_) if self.writer.get_ref().get_ref().is_abandoned() => return Err(abandoned()),
            Err(failure) => return Err(blame(Some(image.input.label()), failure)),
        }
        Ok(self.writer.checkpoint()?)
    }

    fn check(&mut self, image: &Image) -> Result<(), Failure> {
        drop(image.input.open()?);
        let is_new = match image.stored_name() {
            Some(Ok(name)) => self.names.claim(&name),
            _ => true,
        };
        if is_new {
            return Ok(());
        }
        let what =
            "an image of this series has the same name; store the folders too with --keep-paths";
        Err(Failure::usage(what))
    }

    fn finish(mut self, sealing: &Sealing) -> Result<(SealedLoad, Status), Failure> {
        let (counted, sealer) = self.writer.finish_with_sealer()?;
        for (item, digest) in self.items.iter_mut().zip(sealer.digests()) {
            item.sha256 = Some(*digest);
            item.warnings.extend(sealing.warnings.iter().cloned());
        }
        let load = SealedLoad::new(&sealer, counted.bytes(), self.items);
        counted.into_inner().finish(load.expected.clone());
        Ok((load, self.left_out))
    }
}

/// Where the images come from.
enum Images {
    Named(std::vec::IntoIter<Image>),
    /// Lines of standard input, and whether their folders are stored.
    Lines(Receiver<io::Result<Vec<u8>>>, bool),
}

/// What comes next.
enum Next {
    Image(Image),
    Nothing,
    End,
}

impl Images {
    fn of(args: &SendArgs, out: Output) -> Result<Self, Failure> {
        let keep_paths = args.seal.keep_paths;
        match args.files.as_slice() {
            [] => Ok(Self::Lines(lines(), keep_paths)),
            [one] if is_dash(one) => Ok(Self::Lines(lines(), keep_paths)),
            files if files.iter().any(|file| is_dash(file)) => {
                let what = "with --live, - stands for lines with names of files, and alone";
                Err(Failure::usage(what))
            }
            files => {
                let found = Found::from_arguments(files, keep_paths);
                found.warn(out);
                first_problem(&found).map_err(|(culprit, failure)| blame(culprit, failure))?;
                check(&found.images)?;
                Ok(Self::Named(found.images.into_iter()))
            }
        }
    }

    fn next(&mut self) -> Result<Next, Failure> {
        let (lines, keep_paths) = match self {
            Self::Named(images) => return Ok(images.next().map_or(Next::End, Next::Image)),
            Self::Lines(lines, keep_paths) => (lines, *keep_paths),
        };
        match lines.recv_timeout(WAIT) {
            Ok(Ok(line)) => Ok(image_of(line, keep_paths)?.map_or(Next::Nothing, Next::Image)),
            Ok(Err(error)) => Err(Failure::io("reading standard input failed", &error)),
            Err(RecvTimeoutError::Timeout) => Ok(Next::Nothing),
            Err(RecvTimeoutError::Disconnected) => Ok(Next::End),
        }
    }
}

/// Reads lines on a thread of its own, which may wait for the next for ever.
fn lines() -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = sync_channel(LINES);
    thread::spawn(move || {
        for line in io::stdin().lock().split(b'\n') {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// The image of a line; an empty one names none.
fn image_of(line: Vec<u8>, keep_paths: bool) -> Result<Option<Image>, Failure> {
    let not_text = || Failure::usage("a line of standard input is not UTF-8");
    let path = path_of(line).ok_or_else(not_text)?;
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let stored = path_of_argument(&path);
    let input = Input::File(path);
    Ok(Some(if keep_paths {
        Image::with_path(input, stored)
    } else {
        input.into()
    }))
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "on other platforms a line may be no name"
)]
fn path_of(line: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Some(std::ffi::OsString::from_vec(line).into())
}

/// Nothing where it is not UTF-8.
#[cfg(not(unix))]
fn path_of(line: Vec<u8>) -> Option<PathBuf> {
    let text = String::from_utf8(line).ok()?;
    Some(text.trim_end_matches('\r').into())
}
