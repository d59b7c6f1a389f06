//! Private keys.

use core::ffi::c_char;
use std::path::Path;

use crate::io::file::Overwrite;
use crate::io::private::{Sharing, read_private, write_private};
use crate::keys::{GenerateKind, PrivateKey};

use super::fail::Fail;
use super::guard::{guard, release};
use super::handle::{Handle, borrow, create, free};
use super::memory::{bytes, clear_buf, give_buf, secimg_buf, text};
use super::public_key::secimg_public_key;
use super::status::secimg_status;

/// RSA, for recipients and for signers (one key for one of the two).
pub const SECIMG_KEY_RSA: u32 = 1;
/// Ed25519, for signers.
pub const SECIMG_KEY_ED25519: u32 = 2;
/// X-Wing (ML-KEM-768 with X25519), for recipients of what must stay secret for decades.
pub const SECIMG_KEY_XWING: u32 = 3;

/// For `_load`: accept the file of a private key that other users can read.
pub const SECIMG_ALLOW_SHARED_KEY: u32 = 1;
/// For `_store`: replace a file that is there.
pub const SECIMG_OVERWRITE: u32 = 2;

/// The largest key file that is read, in bytes.
pub(super) const MAX_KEY_FILE: u64 = 64 << 10;

/// A private key. It is wiped when it and everything made from it is freed.
#[derive(Debug)]
pub struct secimg_private_key {
    _opaque: [u8; 0],
}

impl Handle for secimg_private_key {
    type Inner = PrivateKey;
    const TAG: u32 = 0x5EC1_0002;
}

pub(super) fn check_flags(flags: u32, known: u32) -> Result<(), Fail> {
    if flags & !known == 0 {
        return Ok(());
    }
    Err(Fail::argument("a flag that is not defined for this"))
}

pub(super) fn sharing(flags: u32) -> Result<Sharing, Fail> {
    check_flags(flags, SECIMG_ALLOW_SHARED_KEY)?;
    Ok(if flags & SECIMG_ALLOW_SHARED_KEY == 0 {
        Sharing::Refused
    } else {
        Sharing::Allowed
    })
}

pub(super) fn overwrite(flags: u32) -> Result<Overwrite, Fail> {
    check_flags(flags, SECIMG_OVERWRITE)?;
    Ok(if flags & SECIMG_OVERWRITE == 0 {
        Overwrite::Refuse
    } else {
        Overwrite::Replace
    })
}

/// `(NULL, 0)` says that there is none.
unsafe fn passphrase<'a>(data: *const u8, len: usize) -> Result<Option<&'a [u8]>, Fail> {
    // SAFETY: the caller's bytes.
    let passphrase = unsafe { bytes(data, len)? };
    Ok((!data.is_null()).then_some(passphrase))
}

fn kind_of(kind: u32, bits: u32) -> Result<GenerateKind, Fail> {
    match (kind, bits) {
        (SECIMG_KEY_RSA, 0) => Ok(GenerateKind::default()),
        (SECIMG_KEY_RSA, bits) => Ok(GenerateKind::Rsa {
            bits: usize::try_from(bits).unwrap_or(0),
        }),
        (SECIMG_KEY_ED25519, 0) => Ok(GenerateKind::Ed25519),
        (SECIMG_KEY_XWING, 0) => Ok(GenerateKind::XWing),
        (SECIMG_KEY_ED25519 | SECIMG_KEY_XWING, _) => Err(Fail::argument(
            "keys of this kind have one size: say 0 bits",
        )),
        _ => Err(Fail::argument("a kind of key that is not defined")),
    }
}

