//! A second writer, made from the specification and from nothing of the library. It also writes what
//! no writer may: every part can be given as it should not be.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes_gcm::aead::AeadInOut;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::close::{Close, SignKey};
use super::rng::TestRng;

pub(crate) const MAGIC: [u8; 8] = *b"\x89SIMG\r\n\x1a";

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub(crate) fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// A wire frame.
pub(crate) fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

/// Which algorithms and sizes; what CORE says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) suite: u16,
    pub(crate) signed: bool,
    pub(crate) chunk_log2: u8,
}

impl Shape {
    pub(crate) const CBC: Self = Self {
        suite: 1,
        signed: false,
        chunk_log2: 12,
    };
    pub(crate) const GCM: Self = Self {
        suite: 2,
        signed: false,
        chunk_log2: 12,
    };

    pub(crate) const fn signed(mut self) -> Self {
        self.signed = true;
        self
    }
}

/// The keys of a stream, and what they follow from.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) shape: Shape,
    pub(crate) salt: [u8; 32],
    pub(crate) cek: [u8; 32],
    pub(crate) core_hash: [u8; 32],
    info: Vec<u8>,
}

impl Keys {
    fn new(shape: Shape, context: &str, rng: &mut TestRng) -> Self {
        let (salt, cek) = (rng.take(), rng.take());
        let core_hash = sha256(&Self::core_start(shape, &salt));
        let info = [core_hash, sha256(context.as_bytes())].concat();
        Self {
            shape,
            salt,
            cek,
            core_hash,
            info,
        }
    }

    fn core_start(shape: Shape, salt: &[u8; 32]) -> Vec<u8> {
        let [high, low] = shape.suite.to_be_bytes();
        let fields = [1, high, low, u8::from(shape.signed), shape.chunk_log2];
        [&MAGIC[..], &[1, 0, 0, 69], &fields, salt].concat()
    }

    /// K[label]: HKDF, whose output is one block here.
    pub(crate) fn key(&self, label: &str) -> [u8; 32] {
        let prk = hmac(&self.salt, &self.cek);
        let info = [b"secimg/1 ", label.as_bytes(), &[0], &self.info, &[1]].concat();
        hmac(&prk, &info)
    }

    /// Magic and CORE frame.
    pub(crate) fn core(&self) -> Vec<u8> {
        [
            Self::core_start(self.shape, &self.salt).as_slice(),
            &self.key("commit"),
        ]
        .concat()
    }

    pub(crate) fn transfer_id(&self) -> [u8; 32] {
        sha256(&self.core())
    }

    pub(crate) const fn chunk_size(&self) -> usize {
        1 << self.shape.chunk_log2
    }

    /// The frame RECIPIENTS with everything before the MAC given.
    pub(crate) fn recipients_frame(&self, body: &[u8]) -> Vec<u8> {
        let mac = hmac(
            &self.key("recipients"),
            &[&self.core_hash[..], body].concat(),
        );
        frame(2, &[body, &mac].concat())
    }

    /// Seals content as CHUNK or FINAL.
    pub(crate) fn seal(&self, index: u64, last: bool, content: &[u8]) -> Vec<u8> {
        let kind = if last { 4 } else { 3 };
        if self.shape.suite == 2 {
            return frame(kind, &self.gcm(index, last, content));
        }
        let mut padded = content.to_vec();
        if last {
            let pad = 16 - content.len() % 16;
            padded.resize(content.len() + pad, u8::try_from(pad).unwrap());
        }
        frame(kind, &self.cbc(index, last, &padded))
    }

    /// Seals whole blocks with suite 0001, whatever their padding.
    pub(crate) fn cbc(&self, index: u64, last: bool, padded: &[u8]) -> Vec<u8> {
        let place = [&index.to_be_bytes()[..], &[u8::from(last)]].concat();
        let mut block: [u8; 16] = [place.as_slice(), &[0; 7]].concat().try_into().unwrap();
        encrypt_block(&self.key("iv"), &mut block);
        let enc = self.key("enc");
        let mut body = Vec::new();
        for plain in padded.chunks(16) {
            block
                .iter_mut()
                .zip(plain)
                .for_each(|(to, from)| *to ^= from);
            encrypt_block(&enc, &mut block);
            body.extend_from_slice(&block);
        }
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        let tag = hmac(&self.key("mac"), &[&place[..], &length, &body].concat());
        [body.as_slice(), &tag].concat()
    }

