//! `receive --live`: the images of a series that is still being sent, each as soon as it may be used.
//!
//! They are handed out as copies in `DIR/unverified-ID`, ID being the first digits of the transfer id, in the order
//! in which they came: `00001-NAME`. What is in that folder is authentic and no more; in `DIR` itself there is nothing
//! before the series is whole and verified, and then that folder goes. If the series never comes to its end, the folder
//! stays under its name, and this says so aloud. An image is handed out once, however often its connection breaks: the
//! folder is the record of what was.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use secimg::Authentic;
use secimg::content::Manifest;
use secimg::image::FORMATS;
use secimg::io::file::remove_marked;
use secimg::io::{ItemSink, LiveSink};
use secimg::stream::{Header, ItemReport, SignatureReport};
use secimg::transport::{Receiver, find_scheme};
use serde_json::{Value, json};

use super::{Arrival, NotTaken, Receiving, Watched, name_images};
use crate::args::ReceiveArgs;
use crate::exit::{Failure, Status};
use crate::label::{Label, shown};
use crate::output::{Output, hex, images, item_json, signature_json};
use crate::progress::suspended;
use crate::store::{Destination, Store, Written};

/// What the folders begin with.
const PREFIX: &str = "unverified-";

/// How many bytes of an image's own name are used, counted from its end.
const MAX_NAME: usize = 200;

/// Refuses what cannot be live.
pub(super) fn check(args: &ReceiveArgs) -> Result<(), Failure> {
    if args.identities.is_empty() {
        let what = "--live needs an identity: a relay opens nothing";
        return Err(Failure::new(Status::Usage, "no_identity", what));
    }
    if !find_scheme(&args.listen)?.0.makes_links() {
        let what = "--live is for tcp://: over HTTP an upload is opened when it is whole";
        return Err(Failure::usage(what));
    }
    Ok(())
}

/// Finds what an earlier run has handed out and not verified, and removes what it had half written.
pub(super) fn left_from_before(output: &Path, mark: &str) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(output).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_one = name.to_str().is_some_and(|name| name.starts_with(PREFIX));
        if is_one && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let _: io::Result<usize> = remove_marked(&entry.path(), mark);
            folders.push(entry.path());
        }
    }
    folders
}

/// Says so.
pub(super) fn say_left(folders: &[PathBuf], out: Output) {
    for folder in folders {
        let count = fs::read_dir(folder).map_or(0, Iterator::count);
        out.object(&object("broken_off", None, folder, count));
        let what = "handed out by an earlier run and NOT verified: the series may go on";
        let count = images(count);
        out.warn(&Label::file(folder), format_args!("{count} {what}"));
    }
}

/// What a program is told, in the schema `secimg/live/1`.
fn object(verdict: &str, peer: Option<&Label>, folder: &Path, images: usize) -> Value {
    json!({
        "schema": "secimg/live/1",
        "file": peer.map(|peer| &peer.raw),
        "verdict": verdict,
        "transfer_id": null,
        "images": images,
        "folder": folder.to_string_lossy(),
        "number": null,
        "item": null,
        "signature": null,
    })
}

impl Receiving {
    /// Receives one series, hands its images out, and gives them their names when it is verified.
    pub(super) fn open_live(
        &self,
        receiver: &Receiver,
        link: &mut Watched<'_>,
        destination: &Destination,
        peer: &Label,
    ) -> Result<Arrival, NotTaken> {
        let progress = link.progress();
        let mut written = Written::new();
        let mut live = receiver.live(Handing {
            store: Store::new(destination, &mut written),
            handed_out: HandedOut::new(destination.path(), peer, self.out),
        });
        let outcome = receiver.receive(link, &mut progress.counting(&mut live));
        // What waits for a signature until the verified end gets its name at once.
        let Handing { store, handed_out } = live.into_inner();
        let named = match outcome {
            Ok(accepted) => name_images(accepted, store),
            Err(error) => Err(error.into()),
        };
        match &named {
            Ok(_) => handed_out.clear(),
            Err(error) => handed_out.unverified(self.goes_on && error.may_go_on()),
        }
        named
    }
}

/// Takes a series, and hands out each image that is released.
struct Handing<'a> {
    store: Store<'a>,
    handed_out: HandedOut<'a>,
}

/// What was handed out of a series, now or by an earlier connection.
struct HandedOut<'a> {
    output: &'a Path,
    peer: &'a Label,
    out: Output,
    transfer_id: [u8; 32],
    folder: PathBuf,
    files: Vec<PathBuf>,
}

impl<'a> HandedOut<'a> {
    const fn new(output: &'a Path, peer: &'a Label, out: Output) -> Self {
        Self {
            output,
            peer,
            out,
            transfer_id: [0; 32],
            folder: PathBuf::new(),
            files: Vec::new(),
        }
    }

    fn start(&mut self, transfer_id: [u8; 32]) {
        let name = format!("{PREFIX}{}", &hex(&transfer_id)[..16]);
        (self.transfer_id, self.folder) = (transfer_id, self.output.join(name));
    }

