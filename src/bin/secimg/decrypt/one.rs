//! `decrypt --item`: one image of a series, without reading the others.
//!
//! What is written is authentic, and has the digest that the stream's index says; whether the rest of the stream is whole
//! is not known. With `--from` the signature is verified first, and the image is what the signer signed.
//!
//! ```json
//! {"schema":"secimg/item/1","file":"a.secimg","verdict":"authentic|refused|damaged|error","exit":0,"suite":"…","transfer_id":"hex",
//!  "recipient":{…},"signature":{…},"number":500,
//!  "item":{"name":"…","media_type":"…","bytes":1,"sha256":"hex","width":1,"height":1,"frames":1,"output":"…"},"warnings":[],"error":null}
//! ```

use std::io::{self, Read, Seek};

use secimg::content::Manifest;
use secimg::io::{ItemSink, OpenReader, ReadError};
use secimg::stream::SignatureReport;
use secimg::{Authentic, OpenError};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{check_intent, destination, to_stdout};
use crate::args::{Common, DecryptArgs};
use crate::exit::{Failure, Status};
use crate::inputs::Input;
use crate::item::Choice;
use crate::keys_in::{Opening, opening};
use crate::label::Label;
use crate::output::{Output, error_json, hex, recipient_json, signature_json};
use crate::store::{Destination, Store, Written};
use crate::web::Web;

/// How much is read at once.
const PIECE: usize = 256 << 10;

/// An image that was taken out of a series.
struct Taken {
    suite: &'static str,
    transfer_id: [u8; 32],
    recipient: Value,
    signature: Option<SignatureReport>,
    number: usize,
    manifest: Manifest,
    bytes: u64,
    sha256: [u8; 32],
    output: Option<String>,
}

pub(super) fn run(args: &DecryptArgs, choice: &str, common: Common) -> Status {
    let inputs = Input::sealed(&args.sealed);
    let out = Output::new(common).beside_data(to_stdout(args, &inputs));
    let label = inputs[0].label();
    match take(args, &inputs, choice, common, out) {
        Ok((taken, warnings)) => {
            out.object(&taken.json(&label, &warnings));
            out.say(taken.text(&label));
            for warning in &warnings {
                out.warn(&label, warning);
            }
            Status::Done
        }
        Err(failure) => {
            out.object(&failure_json(&label, &failure));
            out.failed(Some(&label), &failure);
            failure.status
        }
    }
}

fn take(
    args: &DecryptArgs,
    inputs: &[Input],
    choice: &str,
    common: Common,
    out: Output,
) -> Result<(Taken, Vec<String>), Failure> {
    let [input] = inputs else {
        return Err(Failure::usage("--item takes an image out of one stream"));
    };
    let choice = Choice::parse(choice)?;
    let destination = destination(args, inputs, common.force)?;
    let web = Web::new(&args.sealed, &args.tls, args.identities.access.sharing())?;
    let Opening { options, warnings } = opening(&args.identities, &args.trust)?;
    let taken = match input {
        Input::Url(url) => match web.open(url)? {
            Some(remote) => {
                let mut reader = OpenReader::open_at(remote, &options)?;
                let number = choice.select(&mut reader)?;
                reader.expect_item();
                copy(reader, number, args, &destination)
            }
            None => Err(Failure::usage(
                "its server gives no ranges: fetch the stream, and name the file",
            )),
        },
        Input::File(_) | Input::Stdin => match input.sealed_file(out)? {
            Some(file) => {
                let mut reader = OpenReader::open(file, &options)?;
                let number = choice.select(&mut reader)?;
                copy(reader, number, args, &destination)
            }
            None => Err(Failure::usage(
                "one image of many is found in a file, or at a URL whose server gives ranges",
            )),
        },
    };
    Ok((taken?, warnings))
}

/// Copies the selected image, which gets its name when its digest is that of the index.
fn copy<R: Read + Seek>(
    mut reader: OpenReader<R>,
    number: usize,
    args: &DecryptArgs,
    destination: &Destination,
) -> Result<Taken, Failure> {
    if args.require_intended {
        // Known where a signer is required, and its signature was verified.
        check_intent(reader.signature().map(|signature| signature.intended))?;
    }
    let Some(manifest) = reader.manifest().map(Authentic::cloned) else {
        return Err(Failure::usage("the stream holds no image"));
    };
    let mut written = Written::new();
    let mut store = Store::new(destination, &mut written);
    store.item(&manifest).map_err(not_written)?;
    let mut hash = Sha256::new();
    let mut buffer = Zeroizing::new(vec![0; PIECE]);
    let mut bytes = 0;
    loop {
        let len = reader.read(&mut buffer).map_err(not_read)?;
        if len == 0 {
            break;
        }
        hash.update(&buffer[..len]);
        store.data(&buffer[..len]).map_err(not_written)?;
        bytes += len as u64;
    }
    let sha256: [u8; 32] = hash.finalize().into();
    let listed = reader.items()?.get(number).and_then(|entry| entry.digest);
    if listed.is_some_and(|digest| digest != sha256) {
        let what =
            "the image is not the one that the stream's index lists: its sender sealed it wrong";
        return Err(Failure::new(Status::Damaged, "malformed", what));
    }
    let output = store.commit(None)?.into_iter().next().flatten();
    let unlocked = reader.chunks().unlocked();
    Ok(Taken {
        suite: unlocked.header().suite().name,
        transfer_id: unlocked.header().transfer_id(),
        recipient: recipient_json(&unlocked.recipient()),
        signature: reader.signature().cloned(),
        number: number + 1,
        manifest: manifest.into_inner(),
        bytes,
        sha256,
        output,
    })
}

fn not_written(error: io::Error) -> Failure {
    ReadError::Sink(error).into()
}

fn not_read(error: io::Error) -> Failure {
    match error.downcast::<OpenError>() {
        Ok(error) => error.into(),
        Err(error) => ReadError::Io(error).into(),
    }
}

impl Taken {
    fn json(&self, label: &Label, warnings: &[String]) -> Value {
        json!({
            "schema": "secimg/item/1",
            "file": label.raw,
            "verdict": "authentic",
            "exit": Status::Done.number(),
            "suite": self.suite,
            "transfer_id": hex(&self.transfer_id),
            "recipient": self.recipient,
            "signature": self.signature.as_ref().map(signature_json),
            "number": self.number,
            "item": {
                "name": self.manifest.name,
                "media_type": self.manifest.media_type,
                "bytes": self.bytes,
                "sha256": hex(&self.sha256),
                "width": self.manifest.claimed_width,
                "height": self.manifest.claimed_height,
                "frames": self.manifest.claimed_frames,
                "output": self.output,
            },
            "warnings": warnings,
            "error": null,
        })
    }

    fn text(&self, label: &Label) -> String {
        let proof = if self.signature.is_some() {
            "signed by a trusted signer; the other images were not read"
        } else {
            "authentic only: a holder of the key made it, and the other images were not read"
        };
        format!(
            "{}: image {}, {} bytes -> {}\n  {proof}\n  sha256 {}",
            label.shown,
            self.number,
            self.bytes,
            self.output.as_deref().unwrap_or("-"),
            hex(&self.sha256)
        )
    }
}

fn failure_json(label: &Label, failure: &Failure) -> Value {
    json!({
        "schema": "secimg/item/1",
        "file": label.raw,
        "verdict": failure.status.verdict(),
        "exit": failure.status.number(),
        "suite": null,
        "transfer_id": null,
        "recipient": null,
        "signature": null,
        "number": null,
        "item": null,
        "warnings": [],
        "error": error_json(Some(failure)),
    })
}
