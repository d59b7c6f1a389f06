//! A sealed stream from a script: MACs, tags and signatures are made after the fuzzer's changes, so that
//! these reach what stands behind them; other changes are made to the sealed bytes.

use core::ops::Range;

use secimg::content::Close;
use secimg::crypto::{
    Cek, ChunkKeys, Random, SUITES, StreamKeys, Suite, Workers, batch, system_rng, transfer_id,
};
use secimg::format::{
    ChunkSize, Core, Entry, Flags, FrameHeader, FrameKind, RecipientType, RecipientsBlock,
};
use secimg::keys::{Recipient, Signer, WrapContext};
use sha2::{Digest, Sha256};

use super::assemble::{Assembled, CHUNK, assemble};
use super::choices::Choices;
use super::keys::{raw_key, sender};

/// One change: what, where, by which byte.
#[derive(Clone, Copy)]
struct Change {
    what: u8,
    at: usize,
    by: u8,
}

/// Input: suite and signing, changes, the content's script.
pub fn sealed(choices: &mut Choices<'_>) -> Vec<u8> {
    let flags = choices.byte();
    let count = choices.byte() % 4;
    let changes: Vec<_> = (0..count)
        .map(|_| Change {
            what: choices.byte() % 10,
            at: usize::from(choices.short()),
            by: choices.byte(),
        })
        .collect();
    let signer = (flags & 2 != 0).then(sender);
    let suite = SUITES[usize::from(flags & 1)];
    let mut made = assemble(choices, signer.as_deref());
    changed(&mut made.content, &changes, 0);
    let flag = signer.is_some() ^ changes.iter().any(|change| change.what == 1);
    let maker = Maker::new(suite, flag, signer.as_deref());
    let mut frames = maker.frames(&mut made, &changes);
    reorder(&mut frames, &changes);
    let header = [maker.core.to_bytes(), maker.recipients(&changes)].concat();
    let mut stream = [header, frames.concat()].concat();
    changed(&mut stream, &changes, 8);
    for change in changes.iter().filter(|change| change.what == 9) {
        let cut = stream.len().saturating_sub(change.at);
        stream.resize(cut + usize::from(change.by), change.by);
    }
    stream
}

/// Makes the changes of one sort to bytes.
fn changed(bytes: &mut [u8], changes: &[Change], what: u8) {
    for change in changes.iter().filter(|change| change.what == what) {
        if let Some(at) = change.at.checked_rem(bytes.len()) {
            bytes[at] ^= change.by;
        }
    }
}

fn reorder(frames: &mut Vec<Vec<u8>>, changes: &[Change]) {
    for change in changes {
        let at = change.at % frames.len().max(1);
        let to = usize::from(change.by) % frames.len().max(1);
        match change.what {
            4 if !frames.is_empty() => drop(frames.remove(at)),
            5 if !frames.is_empty() => frames.insert(to, frames[at].clone()),
            6 if !frames.is_empty() => frames.swap(at, to),
            _ => {}
        }
    }
}

struct Maker<'a> {
    core: Core,
    cek: Cek,
    keys: StreamKeys,
    chunks: Box<dyn ChunkKeys>,
    suite: &'static Suite,
    signer: Option<&'a dyn Signer>,
}

impl<'a> Maker<'a> {
    fn new(suite: &'static Suite, flag: bool, signer: Option<&'a dyn Signer>) -> Self {
        let cek = Cek::init(|key| key.fill(0xCE));
        let core = Core::new(suite.id, Flags::new(flag), ChunkSize::MIN, [0x5A; 32]);
        let keys = StreamKeys::derive(&cek, &core, b"");
        Self {
            core: core.with_commitment(keys.commitment()),
            cek,
            chunks: suite.chunk_keys(&keys),
            keys,
            suite,
            signer,
        }
    }

    /// The frame RECIPIENTS, with a MAC over what the changes made of it.
    fn recipients(&self, changes: &[Change]) -> Vec<u8> {
        let hash = secimg::crypto::core_hash(&self.core);
        let context = WrapContext::new(&self.core.salt, &hash);
        let recipient = raw_key();
        let rng = &mut system_rng();
        let body = recipient
            .wrap(&self.cek, context, &mut Random::new(rng))
            .unwrap();
        let id = Recipient::key_id(&*recipient, &self.core.salt);
        let entry = Entry::new(RecipientType::RawKey, id, body);
        let block = RecipientsBlock::build(&[entry]).unwrap();
        let mut body = block.authenticated().to_vec();
        // Where there is something to change: behind the entry is nothing but zeros.
        changed(&mut body[..128], changes, 2);
        let mac = self.keys.recipients_mac(&body);
        let header = FrameHeader::new(FrameKind::Recipients, 4096);
        [header.to_bytes().as_slice(), &body, &mac].concat()
    }

    fn frames(&self, made: &mut Assembled, changes: &[Change]) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        let mut leaves = Sha256::new();
        let full = made.content.len() / CHUNK;
        for index in 0..=full {
            let start = index * CHUNK;
            let end = made.content.len().min(start + CHUNK);
            self.sign(made, start..end, index as u64, index == full, &leaves);
            if index == full {
                changed(&mut made.content[start..end], changes, 3);
            }
            let frame = self.seal(index as u64, index == full, &made.content[start..end]);
            leaves.update(self.chunks.leaf(&frame[4..]));
            frames.push(frame);
        }
        frames
    }

    /// Signs the CLOSE that ends this chunk, if there is one.
    fn sign(
        &self,
        made: &mut Assembled,
        chunk: Range<usize>,
        index: u64,
        last: bool,
        leaves: &Sha256,
    ) {
        let (Some(signer), Some((_, close))) = (self.signer, made.close_in(&chunk)) else {
            return;
        };
        let tail = close.unsigned_tail();
        let covered = &made.content[chunk.start..chunk.end - tail];
        let message = [
            b"secimg/1 signature\0".as_slice(),
            &transfer_id(&self.core),
            &index.to_be_bytes(),
            &[u8::from(last)],
            &leaves.clone().finalize(),
            &Sha256::digest(covered),
        ]
        .concat();
        let rng = &mut system_rng();
        let signature = signer.sign(&message, &mut Random::new(rng)).unwrap();
        let len = signature.len().min(tail - 4);
        made.content[chunk.end - tail..chunk.end - tail + len].copy_from_slice(&signature[..len]);
    }

    fn seal(&self, index: u64, last: bool, content: &[u8]) -> Vec<u8> {
        let geometry = secimg::format::Geometry::new(ChunkSize::MIN, self.suite.layout);
        if last {
            return batch::seal_final(self.chunks.as_ref(), geometry, index, content);
        }
        let mut frame = vec![0; geometry.stride()];
        frame[4..4 + content.len()].copy_from_slice(content);
        batch::seal_chunks(
            self.chunks.as_ref(),
            geometry,
            index,
            &mut frame,
            &Workers::one(),
            None,
        );
        frame
    }
}

impl Assembled {
    /// The CLOSE that lies whole in this chunk and ends it, and where it begins.
    fn close_in(&self, chunk: &Range<usize>) -> Option<&(usize, Close)> {
        self.closes
            .iter()
            .find(|(at, close)| *at >= chunk.start && at + close.to_bytes().len() == chunk.end)
    }
}
