//! Streams that are sealed already: sent as they are, one connection each, without a key.
//!
//! Without the key nobody can check a receipt's tag. What the receiver says is passed on as its word,
//! unless it signed it and `--receipt-from` names it.

use std::fs::File;
use std::io::{self, Read, Write};

use secimg::OpenError;
use secimg::format::{FormatError, FormatErrorKind, Limits, MAGIC};
use secimg::io::ReadError;
use secimg::stream::HeaderReader;
use secimg::transport::{Outgoing, Stored};

use super::{Answer, Demand, Route, report};
use crate::args::{Common, SendArgs};
use crate::exit::{Failure, Status};
use crate::inputs::Input;
use crate::output::Output;
use crate::store::overwrite;

/// What a stream says of itself.
pub(super) struct Summary {
    pub(super) suite: &'static str,
    pub(super) chunks: u64,
    pub(super) transfer_id: [u8; 32],
    pub(super) bytes: u64,
}

impl Summary {
    fn of(stream: &Outgoing<'_>) -> Self {
        Self {
            suite: stream.header().suite().name,
            // FINAL is one too.
            chunks: stream.chunks() + 1,
            transfer_id: stream.transfer_id(),
            bytes: stream.len(),
        }
    }
}

pub(super) fn run(args: &SendArgs, common: Common) -> Status {
    let out = Output::new(common);
    let inputs = Input::list(&args.files);
    if args.live || args.seal.sign.is_some() || args.seal.context.is_some() {
        let what = "--live, --sign and --context are for images, which need a recipient too: -r PUB, \
                    --passphrase-file F, -p or --key-file K";
        let failure = Failure::new(Status::Usage, "no_recipient", what);
        return out.none_read(&inputs, &failure, report::failed_json);
    }
    let demand = match Demand::new(args, inputs.len(), overwrite(common.force)) {
        Ok(demand) => demand,
        Err(failure) => return out.none_read(&inputs, &failure, report::failed_json),
    };
    let route = match Route::to(args, out) {
        Ok(route) => route,
        Err(failure) => return out.none_read(&inputs, &failure, report::failed_json),
    };
    inputs.iter().fold(Status::Done, |status, input| {
        let sent = forward(input, &route, &demand, out);
        status.and_then(match sent {
            Ok((summary, answer)) => {
                report::forwarded(out, &input.label(), &summary, &answer, &demand.warnings);
                Status::Done
            }
            Err(failure) => {
                report::failed(out, &input.label(), &failure);
                failure.status
            }
        })
    })
}

fn forward(
    input: &Input,
    route: &Route<'_>,
    demand: &Demand,
    out: Output,
) -> Result<(Summary, Answer), Failure> {
    let stream = match input.sealed_file(out)? {
        Some(file) => outgoing(file)?,
        None => outgoing(spooled(input.open()?.reader)?)?,
    };
    let summary = Summary::of(&stream);
    let label = input.label();
    // An earlier run may have brought a part.
    let mut stream = route.watched(stream.asking(), &label);
    let receipt = route.bring(&mut stream);
    if receipt
        .as_ref()
        .is_err_and(|failure| failure.code == "receipt_refused")
    {
        // What is wrong with the file is worth more than that somebody refused it.
        stream.survey(Limits::DEFAULT)?;
    }
    Ok((summary, Answer::new(receipt?, demand)?))
}

/// Looks over what is to be sent, before anybody is called.
fn outgoing<'a>(source: impl Stored + 'a) -> Result<Outgoing<'a>, Failure> {
    Outgoing::new(source, Limits::DEFAULT).map_err(|error| match error {
        ReadError::Open(OpenError::Format(error)) => not_sealed(error),
        error => error.into(),
    })
}

/// A stream from a pipe, in a file without a name: it may have to be sent more than once.
fn spooled(mut from: impl Read) -> Result<File, Failure> {
    let failed = |error| Failure::io("the temporary file failed", &error);
    let mut head = Vec::with_capacity(MAGIC.len());
    let read = (&mut from).take(MAGIC.len() as u64).read_to_end(&mut head);
    read.map_err(|error| Failure::io("reading failed", &error))?;
    // What is no stream is not read to its end.
    HeaderReader::new().push(&head).map_err(not_sealed)?;
    let mut spool = tempfile::tempfile().map_err(failed)?;
    spool.write_all(&head).map_err(failed)?;
    io::copy(&mut from, &mut spool).map_err(failed)?;
    Ok(spool)
}

fn not_sealed(error: FormatError) -> Failure {
    let mut failure = Failure::from(error);
    if error.kind == FormatErrorKind::NotSecimg {
        failure.message.push_str(
            "; an image is sealed and sent at once when a recipient is named: -r PUB, \
             --passphrase-file F, -p or --key-file K",
        );
    }
    failure
}
