//! Panics end at the border and poison what was lent; the rest of the API is tested from C (`tests/c_api.rs`).

#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "the tests call what C would"
)]

use core::ffi::CStr;
use core::ptr::{null, null_mut};

use super::guard::injection::arm;
use super::*;

fn last_error() -> String {
    let mut buffer = [0_u8; 256];
    // SAFETY: a buffer of this length.
    unsafe { secimg_last_error(buffer.as_mut_ptr().cast(), buffer.len()) };
    let text = CStr::from_bytes_until_nul(&buffer).unwrap();
    text.to_str().unwrap().to_owned()
}

/// Makes a handle with `new`, which must succeed.
fn made<T>(new: impl FnOnce(*mut *mut T) -> secimg_status) -> *mut T {
    let mut handle = null_mut();
    assert_eq!(new(&raw mut handle), SECIMG_OK, "{}", last_error());
    assert!(!handle.is_null());
    handle
}

/// One of each handle that can be changed, for one symmetric key.
struct Handles {
    key: *mut secimg_symmetric_key,
    recipients: *mut secimg_recipients,
    identity: *mut secimg_identity,
    sealing: *mut secimg_seal_options,
    opening: *mut secimg_open_options,
}

impl Handles {
    fn new() -> Self {
        // SAFETY: handles of this library, used by this thread only.
        unsafe {
            let key = made(|out| secimg_symmetric_key_generate(out));
            let recipients = made(|out| secimg_recipients_new(out));
            let added = secimg_recipients_add_symmetric_key(recipients, key);
            assert_eq!(added, SECIMG_OK);
            let identity = made(|out| secimg_identity_from_symmetric_key(key, out));
            let opening = made(|out| secimg_open_options_new(out));
            assert_eq!(
                secimg_open_options_add_identity(opening, identity),
                SECIMG_OK
            );
            Self {
                sealing: made(|out| secimg_seal_options_new(recipients, out)),
                key,
                recipients,
                identity,
                opening,
            }
        }
    }

    fn sealed(&self) -> Vec<u8> {
        let image = [7_u8; 100];
        let mut out = vec![0; 1 << 16];
        let mut len = 0;
        // SAFETY: as above.
        let status = unsafe {
            secimg_encrypt(
                self.sealing,
                null(),
                image.as_ptr(),
                image.len(),
                out.as_mut_ptr(),
                out.len(),
                &raw mut len,
            )
        };
        assert_eq!(status, SECIMG_OK, "{}", last_error());
        out.truncate(len);
        out
    }
}

impl Drop for Handles {
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe {
            secimg_symmetric_key_free(self.key);
            secimg_recipients_free(self.recipients);
            secimg_identity_free(self.identity);
            secimg_seal_options_free(self.sealing);
            secimg_open_options_free(self.opening);
        }
    }
}

/// Panics are counted from the calls' beginnings: a call passes one point when it begins and one more each
/// time a handle is lent to it for changing.
#[test]
fn a_panic_is_a_status_and_poisons_what_was_lent() {
    let handles = Handles::new();
    // SAFETY: as above.
    unsafe {
        let sealer = made(|out| secimg_sealer_new(handles.sealing, out));
        arm(1);
        assert_eq!(secimg_sealer_finish(sealer), SECIMG_ERR_PANIC);
        assert!(last_error().contains("bug in secimg"));
        // Nothing of it can be used any more, and it can be freed.
        assert_eq!(secimg_sealer_finish(sealer), SECIMG_ERR_STATE);
        assert!(last_error().contains("freed"), "{}", last_error());
        assert_eq!(secimg_sealer_state(sealer), SECIMG_STATE_FAILED);
        let (mut data, mut len) = (null(), 1);
        let peeked = secimg_sealer_peek(sealer, &raw mut data, &raw mut len);
        assert_eq!((peeked, len), (SECIMG_ERR_STATE, 1));
        secimg_sealer_free(sealer);

        let opener = made(|out| secimg_opener_new(handles.opening, out));
        let stream = handles.sealed();
        let mut taken = 0;
        arm(1);
        let pushed = secimg_opener_push(opener, stream.as_ptr(), stream.len(), &raw mut taken);
        assert_eq!((pushed, taken), (SECIMG_ERR_PANIC, 0));
        assert_eq!(secimg_opener_state(opener), SECIMG_STATE_FAILED);
        let finished = secimg_opener_finish(opener, null_mut());
        assert_eq!(finished, SECIMG_ERR_STATE);
        secimg_opener_free(opener);
    }
    // What was only read from goes on.
    handles.sealed();
}

