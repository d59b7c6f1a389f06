//! Padmé: lengths that say little of what is padded to them (SPEC section 7.1).
//!
//! Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs",
//! `PoPETS` 2019, algorithm 1. The length L keeps the ⌊log2 ⌊log2 L⌋⌋ + 1 bits behind its first one, and
//! all bits below are zero: a length of n bits shows O(log log 2^n) bits of itself, and padding costs
//! at most 12 %, less for longer lengths.

/// Returns the least Padmé length that is not below `length`.
///
/// ```
/// use secimg::format::padme;
///
/// assert_eq!(padme(1_000), 1_024);
/// assert_eq!(padme(1_025), 1_088);
/// assert_eq!(padme(1_000_000), 1_015_808);
/// ```
///
/// Lengths up to 2^63 have one; above, `length` is returned as it is.
#[must_use]
pub const fn padme(length: u64) -> u64 {
    let Some(exponent) = length.checked_ilog2() else {
        return 0;
    };
    let Some(kept) = exponent.checked_ilog2() else {
        return length;
    };
    let zeros = exponent.saturating_sub(kept.saturating_add(1));
    match length.checked_next_multiple_of(1_u64 << zeros) {
        Some(padded) => padded,
        None => length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paper's own words: E = ⌊log2 L⌋, S = ⌊log2 E⌋ + 1, and E − S bits are masked.
    fn of_the_paper(length: u64) -> u64 {
        let log2 = |x: u64| (0..64_u32).rev().find(|bit| x >> bit & 1 == 1).unwrap();
        let e = log2(length);
        let s = log2(u64::from(e)) + 1;
        let mask = (1_u64 << e.saturating_sub(s)) - 1;
        (length + mask) & !mask
    }

    #[test]
    fn it_is_the_function_of_the_paper() {
        for length in 2..100_000 {
            assert_eq!(padme(length), of_the_paper(length), "{length}");
        }
    }

    #[test]
    fn it_is_the_least_of_its_kind_and_costs_at_most_twelve_percent() {
        let mut last = 0;
        for length in 0..100_000 {
            let padded = padme(length);
            assert!(padded >= length && padded >= last, "{length}");
            assert!((padded - length) * 100 <= length * 12, "{length}");
            assert_eq!(padme(padded), padded, "{length}");
            last = padded;
        }
        for shift in 17..63 {
            for length in [
                (1 << shift) - 1,
                1 << shift,
                (1 << shift) + 1,
                3 << (shift - 1),
            ] {
                let padded = padme(length);
                assert!(padded >= length && padme(padded) == padded);
                assert!((padded - length) / 12 <= length / 100, "{length}");
            }
        }
        assert_eq!(padme(u64::MAX), u64::MAX);
    }
}
