//! `secimg receive`: one stream a connection, one connection after another.
//!
//! Whatever is wrong with a stream, its sender learns only that it was refused; the reason stays here.
//! A connection counts as a stream, for `--count` and for the exit status, once it has sent a stream's
//! first eight bytes: somebody who only knocks ends nothing.

use core::time::Duration;
use std::path::PathBuf;
use std::thread;

use secimg::OpenOptions;
use secimg::format::Limits;
use secimg::transport::{Accepted, Connection, Link, Listener, Receiver, listen};
use serde_json::json;

use crate::args::{Common, ReceiveArgs};
use crate::exit::{Failure, Status};
use crate::keys_in::{Opening, opening};
use crate::label::Label;
use crate::output::Output;
use crate::store::{Destination, OutputFolder, Store, Written, overwrite};
use watched::Watched;

mod relay;
mod watched;

/// So many connections in a row that could not be accepted are a listener that is broken.
const MAX_FAILED_ACCEPTS: u32 = 50;

/// What stands ready when the first connection comes.
struct Receiving {
    receiver: Receiver,
    work: Work,
    /// Of the signers that were named, as of the start.
    warnings: Vec<String>,
    out: Output,
}

enum Work {
    /// Open what arrives and keep the images.
    Open(Destination),
    /// Keep what arrives as it is.
    Relay(relay::Folder),
}

/// A stream that was verified, and whose images are stored.
pub(crate) struct Arrival {
    pub(crate) accepted: Accepted,
    /// Where each image is.
    pub(crate) outputs: Vec<Option<String>>,
}

pub(crate) fn run(args: &ReceiveArgs, common: Common) -> Status {
    let out = Output::new(common);
    let count = if args.once { Some(1) } else { args.count };
    match prepare(args, common) {
        Ok((receiving, listener)) => receiving.serve(listener, count),
        Err(failure) => {
            out.not_opened(&Label::text(&args.listen), &failure);
            failure.status
        }
    }
}

fn prepare(args: &ReceiveArgs, common: Common) -> Result<(Receiving, Box<dyn Listener>), Failure> {
    let relay = args.identities.is_empty();
    let Opening { options, warnings } = if relay {
        relay_options(args)?
    } else {
        opening(&args.identities, &args.trust)?
    };
    let mut limits = Limits::DEFAULT;
    limits.stream_bytes = args.max_size.unwrap_or(limits.stream_bytes);
    let listener = listen(&args.listen)?;
    let folder = OutputFolder::prepare(&args.folder)?.keeping_paths(args.keep_paths);
    let overwrite = overwrite(common.force);
    let work = if relay {
        Work::Relay(relay::Folder::new(
            PathBuf::from(&args.folder),
            folder,
            overwrite,
        ))
    } else {
        Work::Open(Destination::Folder(folder, overwrite))
    };
    let receiver = Receiver::new(&options.limits(limits));
    Ok((
        Receiving {
            receiver,
            work,
            warnings,
            out: Output::new(common),
        },
        listener,
    ))
}

/// A relay opens nothing, so a demand on the content would be an empty promise.
fn relay_options(args: &ReceiveArgs) -> Result<Opening, Failure> {
    if args.trust.from.is_empty() && args.trust.context.is_none() {
        return Ok(Opening {
            options: OpenOptions::new(),
            warnings: Vec::new(),
        });
    }
    let what = "--from and --context need an identity: -i KEY, --passphrase-file F, -p or \
                --key-file K; without one this is a relay, which opens nothing";
    Err(Failure::new(Status::Usage, "no_identity", what))
}

impl Receiving {
    fn serve(&self, mut listener: Box<dyn Listener>, count: Option<u64>) -> Status {
        self.announce(&listener.url());
        let (mut status, mut streams, mut failed) = (Status::Done, 0, 0);
        while count.is_none_or(|count| streams < count) {
            let connection = match listener.accept() {
                Ok(connection) => connection,
                Err(error) if failed < MAX_FAILED_ACCEPTS => {
                    failed += 1;
                    self.out
                        .failed(None, &Failure::io("a connection failed", &error));
                    // What is short now (files, memory) may not be in a moment.
                    thread::sleep(Duration::from_millis(200));
                    continue;
                }
                Err(error) => {
                    self.out
                        .failed(None, &Failure::io("listening failed", &error));
                    return status.and_then(Status::Io);
                }
            };
            failed = 0;
            if let Some(next) = self.answer(connection) {
                status = status.and_then(next);
                streams += 1;
            }
        }
        status
    }

    /// Others wait for this line: the port may not be known before.
    fn announce(&self, url: &str) {
        self.out
            .object(&json!({ "schema": "secimg/listening/1", "url": url }));
        self.out.say(format_args!("listening on {url}"));
    }

    /// Handles one connection. The status is that of its stream, if it brought one.
    fn answer(&self, connection: Connection) -> Option<Status> {
        let peer = Label::text(&connection.peer);
        let mut link = Watched::new(connection.link, &peer, self.out.is_quiet());
        let status = match &self.work {
            Work::Open(destination) => self.open(&mut link, destination, &peer),
            Work::Relay(folder) => self.relay(&mut link, folder, &peer),
        };
        let status = status.unwrap_or_else(|failure| {
            turn_away(&mut link, &failure);
            link.hide();
            self.out.not_opened(&peer, &failure);
            failure.status
        });
        link.is_stream().then_some(status)
    }

    fn open(
        &self,
        link: &mut Watched,
        destination: &Destination,
        peer: &Label,
    ) -> Result<Status, Failure> {
        let Arrival { accepted, outputs } = take_in(&self.receiver, link, destination)?;
        let report = accepted.verified().report().clone();
        let told = accepted.acknowledge(link);
        link.hide();
        self.out.opened(peer, &report, &outputs, &self.warnings);
        if let Err(error) = told {
            self.out.warn(
                peer,
                format_args!("stored, but the sender does not know: {error}"),
            );
        }
        Ok(Status::Done)
    }

    fn relay(
        &self,
        link: &mut Watched,
        folder: &relay::Folder,
        peer: &Label,
    ) -> Result<Status, Failure> {
        let stored = folder.take_in(&self.receiver, link)?;
        let told = stored.acknowledge(link);
        link.hide();
        stored.report(self.out, peer);
        if let Err(error) = told {
            self.out.warn(
                peer,
                format_args!("stored, but the sender does not know: {error}"),
            );
        }
        Ok(Status::Done)
    }
}

/// Receives one stream and gives its images their names. It is not acknowledged yet.
pub(crate) fn take_in(
    receiver: &Receiver,
    link: &mut dyn Link,
    destination: &Destination,
) -> Result<Arrival, Failure> {
    // Streams of different senders are strangers: an equal name is an existing file, no more.
    let mut written = Written::new();
    let mut store = Store::new(destination, &mut written);
    let accepted = receiver.receive(link, &mut store)?;
    let outputs = store.commit()?;
    Ok(Arrival { accepted, outputs })
}

fn turn_away(link: &mut dyn Link, failure: &Failure) {
    if failure.code == "timeout" {
        // Who was silent so long need not be listened to any longer.
        Receiver::refuse(&mut &mut *link);
    } else {
        Receiver::turn_away(link);
    }
}
