//! Samples as unsigned numbers in the order of their values, so that one coder serves all types.

/// A number as wide as a sample.
///
/// Differences wrap around: what comes back is exact, whatever the predictor says.
pub(crate) trait Word: Copy + Ord + Default + Into<u64> {
    /// How many bits a sample has.
    const BITS: u32;
    /// How many bits name a block's mode: there are as many modes as a sample has bits.
    const MODE_BITS: u32;

    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    /// The half of the sum of both, rounded down, which no overflow disturbs.
    fn average(self, other: Self) -> Self;
    /// Folds a difference: 0, −1, 1, −2, … become 0, 1, 2, 3, …
    fn fold(self) -> Self;
    /// Undoes [`Word::fold`].
    fn unfold(self) -> Self;
    /// What is above the `by` lowest bits; `by` is below [`Word::BITS`].
    fn shifted(self, by: u32) -> u32;
    /// Takes the lowest bits of a number.
    fn low(number: u64) -> Self;
}

macro_rules! word {
    ($type:ty, $bits:literal, $mode_bits:literal) => {
        impl Word for $type {
            const BITS: u32 = $bits;
            const MODE_BITS: u32 = $mode_bits;

            #[inline]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            #[inline]
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }

            #[inline]
            fn average(self, other: Self) -> Self {
                (self & other).wrapping_add((self ^ other) >> 1)
            }

            #[inline]
            fn fold(self) -> Self {
                (self << 1) ^ Self::default().wrapping_sub(self >> ($bits - 1))
            }

            #[inline]
            fn unfold(self) -> Self {
                (self >> 1) ^ Self::default().wrapping_sub(self & 1)
            }

            #[inline]
            fn shifted(self, by: u32) -> u32 {
                u32::from(self.wrapping_shr(by))
            }

            #[inline]
            fn low(number: u64) -> Self {
                let masked = number & u64::from(Self::MAX);
                Self::try_from(masked).unwrap_or_default()
            }
        }
    };
}

word!(u8, 8, 3);
word!(u16, 16, 4);
word!(u32, 32, 5);
