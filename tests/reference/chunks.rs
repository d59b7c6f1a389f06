//! Payload frames, and the content that they decrypt to: SPEC section 6.

use super::answer::Class::{Content, NotAuthentic};
use super::answer::{Checked, ensure, well_formed};
use super::header::{Bytes, Core, frame_header};
use super::primitives::{
    Block, Key, aes_encrypt, cbc_decrypt, gcm_crypt, gcm_tag, hmac, sha256, without_pkcs7,
};
use super::unlock::Schedule;

const CHUNK: u8 = 3;
const FINAL: u8 = 4;

/// The keys that open chunks, whatever the suite.
pub(crate) struct ChunkKeys {
    pub(crate) suite: u16,
    pub(crate) enc: Key,
    pub(crate) iv: Key,
    pub(crate) mac: Key,
}

impl ChunkKeys {
    pub(crate) fn new(core: &Core, keys: &Schedule) -> Self {
        Self {
            suite: core.suite,
            enc: keys.key("enc"),
            iv: keys.key("iv"),
            mac: keys.key("mac"),
        }
    }

    /// `IV_i` of section 6.1.
    pub(crate) fn cbc_iv(&self, index: u64, last: bool) -> Block {
        let mut block = [0; 16];
        block[..8].copy_from_slice(&index.to_be_bytes());
        block[8] = last.into();
        aes_encrypt(&self.iv, &block)
    }

    /// `T_i` of section 6.1.
    pub(crate) fn cbc_tag(&self, index: u64, last: bool, ciphertext: &[u8]) -> [u8; 32] {
        let len = u32::try_from(ciphertext.len()).expect("a chunk has at most 2^23 bytes");
        let parts: [&[u8]; 4] = [
            &index.to_be_bytes(),
            &[last.into()],
            &len.to_be_bytes(),
            ciphertext,
        ];
        hmac(&self.mac, &parts)
    }

    /// The nonce of section 6.2.
    pub(crate) fn gcm_nonce(index: u64, last: bool) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[0] = last.into();
        nonce[4..].copy_from_slice(&index.to_be_bytes());
        nonce
    }

    /// Opens the body of a frame: its content and its leaf. The tag is compared before a byte is
    /// decrypted [M-CHUNK-4].
    fn open(&self, index: u64, last: bool, body: &[u8]) -> Checked<(Vec<u8>, [u8; 32])> {
        if self.suite == 1 {
            let (ciphertext, tag) = body.split_at(body.len() - 32);
            let right = self.cbc_tag(index, last, ciphertext);
            ensure(right == tag, NotAuthentic, "M-CBC-1")?;
            let padded = cbc_decrypt(&self.enc, &self.cbc_iv(index, last), ciphertext);
            if !last {
                return Ok((padded, right));
            }
            let plain = without_pkcs7(&padded);
            ensure(plain.is_some(), NotAuthentic, "M-CBC-2")?;
            Ok((plain.unwrap_or_default().to_vec(), right))
        } else {
            let (ciphertext, tag) = body.split_at(body.len() - 16);
            let nonce = Self::gcm_nonce(index, last);
            ensure(
                gcm_tag(&self.enc, &nonce, ciphertext) == tag,
                NotAuthentic,
                "M-GCM-1",
            )?;
            Ok((gcm_crypt(&self.enc, &nonce, ciphertext), sha256(&[body])))
        }
    }
}

/// The content, opened one chunk after the other and read from left to right.
pub(crate) struct Chunks<'a> {
    core: &'a Core,
    keys: ChunkKeys,
    /// The frames that are not read yet.
    pub(crate) stream: Bytes<'a>,
    /// The chunk that is being read, and how much of it was read.
    pub(crate) piece: Vec<u8>,
    pub(crate) read: usize,
    pub(crate) index: u64,
    pub(crate) last: bool,
    /// Where the chunk begins in the content.
    start: u64,
    /// The leaves of the chunks before this one, concatenated.
    pub(crate) leaves: Vec<u8>,
    leaf: [u8; 32],
}

impl<'a> Chunks<'a> {
    pub(crate) fn first(core: &'a Core, keys: ChunkKeys, stream: Bytes<'a>) -> Checked<Self> {
        let mut chunks = Self {
            core,
            keys,
            stream,
            piece: Vec::new(),
            read: 0,
            index: 0,
            last: false,
            start: 0,
            leaves: Vec::new(),
            leaf: [0; 32],
        };
        chunks.open_next()?;
        Ok(chunks)
    }

    fn open_next(&mut self) -> Checked<()> {
        let at = self.stream.at;
        let (kind, len) = frame_header(&mut self.stream, &[CHUNK, FINAL])?;
        let (size, tag) = (self.core.chunk_size(), self.core.tag_len());
        if kind == CHUNK {
            well_formed(len == size + tag, "M-CHUNK-1", at)?;
        } else if self.core.suite == 1 {
            let ciphertext = len.saturating_sub(tag);
            let sound = ciphertext.is_multiple_of(16) && (16..=size).contains(&ciphertext);
            well_formed(sound, "M-CHUNK-2", at)?;
        } else {
            well_formed((tag..tag + size).contains(&len), "M-CHUNK-2", at)?;
        }
        let most = 1 << (36 - (self.core.chunk_log2 - 4));
        well_formed(self.index < most, "M-LIMIT-1", at)?;
        let body = self.stream.whole(len)?;
        (self.piece, self.leaf) = self.keys.open(self.index, kind == FINAL, body)?;
        self.read = 0;
        self.last = kind == FINAL;
        Ok(())
    }

    /// Where the next byte stands in the content.
    pub(crate) fn offset(&self) -> u64 {
        self.start + self.read as u64
    }

    /// What is left of this chunk; of the next one where this one is used up.
    pub(crate) fn some(&mut self) -> Checked<&[u8]> {
        while self.read == self.piece.len() {
            // [M-REC-4] [M-CLOSE-2]
            ensure(!self.last, Content, "M-REC-4")?;
            self.start += self.piece.len() as u64;
            self.leaves.extend(self.leaf);
            self.index += 1;
            self.open_next()?;
        }
        Ok(&self.piece[self.read..])
    }

    /// Takes so many bytes, from as many chunks as they lie in.
    pub(crate) fn take(&mut self, len: u64, mut give: impl FnMut(&[u8])) -> Checked<()> {
        let mut left = len;
        while left > 0 {
            let some = self.some()?;
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(some.len());
            give(&some[..most]);
            self.read += most;
            left -= most as u64;
        }
        Ok(())
    }

    pub(crate) fn bytes(&mut self, len: u64) -> Checked<Vec<u8>> {
        let mut bytes = Vec::new();
        self.take(len, |some| bytes.extend_from_slice(some))?;
        Ok(bytes)
    }
}
