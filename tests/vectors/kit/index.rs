//! The kit in JSON, for readers in other languages: `tests/vectors/index.json`.
//!
//! Most of a vector's object comes from its lines. What the lines do not say (the items one by one, and
//! where a malformed stream is wrong) is what the library finds; `tests/reference` and
//! `secimg_open.py` compare it with what they find.

use core::fmt::Write;
use std::path::PathBuf;

use secimg::{OpenError, Report};
use serde_json::{Value, json};

use super::file::{Vector, folder, hex, unquote};
use super::open::options;

/// Lines that the object has in another form.
const REFORMED: &[&str] = &[
    "expect",
    "expect-seeking",
    "spec",
    "comment",
    "identity",
    "context",
    "trust",
    "signature",
    "items",
    "checkpoints",
    "receipt-from",
];

/// Lines of the sealing direction; who seals reads the vector's file.
const SEALING: &[&str] = &["seed", "seal", "recipient", "signer", "step"];

pub(crate) fn path() -> PathBuf {
    folder().join("index.json")
}

/// An array with one object a line, in the order of the names.
pub(crate) fn index(vectors: &[Vector]) -> String {
    let lines: Vec<String> = vectors.iter().map(line).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

fn line(vector: &Vector) -> String {
    let opened = secimg::verify(&vector.stream, &options(vector));
    let mut object = Object(String::new());
    object.put("file", &json!(format!("{}.vec", vector.name)));
    object.put("stream_at", &json!(vector.stream_at()));
    object.put("shows", &json!(vector.get("comment")));
    let rules: Vec<&str> = vector
        .all("spec")
        .flat_map(|line| line.split(' '))
        .collect();
    object.put("rules", &json!(rules));
    let identities: Value = vector.all("identity").map(identity).collect();
    object.put("identities", &identities);
    let context = vector.quoted("context").unwrap_or_default();
    object.put("context", &json!(context));
    let trusted = vector.all("trust").map(|file| format!("keys/{file}"));
    object.put("trusted_signers", &json!(trusted.collect::<Vec<_>>()));
    object.put("expect", &json!(vector.expect()));
    if let Some(class) = vector.get("expect-seeking") {
        object.put("expect_seeking", &json!(class));
    }
    match &opened {
        Ok(verified) => report(&mut object, vector, verified.report()),
        Err(OpenError::Format(error)) => object.put("offset", &json!(error.offset)),
        Err(_) => {}
    }
    rest(&mut object, vector);
    if vector.get("answer").is_some() {
        let required = vector
            .all("receipt-from")
            .map(|file| format!("keys/{file}"));
        object.put("receipt_signers", &json!(required.collect::<Vec<_>>()));
    }
    format!("{{{}}}", object.0)
}

/// The members of an object, in the order in which they are put.
struct Object(String);

impl Object {
    fn put(&mut self, key: &str, value: &Value) {
        let comma = if self.0.is_empty() { "" } else { "," };
        write!(self.0, "{comma}{}:{value}", json!(key)).unwrap();
    }
}

/// `raw HEX`, `passphrase "TEXT"`, or an algorithm and a private key file.
fn identity(line: &str) -> Value {
    let (kind, value) = line.split_once(' ').unwrap();
    match kind {
        "raw" => json!({ "kind": kind, "key": value }),
        "passphrase" => json!({ "kind": kind, "text": unquote(value) }),
        _ => json!({ "kind": kind, "file": format!("keys/{value}") }),
    }
}

fn report(object: &mut Object, vector: &Vector, report: &Report) {
    object.put("suite", &json!(hex(&vector.stream[13..15])));
    let items = report.items.iter().map(|item| {
        json!({
            "name": item.manifest.name,
            "media_type": item.manifest.media_type,
            "bytes": item.bytes,
            "sha256": hex(&item.sha256.unwrap()),
        })
    });
    object.put("items", &items.collect());
    let signature = vector.get("signature").map(|line| {
        let (algorithm, judgement) = line.split_once(' ').unwrap();
        json!({ "algorithm": algorithm, "judgement": judgement })
    });
    object.put("signature", &json!(signature));
    let checkpoints: usize = vector
        .get("checkpoints")
        .map_or(0, |count| count.parse().unwrap());
    object.put("checkpoints", &json!(checkpoints));
}

/// Every other line as it stands, `-` in its name as `_`; a list where it stands several times.
fn rest(object: &mut Object, vector: &Vector) {
    let mut seen: Vec<&str> = [REFORMED, SEALING].concat();
    for (key, _) in vector.lines() {
        if seen.contains(&key.as_str()) {
            continue;
        }
        seen.push(key);
        let mut values: Vec<&str> = vector.all(key).collect();
        let value = if values.len() == 1 {
            json!(values.remove(0))
        } else {
            json!(values)
        };
        object.put(&key.replace('-', "_"), &value);
    }
}
