//! Sealing of several chunks in one pass: encryption, and HMAC a little behind it.

use super::hmac::{MacKey, Tail, first_block, outer_block};
use super::{Hashing, Head, LAG, LEAD, ShaBlock, Simd, Sources, State, TAG_LEN, Texts};
use crate::crypto::batch::{Beside, Lane};
use crate::hash::to_bytes;

/// The keys of a stream for chunks side by side, on a processor with instructions for AES and SHA-256.
pub(in crate::crypto) struct Interleaved {
    pub(super) simd: Simd,
    pub(super) mac: MacKey,
}

type Kernel<const N: usize> = fn(
    &Simd,
    &mut [State; N],
    Option<Hashing<'_>>,
    Option<&Sources<'_, N>>,
    &mut Texts<'_, N>,
    usize,
    usize,
);

impl Interleaved {
    /// The shortest ciphertext that the kernels take.
    pub(in crate::crypto) const MIN_LEN: usize = 64 * (LAG + 1);

    /// Prepares the keys, or says that the processor lacks the instructions.
    pub(in crate::crypto) fn new(enc: &[u8; 32], mac: &[u8; 32]) -> Option<Self> {
        // Who asks for AES without the processor's instructions gets it.
        if cfg!(aes_backend = "soft") {
            return None;
        }
        Some(Self {
            simd: Simd::new(enc)?,
            mac: MacKey::new(mac),
        })
    }

    /// Every set of kernels that the processor has, the widest first.
    #[cfg(test)]
    pub(super) fn every_width(enc: &[u8; 32], mac: &[u8; 32]) -> Vec<Self> {
        let keys = |simd| Self {
            simd,
            mac: MacKey::new(mac),
        };
        Simd::every_width(enc).into_iter().map(keys).collect()
    }

