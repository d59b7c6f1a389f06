//! `secimg redact`: a picture with regions filled, and what they showed under seal.
//!
//! ```json
//! {"schema":"secimg/redact/1","file":"a.jpg","verdict":"redacted|refused|damaged|error","exit":0,"width":1,"height":1,
//!  "rects":[{"x":0,"y":0,"width":1,"height":1}],"fill":"000000","restores":"pixels|file","suite":"…","transfer_id":"hex",
//!  "sealed_bytes":1,"signature":{"algorithm":"ed25519","signer":"sha256:hex"},"output":"b.png","sidecar":"b.png.secimg",
//!  "warnings":[],"error":null}
//! ```

use std::fs;
use std::path::PathBuf;

use secimg::Image;
use secimg::io::file::{FileMode, Naming, Overwrite};
use secimg::redact::{Rect, RedactError, Redacted, Redaction, Restores, redact};
use serde_json::{Value, json};

use crate::args::{Colour, Common, RedactArgs, SealArgs};
use crate::exit::{Failure, Status};
use crate::inputs::{Input, binary_stdout, is_dash};
use crate::keys_in::{Sealing, sealing};
use crate::label::{Label, shown};
use crate::output::{Output, Told, error_json, hex};
use crate::pictures::{
    check_not_input, one_input, read_all, rects_json, sidecar_of, whole_file, write_to_stdout,
};
use crate::sealing::description;
use crate::store::{check_free, overwrite};
use crate::stored_names::Image as Named;

/// Names of formats that the output is not in.
const OTHERS: &[&str] = &[
    "jpg", "jpeg", "jpe", "bmp", "dib", "tif", "tiff", "gif", "webp", "secimg",
];

struct Job<'a> {
    args: &'a RedactArgs,
    seal: SealArgs,
    input: Input,
    overwrite: Overwrite,
    out: Output,
}

/// A picture that was redacted and written.
struct Done {
    redacted: Redacted,
    sidecar: Option<PathBuf>,
    sealing: Sealing,
    warnings: Vec<String>,
}

pub(crate) fn run(args: &RedactArgs, common: Common) -> Status {
    let job = Job {
        args,
        seal: args.seal.as_seal(),
        input: one_input(&args.input),
        overwrite: overwrite(common.force),
        out: Output::new(common).beside_data(is_dash(&args.output)),
    };
    let label = job.input.label();
    let told = job.redact().map(|done| Told {
        object: job.json(&label, &done),
        text: job.text(&label, &done),
        warnings: done.warnings,
    });
    job.out.one_input(&label, told, failure_json)
}

