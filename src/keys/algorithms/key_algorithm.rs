//! What a key computes with, by name.

use crate::keys::error::KeyError;

/// What a key computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// RSA (RFC 8017), 2048 to 4096 bits.
    Rsa,
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// X-Wing (draft-connolly-cfrg-xwing-kem): ML-KEM-768 (FIPS 203) together with X25519 (RFC 7748).
    XWing,
}

impl KeyAlgorithm {
    /// Returns the name that reports and the command use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
            Self::XWing => "hybrid",
        }
    }

    /// Says what a key of this kind cannot do.
    pub(in crate::keys) const fn cannot(self, purpose: &'static str) -> KeyError {
        let key = match self {
            Self::Rsa => "an RSA key",
            Self::Ed25519 => "an Ed25519 key",
            Self::XWing => "a hybrid (X-Wing) key",
        };
        KeyError::WrongUse { key, purpose }
    }
}
