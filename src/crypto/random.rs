//! Randomness enters the library through [`Random`] only.
//!
//! A `*_with_rng` function takes any [`TryCryptoRng`]; its short twin takes the operating system's.

use core::fmt;

use rand_core::{TryCryptoRng, TryRng};

use super::error::RngFailed;

/// Any generator behind one type, so that traits which draw randomness stay object-safe.
pub struct Random<'a>(Source<'a>);

enum Source<'a> {
    System,
    Given(&'a mut dyn Fill),
}

trait Fill {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RngFailed>;
}

impl<R: TryCryptoRng> Fill for R {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RngFailed> {
        self.try_fill_bytes(bytes).map_err(|_| RngFailed)
    }
}

impl Random<'static> {
    /// Takes the operating system's generator.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }
}

impl<'a> Random<'a> {
    /// Wraps a generator: all that is drawn comes from it.
    pub fn new<R: TryCryptoRng>(rng: &'a mut R) -> Self {
        Self(Source::Given(rng))
    }

    /// Tells whether this is [`Random::system`]. Who computes in a library or a device with a generator of its own may
    /// then use that one; where the caller brought a generator, what comes out has to follow it.
    #[must_use]
    pub const fn is_system(&self) -> bool {
        matches!(self.0, Source::System)
    }

    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`RngFailed`] when the generator fails; `bytes` are then unspecified.
    pub fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RngFailed> {
        match &mut self.0 {
            Source::System => system_rng().fill(bytes),
            Source::Given(rng) => rng.fill(bytes),
        }
    }

    /// Draws an array.
    ///
    /// # Errors
    /// [`RngFailed`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], RngFailed> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}

impl fmt::Debug for Random<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random(..)")
    }
}

impl TryRng for Random<'_> {
    type Error = RngFailed;

    fn try_next_u32(&mut self) -> Result<u32, RngFailed> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn try_next_u64(&mut self) -> Result<u64, RngFailed> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RngFailed> {
        self.fill(bytes)
    }
}

impl TryCryptoRng for Random<'_> {}

/// Returns the operating system's generator (SP 800-133: keys come from an approved source).
#[must_use]
pub const fn system_rng() -> getrandom::SysRng {
    getrandom::SysRng
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Counting(u8);

    impl TryRng for Counting {
        type Error = core::convert::Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(0)
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(0)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            for byte in bytes {
                *byte = self.0;
                self.0 += 1;
            }
            Ok(())
        }
    }

    impl TryCryptoRng for Counting {}

    #[test]
    fn every_way_to_draw_takes_the_generators_bytes() {
        let mut source = Counting(1);
        let mut rng = Random::new(&mut source);
        assert_eq!(rng.try_next_u32(), Ok(0x0403_0201));
        assert_eq!(rng.try_next_u64(), Ok(0x0C0B_0A09_0807_0605));
        assert_eq!(rng.array(), Ok([13, 14]));
        assert!(!rng.is_system());
    }

    #[test]
    fn the_systems_generator_is_known_as_such() {
        let mut rng = Random::system();
        assert!(rng.is_system());
        assert_ne!(rng.array::<16>(), rng.array());
    }
}
