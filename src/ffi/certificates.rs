//! X.509 certificates, as recipients and as trusted signers.

use core::ffi::c_char;
use core::ptr;
use std::ffi::CString;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::io::private::read_bounded;
use crate::keys::{
    Certificate, CertificateFile, CertificatePolicy, CertificatePurpose, PublicKey, StrictPolicy,
    WarningPolicy,
};

use super::fail::Fail;
use super::guard::{guard, release, value};
use super::handle::{Handle, borrow, clear, create, create_if_wanted, free};
use super::memory::{bytes, c_text, lend, text};
use super::private_key::check_flags;
use super::public_key::secimg_public_key;
use super::status::secimg_status;
use super::texts::{secimg_texts, text_at, texts};

/// A certificate's key is to be sealed for.
pub const SECIMG_PURPOSE_RECIPIENT: u32 = 1;
/// A certificate's key is to be trusted as a signer's.
pub const SECIMG_PURPOSE_SIGNER: u32 = 2;

/// Refuse a certificate (`SECIMG_ERR_CERTIFICATE`) where there would be a warning.
pub const SECIMG_STRICT_CERTIFICATES: u32 = 1;

/// The certificates of one file. Those of certification authorities are listed and never used as keys.
///
/// Dates and usages are checked. Who signed a certificate is not: a program that needs chains or revocation checks
/// the DER with a library for that first.
#[derive(Debug)]
pub struct secimg_certificates {
    _opaque: [u8; 0],
}

pub(super) struct Certificates {
    file: CertificateFile,
    subjects: Vec<CString>,
    issuers: Vec<CString>,
}

impl Handle for secimg_certificates {
    type Inner = Certificates;
    const TAG: u32 = 0x5EC1_0005;
}

impl Certificates {
    fn parse(bytes: &[u8]) -> Result<Self, Fail> {
        let file = CertificateFile::parse(bytes)?;
        let all = file.certificates();
        Ok(Self {
            subjects: texts(all.iter().map(|c| c.subject().to_string())),
            issuers: texts(all.iter().map(|c| c.issuer().to_string())),
            file,
        })
    }

    fn at(&self, index: usize) -> Result<&Certificate, Fail> {
        let certificate = self.file.certificates().get(index);
        certificate.ok_or_else(|| Fail::argument("there is no certificate of this number"))
    }

    /// Checks the certificates that are meant; returns their keys and what people should be told.
    pub(super) fn checked(
        &self,
        purpose: CertificatePurpose,
        now: u64,
        flags: u32,
    ) -> Result<(Vec<PublicKey>, Vec<CString>), Fail> {
        check_flags(flags, SECIMG_STRICT_CERTIFICATES)?;
        let policy: &dyn CertificatePolicy = if flags & SECIMG_STRICT_CERTIFICATES == 0 {
            &WarningPolicy
        } else {
            &StrictPolicy
        };
        let now = if now == 0 { clock() } else { now };
        let mut keys = Vec::new();
        let mut warnings = Vec::new();
        for checked in self.file.check(purpose, now, policy)? {
            let subject = checked.certificate.subject();
            let about = |finding| c_text(&format!("the certificate of {subject}: {finding}"));
            warnings.extend(checked.findings.iter().map(about));
            if !keys.contains(checked.key) {
                keys.push(checked.key.clone());
            }
        }
        Ok((keys, warnings))
    }
}