impl Job<'_> {
    fn redact(&self) -> Result<Done, Failure> {
        self.check()?;
        let sealing = sealing(&self.args.recipients, &self.seal)?;
        let (image, mut warnings) = self.read()?;
        let mut redaction = Redaction::new()
            .rects(self.args.rects.iter().copied())
            .fill(self.args.fill.0);
        if self.args.whole {
            redaction = redaction.whole();
        }
        if self.args.sidecar {
            redaction = redaction.beside();
        }
        let redacted = redact(&image, &redaction, &sealing.options)?;
        let sidecar = self.write(&redacted)?;
        warnings.extend(sealing.warnings.iter().cloned());
        warnings.extend(changed(&self.args.rects, &redacted.rects));
        Ok(Done {
            redacted,
            sidecar,
            sealing,
            warnings,
        })
    }

    /// Everything that can be wrong before a byte is read.
    fn check(&self) -> Result<(), Failure> {
        let output = &self.args.output;
        if is_dash(output) {
            if self.args.sidecar {
                return Err(sidecar_needs_a_name());
            }
            return binary_stdout().map(drop);
        }
        let extension = output
            .extension()
            .map(|e| e.to_string_lossy().to_lowercase());
        if extension.is_some_and(|extension| OTHERS.contains(&extension.as_str())) {
            let what = format!(
                "the redacted picture is a PNG; call it {}",
                shown(&output.with_extension("png"))
            );
            return Err(Failure::usage(what));
        }
        check_not_input(output, &self.input)?;
        check_free(output, self.overwrite)?;
        if self.args.sidecar {
            check_free(&sidecar_of(output), self.overwrite)?;
        }
        Ok(())
    }

    /// Reads all of the picture; its name and its time are for who seals the file.
    fn read(&self) -> Result<(Image, Vec<String>), Failure> {
        let source = self.input.open()?;
        let named = Named::from(self.input.clone());
        let (description, warnings) = description(&named, &source);
        let bytes = read_all(source, &self.input, self.out)?;
        let image = Image::new(bytes).described(description);
        // Only a file that is sealed whole is sealed with its name.
        let warnings = if self.args.whole {
            warnings
        } else {
            Vec::new()
        };
        Ok((image, warnings))
    }

    /// Writes the picture and what belongs beside it: both, or neither.
    fn write(&self, redacted: &Redacted) -> Result<Option<PathBuf>, Failure> {
        let output = &self.args.output;
        if is_dash(output) {
            if redacted.beside.is_some() {
                return Err(sidecar_needs_a_name());
            }
            write_to_stdout(&redacted.image)?;
            return Ok(None);
        }
        let picture = whole_file(output, &redacted.image, self.overwrite)?;
        let mut naming = Naming::new(FileMode::Shared);
        let Some(sealed) = &redacted.beside else {
            picture.name(&mut naming)?;
            naming.finish()?;
            return Ok(None);
        };
        let path = sidecar_of(output);
        let sidecar = whole_file(&path, sealed, self.overwrite)?;
        // The sealed part first: a picture without it would be a loss.
        sidecar.name(&mut naming)?;
        if let Err(error) = picture.name(&mut naming) {
            if self.overwrite == Overwrite::Refuse {
                // It was new. The first failure is the one to report.
                let _ = fs::remove_file(&path);
            }
            return Err(error.into());
        }
        naming.finish()?;
        Ok(Some(path))
    }

    fn json(&self, label: &Label, done: &Done) -> Value {
        let Done {
            redacted, sealing, ..
        } = done;
        let signature = sealing
            .signature
            .as_ref()
            .map(|(algorithm, signer)| json!({ "algorithm": algorithm.name(), "signer": signer }));
        let Colour([red, green, blue]) = self.args.fill;
        json!({
            "schema": "secimg/redact/1",
            "file": label.raw,
            "verdict": "redacted",
            "exit": Status::Done.number(),
            "width": redacted.width,
            "height": redacted.height,
            "rects": rects_json(&redacted.rects),
            "fill": hex(&[red, green, blue]),
            "restores": redacted.restores.name(),
            "suite": self.seal.suite.name,
            "transfer_id": hex(&redacted.transfer_id),
            "sealed_bytes": redacted.sealed_bytes,
            "signature": signature,
            "output": Label::file(&self.args.output).raw,
            "sidecar": done.sidecar.as_deref().map(|path| Label::file(path).raw),
            "warnings": done.warnings,
            "error": null,
        })
    }

    fn text(&self, label: &Label, done: &Done) -> String {
        let redacted = &done.redacted;
        let count = match redacted.rects.len() {
            1 => "1 rectangle".to_owned(),
            count => format!("{count} rectangles"),
        };
        let what = match redacted.restores {
            Restores::File => "the original file",
            _ => "the pixels that were there",
        };
        let place = match &done.sidecar {
            Some(path) => format!("beside it, in {}", shown(path)),
            None => "in it".to_owned(),
        };
        let output = if is_dash(&self.args.output) {
            "standard output".to_owned()
        } else {
            shown(&self.args.output)
        };
        format!(
            "{} -> {output}: {count} filled; {what} sealed {place}",
            label.shown
        )
    }
}

/// Says which rectangles are others than those that were asked for.
fn changed(asked: &[Rect], filled: &[Rect]) -> Vec<String> {
    let pairs = asked
        .iter()
        .zip(filled)
        .filter(|(asked, filled)| asked != filled);
    let one = |(asked, filled): (&Rect, &Rect)| {
        let is_less = filled.width() < asked.width() || filled.height() < asked.height();
        let why = if is_less {
            "clipped to the picture"
        } else {
            "grown to the blocks in which the JPEG's pixels were coded together"
        };
        format!("the rectangle {asked} was {why}: {filled}")
    };
    pairs.map(one).collect()
}

fn failure_json(label: &Label, failure: &Failure) -> Value {
    json!({
        "schema": "secimg/redact/1",
        "file": label.raw,
        "verdict": failure.status.verdict(),
        "exit": failure.status.number(),
        "width": null,
        "height": null,
        "rects": [],
        "fill": null,
        "restores": null,
        "suite": null,
        "transfer_id": null,
        "sealed_bytes": null,
        "signature": null,
        "output": null,
        "sidecar": null,
        "warnings": [],
        "error": error_json(Some(failure)),
    })
}

fn sidecar_needs_a_name() -> Failure {
    Failure::usage(
        "what is sealed goes into a file beside the picture; name a file for the picture, not -",
    )
}

impl From<RedactError> for Failure {
    fn from(error: RedactError) -> Self {
        if let RedactError::Seal(error) = error {
            return error.into();
        }
        let (status, code) = match error {
            RedactError::Format(_) | RedactError::Samples => (Status::Damaged, "unsupported"),
            RedactError::Decode(_) => (Status::Damaged, "not_decoded"),
            RedactError::ManyPictures | RedactError::Converted(_) | RedactError::Redacted => {
                (Status::Usage, "whole_needed")
            }
            RedactError::NoRect | RedactError::TooManyRects(_) | RedactError::Outside(..) => {
                (Status::Usage, "bad_rect")
            }
            RedactError::TooLong(_) => (Status::Usage, "sidecar_needed"),
            _ => (Status::Io, "internal"),
        };
        Self::new(status, code, error.to_string())
    }
}
