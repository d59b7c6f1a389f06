//! What is proven of a stream.

use core::ffi::c_char;
use core::ptr;
use std::ffi::CString;

use crate::keys::PublicKey;
use crate::stream::{Intended, ItemReport, Report, SignatureReport, Verified};

use super::fail::Fail;
use super::guard::{guard, release, value};
use super::handle::{Handle, borrow, create, free};
use super::manifest::{LentManifest, manifest_for_c, secimg_manifest};
use super::memory::{c_text, put_bytes};
use super::public_key::secimg_public_key;
use super::signer::SECIMG_SIGNATURE_NONE;
use super::status::secimg_status;
use super::texts::text_at;

/// The reader's public key is in the signed list of intended recipients.
pub const SECIMG_INTENDED: u32 = 1;
/// There is a list and the reader's key is not in it: added by rewrap, or passed on.
pub const SECIMG_NOT_INTENDED: u32 = 2;
/// There is no list, or the reader's key is of a kind that cannot be listed (a passphrase, a symmetric key).
pub const SECIMG_UNLISTED: u32 = 3;

/// The length of a transfer id, a SHA-256.
pub const SECIMG_TRANSFER_ID_LEN: usize = 32;
/// The length of a key id.
pub const SECIMG_KEY_ID_LEN: usize = 16;
/// The length of a SHA-256.
pub const SECIMG_SHA256_LEN: usize = 32;

/// What is proven of a stream that was verified: the end was reached, digests and index agree, the signature holds,
/// and it is by a required signer where one is required. Nothing else has a report.
#[derive(Debug)]
pub struct secimg_report {
    _opaque: [u8; 0],
}

pub(super) struct ReportView {
    report: Report,
    suite: CString,
    manifests: Vec<LentManifest>,
    warnings: Vec<CString>,
}

impl Handle for secimg_report {
    type Inner = ReportView;
    const TAG: u32 = 0x5EC1_000E;
}

/// Takes a proof over for C.
pub(super) fn report_for_c(verified: Verified) -> ReportView {
    let report = verified.into_report();
    let items = report.items.iter();
    let warnings = report.warnings();
    ReportView {
        suite: c_text(report.suite),
        manifests: items
            .map(|item| manifest_for_c(item.manifest.clone()))
            .collect(),
        warnings: warnings.iter().map(|w| c_text(&w.to_string())).collect(),
        report,
    }
}

impl ReportView {
    fn signature(&self) -> Result<&SignatureReport, Fail> {
        let signature = self.report.signature.as_ref();
        signature.ok_or_else(|| Fail::state("the stream is not signed"))
    }

    fn item(&self, index: usize) -> Result<&ItemReport, Fail> {
        let item = self.report.items.get(index);
        item.ok_or_else(|| Fail::argument("there is no item of this number"))
    }
}

unsafe fn read<T>(
    report: *const secimg_report,
    otherwise: T,
    get: impl FnOnce(&ReportView) -> T,
) -> T {
    // SAFETY: the caller's handle.
    value(None, || Ok(Some(get(unsafe { borrow(report)? })))).unwrap_or(otherwise)
}

/// Returns the name of the cipher suite, such as `"aes-256-cbc+hmac-sha-256"`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_suite(report: *const secimg_report) -> *const c_char {
    // SAFETY: as the module says.
    unsafe { read(report, ptr::null(), |r| r.suite.as_ptr()) }
}

/// Returns the number of chunks, the last one among them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_chunks(report: *const secimg_report) -> u64 {
    // SAFETY: as the module says.
    unsafe { read(report, 0, |r| r.report.chunks) }
}

/// Returns the length of the whole stream in bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_stream_bytes(report: *const secimg_report) -> u64 {
    // SAFETY: as the module says.
    unsafe { read(report, 0, |r| r.report.stream_bytes) }
}

/// Stores the stream's name, `SECIMG_TRANSFER_ID_LEN` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_transfer_id(
    report: *const secimg_report,
    out: *mut u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let report = unsafe { borrow(report)? };
        // SAFETY: as the module says.
        unsafe { put_bytes(out, &report.report.transfer_id) }
    })
}

/// Returns the type of the recipient's entry that opened the stream, one of `SECIMG_RECIPIENT_*`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_recipient_type(report: *const secimg_report) -> u32 {
    let get = |r: &ReportView| r.report.recipient.kind.number().into();
    // SAFETY: as the module says.
    unsafe { read(report, 0, get) }
}

/// Stores the key id of that entry, `SECIMG_KEY_ID_LEN` bytes. It differs from stream to stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_recipient_key_id(
    report: *const secimg_report,
    out: *mut u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let report = unsafe { borrow(report)? };
        // SAFETY: as the module says.
        unsafe { put_bytes(out, &report.report.recipient.key_id) }
    })
}

