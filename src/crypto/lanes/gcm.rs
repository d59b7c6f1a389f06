//! GCM (SP 800-38D) for one chunk: counter mode and GHASH from the processor, the ends from here.

use aes::Aes256Enc;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use subtle::ConstantTimeEq;

use super::{AesBlock, CounterAndHash, ZERO};

/// Blocks that the kernels take together.
const TOGETHER: usize = 8;

/// The keys of a stream, on a processor with instructions for AES and for multiplication without carries.
pub(in crate::crypto) struct Gcm {
    cipher: Aes256Enc,
    kernels: CounterAndHash,
}

impl Gcm {
    /// Prepares the key, or says that the processor lacks the instructions.
    pub(in crate::crypto) fn new(key: &[u8; 32]) -> Option<Self> {
        // Who asks for AES without the processor's instructions gets it.
        if cfg!(aes_backend = "soft") {
            return None;
        }
        let cipher = Aes256Enc::new(key.into());
        let mut h = Array(ZERO);
        cipher.encrypt_block(&mut h);
        Some(Self {
            kernels: CounterAndHash::new(key, &h.0)?,
            cipher,
        })
    }

    /// Every set of kernels that the processor has, the widest first.
    #[cfg(test)]
    pub(super) fn every_width(key: &[u8; 32]) -> Vec<Self> {
        let narrowed = |gcm: Self| Self {
            kernels: gcm.kernels.narrowed(),
            ..gcm
        };
        let widths = [Self::new(key), Self::new(key).map(narrowed)];
        widths.into_iter().flatten().collect()
    }

    /// Encrypts from `source` to `text`, or in place, and returns the tag.
    pub(in crate::crypto) fn seal(
        &self,
        nonce: [u8; 12],
        source: Option<&[u8]>,
        text: &mut [u8],
    ) -> [u8; 16] {
        self.count(nonce, source, text);
        self.tag(nonce, text)
    }

    /// Decrypts from `source` to `text`, or in place, if the tag holds: it is compared before anything is decrypted.
    pub(in crate::crypto) fn open(
        &self,
        nonce: [u8; 12],
        source: Option<&[u8]>,
        text: &mut [u8],
        tag: &[u8],
    ) -> bool {
        let held = bool::from(self.tag(nonce, source.unwrap_or(text)).ct_eq(tag));
        if held {
            self.count(nonce, source, text);
        }
        held
    }

    /// Adds the key stream, which begins with counter 2.
    fn count(&self, nonce: [u8; 12], source: Option<&[u8]>, text: &mut [u8]) {
        let whole = text.len() / (16 * TOGETHER) * 16 * TOGETHER;
        let (blocks, rest) = text.split_at_mut(whole);
        let start = counter_block(nonce, 0);
        let from = source.map(|source| source[..whole].as_chunks().0);
        self.kernels
            .count(&start, 2, from, blocks.as_chunks_mut().0);
        let mut padded = [ZERO; TOGETHER];
        let bytes = &mut padded.as_flattened_mut()[..rest.len()];
        bytes.copy_from_slice(source.map_or(&*rest, |source| &source[whole..]));
        let counter = u32::try_from(whole / 16).unwrap_or(0).wrapping_add(2);
        self.kernels.count(&start, counter, None, &mut padded);
        rest.copy_from_slice(&padded.as_flattened()[..rest.len()]);
        zeroize::Zeroize::zeroize(padded.as_flattened_mut());
    }

    fn tag(&self, nonce: [u8; 12], ciphertext: &[u8]) -> [u8; 16] {
        let whole = ciphertext.len() / (16 * TOGETHER) * 16 * TOGETHER;
        let (blocks, rest) = ciphertext.split_at(whole);
        let mut state = ZERO;
        self.kernels.hash(&mut state, blocks.as_chunks().0);
        // What is left, filled up to a block, and the lengths: as the last of eight, behind blocks of nothing, to which
        // the state so far is added where the first of them stands.
        let left = rest.len().div_ceil(16) + 1;
        let mut last = [ZERO; 2 * TOGETHER];
        let from = left.next_multiple_of(TOGETHER) - left;
        last.as_flattened_mut()[16 * from..][..rest.len()].copy_from_slice(rest);
        let bits = 8 * ciphertext.len() as u64;
        last[from + left - 1][8..].copy_from_slice(&bits.to_be_bytes());
        if from > 0 {
            let before: AesBlock = core::array::from_fn(|i| state[15 - i]);
            for (byte, state) in last[from].iter_mut().zip(before) {
                *byte ^= state;
            }
            state = ZERO;
        }
        self.kernels.hash(&mut state, &last[..from + left]);
        let mut tag = Array(counter_block(nonce, 1));
        self.cipher.encrypt_block(&mut tag);
        core::array::from_fn(|i| tag[i] ^ state[15 - i])
    }
}

fn counter_block(nonce: [u8; 12], counter: u32) -> AesBlock {
    let mut block = ZERO;
    block[..12].copy_from_slice(&nonce);
    block[12..].copy_from_slice(&counter.to_be_bytes());
    block
}
