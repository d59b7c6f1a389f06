//! What is evaluated: samples in rows, and what a cipher makes of them in the same rows.

use secimg::preview::Samples;

/// The longest side that is evaluated; of a larger picture the middle.
pub(super) const MAX_SIDE: usize = 2048;
/// Smaller pictures have too few samples for what the tests assume.
pub(super) const MIN_SIDE: usize = 64;

/// Rows from the top, nothing between them, 8 bits a sample.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Samples a pixel: 1 or 3.
    pub(super) channels: usize,
    pub(super) samples: Vec<u8>,
}

/// A part of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Part {
    /// All of a picture, or its middle.
    fn middle(width: usize, height: usize) -> Self {
        let (w, h) = (width.min(MAX_SIDE), height.min(MAX_SIDE));
        Self {
            x: (width - w) / 2,
            y: (height - h) / 2,
            width: w,
            height: h,
        }
    }
}

impl Picture {
    /// Takes what is evaluated of a decoded picture.
    pub(super) fn middle_of(decoded: &Samples) -> (Self, Part) {
        let side = |pixels: u32| usize::try_from(pixels).unwrap_or(usize::MAX);
        let (width, channels) = (side(decoded.width), usize::from(decoded.channels));
        let part = Part::middle(width, side(decoded.height));
        let rows = decoded.bytes.chunks_exact(width * channels);
        let columns = part.x * channels..(part.x + part.width) * channels;
        let rows = rows.skip(part.y).take(part.height);
        let picture = Self {
            width: part.width,
            height: part.height,
            channels,
            samples: rows
                .flat_map(|row| &row[columns.clone()])
                .copied()
                .collect(),
        };
        (picture, part)
    }

    /// The same rows with other samples.
    pub(super) fn with(&self, samples: Vec<u8>) -> Self {
        Self { samples, ..*self }
    }

    /// The same picture with the lowest bit of one sample changed.
    pub(super) fn changed_at(&self, sample: usize) -> Vec<u8> {
        let mut samples = self.samples.clone();
        samples[sample] ^= 1;
        samples
    }

    /// Each pixel of this row of samples that has a neighbour so many pixels to the right and so many rows below, with it.
    pub(super) fn neighbours(
        &self,
        right: usize,
        below: usize,
    ) -> impl Iterator<Item = (u8, u8)> + '_ {
        let row = self.width * self.channels;
        let shift = right * self.channels;
        let upper = self.samples.chunks_exact(row);
        let lower = self.samples.chunks_exact(row).skip(below);
        let pairs = upper
            .zip(lower)
            .flat_map(move |(upper, lower)| upper.iter().zip(&lower[shift..]));
        pairs.map(|(one, other)| (*one, *other))
    }

    /// One pixel of several, in both directions alike, so that no side is longer than `side`. Nothing is averaged: noise stays
    /// noise.
    pub(super) fn thinned(&self, side: usize) -> Self {
        let step = self.width.max(self.height).div_ceil(side).max(1);
        let rows = self
            .samples
            .chunks_exact(self.width * self.channels)
            .step_by(step);
        let pixels = rows.flat_map(|row| row.chunks_exact(self.channels).step_by(step));
        Self {
            width: self.width.div_ceil(step),
            height: self.height.div_ceil(step),
            channels: self.channels,
            samples: pixels.flatten().copied().collect(),
        }
    }
}

/// A drawing in four greys without any texture: what a block cipher without chaining cannot hide.
pub(super) fn flat() -> Picture {
    const SIDE: i32 = 512;
    let at = |x: i32, y: i32| {
        let (dx, dy) = (x - SIDE / 2, y - SIDE / 2);
        let square = dx * dx + dy * dy;
        match square {
            // A ring, and in it a bar that slopes.
            36_100..=52_900 => 0xF0,
            0..=36_099 if (dx - dy).abs() < 60 => 0x90,
            0..=36_099 => 0x50,
            _ => 0x10,
        }
    };
    Picture {
        width: 512,
        height: 512,
        channels: 1,
        samples: (0..SIDE)
            .flat_map(|y| (0..SIDE).map(move |x| at(x, y)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(width: u8, height: u8, channels: u8) -> Picture {
        Picture {
            width: width.into(),
            height: height.into(),
            channels: channels.into(),
            samples: (0..width * height * channels).collect(),
        }
    }

    #[test]
    fn of_a_large_picture_the_middle_is_taken() {
        assert_eq!(
            Part::middle(MAX_SIDE + 10, 64),
            Part {
                x: 5,
                y: 0,
                width: MAX_SIDE,
                height: 64
            }
        );
        let mut decoded = secimg::preview::samples(b"P6 2 1 255 \x01\x02\x03\x04\x05\x06").unwrap();
        let (whole, part) = Picture::middle_of(&decoded);
        assert_eq!(
            (whole.samples.as_slice(), part.width),
            (&[1, 2, 3, 4, 5, 6][..], 2)
        );
        decoded.width = u32::try_from(MAX_SIDE).unwrap() + 2;
        decoded.bytes = (0..decoded.width * 3)
            .map(|at| at.to_le_bytes()[0])
            .collect();
        let (middle, part) = Picture::middle_of(&decoded);
        assert_eq!((part.x, middle.samples.len()), (1, MAX_SIDE * 3));
        assert_eq!(middle.samples[..3], [3, 4, 5]);
    }

    #[test]
    fn neighbours_are_of_one_colour() {
        let picture = counting(2, 2, 3);
        let pairs = |right, below| picture.neighbours(right, below).collect::<Vec<_>>();
        assert_eq!(
            pairs(1, 0),
            [(0, 3), (1, 4), (2, 5), (6, 9), (7, 10), (8, 11)]
        );
        assert_eq!(pairs(0, 1)[..2], [(0, 6), (1, 7)]);
        assert_eq!(pairs(0, 1).len(), 6);
        assert_eq!(pairs(1, 1), [(0, 9), (1, 10), (2, 11)]);
    }

    #[test]
    fn thinning_leaves_pixels_as_they_are() {
        let thin = counting(5, 3, 1).thinned(3);
        assert_eq!((thin.width, thin.height), (3, 2));
        assert_eq!(thin.samples, [0, 2, 4, 10, 12, 14]);
        let same = counting(5, 3, 1).thinned(5);
        assert!(same == counting(5, 3, 1));
    }
}
