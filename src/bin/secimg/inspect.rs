//! `secimg inspect`: what a stream says of itself, without a key. Nothing of it is proven.

use secimg::format::Limits;
use secimg::io::private::Sharing;
use secimg::io::survey_stream;
use secimg::stream::Survey;
use serde_json::{Value, json};

use crate::args::{Common, InspectArgs};
use crate::exit::{Failure, Status};
use crate::inputs::Input;
use crate::label::Label;
use crate::output::{Output, error_json, hex, recipient_json};
use crate::web::Web;

pub(crate) fn run(args: &InspectArgs, common: Common) -> Status {
    let out = Output::new(common);
    let inputs = Input::sealed(&args.sealed);
    let web = match Web::new(&args.sealed, &args.tls, Sharing::Refused) {
        Ok(web) => web,
        Err(failure) => return out.none_read(&inputs, &failure, failure_json),
    };
    inputs.iter().fold(Status::Done, |status, input| {
        let label = input.label();
        let next = match survey(input, &web, out) {
            Ok(survey) => {
                out.object(&survey_json(&label, &survey));
                out.say(survey_text(&label, &survey));
                Status::Done
            }
            Err(failure) => {
                out.object(&failure_json(&label, &failure));
                out.failed(Some(&label), &failure);
                failure.status
            }
        };
        status.and_then(next)
    })
}

fn survey(input: &Input, web: &Web, out: Output) -> Result<Survey, Failure> {
    let reader = input
        .fetch_sealed(web, out)?
        .with_progress(&input.label(), out.is_quiet());
    Ok(survey_stream(reader, Limits::DEFAULT)?)
}

fn survey_json(label: &Label, survey: &Survey) -> Value {
    let header = &survey.header;
    json!({
        "schema": "secimg/inspect/1",
        "file": label.raw,
        "authenticated": false,
        "suite": header.suite().name,
        "chunk_size": header.core.chunk_size.bytes(),
        "signed": header.core.flags.signed,
        "recipients": header.recipient_list().iter().map(recipient_json).collect::<Vec<_>>(),
        "chunks": survey.chunks,
        "sealed_bytes": survey.stream_bytes,
        "transfer_id": hex(&header.transfer_id()),
        "exit": Status::Done.number(),
        "error": null,
    })
}

fn failure_json(label: &Label, failure: &Failure) -> Value {
    json!({
        "schema": "secimg/inspect/1",
        "file": label.raw,
        "authenticated": false,
        "suite": null,
        "chunk_size": null,
        "signed": null,
        "recipients": [],
        "chunks": null,
        "sealed_bytes": null,
        "transfer_id": null,
        "exit": failure.status.number(),
        "error": error_json(Some(failure)),
    })
}

fn survey_text(label: &Label, survey: &Survey) -> String {
    let header = &survey.header;
    let recipients = header.recipient_list().into_iter().map(|recipient| {
        format!(
            "\n  recipient    {} {}",
            recipient.kind.name(),
            hex(&recipient.key_id)
        )
    });
    format!(
        "{}: a sealed stream (without a key nothing of this is proven)\n  \
         suite        {}\n  signed       {}{}\n  chunks       {} of {} bytes\n  \
         size         {} bytes\n  transfer id  {}",
        label.shown,
        header.suite().name,
        if header.core.flags.signed {
            "yes"
        } else {
            "no"
        },
        recipients.collect::<String>(),
        survey.chunks,
        header.core.chunk_size.bytes(),
        survey.stream_bytes,
        hex(&header.transfer_id()),
    )
}
