//! The test-vector kit: it is what its generator makes, the library opens it as each file says, and
//! seals the very same bytes. `tests/vectors/README.md` says what the files are.
//!
//! With `SECIMG_BLESS=1` the kit, and the table of rules in the specification, are written anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and its helpers are part of the test"
)]
#![allow(
    clippy::too_many_lines,
    reason = "a list of scenarios is long and flat"
)]

#[path = "vectors/kit/mod.rs"]
mod kit;
#[macro_use]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;

use kit::file::{Vector, hex, key_file, read_kit, unhex, write_kit};
use kit::make::sha256;
use kit::open::{Outcome, check_payload, check_report, class, in_order, options, seeking};
use kit::script::Script;
use kit::{rules, scenarios, transfer};
use secimg::Report;
use secimg::keys::{PublicKey, TrustedSigners};
use secimg::stream::{HeaderReader, Unlocked};
use secimg::transport::{RECEIPT_LEN, Receipt, Verdict};

fn generated() -> Vec<Vector> {
    let mut vectors = scenarios::all();
    vectors.sort_by(|a, b| a.name.cmp(&b.name));
    vectors
}

#[test]
fn the_kit_is_what_its_generator_makes() {
    let generated = generated();
    assert!(
        generated.windows(2).all(|two| two[0].name != two[1].name),
        "a name stands twice"
    );
    let text = fs::read_to_string(rules::specification()).unwrap();
    let table = rules::with_table(&text, &generated);
    let index = kit::index::index(&generated);
    if std::env::var_os("SECIMG_BLESS").is_some() {
        write_kit(&generated);
        fs::write(kit::index::path(), &index).unwrap();
        fs::write(rules::specification(), &table).unwrap();
    }
    let kept = read_kit();
    for (kept, made) in kept.iter().zip(&generated) {
        assert_eq!(kept.name, made.name);
        assert_eq!(kept.lines(), made.lines(), "{}", kept.name);
        assert!(kept.stream == made.stream, "{}: other bytes", kept.name);
    }
    assert_eq!(kept.len(), generated.len(), "vectors in the kit");
    assert_eq!(
        fs::read_to_string(rules::specification()).unwrap(),
        table,
        "the table of rules"
    );
    assert!(
        fs::read_to_string(kit::index::path()).unwrap() == index,
        "index.json is not that of the vectors"
    );
    let shown = rules::check(&text, &kept);
    say!(
        "{0} of {0} vectors regenerated; {shown} of {shown} rules shown",
        kept.len()
    );
}

#[test]
fn the_library_seals_the_very_same_bytes() {
    let mut count = 0;
    for vector in read_kit() {
        let Some(script) = Script::of(&vector) else {
            continue;
        };
        let sealed = kit::seal::seal(vector.get("seed").unwrap(), &script);
        assert_eq!(sealed.len(), vector.stream.len(), "{}", vector.name);
        let differs = sealed.iter().zip(&vector.stream).position(|(a, b)| a != b);
        assert_eq!(
            differs, None,
            "{}: where the first byte differs",
            vector.name
        );
        count += 1;
    }
    assert!(count > 0, "no vector has a script");
    say!("{count} of {count} scripts sealed");
}

/// What is wrong with these lies where who seeks does not look: checkpoints, digests, what INDEX repeats.
const UNSEEN_BY_SEEKING: [&str; 13] = [
    "checkpoint_after_index",
    "checkpoint_by_another",
    "checkpoint_index_offset",
    "checkpoint_signature_flipped",
    "checkpoint_without_signature",
    "digest_of_something_else",
    "index_digest_missing",
    "index_digest_wrong",
    "index_name_wrong",
    "index_of_one_of_two",
    "index_twice",
    "item_after_index",
    "signer_small_order",
];

/// Who seeks comes from the end, by INDEX: of these it sees another thing wrong first, or at another place.
const SAID_OTHERWISE_BY_SEEKING: [&str; 27] = [
    "chunk_long",
    "chunk_short",
    "chunk_short_by_a_block",
    "chunk_with_the_other_tag",
    "close_across_chunks",
    "close_before_item",
    "close_header_across_chunks",
    "close_index_offset_0",
    "close_index_offset_before",
    "close_index_offset_without_index",
    "close_length_0",
    "close_length_20",
    "close_length_22",
    "close_missing",
    "close_not_last",
    "close_without_algorithm",
    "content_ends_in_record",
    "final_empty",
    "final_long_cbc",
    "index_bytes_wrong",
    "index_empty",
    "index_line_too_many",
    "index_offset_wrong",
    "index_order",
    "index_without_items",
    "manifest_too_long",
    "preview_too_long",
];