/// Returns the algorithm of the signature, one of `SECIMG_SIGNATURE_*`; `SECIMG_SIGNATURE_NONE` where nobody signed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_signature_algorithm(report: *const secimg_report) -> u32 {
    let get = |r: &ReportView| {
        let signature = r.report.signature.as_ref();
        signature.map_or(SECIMG_SIGNATURE_NONE, |s| s.algorithm.number().into())
    };
    // SAFETY: as the module says.
    unsafe { read(report, SECIMG_SIGNATURE_NONE, get) }
}

/// Stores the signer's fingerprint, `SECIMG_FINGERPRINT_LEN` bytes; `SECIMG_ERR_STATE` where nobody signed. Whether it
/// is somebody who is trusted says `secimg_report_signer_trusted`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_signer(
    report: *const secimg_report,
    out: *mut u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let signature = unsafe { borrow(report)? }.signature()?;
        // SAFETY: as the module says.
        unsafe { put_bytes(out, &signature.signer) }
    })
}

/// Returns the signer's public key; `SECIMG_ERR_STATE` where nobody signed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_signer_key(
    report: *const secimg_report,
    out: *mut *mut secimg_public_key,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let signature = unsafe { borrow(report)? }.signature()?;
            Ok(PublicKey::from_spki_der(&signature.spki)?)
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Returns when it was signed, by the signer's clock, in seconds since 1970-01-01T00:00:00Z; 0 where that is not said.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_signing_time(report: *const secimg_report) -> u64 {
    let get = |r: &ReportView| r.report.signature.as_ref().map_or(0, |s| s.time);
    // SAFETY: as the module says.
    unsafe { read(report, 0, get) }
}

/// Tells whether the signer is one that the reader required.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_signer_trusted(report: *const secimg_report) -> bool {
    let get = |r: &ReportView| r.report.signature.as_ref().is_some_and(|s| s.trusted);
    // SAFETY: as the module says.
    unsafe { read(report, false, get) }
}

/// Tells whether the signer meant the reader: `SECIMG_INTENDED`, `SECIMG_NOT_INTENDED` or `SECIMG_UNLISTED`; 0 where
/// nobody signed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_intended(report: *const secimg_report) -> u32 {
    let get = |r: &ReportView| {
        let signature = r.report.signature.as_ref();
        signature.map_or(0, |s| match s.intended {
            Intended::Intended => SECIMG_INTENDED,
            Intended::NotIntended => SECIMG_NOT_INTENDED,
            Intended::Unlisted => SECIMG_UNLISTED,
        })
    };
    // SAFETY: as the module says.
    unsafe { read(report, 0, get) }
}

/// Returns the number of items.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_item_count(report: *const secimg_report) -> usize {
    // SAFETY: as the module says.
    unsafe { read(report, 0, |r| r.report.items.len()) }
}

/// Lends what item `index` claims to be; `NULL` behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_item_manifest(
    report: *const secimg_report,
    index: usize,
) -> *const secimg_manifest {
    let get = |r: &ReportView| {
        let manifest = r.manifests.get(index);
        manifest.map_or(ptr::null(), |m| m.as_handle())
    };
    // SAFETY: as the module says.
    unsafe { read(report, ptr::null(), get) }
}

/// Returns how many bytes the original of item `index` has; 0 behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_item_bytes(
    report: *const secimg_report,
    index: usize,
) -> u64 {
    let get = |r: &ReportView| r.item(index).map_or(0, |item| item.bytes);
    // SAFETY: as the module says.
    unsafe { read(report, 0, get) }
}

/// Stores the SHA-256 of the original of item `index`, the value that `sha256sum` prints: `SECIMG_SHA256_LEN` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_item_sha256(
    report: *const secimg_report,
    index: usize,
    out: *mut u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let item = unsafe { borrow(report)? }.item(index)?;
        // SAFETY: as the module says.
        unsafe { put_bytes(out, &item.sha256.unwrap_or_default()) }
    })
}

/// Returns how many things a person should be told although nothing is wrong.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_warning_count(report: *const secimg_report) -> usize {
    // SAFETY: as the module says.
    unsafe { read(report, 0, |r| r.warnings.len()) }
}

/// Returns warning `index`; `NULL` behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_warning(
    report: *const secimg_report,
    index: usize,
) -> *const c_char {
    let get = |r: &ReportView| text_at(&r.warnings, index);
    // SAFETY: as the module says.
    unsafe { read(report, ptr::null(), get) }
}

/// Frees a report. One that is lent by `secimg_opened_report` is not the caller's to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_report_free(report: *mut secimg_report) {
    // SAFETY: as the module says.
    release(|| unsafe { free(report) });
}