/// Draws a private key: `kind` is one of `SECIMG_KEY_*`, `bits` the length of an RSA modulus (2048, 3072 or
/// 4096) or 0 for the default (RSA: 3072). An RSA key of 4096 bits may take seconds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_private_key_generate(
    kind: u32,
    bits: u32,
    out: *mut *mut secimg_private_key,
) -> secimg_status {
    guard(|| {
        let make = || Ok(PrivateKey::generate(kind_of(kind, bits)?)?);
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Reads one PEM block, `PRIVATE KEY` or `ENCRYPTED PRIVATE KEY` (PKCS#8), as `openssl pkey` writes it. The
/// passphrase is for an encrypted key and ignored for a plain one; `(NULL, 0)` says that there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_private_key_from_pem(
    pem: *const u8,
    pem_len: usize,
    passphrase: *const u8,
    passphrase_len: usize,
    out: *mut *mut secimg_private_key,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let pem = unsafe { bytes(pem, pem_len)? };
            // SAFETY: as the module says.
            let passphrase = unsafe { self::passphrase(passphrase, passphrase_len)? };
            Ok(PrivateKey::from_pem(pem, passphrase)?)
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Reads the file of a private key, as `secimg_private_key_from_pem` does. A file that group or others have
/// access to is refused (`SECIMG_ERR_KEY`) unless `flags` has `SECIMG_ALLOW_SHARED_KEY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_private_key_load(
    path: *const c_char,
    passphrase: *const u8,
    passphrase_len: usize,
    flags: u32,
    out: *mut *mut secimg_private_key,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let path = unsafe { text(path)? };
            // SAFETY: as the module says.
            let passphrase = unsafe { self::passphrase(passphrase, passphrase_len)? };
            let pem = read_private(Path::new(path), sharing(flags)?, MAX_KEY_FILE)?;
            Ok(PrivateKey::from_pem(&pem, passphrase)?)
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Writes a private key as PEM: encrypted (PBKDF2-HMAC-SHA256 with 600 000 iterations, AES-256-CBC), or plain
/// where the passphrase is `(NULL, 0)`. Free the text with `secimg_buf_free`, which wipes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_private_key_to_pem(
    key: *const secimg_private_key,
    passphrase: *const u8,
    passphrase_len: usize,
    out: *mut secimg_buf,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear_buf(out)? };
        // SAFETY: as the module says.
        let key = unsafe { borrow(key)? };
        // SAFETY: as the module says.
        let passphrase = unsafe { self::passphrase(passphrase, passphrase_len)? };
        let pem = to_pem(key, passphrase)?;
        // SAFETY: as the module says.
        unsafe { give_buf(out, pem.as_bytes().into()) }
    })
}

fn to_pem(key: &PrivateKey, passphrase: Option<&[u8]>) -> Result<zeroize::Zeroizing<String>, Fail> {
    Ok(match passphrase {
        Some(passphrase) => key.to_encrypted_pem(passphrase)?,
        None => key.to_pem()?,
    })
}

/// Writes a private key to a file that only its owner can read, whole or not at all. A file that is there is
/// refused (`SECIMG_ERR_IO`) unless `flags` has `SECIMG_OVERWRITE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_private_key_store(
    key: *const secimg_private_key,
    path: *const c_char,
    passphrase: *const u8,
    passphrase_len: usize,
    flags: u32,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let key = unsafe { borrow(key)? };
        // SAFETY: as the module says.
        let path = unsafe { text(path)? };
        // SAFETY: as the module says.
        let passphrase = unsafe { self::passphrase(passphrase, passphrase_len)? };
        let overwrite = overwrite(flags)?;
        let pem = to_pem(key, passphrase)?;
        Ok(write_private(Path::new(path), pem.as_bytes(), overwrite)?)
    })
}

/// Returns the public side of a private key, as a handle of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_private_key_public(
    key: *const secimg_private_key,
    out: *mut *mut secimg_public_key,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let make = || Ok(unsafe { borrow(key)? }.public().clone());
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Frees a private key. What was made from it (identities, signers) lives on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_private_key_free(key: *mut secimg_private_key) {
    // SAFETY: as the module says.
    release(|| unsafe { free(key) });
}
