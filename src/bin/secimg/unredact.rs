//! `secimg unredact`: a redacted picture as it was, or nothing of it.
//!
//! ```json
//! {"schema":"secimg/unredact/1","file":"b.png","verdict":"verified|refused|damaged|error","exit":0,"width":1,"height":1,
//!  "rects":[{"x":0,"y":0,"width":1,"height":1}],"restored":"pixels|file","name":"a.jpg","bytes":1,"suite":"…",
//!  "transfer_id":"hex","recipient":{"type":"…","key_id":"hex"},"signature":{…},"output":"c.png","sidecar":null,
//!  "warnings":[],"error":null}
//! ```

use std::path::PathBuf;

use secimg::io::file::{FileMode, Naming, Overwrite};
use secimg::io::names::escape_for_display;
use secimg::redact::{Restores, UnredactError, Unredacted, sealed_part, unredact, unredact_with};
use serde_json::{Value, json};

use crate::args::{Common, UnredactArgs};
use crate::decrypt::check_intended;
use crate::exit::{Failure, Status};
use crate::inputs::{Input, binary_stdout, is_dash};
use crate::keys_in::opening;
use crate::label::{Label, shown};
use crate::output::{Output, Told, error_json, hex, recipient_json, signature_json};
use crate::pictures::{
    check_not_input, one_input, read_all, rects_json, sidecar_of, whole_file, write_to_stdout,
};
use crate::store::{check_free, overwrite};

struct Job<'a> {
    args: &'a UnredactArgs,
    input: Input,
    overwrite: Overwrite,
    out: Output,
}

/// A picture that was restored and written.
struct Done {
    restored: Unredacted,
    sidecar: Option<PathBuf>,
    warnings: Vec<String>,
}

pub(crate) fn run(args: &UnredactArgs, common: Common) -> Status {
    let job = Job {
        args,
        input: one_input(&args.input),
        overwrite: overwrite(common.force),
        out: Output::new(common).beside_data(is_dash(&args.output)),
    };
    let label = job.input.label();
    let told = job.unredact().map(|done| Told {
        object: job.json(&label, &done),
        text: job.text(&label, &done),
        warnings: done.warnings,
    });
    job.out.one_input(&label, told, failure_json)
}

impl Job<'_> {
    fn unredact(&self) -> Result<Done, Failure> {
        self.check()?;
        let opening = opening(&self.args.identities, &self.args.trust)?;
        let picture = read_all(self.input.open()?, &self.input, self.out)?;
        let sidecar = self.sidecar(&picture);
        let restored = match &sidecar {
            None => unredact(&picture, &opening.options)?,
            Some(path) => {
                let input = Input::File(path.clone());
                let source = input.open_sealed(self.out);
                let sealed = source.and_then(|source| read_all(source, &input, self.out));
                let sealed = sealed.map_err(|failure| failure.about(path))?;
                unredact_with(&picture, &sealed, &opening.options)?
            }
        };
        let report = restored.report.report();
        if self.args.require_intended {
            check_intended(report)?;
        }
        let said = report
            .warnings()
            .into_iter()
            .map(|warning| warning.to_string());
        let warnings = said.chain(opening.warnings).collect();
        self.write(&restored)?;
        Ok(Done {
            restored,
            sidecar,
            warnings,
        })
    }

    /// Everything that can be wrong before a byte is read.
    fn check(&self) -> Result<(), Failure> {
        let output = &self.args.output;
        if is_dash(output) {
            return binary_stdout().map(drop);
        }
        check_not_input(output, &self.input)?;
        Ok(check_free(output, self.overwrite)?)
    }

    /// The file with the sealed part, where it is not in the picture.
    fn sidecar(&self, picture: &[u8]) -> Option<PathBuf> {
        if let Some(path) = &self.args.sidecar {
            return Some(path.clone());
        }
        let is_elsewhere = matches!(
            sealed_part(picture),
            Err(UnredactError::NoSealedPart | UnredactError::NotPng)
        );
        let beside = sidecar_of(self.input.path()?);
        (is_elsewhere && beside.is_file()).then_some(beside)
    }

    fn write(&self, restored: &Unredacted) -> Result<(), Failure> {
        let output = &self.args.output;
        if is_dash(output) {
            return write_to_stdout(&restored.image);
        }
        let file = whole_file(output, &restored.image, self.overwrite)?;
        let mut naming = Naming::new(FileMode::Shared);
        file.name(&mut naming)?;
        Ok(naming.finish()?)
    }

    fn json(&self, label: &Label, done: &Done) -> Value {
        let restored = &done.restored;
        let report = restored.report.report();
        json!({
            "schema": "secimg/unredact/1",
            "file": label.raw,
            "verdict": Status::Done.verdict(),
            "exit": Status::Done.number(),
            "width": restored.width,
            "height": restored.height,
            "rects": rects_json(&restored.rects),
            "restored": restored.restores.name(),
            "name": restored.name,
            "bytes": restored.image.len(),
            "suite": report.suite,
            "transfer_id": hex(&report.transfer_id),
            "recipient": recipient_json(&report.recipient),
            "signature": report.signature.as_ref().map(signature_json),
            "output": Label::file(&self.args.output).raw,
            "sidecar": done.sidecar.as_deref().map(|path| Label::file(path).raw),
            "warnings": done.warnings,
            "error": null,
        })
    }

    fn text(&self, label: &Label, done: &Done) -> String {
        let output = if is_dash(&self.args.output) {
            "standard output".to_owned()
        } else {
            shown(&self.args.output)
        };
        let what = match (done.restored.restores, &done.restored.name) {
            (Restores::File, Some(name)) => {
                format!(
                    "the original file, which was called {}",
                    escape_for_display(name)
                )
            }
            (Restores::File, None) => "the original file".to_owned(),
            _ => "every pixel as it was".to_owned(),
        };
        format!("{} -> {output}: {what}", label.shown)
    }
}

fn failure_json(label: &Label, failure: &Failure) -> Value {
    json!({
        "schema": "secimg/unredact/1",
        "file": label.raw,
        "verdict": failure.status.verdict(),
        "exit": failure.status.number(),
        "width": null,
        "height": null,
        "rects": [],
        "restored": null,
        "name": null,
        "bytes": null,
        "suite": null,
        "transfer_id": null,
        "recipient": null,
        "signature": null,
        "output": null,
        "sidecar": null,
        "warnings": [],
        "error": error_json(Some(failure)),
    })
}

impl From<UnredactError> for Failure {
    fn from(error: UnredactError) -> Self {
        if let UnredactError::Open(error) = error {
            return error.into();
        }
        let (status, code) = match error {
            UnredactError::NotPng | UnredactError::NoSealedPart => {
                (Status::Damaged, "no_sealed_part")
            }
            UnredactError::Damaged(..) => (Status::Damaged, "malformed"),
            UnredactError::NotARedaction(_) => (Status::Damaged, "not_a_redaction"),
            UnredactError::Decode(_) => (Status::Damaged, "not_decoded"),
            UnredactError::OtherPicture => (Status::Refused, "other_picture"),
            _ => (Status::Io, "internal"),
        };
        let mut failure = Self::new(status, code, error.to_string());
        if let UnredactError::Damaged(_, at) = error {
            failure.offset = Some(at as u64);
        }
        failure
    }
}
