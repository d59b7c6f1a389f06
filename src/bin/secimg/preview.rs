//! `secimg preview`: which image is in a stream, from its first kilobytes.
//!
//! What is shown is authentic and no more, but where a signer is required: then the signature is verified before.
//!
//! ```json
//! {"schema":"secimg/preview/1","file":"a.secimg","verdict":"authentic|refused|damaged|error","exit":0,"suite":"…","transfer_id":"hex",
//!  "recipient":{…},"signature":{…},"item":{"name":"…","media_type":"…","width":1,"height":1,"frames":1},
//!  "preview":{"media_type":"image/jpeg","bytes":1},"preview_of":"hex","output":"a.jpg","warnings":[],"error":null}
//! ```

use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;
use std::{panic, thread};

use secimg::Authentic;
use secimg::OpenOptions;
use secimg::content::Manifest;
use secimg::image::sniff;
use secimg::io::file::FileMode;
use secimg::io::{Glimpse, OpenReader, RangeReader, read_preview};
use secimg::preview::DECODER_THREAD;
use serde_json::{Value, json};

use crate::args::{Common, PreviewArgs};
use crate::exit::{Failure, Status};
use crate::inputs::{Input, binary_stdout, is_dash};
use crate::item::Choice;
use crate::keys_in::{Opening, opening};
use crate::label::Label;
use crate::output::{Output, Told, error_json, hex, recipient_json, signature_json};
use crate::pending::Pending;
use crate::store::{check_free, overwrite};
use crate::web::Web;

/// Keeps the words of decoders that fail to themselves: their threads end, and no more.
pub(crate) fn silence_decoders() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |what| {
        if thread::current().name() != Some(DECODER_THREAD) {
            usual(what);
        }
    }));
}

pub(crate) fn run(args: &PreviewArgs, common: Common) -> Status {
    let arguments: Vec<_> = args.sealed.iter().cloned().collect();
    let input = Input::sealed(&arguments).swap_remove(0);
    let to_file = args.output.as_ref().filter(|path| !is_dash(path));
    let out = Output::new(common).beside_data(to_file.is_none());
    let label = input.label();
    let told = show(args, &arguments, &input, common, out).map(|seen| Told {
        object: seen.json(&label),
        text: seen.text(&label),
        warnings: seen.warnings,
    });
    out.one_input(&label, told, failure_json)
}

/// A preview that was written.
struct Seen {
    glimpse: Glimpse,
    manifest: Manifest,
    preview: Vec<u8>,
    output: String,
    warnings: Vec<String>,
}

fn show(
    args: &PreviewArgs,
    arguments: &[PathBuf],
    input: &Input,
    common: Common,
    out: Output,
) -> Result<Seen, Failure> {
    let overwrite = overwrite(common.force);
    let target = args.output.as_deref().filter(|path| !is_dash(path));
    match target {
        Some(path) => check_free(path, overwrite)?,
        None => drop(binary_stdout()?),
    }
    let web = Web::new(arguments, &args.tls, args.identities.access.sharing())?;
    let Opening { options, warnings } = opening(&args.identities, &args.trust)?;
    let choice = args.item.as_deref().map(Choice::parse).transpose()?;
    let mut glimpse = glimpse(input, &options, choice.as_ref(), &web, out)?;
    let taken = glimpse.manifest.take().zip(glimpse.preview.take());
    let Some((manifest, preview)) = taken else {
        let what = "it has no preview; `secimg encrypt --preview` seals one";
        return Err(Failure::new(Status::Damaged, "no_preview", what));
    };
    let preview = preview.into_inner();
    if let Some(path) = target {
        let mut file = Pending::create(path, overwrite)?;
        file.write_all(&preview).map_err(|error| wrote(&error))?;
        file.commit(FileMode::Shared)?;
    } else {
        let mut stdout = binary_stdout()?;
        let written = stdout.write_all(&preview).and_then(|()| stdout.flush());
        written.map_err(|error| wrote(&error))?;
    }
    let shown = target.map_or_else(
        || "-".to_owned(),
        |path| path.to_string_lossy().into_owned(),
    );
    Ok(Seen {
        glimpse,
        manifest: manifest.into_inner(),
        preview,
        output: shown,
        warnings,
    })
}

