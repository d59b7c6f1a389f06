//! What is checked of a certificate itself, without its issuer.

use core::fmt;
use core::time::Duration;

use x509_cert::der::DateTime;

use super::Certificate;
use super::extensions::{ExtendedKeyUsage, KeyUsage};

/// What a certificate is given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificatePurpose {
    /// To seal for its owner.
    Recipient,
    /// To trust its owner's signatures.
    Signer,
}

impl CertificatePurpose {
    /// Returns the word that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recipient => "recipient",
            Self::Signer => "signer",
        }
    }

    /// One of these must be there, where key usages are named at all. RSA-OAEP encrypts a key; either
    /// kind of signature says who made the data (RFC 8550 section 4.4.2 reads the two alike).
    const fn key_usages(self) -> &'static [KeyUsage] {
        match self {
            Self::Recipient => &[KeyUsage::KeyEncipherment],
            Self::Signer => &[KeyUsage::DigitalSignature, KeyUsage::ContentCommitment],
        }
    }

    /// One of these must be there, where purposes are named at all: a sealed stream is a message from
    /// person to person, as S/MIME's are (RFC 8550 section 4.4.4), and a signer may sign documents (RFC
    /// 9336). A certificate for TLS only names a server or a client; its key is often on machines that
    /// are open to the network.
    const fn extended_key_usages(self) -> &'static [ExtendedKeyUsage] {
        match self {
            Self::Recipient => &[ExtendedKeyUsage::Any, ExtendedKeyUsage::EmailProtection],
            Self::Signer => &[
                ExtendedKeyUsage::Any,
                ExtendedKeyUsage::EmailProtection,
                ExtendedKeyUsage::DocumentSigning,
            ],
        }
    }
}

/// Something in a certificate that speaks against using it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateFinding {
    /// Its time is over.
    Expired {
        /// The last second, since 1970-01-01T00:00:00Z.
        not_after: u64,
    },
    /// Its time has not come.
    NotYetValid {
        /// The first second, since 1970-01-01T00:00:00Z.
        not_before: u64,
    },
    /// It names key usages, and none that fits.
    KeyUsage {
        /// What it was given for.
        purpose: CertificatePurpose,
        /// What it names.
        found: Vec<KeyUsage>,
    },
    /// It names purposes, and none that fits.
    ExtendedKeyUsage {
        /// What it was given for.
        purpose: CertificatePurpose,
        /// What it names.
        found: Vec<ExtendedKeyUsage>,
    },
    /// It belongs to a certification authority, whose key is there to sign certificates.
    Authority,
    /// It has an extension that must be understood (RFC 5280 section 4.2) and is not.
    UnknownCriticalExtension {
        /// The extension's object identifier in dotted form.
        oid: String,
    },
}

impl fmt::Display for CertificateFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { not_after } => write!(f, "it expired at {}", Moment(*not_after)),
            Self::NotYetValid { not_before } => {
                write!(f, "it is not valid before {}", Moment(*not_before))
            }
            Self::KeyUsage { purpose, found } => {
                let found: Vec<_> = found.iter().map(|usage| usage.name()).collect();
                let needed = purpose.key_usages().iter();
                let needed: Vec<_> = needed.map(|usage| usage.name()).collect();
                unfit(f, "key usage", *purpose, &found, &needed)
            }
            Self::ExtendedKeyUsage { purpose, found } => {
                let found: Vec<_> = found.iter().map(ExtendedKeyUsage::name).collect();
                let needed = purpose.extended_key_usages().iter();
                let needed: Vec<_> = needed.map(ExtendedKeyUsage::name).collect();
                unfit(f, "extended key usage", *purpose, &found, &needed)
            }
            Self::Authority => f.write_str(
                "it belongs to a certification authority, whose key is for signing certificates",
            ),
            Self::UnknownCriticalExtension { oid } => {
                write!(
                    f,
                    "it has the critical extension {oid}, which is not understood here"
                )
            }
        }
    }
}

fn unfit(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    purpose: CertificatePurpose,
    found: &[&str],
    needed: &[&str],
) -> fmt::Result {
    let found = if found.is_empty() {
        "none".to_owned()
    } else {
        found.join(", ")
    };
    let purpose = purpose.name();
    let needed = needed.join(" or ");
    write!(
        f,
        "its {what} ({found}) is not for a {purpose}, which takes {needed}"
    )
}

/// A time as RFC 3339 writes it.
struct Moment(u64);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_unix_duration(Duration::from_secs(self.0)) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "second {}", self.0),
        }
    }
}

impl Certificate {
    /// Lists what speaks against using it for a purpose at a time, in seconds since
    /// 1970-01-01T00:00:00Z. Both ends of its validity belong to it (RFC 5280 section 4.1.2.5).
    ///
    /// The signature on the certificate is not looked at, so neither is its hash algorithm.
    #[must_use]
    pub fn findings(&self, purpose: CertificatePurpose, now: u64) -> Vec<CertificateFinding> {
        let mut findings = self.general_findings(now);
        if let Some(found) = self.key_usage()
            && !purpose.key_usages().iter().any(|fit| found.contains(fit))
        {
            let found = found.to_vec();
            findings.push(CertificateFinding::KeyUsage { purpose, found });
        }
        if let Some(found) = self.extended_key_usage()
            && !purpose
                .extended_key_usages()
                .iter()
                .any(|fit| found.contains(fit))
        {
            let found = found.to_vec();
            findings.push(CertificateFinding::ExtendedKeyUsage { purpose, found });
        }
        findings
    }

    /// Lists what speaks against using it for anything.
    #[must_use]
    pub fn general_findings(&self, now: u64) -> Vec<CertificateFinding> {
        let (not_before, not_after) = (self.not_before, self.not_after);
        let mut findings = Vec::new();
        if now > not_after {
            findings.push(CertificateFinding::Expired { not_after });
        }
        if now < not_before {
            findings.push(CertificateFinding::NotYetValid { not_before });
        }
        if self.is_authority() {
            findings.push(CertificateFinding::Authority);
        }
        for oid in &self.extensions.unknown_critical {
            let oid = oid.clone();
            findings.push(CertificateFinding::UnknownCriticalExtension { oid });
        }
        findings
    }
}
