//! `secimg receive`: one stream a connection, many connections at once.
//!
//! Whatever is wrong with a stream, its sender learns only that it was refused; the reason stays here.
//! A connection counts as a stream, for `--count` and for the exit status, once it has sent a stream's
//! first eight bytes: somebody who only knocks ends nothing. `--count N` gives N places, each to the
//! stream that begins next; when they are taken nobody else is let in, and the command ends with the
//! last of them. Of several streams that failed, the first to end decides the status.
//!
//! The first Ctrl-C (or SIGTERM) lets running transfers end, the second ends them. Both give status 130.

use core::time::Duration;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use secimg::transport::{
    Ended, Handler, Link, Listener, Receipt, Receiver, Server, TransportError, TurnedAway, Visit,
    listen,
};
use serde_json::json;

use crate::args::{Common, ReceiveArgs};
use crate::exit::{Failure, Status};
use crate::label::Label;
use crate::output::Output;
use crate::pending;
use crate::progress::suspended;
use crate::state::State;
use crate::store::{Destination, OutputFolder, overwrite};
use guest::Guest;
pub(crate) use storing::{Arrival, take_in};
use storing::{NotTaken, name_images};
use watched::Watched;

mod guest;
#[cfg(feature = "http")]
mod http;
mod live;
mod relay;
mod report;
mod storing;
mod terms;
mod watched;

/// Connections that are turned away are mentioned no more often than this.
const MENTION: Duration = Duration::from_secs(5);

/// What stands ready when the first connection comes.
struct Receiving {
    work: Work,
    /// Streams that break off may go on.
    goes_on: bool,
    /// Images are handed out while their series goes on.
    is_live: bool,
    /// Folders of series that an earlier run did not come to verify.
    left: Vec<PathBuf>,
    /// The command ends after a number of streams.
    counts: bool,
    /// Of the signers that were named, as of the start.
    warnings: Vec<String>,
    out: Output,
    so_far: Mutex<SoFar>,
}

/// What the connections have in common.
#[derive(Debug)]
struct SoFar {
    status: Status,
    /// When a connection that was turned away was mentioned, and how many were not since then.
    mentioned: Option<Instant>,
    unmentioned: u64,
}

enum Work {
    /// Open what arrives and keep the images.
    Open(Destination),
    /// Keep what arrives as it is.
    Relay(relay::Folder),
}

pub(crate) fn run(args: &ReceiveArgs, common: Common) -> Status {
    #[cfg(feature = "http")]
    if crate::tls::http_scheme(&args.listen).is_some() {
        return http::run(args, common);
    }
    match prepare(args, common) {
        Ok((receiving, server, listener)) => receiving.serve(&server, listener),
        Err(failure) => {
            Output::new(common).not_opened(&Label::text(&args.listen), &failure);
            failure.status
        }
    }
}

fn prepare(
    args: &ReceiveArgs,
    common: Common,
) -> Result<(Receiving, Server, Box<dyn Listener>), Failure> {
    #[cfg(feature = "http")]
    crate::tls::check(&args.tls, &args.listen)?;
    let (mut receiving, state) = Receiving::prepare(args, common)?;
    let (receiver, warnings) = terms::receiver(args, state.as_ref())?;
    receiving.warnings = warnings;
    let listener = listen(&args.listen)?;
    let server = Server::new(&receiver, terms::limits(args));
    Ok((receiving, server, listener))
}

