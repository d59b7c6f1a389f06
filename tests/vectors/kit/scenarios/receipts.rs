//! Receipts: what a sender may believe, and what it must refuse. The stream beside each is sound.

use super::small;
use crate::kit::case::Case;
use crate::kit::close::SignKey;
use crate::kit::file::{Vector, hex};
use crate::kit::make::{Keys, Receipt, Shape};
use crate::kit::rng::TestRng;

const RECEIVER: &str = "sender_ed25519";
const RECEIVER_PUB: &str = "sender_ed25519.pub";
const RSA: &str = "sender_rsa";

pub(super) fn all() -> Vec<Vector> {
    [sound(), false_ones(), forms(), policies()].concat()
}

/// A sound stream, with an answer that `change` changed.
fn answer(
    name: &'static str,
    expect: &str,
    rule: &str,
    comment: &str,
    change: impl FnOnce(&Keys, &mut Receipt),
) -> Answered {
    let (stream, keys) = small(name);
    let mut receipt = keys.accepting(1, &[b"white".to_vec()]);
    change(&keys, &mut receipt);
    let case = Case::new(name, "success", rule, comment)
        .raw()
        .gives(&keys, &[b"white".to_vec()])
        .line("answer-expect", expect);
    Answered {
        case,
        bytes: receipt.to_bytes(),
        stream: stream.bytes(),
    }
}

/// A case whose answer may still be changed as bytes.
struct Answered {
    case: Case,
    bytes: Vec<u8>,
    stream: Vec<u8>,
}

impl Answered {
    fn bytes(mut self, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        change(&mut self.bytes);
        self
    }

    fn from(mut self, file: &str) -> Self {
        self.case = self.case.line("receipt-from", file);
        self
    }

    fn end(self) -> Vector {
        self.case
            .line("answer", hex(&self.bytes))
            .stream(self.stream)
    }
}

fn signed(by: &str) -> impl FnOnce(&Keys, &mut Receipt) {
    let key = SignKey::read(by);
    move |_, receipt| sign(receipt, &key)
}

fn sign(receipt: &mut Receipt, key: &SignKey) {
    receipt.algorithm = key.algorithm;
    receipt.time = 1_800_000_000;
    receipt.spki.clone_from(&key.spki);
    receipt.signature = vec![0; key.signature_len];
    receipt.signature = key.sign(&receipt.message(), &mut TestRng::new("receipt"));
}

fn sound() -> Vec<Vector> {
    let before = |signer: Option<&'static str>| {
        move |keys: &Keys, receipt: &mut Receipt| {
            *receipt = keys.accepting(3, &[b"white".to_vec()]);
            if let Some(signer) = signer {
                sign(receipt, &SignKey::read(signer));
            }
        }
    };
    vec![
        answer(
            "receipt_signed_ed25519",
            "accepted",
            "M-RECEIPT-4",
            "signed with Ed25519, and that is required",
            signed(RECEIVER),
        )
        .from(RECEIVER_PUB)
        .end(),
        answer(
            "receipt_signed_rsa_pss",
            "accepted",
            "M-RECEIPT-4",
            "signed with RSA, by one of two that are named",
            signed(RSA),
        )
        .from(RECEIVER_PUB)
        .from("sender_rsa.pub")
        .end(),
        answer(
            "receipt_signed_not_required",
            "accepted",
            "M-RECEIPT-4",
            "signed, and nobody asked for it",
            signed(RECEIVER),
        )
        .end(),
        answer(
            "receipt_before",
            "accepted-before",
            "M-RECEIPT-5",
            "the stream was accepted before",
            before(None),
        )
        .end(),
        answer(
            "receipt_before_signed",
            "accepted-before",
            "M-RECEIPT-4 M-RECEIPT-5",
            "the stream was accepted before, and the receiver signs that",
            before(Some(RECEIVER)),
        )
        .from(RECEIVER_PUB)
        .end(),
        answer(
            "receipt_stored",
            "stored",
            "M-RECEIPT-1",
            "a relay has it, which proves nothing",
            |keys, receipt| *receipt = Receipt::empty(2, keys.transfer_id()),
        )
        .end(),
        answer(
            "receipt_refused",
            "refused",
            "M-RECEIPT-1",
            "a refusal does not even name the stream",
            |_, receipt| *receipt = Receipt::empty(0, [0; 32]),
        )
        .end(),
        answer(
            "receipt_not_stored",
            "not-stored",
            "M-RECEIPT-1",
            "the receiver's disk is full, which says nothing of the stream",
            |_, receipt| *receipt = Receipt::empty(4, [0; 32]),
        )
        .end(),
    ]
}

