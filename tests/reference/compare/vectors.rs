//! Every vector of the kit: the reference answers what the file says, and what the library answers.

use std::collections::BTreeMap;

use super::file::{Vector, hex, read_kit};
use super::keys::Who;
use super::library::agree;
use crate::answer::{Answer, Checked, Verified};
use crate::open::open;
use crate::primitives::sha256;

#[test]
fn every_vector_opens_as_it_says() {
    let kit = read_kit();
    let mut classes = BTreeMap::<&str, usize>::new();
    for vector in &kit {
        let who = Who::of(vector);
        let seen = agree(&vector.stream, &who, &vector.name);
        check(vector, &open(&vector.stream, &who.reference()));
        *classes.entry(seen.class).or_default() += 1;
    }
    say!(
        "vectors: library and reference agree on {0} of {0} ({classes:?})",
        kit.len()
    );
}

fn check(vector: &Vector, answer: &Answer) {
    let name = &vector.name;
    let end = &answer.end;
    assert_eq!(vector.expect(), class(end), "{name}: {end:?}");
    let released = hex(&sha256(&[&answer.released]));
    let said = |key: &str| vector.get(key).map(str::to_owned);
    match end {
        Ok(verified) => {
            assert_eq!(said("payload-sha256"), Some(released), "{name}");
            check_verified(vector, verified);
        }
        Err(_) => {
            if let Some(said) = said("released-sha256") {
                assert_eq!(said, released, "{name}");
            }
        }
    }
}

fn class(end: &Checked<Verified>) -> &'static str {
    end.as_ref()
        .map_or_else(|refusal| refusal.class.name(), |_| "success")
}

fn check_verified(vector: &Vector, verified: &Verified) {
    let same = |key: &str, found: Option<String>| {
        assert_eq!(vector.get(key), found.as_deref(), "{}: {key}", vector.name);
    };
    same("transfer-id", Some(hex(&verified.transfer_id)));
    same("items", Some(verified.items.len().to_string()));
    same("cek", Some(hex(&verified.cek)));
    let judged = verified
        .signature
        .as_ref()
        .map(|s| format!("{} {}", s.algorithm, s.judgement));
    same("signature", judged);
    let checkpoints = verified.checkpoints;
    same(
        "checkpoints",
        (checkpoints > 0).then(|| checkpoints.to_string()),
    );
}
