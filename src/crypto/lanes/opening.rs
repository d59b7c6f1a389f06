//! Opening of several chunks in one pass: the tags of two, and beside it the decryption of those before them, whose tags held.

use aes::cipher::{BlockModeDecrypt, InnerIvInit};
use aes::{Aes256Dec, Block};
use subtle::{Choice, ConstantTimeEq};

use super::hmac::{Tail, first_block};
use super::interleaved::Interleaved;
use super::{AesBlock, Head, LEAD, ShaBlock, State, TAG_LEN};
use crate::crypto::batch::Lane;
use crate::hash::{Sha256Stream, to_bytes};

/// AES blocks that are decrypted beside one block of each of two lanes of SHA-256.
const BESIDE: usize = 8;

/// Chunks whose tags held, and how far they are decrypted.
struct Queue<'a> {
    decrypt: &'a Aes256Dec,
    /// The chunk that is being decrypted, the next block in it, and the ciphertext before that.
    lane: usize,
    at: usize,
    chain: AesBlock,
}

impl Interleaved {
    /// Opens chunks of one length, a multiple of 16 and not below [`Self::MIN_LEN`], in order, and returns how many were
    /// authentic before the first that was not.
    pub(in crate::crypto) fn open(
        &self,
        decrypt: &Aes256Dec,
        heads: &[Head],
        lanes: &mut [Lane<'_>],
        hasher: Option<&mut Sha256Stream>,
    ) -> usize {
        let mut queue = Queue::new(decrypt, heads);
        let mut behind = Hashed {
            hasher,
            lane: 0,
            at: 0,
        };
        let mut verified = 0;
        while verified < lanes.len() {
            let (before, rest) = lanes.split_at_mut(verified);
            let first = &rest[0];
            // The last of an odd number is beside itself.
            let second = rest.get(1).unwrap_or(first);
            let second_head = heads.get(verified + 1).unwrap_or(&heads[verified]);
            let pair = [(&heads[verified], first), (second_head, second)];
            let held = self
                .check_pair(pair, heads, before, &mut queue, &mut behind)
                .map(bool::from);
            let held = held
                .into_iter()
                .take(rest.len())
                .take_while(|held| *held)
                .count();
            verified += held;
            if held < 2 {
                break;
            }
        }
        queue.finish(heads, &mut lanes[..verified]);
        behind.finish(&lanes[..verified]);
        verified
    }

    /// Tells of two chunks whether their tags hold, and decrypts from the queue beside that.
    fn check_pair(
        &self,
        pair: [(&Head, &Lane<'_>); 2],
        heads: &[Head],
        before: &mut [Lane<'_>],
        queue: &mut Queue<'_>,
        behind: &mut Hashed<'_>,
    ) -> [Choice; 2] {
        let parts = pair.map(|(_, lane)| sealed(lane));
        let texts = parts.map(|(text, _)| text);
        let mut states = [*self.mac.inner; 2];
        let firsts = [0, 1].map(|n| [first_block(&pair[n].0.mac, texts[n])]);
        self.compress(&mut states, firsts.each_ref().map(|block| &block[..]));
        let blocks = texts.map(|text| text[LEAD..].as_chunks().0);
        let mut at = 0;
        while at < blocks[0].len() {
            let rest = blocks.map(|blocks| &blocks[at..]);
            at += self.advance(&mut states, rest, heads, before, queue, behind);
        }
        let tails = texts.map(|text| Tail::new(text, LEAD + 64 * at));
        self.compress(&mut states, tails.each_ref().map(Tail::blocks));
        let tags = self.outer(&states);
        [0, 1].map(|n| to_bytes(&tags[n]).ct_eq(parts[n].1))
    }

    /// Compresses some of `blocks`, with what waits in the queue beside it, and what waits behind that, and returns how many.
    fn advance(
        &self,
        states: &mut [State; 2],
        blocks: [&[ShaBlock]; 2],
        heads: &[Head],
        before: &mut [Lane<'_>],
        queue: &mut Queue<'_>,
        behind: &mut Hashed<'_>,
    ) -> usize {
        let Some(left) = queue.left(heads, before) else {
            self.simd.compress(states, blocks);
            return blocks[0].len();
        };
        let (done, rest) = before.split_at_mut(queue.lane);
        let hashing = behind.next(done);
        let mut steps = blocks[0].len().min(left / BESIDE);
        if let Some((_, blocks)) = &hashing {
            steps = steps.min(blocks.len() / 2);
        }
        let blocks = blocks.map(|blocks| &blocks[..steps]);
        let run = queue.take(&mut rest[0], BESIDE * steps);
        match hashing {
            Some((state, own)) => {
                let mut hash = [state];
                let hashing = Some((&mut hash, &own[..2 * steps]));
                self.simd
                    .open(states, hashing, blocks, &run.chain, run.source, run.text);
                behind.pass(hash[0], 2 * steps);
            }
            None => self
                .simd
                .open(states, None, blocks, &run.chain, run.source, run.text),
        }
        steps
    }
}

/// How far the contents of decrypted chunks are hashed.
struct Hashed<'a> {
    hasher: Option<&'a mut Sha256Stream>,
    lane: usize,
    at: usize,
}

impl Hashed<'_> {
    /// Returns the state and the blocks that come next, at least two; nothing where none are decrypted or nothing is hashed.
    fn next<'b>(&mut self, lanes: &'b [Lane<'_>]) -> Option<(State, &'b [ShaBlock])> {
        let hasher = self.hasher.as_mut()?;
        while let Some(lane) = lanes.get(self.lane) {
            let text = &lane.body[..text_len(lane)];
            let rest = hasher.align(&text[self.at..]);
            self.at = text.len() - rest.len();
            let blocks = rest.as_chunks().0;
            if blocks.len() >= 2 {
                return Some((*hasher.state_for(0), blocks));
            }
            hasher.update(rest);
            (self.lane, self.at) = (self.lane + 1, 0);
        }
        None
    }

    /// Says that `count` of these blocks were compressed into `state`.
    fn pass(&mut self, state: State, count: usize) {
        if let Some(hasher) = &mut self.hasher {
            *hasher.state_for(count) = state;
            self.at += 64 * count;
        }
    }

    fn finish(&mut self, lanes: &[Lane<'_>]) {
        let Some(hasher) = &mut self.hasher else {
            return;
        };
        for lane in &lanes[self.lane.min(lanes.len())..] {
            hasher.update(&lane.body[self.at..text_len(lane)]);
            self.at = 0;
        }
    }
}

/// Blocks that are to be decrypted.
struct Run<'a> {
    /// The ciphertext before them, or the IV.
    chain: AesBlock,
    source: Option<&'a [AesBlock]>,
    text: &'a mut [AesBlock],
}

impl<'a> Queue<'a> {
    fn new(decrypt: &'a Aes256Dec, heads: &[Head]) -> Self {
        Self {
            decrypt,
            lane: 0,
            at: 0,
            chain: heads.first().map_or([0; 16], |head| head.iv),
        }
    }

    /// Returns how many blocks of the current chunk are to be decrypted, [`BESIDE`] or more; nothing where there is no chunk.
    fn left(&mut self, heads: &[Head], lanes: &mut [Lane<'_>]) -> Option<usize> {
        loop {
            let lane = lanes.get_mut(self.lane)?;
            let left = text_len(lane) / 16 - self.at;
            if left >= BESIDE {
                return Some(left);
            }
            self.finish_lane(heads, lane);
        }
    }

    /// Takes the next `count` blocks of the current chunk, which are to be decrypted.
    fn take<'b>(&mut self, lane: &'b mut Lane<'_>, count: usize) -> Run<'b> {
        let range = 16 * self.at..16 * (self.at + count);
        let source = lane.from.map(|from| from[range.clone()].as_chunks().0);
        let text = lane.body[range].as_chunks_mut().0;
        let last = source.unwrap_or(text)[count - 1];
        let chain = core::mem::replace(&mut self.chain, last);
        self.at += count;
        Run {
            chain,
            source,
            text,
        }
    }

    fn finish_lane(&mut self, heads: &[Head], lane: &mut Lane<'_>) {
        let range = 16 * self.at..text_len(lane);
        let text = &mut lane.body[range.clone()];
        if let Some(from) = lane.from {
            text.copy_from_slice(&from[range]);
        }
        let (blocks, _) = Block::slice_as_chunks_mut(text);
        cbc::Decryptor::inner_iv_init(self.decrypt, &self.chain.into()).decrypt_blocks(blocks);
        (self.lane, self.at) = (self.lane + 1, 0);
        self.chain = heads.get(self.lane).map_or([0; 16], |head| head.iv);
    }

    fn finish(&mut self, heads: &[Head], lanes: &mut [Lane<'_>]) {
        while let Some(lane) = lanes.get_mut(self.lane) {
            self.finish_lane(heads, lane);
        }
    }
}

/// Ciphertext and tag of a chunk.
fn sealed<'a>(lane: &'a Lane<'_>) -> (&'a [u8], &'a [u8]) {
    let body = lane.from.unwrap_or(lane.body);
    body.split_at(body.len() - TAG_LEN)
}

fn text_len(lane: &Lane<'_>) -> usize {
    sealed(lane).0.len()
}
