//! Streams that are sealed already: sent as they are, one connection each, without a key.
//!
//! Without the key nobody can check a receipt's tag. What the receiver says is passed on as its word,
//! unless it signed it and `--receipt-from` names it.

use std::io::Read;

use secimg::format::{FormatError, FormatErrorKind, Limits, MAGIC};
use secimg::stream::{HeaderReader, Survey};
use secimg::transport::deliver_sealed;

use super::{Answer, Demand, VERIFYING, dial, report};
use crate::args::{Common, SendArgs};
use crate::exit::{Failure, Status};
use crate::inputs::Input;
use crate::output::Output;
use crate::store::overwrite;

pub(super) fn run(args: &SendArgs, common: Common) -> Status {
    let out = Output::new(common);
    let inputs = Input::list(&args.files);
    if args.seal.sign.is_some() || args.seal.context.is_some() {
        let what = "--sign and --context are for images, which need a recipient too: -r PUB, \
                    --passphrase-file F, -p or --key-file K";
        let failure = Failure::new(Status::Usage, "no_recipient", what);
        return out.none_read(&inputs, &failure, report::failed_json);
    }
    let demand = match Demand::new(args, inputs.len(), overwrite(common.force)) {
        Ok(demand) => demand,
        Err(failure) => return out.none_read(&inputs, &failure, report::failed_json),
    };
    #[cfg(feature = "http")]
    let way = match super::http::Way::find(args) {
        Ok(way) => way,
        Err(failure) => return out.none_read(&inputs, &failure, report::failed_json),
    };
    inputs.iter().fold(Status::Done, |status, input| {
        #[cfg(feature = "http")]
        let sent = match &way {
            Some(way) => way.forward(input, &demand, out),
            None => forward(input, &args.to, &demand, out),
        };
        #[cfg(not(feature = "http"))]
        let sent = forward(input, &args.to, &demand, out);
        status.and_then(match sent {
            Ok((survey, answer)) => {
                report::forwarded(out, &input.label(), &survey, &answer, &demand.warnings);
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
    url: &str,
    demand: &Demand,
    out: Output,
) -> Result<(Survey, Answer), Failure> {
    let mut source = input
        .open_sealed(out)?
        .with_progress(&input.label(), out.is_quiet());
    let head = stream_head(&mut source)?;
    let mut link = dial(url)?;
    let sealed = head.as_slice().chain(source);
    let (survey, receipt) = deliver_sealed(link.as_mut(), sealed, Limits::DEFAULT, VERIFYING)?;
    Ok((survey, Answer::new(receipt, demand)?))
}

/// Reads the magic, and refuses what has none before anybody is called.
pub(super) fn stream_head(source: &mut impl Read) -> Result<Vec<u8>, Failure> {
    let mut head = Vec::with_capacity(MAGIC.len());
    let read = source.take(MAGIC.len() as u64).read_to_end(&mut head);
    read.map_err(|error| Failure::io("reading failed", &error))?;
    let mut header = HeaderReader::new();
    match header.push(&head) {
        Ok(_) if head.len() == MAGIC.len() => Ok(head),
        Ok(_) => Err(not_sealed(header.end_of_input())),
        Err(error) => Err(not_sealed(error)),
    }
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
