//! Who decides whether a certificate is used: the caller.

use core::fmt::Debug;

use super::Certificate;
use super::findings::{CertificateFinding, CertificatePurpose};
use crate::keys::error::KeyError;

/// What a [`CertificatePolicy`] is asked about.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct CertificateCheck<'a> {
    /// The certificate whose key would be used.
    pub certificate: &'a Certificate,
    /// All certificates of the file it came from, itself among them, in the order of the file: where to
    /// look for the intermediate ones. Nothing says that they belong together.
    pub file: &'a [Certificate],
    /// What the key would be used for.
    pub purpose: CertificatePurpose,
    /// The time of checking, in seconds since 1970-01-01T00:00:00Z.
    pub now: u64,
}

/// The hook for chains and revocation: accepts or refuses certificates.
///
/// This library reads certificates and does not verify who signed them. A program that must (a hospital
/// with its own authority, say) implements this with a library for chains, which takes the DER of the
/// certificate and of its companions, and gives it to [`CertificateFile::check`](super::CertificateFile::check).
///
/// ```
/// use secimg::keys::{
///     CertificateCheck, CertificateFile, CertificateFinding, CertificatePolicy, KeyError, WarningPolicy,
/// };
///
/// /// Accepts what the hospital's authority has issued, and warns as usual.
/// #[derive(Debug)]
/// struct IssuedByHospital;
///
/// impl CertificatePolicy for IssuedByHospital {
///     fn check(&self, check: CertificateCheck<'_>) -> Result<Vec<CertificateFinding>, KeyError> {
///         let chain: Vec<&[u8]> = check.file.iter().map(|certificate| certificate.der()).collect();
///         if !is_issued_by_hospital(check.certificate.der(), &chain, check.now) {
///             let reason = "the hospital's authority did not issue it".to_owned();
///             return Err(KeyError::CertificateRefused(reason));
///         }
///         WarningPolicy.check(check)
///     }
/// }
/// # /// Stands for a library that verifies chains.
/// # fn is_issued_by_hospital(leaf: &[u8], chain: &[&[u8]], _now: u64) -> bool {
/// #     chain.iter().any(|issuer| *issuer != leaf)
/// # }
///
/// # let pem = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/keys/fixtures/recipient.crt"));
/// let file = CertificateFile::parse(pem)?;
/// let now = 1_800_000_000; // seconds since 1970, from the system's clock
/// let refused = file.check(secimg::keys::CertificatePurpose::Recipient, now, &IssuedByHospital);
/// assert!(matches!(refused, Err(KeyError::InCertificate { .. })), "nobody issued it: it stands alone");
/// # Ok::<(), KeyError>(())
/// ```
pub trait CertificatePolicy: Debug + Send + Sync {
    /// Accepts a certificate, with what its user should be told, or refuses it.
    ///
    /// # Errors
    /// [`KeyError::CertificateRefused`] with a reason for people, or another error that kept the policy
    /// from deciding.
    fn check(&self, check: CertificateCheck<'_>) -> Result<Vec<CertificateFinding>, KeyError>;
}

/// Accepts every certificate, and tells what [`Certificate::findings`] finds.
#[derive(Debug, Clone, Copy, Default)]
#[allow(
    clippy::exhaustive_structs,
    reason = "named as a value; there is nothing to set"
)]
pub struct WarningPolicy;

impl CertificatePolicy for WarningPolicy {
    fn check(&self, check: CertificateCheck<'_>) -> Result<Vec<CertificateFinding>, KeyError> {
        Ok(check.certificate.findings(check.purpose, check.now))
    }
}

/// Refuses a certificate of which [`Certificate::findings`] finds anything.
#[derive(Debug, Clone, Copy, Default)]
#[allow(
    clippy::exhaustive_structs,
    reason = "named as a value; there is nothing to set"
)]
pub struct StrictPolicy;

impl CertificatePolicy for StrictPolicy {
    fn check(&self, check: CertificateCheck<'_>) -> Result<Vec<CertificateFinding>, KeyError> {
        let findings = check.certificate.findings(check.purpose, check.now);
        if findings.is_empty() {
            return Ok(findings);
        }
        let texts: Vec<_> = findings.iter().map(ToString::to_string).collect();
        Err(KeyError::CertificateRefused(texts.join("; ")))
    }
}
