//! For whom a stream is sealed.

use std::sync::Arc;

use crate::keys::{
    CertificatePurpose, Passphrase, PassphraseRecipient, PublicKey, RawKeyRecipient, Recipient,
};

use super::certificates::secimg_certificates;
use super::fail::Fail;
use super::guard::{guard, release, value};
use super::handle::{Handle, borrow, borrow_mut, clear, create, create_if_wanted, free};
use super::memory::bytes;
use super::public_key::secimg_public_key;
use super::recipient_callbacks::{ForeignRecipient, secimg_recipient_callbacks};
use super::status::secimg_status;
use super::symmetric_key::secimg_symmetric_key;
use super::texts::secimg_texts;

/// Recipient type 1: RSA-OAEP with SHA-256.
pub const SECIMG_RECIPIENT_RSA_OAEP_SHA256: u32 = 1;
/// Recipient type 2: X-Wing (ML-KEM-768 with X25519).
pub const SECIMG_RECIPIENT_XWING: u32 = 2;
/// Recipient type 3: a passphrase.
pub const SECIMG_RECIPIENT_PASSPHRASE: u32 = 3;
/// Recipient type 4: a raw 256-bit key.
pub const SECIMG_RECIPIENT_RAW_KEY: u32 = 4;
/// Recipient type 5: an external provider, such as a hardware module or a key service.
pub const SECIMG_RECIPIENT_EXTERNAL: u32 = 5;

/// The recipients of a stream, 1 to 32. A passphrase can only stand alone.
#[derive(Debug)]
pub struct secimg_recipients {
    _opaque: [u8; 0],
}

#[derive(Debug, Default, Clone)]
pub(super) struct Recipients {
    pub(super) list: Vec<Arc<dyn Recipient>>,
    pub(super) allow_mixing: bool,
}

impl Handle for secimg_recipients {
    type Inner = Recipients;
    const TAG: u32 = 0x5EC1_0006;
}

/// Makes an empty list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_recipients_new(out: *mut *mut secimg_recipients) -> secimg_status {
    // SAFETY: as the module says.
    guard(|| unsafe { create(out, || Ok(Recipients::default())) })
}

/// Adds the owner of a public key (RSA or X-Wing).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_recipients_add_public_key(
    recipients: *mut secimg_recipients,
    key: *const secimg_public_key,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let mut recipients = unsafe { borrow_mut(recipients)? };
        // SAFETY: as the module says.
        recipients.list.push(unsafe { borrow(key)? }.recipient()?);
        Ok(())
    })
}

/// Adds the owners of certificates, after the checks of `secimg_certificates_check` at this moment. `warnings`
/// (`NULL`: not wanted) gets a list that may be empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_recipients_add_certificates(
    recipients: *mut secimg_recipients,
    certificates: *const secimg_certificates,
    flags: u32,
    warnings: *mut *mut secimg_texts,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear(warnings) };
        // SAFETY: as the module says.
        let mut recipients = unsafe { borrow_mut(recipients)? };
        // SAFETY: as the module says.
        let certificates = unsafe { borrow(certificates)? };
        let (keys, found) = certificates.checked(CertificatePurpose::Recipient, 0, flags)?;
        let added: Result<Vec<_>, _> = keys.iter().map(PublicKey::recipient).collect();
        recipients.list.extend(added?);
        // SAFETY: as the module says.
        unsafe { create_if_wanted(warnings, || found) }
    })
}

/// Adds whoever holds a symmetric key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_recipients_add_symmetric_key(
    recipients: *mut secimg_recipients,
    key: *const secimg_symmetric_key,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let mut recipients = unsafe { borrow_mut(recipients)? };
        // SAFETY: as the module says.
        let key = Arc::clone(unsafe { borrow(key)? });
        recipients.list.push(Arc::new(RawKeyRecipient::new(key)));
        Ok(())
    })
}

/// Makes whoever knows a passphrase the only recipient. It is UTF-8, and normalised (NFC), so that every
/// keyboard's is the same; sealing and opening then take the time of its key derivation (Argon2id, 64 MiB).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_recipients_add_passphrase(
    recipients: *mut secimg_recipients,
    passphrase: *const u8,
    len: usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let mut recipients = unsafe { borrow_mut(recipients)? };
        // SAFETY: as the module says.
        let passphrase = self::passphrase(unsafe { bytes(passphrase, len)? })?;
        let recipient = PassphraseRecipient::new(passphrase);
        recipients.list.push(Arc::new(recipient));
        Ok(())
    })
}

/// Takes the caller's bytes as a passphrase.
pub(super) fn passphrase(bytes: &[u8]) -> Result<Passphrase, Fail> {
    let text =
        core::str::from_utf8(bytes).map_err(|_| Fail::argument("the passphrase is not UTF-8"))?;
    Ok(Passphrase::new(text)?)
}

/// Adds a key that lives elsewhere, such as in a key service.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_recipients_add_callbacks(
    recipients: *mut secimg_recipients,
    callbacks: *const secimg_recipient_callbacks,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let foreign = unsafe { ForeignRecipient::read(callbacks)? };
        // SAFETY: as the module says.
        let mut recipients = unsafe { borrow_mut(recipients)? };
        recipients.list.push(Arc::new(foreign));
        Ok(())
    })
}

/// Allows RSA beside X-Wing and symmetric keys. Without this it is refused, for a stream is only as strong as
/// its weakest recipient.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_recipients_allow_mixing(
    recipients: *mut secimg_recipients,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { borrow_mut(recipients)? }.allow_mixing = true;
        Ok(())
    })
}

/// Returns how many recipients there are; 0 for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_recipients_count(recipients: *const secimg_recipients) -> usize {
    // SAFETY: as the module says.
    value(0, || Ok(unsafe { borrow(recipients)? }.list.len()))
}

/// Frees the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_recipients_free(recipients: *mut secimg_recipients) {
    // SAFETY: as the module says.
    release(|| unsafe { free(recipients) });
}