#[test]
fn a_panic_before_anything_is_lent_harms_nothing() {
    let handles = Handles::new();
    // SAFETY: as above.
    unsafe {
        let sealer = made(|out| secimg_sealer_new(handles.sealing, out));
        arm(0);
        assert_eq!(secimg_sealer_finish(sealer), SECIMG_ERR_PANIC);
        arm(0);
        assert_eq!(secimg_sealer_state(sealer), SECIMG_STATE_FAILED);
        assert_eq!(secimg_sealer_state(sealer), SECIMG_STATE_HAS_OUTPUT);
        assert_eq!(secimg_sealer_finish(sealer), SECIMG_OK);
        assert_eq!(last_error(), "");
        arm(0);
        secimg_sealer_free(sealer);
        // That free was kept from its work; this one does it.
        secimg_sealer_free(sealer);
    }
}

/// What an out parameter held before must not look like a result.
#[test]
fn out_parameters_are_null_after_a_panic_or_an_error() {
    let handles = Handles::new();
    let sealed = handles.sealed();
    // SAFETY: as above.
    unsafe {
        let mut report = handles.key.cast::<secimg_report>();
        let cut = sealed.len() - 1;
        let status = secimg_verify(handles.opening, sealed.as_ptr(), cut, &raw mut report);
        assert_eq!(status, SECIMG_ERR_TRUNCATED);
        assert!(report.is_null());
        let mut opened = handles.key.cast::<secimg_opened>();
        let decrypted = secimg_decrypt_all(handles.opening, null(), 0, &raw mut opened);
        assert_eq!(decrypted, SECIMG_ERR_TRUNCATED);
        assert!(opened.is_null());
    }
}

#[test]
fn a_handle_of_another_kind_is_refused() {
    let handles = Handles::new();
    // SAFETY: the tag is all that is looked at.
    unsafe {
        let other = handles.key.cast::<secimg_recipients>();
        assert_eq!(
            secimg_recipients_allow_mixing(other),
            SECIMG_ERR_INVALID_ARGUMENT
        );
        assert_eq!(secimg_recipients_count(other), 0);
        secimg_recipients_free(other);
        let odd = handles.key.cast::<u8>().add(1).cast::<secimg_recipients>();
        assert_eq!(
            secimg_recipients_allow_mixing(odd),
            SECIMG_ERR_INVALID_ARGUMENT
        );
    }
    handles.sealed();
}

/// What stands in the stream would be taken for the samples: these come out, and nothing else.
#[test]
fn a_compressed_frame_is_handed_out_as_its_samples() {
    use crate::image::{Compression, FrameLayout, RawFrame, SampleType};
    use crate::keys::{RawKeyRecipient, SymmetricKey};
    let key = [7_u8; 32];
    let recipient = RawKeyRecipient::new(SymmetricKey::from_file_bytes(&key).unwrap());
    let options = crate::stream::SealOptions::new().recipient(std::sync::Arc::new(recipient));
    let samples = [9; 2 * 64 * 64];
    let frame = RawFrame::new(&samples, FrameLayout::new(64, 64, SampleType::U16)).unwrap();
    let frames = [(frame, crate::stream::ImageDescription::new())];
    let sealed = crate::oneshot::encrypt_frames(&frames, Compression::Always, &options).unwrap();
    let mut out = vec![0x55; samples.len()];
    let (mut len, mut opened) = (7, null_mut());
    // SAFETY: handles of this library, used by this thread only, and buffers of these lengths.
    unsafe {
        let key = made(|made| secimg_symmetric_key_from_bytes(key.as_ptr(), key.len(), made));
        let identity = made(|made| secimg_identity_from_symmetric_key(key, made));
        let opening = made(|made| secimg_open_options_new(made));
        assert_eq!(
            secimg_open_options_add_identity(opening, identity),
            SECIMG_OK
        );
        let (stream, stream_len) = (sealed.as_ptr(), sealed.len());
        let into = (out.as_mut_ptr(), out.len());
        let status = secimg_decrypt(
            opening,
            stream,
            stream_len,
            into.0,
            into.1,
            &raw mut len,
            null_mut(),
        );
        assert_eq!((status, len), (SECIMG_OK, samples.len()));
        let status = secimg_decrypt_all(opening, stream, stream_len, &raw mut opened);
        assert_eq!(status, SECIMG_OK);
        let (mut image, mut image_len) = (null(), 0);
        let lent = secimg_opened_image(opened, 0, &raw mut image, &raw mut image_len);
        assert_eq!((lent, image_len), (SECIMG_OK, samples.len()));
        assert_eq!(core::slice::from_raw_parts(image, image_len), samples);
        secimg_opened_free(opened);
        assert_eq!(
            secimg_verify(opening, stream, stream_len, null_mut()),
            SECIMG_OK
        );
        secimg_open_options_free(opening);
        secimg_identity_free(identity);
        secimg_symmetric_key_free(key);
    }
    assert_eq!(out, samples);
    assert!(sealed.len() < samples.len(), "nothing was compressed");
}

