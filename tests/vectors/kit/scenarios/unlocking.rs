//! From identities to keys: no match, wrong keys, damaged entries, the MAC of the block.

use super::{NAME, refused, small};
use crate::kit::case::{Case, RAW};
use crate::kit::close::{Close, pem_der};
use crate::kit::entries::{entry, key_id, oaep, wrap};
use crate::kit::file::Vector;
use crate::kit::make::{Maker, Shape};
use crate::kit::records::item;
use crate::kit::script::Who;

/// A small stream whose only entry `entry` makes.
fn with_entry(case: Case, entry: impl FnOnce(&mut Maker) -> Vec<u8>) -> Vector {
    let mut maker = Maker::new(case.name, Shape::CBC);
    maker.block_len = 512;
    let entry = entry(&mut maker);
    maker.entries.push(entry);
    finish(case, maker)
}

fn finish(case: Case, mut maker: Maker) -> Vector {
    maker.push(&item(NAME, b"white"));
    let case = case.cek(&maker.keys).released(b"");
    case.stream(maker.finish(Close::unsigned(0), None).bytes())
}

fn to(case: Case, who: &Who) -> Vector {
    let mut maker = Maker::new(case.name, Shape::CBC);
    maker.block_len = 512;
    maker.add(who);
    finish(case, maker)
}

pub(super) fn all() -> Vec<Vector> {
    [matches(), entries(), rsa(), contexts(), macs()].concat()
}

fn matches() -> Vec<Vector> {
    let case = |name, comment| Case::new(name, "no-match", "M-RCPT-8", comment);
    let passphrase = Who::Argon2id {
        memory_kib: 19_456,
        passes: 2,
        lanes: 1,
        text: "correct horse".to_owned(),
    };
    let name = "no_match_id_of_another_salt";
    let other_salt = with_entry(
        case(name, "the key id was made with another salt").raw(),
        |maker| entry(4, key_id(&[0; 32], &RAW), &wrap(&RAW, &maker.keys.cek)),
    );
    vec![
        to(
            case("no_match_raw", "a raw key that is nobody's")
                .identity(&format!("raw {}", "99".repeat(32))),
            &Who::Raw(RAW),
        ),
        to(
            case("no_match_rsa", "sealed for Alice, and Bob reads").identity("rsa bob.pem"),
            &Who::Rsa("alice.pub".to_owned()),
        ),
        to(
            case(
                "no_match_kind",
                "a raw key, and the stream is for a passphrase",
            )
            .raw(),
            &passphrase,
        ),
        to(
            case("no_match_nobody", "no identity at all"),
            &Who::Raw(RAW),
        ),
        to(
            Case::new(
                "wrong_passphrase",
                "not-authentic",
                "M-PASS-4 M-ERR-1",
                "another passphrase",
            )
            .identity("passphrase \"correct house\""),
            &passphrase,
        ),
        other_salt,
    ]
}

fn entries() -> Vec<Vector> {
    let case = |name, comment| refused(name, "not-authentic", "M-KEY-5 M-ERR-1", comment);
    vec![
        with_entry(
            case(
                "raw_key_wrap_damaged",
                "the wrapped key was damaged; the MAC of the block holds",
            ),
            |maker| {
                let mut wrapped = wrap(&RAW, &maker.keys.cek);
                wrapped[20] ^= 1;
                entry(4, key_id(&maker.keys.salt, &RAW), &wrapped)
            },
        ),
        with_entry(
            case(
                "raw_key_wraps_another_cek",
                "the wrap is sound and holds another CEK",
            ),
            |maker| entry(4, key_id(&maker.keys.salt, &RAW), &wrap(&RAW, &[0x33; 32])),
        ),
    ]
}

