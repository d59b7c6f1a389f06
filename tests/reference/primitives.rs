//! Everything between AES, SHA-256 and the format: HMAC, HKDF, CBC, GCM and key wrap, written out.

use aes::Aes256;
use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use sha2::{Digest, Sha256};

pub(crate) type Key = [u8; 32];
pub(crate) type Block = [u8; 16];

pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// FIPS 198-1, with SHA-256 and its block of 64 bytes.
pub(crate) fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&sha256(&[key]));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let (inner_key, outer_key) = (block.map(|b| b ^ 0x36), block.map(|b| b ^ 0x5C));
    let inner = sha256(&[&[&inner_key[..]], parts].concat());
    sha256(&[&outer_key, &inner])
}

/// RFC 5869 section 2.2.
pub(crate) fn hkdf_extract(salt: &[u8], input: &[u8]) -> [u8; 32] {
    hmac(salt, &[input])
}

/// RFC 5869 section 2.3, for 32 bytes: one round is enough.
pub(crate) fn hkdf_expand_32(prk: &[u8], info: &[&[u8]]) -> [u8; 32] {
    hmac(prk, &[info, &[&[1]]].concat())
}

pub(crate) fn aes_encrypt(key: &Key, block: &Block) -> Block {
    let mut block = Array::from(*block);
    Aes256::new(&Array::from(*key)).encrypt_block(&mut block);
    block.into()
}

fn aes_decrypt(key: &Key, block: &Block) -> Block {
    let mut block = Array::from(*block);
    Aes256::new(&Array::from(*key)).decrypt_block(&mut block);
    block.into()
}

fn xor(a: &Block, b: &[u8]) -> Block {
    let mut out = *a;
    for (out, b) in out.iter_mut().zip(b) {
        *out ^= b;
    }
    out
}

fn blocks(bytes: &[u8]) -> impl Iterator<Item = Block> + '_ {
    let (blocks, rest) = bytes.as_chunks();
    assert!(rest.is_empty(), "whole blocks");
    blocks.iter().copied()
}

/// SP 800-38A section 6.2, without padding.
pub(crate) fn cbc_decrypt(key: &Key, iv: &Block, ciphertext: &[u8]) -> Vec<u8> {
    let mut before = *iv;
    let mut plain = Vec::new();
    for block in blocks(ciphertext) {
        plain.extend(xor(&aes_decrypt(key, &block), &before));
        before = block;
    }
    plain
}

/// The other direction, for streams that the tests change and seal again.
pub(crate) fn cbc_encrypt(key: &Key, iv: &Block, plain: &[u8]) -> Vec<u8> {
    let mut before = *iv;
    let mut ciphertext = Vec::new();
    for block in blocks(plain) {
        before = aes_encrypt(key, &xor(&before, &block));
        ciphertext.extend(before);
    }
    ciphertext
}

/// RFC 5652 section 6.3: 1 to 16 bytes of the padding's own length.
pub(crate) fn without_pkcs7(padded: &[u8]) -> Option<&[u8]> {
    let length = *padded.last()?;
    let start = padded.len().checked_sub(usize::from(length))?;
    let (plain, padding) = padded.split_at(start);
    let sound = (1..=16).contains(&length) && padding.iter().all(|byte| *byte == length);
    sound.then_some(plain)
}

/// SP 800-38D section 6.3: multiplication in GF(2^128), bit by bit.
fn gf_multiply(x: u128, y: u128) -> u128 {
    let (mut z, mut v) = (0, y);
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

/// The tag of AES-256-GCM (SP 800-38D) without additional data, nonce of 12 bytes.
pub(crate) fn gcm_tag(key: &Key, nonce: &[u8; 12], ciphertext: &[u8]) -> Block {
    let h = u128::from_be_bytes(aes_encrypt(key, &[0; 16]));
    let mut y = 0;
    for piece in ciphertext.chunks(16) {
        y = gf_multiply(y ^ u128::from_be_bytes(xor(&[0; 16], piece)), h);
    }
    let bits = ciphertext.len() as u128 * 8;
    let hash = gf_multiply(y ^ bits, h);
    xor(
        &aes_encrypt(key, &counter_block(nonce, 1)),
        &hash.to_be_bytes(),
    )
}

/// The counter mode of GCM: the same in both directions.
pub(crate) fn gcm_crypt(key: &Key, nonce: &[u8; 12], text: &[u8]) -> Vec<u8> {
    let pieces = text.chunks(16).zip(2..);
    pieces
        .flat_map(|(piece, count)| {
            let stream = aes_encrypt(key, &counter_block(nonce, count));
            xor(&stream, piece).into_iter().take(piece.len())
        })
        .collect()
}

fn counter_block(nonce: &[u8; 12], count: u32) -> Block {
    let mut block = [0; 16];
    block[..12].copy_from_slice(nonce);
    block[12..].copy_from_slice(&count.to_be_bytes());
    block
}

/// AES key unwrap of 40 bytes (RFC 3394 section 2.2.2), index based.
pub(crate) fn aes_kw_unwrap(kek: &Key, wrapped: &[u8; 40]) -> Option<[u8; 32]> {
    let (parts, _) = wrapped.as_chunks::<8>();
    let mut a = u64::from_be_bytes(parts[0]);
    let mut r = [parts[1], parts[2], parts[3], parts[4]];
    for j in (0..6_u64).rev() {
        for i in (0..4_u64).rev() {
            let t = 4 * j + i + 1;
            let half = &mut r[usize::try_from(i).ok()?];
            let mut block = [0; 16];
            block[..8].copy_from_slice(&(a ^ t).to_be_bytes());
            block[8..].copy_from_slice(half);
            let plain = u128::from_be_bytes(aes_decrypt(kek, &block)).to_be_bytes();
            let (left, right) = plain.split_at(8);
            a = u64::from_be_bytes(left.try_into().ok()?);
            half.copy_from_slice(right);
        }
    }
    (a == 0xA6A6_A6A6_A6A6_A6A6).then(|| r.concat().try_into().ok())?
}
