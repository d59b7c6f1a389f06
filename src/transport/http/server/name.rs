//! The name of an upload: 128 bits that nobody guesses, and how long the upload is to be.
//!
//! Whoever knows the name may write to the upload, so it is a secret between one sender and the server. The length in
//! it needs no file of its own, and cannot be changed: another length is another name.

use core::fmt;

use sha2::{Digest, Sha256};

use crate::crypto::{Random, RngFailed, system_rng};
use crate::transport::http::hex::hex;

const DIGITS: usize = 32;

/// A name that is well formed: digits, and nothing that means anything in a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct UploadName {
    digits: String,
    /// Not known where the body itself says where it ends.
    len: Option<u64>,
    /// Of one request, whose sender learns no name.
    nameless: bool,
}

/// What stands behind the digits where no sender can ask.
const NAMELESS: &str = "-open";

impl UploadName {
    /// Makes one that there was not before.
    pub(super) fn random(len: u64) -> Result<Self, RngFailed> {
        let mut bytes = [0; DIGITS / 2];
        Random::new(&mut system_rng()).fill(&mut bytes)?;
        Ok(Self::of(&bytes, Some(len)))
    }

    /// As [`UploadName::random`], for one request that nobody can go on with; its body may say only at its end how
    /// long it is.
    pub(super) fn nameless(len: Option<u64>) -> Result<Self, RngFailed> {
        let random = Self::random(0)?;
        Ok(Self {
            len,
            nameless: true,
            ..random
        })
    }

    /// Tells whether a part is one of those, and of no use when its request is over.
    pub(super) fn is_nameless(part: &str) -> bool {
        part.ends_with(NAMELESS)
    }

    /// Makes the one that belongs to a sender's key: after a restart it finds its upload again.
    pub(super) fn of_key(key: &str, len: u64) -> Self {
        Self::of(&Sha256::digest(key.as_bytes())[..DIGITS / 2], Some(len))
    }

    fn of(bytes: &[u8], len: Option<u64>) -> Self {
        let digits = hex(bytes);
        Self {
            digits,
            len,
            nameless: false,
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (digits, len) = text.split_once('-')?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let sound = digits.len() == DIGITS && digits.bytes().all(is_hex);
        let name = Self {
            digits: digits.to_owned(),
            len: Some(len.parse().ok()?),
            nameless: false,
        };
        // One name, one spelling.
        (sound && name.to_string() == text).then_some(name)
    }

    /// How long the upload is when it is whole.
    pub(super) fn len(&self) -> u64 {
        self.len.unwrap_or(0)
    }
}

impl fmt::Display for UploadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len {
            Some(len) if !self.nameless => write!(f, "{}-{len}", self.digits),
            // Nothing that anybody can name.
            _ => write!(f, "{}{NAMELESS}", self.digits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written_and_nothing_else_is() {
        let name = UploadName::random(1_234_567).unwrap();
        assert_ne!(name, UploadName::random(1_234_567).unwrap());
        assert_eq!(UploadName::parse(&name.to_string()), Some(name));
        assert_eq!(UploadName::of_key("k", 5), UploadName::of_key("k", 5));
        assert_ne!(UploadName::of_key("k", 5), UploadName::of_key("l", 5));
        let nameless = UploadName::nameless(Some(7)).unwrap();
        assert_eq!(nameless.len(), 7);
        assert!(UploadName::is_nameless(&nameless.to_string()));
        assert_eq!(UploadName::parse(&nameless.to_string()), None);
        let digits = "0123456789abcdef0123456789abcdef";
        assert!(!UploadName::is_nameless(&format!("{digits}-7")));
        assert!(UploadName::parse(&format!("{digits}-7")).is_some());
        for bad in [
            "",
            "-",
            "..",
            "../x-1",
            "0-1",
            &format!("{digits}-"),
            &format!("{digits}-07"),
            &format!("{digits}-+7"),
            &format!("{digits}--7"),
            &format!("{digits}-7/x"),
            &format!("{digits}0-7"),
            &format!("{}-7", digits.to_uppercase()),
            &format!("{digits}-18446744073709551616"),
            &format!(" {digits}-7"),
        ] {
            assert_eq!(UploadName::parse(bad), None, "{bad}");
        }
    }
}