/// One that was lent for changing is poisoned, and what it was to be used for is refused.
#[test]
fn a_panic_poisons_a_redaction() {
    let handles = Handles::new();
    // SAFETY: handles of this library, used by this thread only.
    unsafe {
        let how = made(|out| secimg_redaction_new(out));
        arm(1);
        let added = secimg_redaction_add_rect(how, 0, 0, 1, 1);
        assert_eq!(added, SECIMG_ERR_PANIC);
        let mut redacted = handles.key.cast::<secimg_redacted>();
        let status = secimg_redact(handles.sealing, how, null(), null(), 0, &raw mut redacted);
        assert_eq!(status, SECIMG_ERR_STATE);
        assert!(redacted.is_null());
        secimg_redaction_free(how);
    }
}

/// What is asked for can be said, and is not done; metadata is removed all the same.
#[cfg(not(feature = "image"))]
#[test]
fn without_decoders_nothing_is_redacted() {
    let handles = Handles::new();
    let (mut redacted, mut restored) = (null_mut(), null_mut());
    let (mut data, mut len) = (null(), 7);
    // SAFETY: as above.
    unsafe {
        let how = made(|out| secimg_redaction_new(out));
        assert_eq!(secimg_redaction_add_rect(how, 0, 0, 1, 1), SECIMG_OK);
        let status = secimg_redact(handles.sealing, how, null(), null(), 0, &raw mut redacted);
        assert_eq!(status, SECIMG_ERR_UNSUPPORTED);
        assert!(redacted.is_null() && last_error().contains("without decoders"));
        let status = secimg_unredact(handles.opening, null(), 0, null(), 0, &raw mut restored);
        assert_eq!(status, SECIMG_ERR_UNSUPPORTED);
        let status = secimg_sealed_part(null(), 0, &raw mut data, &raw mut len);
        assert_eq!((status, len), (SECIMG_ERR_UNSUPPORTED, 7));
        secimg_redaction_free(how);
        let jpeg = b"\xFF\xD8\xFF\xFE\0\x05abc\xFF\xDB\0\x02\xFF\xC0\0\x02\xFF\xDA\0\x02\xFF\xD9";
        let stripped = made(|out| secimg_strip(jpeg.as_ptr(), jpeg.len(), out));
        assert_eq!(secimg_stripped_count(stripped), 1);
        secimg_stripped_free(stripped);
    }
}

#[test]
fn every_handle_may_be_read_by_several_threads_and_move_between_them() {
    fn shared<T: Send + Sync>() {}
    shared::<<secimg_private_key as handle::Handle>::Inner>();
    shared::<<secimg_public_key as handle::Handle>::Inner>();
    shared::<<secimg_symmetric_key as handle::Handle>::Inner>();
    shared::<<secimg_certificates as handle::Handle>::Inner>();
    shared::<<secimg_recipients as handle::Handle>::Inner>();
    shared::<<secimg_identity as handle::Handle>::Inner>();
    shared::<<secimg_signer as handle::Handle>::Inner>();
    shared::<<secimg_trusted_signers as handle::Handle>::Inner>();
    shared::<<secimg_seal_options as handle::Handle>::Inner>();
    shared::<<secimg_open_options as handle::Handle>::Inner>();
    shared::<<secimg_description as handle::Handle>::Inner>();
    shared::<<secimg_report as handle::Handle>::Inner>();
    shared::<<secimg_opened as handle::Handle>::Inner>();
    shared::<<secimg_survey as handle::Handle>::Inner>();
    shared::<<secimg_sealer as handle::Handle>::Inner>();
    shared::<<secimg_opener as handle::Handle>::Inner>();
    shared::<<secimg_reader as handle::Handle>::Inner>();
    shared::<<secimg_texts as handle::Handle>::Inner>();
    shared::<<secimg_redaction as handle::Handle>::Inner>();
    shared::<<secimg_redacted as handle::Handle>::Inner>();
    shared::<<secimg_unredacted as handle::Handle>::Inner>();
    shared::<<secimg_stripped as handle::Handle>::Inner>();
}

#[test]
fn errors_are_cut_between_characters() {
    let text = "é".repeat(3);
    for (capacity, expected) in [(0, ""), (1, ""), (2, ""), (3, "é"), (4, "é"), (7, "ééé")] {
        let mut buffer = [0x55_u8; 8];
        // SAFETY: a buffer of at least this length.
        let len = unsafe { memory::write_text(&text, buffer.as_mut_ptr().cast(), capacity) };
        assert_eq!(len, 6);
        if capacity > 0 {
            let written = CStr::from_bytes_until_nul(&buffer).unwrap();
            assert_eq!(written.to_str(), Ok(expected));
        }
        assert_eq!(buffer[7], 0x55);
    }
}
