//! Tails of distributions, of which p-values are made.
//!
//! Sources: NIST's Digital Library of Mathematical Functions (DLMF), and Abramowitz and Stegun, Handbook of Mathematical
//! Functions (A&S).
//!
//! | function | how | where |
//! | --- | --- | --- |
//! | ln Γ(x) | Stirling's series, for x ≥ 10; below by the recurrence | DLMF 5.11.1, 5.5.1; A&S 6.1.41, 6.1.15 |
//! | γ(a, x) / Γ(a) | a series, for x < a + 1 | DLMF 8.11.4; A&S 6.5.29 |
//! | Γ(a, x) / Γ(a) | the even part of a continued fraction, for x ≥ a + 1 | DLMF 8.9.2; A&S 6.5.31 |
//! | erfc(x) | Γ(1/2, x²) / √π | DLMF 7.11.2; A&S 6.5.17 |
//! | χ² with ν degrees of freedom | the two incomplete gamma functions of ν/2 and χ²/2 | A&S 26.4.19 |

use core::f64::consts::{PI, SQRT_2};

/// More terms than any of the sums needs.
const TERMS: u32 = 100_000;
/// What stands for 0 where there must be none (Lentz's method).
const TINY: f64 = 1e-300;

/// The two parts of a distribution, on either side of a value. Each is exact where it is small.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tails {
    pub(super) below: f64,
    pub(super) above: f64,
}

impl Tails {
    /// The p-value of a test to which too small is as suspicious as too large.
    pub(super) fn two_sided(self) -> f64 {
        (2.0 * self.below.min(self.above)).min(1.0)
    }
}

/// The tails of the χ² distribution.
pub(super) fn chi_square(value: f64, degrees: f64) -> Tails {
    gamma(degrees / 2.0, value / 2.0)
}

/// The tails of the normal distribution with mean 0 and standard deviation 1.
pub(super) fn normal(z: f64) -> Tails {
    Tails {
        below: erfc(-z / SQRT_2) / 2.0,
        above: erfc(z / SQRT_2) / 2.0,
    }
}

/// The complementary error function.
fn erfc(x: f64) -> f64 {
    let tails = gamma(0.5, x * x);
    if x < 0.0 {
        1.0 + tails.below
    } else {
        tails.above
    }
}

/// The incomplete gamma functions, both over Γ(a).
fn gamma(a: f64, x: f64) -> Tails {
    if x <= 0.0 {
        return Tails {
            below: 0.0,
            above: 1.0,
        };
    }
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let below = front * series(a, x);
        Tails {
            below,
            above: 1.0 - below,
        }
    } else {
        let above = front * fraction(a, x);
        Tails {
            below: 1.0 - above,
            above,
        }
    }
}

fn series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    for n in 1..TERMS {
        term *= x / (a + f64::from(n));
        sum += term;
        if term < sum * f64::EPSILON {
            break;
        }
    }
    sum
}

/// Lentz's method, as Thompson and Barnett (1986) have it.
fn fraction(a: f64, x: f64) -> f64 {
    let mut denominator = x + 1.0 - a;
    let mut up = 1.0 / TINY;
    let mut down = 1.0 / denominator;
    let mut value = down;
    for n in 1..TERMS {
        let numerator = f64::from(n) * (a - f64::from(n));
        denominator += 2.0;
        down = 1.0 / not_zero(numerator * down + denominator);
        up = not_zero(denominator + numerator / up);
        value *= up * down;
        if (up * down - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    value
}

fn not_zero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

fn ln_gamma(x: f64) -> f64 {
    if x < 10.0 {
        return ln_gamma(x + 1.0) - x.ln();
    }
    // B₂ₖ / (2k (2k-1)), k from 1.
    let terms = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
    ];
    let square = x * x;
    let rest = terms
        .iter()
        .rev()
        .fold(0.0, |sum, term| sum / square + term)
        / x;
    (x - 0.5) * x.ln() - x + (2.0 * PI).ln() / 2.0 + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(value: f64, expected: f64, relative: f64) {
        let error = (value / expected - 1.0).abs();
        assert!(error < relative, "{value} is not {expected}: {error:e}");
    }

    /// A&S table 6.1 gives Γ(1.5) = 0.88622 69255; the others are factorials, and √π.
    #[test]
    fn ln_gamma_is_that_of_the_tables() {
        near(ln_gamma(1.5), 0.886_226_925_5_f64.ln(), 1e-9);
        near(ln_gamma(0.5), PI.sqrt().ln(), 1e-13);
        near(ln_gamma(10.0), 362_880_f64.ln(), 1e-14);
        near(ln_gamma(21.0), 2_432_902_008_176_640_000_f64.ln(), 1e-14);
        // ln 99!
        near(ln_gamma(100.0), 359.134_205_369_575_4, 1e-14);
    }

    /// erf from A&S table 7.1 (ten places); erfc from the tail of table 26.1 (Q(x) = erfc(x/√2)/2).
    #[test]
    fn erfc_is_that_of_the_tables() {
        for (x, erf) in [
            (0.02, 0.022_564_574_7),
            (0.5, 0.520_499_877_8),
            (1.0, 0.842_700_792_9),
            (1.5, 0.966_105_146_5),
            (2.0, 0.995_322_265_0),
        ] {
            assert!((1.0 - erfc(x) - erf).abs() < 1e-10, "erf {x}");
            assert!((erfc(-x) - 1.0 - erf).abs() < 1e-10, "erf -{x}");
        }
        near(normal(0.0).above, 0.5, 1e-15);
        near(normal(1.0).above, 0.158_655_253_9, 1e-9);
        near(normal(3.0).above, 1.349_898_031e-3, 1e-9);
        near(normal(5.0).above, 2.866_515_719e-7, 1e-9);
        near(normal(-5.0).below, 2.866_515_719e-7, 1e-9);
    }

    /// A&S table 26.8: the values beyond which 5 % and 0.1 % of χ² lie.
    #[test]
    fn chi_square_is_that_of_the_tables() {
        for (degrees, value, above) in [
            (1.0, 3.841_46, 0.05),
            (10.0, 18.307_0, 0.05),
            (100.0, 124.342, 0.05),
            (1.0, 10.828, 0.001),
            (10.0, 29.588, 0.001),
            (100.0, 149.449, 0.001),
            (10.0, 3.940_30, 0.95),
        ] {
            // The values are printed to three places and more.
            near(chi_square(value, degrees).above, above, 5e-4);
        }
        // With two degrees of freedom it is e^(-χ²/2), on both branches.
        for value in [0.5, 1.9, 2.1, 7.0, 60.0] {
            near(
                chi_square(value, 2.0).above,
                (-value / 2.0_f64).exp(),
                1e-13,
            );
        }
    }

    /// The two bounds that papers quote for a histogram of 256 bins.
    #[test]
    fn a_histogram_of_bytes_has_255_degrees_of_freedom() {
        near(chi_square(293.247_8, 255.0).above, 0.05, 1e-5);
        near(chi_square(310.457_4, 255.0).above, 0.01, 1e-4);
    }

    #[test]
    fn the_ends_are_certain() {
        let none = chi_square(0.0, 255.0);
        assert!(none.below.abs() < f64::EPSILON && (none.above - 1.0).abs() < f64::EPSILON);
        assert!(none.two_sided() < 1e-300);
        let far = chi_square(1e9, 255.0);
        assert!(far.above < 1e-300 && far.two_sided() < 1e-300);
        assert!(normal(1e6).two_sided() < 1e-300);
        assert!((normal(0.0).two_sided() - 1.0).abs() < 1e-15);
    }
}
