//! `secimg send`: images sealed on their way to another machine, or streams that are sealed already.
//!
//! Nothing is said to be sent before the receipt is here and holds. A connection that breaks is made anew, and the
//! stream goes on from where the receiver is: what is sealed is spooled for that, in a file without a name, or in the
//! folder of `--state`, where a later run finds it.

use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

use secimg::format::Limits;
use secimg::io::SealWriter;
use secimg::io::file::{FileMode, Overwrite};
use secimg::stream::Sealer;
use secimg::transport::{
    ExpectedReceipt, Link, Outgoing, Receipt, SpooledLink, Terms, TransportError,
};

use crate::args::{Common, SendArgs};
use crate::exit::{Failure, Status};
use crate::folders::{Found, first_problem};
use crate::keys_in::{Sealing, sealing};
use crate::label::Label;
use crate::output::{Output, SealedItem};
use crate::pending::Pending;
use crate::sealing::{Counted, distinct_names, seal_images};
use crate::store::overwrite;
use crate::stored_names::Image;
pub(crate) use answer::Demand;
use item::SentItem;
use job::{Begun, Job};
use route::Route;

mod answer;
mod forward;
#[cfg(feature = "http")]
mod http;
mod item;
mod job;
mod live;
mod report;
mod route;

/// What arrived, as the receipt proves.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) transfer_id: [u8; 32],
    pub(crate) sealed_bytes: u64,
    items: Vec<SentItem>,
    /// Nothing where an earlier run had the receipt.
    answer: Option<Answer>,
}

/// A receipt that is as it must be.
#[derive(Debug)]
pub(crate) struct Answer {
    receipt: Receipt,
    /// Its signer is one that was required.
    trusted: bool,
    kept: Option<PathBuf>,
}

pub(crate) fn run(args: &SendArgs, common: Common) -> Status {
    let out = Output::new(common);
    if args.recipients.is_empty() {
        return forward::run(args, common);
    }
    let to = Label::text(&args.to);
    let delivered = if args.live {
        live::deliver(args, common)
    } else {
        deliver(args, common).map(|(sealing, sent)| (sealing, sent, Status::Done))
    };
    match delivered {
        Ok((sealing, sent, status)) => {
            report::confirmed(out, &to, args.seal.suite.name, &sealing, &sent);
            status
        }
        Err(failure) => {
            report::failed(out, &to, &failure);
            failure.status
        }
    }
}

fn deliver(args: &SendArgs, common: Common) -> Result<(Sealing, Sent), Failure> {
    let out = Output::new(common);
    let found = Found::from_arguments(&args.files, args.seal.keep_paths);
    found.warn(out);
    first_problem(&found).map_err(|(culprit, failure)| blame(culprit, failure))?;
    check(&found.images)?;
    let mut demand = Demand::new(args, 1, overwrite(common.force))?;
    let mut sealing = sealing(&args.recipients, &args.seal)?;
    sealing.warnings.append(&mut demand.warnings);
    let route = Route::to(args, out)?;
    let load = Load {
        sealing: &sealing,
        images: &found.images,
        quiet: out.is_quiet(),
    };
    let sent = match &args.state {
        Some(state) => route.send_job(&Job::open(state, args, &found.images)?, &load, &demand),
        None => route.send_once(&load, &demand),
    }?;
    Ok((sealing, sent))
}

/// What is sealed.
struct Load<'a> {
    sealing: &'a Sealing,
    images: &'a [Image],
    quiet: bool,
}

impl Route<'_> {
    /// Seals and sends at the same time, into a spool as well; if that breaks, the spool is sent.
    fn send_once(&self, load: &Load<'_>, demand: &Demand) -> Result<Sent, Failure> {
        let spool_failed = |error| Failure::io("the temporary file failed", &error);
        let mut spool = tempfile::tempfile().map_err(spool_failed)?;
        let link = self.first_link()?;
        let (sealed, receipt) = match link {
            Some(mut link) => send_spooled(link.as_mut(), &mut spool, &self.terms, load)?,
            None => (seal(&mut spool, load)?, None),
        };
        let receipt = match receipt {
            Some(Ok(receipt)) => receipt,
            Some(Err(error)) if !self.goes_on(&error) => return Err(unconfirmed(error)),
            broken => {
                if let Some(Err(error)) = &broken {
                    self.tell(error, None);
                }
                spool.seek(SeekFrom::Start(0)).map_err(spool_failed)?;
                let mut stream = Outgoing::new(spool, Limits::DEFAULT)?;
                if broken.is_some() {
                    stream.mark_reached();
                }
                self.bring(&mut self.watched(stream.expecting(sealed.expected.clone()), &self.to))?
            }
        };
        sealed.sent(receipt, demand)
    }

    /// Seals into the state folder, or finds there what was sealed, and sends that.
    fn send_job(&self, job: &Job, load: &Load<'_>, demand: &Demand) -> Result<Sent, Failure> {
        let mut begun = match job.begun()? {
            Some(begun) if begun.delivered => {
                return Ok(Sent {
                    transfer_id: begun.transfer_id,
                    sealed_bytes: begun.sealed_bytes,
                    items: begun.items,
                    answer: None,
                });
            }
            Some(begun) => begun,
            None => {
                let mut file = Pending::create(&job.stream(), Overwrite::Replace)?;
                let sealed = seal(&mut file, load)?;
                file.commit(FileMode::Private)?;
                let begun = sealed.begun();
                job.keep(&begun)?;
                begun
            }
        };
        let stream = Outgoing::new(job::open_stream(&job.stream())?, Limits::DEFAULT)?;
        let stream = stream.asking().expecting(begun.expected.clone());
        let receipt = self.bring(&mut self.watched(stream, &self.to))?;
        let answer = Answer::new(receipt, demand)?;
        begun.delivered = true;
        job.keep(&begun)?;
        Ok(Sent {
            transfer_id: begun.transfer_id,
            sealed_bytes: begun.sealed_bytes,
            items: begun.items,
            answer: Some(answer),
        })
    }
}

