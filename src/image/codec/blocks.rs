//! Folded differences as bits: blocks of a row, each with its own Golomb-Rice parameter.
//!
//! ```text
//! block  = 1, or 0 ‖ mode, then its samples      16 samples; the last block of a row has what is left
//! 1      : the mode of the block before in the row; in front of the first it is 0
//! mode 0 : all samples are zero, and nothing follows
//! mode m : k = m − 1; a sample is its part above k bits as zeros, a one, and its k lowest bits;
//!          from 20 zeros on it is 20 zeros, a one, and the whole sample
//! last   : the samples as they are
//! ```
//!
//! There are as many modes as a sample has bits. 16 samples, and not 32: it follows a scan of the body better, and a
//! flag for "as before" takes back what more modes cost.

use super::bits::{BitReader, BitWriter, low_bits};
use super::word::Word;

/// How many samples share a parameter.
const BLOCK: usize = 16;
/// So many zeros say that a whole sample follows.
const ESCAPE: u32 = 20;

/// The last mode: the samples as they are.
const fn plain<W: Word>() -> u32 {
    W::BITS.wrapping_sub(1)
}

/// How a block is written.
#[derive(Clone, Copy)]
struct Choice {
    mode: u32,
    /// Without the mode itself.
    bits: u32,
    /// No sample of it is written whole.
    short: bool,
}

/// Finds the mode in which a block takes the fewest bits, or nearly so.
fn choose<W: Word>(block: &[W]) -> Choice {
    let len = u32::try_from(block.len()).unwrap_or(u32::MAX);
    let largest = block.iter().fold(W::default(), |most, v| most.max(*v));
    if largest == W::default() {
        return Choice {
            mode: 0,
            bits: 0,
            short: true,
        };
    }
    let as_they_are = Choice {
        mode: plain::<W>(),
        bits: len.wrapping_mul(W::BITS),
        short: false,
    };
    let sum = block.iter().map(|v| (*v).into()).fold(0, u64::wrapping_add);
    let mean = sum.checked_div(len.into()).unwrap_or_default();
    // The best parameter is at the mean or one below.
    let bits_of_mean = u64::BITS.wrapping_sub(mean.leading_zeros());
    let upper = bits_of_mean.min(W::BITS.wrapping_sub(3));
    let lower = upper.saturating_sub(1);
    [upper, lower]
        .into_iter()
        .map(|k| rice(block, len, largest, k))
        .fold(
            as_they_are,
            |best, next| {
                if next.bits < best.bits { next } else { best }
            },
        )
}

fn rice<W: Word>(block: &[W], len: u32, largest: W, k: u32) -> Choice {
    let short = largest.shifted(k) < ESCAPE;
    let high = if short {
        let parts = block.iter().map(|v| v.shifted(k));
        parts.fold(0, u32::wrapping_add)
    } else {
        escaping(block, k)
    };
    let bits = len.wrapping_mul(k.wrapping_add(1)).wrapping_add(high);
    Choice {
        mode: k.wrapping_add(1),
        bits,
        short,
    }
}

/// What the zeros take, and what more a sample takes that is written whole.
#[cold]
fn escaping<W: Word>(block: &[W], k: u32) -> u32 {
    let cost = |v: &W| match v.shifted(k) {
        high if high < ESCAPE => high,
        _ => ESCAPE.wrapping_add(W::BITS).wrapping_sub(k),
    };
    block.iter().map(cost).fold(0, u32::wrapping_add)
}

const fn mode_bits<W: Word>(mode: u32, before: u32) -> u32 {
    if mode == before {
        1
    } else {
        W::MODE_BITS.wrapping_add(1)
    }
}

/// Returns how many bits a row takes.
pub(super) fn cost<W: Word>(row: &[W]) -> u64 {
    let mut before = 0;
    let bits = row.chunks(BLOCK).map(|block| {
        let choice = choose(block);
        let mode = mode_bits::<W>(choice.mode, before);
        before = choice.mode;
        u64::from(choice.bits.wrapping_add(mode))
    });
    bits.fold(0, u64::wrapping_add)
}

/// Returns how many bytes a row of so many samples takes at most.
pub(super) fn most_bytes<W: Word>(samples: usize) -> usize {
    // A block takes no more bits than its samples have, and less than a byte for the mode.
    samples
        .saturating_mul(size_of::<W>())
        .saturating_add(samples.div_ceil(BLOCK))
}

/// Writes the folded differences of a row.
pub(super) fn write_row<W: Word>(row: &[W], out: &mut BitWriter) {
    let mut before = 0;
    for block in row.chunks(BLOCK) {
        let choice = choose(block);
        let mode = choice.mode;
        // The flag stands lowest: it is the first bit.
        let head = if mode == before {
            1
        } else {
            u64::from(mode) << 1
        };
        out.put(head, mode_bits::<W>(mode, before));
        before = mode;
        if mode == 0 {
            continue;
        }
        let k = mode.wrapping_sub(1);
        let values = block.iter().copied();
        if mode == plain::<W>() {
            values.for_each(|v| out.put(v.into(), W::BITS));
        } else if choice.short {
            values.for_each(|v| write_short(v, k, out));
        } else {
            values.for_each(|v| write_any(v, k, out));
        }
    }
}

#[inline]
fn write_short<W: Word>(value: W, k: u32, out: &mut BitWriter) {
    let high = value.shifted(k);
    let low = value.into() & low_bits(k);
    let len = high.wrapping_add(1).wrapping_add(k);
    out.put((low << 1 | 1).wrapping_shl(high), len);
}

fn write_any<W: Word>(value: W, k: u32, out: &mut BitWriter) {
    if value.shifted(k) < ESCAPE {
        return write_short(value, k, out);
    }
    let len = ESCAPE.wrapping_add(1).wrapping_add(W::BITS);
    out.put((value.into() << 1 | 1).wrapping_shl(ESCAPE), len);
}

/// Reads the folded differences of a row, and says whether all of it were codes.
pub(super) fn read_row<W: Word>(row: &mut [W], input: &mut BitReader<'_>) -> bool {
    let mut sound = true;
    let mut mode = 0;
    for block in row.chunks_mut(BLOCK) {
        input.refill();
        if input.take(1) == 0 {
            let next = u32::try_from(input.take(W::MODE_BITS)).unwrap_or_default();
            // The one that stands already has a shorter word.
            sound &= next != mode;
            mode = next;
        }
        if mode == 0 {
            block.fill(W::default());
        } else if mode == plain::<W>() {
            for value in block {
                input.refill();
                *value = W::low(input.take(W::BITS));
            }
        } else {
            sound &= read_rice(block, mode.wrapping_sub(1), input);
        }
    }
    sound
}

fn read_rice<W: Word>(block: &mut [W], k: u32, input: &mut BitReader<'_>) -> bool {
    let mut all = 0;
    let mut sound = true;
    for value in block {
        input.refill();
        let zeros = input.peek().trailing_zeros();
        if zeros < ESCAPE {
            input.skip(zeros.wrapping_add(1));
            let number = u64::from(zeros).wrapping_shl(k) | input.take(k);
            all |= number;
            *value = W::low(number);
        } else {
            // More zeros are no code.
            sound &= zeros == ESCAPE;
            input.skip(ESCAPE.wrapping_add(1));
            *value = W::low(input.take(W::BITS));
        }
    }
    // What is wider than a sample is none.
    sound && all.checked_shr(W::BITS).unwrap_or_default() == 0
}
