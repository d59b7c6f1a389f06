//! The body of type 5, external provider (SPEC section 4.6).
//!
//! ```text
//! name length u8 ‖ provider's name, UTF-8 ‖ opaque bytes
//! ```

use super::codec::Writer;
use super::error::{FormatError, FormatErrorKind};
/// The parts of a body of [`RecipientType::External`](super::RecipientType::External), for providers outside this
/// crate.
///
/// ```
/// use secimg::format::ExternalBody;
///
/// let body = ExternalBody::new("pkcs11", b"what the token made of the key").to_bytes()?;
/// let read = ExternalBody::parse(&body).ok_or("not of this form")?;
/// assert_eq!(read.provider, "pkcs11");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExternalBody<'a> {
    /// Who understands the rest: 1 to 255 bytes.
    pub provider: &'a str,
    /// What is between the provider and itself, the wrapped key above all.
    pub opaque: &'a [u8],
}

impl<'a> ExternalBody<'a> {
    /// Joins the two.
    #[must_use]
    pub const fn new(provider: &'a str, opaque: &'a [u8]) -> Self {
        Self { provider, opaque }
    }

    /// Splits a body; `None` for one that is not of this form, which no sound block holds.
    #[must_use]
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let (&length, rest) = body.split_first()?;
        let (name, opaque) = rest.split_at_checked(length.into())?;
        let provider = core::str::from_utf8(name).ok()?;
        (length > 0).then_some(Self { provider, opaque })
    }

    /// Writes the body of an entry.
    ///
    /// # Errors
    /// [`FormatErrorKind::RecipientBody`] for a name that is empty or longer than 255 bytes, and for a body longer than
    /// an entry's can be, 65 535 bytes.
    pub fn to_bytes(self) -> Result<Vec<u8>, FormatError> {
        let refused = || FormatError::at(FormatErrorKind::RecipientBody(EXTERNAL), 0);
        let length = u8::try_from(self.provider.len()).map_err(|_| refused())?;
        let mut out = Writer::new();
        out.u8(length)
            .bytes(self.provider.as_bytes())
            .bytes(self.opaque);
        if length == 0 || u16::try_from(out.len()).is_err() {
            return Err(refused());
        }
        Ok(out.finish())
    }
}

/// The type's number on the wire.
const EXTERNAL: u16 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_survives_the_round_trip() {
        for (provider, opaque) in [
            ("x", &b""[..]),
            ("größe", b"\0\xFF"),
            (&"n".repeat(255), b"k"),
        ] {
            let body = ExternalBody::new(provider, opaque);
            let bytes = body.to_bytes().unwrap();
            assert_eq!(ExternalBody::parse(&bytes), Some(body));
        }
        assert_eq!(
            ExternalBody::new("ab", b"c").to_bytes().unwrap(),
            b"\x02abc"
        );
    }

    #[test]
    fn other_forms_are_refused() {
        for body in [&b""[..], b"\0", b"\0abc", b"\x03ab", b"\x02\xC3\x28"] {
            assert_eq!(ExternalBody::parse(body), None, "{body:?}");
        }
        let long = "n".repeat(256);
        let much = vec![0; 65_535 - 1];
        for body in [
            ExternalBody::new("", b"k"),
            ExternalBody::new(&long, b"k"),
            ExternalBody::new("p", &much),
        ] {
            let kind = body.to_bytes().unwrap_err().kind;
            assert_eq!(kind, FormatErrorKind::RecipientBody(EXTERNAL));
        }
        assert!(ExternalBody::new("p", &much[1..]).to_bytes().is_ok());
    }
}
