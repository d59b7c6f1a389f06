//! Who signs streams.

use std::sync::Arc;

use crate::keys::Signer;

use super::guard::{guard, release};
use super::handle::{Handle, borrow, create, free};
use super::private_key::secimg_private_key;
use super::signer_callbacks::{ForeignSigner, secimg_signer_callbacks};
use super::status::secimg_status;

/// Not signed.
pub const SECIMG_SIGNATURE_NONE: u32 = 0;
/// RSASSA-PSS with SHA-256, MGF1-SHA-256 and a salt of 32 bytes.
pub const SECIMG_SIGNATURE_RSA_PSS_SHA256: u32 = 1;
/// Ed25519.
pub const SECIMG_SIGNATURE_ED25519: u32 = 2;

/// Somebody who signs streams.
#[derive(Debug)]
pub struct secimg_signer {
    _opaque: [u8; 0],
}

impl Handle for secimg_signer {
    type Inner = Arc<dyn Signer>;
    const TAG: u32 = 0x5EC1_0008;
}

/// Makes the signer of a private key (Ed25519 or RSA). The key may be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_signer_from_private_key(
    key: *const secimg_private_key,
    out: *mut *mut secimg_signer,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let make = || Ok(unsafe { borrow(key)? }.signer()?);
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Makes the signer of a key that lives elsewhere, such as in a hardware module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_signer_from_callbacks(
    callbacks: *const secimg_signer_callbacks,
    out: *mut *mut secimg_signer,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let foreign = unsafe { ForeignSigner::read(callbacks) };
        let make = || {
            let signer: Arc<dyn Signer> = Arc::new(foreign?);
            Ok(signer)
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Frees a signer. Options that took it keep it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_signer_free(signer: *mut secimg_signer) {
    // SAFETY: as the module says.
    release(|| unsafe { free(signer) });
}
