//! Receipts: the reference makes of each what its vector says, and what the library makes of it.

use std::collections::BTreeMap;

use secimg::Report;
use secimg::keys::TrustedSigners;
use secimg::stream::{HeaderReader, Unlocked};
use secimg::transport::{Receipt, Verdict};

use super::file::{Vector, key_file, read_kit, unhex};
use super::keys::{Who, public};
use crate::answer::Verified;
use crate::der::pem;
use crate::open::open;
use crate::receipt::judge;

/// Up to and with the tag.
const TO_TAG: usize = 109;
const ALGORITHM: usize = 109;

/// A stream's sender, twice.
struct Sender {
    name: String,
    reference: Verified,
    report: Report,
    unlocked: Unlocked,
}

/// What a sender was given, and what it is to make of it.
struct Given {
    receipt: Vec<u8>,
    /// Public key files of the kit.
    required: Vec<String>,
    expect: String,
}

impl Sender {
    fn of(vector: &Vector) -> Self {
        let who = Who::of(vector);
        let options = who.library();
        let (_, locked) = HeaderReader::new().push(&vector.stream).unwrap();
        let report = secimg::verify(&vector.stream, &options).unwrap();
        Self {
            name: vector.name.clone(),
            reference: open(&vector.stream, &who.reference()).end.unwrap(),
            report: report.into_report(),
            unlocked: locked.unwrap().unlock(&options).unwrap(),
        }
    }

    /// What both make of a receipt: the same.
    fn judge(&self, receipt: &[u8], required: &Required, what: &str) -> &'static str {
        let reference = judge(receipt, &self.reference, &required.reference);
        let library = self.by_library(receipt, required);
        assert_eq!(library, reference, "{}: {what}", self.name);
        reference
    }

    fn by_library(&self, bytes: &[u8], required: &Required) -> &'static str {
        let Some(receipt) = Receipt::parse(bytes) else {
            return "false";
        };
        let transfer_id = &self.report.transfer_id;
        let digests: Vec<_> = self
            .report
            .items
            .iter()
            .filter_map(|item| item.sha256)
            .collect();
        let holds = || {
            let checked = receipt.check(transfer_id, &digests, self.unlocked.keys());
            receipt.verify_signature().is_ok() && checked.is_ok()
        };
        let sound = match receipt.verdict {
            Verdict::Refused => return "refused",
            Verdict::NotStored => return "not-stored",
            Verdict::Stored => receipt.transfer_id == *transfer_id,
            _ => holds(),
        };
        let wanted = required.library.as_ref();
        match receipt.verdict {
            _ if !sound => "false",
            _ if wanted.is_some_and(|keys| receipt.require_signer(keys).is_err()) => "policy",
            Verdict::Stored => "stored",
            Verdict::AcceptedBefore => "accepted-before",
            _ => "accepted",
        }
    }
}

/// The keys of required signers, twice; none where no signature is required.
struct Required {
    reference: Vec<Vec<u8>>,
    library: Option<TrustedSigners>,
}

impl Required {
    fn of(files: &[String]) -> Self {
        let der = |file: &String| pem(&String::from_utf8(key_file(file)).unwrap());
        let trusted = || files.iter().map(|file| public(file)).collect();
        Self {
            reference: files.iter().map(der).collect(),
            library: (!files.is_empty()).then(trusted),
        }
    }
}

/// The receipt of every stream that opens, and the answers.
fn given(vector: &Vector) -> Vec<Given> {
    let receipt = vector.get("receipt").map(|line| Given {
        receipt: unhex(line),
        required: Vec::new(),
        expect: "accepted".to_owned(),
    });
    let answer = vector.get("answer").map(|line| Given {
        receipt: unhex(line),
        required: vector.all("receipt-from").map(str::to_owned).collect(),
        expect: vector.get("answer-expect").unwrap().to_owned(),
    });
    receipt.into_iter().chain(answer).collect()
}

