//! Raw 256-bit keys and their files.
//!
//! A file is one line of base64, as `openssl rand -base64 32` prints it; 64 hex digits and 32 raw bytes
//! are read too. Both texts are decoded without a branch or a table that depends on the key.

use core::fmt;

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::error::KeyError;
use super::fingerprint::Fingerprint;
use crate::crypto::{Key256, Random};

const LEN: usize = 32;
const BASE64_LEN: usize = 44;

/// A secret key of 256 bits that sender and receiver share.
///
/// Its fingerprint may be shown; the key itself is printed by nothing but [`SymmetricKey::to_file_text`].
pub struct SymmetricKey(Key256);

impl SymmetricKey {
    /// Draws a key from the operating system's generator.
    ///
    /// # Errors
    /// [`KeyError::Rng`].
    pub fn generate() -> Result<Self, KeyError> {
        Self::generate_with_rng(&mut Random::system())
    }

    /// Draws a key.
    ///
    /// # Errors
    /// [`KeyError::Rng`].
    pub fn generate_with_rng(rng: &mut Random<'_>) -> Result<Self, KeyError> {
        Ok(Self(Key256::random(rng)?))
    }

    /// Takes a key that came from elsewhere, such as a key agreement of the caller's own.
    #[must_use]
    pub const fn new(key: Key256) -> Self {
        Self(key)
    }

    /// Reads a key file: 44 characters of base64, 64 hex digits, or exactly 32 bytes.
    ///
    /// One newline may end the two texts.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`] for anything else.
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        const FORMS: &str = "expected 44 characters of base64, 64 hex digits or 32 bytes";
        if let Some(key) = Key256::from_slice(bytes) {
            return Ok(Self(key));
        }
        if bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
            return Err(KeyError::NotAKey(
                "this is PEM, and a symmetric key is none",
            ));
        }
        let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut whole = false;
        let key = Key256::init(|key| {
            whole = match line.len() {
                BASE64_LEN => Base64::decode(line, key).is_ok_and(|k| k.len() == LEN),
                64 => decode_hex(line, key),
                _ => false,
            }
        });
        if whole {
            Ok(Self(key))
        } else {
            Err(KeyError::NotAKey(FORMS))
        }
    }

    /// Writes a key file: base64 and a newline.
    #[must_use]
    pub fn to_file_text(&self) -> Zeroizing<String> {
        let mut line = Zeroizing::new([0; BASE64_LEN]);
        let encoded = Base64::encode(self.expose(), &mut *line);
        debug_assert!(encoded.is_ok(), "32 bytes are 44 characters");
        let mut text = Zeroizing::new(String::with_capacity(BASE64_LEN + 1));
        text.push_str(encoded.unwrap_or_default());
        text.push('\n');
        text
    }

    /// Returns SHA-256("secimg/1 symmetric key fingerprint" ‖ key).
    ///
    /// The words in front keep it apart from every key id, which is another hash of the same key.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let hash = Sha256::new().chain_update(b"secimg/1 symmetric key fingerprint");
        Fingerprint::new(hash.chain_update(self.expose()).finalize().into())
    }

    /// Returns the key itself, to be used and not to be kept.
    #[must_use]
    pub fn expose(&self) -> &[u8; LEN] {
        self.0.expose()
    }

    /// The key as the key wrap takes it.
    pub(super) const fn as_key(&self) -> &Key256 {
        &self.0
    }
}

impl ConstantTimeEq for SymmetricKey {
    fn ct_eq(&self, other: &Self) -> subtle::Choice {
        self.0.ct_eq(&other.0)
    }
}

impl fmt::Debug for SymmetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SymmetricKey(..)")
    }
}

/// Decodes 64 hex digits and tells whether they were; every digit takes the same path.
fn decode_hex(digits: &[u8], key: &mut [u8; LEN]) -> bool {
    let mut bad = 0;
    for (byte, pair) in key.iter_mut().zip(digits.as_chunks::<2>().0) {
        let (high, low) = (hex_value(pair[0]), hex_value(pair[1]));
        bad |= (high | low) >> 8;
        *byte = (high << 4 | low).to_le_bytes()[0];
    }
    bad == 0
}

