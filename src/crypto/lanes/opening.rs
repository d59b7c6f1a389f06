//! Opening of several chunks in one pass: the tags of two, and beside it the decryption of those before them, whose tags held.

use aes::cipher::{BlockModeDecrypt, InnerIvInit};
use aes::{Aes256Dec, Block};
use subtle::{Choice, ConstantTimeEq};

use super::hmac::{Tail, first_block, to_bytes};
use super::interleaved::Interleaved;
use super::{AesBlock, Head, LEAD, ShaBlock, State, TAG_LEN};
use crate::crypto::batch::Lane;

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
    ) -> usize {
        let mut queue = Queue::new(decrypt, heads);
        let mut verified = 0;
        while verified < lanes.len() {
            let (before, rest) = lanes.split_at_mut(verified);
            let first = &rest[0];
            // The last of an odd number is beside itself.
            let second = rest.get(1).unwrap_or(first);
            let second_head = heads.get(verified + 1).unwrap_or(&heads[verified]);
            let pair = [(&heads[verified], first), (second_head, second)];
            let held = self
                .check_pair(pair, heads, before, &mut queue)
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
        verified
    }

    /// Tells of two chunks whether their tags hold, and decrypts from the queue beside that.
    fn check_pair(
        &self,
        pair: [(&Head, &Lane<'_>); 2],
        heads: &[Head],
        before: &mut [Lane<'_>],
        queue: &mut Queue<'_>,
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
            at += self.advance(&mut states, rest, heads, before, queue);
        }
        let tails = texts.map(|text| Tail::new(text, LEAD + 64 * at));
        self.compress(&mut states, tails.each_ref().map(Tail::blocks));
        let tags = self.outer(&states);
        [0, 1].map(|n| to_bytes(&tags[n]).ct_eq(parts[n].1))
    }

    /// Compresses some of `blocks`, with what waits in the queue beside it, and returns how many.
    fn advance(
        &self,
        states: &mut [State; 2],
        blocks: [&[ShaBlock]; 2],
        heads: &[Head],
        before: &mut [Lane<'_>],
        queue: &mut Queue<'_>,
    ) -> usize {
        let Some(next) = queue.next(heads, before, BESIDE * blocks[0].len()) else {
            self.simd.compress(states, blocks);
            return blocks[0].len();
        };
        let steps = next.text.len() / BESIDE;
        let blocks = blocks.map(|blocks| &blocks[..steps]);
        self.simd
            .open(states, blocks, &next.chain, next.source, next.text);
        steps
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

    /// Takes up to `most` blocks that are to be decrypted, a multiple of [`BESIDE`].
    fn next<'b>(
        &mut self,
        heads: &[Head],
        lanes: &'b mut [Lane<'_>],
        most: usize,
    ) -> Option<Run<'b>> {
        let left = text_len(lanes.get(self.lane)?) / 16 - self.at;
        if left < BESIDE {
            self.finish_lane(heads, &mut lanes[self.lane]);
            return self.next(heads, lanes, most);
        }
        let count = most.min(left / BESIDE * BESIDE);
        let range = 16 * self.at..16 * (self.at + count);
        let lane = &mut lanes[self.lane];
        let source = lane.from.map(|from| from[range.clone()].as_chunks().0);
        let text = lane.body[range].as_chunks_mut().0;
        let last = source.unwrap_or(text)[count - 1];
        let chain = core::mem::replace(&mut self.chain, last);
        self.at += count;
        Some(Run {
            chain,
            source,
            text,
        })
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
