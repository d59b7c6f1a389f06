//! Raw 256-bit keys that both sides hold.

use core::ffi::c_char;
use std::path::Path;
use std::sync::Arc;

use crate::crypto::Key256;
use crate::io::private::{read_private, write_private};
use crate::keys::SymmetricKey;

use super::fail::Fail;
use super::guard::{guard, release};
use super::handle::{Handle, borrow, create, free};
use super::memory::{bytes, clear_buf, give_buf, put_bytes, secimg_buf, text};
use super::private_key::{MAX_KEY_FILE, overwrite, sharing};
use super::status::secimg_status;

/// A symmetric key. It is wiped when it and everything made from it is freed.
#[derive(Debug)]
pub struct secimg_symmetric_key {
    _opaque: [u8; 0],
}

impl Handle for secimg_symmetric_key {
    type Inner = Arc<SymmetricKey>;
    const TAG: u32 = 0x5EC1_0004;
}

/// Draws a symmetric key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_symmetric_key_generate(
    out: *mut *mut secimg_symmetric_key,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { create(out, || Ok(SymmetricKey::generate()?.into())) }
    })
}

/// Takes a symmetric key of exactly 32 bytes, such as one from a key agreement of the caller's own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_symmetric_key_from_bytes(
    key: *const u8,
    len: usize,
    out: *mut *mut secimg_symmetric_key,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let key = Key256::from_slice(unsafe { bytes(key, len)? });
            let key = key.ok_or_else(|| Fail::argument("a symmetric key has 32 bytes"))?;
            Ok(SymmetricKey::new(key).into())
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Reads the content of a key file: one line of base64 (as `openssl rand -base64 32` prints it), 64 hex digits,
/// or 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_symmetric_key_from_text(
    text: *const u8,
    len: usize,
    out: *mut *mut secimg_symmetric_key,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let make = || Ok(SymmetricKey::from_file_bytes(unsafe { bytes(text, len)? })?.into());
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Reads the file of a symmetric key. A file that group or others have access to is refused (`SECIMG_ERR_KEY`)
/// unless `flags` has `SECIMG_ALLOW_SHARED_KEY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_symmetric_key_load(
    path: *const c_char,
    flags: u32,
    out: *mut *mut secimg_symmetric_key,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let path = unsafe { text(path)? };
            let file = read_private(Path::new(path), sharing(flags)?, MAX_KEY_FILE)?;
            Ok(SymmetricKey::from_file_bytes(&file)?.into())
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Stores the key itself: 32 bytes, which the caller wipes (`secimg_memzero`).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_symmetric_key_export(
    key: *const secimg_symmetric_key,
    out: *mut u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let key: &Arc<SymmetricKey> = unsafe { borrow(key)? };
        // SAFETY: as the module says.
        unsafe { put_bytes(out, key.expose()) }
    })
}

/// Writes the content of a key file: a line of base64. Free it with `secimg_buf_free`, which wipes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_symmetric_key_to_text(
    key: *const secimg_symmetric_key,
    out: *mut secimg_buf,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear_buf(out)? };
        // SAFETY: as the module says.
        let text = unsafe { borrow(key)? }.to_file_text();
        // SAFETY: as the module says.
        unsafe { give_buf(out, text.as_bytes().into()) }
    })
}

/// Writes the key to a file that only its owner can read, whole or not at all. A file that is there is refused
/// (`SECIMG_ERR_IO`) unless `flags` has `SECIMG_OVERWRITE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_symmetric_key_store(
    key: *const secimg_symmetric_key,
    path: *const c_char,
    flags: u32,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let line = unsafe { borrow(key)? }.to_file_text();
        // SAFETY: as the module says.
        let path = unsafe { text(path)? };
        Ok(write_private(
            Path::new(path),
            line.as_bytes(),
            overwrite(flags)?,
        )?)
    })
}

/// Stores the key's fingerprint, `SECIMG_FINGERPRINT_LEN` bytes, which may be shown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_symmetric_key_fingerprint(
    key: *const secimg_symmetric_key,
    out: *mut u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let fingerprint = unsafe { borrow(key)? }.fingerprint();
        // SAFETY: as the module says.
        unsafe { put_bytes(out, fingerprint.as_bytes()) }
    })
}

/// Frees a symmetric key. What was made from it lives on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_symmetric_key_free(key: *mut secimg_symmetric_key) {
    // SAFETY: as the module says.
    release(|| unsafe { free(key) });
}