/// Receipts that look right and are not for this stream.
fn false_ones() -> Vec<Vector> {
    let of = |name, comment, change: fn(&Keys, &mut Receipt)| {
        answer(name, "false", "M-RECEIPT-2", comment, change).end()
    };
    let flipped = |name, comment, at: fn(&[u8]) -> usize| {
        let case = answer(name, "false", "M-RECEIPT-4", comment, signed(RECEIVER));
        case.bytes(|bytes| {
            let at = at(bytes);
            bytes[at] ^= 1;
        })
        .end()
    };
    let other = || small("another stream").1;
    vec![
        of("receipt_tag_flipped", "one bit of the tag", |_, receipt| {
            receipt.tag[31] ^= 1;
        }),
        of(
            "receipt_tag_zero",
            "accepted, says somebody without a key",
            |_, receipt| receipt.tag = [0; 32],
        ),
        of(
            "receipt_of_another_stream",
            "a sound receipt, for another transfer id",
            |_, receipt| {
                *receipt = small("another stream").1.accepting(1, &[b"white".to_vec()]);
            },
        ),
        of(
            "receipt_key_of_another_stream",
            "this transfer id, with the tag of a key of another stream",
            |keys, receipt| {
                let tag = small("another stream")
                    .1
                    .receipt_tag(&receipt.authenticated());
                assert!(tag != keys.receipt_tag(&receipt.authenticated()));
                receipt.tag = tag;
            },
        ),
        of(
            "receipt_transfer_id",
            "another transfer id, with the tag of the key of this stream",
            |keys, receipt| {
                receipt.id[31] ^= 1;
                receipt.tag = keys.receipt_tag(&receipt.authenticated());
            },
        ),
        of(
            "receipt_other_originals",
            "a holder of the key verified something else",
            |keys, receipt| *receipt = keys.accepting(1, &[b"black".to_vec()]),
        ),
        of(
            "receipt_item_too_many",
            "it counts one item more",
            |keys, receipt| {
                receipt.items += 1;
                receipt.tag = keys.receipt_tag(&receipt.authenticated());
            },
        ),
        of(
            "receipt_before_renamed",
            "accepted before, renamed to accepted",
            |keys, receipt| {
                *receipt = keys.accepting(3, &[b"white".to_vec()]);
                receipt.verdict = 1;
            },
        ),
        answer(
            "receipt_before_of_another_stream",
            "false",
            "M-RECEIPT-2 M-RECEIPT-5",
            "accepted before, replayed from another stream",
            |_, receipt| *receipt = other().accepting(3, &[b"white".to_vec()]),
        )
        .end(),
        flipped(
            "receipt_signature_flipped",
            "one bit of the signature",
            |bytes| bytes.len() - 40,
        ),
        flipped(
            "receipt_time_changed",
            "the time is under the signature",
            |_| 117,
        ),
        answer(
            "receipt_signature_of_another",
            "false",
            "M-RECEIPT-4",
            "the signature of the receipt of another stream",
            |_, receipt| {
                let mut theirs = other().accepting(1, &[b"white".to_vec()]);
                sign(&mut theirs, &SignKey::read(RECEIVER));
                theirs.verdict = receipt.verdict;
                theirs.id = receipt.id;
                theirs.tag = receipt.tag;
                *receipt = theirs;
            },
        )
        .end(),
        answer(
            "receipt_signature_without_domain",
            "false",
            "M-RECEIPT-4",
            "a signature over the bytes without the words before them",
            |_, receipt| {
                let key = SignKey::read(RECEIVER);
                sign(receipt, &key);
                let message = receipt.message();
                let bare = &message[b"secimg/1 receipt\0".len()..];
                receipt.signature = key.sign(bare, &mut TestRng::new("receipt"));
            },
        )
        .end(),
        answer(
            "receipt_signer_algorithm",
            "false",
            "M-RECEIPT-4",
            "an Ed25519 key under the number of RSA",
            |_, receipt| {
                sign(receipt, &SignKey::read(RECEIVER));
                receipt.algorithm = 1;
            },
        )
        .end(),
    ]
}