impl Receiving {
    /// Takes the output folder, and the state that was named or, where there is one, that it has by default.
    fn prepare(args: &ReceiveArgs, common: Common) -> Result<(Self, Option<State>), Failure> {
        let out = Output::new(common);
        if args.live {
            live::check(args)?;
        }
        let existed = args.folder.exists();
        let folder = OutputFolder::prepare(&args.folder)?.keeping_paths(args.keep_paths);
        if !existed {
            pending::remove_if_empty(&args.folder);
        }
        let state = State::open(args.state.as_deref(), &args.folder, out)?;
        let mark = state.as_ref().map_or("", |state| &state.mark);
        let left = if args.live {
            live::left_from_before(&args.folder, mark)
        } else {
            Vec::new()
        };
        let folder = folder.recorded(state.clone());
        let overwrite = overwrite(common.force);
        let work = if args.identities.is_empty() {
            let path = PathBuf::from(&args.folder);
            Work::Relay(relay::Folder::new(path, folder, overwrite))
        } else {
            Work::Open(Destination::Folder(folder, overwrite))
        };
        let receiving = Self {
            work,
            goes_on: state.is_some(),
            is_live: args.live,
            left,
            counts: args.once || args.count.is_some(),
            warnings: Vec::new(),
            out,
            so_far: Mutex::new(SoFar {
                status: Status::Done,
                mentioned: None,
                unmentioned: 0,
            }),
        };
        Ok((receiving, state))
    }

    fn serve(&self, server: &Server, listener: Box<dyn Listener>) -> Status {
        let (stopper, out) = (server.stopper(), self.out);
        pending::on_first_signal(move || {
            let what = "stopping: running transfers may end; once more ends them now";
            suspended(|| out.say(what));
            stopper.stop();
        });
        self.announce(&listener.url());
        self.ended(server.serve(listener, self))
    }

    /// What the end of a server means for the command.
    fn ended(&self, ended: io::Result<Ended>) -> Status {
        let status = self.so_far().status;
        match ended {
            Ok(Ended::Stopped) => Status::Stopped,
            Ok(_) => status,
            Err(error) => {
                self.out
                    .failed(None, &Failure::io("listening failed", &error));
                status.and_then(Status::Io)
            }
        }
    }

    /// Others wait for this line: the port may not be known before.
    fn announce(&self, url: &str) {
        self.out
            .object(&json!({ "schema": "secimg/listening/1", "url": url }));
        self.out.say(format_args!("listening on {url}"));
        live::say_left(&self.left, self.out);
    }

    fn so_far(&self) -> MutexGuard<'_, SoFar> {
        // A status and two counts are whole after every panic.
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says everything that there is to say of one connection, with nothing of another in between.
    fn report(&self, say: impl FnOnce(Output)) {
        let so_far = self.so_far();
        suspended(|| say(self.out));
        drop(so_far);
    }

    /// Takes a stream and answers it, but for what failed on this side and not on the peer's: the caller says so in
    /// its own way.
    ///
    /// What is said here is said before the peer has its answer: who sends one stream after another finds
    /// the reports in that order.
    fn answer(&self, visit: &mut impl Guest, peer: &Label) -> Result<(), Failure> {
        match self.take(visit, peer) {
            Ok(()) => {}
            Err(NotTaken::Before(receipt)) => {
                self.report(|out| report::accepted_before(out, peer, &receipt));
                Receiver::turn_away_with(&receipt, visit);
            }
            Err(NotTaken::BrokenOff(failure)) if self.goes_on && visit.may_go_on() => {
                self.broken_off(visit, peer, failure);
            }
            Err(NotTaken::NotStored(failure)) => {
                self.failed_with(visit, peer, &failure);
                return Err(failure);
            }
            Err(NotTaken::BrokenOff(failure) | NotTaken::Failed(failure)) => {
                self.failed_with(visit, peer, &failure);
                turn_away(visit, &failure);
            }
        }
        Ok(())
    }

    /// Who floods a receiver shall not flood a terminal as well.
    fn mention(&self, peer: &str, why: TurnedAway) {
        let mut so_far = self.so_far();
        if so_far
            .mentioned
            .is_some_and(|last| last.elapsed() < MENTION)
        {
            so_far.unmentioned += 1;
            return;
        }
        let others = match core::mem::take(&mut so_far.unmentioned) {
            0 => String::new(),
            more => format!(" ({more} more since the last such line)"),
        };
        so_far.mentioned = Some(Instant::now());
        let what = format!("{why}{others}");
        let failure = Failure::new(Status::Refused, "turned_away", what);
        suspended(|| self.out.failed(Some(&Label::text(peer)), &failure));
    }

