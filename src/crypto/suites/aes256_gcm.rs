//! Suite 0002: AES-256 in GCM mode (SP 800-38D).
//!
//! ```text
//! nonce = final u8 ‖ 0^3 ‖ be64(i)       under K[enc], which no other stream has
//! body  = C_i ‖ T_i                      no additional data, tag 16 bytes, no padding
//! ```

use aes_gcm::aead::{AeadInOut, inout::InOutBuf};
use aes_gcm::{Aes256Gcm, KeyInit};
use sha2::{Digest, Sha256};

use crate::crypto::batch::{Beside, Lane};
use crate::crypto::error::Unauthentic;
use crate::crypto::lanes::Gcm;
use crate::crypto::schedule::StreamKeys;
use crate::crypto::suite::{ChunkKeys, Leaf, LeafSource, Suite};
use crate::format::{ChunkIndex, Layout, SuiteId};
use crate::hash::Sha256Stream;

const TAG_LEN: usize = 16;

/// The row.
pub(super) const SUITE: Suite = Suite {
    id: SuiteId::AES_256_GCM,
    name: "aes-256-gcm",
    short_name: "gcm",
    layout: Layout::new(TAG_LEN, 1),
    leaf_source: LeafSource::Body,
    keys: |keys| Box::new(Keys::new(keys)),
};

struct Keys {
    gcm: Aes256Gcm,
    /// Where the processor has instructions that we have kernels for.
    kernels: Option<Gcm>,
}

impl Keys {
    fn new(keys: &StreamKeys) -> Self {
        Self {
            gcm: Aes256Gcm::new(keys.enc.expose().into()),
            kernels: Gcm::new(keys.enc.expose()),
        }
    }

    /// Encrypts from `from` to `text`, or in place.
    fn encrypt(&self, nonce: [u8; 12], from: Option<&[u8]>, text: &mut [u8], tag: &mut [u8]) {
        if let Some(kernels) = &self.kernels {
            tag.copy_from_slice(&kernels.seal(nonce, from, text));
            return;
        }
        let text = in_out(from, text);
        let made = self.gcm.encrypt_inout_detached(&nonce.into(), b"", text);
        debug_assert!(made.is_ok(), "a chunk is far below GCM's bound");
        tag.copy_from_slice(&made.unwrap_or_default());
    }

    /// Decrypts from `from` to `text`, or in place.
    fn decrypt(
        &self,
        nonce: [u8; 12],
        from: Option<&[u8]>,
        text: &mut [u8],
        tag: &[u8],
    ) -> Result<(), Unauthentic> {
        if let Some(kernels) = &self.kernels {
            let held = kernels.open(nonce, from, text, tag);
            return held.then_some(()).ok_or(Unauthentic);
        }
        let tag = <[u8; TAG_LEN]>::try_from(tag).map_err(|_| Unauthentic)?;
        let text = in_out(from, text);
        self.gcm
            .decrypt_inout_detached(&nonce.into(), b"", text, &tag.into())
            .map_err(|_| Unauthentic)
    }
}

/// The two places of a text. One that comes from elsewhere is as long as the place for it.
fn in_out<'a>(from: Option<&'a [u8]>, text: &'a mut [u8]) -> InOutBuf<'a, 'a, u8> {
    if let Some(from) = from {
        debug_assert_eq!(from.len(), text.len());
        text.copy_from_slice(from);
    }
    text.into()
}

fn nonce(index: ChunkIndex, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[0] = u8::from(last);
    nonce[4..].copy_from_slice(&index.to_be_bytes());
    nonce
}

impl ChunkKeys for Keys {
    fn seal(&self, index: ChunkIndex, last: bool, plain_len: usize, body: &mut [u8]) {
        let (text, tag) = body.split_at_mut(body.len() - TAG_LEN);
        debug_assert_eq!(text.len(), plain_len);
        self.encrypt(nonce(index, last), None, text, tag);
    }

    fn open(&self, index: ChunkIndex, last: bool, body: &mut [u8]) -> Result<usize, Unauthentic> {
        let split = body.len().checked_sub(TAG_LEN).ok_or(Unauthentic)?;
        let (text, tag) = body.split_at_mut(split);
        self.decrypt(nonce(index, last), None, text, tag)?;
        Ok(split)
    }

    fn seal_many(
        &self,
        first: ChunkIndex,
        plain_len: usize,
        lanes: &mut [Lane<'_>],
        _: Option<&mut Beside<'_>>,
    ) {
        for (index, lane) in (first..).zip(lanes) {
            let (text, tag) = lane.body.split_at_mut(plain_len);
            self.encrypt(nonce(index, false), lane.from, text, tag);
        }
    }

    fn open_many(
        &self,
        first: ChunkIndex,
        lanes: &mut [Lane<'_>],
        mut hasher: Option<&mut Sha256Stream>,
    ) -> usize {
        let mut opened = 0;
        for (index, lane) in (first..).zip(lanes) {
            let sealed = lane.from.unwrap_or(lane.body).len();
            let split = sealed.saturating_sub(TAG_LEN);
            let held = match lane.from.map(|from| from.split_at(split)) {
                Some((text, tag)) => self.decrypt(nonce(index, false), Some(text), lane.body, tag),
                None => self.open(index, false, lane.body).map(drop),
            };
            if held.is_err() {
                break;
            }
            if let Some(hasher) = &mut hasher {
                hasher.update(&lane.body[..split]);
            }
            opened += 1;
        }
        opened
    }

    /// Who knows the key can find two messages with one GCM tag, so the leaf hashes the ciphertext too.
    fn leaf(&self, body: &[u8]) -> Leaf {
        Sha256::digest(body).into()
    }
}
