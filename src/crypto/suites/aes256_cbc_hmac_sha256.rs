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

use aes::cipher::{Array, BlockCipherEncrypt, BlockModeDecrypt, InnerIvInit, KeyInit};
use aes::{Aes256Dec, Aes256Enc, Block};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

use crate::crypto::batch::{Beside, Lane};
use crate::crypto::error::Unauthentic;
use crate::crypto::lanes::{Head, Interleaved, encrypt_lanes};
use crate::crypto::schedule::{StreamKeys, hmac};
use crate::crypto::suite::{ChunkKeys, Leaf, LeafSource, Suite, open_one_by_one};
use crate::format::{ChunkIndex, Layout, SuiteId};
use crate::hash::Sha256Stream;

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
    /// Where the processor has instructions for both AES and SHA-256.
    interleaved: Option<Interleaved>,
}

impl Keys {
    fn new(keys: &StreamKeys) -> Self {
        Self {
            encrypt: Aes256Enc::new(keys.enc.expose().into()),
            decrypt: Aes256Dec::new(keys.enc.expose().into()),
            iv: Aes256Enc::new(keys.iv.expose().into()),
            mac: hmac(&keys.mac),
            interleaved: Interleaved::new(keys.enc.expose(), keys.mac.expose()),
        }
    }

    /// What a chunk with so much ciphertext begins with, for the cipher and for the MAC.
    ///
    /// SP 800-38A appendix C: the IV is the encryption of a nonce, here under a key of its own.
    fn head(&self, index: ChunkIndex, last: bool, len: usize) -> Head {
        let mut iv = Array([0; BLOCK]);
        iv[..8].copy_from_slice(&index.to_be_bytes());
        iv[8] = u8::from(last);
        self.iv.encrypt_block(&mut iv);
        let mut mac = [0; 13];
        mac[..8].copy_from_slice(&index.to_be_bytes());
        mac[8] = u8::from(last);
        mac[9..].copy_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes());
        Head { iv: iv.0, mac }
    }

    fn heads(&self, first: ChunkIndex, count: usize, len: usize) -> Vec<Head> {
        let indices = (first..).take(count);
        indices.map(|index| self.head(index, false, len)).collect()
    }

    fn tagged(&self, head: &Head, ciphertext: &[u8]) -> Hmac<Sha256> {
        self.mac
            .clone()
            .chain_update(head.mac)
            .chain_update(ciphertext)
    }

    /// The kernels, for ciphertext that is long enough for them.
    fn interleaved(&self, len: usize) -> Option<&Interleaved> {
        self.interleaved
            .as_ref()
            .filter(|_| len >= Interleaved::MIN_LEN)
    }

    /// Seals chunks of one length, with what every processor has.
    fn seal_portably(&self, heads: &[Head], lanes: &mut [Lane<'_>]) {
        let mut texts = Vec::with_capacity(lanes.len());
        let mut tags = Vec::with_capacity(lanes.len());
        for lane in lanes {
            let (text, tag) = lane.body.split_at_mut(lane.body.len() - TAG_LEN);
            if let Some(content) = lane.from {
                text.copy_from_slice(content);
            }
            let (blocks, rest) = text.as_chunks_mut();
            debug_assert!(rest.is_empty(), "whole blocks only");
            texts.push(blocks);
            tags.push(tag);
        }
        let ivs: Vec<_> = heads.iter().map(|head| head.iv).collect();
        encrypt_lanes(&self.encrypt, &ivs, &mut texts);
        for ((head, text), tag) in heads.iter().zip(texts).zip(tags) {
            let made = self.tagged(head, text.as_flattened()).finalize();
            tag.copy_from_slice(&made.into_bytes());
        }
    }
}

impl ChunkKeys for Keys {
    fn seal(&self, index: ChunkIndex, last: bool, plain_len: usize, body: &mut [u8]) {
        let len = body.len() - TAG_LEN;
        if last {
            let pad = len - plain_len;
            body[plain_len..len].fill(u8::try_from(pad).unwrap_or(0));
        }
        let (heads, lanes) = ([self.head(index, last, len)], &mut [Lane::in_place(body)]);
        match self.interleaved(len) {
            Some(interleaved) => interleaved.seal(&heads, lanes, None),
            None => self.seal_portably(&heads, lanes),
        }
    }

    fn seal_many(
        &self,
        first: ChunkIndex,
        plain_len: usize,
        lanes: &mut [Lane<'_>],
        beside: Option<&mut Beside<'_>>,
    ) {
        let heads = self.heads(first, lanes.len(), plain_len);
        match self.interleaved(plain_len) {
            Some(interleaved) => interleaved.seal(&heads, lanes, beside),
            None => self.seal_portably(&heads, lanes),
        }
    }

    fn open(&self, index: ChunkIndex, last: bool, body: &mut [u8]) -> Result<usize, Unauthentic> {
        let split = body.len().checked_sub(TAG_LEN).ok_or(Unauthentic)?;
        let (ciphertext, tag) = body.split_at_mut(split);
        let head = self.head(index, last, split);
        let tagged = self.tagged(&head, ciphertext);
        tagged.verify_slice(tag).map_err(|_| Unauthentic)?;
        let (blocks, rest) = Block::slice_as_chunks_mut(ciphertext);
        if !rest.is_empty() {
            return Err(Unauthentic);
        }
        cbc::Decryptor::inner_iv_init(&self.decrypt, &head.iv.into()).decrypt_blocks(blocks);
        if !last {
            return Ok(split);
        }
        unpadded_len(ciphertext).ok_or_else(|| {
            ciphertext.zeroize();
            Unauthentic
        })
    }

    fn open_many(
        &self,
        first: ChunkIndex,
        lanes: &mut [Lane<'_>],
        hasher: Option<&mut Sha256Stream>,
    ) -> usize {
        let len = lanes
            .first()
            .map_or(0, |lane| lane.from.unwrap_or(lane.body).len());
        let len = len.saturating_sub(TAG_LEN);
        match self.interleaved(len).filter(|_| lanes.len() > 1) {
            Some(interleaved) => {
                let heads = self.heads(first, lanes.len(), len);
                interleaved.open(&self.decrypt, &heads, lanes, hasher)
            }
            None => open_one_by_one(self, first, lanes, hasher),
        }
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
