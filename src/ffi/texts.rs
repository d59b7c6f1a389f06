//! A list of sentences.

use core::ffi::c_char;
use core::ptr;
use std::ffi::CString;

use super::guard::{release, value};
use super::handle::{Handle, borrow, free};
use super::memory::c_text;

/// Sentences for people, such as warnings.
#[derive(Debug)]
pub struct secimg_texts {
    _opaque: [u8; 0],
}

impl Handle for secimg_texts {
    type Inner = Vec<CString>;
    const TAG: u32 = 0x5EC1_0001;
}

/// Takes sentences over for C.
pub(super) fn texts(sentences: impl IntoIterator<Item = String>) -> Vec<CString> {
    sentences.into_iter().map(|s| c_text(&s)).collect()
}

/// Lends the sentence at `index`, or NULL.
pub(super) fn text_at(texts: &[CString], index: usize) -> *const c_char {
    texts.get(index).map_or(ptr::null(), |text| text.as_ptr())
}

/// Returns how many sentences there are; 0 for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_texts_count(texts: *const secimg_texts) -> usize {
    // SAFETY: as the module says.
    value(0, || Ok(unsafe { borrow(texts)? }.len()))
}

/// Returns sentence `index`, counted from 0, borrowed from the list; `NULL` behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_texts_get(
    texts: *const secimg_texts,
    index: usize,
) -> *const c_char {
    value(ptr::null(), || {
        // SAFETY: as the module says.
        Ok(text_at(unsafe { borrow(texts)? }, index))
    })
}

/// Frees the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_texts_free(texts: *mut secimg_texts) {
    // SAFETY: as the module says.
    release(|| unsafe { free(texts) });
}
