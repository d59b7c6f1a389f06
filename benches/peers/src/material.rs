//! What is sealed: noise, and slices of a phantom. All of it is made here, the same in every run.

use std::io::{self, Read};

/// Noise that no program can compress (xorshift64*).
#[derive(Debug, Clone)]
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        for word in bytes.chunks_mut(8) {
            let next = self.next().to_le_bytes();
            word.copy_from_slice(&next[..word.len()]);
        }
    }
}

/// Noise without end, for streams that no memory could hold.
impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fill(buffer);
        Ok(buffer.len())
    }
}

/// Returns `len` bytes of noise.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    Noise::new(1).fill(&mut bytes);
    bytes
}

/// Returns a buffer whose pages are all there: the first write to a page costs more than sealing it.
pub(crate) fn touched(len: usize) -> Vec<u8> {
    vec![0xA5; len]
}

/// Slices of a computed tomography, 512 x 512 x 16 bit, one after the other in one buffer. Each is a PGM file.
pub(crate) struct Slices {
    pub(crate) bytes: Vec<u8>,
}

impl Slices {
    const SIDE: u16 = 512;
    const HEADER: &'static [u8] = b"P5\n512 512\n65535\n";
    /// How long one slice's file is.
    pub(crate) const LEN: usize =
        Self::HEADER.len() + 2 * Self::SIDE as usize * Self::SIDE as usize;

    pub(crate) fn new(count: usize) -> Self {
        let phantom = phantom(Self::SIDE);
        let mut bytes = Vec::with_capacity(count * Self::LEN);
        let mut noise = Noise::new(2);
        for _ in 0..count {
            bytes.extend_from_slice(Self::HEADER);
            for density in &phantom {
                let value = density + grain(&mut noise);
                bytes.extend_from_slice(&value.to_be_bytes());
            }
        }
        Self { bytes }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks_exact(Self::LEN)
    }
}

/// About what a scanner's noise is: four small numbers, added.
fn grain(noise: &mut Noise) -> u16 {
    let four = noise.next().to_le_bytes();
    four[..4].iter().map(|byte| u16::from(byte & 0x1F)).sum()
}

/// A body of water with a spine, two lungs and air around it, in Hounsfield units above air.
fn phantom(side: u16) -> Vec<u16> {
    // Centre, half axes and density, in thousandths of the side; the last that covers a point counts.
    const ELLIPSES: [(i32, i32, i32, i32, u16); 5] = [
        (500, 500, 440, 340, 1000),
        (320, 460, 110, 200, 200),
        (680, 460, 110, 200, 200),
        (500, 690, 60, 60, 1700),
        (470, 450, 70, 90, 1060),
    ];
    let density = |x: u16, y: u16| {
        let at = |v: u16| i32::from(v) * 1000 / i32::from(side);
        let covers = |&&(cx, cy, a, b, _): &&(i32, i32, i32, i32, u16)| {
            let (dx, dy) = (i64::from(at(x) - cx), i64::from(at(y) - cy));
            let (a, b) = (i64::from(a), i64::from(b));
            (dx * b).pow(2) + (dy * a).pow(2) <= (a * b).pow(2)
        };
        ELLIPSES.iter().rfind(covers).map_or(0, |ellipse| ellipse.4)
    };
    (0..side)
        .flat_map(|y| (0..side).map(move |x| density(x, y)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_is_a_file_and_no_two_are_the_same() {
        let slices = Slices::new(2);
        let all: Vec<&[u8]> = slices.iter().collect();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].len(), Slices::LEN);
        assert!(all[0].starts_with(Slices::HEADER));
        assert_ne!(all[0], all[1]);
    }
}