/// Bytes that are no receipt.
fn forms() -> Vec<Vector> {
    let plain = |name, rule, comment, change: fn(&mut Vec<u8>)| {
        let case = answer(name, "false", rule, comment, |_, _| ());
        case.bytes(change).end()
    };
    let of_signed = |name, comment, change: fn(&mut Vec<u8>)| {
        let case = answer(name, "false", "M-RECEIPT-3", comment, signed(RECEIVER));
        case.bytes(change).end()
    };
    let block = |name, comment, change: fn(&mut Receipt)| {
        let key = SignKey::read(RECEIVER);
        let change = move |_: &Keys, receipt: &mut Receipt| {
            sign(receipt, &key);
            change(receipt);
        };
        answer(name, "false", "M-RECEIPT-3", comment, change).end()
    };
    vec![
        plain(
            "receipt_magic",
            "M-RECEIPT-2",
            "the magic of a stream",
            |bytes| bytes[4] = b'G',
        ),
        plain(
            "receipt_verdict_5",
            "M-RECEIPT-2",
            "no such verdict",
            |bytes| {
                bytes[8] = 5;
            },
        ),
        plain(
            "receipt_stored_with_tag",
            "M-RECEIPT-1 M-RECEIPT-2",
            "a relay's answer that pretends to prove something",
            |bytes| bytes[8] = 2,
        ),
        plain(
            "receipt_refused_with_tag",
            "M-RECEIPT-1 M-RECEIPT-2",
            "a refusal that pretends to prove something",
            |bytes| bytes[8] = 0,
        ),
        plain(
            "receipt_not_stored_with_tag",
            "M-RECEIPT-1 M-RECEIPT-2",
            "an excuse that pretends to prove something",
            |bytes| bytes[8] = 4,
        ),
        plain(
            "receipt_cut",
            "M-RECEIPT-3",
            "without its algorithm",
            |bytes| {
                bytes.truncate(109);
            },
        ),
        plain(
            "receipt_algorithm_3",
            "M-RECEIPT-3",
            "no such algorithm",
            |bytes| bytes[109] = 3,
        ),
        plain(
            "receipt_trailing",
            "M-RECEIPT-3",
            "a byte behind the end",
            |bytes| bytes.push(0),
        ),
        of_signed("receipt_cut_in_spki", "it ends in the SPKI", |bytes| {
            bytes.truncate(130);
        }),
        of_signed(
            "receipt_cut_in_signature",
            "the last byte of the signature is missing",
            |bytes| bytes.truncate(bytes.len() - 1),
        ),
        of_signed(
            "receipt_signed_trailing",
            "a byte behind the signature",
            |bytes| {
                bytes.push(0);
            },
        ),
        block("receipt_spki_empty", "no SPKI", |receipt| {
            receipt.spki.clear();
        }),
        block("receipt_spki_601", "an SPKI that is too long", |receipt| {
            receipt.spki.resize(601, 0);
        }),
        block("receipt_signature_empty", "no signature", |receipt| {
            receipt.signature.clear();
        }),
        block(
            "receipt_signature_513",
            "a signature that is too long",
            |receipt| receipt.signature.resize(513, 0),
        ),
        answer(
            "receipt_stored_signed",
            "false",
            "M-RECEIPT-1",
            "a relay's answer is never signed",
            |keys, receipt| {
                *receipt = Receipt::empty(2, keys.transfer_id());
                sign(receipt, &SignKey::read(RECEIVER));
            },
        )
        .end(),
    ]
}

/// Sound receipts, and a sender that wanted another one.
fn policies() -> Vec<Vector> {
    let mallory = "mallory_ed25519";
    vec![
        answer(
            "receipt_wrong_signer",
            "policy",
            "M-RECEIPT-4",
            "the signature holds, and is by somebody else",
            signed(mallory),
        )
        .from(RECEIVER_PUB)
        .end(),
        answer(
            "receipt_required_and_not_signed",
            "policy",
            "M-RECEIPT-4",
            "a signature that is required and was cut off",
            |_, _| (),
        )
        .from(RECEIVER_PUB)
        .end(),
        answer(
            "receipt_required_and_stored",
            "policy",
            "M-RECEIPT-4",
            "a relay's answer where a signature is required",
            |keys, receipt| *receipt = Receipt::empty(2, keys.transfer_id()),
        )
        .from(RECEIVER_PUB)
        .end(),
        {
            let gcm = super::good("receipt_gcm", Shape::GCM, b"white");
            let receipt = gcm.1.accepting(1, &[b"white".to_vec()]);
            Case::new(
                "receipt_gcm",
                "success",
                "M-RECEIPT-2",
                "the receipt of a stream of the other suite",
            )
            .raw()
            .gives(&gcm.1, &[b"white".to_vec()])
            .line("answer-expect", "accepted")
            .line("answer", hex(&receipt.to_bytes()))
            .stream(gcm.0.bytes())
        },
    ]
}