    fn failed_with(&self, visit: &impl Guest, peer: &Label, failure: &Failure) {
        if visit.is_stream() {
            let mut so_far = self.so_far();
            so_far.status = so_far.status.and_then(failure.status);
        }
        // Who only knocked when the receiver stopped is not worth a word.
        if failure.code != "stopped" || visit.is_stream() {
            self.report(|out| out.not_opened(peer, failure));
        }
    }

    /// What came is kept, and the sender comes again. A refusal would keep it away for ever.
    fn broken_off(&self, visit: &impl Guest, peer: &Label, mut failure: Failure) {
        visit.hang_up();
        if self.counts {
            self.report(|out| {
                out.warn(
                    peer,
                    format_args!("{failure}; waiting for the stream to go on"),
                );
            });
            if visit.await_resumption() {
                return;
            }
        }
        failure.status = Status::Io;
        self.failed_with(visit, peer, &failure);
    }

    fn take(&self, visit: &mut impl Guest, peer: &Label) -> Result<(), NotTaken> {
        let receiver = visit.receiver().clone();
        let mut link = Watched::new(visit, peer, self.out.is_quiet());
        let taken = match &self.work {
            Work::Open(destination) => self.open(&receiver, &mut link, destination, peer),
            Work::Relay(folder) => self.relay(&receiver, &mut link, folder, peer),
        };
        link.hide();
        taken
    }

    fn open(
        &self,
        receiver: &Receiver,
        link: &mut Watched<'_>,
        destination: &Destination,
        peer: &Label,
    ) -> Result<(), NotTaken> {
        let Arrival { accepted, outputs } = if self.is_live {
            self.open_live(receiver, link, destination, peer)?
        } else {
            let progress = link.progress();
            take_in(receiver, link, destination, &progress)?
        };
        let report = accepted.verified().report().clone();
        let told = accepted.acknowledge(link);
        link.hide();
        // Without its record the stream would be stored again, so that it was not all done.
        let told = match told {
            Err(error @ TransportError::State(_)) => return Err(error.into()),
            told => told.map(drop),
        };
        self.report(|out| {
            out.opened(peer, &report, &outputs, &self.warnings);
            unheard(out, peer, told.err());
        });
        Ok(())
    }

    fn relay(
        &self,
        receiver: &Receiver,
        link: &mut Watched<'_>,
        folder: &relay::Folder,
        peer: &Label,
    ) -> Result<(), NotTaken> {
        let stored = folder.take_in(receiver, link)?;
        let told = stored.acknowledge(link);
        link.hide();
        self.report(|out| {
            stored.report(out, peer);
            unheard(out, peer, told.err());
        });
        Ok(())
    }
}

impl Handler for Receiving {
    fn visit(&self, visit: &mut Visit<'_>) {
        let peer = Label::text(visit.peer());
        if self.answer(visit, &peer).is_err() {
            Receiver::turn_away_with(&Receipt::not_stored([0; 32]), visit);
        }
    }

    fn turned_away(&self, peer: &str, why: TurnedAway) {
        self.mention(peer, why);
    }

    fn failed(&self, error: &io::Error) {
        self.report(|out| out.failed(None, &Failure::io("a connection failed", error)));
    }
}

/// The sender will send again what is stored.
fn unheard(out: Output, peer: &Label, error: Option<impl core::fmt::Display>) {
    if let Some(error) = error {
        out.warn(
            peer,
            format_args!("stored, but the sender does not know: {error}"),
        );
    }
}

fn turn_away(link: &mut dyn Link, failure: &Failure) {
    if matches!(failure.code, "timeout" | "stopped") {
        // Who was silent so long need not be listened to any longer.
        Receiver::refuse(&mut &mut *link);
    } else {
        Receiver::turn_away(link);
    }
}