/// The message of an outcome that is an error.
fn words(outcome: &Outcome) -> Option<String> {
    outcome.end.as_ref().err().map(ToString::to_string)
}

/// The message of all of them: however a stream arrives, its first defect is the same, at the same place.
fn words_of_all(outcomes: &[Outcome]) -> Option<String> {
    let first = words(&outcomes[0]);
    for outcome in outcomes {
        assert_eq!(words(outcome), first, "{}", outcome.way);
    }
    first
}

#[test]
fn every_vector_opens_as_it_says() {
    let kit = read_kit();
    let mut classes = BTreeMap::<String, usize>::new();
    let (mut unseen, mut otherwise) = (Vec::new(), Vec::new());
    for vector in &kit {
        let ordered = in_order(vector);
        for outcome in &ordered {
            check(vector, vector.expect(), outcome);
        }
        let seeking = seeking(vector);
        check_seeking(vector, &seeking);
        check_survey(vector);
        match (words_of_all(&ordered), words(&seeking)) {
            (Some(_), None) => unseen.push(vector.name.as_str()),
            (Some(ordered), Some(seeking)) if ordered != seeking => {
                otherwise.push(vector.name.as_str());
            }
            _ => {}
        }
        *classes.entry(vector.expect().to_owned()).or_default() += 1;
    }
    assert_eq!(unseen, UNSEEN_BY_SEEKING);
    assert_eq!(otherwise, SAID_OTHERWISE_BY_SEEKING);
    say!("{0} of {0} vectors ({classes:?})", kit.len());
}

fn check(vector: &Vector, expect: &str, outcome: &Outcome) {
    let at = format!("{}, {}", vector.name, outcome.way);
    match &outcome.end {
        Ok(verified) => {
            assert_eq!(expect, "success", "{at}");
            check_payload(vector, outcome);
            if let Some(verified) = verified {
                check_report(vector, verified.report());
            }
        }
        Err(error) => {
            assert_eq!(expect, class(error), "{at}: {error}");
            let released = hex(&sha256(&outcome.released));
            // `decrypt` releases nothing of what it refuses, the others what was authentic.
            if outcome.way != "decrypt" && outcome.way != "seeking" {
                assert_eq!(
                    vector.get("released-sha256").unwrap_or(&released),
                    released,
                    "{at}"
                );
            }
        }
    }
}

/// Who seeks does not see what it does not read: content that breaks a rule may look sound.
fn check_seeking(vector: &Vector, outcome: &Outcome) {
    let expect = vector
        .get("expect-seeking")
        .unwrap_or_else(|| vector.expect());
    match (expect, &outcome.end) {
        ("content", Ok(_)) => assert!(outcome.way == "seeking"),
        ("success", Ok(_)) if vector.expect() != "success" => {}
        _ => check(vector, expect, outcome),
    }
}

/// Without a key only the format can be judged, and all of it.
fn check_survey(vector: &Vector) {
    let survey = secimg::inspect(&vector.stream);
    let sound = vector.expect() != "format";
    assert_eq!(survey.is_ok(), sound, "{}: {survey:?}", vector.name);
}

/// The report of a vector's stream, and the keys that its receipts are checked with.
fn opened(vector: &Vector) -> (Report, Unlocked) {
    let (_, locked) = HeaderReader::new().push(&vector.stream).unwrap();
    let unlocked = locked.unwrap().unlock(&options(vector)).unwrap();
    let verified = secimg::verify(&vector.stream, &options(vector)).unwrap();
    (verified.into_report(), unlocked)
}

