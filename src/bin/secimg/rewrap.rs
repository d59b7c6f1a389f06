//! `secimg rewrap`: other recipients for the same stream, in its place where they fit in, or in another file.

use std::io::Write;
use std::path::PathBuf;

use secimg::OpenOptions;
use secimg::io::file::{FileMode, Overwrite};
use secimg::io::{rewrap_file_with, rewrap_stream};
use secimg::stream::Survey;
use serde_json::{Value, json};

use crate::args::{Common, RewrapArgs};
use crate::exit::{Failure, Status};
use crate::inputs::{Input, binary_stdout, is_dash};
use crate::keys_in::{Addressees, new_recipients, open_with, with_context};
use crate::label::Label;
use crate::output::{Output, error_json, hex, recipient_json};
use crate::pending::{Lent, Pending};
use crate::store::{check_free, overwrite};

struct Job {
    options: OpenOptions,
    recipients: Addressees,
    output: Option<PathBuf>,
    overwrite: Overwrite,
    out: Output,
}

struct Rewrapped {
    survey: Survey,
    output: Label,
    in_place: bool,
    /// An earlier rewrap had been interrupted, and was undone first.
    recovered: bool,
}

pub(crate) fn run(args: &RewrapArgs, common: Common) -> Status {
    let inputs = Input::list(&args.sealed);
    let stdout = match &args.output {
        Some(path) => is_dash(path),
        None => inputs.contains(&Input::Stdin),
    };
    let out = Output::new(common).beside_data(stdout);
    let job = match prepare(args, &inputs, common.force, out) {
        Ok(job) => job,
        Err(failure) => return out.none_read(&inputs, &failure, failure_json),
    };
    inputs.iter().fold(Status::Done, |status, input| {
        let label = input.label();
        let next = match job.rewrap(input) {
            Ok(done) => {
                let warnings = &job.recipients.warnings;
                out.object(&rewrapped_json(&label, &done, warnings));
                out.say(rewrapped_text(&label, &done));
                for warning in warnings {
                    out.warn(&label, warning);
                }
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

fn prepare(args: &RewrapArgs, inputs: &[Input], force: bool, out: Output) -> Result<Job, Failure> {
    if inputs.len() > 1 && (args.output.is_some() || inputs.contains(&Input::Stdin)) {
        return Err(Failure::usage(
            "-o OUT and standard input take one stream at a time",
        ));
    }
    let overwrite = overwrite(force);
    if let Some(path) = args.output.as_deref().filter(|path| !is_dash(path)) {
        check_free(path, overwrite)?;
    }
    Ok(Job {
        options: with_context(open_with(&args.identities)?, args.context.as_deref()),
        recipients: new_recipients(&args.recipients, &args.identities.access)?,
        output: args.output.clone(),
        overwrite,
        out,
    })
}

impl Job {
    fn rewrap(&self, input: &Input) -> Result<Rewrapped, Failure> {
        match (&self.output, input) {
            (Some(path), _) if !is_dash(path) => {
                let mut file = Pending::create(path, self.overwrite)?;
                let survey = self.copy(input, &mut file)?;
                file.commit(FileMode::Shared)?;
                Ok(Rewrapped::elsewhere(survey, Label::file(path)))
            }
            (None, Input::File(path)) => {
                let mut lent = Lent::default();
                let create = |target: &_| lent.create(target);
                let done = rewrap_file_with(path, &self.options, &self.recipients.options, create);
                done.map_err(Failure::from).map(|done| Rewrapped {
                    survey: done.survey,
                    output: Label::file(path),
                    in_place: done.in_place,
                    recovered: done.recovered,
                })
            }
            _ => {
                let survey = self.copy(input, &mut binary_stdout()?)?;
                let output = Label {
                    raw: "-".to_owned(),
                    shown: "standard output".to_owned(),
                };
                Ok(Rewrapped::elsewhere(survey, output))
            }
        }
    }

    fn copy(&self, input: &Input, output: &mut impl Write) -> Result<Survey, Failure> {
        let reader = input
            .open_sealed(self.out)?
            .with_progress(&input.label(), self.out.is_quiet());
        let survey = rewrap_stream(reader, output, &self.options, &self.recipients.options)?;
        output
            .flush()
            .map_err(|error| Failure::io("writing the output failed", &error))?;
        Ok(survey)
    }
}

impl Rewrapped {
    const fn elsewhere(survey: Survey, output: Label) -> Self {
        Self {
            survey,
            output,
            in_place: false,
            recovered: false,
        }
    }
}

fn rewrapped_json(label: &Label, done: &Rewrapped, warnings: &[String]) -> Value {
    let Rewrapped { survey, output, .. } = done;
    let header = &survey.header;
    json!({
        "schema": "secimg/rewrap/1",
        "file": label.raw,
        "verdict": "rewrapped",
        "exit": Status::Done.number(),
        "suite": header.suite().name,
        "recipients": header.recipient_list().iter().map(recipient_json).collect::<Vec<_>>(),
        "chunks": survey.chunks,
        "sealed_bytes": survey.stream_bytes,
        "transfer_id": hex(&header.transfer_id()),
        "output": output.raw,
        "warnings": warnings,
        "in_place": done.in_place,
        "recovered": done.recovered,
        "error": null,
    })
}

fn failure_json(label: &Label, failure: &Failure) -> Value {
    json!({
        "schema": "secimg/rewrap/1",
        "file": label.raw,
        "verdict": failure.status.verdict(),
        "exit": failure.status.number(),
        "suite": null,
        "recipients": [],
        "chunks": null,
        "sealed_bytes": null,
        "transfer_id": null,
        "output": null,
        "warnings": [],
        "in_place": null,
        "recovered": null,
        "error": error_json(Some(failure)),
    })
}

fn rewrapped_text(label: &Label, done: &Rewrapped) -> String {
    let output = &done.output;
    let count = done.survey.header.recipient_list().len();
    let recipients = if count == 1 {
        "1 recipient"
    } else {
        &format!("{count} recipients")
    };
    let place = if label.shown == output.shown {
        String::new()
    } else {
        format!(" -> {}", output.shown)
    };
    let recovered = if done.recovered {
        "an interrupted rewrap undone, then "
    } else {
        ""
    };
    format!(
        "{}{place}: {recovered}rewrapped for {recipients}; who could read it before may have kept its key",
        label.shown
    )
}