    fn create_folder(&self) -> Result<(), Failure> {
        let created = fs::create_dir(&self.folder);
        // A link could lead anywhere.
        let stands = fs::symlink_metadata(&self.folder).is_ok_and(|found| found.is_dir());
        match created {
            Err(error) if !stands => {
                Err(Failure::io("cannot create the folder", &error).about(&self.folder))
            }
            _ => Ok(()),
        }
    }

    fn announce(
        &self,
        number: usize,
        image: &ItemReport,
        signature: Option<&SignatureReport>,
        target: &Path,
    ) {
        let output = target.to_string_lossy();
        let mut object = self.object("authentic");
        object["number"] = json!(number + 1);
        object["item"] = item_json(image, Some(&output));
        object["signature"] = signature.map_or(Value::Null, signature_json);
        suspended(|| {
            self.out.object(&object);
            self.out.say(format_args!(
                "{}: image {} is authentic, and its series not verified yet -> {}",
                self.peer.shown,
                number + 1,
                shown(target)
            ));
        });
    }

    fn object(&self, verdict: &str) -> Value {
        let mut object = object(verdict, Some(self.peer), &self.folder, self.files.len());
        object["transfer_id"] = json!(hex(&self.transfer_id));
        object
    }

    /// Removes the copies: the images have their names.
    fn clear(&self) {
        let gone = |removed: io::Result<()>| match removed {
            Err(error) => error.kind() == ErrorKind::NotFound,
            Ok(()) => true,
        };
        let all_gone = self.files.iter().all(|file| gone(fs::remove_file(file)));
        if !(all_gone && gone(fs::remove_dir(&self.folder))) {
            let what = "the series is verified, and the copies that were handed out before cannot be removed";
            suspended(|| self.out.warn(&Label::file(&self.folder), what));
        }
    }

    /// Says aloud what becomes of images that were handed out, when their series did not come to its end.
    fn unverified(&self, may_go_on: bool) {
        if self.files.is_empty() {
            return;
        }
        let (verdict, what) = if may_go_on {
            (
                "broken_off",
                "NOT verified: the series broke off, and may go on",
            )
        } else {
            (
                "unverified",
                "NEVER verified: the series was refused. Do not rely on them",
            )
        };
        let count = images(self.files.len());
        suspended(|| {
            self.out.object(&self.object(verdict));
            let what = format_args!("{count} handed out and {what}");
            self.out.warn(&Label::file(&self.folder), what);
        });
    }
}

impl Handing<'_> {
    fn hand_out(
        &mut self,
        number: usize,
        image: &ItemReport,
        signature: Option<&SignatureReport>,
    ) -> Result<(), Failure> {
        self.handed_out.create_folder()?;
        let target = self
            .handed_out
            .folder
            .join(file_name(number, &image.manifest));
        let is_new = self.store.hand_out(number, &target)?;
        self.handed_out.files.push(target.clone());
        if is_new {
            self.handed_out.announce(number, image, signature, &target);
        }
        Ok(())
    }
}

impl LiveSink for Handing<'_> {
    fn start(&mut self, header: &Header) -> io::Result<()> {
        self.handed_out.start(header.transfer_id());
        Ok(())
    }

    fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()> {
        self.store.item(manifest)
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.store.data(bytes)
    }

    fn whole(&mut self, image: &Authentic<ItemReport>) -> io::Result<()> {
        self.store.item_end(image)
    }

    fn release(
        &mut self,
        number: usize,
        image: &Authentic<ItemReport>,
        signature: Option<&SignatureReport>,
    ) -> io::Result<()> {
        Ok(self.hand_out(number, image.get(), signature)?)
    }
}

/// What an image is called among those of its series: its place comes first, so that no two are called the same.
fn file_name(number: usize, manifest: &Manifest) -> String {
    let place = number + 1;
    let Some(name) = &manifest.name else {
        let format = FORMATS.iter().find(|format| format.name == manifest.format);
        let extension = format.map_or("bin", |format| format.extension);
        return format!("{place:05}.{extension}");
    };
    // The store has looked at all of it, and only its last component is used here.
    let mut name = name.rsplit('/').next().unwrap_or(name);
    while name.len() > MAX_NAME {
        let first = name.chars().next().map_or(0, char::len_utf8);
        name = &name[first..];
    }
    format!("{place:05}-{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_fit_into_a_folder() {
        let name = |number, name: Option<&str>| {
            let mut manifest = Manifest::new("png", "image/png");
            manifest.name = name.map(str::to_owned);
            file_name(number, &manifest)
        };
        assert_eq!(name(0, Some("a/b.png")), "00001-b.png");
        assert_eq!(name(1, Some("b.png")), "00002-b.png");
        assert_eq!(name(2, None), "00003.png");
        let long = "\u{e4}".repeat(127);
        assert_eq!(name(3, Some(&long)).len(), 6 + MAX_NAME);
    }
}
