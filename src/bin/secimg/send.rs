//! `secimg send`: images sealed on their way to another machine, or streams that are sealed already.
//!
//! Nothing is said to be sent before the receipt is here and holds.

use core::time::Duration;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use secimg::io::SealWriter;
use secimg::stream::Sealer;
use secimg::transport::{Link, Receipt, TransportError, await_receipt, connect, refused_meanwhile};

use crate::args::{Common, SendArgs};
use crate::exit::{Failure, Status};
use crate::folders::{Found, first_problem};
use crate::keys_in::{Sealing, sealing};
use crate::label::Label;
use crate::output::{Output, SealedItem};
use crate::sealing::{distinct_names, seal_images};
use crate::store::overwrite;
use crate::stored_names::Image;
pub(crate) use answer::Demand;

mod answer;
mod forward;
#[cfg(feature = "http")]
mod http;
mod report;

/// How long a receiver may take to answer a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a receiver may take nothing.
const IDLE: Duration = Duration::from_mins(1);
/// How long a receiver may take to verify and store what it has.
const VERIFYING: Duration = Duration::from_mins(10);

/// What arrived, as the receipt proves.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) transfer_id: [u8; 32],
    pub(crate) sealed_bytes: u64,
    pub(crate) items: Vec<SealedItem>,
    pub(crate) answer: Answer,
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
    match deliver(args, common) {
        Ok((sealing, sent)) => {
            report::confirmed(out, &to, args.seal.suite.name, &sealing, &sent);
            Status::Done
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
    #[cfg(feature = "http")]
    if let Some(way) = http::Way::find(args)? {
        let sent = way.send(&sealing, &found.images, &demand, out)?;
        return Ok((sealing, sent));
    }
    let mut link = dial(&args.to)?;
    let sent = send_images(
        link.as_mut(),
        io::sink(),
        &sealing,
        &found.images,
        &demand,
        out.is_quiet(),
    )?;
    Ok((sealing, sent))
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

/// Connects, and allows the time that sending may take.
pub(crate) fn dial(url: &str) -> Result<Box<dyn Link>, Failure> {
    let mut link = connect(url, CONNECT)?;
    let timeout = link.set_idle_timeout(Some(IDLE));
    timeout.map_err(|error| TransportError::Connection("the connection failed", error))?;
    Ok(link)
}

/// Seals the images into the connection, and into `copy` what went there; waits for the receipt.
pub(crate) fn send_images(
    link: &mut dyn Link,
    copy: impl Write,
    sealing: &Sealing,
    images: &[Image],
    demand: &Demand,
    quiet: bool,
) -> Result<Sent, Failure> {
    let mut wire = Wire {
        link: &mut *link,
        copy,
        bytes: 0,
        failure: None,
    };
    let done = seal_into(&mut wire, sealing, images, quiet);
    let (sealed_bytes, broken) = (wire.bytes, wire.failure);
    if let Some(reason) = broken {
        return Err(broken_off(link, &reason));
    }
    let (sealer, items) = done?;
    let transfer_id = sealer.transfer_id();
    await_answer(link)?;
    let receipt = await_receipt(&mut &mut *link, &transfer_id, Some(&sealer));
    Ok(Sent {
        transfer_id,
        sealed_bytes,
        items,
        answer: Answer::new(receipt.map_err(unconfirmed)?, demand)?,
    })
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

fn seal_into(
    wire: &mut impl Write,
    sealing: &Sealing,
    images: &[Image],
    quiet: bool,
) -> Result<(Sealer, Vec<SealedItem>), Failure> {
    let mut writer = SealWriter::new(wire, &sealing.options)?;
    let items = seal_images(images, &mut writer, quiet);
    let mut items = items.map_err(|(culprit, failure)| blame(culprit, failure))?;
    let (_, sealer) = writer.finish_with_sealer()?;
    for (item, digest) in items.iter_mut().zip(sealer.digests()) {
        item.sha256 = Some(*digest);
        item.warnings.extend(sealing.warnings.iter().cloned());
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

/// A connection that remembers whether it was the one that failed.
struct Wire<'a, C> {
    link: &'a mut dyn Link,
    copy: C,
    bytes: u64,
    failure: Option<String>,
}

impl<C: Write> Write for Wire<'_, C> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.link.write(bytes).inspect_err(|error| {
            if error.kind() != ErrorKind::Interrupted {
                self.failure = Some(error.to_string());
            }
        })?;
        self.copy.write_all(&bytes[..written])?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.copy.flush()?;
        self.link
            .flush()
            .inspect_err(|error| self.failure = Some(error.to_string()))
    }
}

/// A receiver that refuses stops reading, so a broken connection may be its answer.
fn broken_off(link: &mut dyn Link, reason: &str) -> Failure {
    if refused_meanwhile(link) {
        return TransportError::Refused.into();
    }
    Failure::new(
        Status::Io,
        "connection",
        format!("sending failed: {reason}"),
    )
}

/// Says that this was all, and has patience.
fn await_answer(link: &mut dyn Link) -> Result<(), Failure> {
    // A receiver may have answered and gone; what it said is read next.
    let _: io::Result<()> = link.finish_sending();
    let patience = link.set_idle_timeout(Some(VERIFYING));
    Ok(patience.map_err(|error| TransportError::Connection("the connection failed", error))?)
}

fn unconfirmed(error: TransportError) -> Failure {
    if matches!(error, TransportError::OnlyStored) {
        let what = "stored by a relay, not confirmed by the recipient: keep the images (for a relay, \
                    seal with `secimg encrypt` and send the sealed file)";
        return Failure::new(Status::Refused, "not_confirmed", what);
    }
    error.into()
}
