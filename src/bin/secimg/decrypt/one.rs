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

use secimg::Authentic;
use secimg::content::Manifest;
use secimg::io::{ItemSink, OpenReader, RestoredFrames};
use secimg::stream::{ItemReport, SignatureReport};
use serde_json::{Value, json};

use super::{check_intent, destination, to_stdout};
use crate::args::{Common, DecryptArgs};
use crate::exit::{Failure, Status};
use crate::inputs::Input;
use crate::item::Choice;
use crate::keys_in::{Opening, opening};
use crate::label::Label;
use crate::output::{Output, Told, error_json, hex, item_json, recipient_json, signature_json};
use crate::store::{Destination, Store, Written};
use crate::web::Web;

/// An image that was taken out of a series.
struct Taken {
    suite: &'static str,
    transfer_id: [u8; 32],
    recipient: Value,
    signature: Option<SignatureReport>,
    number: usize,
    item: ItemReport,
    output: Option<String>,
}

pub(super) fn run(args: &DecryptArgs, choice: &str, common: Common) -> Status {
    let inputs = Input::sealed(&args.sealed);
    let out = Output::new(common).beside_data(to_stdout(args, &inputs));
    let label = inputs[0].label();
    let taken = take(args, &inputs, choice, common, out);
    let told = taken.map(|(taken, warnings)| Told {
        object: taken.json(&label, &warnings),
        text: taken.text(&label),
        warnings,
    });
    out.one_input(&label, told, failure_json)
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

/// Copies an image, which gets its name when its digest is that of the index.
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
    let mut written = Written::new();
    let mut one = One {
        store: Store::new(destination, &mut written),
        item: None,
    };
    reader.pass_item(number, &mut RestoredFrames::new(&mut one))?;
    let Some(item) = one.item else {
        return Err(Failure::usage("the stream holds no image"));
    };
    let output = one.store.commit(None)?.into_iter().next().flatten();
    let unlocked = reader.chunks().unlocked();
    Ok(Taken {
        suite: unlocked.header().suite().name,
        transfer_id: unlocked.header().transfer_id(),
        recipient: recipient_json(&unlocked.recipient()),
        signature: reader.signature().cloned(),
        number: number + 1,
        item,
        output,
    })
}

/// Takes one image, and what was found of it in the end.
struct One<'a> {
    store: Store<'a>,
    item: Option<ItemReport>,
}

impl ItemSink for One<'_> {
    fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()> {
        self.store.item(manifest)
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.store.data(bytes)
    }

    fn item_end(&mut self, item: &Authentic<ItemReport>) -> io::Result<()> {
        self.item = Some(item.get().clone());
        self.store.item_end(item)
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
            "item": item_json(&self.item, self.output.as_deref()),
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
            self.item.bytes,
            self.output.as_deref().unwrap_or("-"),
            hex(&self.item.sha256.unwrap_or_default())
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
