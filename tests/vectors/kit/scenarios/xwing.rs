//! X-Wing recipients: sound streams, wrong keys, damaged and hostile entries.

use x_wing::Decapsulate;

use super::NAME;
use crate::kit::case::{Case, RAW};
use crate::kit::close::{Close, pem_der};
use crate::kit::entries::{encapsulate, entry, key_id, wrap, xwing_kek};
use crate::kit::file::Vector;
use crate::kit::make::{Keys, Maker, Shape, hmac};
use crate::kit::records::{Line, index, item};
use crate::kit::script::Original::{Pattern, Text};
use crate::kit::script::{Script, Who};

const ALICE: &str = "x-wing alice_hybrid.pem";
const BOB: &str = "x-wing bob_hybrid.pem";
const ALICE_PUB: &str = "alice_hybrid.pub";
const BOB_PUB: &str = "bob_hybrid.pub";
const PICTURE: &str = "A small picture in words: a white square on a white ground.";

fn to(file: &str) -> Script {
    Script::new()
        .to(Who::XWing(file.to_owned()))
        .item("square.txt", Text(PICTURE.to_owned()))
}

pub(super) fn all() -> Vec<Vector> {
    [sealed(), refused(), vec![unlock_goes_on()]].concat()
}

fn sealed() -> Vec<Vector> {
    let ok = |name, spec, comment| Case::new(name, "success", spec, comment);
    let with_rsa = || to(ALICE_PUB).to(Who::Rsa("alice.pub".to_owned()));
    vec![
        ok(
            "xwing",
            "M-XWING-1 M-XWING-2 M-KEYID-1",
            "one X-Wing recipient",
        )
        .identity(ALICE)
        .sealed(&to(ALICE_PUB)),
        ok(
            "xwing_gcm",
            "M-XWING-2",
            "the same for suite 0002, in chunks",
        )
        .identity(ALICE)
        .sealed(&to(ALICE_PUB).gcm().item("x", Pattern(10_000))),
        ok(
            "xwing_two_recipients",
            "M-XWING-2 M-RCPT-8",
            "two X-Wing recipients; the second one reads",
        )
        .identity(BOB)
        .sealed(&to(ALICE_PUB).to(Who::XWing(BOB_PUB.to_owned()))),
        ok(
            "xwing_and_rsa",
            "M-XWING-2 M-RCPT-8 M-RCPT-9",
            "mixed kinds, which the writer was told to allow; the X-Wing key reads",
        )
        .identity(ALICE)
        .sealed(&with_rsa()),
        ok(
            "xwing_and_rsa_reads",
            "M-RCPT-8 M-RCPT-9",
            "mixed kinds; the RSA key reads",
        )
        .identity("rsa alice.pem")
        .sealed(&with_rsa()),
        ok(
            "xwing_and_raw_key",
            "M-XWING-2 M-RCPT-8",
            "X-Wing and a raw key, which may stand together",
        )
        .identity(ALICE)
        .sealed(&to(ALICE_PUB).to(Who::Raw(RAW))),
        ok(
            "xwing_signed",
            "M-XWING-2 M-JUDGE-3",
            "the signer names the X-Wing recipient",
        )
        .identity(ALICE)
        .trust("sender_ed25519.pub")
        .line("signature", "ed25519 intended")
        .sealed(&to(ALICE_PUB).signed_by("sender_ed25519.pem")),
    ]
}

/// A small stream whose only entry is for Alice, with this body.
fn with_body(case: Case, body: impl FnOnce(&mut Maker) -> Vec<u8>) -> Vector {
    let mut maker = Maker::new(case.name, Shape::CBC);
    maker.block_len = 2048;
    let body = body(&mut maker);
    let id = key_id(&maker.keys.salt, &pem_der(ALICE_PUB));
    maker.entries.push(entry(2, id, &body));
    maker.push(&item(NAME, b"white"));
    let case = case.cek(&maker.keys).released(b"");
    case.stream(maker.finish(Close::unsigned(0), None).bytes())
}

/// A sound body for a public key, the KEK made by `kek`.
fn body_with(maker: &mut Maker, file: &str, kek: fn(&Keys, &[u8; 32]) -> [u8; 32]) -> Vec<u8> {
    let (ciphertext, shared) = encapsulate(file, &mut maker.rng);
    let wrapped = wrap(&kek(&maker.keys, &shared), &maker.keys.cek);
    [ciphertext, wrapped].concat()
}

