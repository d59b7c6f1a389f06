//! Who opens streams.

use std::sync::Arc;

use crate::keys::{Identity, RawKeyRecipient};

use super::guard::{guard, release};
use super::handle::{Handle, borrow, create, free};
use super::identity_callbacks::{ForeignIdentity, secimg_identity_callbacks};
use super::memory::bytes;
use super::private_key::secimg_private_key;
use super::recipients::passphrase;
use super::status::secimg_status;
use super::symmetric_key::secimg_symmetric_key;

/// Somebody who can open streams.
#[derive(Debug)]
pub struct secimg_identity {
    _opaque: [u8; 0],
}

impl Handle for secimg_identity {
    type Inner = Arc<dyn Identity>;
    const TAG: u32 = 0x5EC1_0007;
}

/// Makes the identity of a private key (RSA or X-Wing). The key may be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_identity_from_private_key(
    key: *const secimg_private_key,
    out: *mut *mut secimg_identity,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let make = || Ok(unsafe { borrow(key)? }.identity()?);
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Makes the identity of who holds a symmetric key. The key may be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_identity_from_symmetric_key(
    key: *const secimg_symmetric_key,
    out: *mut *mut secimg_identity,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let key = Arc::clone(unsafe { borrow(key)? });
            let identity: Arc<dyn Identity> = Arc::new(RawKeyRecipient::new(key));
            Ok(identity)
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Makes the identity of who knows a passphrase (UTF-8).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_identity_from_passphrase(
    passphrase: *const u8,
    len: usize,
    out: *mut *mut secimg_identity,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let passphrase = self::passphrase(unsafe { bytes(passphrase, len)? })?;
            let identity: Arc<dyn Identity> = Arc::new(passphrase);
            Ok(identity)
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Makes the identity of a key that lives elsewhere, such as in a hardware module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_identity_from_callbacks(
    callbacks: *const secimg_identity_callbacks,
    out: *mut *mut secimg_identity,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let foreign = unsafe { ForeignIdentity::read(callbacks) };
        let make = || {
            let identity: Arc<dyn Identity> = Arc::new(foreign?);
            Ok(identity)
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Frees an identity. Options that took it keep it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_identity_free(identity: *mut secimg_identity) {
    // SAFETY: as the module says.
    release(|| unsafe { free(identity) });
}
