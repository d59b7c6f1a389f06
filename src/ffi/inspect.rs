//! What a stream says of itself, without a key.

use core::ffi::c_char;
use core::ptr;
use std::ffi::CString;

use crate::oneshot::inspect;
use crate::stream::{RecipientReport, Survey};

use super::fail::Fail;
use super::guard::{guard, release, value};
use super::handle::{Handle, borrow, create, free};
use super::memory::{bytes, c_text, put_bytes};
use super::status::secimg_status;

/// What a stream says of itself. Nothing of it is authenticated.
#[derive(Debug)]
pub struct secimg_survey {
    _opaque: [u8; 0],
}

pub(super) struct SurveyView {
    survey: Survey,
    suite: CString,
    recipients: Vec<RecipientReport>,
}

impl Handle for secimg_survey {
    type Inner = SurveyView;
    const TAG: u32 = 0x5EC1_0010;
}

/// Looks over a whole stream without a key: its suite, its chunks, for whom it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_inspect(
    sealed: *const u8,
    sealed_len: usize,
    out: *mut *mut secimg_survey,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let survey = inspect(unsafe { bytes(sealed, sealed_len)? })?;
            Ok(SurveyView {
                suite: c_text(survey.header.suite().name),
                recipients: survey.header.recipient_list(),
                survey,
            })
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

unsafe fn read<T>(
    survey: *const secimg_survey,
    otherwise: T,
    get: impl FnOnce(&SurveyView) -> T,
) -> T {
    // SAFETY: the caller's handle.
    value(None, || Ok(Some(get(unsafe { borrow(survey)? })))).unwrap_or(otherwise)
}

/// Returns the cipher suite, one of `SECIMG_SUITE_*`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_survey_suite(survey: *const secimg_survey) -> u32 {
    // SAFETY: as the module says.
    unsafe { read(survey, 0, |s| s.survey.header.core.suite.0.into()) }
}

/// Returns the name of the cipher suite.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_survey_suite_name(survey: *const secimg_survey) -> *const c_char {
    // SAFETY: as the module says.
    unsafe { read(survey, ptr::null(), |s| s.suite.as_ptr()) }
}

/// Returns how many bytes of content a full chunk holds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_survey_chunk_size(survey: *const secimg_survey) -> u64 {
    let get = |s: &SurveyView| s.survey.header.core.chunk_size.bytes_u64();
    // SAFETY: as the module says.
    unsafe { read(survey, 0, get) }
}

/// Returns the number of chunks, the last one among them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_survey_chunks(survey: *const secimg_survey) -> u64 {
    // SAFETY: as the module says.
    unsafe { read(survey, 0, |s| s.survey.chunks) }
}

/// Returns the length of the whole stream in bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_survey_stream_bytes(survey: *const secimg_survey) -> u64 {
    // SAFETY: as the module says.
    unsafe { read(survey, 0, |s| s.survey.stream_bytes) }
}

/// Tells whether it says that it is signed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_survey_is_signed(survey: *const secimg_survey) -> bool {
    // SAFETY: as the module says.
    unsafe { read(survey, false, |s| s.survey.header.core.flags.signed) }
}

/// Stores the stream's name, `SECIMG_TRANSFER_ID_LEN` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_survey_transfer_id(
    survey: *const secimg_survey,
    out: *mut u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let survey = unsafe { borrow(survey)? };
        // SAFETY: as the module says.
        unsafe { put_bytes(out, &survey.survey.header.transfer_id()) }
    })
}

/// Returns the number of recipients.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_survey_recipient_count(survey: *const secimg_survey) -> usize {
    // SAFETY: as the module says.
    unsafe { read(survey, 0, |s| s.recipients.len()) }
}

/// Returns the type of recipient `index`, one of `SECIMG_RECIPIENT_*`; 0 behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_survey_recipient_type(
    survey: *const secimg_survey,
    index: usize,
) -> u32 {
    let get = |s: &SurveyView| {
        s.recipients
            .get(index)
            .map_or(0, |r| r.kind.number().into())
    };
    // SAFETY: as the module says.
    unsafe { read(survey, 0, get) }
}

/// Stores the key id of recipient `index`, `SECIMG_KEY_ID_LEN` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_survey_recipient_key_id(
    survey: *const secimg_survey,
    index: usize,
    out: *mut u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let recipient = unsafe { borrow(survey)? }.recipients.get(index);
        let recipient =
            recipient.ok_or_else(|| Fail::argument("there is no recipient of this number"))?;
        // SAFETY: as the module says.
        unsafe { put_bytes(out, &recipient.key_id) }
    })
}

/// Frees the survey.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_survey_free(survey: *mut secimg_survey) {
    // SAFETY: as the module says.
    release(|| unsafe { free(survey) });
}