fn clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Reads certificates: one in DER, or one or more in PEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_certificates_from_bytes(
    bytes: *const u8,
    len: usize,
    out: *mut *mut secimg_certificates,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let make = || Certificates::parse(unsafe { self::bytes(bytes, len)? });
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Reads a file of certificates, as `secimg_certificates_from_bytes` does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_certificates_load(
    path: *const c_char,
    out: *mut *mut secimg_certificates,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let path = unsafe { text(path)? };
            let longest = u64::try_from(Certificate::MAX_FILE).unwrap_or(u64::MAX);
            Certificates::parse(&read_bounded(Path::new(path), longest)?)
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Returns how many certificates there are, those of authorities among them; 0 for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_certificates_count(
    certificates: *const secimg_certificates,
) -> usize {
    value(0, || {
        // SAFETY: as the module says.
        Ok(unsafe { borrow(certificates)? }.file.certificates().len())
    })
}

/// Tells whether certificate `index` is a certification authority's, which is never used as a key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_certificates_is_authority(
    certificates: *const secimg_certificates,
    index: usize,
) -> bool {
    value(false, || {
        // SAFETY: as the module says.
        let certificates = unsafe { borrow(certificates)? };
        let one = certificates.at(index)?;
        Ok(certificates
            .file
            .authorities()
            .any(|other| ptr::eq(one, other)))
    })
}

/// Returns whose certificate it is, in RFC 4514's form, borrowed; `NULL` where there is none. The words are
/// those of whoever made it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_certificates_subject(
    certificates: *const secimg_certificates,
    index: usize,
) -> *const c_char {
    value(ptr::null(), || {
        // SAFETY: as the module says.
        Ok(text_at(&unsafe { borrow(certificates)? }.subjects, index))
    })
}

/// Returns who issued it, as `secimg_certificates_subject` does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_certificates_issuer(
    certificates: *const secimg_certificates,
    index: usize,
) -> *const c_char {
    value(ptr::null(), || {
        // SAFETY: as the module says.
        Ok(text_at(&unsafe { borrow(certificates)? }.issuers, index))
    })
}

/// Returns the first second at which it is valid, in seconds since 1970-01-01T00:00:00Z.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_certificates_not_before(
    certificates: *const secimg_certificates,
    index: usize,
) -> u64 {
    value(0, || {
        // SAFETY: as the module says.
        Ok(unsafe { borrow(certificates)? }.at(index)?.not_before())
    })
}

/// Returns the last second at which it is valid, in seconds since 1970-01-01T00:00:00Z.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_certificates_not_after(
    certificates: *const secimg_certificates,
    index: usize,
) -> u64 {
    value(0, || {
        // SAFETY: as the module says.
        Ok(unsafe { borrow(certificates)? }.at(index)?.not_after())
    })
}

/// Lends the DER of certificate `index`, for a library that verifies chains.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_certificates_der(
    certificates: *const secimg_certificates,
    index: usize,
    data: *mut *const u8,
    len: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let certificate = unsafe { borrow(certificates)? }.at(index)?;
        // SAFETY: as the module says.
        unsafe { lend(certificate.der(), data, len) }
    })
}

/// Takes the public key out of certificate `index`, whatever the certificate says of its use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_certificates_public_key(
    certificates: *const secimg_certificates,
    index: usize,
    out: *mut *mut secimg_public_key,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let certificate = unsafe { borrow(certificates)? }.at(index)?;
            Ok(certificate.public_key()?.clone())
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Checks the certificates that are not authorities' for a purpose (`SECIMG_PURPOSE_*`): whether their keys can
/// do it, their dates at `now` (seconds since 1970-01-01T00:00:00Z; 0: the system's clock), their usages.
///
/// What people should be told goes to `warnings`, a list that may be empty (`NULL`: not wanted); with
/// `SECIMG_STRICT_CERTIFICATES` in `flags` it is a refusal instead, `SECIMG_ERR_CERTIFICATE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_certificates_check(
    certificates: *const secimg_certificates,
    purpose: u32,
    now: u64,
    flags: u32,
    warnings: *mut *mut secimg_texts,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear(warnings) };
        let purpose = match purpose {
            SECIMG_PURPOSE_RECIPIENT => CertificatePurpose::Recipient,
            SECIMG_PURPOSE_SIGNER => CertificatePurpose::Signer,
            _ => return Err(Fail::argument("a purpose that is not defined")),
        };
        // SAFETY: as the module says.
        let certificates = unsafe { borrow(certificates)? };
        let (_, found) = certificates.checked(purpose, now, flags)?;
        // SAFETY: as the module says.
        unsafe { create_if_wanted(warnings, || found) }
    })
}

/// Frees the certificates.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_certificates_free(certificates: *mut secimg_certificates) {
    // SAFETY: as the module says.
    release(|| unsafe { free(certificates) });
}
