//! What a sample is expected to be, from its neighbours: `a` to the left, `b` above, `c` above `a`.

use super::word::Word;

/// A rule for the whole frame, named in its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Predictor {
    /// `a`.
    Left,
    /// `b`.
    Up,
    /// The half of `a + b`: best where there is much noise.
    Average,
    /// The median of `a`, `b` and `a + b − c` (as in ISO/IEC 14495-1): best where there are edges.
    Median,
}

impl Predictor {
    pub(super) const ALL: [Self; 4] = [Self::Left, Self::Up, Self::Average, Self::Median];

    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Left => 0,
            Self::Up => 1,
            Self::Average => 2,
            Self::Median => 3,
        }
    }

    pub(super) const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Left),
            1 => Some(Self::Up),
            2 => Some(Self::Average),
            3 => Some(Self::Median),
            _ => None,
        }
    }
}

#[inline]
fn median<W: Word>(a: W, b: W, c: W) -> W {
    let (low, high) = (a.min(b), a.max(b));
    // Where c is not between a and b, the one of them that is farther from it.
    a.plus(b).minus(c.max(low).min(high))
}

/// Writes the folded differences of a row to `out`, which is as long.
///
/// `above` is the row above, or none for the first one, which knows of the left neighbour only. The first
/// pixel of a row has no left neighbour: it takes the one above, and that of the first row takes zero.
pub(super) fn differences<W: Word>(
    predictor: Predictor,
    row: &[W],
    above: Option<&[W]>,
    samples_per_pixel: usize,
    out: &mut [W],
) {
    let (first, rest) = row
        .split_at_checked(samples_per_pixel)
        .unwrap_or((row, &[]));
    let (first_out, out) = out
        .split_at_mut_checked(samples_per_pixel)
        .unwrap_or_default();
    let zeros = [W::default(); 4];
    let start = above.unwrap_or(&zeros);
    for ((out, x), b) in first_out.iter_mut().zip(first).zip(start) {
        *out = x.minus(*b).fold();
    }
    let lefts = row.iter();
    let Some(above) = above.filter(|_| predictor != Predictor::Left) else {
        for ((out, x), a) in out.iter_mut().zip(rest).zip(lefts) {
            *out = x.minus(*a).fold();
        }
        return;
    };
    let ups = above.get(samples_per_pixel..).unwrap_or_default();
    let places = out.iter_mut().zip(rest).zip(lefts.zip(ups).zip(above));
    match predictor {
        Predictor::Up => places.for_each(|((out, x), ((_, b), _))| *out = x.minus(*b).fold()),
        Predictor::Average => {
            places.for_each(|((out, x), ((a, b), _))| *out = x.minus(a.average(*b)).fold());
        }
        _ => {
            places.for_each(|((out, x), ((a, b), c))| *out = x.minus(median(*a, *b, *c)).fold());
        }
    }
}

/// Undoes [`differences`]: turns the folded differences of a row into samples, in place.
pub(super) fn restore<W: Word>(
    predictor: Predictor,
    row: &mut [W],
    above: Option<&[W]>,
    samples_per_pixel: usize,
) {
    match samples_per_pixel {
        1 => restore_pixels::<W, 1>(predictor, row, above),
        2 => restore_pixels::<W, 2>(predictor, row, above),
        3 => restore_pixels::<W, 3>(predictor, row, above),
        _ => restore_pixels::<W, 4>(predictor, row, above),
    }
}

fn restore_pixels<W: Word, const N: usize>(
    predictor: Predictor,
    row: &mut [W],
    above: Option<&[W]>,
) {
    let mut a = above
        .and_then(|above| above.first_chunk::<N>())
        .copied()
        .unwrap_or_else(|| [W::default(); N]);
    let (pixels, _) = row.as_chunks_mut::<N>();
    let mut pixels = pixels.iter_mut();
    if let Some(first) = pixels.next() {
        for (x, a) in first.iter_mut().zip(&mut a) {
            *x = a.plus(x.unfold());
            *a = *x;
        }
    }
    let Some(above) = above.filter(|_| predictor != Predictor::Left) else {
        return pixels.for_each(|pixel| step(pixel, &mut a, |a, _| a));
    };
    let (above, _) = above.as_chunks::<N>();
    let ups = above.get(1..).unwrap_or_default();
    let places = pixels.zip(ups.iter().zip(above));
    match predictor {
        Predictor::Up => places.for_each(|(pixel, (b, _))| step(pixel, &mut a, |_, n| at(b, n))),
        Predictor::Average => {
            places.for_each(|(pixel, (b, _))| step(pixel, &mut a, |a, n| a.average(at(b, n))));
        }
        _ => places.for_each(|(pixel, (b, c))| {
            step(pixel, &mut a, |a, n| median(a, at(b, n), at(c, n)));
        }),
    }
}

#[inline]
fn at<W: Word>(pixel: &[W], n: usize) -> W {
    pixel.get(n).copied().unwrap_or_default()
}

/// Restores one pixel; `a` is the pixel to its left, and then this one.
#[inline]
fn step<W: Word, const N: usize>(
    pixel: &mut [W; N],
    a: &mut [W; N],
    expected: impl Fn(W, usize) -> W,
) {
    for (n, (x, a)) in pixel.iter_mut().zip(a.iter_mut()).enumerate() {
        *x = expected(*a, n).plus(x.unfold());
        *a = *x;
    }
}
