//! Public keys for `-r` and `--from`, from public key files and from certificates.
//!
//! What a file is shows in its content. One file of certificates may name several people.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use secimg::io::file::FileError;
use secimg::io::private::read_bounded;
use secimg::keys::{
    Certificate, CertificateFile, CertificatePolicy, CertificatePurpose, PublicKey, StrictPolicy,
    WarningPolicy,
};
use zeroize::Zeroizing;

use crate::exit::Failure;
use crate::keys_in::{MAX_PEM, public_key_from};
use crate::label::shown;

/// The longest file that may hold a public key or certificates.
pub(crate) const MAX_FILE: u64 = Certificate::MAX_FILE as u64;

/// What one file names.
#[derive(Debug, Default)]
pub(crate) struct NamedKeys {
    /// Each key once.
    pub(crate) keys: Vec<PublicKey>,
    /// What the user should know of the certificates, with the name of the file.
    pub(crate) warnings: Vec<String>,
}

/// Reads the public keys in a file, which can do what they are named for.
pub(crate) fn named_keys(
    file: &Path,
    purpose: CertificatePurpose,
    strict: bool,
) -> Result<NamedKeys, Failure> {
    let bytes = Zeroizing::new(read_bounded(file, MAX_FILE)?);
    named_keys_in(&bytes, file, purpose, strict)
}

/// Takes the public keys out of bytes that came from this file.
pub(crate) fn named_keys_in(
    bytes: &[u8],
    file: &Path,
    purpose: CertificatePurpose,
    strict: bool,
) -> Result<NamedKeys, Failure> {
    if Certificate::is_certificate_file(bytes) {
        return in_certificates(file, bytes, purpose, strict);
    }
    check_key_length(file, bytes)?;
    Ok(NamedKeys {
        keys: vec![public_key_from(bytes, file)?],
        warnings: Vec::new(),
    })
}

/// Tells whether a file holds certificates, and so nothing secret.
pub(crate) fn is_certificate(file: &Path) -> bool {
    let bytes = read_bounded(file, MAX_FILE).map(Zeroizing::new);
    bytes.is_ok_and(|bytes| CertificateFile::parse(&bytes).is_ok())
}

/// A certificate file may be longer than a key file, and what it is shows only when it was read.
pub(crate) fn check_key_length(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if bytes.len() as u64 > MAX_PEM {
        return Err(FileError::TooLarge(file.into(), MAX_PEM).into());
    }
    Ok(())
}

fn in_certificates(
    file: &Path,
    bytes: &[u8],
    purpose: CertificatePurpose,
    strict: bool,
) -> Result<NamedKeys, Failure> {
    let policy: &dyn CertificatePolicy = if strict {
        &StrictPolicy
    } else {
        &WarningPolicy
    };
    let about = |error| Failure::from(error).about(file);
    let certificates = CertificateFile::parse(bytes).map_err(about)?;
    let checked = certificates.check(purpose, now(), policy).map_err(about)?;
    let name = shown(file);
    let mut named = NamedKeys::default();
    for one in checked {
        for finding in &one.findings {
            let subject = one.certificate.subject();
            let warning = format!("{name}: the certificate of {subject}: {finding}");
            named.warnings.push(warning);
        }
        if !named.keys.contains(one.key) {
            named.keys.push(one.key.clone());
        }
    }
    let skipped = certificates
        .authorities()
        .map(|one| one.subject().to_string());
    let skipped: Vec<_> = skipped.collect();
    if !skipped.is_empty() {
        named.warnings.push(format!(
            "{name}: not taken as a {}: certificates of certification authorities ({})",
            purpose.name(),
            skipped.join("; ")
        ));
    }
    Ok(named)
}

/// The system's clock, in seconds since 1970; a clock before that makes every certificate too new.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
