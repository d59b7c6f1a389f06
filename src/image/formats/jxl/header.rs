//! The fields at the start of a codestream (ISO/IEC 18181-1, annexes B and D), least significant bit first.
//!
//! Only what stands before the colour space is read, and only as far as claims need it.

use crate::image::claims::{Claims, nonzero};

/// A number in one of four ways: a base, and how many bits are added to it.
type Ways = [(u32, u32); 4];

/// Reads bits.
#[derive(Debug)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    /// Starts at the first byte's lowest bit.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Reads up to 32 bits.
    fn take(&mut self, length: u32) -> Option<u32> {
        let mut value = 0;
        for place in 0..length {
            value |= u32::from(self.flag()?).checked_shl(place)?;
        }
        Some(value)
    }

    fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at >> 3)?;
        let bit = byte >> (self.at & 7) & 1;
        self.at = self.at.checked_add(1)?;
        Some(bit == 1)
    }

    fn number(&mut self, ways: Ways) -> Option<u32> {
        let way = usize::try_from(self.take(2)?).ok()?;
        let (base, length) = *ways.get(way)?;
        base.checked_add(self.take(length)?)
    }

    fn choice(&mut self) -> Option<u32> {
        self.number([(0, 0), (1, 0), (2, 4), (18, 6)])
    }

    /// Reads width and height, as they are before the orientation is applied.
    pub(super) fn size(&mut self) -> Option<(u32, u32)> {
        let eighths = self.flag()?;
        let height = self.side(eighths, SIDE)?;
        let ratio = self.take(3)?;
        let width = match ratio {
            0 => self.side(eighths, SIDE)?,
            _ => widened(height, ratio)?,
        };
        Some((width, height))
    }

    fn side(&mut self, eighths: bool, ways: Ways) -> Option<u32> {
        if eighths {
            self.take(5)?.checked_add(1)?.checked_mul(8)
        } else {
            self.number(ways)
        }
    }

    /// Adds to the size what the metadata says, as far as they are at hand.
    pub(super) fn metadata(mut self, size: Claims) -> Claims {
        let mut claims = size;
        // The steps fill in one claim after the other; where the bits end, the rest stays unknown.
        let _end = self.fill(&mut claims);
        claims
    }

    fn fill(&mut self, claims: &mut Claims) -> Option<()> {
        if self.flag()? {
            *claims = claims.with_samples(3, 8).with_frames(Some(1));
            return Some(());
        }
        let animated = self.flag()? && self.extra_fields()?;
        claims.frames = (!animated).then_some(1);
        claims.bits = nonzero(self.depth()?);
        // Whether 16 bits are enough for the modular mode.
        self.flag()?;
        let more = self.number([(0, 0), (1, 0), (2, 4), (1, 12)])?;
        for _ in 0..more {
            self.extra_channel()?;
        }
        // Whether the colours are XYB.
        self.flag()?;
        let colours = if self.is_grey()? { 1 } else { 3 };
        claims.channels = more
            .checked_add(colours)
            .and_then(|all| u8::try_from(all).ok());
        Some(())
    }

    /// Skips the rare fields; tells whether the image is an animation.
    fn extra_fields(&mut self) -> Option<bool> {
        // The orientation.
        self.take(3)?;
        if self.flag()? {
            self.size()?;
        }
        if self.flag()? {
            self.preview()?;
        }
        let animated = self.flag()?;
        if animated {
            self.number([(100, 0), (1000, 0), (1, 10), (1, 30)])?;
            self.number([(1, 0), (1001, 0), (1, 8), (1, 10)])?;
            self.number([(0, 0), (0, 3), (0, 16), (0, 32)])?;
            self.flag()?;
        }
        Some(animated)
    }

    fn preview(&mut self) -> Option<()> {
        let ways = if self.flag()? {
            [(16, 0), (32, 0), (1, 5), (33, 9)]
        } else {
            [(1, 6), (65, 8), (321, 10), (1345, 12)]
        };
        self.number(ways)?;
        if self.take(3)? == 0 {
            self.number(ways)?;
        }
        Some(())
    }

    /// Reads bits per sample, and zero for what the format does not allow.
    fn depth(&mut self) -> Option<u8> {
        let float = self.flag()?;
        let bits = if float {
            let bits = self.number([(32, 0), (16, 0), (24, 0), (1, 6)])?;
            self.take(4)?;
            bits
        } else {
            self.number([(8, 0), (10, 0), (12, 0), (1, 6)])?
        };
        u8::try_from(if bits <= 32 { bits } else { 0 }).ok()
    }

    fn extra_channel(&mut self) -> Option<()> {
        if self.flag()? {
            // Plain alpha with eight bits.
            return Some(());
        }
        let kind = self.choice()?;
        self.depth()?;
        self.number([(0, 0), (3, 0), (4, 0), (1, 3)])?;
        let name = self.number([(0, 0), (0, 4), (16, 5), (48, 10)])?;
        self.skip(name.checked_mul(8)?)?;
        match kind {
            ALPHA => self.skip(1)?,
            SPOT => self.skip(64)?,
            FILTER_ARRAY => {
                self.number([(1, 0), (0, 2), (3, 4), (19, 8)])?;
            }
            _ => {}
        }
        Some(())
    }

    /// Skips bits, which must be there.
    fn skip(&mut self, length: u32) -> Option<()> {
        let at = self.at.checked_add(usize::try_from(length).ok()?)?;
        self.bytes.get(..at.div_ceil(8))?;
        self.at = at;
        Some(())
    }

    fn is_grey(&mut self) -> Option<bool> {
        if self.flag()? {
            return Some(false);
        }
        // Whether a profile follows; the kind of colours stands here all the same.
        self.flag()?;
        Some(self.choice()? == GREY)
    }
}

/// Computes a width from a height by one of the seven ratios, rounded down.
fn widened(height: u32, ratio: u32) -> Option<u32> {
    let (times, per) = match ratio {
        1 => (1, 1),
        2 => (12, 10),
        3 => (4, 3),
        4 => (3, 2),
        5 => (16, 9),
        6 => (5, 4),
        _ => (2, 1),
    };
    let width = u64::from(height).checked_mul(times)?.checked_div(per)?;
    u32::try_from(width).ok()
}

const SIDE: Ways = [(1, 9), (1, 13), (1, 18), (1, 30)];
const ALPHA: u32 = 0;
const SPOT: u32 = 2;
const FILTER_ARRAY: u32 = 5;
const GREY: u32 = 1;

#[cfg(test)]
pub(super) mod tests;
