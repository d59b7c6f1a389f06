//! Whom a reader trusts.

use crate::keys::{CertificatePurpose, TrustedSigners};

use super::certificates::secimg_certificates;
use super::guard::{guard, release, value};
use super::handle::{Handle, borrow, borrow_mut, clear, create, create_if_wanted, free};
use super::public_key::secimg_public_key;
use super::status::secimg_status;
use super::texts::secimg_texts;

/// A set of public keys. A signature counts when it is by one of them.
#[derive(Debug)]
pub struct secimg_trusted_signers {
    _opaque: [u8; 0],
}

impl Handle for secimg_trusted_signers {
    type Inner = TrustedSigners;
    const TAG: u32 = 0x5EC1_0009;
}

/// Makes the empty set, which trusts nobody.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_trusted_signers_new(
    out: *mut *mut secimg_trusted_signers,
) -> secimg_status {
    // SAFETY: as the module says.
    guard(|| unsafe { create(out, || Ok(TrustedSigners::new())) })
}

/// Adds a public key (Ed25519 or RSA).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_trusted_signers_add_public_key(
    trusted: *mut secimg_trusted_signers,
    key: *const secimg_public_key,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let mut trusted = unsafe { borrow_mut(trusted)? };
        // SAFETY: as the module says.
        let key = unsafe { borrow(key)? };
        key.verifying_key()?;
        trusted.add(key);
        Ok(())
    })
}

/// Adds the keys of certificates, after the checks of `secimg_certificates_check` at this moment. `warnings`
/// (`NULL`: not wanted) gets a list that may be empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_trusted_signers_add_certificates(
    trusted: *mut secimg_trusted_signers,
    certificates: *const secimg_certificates,
    flags: u32,
    warnings: *mut *mut secimg_texts,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear(warnings) };
        // SAFETY: as the module says.
        let mut trusted = unsafe { borrow_mut(trusted)? };
        // SAFETY: as the module says.
        let certificates = unsafe { borrow(certificates)? };
        let (keys, found) = certificates.checked(CertificatePurpose::Signer, 0, flags)?;
        trusted.extend(&keys);
        // SAFETY: as the module says.
        unsafe { create_if_wanted(warnings, || found) }
    })
}

/// Returns how many keys there are; 0 for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_trusted_signers_count(
    trusted: *const secimg_trusted_signers,
) -> usize {
    // SAFETY: as the module says.
    value(0, || Ok(unsafe { borrow(trusted)? }.len()))
}

/// Frees the set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_trusted_signers_free(trusted: *mut secimg_trusted_signers) {
    // SAFETY: as the module says.
    release(|| unsafe { free(trusted) });
}
