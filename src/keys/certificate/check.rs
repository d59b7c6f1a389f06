//! Which certificates of a file are meant, and whether they may be used.

use super::Certificate;
use super::findings::{CertificateFinding, CertificatePurpose};
use super::policy::{CertificateCheck, CertificatePolicy};
use crate::keys::error::KeyError;
use crate::keys::public::PublicKey;

/// The certificates of one file: those that are meant, and the chain above them.
///
/// A file often holds more than the certificate of its owner: the certificates of the authorities that
/// vouch for it, up to a root. To seal for an authority would be a mistake, and to trust its signatures
/// another, for it signs certificates and no images. So a certificate is an **authority's** when its basic
/// constraints say so, or when another certificate of the file names it as its issuer (old roots have no
/// basic constraints). All others are **end entities**: somebody's own, and each is meant, so that one file
/// may name a whole group.
///
/// ```
/// use secimg::keys::{CertificateFile, CertificatePurpose, WarningPolicy};
/// use secimg::SealOptions;
///
/// # let pem = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/keys/fixtures/recipient.crt"));
/// let file = CertificateFile::parse(pem)?;
/// let now = 1_800_000_000; // seconds since 1970, from the system's clock
/// let mut options = SealOptions::new();
/// for checked in file.check(CertificatePurpose::Recipient, now, &WarningPolicy)? {
///     for finding in &checked.findings {
///         eprintln!("the certificate of {}: {finding}", checked.certificate.subject());
///     }
///     options = options.recipient(checked.key.recipient()?);
/// }
/// # Ok::<(), secimg::keys::KeyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFile {
    certificates: Vec<Certificate>,
}

/// A certificate that a policy accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CheckedCertificate<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// Its key, which can do what it was checked for.
    pub key: &'a PublicKey,
    /// What its user should be told.
    pub findings: Vec<CertificateFinding>,
}

impl CertificateFile {
    /// Reads a file, as [`Certificate::parse_file`] does.
    ///
    /// # Errors
    /// Those of [`Certificate::parse_file`].
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        let certificates = Certificate::parse_file(bytes)?;
        Ok(Self { certificates })
    }

    /// Returns all certificates, in the order of the file.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Lists the certificates that are meant.
    pub fn end_entities(&self) -> impl Iterator<Item = &Certificate> {
        let all = self.certificates.iter();
        all.filter(|certificate| !self.stands_above(certificate))
    }

    /// Lists the certificates of authorities, which are skipped.
    pub fn authorities(&self) -> impl Iterator<Item = &Certificate> {
        let all = self.certificates.iter();
        all.filter(|certificate| self.stands_above(certificate))
    }

    fn stands_above(&self, certificate: &Certificate) -> bool {
        certificate.is_authority()
            || self
                .certificates
                .iter()
                .any(|other| certificate.issued(other))
    }

    /// Asks a policy about each end entity at a time, in seconds since 1970-01-01T00:00:00Z. One that
    /// cannot be used is an error, so that nobody is left out in silence. A key that stands in two
    /// certificates, an old and a renewed one, comes twice.
    ///
    /// # Errors
    /// [`KeyError::OnlyAuthorities`], and [`KeyError::InCertificate`] with what is wrong with one: a key
    /// that cannot do this, a weak one, or the policy's refusal.
    pub fn check(
        &self,
        purpose: CertificatePurpose,
        now: u64,
        policy: &dyn CertificatePolicy,
    ) -> Result<Vec<CheckedCertificate<'_>>, KeyError> {
        let one = |certificate| self.check_one(certificate, purpose, now, policy);
        let checked = self
            .end_entities()
            .map(one)
            .collect::<Result<Vec<_>, _>>()?;
        if checked.is_empty() {
            return Err(KeyError::OnlyAuthorities);
        }
        Ok(checked)
    }

    fn check_one<'a>(
        &'a self,
        certificate: &'a Certificate,
        purpose: CertificatePurpose,
        now: u64,
        policy: &dyn CertificatePolicy,
    ) -> Result<CheckedCertificate<'a>, KeyError> {
        let key = certificate.key_for(purpose)?;
        let findings = policy.check(CertificateCheck {
            certificate,
            file: &self.certificates,
            purpose,
            now,
        });
        Ok(CheckedCertificate {
            certificate,
            key,
            findings: findings.map_err(|error| error.in_certificate(certificate.name(), ""))?,
        })
    }
}

impl Certificate {
    /// Returns the key, if keys of its kind can do this, whatever the certificate says of its use.
    ///
    /// # Errors
    /// [`KeyError::InCertificate`] with what is wrong with the key, and what certificate to ask for.
    pub fn key_for(&self, purpose: CertificatePurpose) -> Result<&PublicKey, KeyError> {
        let able = self.public_key().and_then(|key| {
            match purpose {
                CertificatePurpose::Recipient => key.recipient().map(drop)?,
                CertificatePurpose::Signer => key.verifying_key().map(drop)?,
            }
            Ok(key)
        });
        able.map_err(|error| {
            let advice = match (&error, purpose) {
                (KeyError::RsaSize { .. } | KeyError::RsaUnsound(_), _) => {
                    "; its owner needs a new key and a new certificate"
                }
                (_, CertificatePurpose::Recipient) => {
                    "; a recipient's certificate holds an RSA key of the plain type rsaEncryption"
                }
                (_, CertificatePurpose::Signer) => {
                    "; a signer's certificate holds an Ed25519 key, or an RSA key of the plain type \
                     rsaEncryption"
                }
            };
            error.in_certificate(self.name(), advice)
        })
    }
}