fn rsa() -> Vec<Vector> {
    let with_body = |name, spec, comment, body: &dyn Fn(&mut Maker) -> Vec<u8>| {
        let case = Case::new(name, "not-authentic", spec, comment).identity("rsa alice.pem");
        with_entry(case, |maker| {
            let body = body(maker);
            entry(1, key_id(&maker.keys.salt, &pem_der("alice.pub")), &body)
        })
    };
    let spec = "M-RSA-2 M-KEY-5 M-ERR-1";
    vec![
        with_body("rsa_oaep_damaged", spec, "OAEP fails", &|maker| {
            let mut body = oaep("alice.pub", &maker.keys.cek, &mut maker.rng);
            body[100] ^= 1;
            body
        }),
        with_body(
            "rsa_oaep_not_below_modulus",
            spec,
            "a number above the modulus",
            &|_| vec![0xFF; 256],
        ),
        with_body("rsa_oaep_16_bytes", spec, "OAEP holds 16 bytes", &|maker| {
            oaep("alice.pub", &[1; 16], &mut maker.rng)
        }),
        with_body(
            "rsa_oaep_33_bytes",
            spec,
            "OAEP holds the CEK and one byte more",
            &|maker| {
                let longer = [&maker.keys.cek[..], &[0]].concat();
                oaep("alice.pub", &longer, &mut maker.rng)
            },
        ),
        with_body(
            "rsa_oaep_257_bytes",
            spec,
            "a zero byte before OAEP",
            &|maker| {
                let body = oaep("alice.pub", &maker.keys.cek, &mut maker.rng);
                [&[0][..], &body].concat()
            },
        ),
        with_body("rsa_oaep_label", spec, "OAEP has a label", &|maker| {
            use rsa::pkcs8::DecodePublicKey;
            use rsa::traits::RandomizedEncryptor;
            let key = rsa::PublicKey::from_public_key_der(&pem_der("alice.pub")).unwrap();
            let key = rsa::oaep::EncryptingKey::<sha2::Sha256>::new_with_label(key, &b"secimg"[..]);
            key.encrypt_with_rng(&mut maker.rng, &maker.keys.cek)
                .unwrap()
        }),
        with_body(
            "rsa_oaep_of_bob",
            spec,
            "OAEP under Bob's key, with Alice's key id",
            &|maker| oaep("bob.pub", &maker.keys.cek, &mut maker.rng),
        ),
    ]
}

fn contexts() -> Vec<Vector> {
    let sealed_with = |name, comment, writer: &str, reader: &str| {
        let mut maker = Maker::with_context(name, Shape::CBC, writer);
        maker.add(&Who::Raw(RAW));
        let mut case = refused(name, "not-authentic", "M-KEY-4 M-ERR-1", comment);
        if !reader.is_empty() {
            case = case.line("context", format!("\"{reader}\""));
        }
        finish(case, maker)
    };
    vec![
        sealed_with("context_wrong", "another context", "study 1", "study 2"),
        sealed_with(
            "context_missing",
            "bound to a context, and the reader has none",
            "study 1",
            "",
        ),
        sealed_with(
            "context_not_bound",
            "bound to none, and the reader has one",
            "",
            "study 1",
        ),
    ]
}

fn macs() -> Vec<Vector> {
    let with_frame = |name, comment, change: &dyn Fn(&mut Vec<u8>)| {
        let (mut stream, keys) = small(name);
        change(&mut stream.recipients);
        let case = refused(name, "not-authentic", "M-RCPT-7 M-ERR-1", comment);
        case.cek(&keys).released(b"").stream(stream.bytes())
    };
    let name = "recipients_entry_removed";
    let mut maker = Maker::new(name, Shape::CBC);
    maker.add(&Who::Raw(RAW));
    maker.add(&Who::Raw([0x44; 32]));
    maker.push(&item(NAME, b"white"));
    let case = refused(
        name,
        "not-authentic",
        "M-RCPT-7",
        "somebody took the second entry out",
    )
    .cek(&maker.keys)
    .released(b"");
    let mut stream = maker.finish(Close::unsigned(0), None);
    stream.recipients[4] = 1;
    stream.recipients[4 + 1 + 60..4 + 1 + 120].fill(0);
    vec![
        with_frame("recipients_mac_flipped", "one bit of the MAC", &|frame| {
            *frame.last_mut().unwrap() ^= 0x80;
        }),
        with_frame("recipients_mac_zero", "a MAC of zeros", &|frame| {
            let at = frame.len() - 32;
            frame[at..].fill(0);
        }),
        case.stream(stream.bytes()),
    ]
}
