//! Fingerprints: the names by which people compare keys.

use core::fmt;
use core::str::FromStr;

use sha2::{Digest, Sha256};

use super::error::KeyError;

const PREFIX: &str = "sha256:";

/// SHA-256 over a key, written as `sha256:` and 64 hex digits.
///
/// Of a public key it covers the canonical SPKI DER, so that
/// `openssl pkey -pubin -in KEY.pub -outform DER | sha256sum` prints the same digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Wraps a hash.
    #[must_use]
    pub const fn new(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// Hashes a canonical SPKI DER.
    #[must_use]
    pub fn of_spki(spki: &[u8]) -> Self {
        Self(Sha256::digest(spki).into())
    }

    /// Returns the hash: of a public key, what a CLOSE lists for an intended recipient.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Fingerprint {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let wrong = || KeyError::NotAKey("a fingerprint is `sha256:` and 64 hex digits");
        let digits = text.strip_prefix(PREFIX).ok_or_else(wrong)?.as_bytes();
        let (pairs, rest) = digits.as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return Err(wrong());
        }
        let mut hash = [0; 32];
        for (byte, &[high, low]) in hash.iter_mut().zip(pairs) {
            *byte = hex_value(high).ok_or_else(wrong)? << 4 | hex_value(low).ok_or_else(wrong)?;
        }
        Ok(Self(hash))
    }
}

/// A fingerprint is public, so this may branch; keys are decoded in constant time elsewhere.
const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4: SHA-256 of nothing.
    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn text_survives_the_round_trip() {
        let fingerprint = Fingerprint::of_spki(b"");
        assert_eq!(fingerprint.to_string(), EMPTY);
        assert_eq!(EMPTY.parse(), Ok(fingerprint));
        let capitals = EMPTY.to_uppercase().replace("SHA256", "sha256");
        assert_eq!(capitals.parse(), Ok(fingerprint));
    }

    #[test]
    fn other_text_is_refused() {
        let short = &EMPTY[..EMPTY.len() - 1];
        let odd = EMPTY.replace("e3b0", "e3g0");
        let plus = EMPTY.replace("e3b0", "+3b0");
        let long = format!("{EMPTY}0");
        for text in [
            "",
            "sha256:",
            &EMPTY[7..],
            short,
            &odd,
            &plus,
            &long,
            "md5:00",
        ] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}
