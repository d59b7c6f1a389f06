//! The findings for programs: see the schema in `analyze.rs`.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::ciphers::Subject;
use super::differences::Difference;
use super::findings::{Findings, NECESSARY};
use super::statistics::{Kind, Measure};
use super::toy::{KEYS, KNOWN};
use super::trials::Trial;
use crate::exit::{Failure, Status};
use crate::label::Label;
use crate::output::{error_json, hex};

pub(super) fn object(label: &Label, findings: &Findings, output: Option<&Path>) -> Value {
    let given = findings.given.iter().map(|one| subject("given", one));
    let flat = findings.flat.iter().map(|one| subject("flat", one));
    let part = findings.part;
    let chance = findings.chance();
    let broken = &findings.broken;
    let keys = broken.keys.iter().map(|key| format!("{key:04x}"));
    json!({
        "schema": "secimg/analyze/1",
        "file": label.raw,
        "verdict": "analyzed",
        "exit": Status::Done.number(),
        "format": findings.format,
        "sha256": hex(&findings.sha256),
        "width": findings.width,
        "height": findings.height,
        "channels": findings.channels,
        "decoded_bits": findings.decoded_bits,
        "part": { "x": part.x, "y": part.y, "width": part.width, "height": part.height },
        "samples": findings.samples(),
        "ciphers": given.chain(flat).collect::<Vec<_>>(),
        "chance": {
            "tests": chance.tests,
            "below_0_05": chance.below,
            "below_0_05_expected": chance.expected,
            "below_0_001": chance.marked,
        },
        "differences": findings.differences.iter().map(difference).collect::<Vec<_>>(),
        "toy_broken": {
            "keys_tried": KEYS,
            "samples_known": KNOWN,
            "keys_found": keys.collect::<Vec<_>>(),
            "is_the_key": broken.is_the_key,
        },
        "trials": findings.trials.iter().map(trial).collect::<Vec<_>>(),
        "necessary_not_sufficient": NECESSARY,
        "output": output.map(|path| Label::file(path).raw),
        "warnings": [],
        "error": null,
    })
}

pub(super) fn failure(label: &Label, failure: &Failure) -> Value {
    json!({
        "schema": "secimg/analyze/1",
        "file": label.raw,
        "verdict": failure.status.verdict(),
        "exit": failure.status.number(),
        "format": null,
        "sha256": null,
        "width": null,
        "height": null,
        "channels": null,
        "decoded_bits": null,
        "part": null,
        "samples": null,
        "ciphers": [],
        "chance": null,
        "differences": [],
        "toy_broken": null,
        "trials": [],
        "necessary_not_sufficient": NECESSARY,
        "output": null,
        "warnings": [],
        "error": error_json(Some(failure)),
    })
}

fn subject(picture: &str, subject: &Subject) -> Value {
    let mut object = Map::new();
    object.insert("picture".to_owned(), picture.into());
    object.insert("name".to_owned(), subject.cipher.name().into());
    object.insert("what".to_owned(), subject.cipher.what().into());
    object.insert("secure".to_owned(), subject.cipher.is_secure().into());
    for (row, kind) in Kind::ALL.into_iter().enumerate() {
        let found = subject.measures.get(row).map(measure);
        object.insert(kind.name().to_owned(), found.into());
    }
    object.into()
}

fn measure(measure: &Measure) -> Value {
    json!({
        "value": measure.value,
        "expected": measure.expected,
        "deviation": measure.deviation,
        "p": measure.p,
    })
}

fn difference(row: &Difference) -> Value {
    json!({
        "name": row.name,
        "changed": row.changed,
        "npcr": measure(&row.npcr),
        "uaci": measure(&row.uaci),
        "npcr_follows": row.follows,
    })
}

fn trial(trial: &Trial) -> Value {
    json!({
        "suite": trial.suite,
        "what": trial.what,
        "tried": trial.tried,
        "held": trial.held,
        "text": trial.text,
    })
}
