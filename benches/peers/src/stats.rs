//! What is said of many measurements.

/// The smallest, the middle and the largest of some values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Of no values all three are not a number, which reaches no goal.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(at(middle.wrapping_sub(1)), at(middle))
        } else {
            at(middle)
        };
        Self {
            min: at(0),
            median,
            max: at(values.len().wrapping_sub(1)),
        }
    }

    pub(crate) fn one(value: f64) -> Self {
        Self::of([value])
    }

    /// Of the quotients of values that were measured in the same round.
    pub(crate) fn of_ratios(above: &[f64], below: &[f64]) -> Self {
        Self::of(above.iter().zip(below).map(|(above, below)| above / below))
    }
}

/// Returns the median.
pub(crate) fn median(values: &[f64]) -> f64 {
    Spread::of(values.iter().copied()).median
}

/// Turns a count into what can be divided; above 2^53 it is rounded, which no figure here shows.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub(crate) fn number(count: u64) -> f64 {
    count as f64
}

/// As [`number`], of a length in memory.
pub(crate) fn length(bytes: usize) -> f64 {
    number(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_many_of_two_and_of_none() {
        let odd = Spread::of([3.0, 1.0, 2.0]);
        assert_eq!((odd.min, odd.median, odd.max), (1.0, 2.0, 3.0));
        let even = Spread::of([4.0, 1.0]);
        assert_eq!((even.min, even.median, even.max), (1.0, 2.5, 4.0));
        assert!(Spread::of([]).median.is_nan());
        let ratios = Spread::of_ratios(&[6.0, 8.0], &[2.0, 2.0]);
        assert_eq!((ratios.min, ratios.median, ratios.max), (3.0, 3.5, 4.0));
    }
}
