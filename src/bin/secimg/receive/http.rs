//! `receive --listen http://` and `https://`: the same work as over TCP, on uploads that are whole.

use std::io;
use std::sync::Arc;

use secimg::transport::http::{Depot, HttpHost, HttpService, Shelf, Upload};
use secimg::transport::{PartBudget, PartStore, Receiver, TurnedAway};
use tempfile::TempDir;

use super::{Guest, Receiving, Work, terms};
use crate::args::{Common, ReceiveArgs};
use crate::exit::{Failure, Status};
use crate::label::Label;
use crate::output::Output;
use crate::pending;
use crate::progress::suspended;
use crate::state::State;
use crate::tls;

impl Guest for Upload {
    fn receiver(&self) -> &Receiver {
        Self::receiver(self)
    }

    /// Whatever was uploaded was meant to be one.
    fn is_stream(&self) -> bool {
        true
    }
}

/// What the requests have in common.
struct AtDepot {
    receiving: Arc<Receiving>,
    /// What a relay keeps, to be read again.
    shelf: Option<Shelf>,
}

impl Depot for AtDepot {
    fn take(&self, upload: &mut Upload) -> io::Result<()> {
        let peer = Label::text(upload.peer());
        let answered = self.receiving.answer(upload, &peer);
        answered.map_err(|failure| io::Error::other(failure.message))
    }

    fn shelf(&self) -> Option<&Shelf> {
        self.shelf.as_ref()
    }

    fn turned_away(&self, peer: &str, why: TurnedAway) {
        self.receiving.mention(peer, why);
    }

    fn failed(&self, error: &io::Error) {
        self.receiving
            .report(|out| out.failed(None, &Failure::io("a connection failed", error)));
    }
}

pub(super) fn run(args: &ReceiveArgs, common: Common) -> Status {
    match prepare(args, common) {
        Ok((receiving, host, _temporary)) => serve(&receiving, host),
        Err(failure) => {
            Output::new(common).not_opened(&Label::text(&args.listen), &failure);
            failure.status
        }
    }
}

fn prepare(
    args: &ReceiveArgs,
    common: Common,
) -> Result<(Arc<Receiving>, HttpHost, Option<TempDir>), Failure> {
    tls::check(&args.tls, &args.listen)?;
    let sharing = args.identities.access.sharing();
    let with_tls = tls::http_scheme(&args.listen) == Some(true);
    let server_tls = with_tls
        .then(|| tls::of_server(&args.tls, sharing))
        .transpose()?;
    let (mut receiving, state) = Receiving::prepare(args, common)?;
    // An upload is a part already: its stream is not kept a second time.
    let (receiver, warnings) = terms::receiver(args, None)?;
    receiving.warnings = warnings;
    let receiving = Arc::new(receiving);
    let (parts, temporary) = parts(state.as_ref())?;
    let shelf = matches!(receiving.work, Work::Relay(_)).then(|| Shelf::new(&args.folder));
    let depot = AtDepot {
        receiving: Arc::clone(&receiving),
        shelf,
    };
    let service = HttpService::new(&receiver, terms::limits(args), parts, depot);
    let host = HttpHost::bind(&args.listen, Arc::new(service), server_tls)?;
    Ok((receiving, host, temporary))
}

/// Where uploads wait until they are whole: in the state folder, or, where there is none, for this run only.
fn parts(state: Option<&State>) -> Result<(Arc<PartStore>, Option<TempDir>), Failure> {
    if let Some(state) = state {
        return Ok((Arc::clone(&state.parts), None));
    }
    let made = tempfile::tempdir();
    let made = made.map_err(|error| Failure::io("cannot make a temporary folder", &error))?;
    let parts = PartStore::open(&made.path().join("parts"), PartBudget::new())?;
    Ok((parts, Some(made)))
}

fn serve(receiving: &Receiving, host: HttpHost) -> Status {
    let (stopper, out) = (host.stopper(), receiving.out);
    pending::on_first_signal(move || {
        let what = "stopping: running transfers may end; once more ends them now";
        suspended(|| out.say(what));
        stopper.stop();
    });
    receiving.announce(host.url());
    let ended = host.serve();
    receiving.ended(ended)
}