    /// Seals chunks of one length, a multiple of 16 and not below [`Self::MIN_LEN`].
    pub(in crate::crypto) fn seal(
        &self,
        heads: &[Head],
        lanes: &mut [Lane<'_>],
        mut beside: Option<&mut Beside<'_>>,
    ) {
        for (heads, lanes) in heads.chunks(4).zip(lanes.chunks_mut(4)) {
            match (heads, lanes) {
                ([h0, h1, h2, h3], [l0, l1, l2, l3]) => {
                    let lanes = [l0.part(), l1.part(), l2.part(), l3.part()];
                    self.seal_group([h0, h1, h2, h3], lanes, beside.as_deref_mut(), Simd::seal4);
                }
                ([h0, h1, h2], [l0, l1, l2]) => {
                    // Four lanes are done before two and then one: the fourth seals nothing.
                    let mut spare = vec![0; l0.body.len()];
                    let nothing = Lane {
                        from: l0.from,
                        body: &mut spare,
                    };
                    let lanes = [l0.part(), l1.part(), l2.part(), nothing];
                    self.seal_group([h0, h1, h2, h2], lanes, beside.as_deref_mut(), Simd::seal4);
                }
                ([h0, h1], [l0, l1]) => {
                    self.seal_group([h0, h1], [l0.part(), l1.part()], None, Simd::seal2);
                }
                ([h0], [l0]) => self.seal_group([h0], [l0.part()], None, Simd::seal1),
                _ => {}
            }
        }
    }

    fn seal_group<const N: usize>(
        &self,
        heads: [&Head; N],
        lanes: [Lane<'_>; N],
        beside: Option<&mut Beside<'_>>,
        kernel: Kernel<N>,
    ) {
        let sources = sources(&lanes);
        let mut parts = lanes.map(|lane| lane.body.split_at_mut(lane.body.len() - TAG_LEN));
        let mut texts = parts.each_mut().map(|(text, _)| text.as_chunks_mut().0);
        let blocks = texts[0].len();
        let columns = blocks / 4;
        let mut states = [*self.mac.inner; N];
        copy(sources.as_ref(), &mut texts, 0, 4 * LAG);
        self.start(heads, &mut states, &mut texts);
        let mut from = LAG;
        // A column of four lanes has as many bytes as four blocks.
        let wanted = 4 * (columns - from);
        if let Some(beside) = beside.filter(|beside| beside.blocks(wanted).len() >= 4) {
            let hashed = beside.blocks(wanted);
            let count = hashed.len() / 4 * 4;
            let to = from + count / 4;
            let mut hash = [beside.state()];
            let hashing = Some((&mut hash, &hashed[..count]));
            let (simd, sources) = (&self.simd, sources.as_ref());
            kernel(simd, &mut states, hashing, sources, &mut texts, from, to);
            beside.pass(hash[0], count);
            from = to;
        }
        kernel(
            &self.simd,
            &mut states,
            None,
            sources.as_ref(),
            &mut texts,
            from,
            columns,
        );
        copy(sources.as_ref(), &mut texts, 4 * columns, blocks);
        self.simd.encrypt(&mut texts, 4 * columns, blocks);
        let done = LEAD + 64 * (columns - LAG);
        let tails = texts
            .each_ref()
            .map(|text| Tail::new(text.as_flattened(), done));
        self.compress(&mut states, tails.each_ref().map(Tail::blocks));
        for ((_, tag), state) in parts.iter_mut().zip(self.outer(&states)) {
            tag.copy_from_slice(&to_bytes(&state));
        }
    }

    /// The first columns, before SHA-256 may follow.
    fn start<const N: usize>(
        &self,
        heads: [&Head; N],
        states: &mut [State; N],
        texts: &mut Texts<'_, N>,
    ) {
        for (head, text) in heads.iter().zip(texts.iter_mut()) {
            for (byte, iv) in text[0].iter_mut().zip(head.iv) {
                *byte ^= iv;
            }
        }
        self.simd.encrypt(texts, 0, 4 * LAG);
        let mut blocks = [[[0; 64]]; N];
        for ((block, head), text) in blocks.iter_mut().zip(heads).zip(texts) {
            *block = [first_block(&head.mac, text.as_flattened())];
        }
        self.compress(states, blocks.each_ref().map(|block| &block[..]));
    }

    /// The tags of inner states.
    pub(super) fn outer<const N: usize>(&self, inner: &[State; N]) -> [State; N] {
        let blocks = inner.each_ref().map(|state| [outer_block(state)]);
        let mut states = [*self.mac.outer; N];
        self.compress(&mut states, blocks.each_ref().map(|block| &block[..]));
        states
    }

    /// Advances lanes of SHA-256, two at a time.
    pub(super) fn compress<const N: usize>(
        &self,
        states: &mut [State; N],
        blocks: [&[ShaBlock]; N],
    ) {
        for (states, blocks) in states.chunks_mut(2).zip(blocks.chunks(2)) {
            match (states, blocks) {
                ([a, b], [x, y]) => {
                    let mut two = [*a, *b];
                    self.simd.compress(&mut two, [x, y]);
                    [*a, *b] = two;
                }
                ([a], [x]) => {
                    let mut one = [*a];
                    self.simd.compress(&mut one, [x]);
                    [*a] = one;
                }
                _ => {}
            }
        }
    }
}

/// The contents of lanes that come from elsewhere, as all lanes of a group do, or none.
fn sources<'a, const N: usize>(lanes: &[Lane<'a>; N]) -> Option<Sources<'a, N>> {
    let contents = lanes.each_ref().map(|lane| lane.from);
    let all = contents.iter().all(Option::is_some);
    debug_assert!(all || contents.iter().all(Option::is_none), "all, or none");
    all.then(|| contents.map(|content| content.unwrap_or_default().as_chunks().0))
}

/// Brings the blocks from `from` to `to`.
fn copy<const N: usize>(
    sources: Option<&Sources<'_, N>>,
    texts: &mut Texts<'_, N>,
    from: usize,
    to: usize,
) {
    for (source, text) in sources.into_iter().flatten().zip(texts) {
        text[from..to].copy_from_slice(&source[from..to]);
    }
}
