//! Suite 0001: AES-256 in CBC mode (SP 800-38A) with HMAC-SHA-256 (FIPS 198-1), encrypt then MAC.
//!
//! ```text
//! IV_i = AES-256(K[iv], be64(i) ‖ final u8 ‖ 0^7)                      not sent
//! C_i  = CBC(K[enc], IV_i, P_i)                                        PKCS#7 in FINAL only
//! T_i  = HMAC-SHA-256(K[mac], be64(i) ‖ final u8 ‖ be32(|C_i|) ‖ C_i)   all 32 bytes
//! body = C_i ‖ T_i
//! ```
//!
//! The tag is checked before a single block is decrypted, so there is no padding oracle to ask.

use aes::cipher::{
    Array, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit,
};
use aes::{Aes256Dec, Aes256Enc, Block};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

use crate::crypto::error::Unauthentic;
use crate::crypto::schedule::{StreamKeys, hmac};
use crate::crypto::suite::{ChunkKeys, Leaf, LeafSource, Suite};
use crate::format::{ChunkIndex, Layout, SuiteId};

const TAG_LEN: usize = 32;
const BLOCK: usize = 16;

/// The row.
pub(super) const SUITE: Suite = Suite {
    id: SuiteId::AES_256_CBC_HMAC_SHA_256,
    name: "aes-256-cbc+hmac-sha-256",
    short_name: "cbc",
    layout: Layout::new(TAG_LEN, BLOCK),
    leaf_source: LeafSource::Tag,
    keys: |keys| Box::new(Keys::new(keys)),
};

struct Keys {
    encrypt: Aes256Enc,
    decrypt: Aes256Dec,
    iv: Aes256Enc,
    mac: Hmac<Sha256>,
}

impl Keys {
    fn new(keys: &StreamKeys) -> Self {
        Self {
            encrypt: Aes256Enc::new(keys.enc.expose().into()),
            decrypt: Aes256Dec::new(keys.enc.expose().into()),
            iv: Aes256Enc::new(keys.iv.expose().into()),
            mac: hmac(&keys.mac),
        }
    }

    /// SP 800-38A appendix C: the IV is the encryption of a nonce, here under a key of its own.
    fn iv(&self, index: ChunkIndex, last: bool) -> Block {
        let mut block = Array([0; BLOCK]);
        block[..8].copy_from_slice(&index.to_be_bytes());
        block[8] = u8::from(last);
        self.iv.encrypt_block(&mut block);
        block
    }

    fn tagged(&self, index: ChunkIndex, last: bool, ciphertext: &[u8]) -> Hmac<Sha256> {
        let length = u32::try_from(ciphertext.len()).unwrap_or(u32::MAX);
        let mut mac = self.mac.clone();
        mac.update(&index.to_be_bytes());
        mac.update(&[u8::from(last)]);
        mac.update(&length.to_be_bytes());
        mac.update(ciphertext);
        mac
    }
}

impl ChunkKeys for Keys {
    fn seal(&self, index: ChunkIndex, last: bool, plain_len: usize, body: &mut [u8]) {
        let (ciphertext, tag) = body.split_at_mut(body.len() - TAG_LEN);
        if last {
            let pad = ciphertext.len() - plain_len;
            ciphertext[plain_len..].fill(u8::try_from(pad).unwrap_or(0));
        }
        let (blocks, rest) = Block::slice_as_chunks_mut(ciphertext);
        debug_assert!(rest.is_empty(), "whole blocks only");
        cbc::Encryptor::inner_iv_init(&self.encrypt, &self.iv(index, last)).encrypt_blocks(blocks);
        tag.copy_from_slice(&self.tagged(index, last, ciphertext).finalize().into_bytes());
    }

    fn open(&self, index: ChunkIndex, last: bool, body: &mut [u8]) -> Result<usize, Unauthentic> {
        let split = body.len().checked_sub(TAG_LEN).ok_or(Unauthentic)?;
        let (ciphertext, tag) = body.split_at_mut(split);
        self.tagged(index, last, ciphertext)
            .verify_slice(tag)
            .map_err(|_| Unauthentic)?;
        let (blocks, rest) = Block::slice_as_chunks_mut(ciphertext);
        if !rest.is_empty() {
            return Err(Unauthentic);
        }
        cbc::Decryptor::inner_iv_init(&self.decrypt, &self.iv(index, last)).decrypt_blocks(blocks);
        if !last {
            return Ok(split);
        }
        unpadded_len(ciphertext).ok_or_else(|| {
            ciphertext.zeroize();
            Unauthentic
        })
    }

    /// The tag itself: HMAC-SHA-256 resists collisions also for those who know the key.
    fn leaf(&self, body: &[u8]) -> Leaf {
        let mut leaf = [0; 32];
        leaf.copy_from_slice(&body[body.len() - TAG_LEN..]);
        leaf
    }
}

/// Checks PKCS#7 padding (RFC 5652 section 6.3) without a branch on what the bytes are.
///
/// Only who holds the key can get here with bad padding; constant time costs nothing all the same.
fn unpadded_len(plain: &[u8]) -> Option<usize> {
    let pad = *plain.last()?;
    let start = plain.len().checked_sub(BLOCK)?;
    let mut wrong = u8::from(pad == 0) | u8::from(usize::from(pad) > BLOCK);
    for (distance, &byte) in (1..).zip(plain[start..].iter().rev()) {
        let inside = u8::from(distance <= usize::from(pad)).wrapping_neg();
        wrong |= inside & (byte ^ pad);
    }
    (wrong == 0).then(|| plain.len() - usize::from(pad))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_has_one_form() {
        let with = |tail: &[u8]| [vec![0xEE; 32 - tail.len()], tail.to_vec()].concat();
        assert_eq!(unpadded_len(&with(&[1])), Some(31));
        assert_eq!(unpadded_len(&[16; 32]), Some(16));
        for bad in [&[0][..], &[17], &[2, 1, 2], &[3, 2, 3], &[255]] {
            assert_eq!(unpadded_len(&with(bad)), None, "{bad:?}");
        }
        assert_eq!(unpadded_len(&[]), None);
    }
}
