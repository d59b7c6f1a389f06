//! Streams with several defects, and signers' keys that no sound program makes.

use super::corners::{close, manifest, record, sealed, who};
use super::file::key_file;
use super::keys::{Key, Who};
use super::library::agree;
use super::reseal::{Unsealed, unseal};
use crate::bignum::pow_mod;
use crate::der::{PrivateKey, pem, private_key};
use crate::primitives::sha256;
use crate::rsa::{RsaPublic, mgf1_xor};

#[test]
fn the_first_of_several_defects_decides() {
    let stream = sealed(true);
    let mallory = who(&["mallory_ed25519.pub"]);
    let own = who(&["sender_ed25519.pub"]);
    let class = |stream: &[u8], who: &Who, what: &str| agree(stream, who, what).class;

    let trailing = [&stream[..], b"x"].concat();
    assert_eq!(
        class(&trailing, &mallory, "by another, and a byte too many"),
        "policy"
    );
    assert_eq!(class(&trailing, &own, "a byte too many"), "format");
    let mut cleared = stream.clone();
    cleared[15] = 0;
    assert_eq!(
        class(&cleared, &own, "SIGNED cleared, a signer required"),
        "not-authentic"
    );
    let nobody = Who {
        keys: vec![Key::Raw([8; 32])],
        ..mallory.clone()
    };
    assert_eq!(
        class(&sealed(false), &nobody, "not signed, and for somebody else"),
        "no-match"
    );
    assert_eq!(
        class(
            &sealed(false)[..5000.min(sealed(false).len() - 1)],
            &mallory,
            "not signed, cut off"
        ),
        "policy"
    );

    let unsealed = unseal(&stream, &own.reference()).unwrap();
    let unsigned = |close: Vec<u8>| [manifest(), record(3, b"a"), close].concat();
    let of = |content: &[u8]| unsealed.reseal(content);
    let both = of(&unsigned(close(1)));
    assert_eq!(
        class(&both, &own, "a wrong index offset, and no signature"),
        "content"
    );
    assert_eq!(
        class(&of(&unsigned(close(0))), &own, "no signature"),
        "signature"
    );
}

/// EMSA-PSS (RFC 8017 section 9.1.1) for a modulus of 2048 bits, with a salt of 32 zeros.
fn encode_pss(message: &[u8]) -> Vec<u8> {
    let salt = [0; 32];
    let hash = sha256(&[&[0; 8], &sha256(&[message]), &salt]);
    let mut db = vec![0; 256 - 32 - 1];
    db[256 - 32 - 1 - 33] = 1;
    let mut masked = mgf1_xor(&hash, &db);
    masked[0] &= 0x7F;
    [&masked[..], &hash, &[0xBC]].concat()
}

/// A CLOSE, signed by the key (n, e) of which d is the private side.
fn signed_close(unsealed: &Unsealed, before: &[u8], key: &RsaPublic, d: &[u8]) -> Vec<u8> {
    let spki = key.spki();
    let len = 8 + 1 + 8 + 2 + spki.len() + 1 + 2 + 256 + 4;
    let mut close = (len as u64).to_be_bytes().to_vec();
    close[0] = 6;
    close.extend([0; 8]);
    close.push(1);
    close.extend([0; 8]);
    close.extend((spki.len() as u16).to_be_bytes());
    close.extend(spki);
    close.extend([0, 1, 0]);
    let message = [
        b"secimg/1 signature\0",
        &unsealed.core.transfer_id[..],
        &[0, 0, 0, 0, 0, 0, 0, 0, 1],
        &sha256(&[]),
        &sha256(&[before, &close]),
    ];
    close.extend(pow_mod(&encode_pss(&message.concat()), d, &key.n).unwrap());
    close.extend((8 + len as u32).to_be_bytes());
    close
}

#[test]
fn a_signers_exponent_has_bounds() {
    let who = who(&[]);
    let unsealed = unseal(&sealed(true), &who.reference()).unwrap();
    let file = String::from_utf8(key_file("sender_rsa.pem")).unwrap();
    let Some(PrivateKey::Rsa(key)) = private_key(&pem(&file)) else {
        panic!("it is an RSA key");
    };
    let before = [manifest(), record(3, b"a")].concat();
    let class = |public: &RsaPublic, d: &[u8], what: &str| {
        let close = signed_close(&unsealed, &before, public, d);
        agree(
            &unsealed.reseal(&[&before[..], &close].concat()),
            &who,
            what,
        )
        .class
    };
    assert_eq!(class(&key.public, &key.d, "the exponent 65537"), "success");
    // The two exponents of a key undo each other: with the private one published, the other one signs.
    let (n, e) = (key.public.n.clone(), key.d.clone());
    let turned = RsaPublic { n, e };
    assert_eq!(
        class(&turned, &key.public.e, "an exponent of 2048 bits"),
        "signature"
    );
}
