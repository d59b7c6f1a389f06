//! Every way of sealing and opening many chunks gives what one chunk after the other gives, made with the `cbc` and
//! `hmac` crates alone.

use aes::cipher::{Array, BlockModeEncrypt, KeyInit, KeyIvInit};
use aes::{Aes256, Aes256Dec, Aes256Enc};
use aes_gcm::Aes256Gcm;
use aes_gcm::aead::AeadInOut;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::{AesBlock, Gcm, Head, Interleaved, TAG_LEN, encrypt_lanes};
use crate::crypto::batch::{Beside, Lane};
use crate::hash::Sha256Stream;

const ENC: [u8; 32] = [0x1B; 32];
const MAC: [u8; 32] = [0x7E; 32];

fn head(number: usize) -> Head {
    let number = u8::try_from(number % 251).unwrap();
    let iv = core::array::from_fn(|i| {
        number
            .wrapping_mul(17)
            .wrapping_add(u8::try_from(i).unwrap())
    });
    Head {
        iv,
        mac: [number ^ 0x55; 13],
    }
}

fn plain(number: usize, len: usize) -> Vec<u8> {
    (0..len)
        .map(|i| (i * 7 + i / 251 + number * 31).to_le_bytes()[0])
        .collect()
}

/// One chunk by the crates, without a line of ours.
fn sealed_alone(number: usize, len: usize) -> Vec<u8> {
    let mut text = plain(number, len);
    let (blocks, _) = Array::slice_as_chunks_mut(&mut text);
    cbc::Encryptor::<Aes256>::new(&ENC.into(), &head(number).iv.into()).encrypt_blocks(blocks);
    let mac = Hmac::<Sha256>::new_from_slice(&MAC).unwrap();
    let tag = mac
        .chain_update(head(number).mac)
        .chain_update(&text)
        .finalize();
    [text, tag.into_bytes().to_vec()].concat()
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Every set of kernels that this processor has; none is said loudly.
fn kernels() -> Vec<Interleaved> {
    let found = Interleaved::every_width(&ENC, &MAC);
    if found.is_empty() {
        println!(
            "SKIPPED: this processor lacks instructions for AES or SHA-256, no kernel was tested"
        );
    }
    found
}

fn lengths() -> impl Iterator<Item = usize> {
    // Around the shortest, around what is copied at once, and a whole chunk.
    (256..=512)
        .step_by(16)
        .chain((2000..=2224).step_by(16))
        .chain([4096, 8192 + 48])
}

fn check_seal(interleaved: &Interleaved, count: usize, len: usize, in_place: bool) {
    let heads: Vec<Head> = (0..count).map(head).collect();
    let plains: Vec<Vec<u8>> = (0..count).map(|n| plain(n, len)).collect();
    let fill = |text: &Vec<u8>| {
        let mut body = if in_place {
            text.clone()
        } else {
            vec![0xEE; len]
        };
        body.resize(len + TAG_LEN, 0);
        body
    };
    let mut bodies: Vec<Vec<u8>> = plains.iter().map(fill).collect();
    let lanes = bodies.iter_mut().zip(&plains).map(|(body, text)| {
        if in_place {
            Lane::in_place(body)
        } else {
            Lane::between(text, body)
        }
    });
    // What is hashed beside it begins anywhere, and has any length.
    let (start, end) = (
        37 * count % 200,
        (count * len).saturating_sub(11 * count % 300),
    );
    let all = plains.concat();
    let beside = all.get(start..end).unwrap_or_default();
    let mut hasher = Sha256Stream::new();
    hasher.update(&all[..start.min(all.len())]);
    let mut run = Beside::new(&mut hasher, beside);
    interleaved.seal(&heads, &mut lanes.collect::<Vec<_>>(), Some(&mut run));
    run.finish();
    let until = if beside.is_empty() {
        start.min(all.len())
    } else {
        end
    };
    assert_eq!(
        hasher.finalize(),
        hash(&all[..until]),
        "{count} of {len} bytes"
    );
    for (number, body) in bodies.iter().enumerate() {
        assert_eq!(
            *body,
            sealed_alone(number, len),
            "{number} of {count}, {len} bytes"
        );
    }
}

/// Opens `count` chunks of which number `wrong`, if any, has a changed bit.
fn check_open(
    interleaved: &Interleaved,
    count: usize,
    len: usize,
    wrong: Option<usize>,
    in_place: bool,
) {
    let heads: Vec<Head> = (0..count).map(head).collect();
    let mut sealed: Vec<Vec<u8>> = (0..count).map(|n| sealed_alone(n, len)).collect();
    if let Some(wrong) = wrong {
        let at = (wrong * 97) % (len + TAG_LEN);
        sealed[wrong][at] ^= 0x10;
    }
    let original = sealed.clone();
    let mut opened = vec![vec![0xEE; len]; count];
    let lanes = sealed.iter_mut().zip(&mut opened).map(|(sealed, opened)| {
        if in_place {
            Lane::in_place(sealed)
        } else {
            Lane::between(sealed, opened)
        }
    });
    let decrypt = Aes256Dec::new(&ENC.into());
    let mut hasher = Sha256Stream::new();
    let before = &plain(7, 29 * count % 130);
    hasher.update(before);
    let mut lanes = lanes.collect::<Vec<_>>();
    let held = interleaved.open(&decrypt, &heads, &mut lanes, Some(&mut hasher));
    assert_eq!(held, wrong.unwrap_or(count), "of {count}, {len} bytes");
    let contents: Vec<u8> = (0..held).flat_map(|n| plain(n, len)).collect();
    assert_eq!(
        hasher.finalize(),
        hash(&[before.as_slice(), &contents].concat()),
        "{held} of {len} bytes"
    );
    for number in 0..count {
        let body = if in_place {
            &sealed[number][..len]
        } else {
            &opened[number]
        };
        if number < held {
            assert_eq!(body, plain(number, len), "{number} of {count}, {len} bytes");
        } else if in_place {
            assert_eq!(sealed[number], original[number], "nothing without its tag");
        } else {
            assert_eq!(*body, vec![0xEE; len], "nothing without its tag");
        }
    }
}

#[test]
fn kernels_seal_what_one_after_the_other_gives() {
    for interleaved in kernels() {
        for count in 0..=70 {
            check_seal(&interleaved, count, 4096, count % 2 == 0);
        }
        for len in lengths() {
            for count in [1, 2, 3, 4, 7] {
                check_seal(&interleaved, count, len, true);
                check_seal(&interleaved, count, len, false);
            }
        }
    }
}

#[test]
fn kernels_open_what_one_after_the_other_gives_and_stop_at_the_first_false_tag() {
    for interleaved in kernels() {
        for count in 0..=70 {
            check_open(&interleaved, count, 4096, None, count % 2 == 0);
        }
        for len in lengths() {
            for count in [1, 2, 3, 4, 7] {
                for wrong in (0..count).map(Some).chain([None]) {
                    check_open(&interleaved, count, len, wrong, true);
                    check_open(&interleaved, count, len, wrong, false);
                }
            }
        }
    }
}

#[test]
fn lanes_of_every_count_encrypt_what_one_after_the_other_gives() {
    let cipher = Aes256Enc::new(&ENC.into());
    for count in 0..=70 {
        for len in [16, 64, 272] {
            let ivs: Vec<AesBlock> = (0..count).map(|n| head(n).iv).collect();
            let mut texts: Vec<Vec<u8>> = (0..count).map(|n| plain(n, len)).collect();
            let mut lanes: Vec<&mut [AesBlock]> = Vec::new();
            lanes.extend(texts.iter_mut().map(|text| text.as_chunks_mut().0));
            encrypt_lanes(&cipher, &ivs, &mut lanes);
            for (number, text) in texts.iter().enumerate() {
                assert_eq!(
                    *text,
                    sealed_alone(number, len)[..len],
                    "{number} of {count}"
                );
            }
        }
    }
}

#[test]
fn gcm_kernels_give_what_the_crate_gives_and_nothing_without_its_tag() {
    let found = Gcm::every_width(&ENC);
    if found.is_empty() {
        println!(
            "SKIPPED: this processor lacks instructions for AES or GHASH, no kernel was tested"
        );
    }
    let crate_gcm = Aes256Gcm::new(&ENC.into());
    for gcm in found {
        for len in (0..700).chain([4095, 4096, 65_536, 65_537]) {
            let nonce = core::array::from_fn(|i| u8::try_from((len + i) % 256).unwrap());
            let text = plain(len, len);
            let mut expected = text.clone();
            let tag = crate_gcm.encrypt_inout_detached(
                &nonce.into(),
                b"",
                expected.as_mut_slice().into(),
            );
            let tag: [u8; 16] = tag.unwrap().into();
            let (mut in_place, mut between) = (text.clone(), vec![0xEE; len]);
            assert_eq!(gcm.seal(nonce, None, &mut in_place), tag, "{len}");
            assert_eq!(gcm.seal(nonce, Some(&text), &mut between), tag, "{len}");
            assert!(in_place == expected && between == expected, "{len}");
            between.fill(0xEE);
            assert!(gcm.open(nonce, Some(&expected), &mut between, &tag) && between == text);
            assert!(
                gcm.open(nonce, None, &mut in_place, &tag) && in_place == text,
                "{len}"
            );
            for wrong in [0, len / 2, len.saturating_sub(1), len + len % 16] {
                let (mut sealed, mut tag) = (expected.clone(), tag);
                match sealed.get_mut(wrong) {
                    Some(byte) => *byte ^= 0x20,
                    None => tag[len % 16] ^= 0x20,
                }
                between.fill(0xEE);
                assert!(!gcm.open(nonce, Some(&sealed), &mut between, &tag), "{len}");
                assert!(
                    between.iter().all(|byte| *byte == 0xEE),
                    "nothing without its tag"
                );
                let before = sealed.clone();
                assert!(
                    !gcm.open(nonce, None, &mut sealed, &tag) && sealed == before,
                    "{len}"
                );
            }
        }
    }
}
