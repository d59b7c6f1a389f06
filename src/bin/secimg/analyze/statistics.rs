//! The measures that papers on image encryption ask for, each with what an ideal cipher gives at this size.
//!
//! The model of NPCR and UACI is Wu, Noonan and Agaian, "NPCR and UACI Randomness Tests for Image Encryption" (2011). An
//! ideal cipher's samples are independent, each of the 256 values as likely as another.

use core::f64::consts::LN_2;

use super::picture::Picture;
use super::special::{chi_square, normal};

/// The largest sample, F in the paper.
const F: f64 = 255.0;

/// How often each value occurs.
pub(super) type Histogram = [u32; 256];

/// Which measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Entropy,
    ChiSquare,
    Horizontal,
    Vertical,
    Diagonal,
    Npcr,
    Uaci,
    KeyBits,
    KeyNpcr,
}

/// One number, beside what an ideal cipher would give.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure {
    pub(super) kind: Kind,
    pub(super) value: f64,
    /// The mean for an ideal cipher at this size.
    pub(super) expected: f64,
    /// Its standard deviation.
    pub(super) deviation: f64,
    /// How often an ideal cipher is at least as far off.
    pub(super) p: f64,
}

impl Kind {
    pub(super) const ALL: [Self; 9] = [
        Self::Entropy,
        Self::ChiSquare,
        Self::Horizontal,
        Self::Vertical,
        Self::Diagonal,
        Self::Npcr,
        Self::Uaci,
        Self::KeyBits,
        Self::KeyNpcr,
    ];

    /// For programs.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Entropy => "entropy",
            Self::ChiSquare => "chi_square",
            Self::Horizontal => "correlation_horizontal",
            Self::Vertical => "correlation_vertical",
            Self::Diagonal => "correlation_diagonal",
            Self::Npcr => "npcr",
            Self::Uaci => "uaci",
            Self::KeyBits => "key_bits",
            Self::KeyNpcr => "key_npcr",
        }
    }

    /// For people.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Entropy => "entropy, bits",
            Self::ChiSquare => "chi-square",
            Self::Horizontal => "correlation H",
            Self::Vertical => "correlation V",
            Self::Diagonal => "correlation D",
            Self::Npcr => "NPCR, %",
            Self::Uaci => "UACI, %",
            Self::KeyBits => "key: bits, %",
            Self::KeyNpcr => "key: NPCR, %",
        }
    }

    /// A value as people write it.
    pub(super) fn show(self, value: f64) -> String {
        match self {
            Self::Entropy => format!("{value:.5}"),
            Self::ChiSquare => format!("{value:.1}"),
            Self::Horizontal | Self::Vertical | Self::Diagonal => format!("{value:.4}"),
            Self::Npcr | Self::Uaci | Self::KeyBits | Self::KeyNpcr => {
                format!("{:.3}", value * 100.0)
            }
        }
    }

    /// A standard deviation, to more places.
    pub(super) fn show_deviation(self, value: f64) -> String {
        match self {
            Self::Entropy => format!("{value:.6}"),
            _ => self.show(value),
        }
    }
}

impl Measure {
    /// Of what is normally distributed about its mean.
    fn normal(kind: Kind, value: f64, expected: f64, deviation: f64) -> Self {
        let tails = normal((value - expected) / deviation);
        // The paper's test of NPCR is one-sided: too few samples that differ.
        let p = match kind {
            Kind::Npcr | Kind::KeyNpcr => tails.below,
            _ => tails.two_sided(),
        };
        Self {
            kind,
            value,
            expected,
            deviation,
            p,
        }
    }
}

/// Counts the values.
pub(super) fn histogram(samples: &[u8]) -> Histogram {
    let mut counts = [0; 256];
    for sample in samples {
        counts[usize::from(*sample)] += 1;
    }
    counts
}

/// Shannon's entropy of the histogram, in bits a sample. Also for an ideal cipher it is below 8: 2N ln 2 times what is
/// missing is the G statistic, which has the distribution of χ² with 255 degrees of freedom.
pub(super) fn entropy(counts: &Histogram) -> Measure {
    let samples = total(counts);
    let share = counts.iter().map(|count| f64::from(*count) / samples);
    let bits = share
        .filter(|share| *share > 0.0)
        .map(|share| -share * share.log2());
    let value = bits.sum::<f64>();
    let scale = 2.0 * samples * LN_2;
    Measure {
        kind: Kind::Entropy,
        value,
        expected: 8.0 - F / scale,
        deviation: (2.0 * F).sqrt() / scale,
        p: chi_square((8.0 - value) * scale, F).two_sided(),
    }
}