#[test]
fn receipts_prove_the_key() {
    let mut count = 0;
    for vector in read_kit() {
        let Some(bytes) = vector.get("receipt").map(unhex) else {
            continue;
        };
        assert_eq!(bytes.len(), RECEIPT_LEN);
        let (report, unlocked) = opened(&vector);
        assert_eq!(
            Receipt::accepted(&report, unlocked.keys()).to_bytes(),
            bytes,
            "{}",
            vector.name
        );
        let digests: Vec<_> = report.items.iter().filter_map(|item| item.sha256).collect();
        let holds = |bytes: &[u8]| {
            let receipt = Receipt::parse(bytes);
            let check = |r: Receipt| r.check(&report.transfer_id, &digests, unlocked.keys());
            receipt.is_some_and(|receipt| check(receipt).is_ok())
        };
        assert!(holds(&bytes), "{}", vector.name);
        for at in 0..RECEIPT_LEN {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(!holds(&changed), "{}: byte {at}", vector.name);
        }
        count += 1;
    }
    assert!(count > 0, "no vector has a receipt");
    say!("{count} of {count} receipts hold, and not with one bit changed");
}

/// What a sender makes of an answer, in the words of the kit.
fn judged(vector: &Vector, bytes: &[u8]) -> &'static str {
    let Some(receipt) = Receipt::parse(bytes) else {
        return "false";
    };
    match receipt.verdict {
        Verdict::Refused => return "refused",
        Verdict::NotStored => return "not-stored",
        _ => {}
    }
    let (report, unlocked) = opened(vector);
    if receipt.transfer_id != report.transfer_id || receipt.verify_signature().is_err() {
        return "false";
    }
    let digests: Vec<_> = report.items.iter().filter_map(|item| item.sha256).collect();
    let checked = receipt.check(&report.transfer_id, &digests, unlocked.keys());
    if receipt.verdict != Verdict::Stored && checked.is_err() {
        return "false";
    }
    let mut required = vector.all("receipt-from").peekable();
    if required.peek().is_some() {
        let keys = required.map(|file| PublicKey::from_pem(&key_file(file)).unwrap());
        let trusted: TrustedSigners = keys.collect();
        if receipt.require_signer(&trusted).is_err() {
            return "policy";
        }
    }
    match receipt.verdict {
        Verdict::Stored => "stored",
        Verdict::AcceptedBefore => "accepted-before",
        _ => "accepted",
    }
}

#[test]
fn every_answer_is_judged_as_its_vector_says() {
    let mut words = BTreeMap::<String, usize>::new();
    for vector in read_kit() {
        let Some(bytes) = vector.get("answer").map(unhex) else {
            continue;
        };
        let expect = vector.get("answer-expect").unwrap();
        assert_eq!(judged(&vector, &bytes), expect, "{}", vector.name);
        // From a connection, which goes on behind the receipt, nothing else is read.
        let mut link = bytes.as_slice();
        let read = Receipt::read(&mut link);
        let trailing = link.len();
        match read {
            Ok(receipt) => assert_eq!(
                receipt,
                Receipt::parse(&bytes[..bytes.len() - trailing]),
                "{}",
                vector.name
            ),
            Err(error) => assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{}", vector.name),
        }
        *words.entry(expect.to_owned()).or_default() += 1;
    }
    let count: usize = words.values().sum();
    assert!(count > 0, "no vector has an answer");
    say!("{count} of {count} answers judged ({words:?})");
}

#[test]
fn streams_go_on_as_each_vector_says() {
    let (mut queries, mut answers) = (0, 0);
    for vector in read_kit() {
        if let Some(expect) = vector.get("query-expect") {
            let (answer, accepted) = transfer::received(&vector);
            let held = vector.get("held").map(unhex).unwrap_or_default();
            assert_eq!(hex(&answer), hex(&held), "{}", vector.name);
            assert_eq!(accepted, expect == "accepted", "{}", vector.name);
            queries += 1;
        }
        if let Some(from) = vector.get("goes-on-from") {
            assert_eq!(transfer::sent(&vector), from, "{}", vector.name);
            answers += 1;
        }
    }
    assert!(queries > 0 && answers > 0, "no vector goes on");
    say!("{queries} of {queries} queries answered, {answers} of {answers} answers judged");
}

#[test]
fn checkpoints_are_as_many_as_each_vector_says() {
    for vector in read_kit()
        .iter()
        .filter(|vector| vector.expect() == "success")
    {
        let trace = support::drive(&vector.stream, &options(vector), &[usize::MAX], &[1 << 20]);
        let seen = trace
            .events
            .iter()
            .filter(|event| event.contains("Checkpoint"))
            .count();
        let said = vector
            .get("checkpoints")
            .map_or(0, |count| count.parse().unwrap());
        assert_eq!(seen, said, "{}", vector.name);
    }
}
