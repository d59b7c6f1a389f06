//! Signatures that do not hold, keys that cannot be a signer's, insiders, and whom the reader requires.

use sha2::{Digest, Sha512};

use super::{NAME, SENDER, SENDER_PUB, item_only, maker, one_item, refused, signed};
use crate::kit::case::Case;
use crate::kit::close::{Close, SignKey, pem_der};
use crate::kit::file::Vector;
use crate::kit::make::{Maker, Shape, Stream, encrypt_block, sha256};
use crate::kit::records::{DATA, MANIFEST, manifest, record};
use crate::kit::script::pattern;

pub(super) fn all() -> Vec<Vector> {
    [signatures(), keys(), insiders(), policies()].concat()
}

fn signature(name: &'static str, rule: &str, comment: &str) -> Case {
    refused(name, "signature", rule, comment).trust(SENDER_PUB)
}

/// Signatures that do not hold.
fn signatures() -> Vec<Vector> {
    let flipped = |name: &'static str, key: &str, comment, at: usize| {
        let key_file = format!("{key}.pub");
        let key = SignKey::read(key);
        let (mut maker, index_offset) = one_item(name, Shape::CBC.signed(), b"white");
        let mut close = maker.sign(true, Close::by(&key, index_offset), &key);
        close.signature[at] ^= 1;
        let case = refused(name, "signature", "M-SIG-1", comment)
            .trust(&key_file)
            .cek(&maker.keys);
        case.stream(maker.finish(close, None).bytes())
    };
    let foreign =
        |name: &'static str, comment, forge: &dyn Fn(&mut Maker, Close, &SignKey) -> Close| {
            let key = SignKey::read(SENDER);
            let (mut maker, index_offset) = one_item(name, Shape::CBC.signed(), b"white");
            let close = Close::by(&key, index_offset).meant_for(&["alice.pub"]);
            let close = forge(&mut maker, close, &key);
            let case = signature(name, "M-SIG-1", comment).cek(&maker.keys);
            case.stream(maker.finish(close, None).bytes())
        };
    let name = "checkpoint_signature_flipped";
    let key = SignKey::read(SENDER);
    let mut maker = item_only(name, Shape::CBC.signed());
    let close = Close::by(&key, 0);
    maker.checkpoint(
        Close {
            signature: vec![7; 64],
            ..close.clone()
        },
        None,
    );
    let comment = "a checkpoint's signature does not hold; FINAL's does";
    let checkpoint = refused(name, "signature", "M-SIG-1", comment)
        .cek(&maker.keys)
        .line("expect-seeking", "success")
        .released(b"white")
        .stream(maker.finish(close, Some(&key)).bytes());
    vec![
        flipped("signature_flipped_ed25519", SENDER, "one bit of it", 40),
        flipped(
            "signature_flipped_rsa_pss",
            "sender_rsa",
            "one bit of it",
            255,
        ),
        foreign(
            "signature_of_another_stream",
            "it signs another transfer id",
            &|_, close, key| {
                one_item("another stream", Shape::CBC.signed(), b"white")
                    .0
                    .sign(true, close, key)
            },
        ),
        foreign(
            "signature_of_a_checkpoint",
            "it signs the same as a checkpoint",
            &|maker, close, key| maker.sign(false, close, key),
        ),
        foreign(
            "signature_time_changed",
            "the signing time was changed",
            &|maker, close, key| Close {
                time: 1_900_000_000,
                ..maker.sign(true, close, key)
            },
        ),
        foreign(
            "signature_intended_changed",
            "Bob stands where Alice was meant",
            &|maker, close, key| maker.sign(true, close, key).meant_for(&["bob.pub"]),
        ),
        foreign(
            "signature_by_another_key",
            "Mallory signed, and the CLOSE names the sender",
            &|maker, close, _| maker.sign(true, close, &SignKey::read("mallory_ed25519")),
        ),
        checkpoint,
    ]
}