/// What was sealed, and what the receipt for it must be.
struct SealedLoad {
    transfer_id: [u8; 32],
    bytes: u64,
    expected: ExpectedReceipt,
    items: Vec<SentItem>,
}

impl SealedLoad {
    fn new(sealer: &Sealer, bytes: u64, items: Vec<SealedItem>) -> Self {
        Self {
            transfer_id: sealer.transfer_id(),
            bytes,
            expected: ExpectedReceipt::of(sealer),
            items: items.into_iter().map(SentItem::from).collect(),
        }
    }

    fn begun(self) -> Begun {
        Begun {
            transfer_id: self.transfer_id,
            sealed_bytes: self.bytes,
            expected: self.expected,
            items: self.items,
            delivered: false,
        }
    }

    fn sent(self, receipt: Receipt, demand: &Demand) -> Result<Sent, Failure> {
        Ok(Sent {
            transfer_id: self.transfer_id,
            sealed_bytes: self.bytes,
            items: self.items,
            answer: Some(Answer::new(receipt, demand)?),
        })
    }
}

fn seal(to: &mut impl Write, load: &Load<'_>) -> Result<SealedLoad, Failure> {
    let mut counted = Counted::new(to);
    let (sealer, items) = seal_into(&mut counted, load)?;
    Ok(SealedLoad::new(&sealer, counted.bytes(), items))
}

/// What the first attempt gave: nothing where there was none.
type FirstAnswer = Option<Result<Receipt, TransportError>>;

/// Seals into the connection and the spool. Only the images, the spool, and a refusal can make it fail.
fn send_spooled(
    link: &mut dyn Link,
    spool: impl Write,
    terms: &Terms,
    load: &Load<'_>,
) -> Result<(SealedLoad, FirstAnswer), Failure> {
    let mut wire = SpooledLink::new(link, spool, terms)?;
    let done = seal_into(&mut wire, load);
    if let Some(why) = wire.turned_away() {
        return Err(why.into());
    }
    let (sealer, items) = done?;
    let load = SealedLoad::new(&sealer, wire.bytes(), items);
    let receipt = wire.finish(&load.transfer_id, &load.expected);
    Ok((load, Some(receipt)))
}

/// Everything that can be wrong with the inputs before somebody is called: a stream that breaks off
/// costs the receiver as much as a whole one.
pub(crate) fn check(images: &[Image]) -> Result<(), Failure> {
    for Image { input, .. } in images {
        let Some(path) = input.path() else {
            if images.len() > 1 {
                return Err(Failure::usage("standard input is sent alone"));
            }
            continue;
        };
        drop(input.open().map_err(|failure| failure.about(path))?);
    }
    distinct_names(images)
}

/// Seals the images into a connection, once, and into `copy` what went there; waits for the receipt.
pub(crate) fn send_images(
    link: &mut dyn Link,
    copy: impl Write,
    sealing: &Sealing,
    images: &[Image],
    quiet: bool,
) -> Result<Sent, Failure> {
    let load = Load {
        sealing,
        images,
        quiet,
    };
    let (sealed, receipt) = send_spooled(link, copy, &Terms::new(), &load)?;
    let receipt = receipt.unwrap_or(Err(TransportError::NoReceipt));
    sealed.sent(receipt.map_err(unconfirmed)?, &Demand::none())
}

impl Answer {
    /// Takes a receipt that is for the stream, if it is as it is required to be, and keeps it.
    fn new(receipt: Receipt, demand: &Demand) -> Result<Self, Failure> {
        demand.check(&receipt)?;
        Ok(Self {
            kept: demand.keep(&receipt)?,
            trusted: demand.names_receivers(),
            receipt,
        })
    }
}

fn seal_into(wire: &mut impl Write, load: &Load<'_>) -> Result<(Sealer, Vec<SealedItem>), Failure> {
    let mut writer = SealWriter::new(wire, &load.sealing.options)?;
    let items = seal_images(load.images, &mut writer, load.sealing, load.quiet);
    let mut items = items.map_err(|(culprit, failure)| blame(culprit, failure))?;
    let (_, sealer) = writer.finish_with_sealer()?;
    for (item, digest) in items.iter_mut().zip(sealer.digests()) {
        item.sha256 = Some(*digest);
        item.warnings.extend(load.sealing.warnings.iter().cloned());
    }
    Ok((sealer, items))
}

/// Names the image that a failure is about.
fn blame(culprit: Option<Label>, mut failure: Failure) -> Failure {
    if let Some(image) = culprit {
        failure.message = format!("{}: {failure}", image.shown);
    }
    failure
}

fn unconfirmed(error: TransportError) -> Failure {
    if matches!(error, TransportError::OnlyStored) {
        let what = "stored by a relay, not confirmed by the recipient: keep the images (for a relay, \
                    seal with `secimg encrypt` and send the sealed file)";
        return Failure::new(Status::Refused, "not_confirmed", what);
    }
    error.into()
}