/// Returns 0 to 15, or FFFF for what is no hex digit. All ones or none: that is what each range test
/// makes of the sign bit of two differences.
fn hex_value(digit: u8) -> u16 {
    let digit = i16::from(digit);
    let within = |low: i16, high: i16| !((digit - low) | (high - digit)) >> 15;
    let number = within(0x30, 0x39);
    let small = within(0x61, 0x66);
    let capital = within(0x41, 0x46);
    let value = number & (digit - 0x30) | small & (digit - 0x57) | capital & (digit - 0x37);
    (value | !(number | small | capital)).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SymmetricKey {
        SymmetricKey::new(Key256::init(|k| (0xC0..).zip(k).for_each(|(i, b)| *b = i)))
    }

    fn hex(bytes: [u8; 32]) -> String {
        Fingerprint::new(bytes).to_string().replace("sha256:", "")
    }

    #[test]
    fn hex_digits_have_their_values_and_nothing_else_has_one() {
        for byte in 0..=u8::MAX {
            let expected = char::from(byte).to_digit(16).filter(|_| byte.is_ascii());
            let got = (hex_value(byte) != 0xFFFF).then(|| u32::from(hex_value(byte)));
            assert_eq!(got, expected, "{byte}");
        }
    }

    #[test]
    fn every_form_of_file_is_read() {
        let key = key();
        let base64 = key.to_file_text().to_string();
        let digits = hex(*key.expose());
        let crlf = base64.replace('\n', "\r\n");
        for file in [
            &base64,
            base64.trim_end(),
            &crlf,
            &digits,
            &digits.to_uppercase(),
            &format!("{digits}\n"),
        ] {
            let read = SymmetricKey::from_file_bytes(file.as_bytes()).unwrap();
            assert_eq!(read.expose(), key.expose(), "{file}");
        }
        let raw = SymmetricKey::from_file_bytes(key.expose()).unwrap();
        assert!(bool::from(raw.ct_eq(&key)));
    }

    #[test]
    fn thirty_two_bytes_are_a_key_even_when_they_end_in_a_newline() {
        let file = [b'\n'; 32];
        assert_eq!(
            SymmetricKey::from_file_bytes(&file).unwrap().expose(),
            &file
        );
    }

    #[test]
    fn other_files_are_refused() {
        let base64 = key().to_file_text().to_string();
        let digits = hex(*key().expose());
        let unpadded = base64.replace('=', "");
        let two_lines = format!("{base64}\n");
        let bad_base64 = base64.replacen('w', "!", 1);
        // The last digit before the padding carries two bits that must be zero.
        let loose_bits = format!("{}9=", &base64[..42]);
        let bad_hex = format!("g{}", &digits[1..]);
        for file in [
            "",
            &unpadded,
            &two_lines,
            &bad_base64,
            &loose_bits,
            &bad_hex,
            &digits[1..],
        ] {
            assert!(
                SymmetricKey::from_file_bytes(file.as_bytes()).is_err(),
                "{file}"
            );
        }
        assert!(SymmetricKey::from_file_bytes(&[0; 33]).is_err());
    }

    #[test]
    fn the_fingerprint_is_not_a_key_id_and_debug_shows_nothing() {
        let id = crate::keys::key_id(&[0; 32], key().expose());
        assert_ne!(key().fingerprint().as_bytes()[..16], id);
        assert_eq!(format!("{:?}", key()), "SymmetricKey(..)");
    }

    #[test]
    fn generated_keys_differ() {
        let (a, b) = (
            SymmetricKey::generate().unwrap(),
            SymmetricKey::generate().unwrap(),
        );
        assert_ne!(a.expose(), b.expose());
    }
}