/// Pearson's χ² of the histogram against equal shares. Too flat is suspicious too.
pub(super) fn flatness(counts: &Histogram) -> Measure {
    let mean = total(counts) / 256.0;
    let square = |count: &u32| (f64::from(*count) - mean).powi(2) / mean;
    let value = counts.iter().map(square).sum();
    Measure {
        kind: Kind::ChiSquare,
        value,
        expected: F,
        deviation: (2.0 * F).sqrt(),
        p: chi_square(value, F).two_sided(),
    }
}

/// Pearson's correlation of all pairs of neighbours. Where all samples are alike, each is what its neighbour is: 1.
pub(super) fn correlation(kind: Kind, picture: &Picture) -> Measure {
    let (right, below) = match kind {
        Kind::Vertical => (0, 1),
        Kind::Diagonal => (1, 1),
        _ => (1, 0),
    };
    let mut sums = Sums::default();
    for (one, other) in picture.neighbours(right, below) {
        sums.add(one.into(), other.into());
    }
    let deviation = 1.0 / float(sums.pairs.into()).sqrt();
    Measure::normal(kind, sums.correlation(), 0.0, deviation)
}

/// The share of samples that differ (number of pixels change rate).
pub(super) fn npcr(kind: Kind, one: &[u8], other: &[u8]) -> Measure {
    let differ = one.iter().zip(other).filter(|(a, b)| a != b).count();
    let samples = size(one.len());
    let deviation = (F / samples).sqrt() / (F + 1.0);
    Measure::normal(kind, size(differ) / samples, F / (F + 1.0), deviation)
}

/// By how much samples differ, on average, as a share of the largest difference (unified average changing intensity).
pub(super) fn uaci(one: &[u8], other: &[u8]) -> Measure {
    let by = one
        .iter()
        .zip(other)
        .map(|(a, b)| u64::from(a.abs_diff(*b)));
    let samples = size(one.len());
    let value = float(by.sum::<u64>().into()) / (F * samples);
    let expected = (F + 2.0) / (3.0 * F + 3.0);
    let variance = (F + 2.0) * (F * F + 2.0 * F + 3.0) / (18.0 * (F + 1.0).powi(2) * F * samples);
    Measure::normal(Kind::Uaci, value, expected, variance.sqrt())
}

/// The share of bits that differ.
pub(super) fn bits(one: &[u8], other: &[u8]) -> Measure {
    let differ = one
        .iter()
        .zip(other)
        .map(|(a, b)| u64::from((a ^ b).count_ones()));
    let bits = size(one.len()) * 8.0;
    Measure::normal(
        Kind::KeyBits,
        float(differ.sum::<u64>().into()) / bits,
        0.5,
        0.5 / bits.sqrt(),
    )
}

/// What a correlation is computed from, without rounding: samples are few enough for all of it.
#[derive(Default)]
struct Sums {
    pairs: u64,
    one: u64,
    other: u64,
    one_squares: u64,
    other_squares: u64,
    products: u64,
}

impl Sums {
    fn add(&mut self, one: u64, other: u64) {
        self.pairs += 1;
        self.one += one;
        self.other += other;
        self.one_squares += one * one;
        self.other_squares += other * other;
        self.products += one * other;
    }

    fn correlation(&self) -> f64 {
        let pairs = i128::from(self.pairs);
        let of = |products: u64, one: u64, other: u64| {
            pairs * i128::from(products) - i128::from(one) * i128::from(other)
        };
        let one = of(self.one_squares, self.one, self.one);
        let other = of(self.other_squares, self.other, self.other);
        if one == 0 || other == 0 {
            return 1.0;
        }
        let both = of(self.products, self.one, self.other);
        float(both) / (float(one).sqrt() * float(other).sqrt())
    }
}

fn total(counts: &Histogram) -> f64 {
    counts.iter().copied().map(f64::from).sum()
}

/// A number of samples.
pub(super) fn size(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the last of 53 bits says nothing here"
)]
const fn float(exact: i128) -> f64 {
    exact as f64
}

#[cfg(test)]
mod tests;