/// Keys that cannot be a signer's, and forms of a signature that are not the one.
fn keys() -> Vec<Vector> {
    let (sender, rsa) = (SignKey::read(SENDER), SignKey::read("sender_rsa"));
    let spki = |name: &'static str, comment, key: &SignKey, change: &dyn Fn(&mut Close)| {
        signed(signature(name, "M-SIG-2", comment), key, change)
    };
    let mut short_salt = SignKey::read("sender_rsa");
    short_salt.salt_len = 20;
    let name = "signature_salt_20";
    let salt = signed(
        refused(
            name,
            "signature",
            "M-SIG-3",
            "RSASSA-PSS with a salt of 20 bytes",
        )
        .trust("sender_rsa.pub"),
        &short_salt,
        |_| {},
    );
    let name = "checkpoint_by_another";
    let mut maker = item_only(name, Shape::CBC.signed());
    maker.checkpoint(Close::by(&rsa, 0), Some(&rsa));
    let case = refused(
        name,
        "signature",
        "M-SIG-4",
        "a checkpoint by one, and FINAL by another",
    )
    .cek(&maker.keys)
    .line("expect-seeking", "success")
    .released(b"white");
    let another = case.stream(maker.finish(Close::by(&sender, 0), Some(&sender)).bytes());
    vec![
        spki(
            "signer_algorithm",
            "RSASSA-PSS is named, and the key is Ed25519",
            &sender,
            &|close| {
                close.algorithm = 1;
            },
        ),
        spki(
            "signer_rsa_1024",
            "the key has 1024 bits",
            &SignKey::read("weak_rsa1024"),
            &|_| {},
        ),
        spki(
            "signer_spki_not_canonical",
            "the algorithm of the SPKI has no NULL",
            &rsa,
            &without_null,
        ),
        spki(
            "signer_spki_trailing",
            "a byte behind the SPKI",
            &rsa,
            &|close| close.spki.push(0),
        ),
        spki("signer_spki_empty", "no SPKI", &sender, &|close| {
            close.spki.clear();
        }),
        salt,
        unreduced(&sender),
        small_order_r(&sender),
        small_order(),
        another,
    ]
}

/// Takes the NULL out of an RSA key's `AlgorithmIdentifier`.
fn without_null(close: &mut Close) {
    let at = close.spki.windows(2).position(|two| two == [5, 0]).unwrap();
    close.spki.drain(at..at + 2);
    let length = u16::from_be_bytes([close.spki[2], close.spki[3]]) - 2;
    close.spki[2..4].copy_from_slice(&length.to_be_bytes());
    close.spki[5] -= 2;
}

/// The order of the group of Ed25519, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The scalar of a good signature, plus the group order.
fn unreduced(key: &SignKey) -> Vector {
    let name = "signature_scalar_not_reduced";
    let (mut maker, index_offset) = one_item(name, Shape::CBC.signed(), b"white");
    let mut close = maker.sign(true, Close::by(key, index_offset), key);
    let mut carry = 0;
    for (byte, add) in close.signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    let case = signature(name, "M-SIG-3", "Ed25519, the scalar plus the group order");
    case.cek(&maker.keys)
        .stream(maker.finish(close, None).bytes())
}

/// A signature whose R is the neutral element: who has the key can make one, and strict verifiers
/// refuse it.
fn small_order_r(key: &SignKey) -> Vector {
    let name = "signature_r_small_order";
    let (maker, index_offset) = one_item(name, Shape::CBC.signed(), b"white");
    let mut close = Close::by(key, index_offset);
    let mut r = [0; 32];
    r[0] = 1;
    let hashed = [&r[..], &close.spki[12..], &maker.message(true, &close)].concat();
    let number = |bytes: &[u8]| rsa::BoxedUint::from_le_slice(bytes, 1024).unwrap();
    let product = number(&Sha512::digest(&hashed)).wrapping_mul(number(&key.ed25519_scalar()));
    let scalar = product.rem_vartime(&number(&ORDER).to_nz().unwrap());
    close.signature = [&r, &scalar.to_le_bytes()[..32]].concat();
    let case = signature(name, "M-SIG-3", "Ed25519, a sound key and R of small order");
    case.cek(&maker.keys)
        .stream(maker.finish(close, None).bytes())
}

/// The neutral element as key and as R, and 0 as scalar: lax verifiers take it for every message.
fn small_order() -> Vector {
    let name = "signer_small_order";
    let key = SignKey::read(SENDER);
    let (maker, index_offset) = one_item(name, Shape::CBC.signed(), b"white");
    let mut close = Close::by(&key, index_offset);
    close.spki[12..].fill(0);
    close.spki[12] = 1;
    close.signature[0] = 1;
    let case = refused(
        name,
        "signature",
        "M-SIG-3",
        "Ed25519, key and R of small order",
    );
    case.cek(&maker.keys)
        .line("expect-seeking", "success")
        .released(b"white")
        .stream(maker.finish(close, None).bytes())
}