    fn gcm(&self, index: u64, last: bool, content: &[u8]) -> Vec<u8> {
        let mut nonce = [0; 12];
        nonce[0] = u8::from(last);
        nonce[4..].copy_from_slice(&index.to_be_bytes());
        let mut body = content.to_vec();
        let cipher = aes_gcm::Aes256Gcm::new(&self.key("enc").into());
        let tag = cipher.encrypt_inout_detached(&nonce.into(), b"", body.as_mut_slice().into());
        body.extend_from_slice(&tag.unwrap());
        body
    }

    /// The leaf of a frame.
    pub(crate) fn leaf(&self, frame: &[u8]) -> [u8; 32] {
        match self.shape.suite {
            1 => frame[frame.len() - 32..].try_into().unwrap(),
            _ => sha256(&frame[4..]),
        }
    }

    /// The receipt for originals that were accepted, not signed.
    pub(crate) fn receipt(&self, originals: &[Vec<u8>]) -> Vec<u8> {
        self.accepting(1, originals).to_bytes()
    }

    /// A receipt that says that these originals are there.
    pub(crate) fn accepting(&self, verdict: u8, originals: &[Vec<u8>]) -> Receipt {
        let digests: Vec<u8> = originals
            .iter()
            .flat_map(|original| sha256(original))
            .collect();
        let mut receipt = Receipt::empty(verdict, self.transfer_id());
        receipt.items = u32::try_from(originals.len()).unwrap();
        receipt.digests = sha256(&digests);
        receipt.tag = self.receipt_tag(&receipt.authenticated());
        receipt
    }

    pub(crate) fn receipt_tag(&self, message: &[u8]) -> [u8; 32] {
        hmac(&self.key("receipt"), message)
    }
}

/// A receipt in its parts.
#[derive(Debug, Clone)]
pub(crate) struct Receipt {
    pub(crate) verdict: u8,
    pub(crate) id: [u8; 32],
    pub(crate) items: u32,
    pub(crate) digests: [u8; 32],
    pub(crate) tag: [u8; 32],
    /// 0 leaves out all that belongs to a signature.
    pub(crate) algorithm: u8,
    pub(crate) time: u64,
    pub(crate) spki: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Receipt {
    /// One that says nothing but its verdict.
    pub(crate) const fn empty(verdict: u8, id: [u8; 32]) -> Self {
        Self {
            verdict,
            id,
            items: 0,
            digests: [0; 32],
            tag: [0; 32],
            algorithm: 0,
            time: 0,
            spki: Vec::new(),
            signature: Vec::new(),
        }
    }

    /// What the tag is over.
    pub(crate) fn authenticated(&self) -> Vec<u8> {
        let mut bytes = b"\x89SIMR\r\n\x1a".to_vec();
        bytes.push(self.verdict);
        bytes.extend_from_slice(&self.id);
        bytes.extend_from_slice(&self.items.to_be_bytes());
        bytes.extend_from_slice(&self.digests);
        bytes
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.authenticated();
        bytes.extend_from_slice(&self.tag);
        bytes.push(self.algorithm);
        if self.algorithm != 0 {
            bytes.extend_from_slice(&self.time.to_be_bytes());
            for part in [&self.spki, &self.signature] {
                bytes.extend_from_slice(&u16::try_from(part.len()).unwrap().to_be_bytes());
                bytes.extend_from_slice(part);
            }
        }
        bytes
    }

    /// What is signed.
    pub(crate) fn message(&self) -> Vec<u8> {
        let bytes = self.to_bytes();
        let covered = &bytes[..bytes.len() - self.signature.len()];
        [b"secimg/1 receipt\0", covered].concat()
    }
}

pub(crate) fn encrypt_block(key: &[u8; 32], block: &mut [u8; 16]) {
    let mut array = (*block).into();
    aes::Aes256Enc::new(key.into()).encrypt_block(&mut array);
    *block = array.into();
}

/// A stream that is being written.
pub(crate) struct Maker {
    seed: String,
    pub(crate) keys: Keys,
    pub(crate) rng: TestRng,
    /// Entries of the recipient block.
    pub(crate) entries: Vec<Vec<u8>>,
    /// The length of the frame RECIPIENTS without its header.
    pub(crate) block_len: usize,
    frames: Vec<Vec<u8>>,
    pending: Vec<u8>,
    closes: usize,
}

/// A stream in its parts, to be put together or mistreated.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    pub(crate) core: Vec<u8>,
    pub(crate) recipients: Vec<u8>,
    pub(crate) frames: Vec<Vec<u8>>,
}