fn refused() -> Vec<Vector> {
    let case = |name, comment| {
        Case::new(name, "not-authentic", "M-XWING-2 M-KEY-5 M-ERR-1", comment).identity(ALICE)
    };
    let flipped = |name, comment, at: usize| {
        with_body(case(name, comment), |maker| {
            let mut body = body_with(maker, ALICE_PUB, xwing_kek);
            body[at] ^= 1;
            body
        })
    };
    let kek_of = |name, comment, kek| {
        with_body(case(name, comment), |maker| {
            body_with(maker, ALICE_PUB, kek)
        })
    };
    let share = |name, comment, share| {
        let case = Case::new(name, "not-authentic", "M-XWING-3 M-KEY-5 M-ERR-1", comment);
        with_body(case.identity(ALICE), |maker| with_share(maker, share))
    };
    vec![
        no_match(),
        with_body(
            case("xwing_of_bob", "encapsulated for Bob, with Alice's key id"),
            |maker| body_with(maker, BOB_PUB, xwing_kek),
        ),
        flipped("xwing_mlkem_damaged", "one bit of ML-KEM's first byte", 0),
        flipped("xwing_mlkem_damaged_end", "one bit of its last byte", 1087),
        flipped("xwing_x25519_damaged", "one bit of X25519's share", 1088),
        // X25519 drops this bit, and X-Wing hashes it.
        flipped(
            "xwing_x25519_high_bit",
            "the highest bit of the share",
            1119,
        ),
        flipped("xwing_wrap_damaged", "one bit of the wrapped key", 1140),
        with_body(
            case(
                "xwing_wraps_another_cek",
                "all is sound and holds another CEK",
            ),
            |maker| {
                let (ciphertext, shared) = encapsulate(ALICE_PUB, &mut maker.rng);
                [
                    ciphertext,
                    wrap(&xwing_kek(&maker.keys, &shared), &[0x33; 32]),
                ]
                .concat()
            },
        ),
        kek_of(
            "xwing_kek_without_core_hash",
            "the KEK's info ends behind the zero byte",
            |keys, shared| hmac(&hmac(&keys.salt, shared), b"secimg/1 xwing\0\x01"),
        ),
        kek_of(
            "xwing_kek_of_another_core",
            "the KEK is that of a stream with another CORE",
            |keys, shared| {
                let info = [b"secimg/1 xwing\0", &[0; 32][..], &[1]].concat();
                hmac(&hmac(&keys.salt, shared), &info)
            },
        ),
        kek_of(
            "xwing_kek_without_salt",
            "the KEK was derived without CORE's salt",
            |keys, shared| {
                let info = [b"secimg/1 xwing\0", &keys.core_hash[..], &[1]].concat();
                hmac(&hmac(&[0; 32], shared), &info)
            },
        ),
        kek_of(
            "xwing_shared_secret_as_kek",
            "the shared secret itself wraps",
            |_, shared| *shared,
        ),
        share(
            "xwing_share_zero",
            "a share of small order: X25519 gives zeros, and everything else fits",
            [0; 32],
        ),
        share(
            "xwing_share_not_reduced",
            "the same, with 2^255 - 19 for zero",
            {
                let mut p = [0xFF; 32];
                (p[0], p[31]) = (0xED, 0x7F);
                p
            },
        ),
    ]
}

fn no_match() -> Vector {
    let name = "no_match_xwing";
    let case = Case::new(
        name,
        "no-match",
        "M-RCPT-8",
        "sealed for Alice, and Bob reads",
    );
    with_body(case.identity(BOB), |maker| {
        body_with(maker, ALICE_PUB, xwing_kek)
    })
}

/// A body with a chosen share of X25519, which fits in all else: what a reader makes of it who does not
/// look at X25519's result.
fn with_share(maker: &mut Maker, share: [u8; 32]) -> Vec<u8> {
    let (mut ciphertext, _) = encapsulate(ALICE_PUB, &mut maker.rng);
    ciphertext[1088..].copy_from_slice(&share);
    let pkcs8 = pem_der("alice_hybrid.pem");
    let seed: [u8; 32] = pkcs8[pkcs8.len() - 32..].try_into().unwrap();
    let key = x_wing::DecapsulationKey::from(seed);
    let shared = key.decapsulate(ciphertext.as_slice().try_into().unwrap());
    let kek = xwing_kek(&maker.keys, &shared.into());
    [ciphertext, wrap(&kek, &maker.keys.cek)].concat()
}

/// The first identity's entry is refused for its share; the second identity opens the stream.
fn unlock_goes_on() -> Vector {
    let name = "unlock_goes_on_xwing";
    let mut maker = Maker::new(name, Shape::CBC);
    maker.block_len = 2048;
    let body = with_share(&mut maker, [0; 32]);
    let id = key_id(&maker.keys.salt, &pem_der(ALICE_PUB));
    maker.entries.push(entry(2, id, &body));
    maker.add(&Who::Raw(RAW));
    maker.push(&item(NAME, b"white"));
    let index_offset = maker.offset();
    maker.push(&index(&[Line::new(0, b"white", NAME)]));
    let case = Case::new(
        name,
        "success",
        "M-XWING-3 M-KEY-5 M-KEY-6",
        "the first identity's entry has a share of small order",
    )
    .identity(ALICE)
    .raw()
    .gives(&maker.keys, &[b"white".to_vec()]);
    case.stream(maker.finish(Close::unsigned(index_offset), None).bytes())
}
