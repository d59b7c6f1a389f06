//! X-Wing against the first test vector of draft-connolly-cfrg-xwing-kem, appendix C.

use super::file::{hex, unhex};
use crate::answer::Identity;
use crate::der::PrivateKey;
use crate::unlock::{spki, xwing_shared_secret};

fn line(name: &str) -> &'static str {
    let text = include_str!("../xwing_draft.txt");
    let mut lines = text.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(key, _)| *key == name).unwrap().1
}

#[test]
fn xwing_decapsulates_the_drafts_vector() {
    let seed = unhex(line("seed")).try_into().unwrap();
    let mut ciphertext: [u8; 1120] = unhex(line("ciphertext")).try_into().unwrap();
    let shared = xwing_shared_secret(&seed, &ciphertext).unwrap();
    assert_eq!(hex(&shared), line("shared"));
    let spki = spki(&Identity::Private(PrivateKey::XWing(seed))).unwrap();
    assert!(hex(&spki).ends_with(line("public")));

    // Another ciphertext gives another secret, and no error.
    ciphertext[0] ^= 1;
    let other = xwing_shared_secret(&seed, &ciphertext).unwrap();
    assert_ne!(other, shared);
    // Zero is a point of small order.
    ciphertext[1088..].fill(0);
    assert_eq!(xwing_shared_secret(&seed, &ciphertext), None);
}