impl Stream {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [
            self.core.as_slice(),
            &self.recipients,
            &self.frames.concat(),
        ]
        .concat()
    }
}

impl Maker {
    pub(crate) fn new(seed: &str, shape: Shape) -> Self {
        Self::with_context(seed, shape, "")
    }

    pub(crate) fn with_context(seed: &str, shape: Shape, context: &str) -> Self {
        let mut rng = TestRng::new(seed);
        Self {
            seed: seed.to_owned(),
            keys: Keys::new(shape, context, &mut rng),
            rng,
            entries: Vec::new(),
            block_len: 256,
            frames: Vec::new(),
            pending: Vec::new(),
            closes: 0,
        }
    }

    /// The body of RECIPIENTS before the MAC.
    pub(crate) fn block(&self) -> Vec<u8> {
        let mut body = vec![u8::try_from(self.entries.len()).unwrap()];
        body.extend(self.entries.concat());
        body.resize(self.block_len - 32, 0);
        body
    }

    /// Adds content, and seals each chunk that it fills.
    pub(crate) fn push(&mut self, content: &[u8]) {
        self.pending.extend_from_slice(content);
        let size = self.keys.chunk_size();
        while self.pending.len() >= size {
            let rest = self.pending.split_off(size);
            let frame = self.keys.seal(self.index(), false, &self.pending);
            self.frames.push(frame);
            self.pending = rest;
        }
    }

    /// Pads with zeros to the end of the chunk.
    pub(crate) fn flush(&mut self) {
        let size = self.keys.chunk_size();
        let padding = self.pending.len().next_multiple_of(size) - self.pending.len();
        self.push(&vec![0; padding]);
    }

    /// How much content there is.
    pub(crate) fn offset(&self) -> u64 {
        self.index() * self.keys.chunk_size() as u64 + self.pending.len() as u64
    }

    fn index(&self) -> u64 {
        self.frames.len() as u64
    }

    /// The message that a CLOSE at the end of the content so far signs.
    pub(crate) fn message(&self, last: bool, close: &Close) -> Vec<u8> {
        let leaves: Vec<u8> = self
            .frames
            .iter()
            .flat_map(|frame| self.keys.leaf(frame))
            .collect();
        let record = close.to_bytes();
        let covered = &record[..record.len() - close.signature.len() - 4];
        [
            b"secimg/1 signature\0",
            &self.keys.transfer_id()[..],
            &self.index().to_be_bytes(),
            &[u8::from(last)],
            &sha256(&leaves),
            &sha256(&[&self.pending[..], covered].concat()),
        ]
        .concat()
    }

    /// Signs a CLOSE at the end of the content so far.
    pub(crate) fn sign(&mut self, last: bool, mut close: Close, key: &SignKey) -> Close {
        let mut rng = TestRng::for_close(&self.seed, self.closes);
        self.closes += 1;
        close.signature = key.sign(&self.message(last, &close), &mut rng);
        close
    }

    /// Ends the chunk with a checkpoint.
    pub(crate) fn checkpoint(&mut self, close: Close, key: Option<&SignKey>) {
        let start = self.keys.chunk_size() - close.to_bytes().len();
        if self.pending.len() > start {
            self.flush();
        }
        self.pending.resize(start, 0);
        let close = self.signed_if(false, close, key);
        self.push(&close.to_bytes());
    }

    /// Ends the stream.
    pub(crate) fn finish(mut self, close: Close, key: Option<&SignKey>) -> Stream {
        if self.pending.len() + close.to_bytes().len() >= self.keys.chunk_size() {
            self.flush();
        }
        let close = self.signed_if(true, close, key);
        self.end_with(&close.to_bytes())
    }

    fn signed_if(&mut self, last: bool, close: Close, key: Option<&SignKey>) -> Close {
        match key {
            Some(key) => self.sign(last, close, key),
            None => close,
        }
    }

    /// Ends the stream with any content.
    pub(crate) fn end_with(mut self, content: &[u8]) -> Stream {
        self.push(content);
        let frame = self.keys.seal(self.index(), true, &self.pending);
        self.frames.push(frame);
        self.into_stream()
    }

    /// Takes what there is, without an end.
    pub(crate) fn into_stream(self) -> Stream {
        Stream {
            core: self.keys.core(),
            recipients: self.keys.recipients_frame(&self.block()),
            frames: self.frames,
        }
    }
}
