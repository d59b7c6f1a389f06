//! Streams that are sealed already: sent as they are, one connection each, without a key.
//!
//! Without the key nobody can check a receipt. What the receiver says is passed on as its word.

use std::io::Read;

use secimg::format::{FormatError, FormatErrorKind, Limits, MAGIC};
use secimg::stream::{HeaderReader, Survey};
use secimg::transport::{TransportError, Verdict, await_receipt, send_sealed};

use super::{await_answer, broken_off, dial, report};
use crate::args::SendArgs;
use crate::exit::{Failure, Status};
use crate::inputs::Input;
use crate::output::{Output, not_opened_json};

pub(super) fn run(args: &SendArgs, out: Output) -> Status {
    let inputs = Input::list(&args.files);
    if args.seal.sign.is_some() || args.seal.context.is_some() {
        let what = "--sign and --context are for images, which need a recipient too: -r PUB, \
                    --passphrase-file F, -p or --key-file K";
        let failure = Failure::new(Status::Usage, "no_recipient", what);
        return out.none_read(&inputs, &failure, not_opened_json);
    }
    inputs.iter().fold(Status::Done, |status, input| {
        let sent = forward(input, &args.to, out.is_quiet());
        status.and_then(match sent {
            Ok((survey, verdict)) => {
                report::unproven(out, &input.label(), &survey, verdict);
                Status::Done
            }
            Err(failure) => {
                out.not_opened(&input.label(), &failure);
                failure.status
            }
        })
    })
}

fn forward(input: &Input, url: &str, quiet: bool) -> Result<(Survey, Verdict), Failure> {
    let mut source = input.open()?.with_progress(&input.label(), quiet);
    let head = stream_head(&mut source)?;
    let mut link = dial(url)?;
    let sent = send_sealed(&mut link, head.as_slice().chain(source), Limits::DEFAULT);
    let survey = sent.map_err(|error| match error {
        TransportError::Connection(_, reason) => broken_off(link.as_mut(), &reason.to_string()),
        error => error.into(),
    })?;
    await_answer(link.as_mut())?;
    let receipt = await_receipt(&mut link, &survey.header.transfer_id(), None)?;
    Ok((survey, receipt.verdict))
}

/// Reads the magic, and refuses what has none before anybody is called.
fn stream_head(source: &mut impl Read) -> Result<Vec<u8>, Failure> {
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
