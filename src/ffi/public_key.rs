//! Public keys and fingerprints.

use core::ffi::c_char;
use std::io::Write;
use std::path::Path;

use crate::io::file::{FileMode, PendingFile};
use crate::io::private::read_bounded;
use crate::keys::{Fingerprint, KeyAlgorithm, PublicKey};

use super::fail::Fail;
use super::guard::{guard, release, value};
use super::handle::{Handle, borrow, create, free};
use super::memory::{bytes, clear_buf, give_buf, lend, put_bytes, secimg_buf, text, write_text};
use super::private_key::{
    MAX_KEY_FILE, SECIMG_KEY_ED25519, SECIMG_KEY_RSA, SECIMG_KEY_XWING, overwrite,
};
use super::status::secimg_status;

/// The length of a fingerprint, a SHA-256.
pub const SECIMG_FINGERPRINT_LEN: usize = 32;
/// The length of a fingerprint's text: `sha256:`, 64 hex digits and NUL.
pub const SECIMG_FINGERPRINT_TEXT_LEN: usize = 72;

/// A public key.
#[derive(Debug)]
pub struct secimg_public_key {
    _opaque: [u8; 0],
}

impl Handle for secimg_public_key {
    type Inner = PublicKey;
    const TAG: u32 = 0x5EC1_0003;
}

/// Reads one PEM block, `PUBLIC KEY`, as `openssl pkey -pubout` writes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_public_key_from_pem(
    pem: *const u8,
    pem_len: usize,
    out: *mut *mut secimg_public_key,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let make = || Ok(PublicKey::from_pem(unsafe { bytes(pem, pem_len)? })?);
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Reads a `SubjectPublicKeyInfo` in DER (RFC 5280 section 4.1.2.7).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_public_key_from_spki(
    der: *const u8,
    der_len: usize,
    out: *mut *mut secimg_public_key,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let make = || Ok(PublicKey::from_spki_der(unsafe { bytes(der, der_len)? })?);
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Reads the file of a public key in PEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_public_key_load(
    path: *const c_char,
    out: *mut *mut secimg_public_key,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let path = unsafe { text(path)? };
            let pem = read_bounded(Path::new(path), MAX_KEY_FILE)?;
            Ok(PublicKey::from_pem(&pem)?)
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Writes a public key as PEM. Free the text with `secimg_buf_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_public_key_to_pem(
    key: *const secimg_public_key,
    out: *mut secimg_buf,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear_buf(out)? };
        // SAFETY: as the module says.
        let pem = unsafe { borrow(key)? }.to_pem();
        // SAFETY: as the module says.
        unsafe { give_buf(out, pem.into_bytes().into()) }
    })
}

/// Writes a public key to a file, whole or not at all. A file that is there is refused (`SECIMG_ERR_IO`) unless
/// `flags` has `SECIMG_OVERWRITE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_public_key_store(
    key: *const secimg_public_key,
    path: *const c_char,
    flags: u32,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let key = unsafe { borrow(key)? };
        // SAFETY: as the module says.
        let path = unsafe { text(path)? };
        let mut file = PendingFile::create(Path::new(path), overwrite(flags)?)?;
        file.write_all(key.to_pem().as_bytes())?;
        Ok(file.commit(FileMode::Shared)?)
    })
}

/// Lends the key's canonical `SubjectPublicKeyInfo` in DER: over these bytes are its fingerprint and the
/// signatures that name it. They live as long as the key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_public_key_spki(
    key: *const secimg_public_key,
    data: *mut *const u8,
    len: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let key: &PublicKey = unsafe { borrow(key)? };
        // SAFETY: as the module says.
        unsafe { lend(key.spki(), data, len) }
    })
}

/// Stores the key's fingerprint, SHA-256 of its canonical SPKI: `SECIMG_FINGERPRINT_LEN` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_public_key_fingerprint(
    key: *const secimg_public_key,
    out: *mut u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let fingerprint = unsafe { borrow(key)? }.fingerprint();
        // SAFETY: as the module says.
        unsafe { put_bytes(out, fingerprint.as_bytes()) }
    })
}

/// Returns one of `SECIMG_KEY_*`; 0 for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_public_key_kind(key: *const secimg_public_key) -> u32 {
    value(0, || {
        // SAFETY: as the module says.
        Ok(match unsafe { borrow(key)? }.algorithm() {
            KeyAlgorithm::Rsa => SECIMG_KEY_RSA,
            KeyAlgorithm::Ed25519 => SECIMG_KEY_ED25519,
            KeyAlgorithm::XWing => SECIMG_KEY_XWING,
        })
    })
}

/// Returns the length of an RSA modulus in bits, 256 for the other kinds; 0 for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_public_key_bits(key: *const secimg_public_key) -> u32 {
    value(0, || {
        // SAFETY: as the module says.
        Ok(u32::try_from(unsafe { borrow(key)? }.bits()).unwrap_or(0))
    })
}

/// Returns the strength in bits against ordinary computers (NIST SP 800-57 part 1, table 2): 112 for RSA with
/// 2048 bits, 128 for 3072. 0 for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_public_key_strength_bits(key: *const secimg_public_key) -> u32 {
    // SAFETY: as the module says.
    value(0, || Ok(unsafe { borrow(key)? }.strength_bits()))
}

/// Tells whether two handles hold the same key; false for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_public_key_equal(
    a: *const secimg_public_key,
    b: *const secimg_public_key,
) -> bool {
    value(false, || {
        // SAFETY: as the module says.
        let a: &PublicKey = unsafe { borrow(a)? };
        // SAFETY: as the module says.
        Ok(a == unsafe { borrow(b)? })
    })
}

/// Frees a public key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_public_key_free(key: *mut secimg_public_key) {
    // SAFETY: as the module says.
    release(|| unsafe { free(key) });
}

/// Writes a fingerprint (`SECIMG_FINGERPRINT_LEN` bytes) as people compare it, `sha256:` and 64 hex digits, ended
/// by NUL: `SECIMG_FINGERPRINT_TEXT_LEN` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_fingerprint_text(
    fingerprint: *const u8,
    buffer: *mut c_char,
    capacity: usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let hash = unsafe { bytes(fingerprint, SECIMG_FINGERPRINT_LEN)? };
        if buffer.is_null() {
            return Err(Fail::null());
        }
        if capacity < SECIMG_FINGERPRINT_TEXT_LEN {
            return Err(Fail::too_small(
                capacity,
                SECIMG_FINGERPRINT_TEXT_LEN as u64,
            ));
        }
        let hash = hash.try_into().unwrap_or_default();
        let text = Fingerprint::new(hash).to_string();
        // SAFETY: as the module says.
        unsafe { write_text(&text, buffer, capacity) };
        Ok(())
    })
}