fn wrote(error: &io::Error) -> Failure {
    Failure::io("writing the preview failed", error)
}

/// Reads as little as will do: the beginning of the stream, or what leads to one image of many.
fn glimpse(
    input: &Input,
    options: &OpenOptions,
    choice: Option<&Choice>,
    web: &Web,
    out: Output,
) -> Result<Glimpse, Failure> {
    let seeks = choice.is_some() || options.requires_signer();
    if let Input::Url(url) = input {
        if let Some(remote) = web.open(url)? {
            return if seeks {
                of_item(OpenReader::open_at(remote, options)?, choice)
            } else {
                let ranges = RangeReader::new(remote);
                let ranges = ranges.map_err(|error| Failure::io("reading failed", &error))?;
                Ok(read_preview(ranges, options)?)
            };
        }
    } else if seeks && let Some(file) = input.sealed_file(out)? {
        return of_item(OpenReader::open(file, options)?, choice);
    }
    if choice.is_some() {
        let what = "one image of many is found in a file, or at a URL whose server gives ranges";
        return Err(Failure::usage(what));
    }
    let source = input.fetch_sealed(web, out)?;
    Ok(read_preview(source.reader, options)?)
}

fn of_item<R: Read + Seek>(
    mut reader: OpenReader<R>,
    choice: Option<&Choice>,
) -> Result<Glimpse, Failure> {
    if let Some(choice) = choice {
        choice.select(&mut reader)?;
    }
    let preview = reader.preview()?;
    let manifest = reader.manifest().map(Authentic::cloned);
    let unlocked = reader.chunks().unlocked();
    let signature = reader.signature().cloned();
    Ok(Glimpse::of(unlocked, signature, manifest, preview))
}

impl Seen {
    fn json(&self, label: &Label) -> Value {
        let (glimpse, manifest) = (&self.glimpse, &self.manifest);
        json!({
            "schema": "secimg/preview/1",
            "file": label.raw,
            "verdict": "authentic",
            "exit": Status::Done.number(),
            "suite": glimpse.suite,
            "transfer_id": hex(&glimpse.transfer_id),
            "recipient": recipient_json(&glimpse.recipient),
            "signature": glimpse.signature.as_ref().map(signature_json),
            "item": {
                "name": manifest.name,
                "media_type": manifest.media_type,
                "width": manifest.claimed_width,
                "height": manifest.claimed_height,
                "frames": manifest.claimed_frames,
            },
            "preview": {
                "media_type": sniff(&self.preview).media_type,
                "bytes": self.preview.len(),
            },
            "preview_of": manifest.preview_of.map(|id| hex(&id)),
            "output": self.output,
            "warnings": self.warnings,
            "error": null,
        })
    }

    fn text(&self, label: &Label) -> String {
        let by = if self.glimpse.signature.is_some() {
            "signed by a trusted signer"
        } else {
            "authentic only: a holder of the key made it"
        };
        format!(
            "{}: preview of {} bytes -> {} ({by})",
            label.shown,
            self.preview.len(),
            self.output
        )
    }
}

fn failure_json(label: &Label, failure: &Failure) -> Value {
    json!({
        "schema": "secimg/preview/1",
        "file": label.raw,
        "verdict": failure.status.verdict(),
        "exit": failure.status.number(),
        "suite": null,
        "transfer_id": null,
        "recipient": null,
        "signature": null,
        "item": null,
        "preview": null,
        "preview_of": null,
        "output": null,
        "warnings": [],
        "error": error_json(Some(failure)),
    })
}