fn for_each_receipt(mut judge: impl FnMut(&Sender, &Given, &Required)) {
    for vector in read_kit() {
        let given = given(&vector);
        if given.is_empty() {
            continue;
        }
        let sender = Sender::of(&vector);
        for given in &given {
            judge(&sender, given, &Required::of(&given.required));
        }
    }
}

#[test]
fn every_receipt_is_judged_as_its_vector_says() {
    let mut words = BTreeMap::<&str, usize>::new();
    for_each_receipt(|sender, given, required| {
        let judged = sender.judge(&given.receipt, required, "as it is");
        assert_eq!(judged, given.expect, "{}", sender.name);
        *words.entry(judged).or_default() += 1;
    });
    let count: usize = words.values().sum();
    for word in [
        "accepted",
        "accepted-before",
        "stored",
        "refused",
        "not-stored",
        "false",
        "policy",
    ] {
        assert!(words.contains_key(word), "no receipt is {word}");
    }
    say!("receipts: library and reference judge {count} of {count} as they should ({words:?})");
}

/// An accepting receipt with one bit changed is none for this stream. What becomes of the others is nothing
/// that accepts: a relay's answer, and a sound one of somebody else.
#[test]
fn no_receipt_with_a_changed_bit_is_accepted() {
    let (mut refused, mut others) = (0, BTreeMap::<&str, usize>::new());
    for_each_receipt(|sender, given, required| {
        let accepted = given.expect.starts_with("accepted");
        if given.expect == "false" {
            return;
        }
        let mut receipt = given.receipt.clone();
        for bit in 0..receipt.len() * 8 {
            receipt[bit / 8] ^= 1 << (bit % 8);
            let judged = sender.judge(&receipt, required, &format!("bit {bit}"));
            receipt[bit / 8] ^= 1 << (bit % 8);
            if accepted {
                assert_eq!(judged, "false", "{}: bit {bit}", sender.name);
                refused += 1;
            } else {
                assert!(!judged.starts_with("accepted"), "{}: {bit}", sender.name);
                *others.entry(judged).or_default() += 1;
            }
        }
    });
    assert!(refused > 0, "no receipt was changed");
    say!("receipts: {refused} of {refused} changes to an accepting one refused; others {others:?}");
}

#[test]
fn a_receipt_is_whole() {
    let mut count = 0;
    for_each_receipt(|sender, given, required| {
        if given.expect == "false" {
            return;
        }
        let whole = given.receipt.len();
        let longer = [&given.receipt[..], &[0]].concat();
        for len in (0..whole).chain([whole + 1]) {
            let judged = sender.judge(&longer[..len], required, &format!("{len} bytes of it"));
            assert_eq!(judged, "false", "{}: {len} of {whole} bytes", sender.name);
            count += 1;
        }
    });
    assert!(count > 0, "no receipt was cut");
    say!("receipts: {count} of {count} with bytes missing, or one too many, refused");
}

/// Who needs the signature must require it [M-RECEIPT-4].
#[test]
fn a_signature_that_was_cut_off_is_missed_where_it_is_required() {
    let (mut required, mut not_required) = (0, 0);
    for_each_receipt(|sender, given, keys| {
        let accepted = given.expect.starts_with("accepted");
        if !accepted || given.receipt[ALGORITHM] == 0 {
            return;
        }
        let cut = [&given.receipt[..TO_TAG], &[0]].concat();
        let judged = sender.judge(&cut, keys, "signature cut off");
        if given.required.is_empty() {
            assert_eq!(judged, given.expect, "{}", sender.name);
            not_required += 1;
        } else {
            assert_eq!(judged, "policy", "{}", sender.name);
            required += 1;
        }
    });
    assert!(required > 0 && not_required > 0, "too few are signed");
    say!(
        "receipts: without their signature {not_required} of {not_required} stay sound, and \
         {required} of {required} are refused where one is required"
    );
}
