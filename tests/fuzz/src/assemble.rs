//! Content from a script: records with the lengths, digests and offsets that they must have, and others.
//!
//! Mutations of bytes seldom keep a length or a digest right; mutations of a script always do, unless it
//! says otherwise.

use secimg::content::{
    Close, Index, IndexEntry, Manifest, RecordHeader, RecordKind, SignatureAlgorithm,
    SignatureBlock,
};
use secimg::keys::Signer;
use sha2::{Digest, Sha256};

use super::choices::Choices;

/// What a chunk holds: CLOSE must end one.
pub const CHUNK: usize = 4096;
/// No content grows longer.
const MAX_CONTENT: usize = 96 << 10;

/// Content, and where the CLOSEs stand in it, whose signatures are still zeros.
#[derive(Default)]
pub struct Assembled {
    pub content: Vec<u8>,
    pub closes: Vec<(usize, Close)>,
    items: Vec<IndexEntry>,
    original: Sha256,
    index_offset: u64,
}

/// Runs a script: how it ends, then one step after the other.
pub fn assemble(choices: &mut Choices<'_>, signer: Option<&dyn Signer>) -> Assembled {
    let mut made = Assembled::default();
    let ending = choices.byte();
    while !choices.is_empty() && made.content.len() < MAX_CONTENT {
        made.step(choices, signer);
    }
    if ending & 1 == 0 {
        made.index();
    }
    match ending >> 1 & 7 {
        6 => made.close(made.index_offset + 1, true, choices, signer),
        7 => {}
        _ => made.close(made.index_offset, true, choices, signer),
    }
    made
}

impl Assembled {
    fn step(&mut self, choices: &mut Choices<'_>, signer: Option<&dyn Signer>) {
        match choices.byte() % 16 {
            0 | 1 => self.manifest(choices),
            2 => self.record(RecordKind::Manifest, choices.bytes()),
            3 => self.record(RecordKind::Preview, choices.bytes()),
            4 | 5 => self.data(&vec![choices.byte(); usize::from(choices.short() % 0x3000)]),
            6 => self.data(choices.bytes()),
            7 => self.digest(),
            8 => self.record(RecordKind::Digest, choices.bytes()),
            9 => self.index(),
            10 => self.record(RecordKind::Index, choices.bytes()),
            11 => self.pad(usize::from(choices.short() % 0x2000)),
            12 => self.pad(self.content.len().wrapping_neg() % CHUNK),
            13 => self.close(0, false, choices, signer),
            14 => self.record(
                RecordKind::Skippable(choices.byte() | 0x80),
                choices.bytes(),
            ),
            _ => self.content.extend_from_slice(choices.bytes()),
        }
    }

    fn record(&mut self, kind: RecordKind, body: &[u8]) {
        let header = RecordHeader::new(kind, body.len() as u64);
        self.content.extend_from_slice(&header.to_bytes());
        self.content.extend_from_slice(body);
    }

    fn manifest(&mut self, choices: &mut Choices<'_>) {
        let mut manifest = Manifest::new("opaque", "application/octet-stream");
        let name = String::from_utf8_lossy(choices.bytes()).into_owned();
        manifest.name = Some(name.clone()).filter(|name| !name.is_empty());
        let offset = self.content.len() as u64;
        let media_type = manifest.media_type.clone();
        self.items
            .push(IndexEntry::new(offset, 0, None, media_type, name));
        self.original = Sha256::new();
        self.record(RecordKind::Manifest, &manifest.to_bytes().unwrap());
    }

    fn data(&mut self, bytes: &[u8]) {
        self.original.update(bytes);
        if let Some(item) = self.items.last_mut() {
            item.bytes += bytes.len() as u64;
        }
        self.record(RecordKind::Data, bytes);
    }

    fn digest(&mut self) {
        let digest: [u8; 32] = self.original.clone().finalize().into();
        if let Some(item) = self.items.last_mut() {
            item.digest = Some(digest);
        }
        self.record(RecordKind::Digest, &digest);
    }

    fn index(&mut self) {
        if !self.items.is_empty() {
            self.index_offset = self.content.len() as u64;
            let body = Index::new(self.items.clone()).to_bytes();
            self.record(RecordKind::Index, &body);
        }
    }

    fn pad(&mut self, len: usize) {
        self.content.resize(self.content.len() + len, 0);
    }

    /// Puts CLOSE at the end of its chunk, or behind everything.
    fn close(
        &mut self,
        index_offset: u64,
        last: bool,
        choices: &mut Choices<'_>,
        signer: Option<&dyn Signer>,
    ) {
        let close = Close::new(index_offset, signer.map(|signer| block(choices, signer)));
        let record = close.to_bytes();
        let room = CHUNK - self.content.len() % CHUNK;
        if room < record.len() || last && room == record.len() {
            self.pad(room);
        }
        if !last {
            self.pad(CHUNK - self.content.len() % CHUNK - record.len());
        }
        self.closes.push((self.content.len(), close));
        self.content.extend_from_slice(&record);
    }
}

/// A block by the signer, or one that says so and cannot be.
fn block(choices: &mut Choices<'_>, signer: &dyn Signer) -> SignatureBlock {
    let flaw = choices.byte();
    let algorithm = match flaw {
        0xF0..=0xF7 => SignatureAlgorithm::RsaPssSha256,
        _ => signer.algorithm(),
    };
    let spki = match flaw {
        0xF8..=0xFB => choices.bytes().to_vec(),
        _ => signer.spki().to_vec(),
    };
    let signature_len = match flaw {
        0xFC..=0xFF => usize::from(choices.byte()) + 1,
        _ => signer.signature_len(),
    };
    let intended = (0..flaw % 4).map(|byte| [byte; 32]).collect();
    let time = u64::from(choices.byte());
    SignatureBlock::unsigned(algorithm, time, spki, intended, signature_len)
}