/// What a co-recipient can do, who knows the CEK and has not the sender's key.
fn insiders() -> Vec<Vector> {
    let original = pattern(9000);
    let sealed =
        |name: &'static str, comment, shape: Shape, change: &dyn Fn(&Maker, &mut Stream)| {
            let key = SignKey::read(SENDER);
            let mut maker = maker(name, shape.signed());
            maker.push(&[record(MANIFEST, &manifest(NAME)), record(DATA, &original)].concat());
            let case = signature(name, "M-SIG-1 M-SEEK-2", comment).cek(&maker.keys);
            let copy = super::maker(name, shape.signed());
            let mut stream = maker.finish(Close::by(&key, 0), Some(&key));
            change(&copy, &mut stream);
            case.stream(stream.bytes())
        };
    let reseal = |maker: &Maker, stream: &mut Stream| {
        let content = [record(MANIFEST, &manifest(NAME)), record(DATA, &original)].concat();
        let mut content = content[..4096].to_vec();
        content[1000] ^= 0xFF;
        stream.frames[0] = maker.keys.seal(0, false, &content);
    };
    vec![
        sealed(
            "insider_changed_chunk_cbc",
            "CHUNK 0 was sealed again with other data",
            Shape::CBC,
            &reseal,
        ),
        sealed(
            "insider_changed_chunk_gcm",
            "CHUNK 0 was sealed again with other data",
            Shape::GCM,
            &reseal,
        ),
        sealed(
            "insider_same_gcm_tag",
            "CHUNK 0 was changed so that its tag still holds",
            Shape::GCM,
            &same_tag,
        ),
    ]
}

/// Changes two blocks of ciphertext so that GHASH, and with it the tag, stays what it is.
fn same_tag(maker: &Maker, stream: &mut Stream) {
    let mut hash_key = [0; 16];
    encrypt_block(&maker.keys.key("enc"), &mut hash_key);
    let first = 0x0001_0203_0405_0607_0809_0A0B_0C0D_0E0F_u128;
    let second = gf_mul(first, u128::from_be_bytes(hash_key));
    let delta = [first.to_be_bytes(), second.to_be_bytes()].concat();
    let at = 4 + 100 * 16;
    stream.frames[0][at..at + 32]
        .iter_mut()
        .zip(delta)
        .for_each(|(byte, d)| *byte ^= d);
}

/// Multiplication in the field of GCM (SP 800-38D section 6.3).
fn gf_mul(x: u128, mut v: u128) -> u128 {
    let mut z = 0;
    for bit in (0..128).rev() {
        if x >> bit & 1 == 1 {
            z ^= v;
        }
        v = if v & 1 == 1 {
            v >> 1 ^ 0xE1 << 120
        } else {
            v >> 1
        };
    }
    z
}

fn policies() -> Vec<Vector> {
    let mallory = SignKey::read("mallory_ed25519");
    let name = "required_and_not_signed";
    let (maker, at) = one_item(name, Shape::CBC, b"white");
    let case = refused(
        name,
        "policy",
        "M-JUDGE-1 M-JUDGE-2",
        "a signer is required, and nobody signed",
    );
    let not_signed = case
        .trust(SENDER_PUB)
        .cek(&maker.keys)
        .stream(maker.finish(Close::unsigned(at), None).bytes());
    let name = "required_and_another_signed";
    let case = refused(
        name,
        "policy",
        "M-JUDGE-1",
        "signed by somebody whom the reader does not name",
    );
    let another = signed(
        case.trust(SENDER_PUB).trust("sender_rsa.pub"),
        &mallory,
        |close| {
            close.intended = vec![sha256(&pem_der("alice.pub"))];
        },
    );
    let name = "untrusted_and_flipped";
    let (mut maker, at) = one_item(name, Shape::CBC.signed(), b"white");
    let mut close = maker.sign(true, Close::by(&mallory, at), &mallory);
    close.signature[3] ^= 1;
    let case = signature(
        name,
        "M-SIG-1",
        "by somebody else, and false: the signature comes first",
    );
    let flipped = case
        .cek(&maker.keys)
        .stream(maker.finish(close, None).bytes());
    vec![not_signed, another, flipped]
}
