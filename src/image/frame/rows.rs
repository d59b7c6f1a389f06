//! Rows of bytes as rows of numbers, and back.

use crate::format::SampleType;
use crate::image::codec::Word;

/// The sign of 16 bits, which turned over makes the order of signed numbers that of unsigned ones.
const SIGN_16: u16 = 1 << 15;
const SIGN_32: u32 = 1 << 31;

/// Reads a row. `word` makes a number of a sample's bytes.
pub(super) fn load<W: Word, const N: usize>(
    bytes: &[u8],
    row: &mut [W],
    word: impl Fn([u8; N]) -> W,
) {
    let (samples, _) = bytes.as_chunks::<N>();
    for (to, from) in row.iter_mut().zip(samples) {
        *to = word(*from);
    }
}

/// Writes a row. `sample` makes a sample's bytes of a number.
pub(super) fn store<W: Word, const N: usize>(
    row: &[W],
    bytes: &mut [u8],
    sample: impl Fn(W) -> [u8; N],
) {
    let (samples, _) = bytes.as_chunks_mut::<N>();
    for (to, from) in samples.iter_mut().zip(row) {
        *to = sample(*from);
    }
}

/// Turns the order of the bytes in each sample over.
pub(super) fn swap(row: &mut [u8], sample_type: SampleType) {
    match sample_type.bytes() {
        2 => swap_samples::<2>(row),
        4 => swap_samples::<4>(row),
        _ => {}
    }
}

fn swap_samples<const N: usize>(row: &mut [u8]) {
    let (samples, _) = row.as_chunks_mut::<N>();
    for sample in samples {
        sample.reverse();
    }
}

/// The number of a signed sample, whose bits are these: in the same order. It undoes itself.
#[inline]
pub(super) const fn signed(bits: u16) -> u16 {
    bits ^ SIGN_16
}

/// The number of a floating-point sample, whose bits are these: in the same order, and for every pattern another.
#[inline]
pub(super) const fn of_float(bits: u32) -> u32 {
    if bits & SIGN_32 == 0 {
        bits ^ SIGN_32
    } else {
        !bits
    }
}

/// Undoes [`of_float`].
#[inline]
pub(super) const fn to_float(number: u32) -> u32 {
    if number & SIGN_32 == 0 {
        !number
    } else {
        number ^ SIGN_32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_the_order_of_the_samples() {
        let signed_samples = [i16::MIN, -2, -1, 0, 1, i16::MAX];
        assert!(signed_samples.is_sorted_by_key(|s| signed(s.cast_unsigned())));
        let floats = [
            f32::NEG_INFINITY,
            -2.5,
            -0.0,
            0.0,
            1e-40,
            3.0,
            f32::INFINITY,
        ];
        assert!(floats.is_sorted_by_key(|s| of_float(s.to_bits())));
    }

    #[test]
    fn every_pattern_comes_back() {
        for bits in (0..u32::MAX)
            .step_by(65_521)
            .chain([u32::MAX, 1 << 31, (1 << 31) - 1])
        {
            assert_eq!(to_float(of_float(bits)), bits);
        }
        assert!((0..=u16::MAX).all(|bits| signed(signed(bits)) == bits));
    }
}
