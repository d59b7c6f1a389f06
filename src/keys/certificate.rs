//! X.509 certificates (RFC 5280), read only: whose key it is, from when to when, and what for.
//!
//! A certificate is taken as a public key with notes on it. The notes are checked
//! ([`CertificateFinding`]); **its signature is not**: nothing here follows a chain, asks whether a
//! certificate was revoked, or knows an authority. Whoever names a certificate vouches for it, as for a
//! public key; where that is too little, a [`CertificatePolicy`] of the caller's decides.

use core::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use x509_cert::der::{Decode, Encode};

use super::error::KeyError;
use super::fingerprint::Fingerprint;
use super::public::PublicKey;
use extensions::Extensions;

mod check;
mod extensions;
mod file;
mod findings;
mod name;
mod policy;
#[cfg(test)]
mod tests;

pub use check::{CertificateFile, CheckedCertificate};
pub use extensions::{ExtendedKeyUsage, KeyUsage};
pub use findings::{CertificateFinding, CertificatePurpose};
pub use name::DistinguishedName;
pub use policy::{CertificateCheck, CertificatePolicy, StrictPolicy, WarningPolicy};

/// The label of the PEM block, and the container's name in errors.
const CERTIFICATE: &str = "CERTIFICATE";

/// The longest certificate that is read. Ordinary ones have 1 to 3 KiB.
const MAX_DER: usize = 64 << 10;

/// One certificate.
///
/// Subject, issuer and every other note on it are the words of whoever made it.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Arc<[u8]>,
    subject: DistinguishedName,
    issuer: DistinguishedName,
    serial_number: Box<[u8]>,
    not_before: u64,
    not_after: u64,
    extensions: Extensions,
    /// An authority in a chain may well have a key of a kind that is not used here.
    public_key: Result<PublicKey, KeyError>,
}

impl Certificate {
    /// Reads one certificate in DER. Its key may be of any kind, see [`Certificate::public_key`].
    ///
    /// # Errors
    /// [`KeyError::Malformed`] for anything that is not one whole certificate, has more than 64 KiB, or
    /// has an extension twice.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        if der.len() > MAX_DER {
            return Err(KeyError::malformed(CERTIFICATE, "longer than 64 KiB"));
        }
        let certificate = x509_cert::Certificate::from_der(der).map_err(not_one)?;
        let tbs = certificate.tbs_certificate();
        let extensions = tbs.extensions().map(Vec::as_slice).unwrap_or_default();
        if Extensions::contradict(extensions) {
            return Err(KeyError::malformed(
                CERTIFICATE,
                "it has an extension twice",
            ));
        }
        let spki = tbs.subject_public_key_info().to_der().map_err(not_one)?;
        let validity = tbs.validity();
        Ok(Self {
            der: der.into(),
            subject: DistinguishedName::read(tbs.subject()).map_err(not_one)?,
            issuer: DistinguishedName::read(tbs.issuer()).map_err(not_one)?,
            serial_number: tbs.serial_number().as_bytes().into(),
            not_before: validity.not_before.to_unix_duration().as_secs(),
            not_after: validity.not_after.to_unix_duration().as_secs(),
            extensions: Extensions::read(extensions).map_err(not_one)?,
            public_key: PublicKey::from_spki_der(&spki),
        })
    }

    /// Returns the DER, byte for byte as it was read.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Returns SHA-256 of the DER: the digits that `openssl x509 -fingerprint -sha256` prints. The
    /// fingerprint of the key is that of [`Certificate::public_key`].
    #[must_use]
    pub fn sha256(&self) -> Fingerprint {
        Fingerprint::new(Sha256::digest(&self.der).into())
    }

    /// Returns the key in its canonical form, so that it is the same key whether it comes from a
    /// certificate or from a `PUBLIC KEY` file.
    ///
    /// # Errors
    /// What is wrong with the key: its algorithm is not used here, or it is weak.
    pub fn public_key(&self) -> Result<&PublicKey, KeyError> {
        self.public_key.as_ref().map_err(Clone::clone)
    }

    /// Returns whose key it is.
    #[must_use]
    pub const fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// Returns who says so.
    #[must_use]
    pub const fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    /// Returns the issuer's number for it: a two's complement integer, big-endian.
    #[must_use]
    pub fn serial_number(&self) -> &[u8] {
        &self.serial_number
    }

    /// Returns the first second at which it is valid, in seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn not_before(&self) -> u64 {
        self.not_before
    }

    /// Returns the last second at which it is valid, in seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn not_after(&self) -> u64 {
        self.not_after
    }

    /// Returns what the key may be used for (RFC 5280 section 4.2.1.3); `None` says nothing, which
    /// means anything.
    #[must_use]
    pub fn key_usage(&self) -> Option<&[KeyUsage]> {
        self.extensions.key_usage.as_deref()
    }

    /// Returns the purposes of the key (RFC 5280 section 4.2.1.12); `None` says nothing, which means any.
    #[must_use]
    pub fn extended_key_usage(&self) -> Option<&[ExtendedKeyUsage]> {
        self.extensions.extended_key_usage.as_deref()
    }

    /// Tells whether the basic constraints say that the key belongs to a certification authority (RFC
    /// 5280 section 4.2.1.9).
    #[must_use]
    pub const fn is_authority(&self) -> bool {
        self.extensions.authority
    }

    /// Names the certificate in errors.
    fn name(&self) -> String {
        format!("the certificate of {}", self.subject)
    }

    /// Tells whether `self` is above `other` in a chain, by their names.
    fn issued(&self, other: &Self) -> bool {
        self.subject == other.issuer && other.subject != other.issuer
    }
}

/// A certificate is public, so the parser may say what it stumbled over.
fn not_one(error: x509_cert::der::Error) -> KeyError {
    let reason = format!("it is no X.509 certificate ({error})");
    KeyError::malformed(CERTIFICATE, &reason)
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, {})", self.subject, self.sha256())
    }
}
