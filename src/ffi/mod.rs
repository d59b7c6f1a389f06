//! Floor 7: the C API, which `include/secimg.h` declares and `include/secimg.hpp` wraps.
//!
//! The header is generated from this folder by `tests/header.rs`; these functions are for C and not for
//! Rust. The manual for C programmers is [`crate::manual::c`].
//!
//! # Conventions
//!
//! - A function that can fail returns a [`secimg_status`]; everything else that it gives goes through out
//!   parameters, which are written on success only. An out parameter for a handle is set to `NULL` first.
//! - Handles are opaque. Each is freed by its own `_free`, which takes `NULL` too.
//! - `(NULL, 0)` is an empty slice. `NULL` with a length, a length beyond `PTRDIFF_MAX` and output that
//!   overlaps input are refused.
//! - A wrong argument or a call out of order changes nothing. After any other error of a sealer or an opener
//!   only its `_error`, its `_state` and its `_free` are of use; the rest answers `SECIMG_ERR_STATE`. A reader can
//!   be asked again after a read that failed.
//! - A handle behind a `const` pointer may be used by many threads at once, any other by one thread at a time.
//! - Nothing here prints, handles signals or keeps state beyond the handles and one error text a thread. (When
//!   a bug makes the library panic, Rust's standard library says so on standard error before the panic is
//!   caught here.)
//!
//! # Safety
//!
//! What each function needs is the same for all of them, and so it is said here once: a pointer is `NULL` or
//! points to what its type says, for as many elements as the length beside it says, until the call returns
//! (longer where the function's text says so); a handle comes from this library, was not freed, and is not
//! used by another thread as said above.
#![allow(
    unsafe_code,
    reason = "the C API hands over pointers; this folder is where they are dealt with"
)]
#![allow(
    non_camel_case_types,
    reason = "types have the names that C programs use"
)]
#![allow(
    clippy::missing_safety_doc,
    reason = "the rules are the same for all functions and stand in the module's text and in the header's"
)]
#![allow(
    clippy::exhaustive_structs,
    reason = "the structs that C fills in have these fields and a size, by which another version is told"
)]
#![deny(clippy::multiple_unsafe_ops_per_block)]

mod callbacks;
mod certificates;
mod decrypt;
mod description;
mod encrypt;
mod fail;
mod frame;
mod frame_layout;
mod frame_memory;
mod guard;
mod handle;
mod identity;
mod identity_callbacks;
mod inspect;
mod library;
mod manifest;
mod memory;
mod open_options;
mod opened;
mod opener;
mod preview;
mod private_key;
mod progress;
mod public_key;
mod reader;
mod recipient_callbacks;
mod recipients;
mod redact;
mod redaction;
mod report;
mod rewrap;
mod seal_options;
mod sealer;
mod signer;
mod signer_callbacks;
mod source;
mod status;
mod strip;
mod symmetric_key;
#[cfg(test)]
mod tests;
mod texts;
mod trusted_signers;
mod unredact;

pub use callbacks::{SECIMG_CEK_LEN, SECIMG_SALT_LEN, secimg_release_fn};
pub use certificates::{
    SECIMG_PURPOSE_RECIPIENT, SECIMG_PURPOSE_SIGNER, SECIMG_STRICT_CERTIFICATES,
    secimg_certificates, secimg_certificates_check, secimg_certificates_count,
    secimg_certificates_der, secimg_certificates_free, secimg_certificates_from_bytes,
    secimg_certificates_is_authority, secimg_certificates_issuer, secimg_certificates_load,
    secimg_certificates_not_after, secimg_certificates_not_before, secimg_certificates_public_key,
    secimg_certificates_subject,
};
pub use decrypt::{secimg_decrypt, secimg_decrypt_all, secimg_verify};
pub use description::{
    secimg_description, secimg_description_free, secimg_description_new,
    secimg_description_set_attribute, secimg_description_set_dimensions,
    secimg_description_set_format, secimg_description_set_name, secimg_description_set_preview,
    secimg_description_set_time,
};
pub use encrypt::{secimg_encrypt, secimg_sealed_size};
pub use frame::{
    SECIMG_COMPRESS_ALWAYS, SECIMG_COMPRESS_AUTO, SECIMG_COMPRESS_NEVER, secimg_encrypt_frame,
    secimg_frame_bytes, secimg_manifest_frame_layout, secimg_manifest_restore_frame,
    secimg_opened_copy_frame, secimg_reader_read_frame, secimg_sealer_add_frame,
};
pub use frame_layout::{
    SECIMG_BYTE_ORDER_BIG, SECIMG_BYTE_ORDER_LITTLE, SECIMG_BYTE_ORDER_NATIVE,
    SECIMG_PHOTOMETRIC_BGR, SECIMG_PHOTOMETRIC_BGRA, SECIMG_PHOTOMETRIC_MONOCHROME1,
    SECIMG_PHOTOMETRIC_MONOCHROME2, SECIMG_PHOTOMETRIC_RGB, SECIMG_PHOTOMETRIC_RGBA,
    SECIMG_PHOTOMETRIC_UNSPECIFIED, SECIMG_PHOTOMETRIC_YBR_FULL, SECIMG_SAMPLE_F32,
    SECIMG_SAMPLE_I16, SECIMG_SAMPLE_U8, SECIMG_SAMPLE_U16, secimg_frame_layout,
};
pub use guard::secimg_last_error;
pub use identity::{
    secimg_identity, secimg_identity_free, secimg_identity_from_callbacks,
    secimg_identity_from_passphrase, secimg_identity_from_private_key,
    secimg_identity_from_symmetric_key,
};
pub use identity_callbacks::secimg_identity_callbacks;
pub use inspect::{
    secimg_inspect, secimg_survey, secimg_survey_chunk_size, secimg_survey_chunks,
    secimg_survey_free, secimg_survey_is_signed, secimg_survey_recipient_count,
    secimg_survey_recipient_key_id, secimg_survey_recipient_type, secimg_survey_stream_bytes,
    secimg_survey_suite, secimg_survey_suite_name, secimg_survey_transfer_id,
};
pub use library::{
    SECIMG_ABI_VERSION, secimg_abi_version, secimg_version_number, secimg_version_string,
};
pub use manifest::{
    secimg_manifest, secimg_manifest_attribute, secimg_manifest_attribute_count,
    secimg_manifest_attribute_name, secimg_manifest_attribute_value, secimg_manifest_bits,
    secimg_manifest_channels, secimg_manifest_file_name, secimg_manifest_format,
    secimg_manifest_frames, secimg_manifest_height, secimg_manifest_media_type,
    secimg_manifest_name, secimg_manifest_time, secimg_manifest_width,
};
pub use memory::{secimg_buf, secimg_buf_free, secimg_memzero};
pub use open_options::{
    secimg_open_options, secimg_open_options_add_identity, secimg_open_options_free,
    secimg_open_options_new, secimg_open_options_require_signer, secimg_open_options_set_context,
    secimg_open_options_set_max_items, secimg_open_options_set_max_stream_bytes,
    secimg_open_options_set_progress, secimg_open_options_set_signing_window,
    secimg_open_options_set_spooled, secimg_open_options_set_threads,
};
pub use opened::{
    secimg_opened, secimg_opened_count, secimg_opened_free, secimg_opened_image,
    secimg_opened_manifest, secimg_opened_report,
};
pub use opener::{
    SECIMG_EVENT_CHECKPOINT, SECIMG_EVENT_DATA, SECIMG_EVENT_FINISHED, SECIMG_EVENT_ITEM,
    SECIMG_EVENT_ITEM_END, SECIMG_EVENT_NEED_INPUT, SECIMG_EVENT_PREVIEW, secimg_opener,
    secimg_opener_consume, secimg_opener_error, secimg_opener_event, secimg_opener_finish,
    secimg_opener_free, secimg_opener_manifest, secimg_opener_new, secimg_opener_peek,
    secimg_opener_preview, secimg_opener_push, secimg_opener_state,
};
pub use preview::{secimg_make_frame_preview, secimg_make_preview};
pub use private_key::{
    SECIMG_ALLOW_SHARED_KEY, SECIMG_KEY_ED25519, SECIMG_KEY_RSA, SECIMG_KEY_XWING,
    SECIMG_OVERWRITE, secimg_private_key, secimg_private_key_free, secimg_private_key_from_pem,
    secimg_private_key_generate, secimg_private_key_load, secimg_private_key_public,
    secimg_private_key_store, secimg_private_key_to_pem,
};
pub use progress::secimg_progress_fn;
pub use public_key::{
    SECIMG_FINGERPRINT_LEN, SECIMG_FINGERPRINT_TEXT_LEN, secimg_fingerprint_text,
    secimg_public_key, secimg_public_key_bits, secimg_public_key_equal,
    secimg_public_key_fingerprint, secimg_public_key_free, secimg_public_key_from_pem,
    secimg_public_key_from_spki, secimg_public_key_kind, secimg_public_key_load,
    secimg_public_key_spki, secimg_public_key_store, secimg_public_key_strength_bits,
    secimg_public_key_to_pem,
};
pub use reader::{
    secimg_reader, secimg_reader_decrypted_bytes, secimg_reader_free, secimg_reader_item_bytes,
    secimg_reader_item_count, secimg_reader_item_media_type, secimg_reader_item_name,
    secimg_reader_len, secimg_reader_manifest, secimg_reader_open, secimg_reader_open_memory,
    secimg_reader_position, secimg_reader_preview, secimg_reader_read, secimg_reader_read_at,
    secimg_reader_seek, secimg_reader_select, secimg_reader_signature_algorithm,
    secimg_reader_signer,
};
pub use recipient_callbacks::secimg_recipient_callbacks;
pub use recipients::{
    SECIMG_RECIPIENT_EXTERNAL, SECIMG_RECIPIENT_PASSPHRASE, SECIMG_RECIPIENT_RAW_KEY,
    SECIMG_RECIPIENT_RSA_OAEP_SHA256, SECIMG_RECIPIENT_XWING, secimg_recipients,
    secimg_recipients_add_callbacks, secimg_recipients_add_certificates,
    secimg_recipients_add_passphrase, secimg_recipients_add_public_key,
    secimg_recipients_add_symmetric_key, secimg_recipients_allow_mixing, secimg_recipients_count,
    secimg_recipients_free, secimg_recipients_new,
};
pub use redact::{
    SECIMG_RESTORES_FILE, SECIMG_RESTORES_PIXELS, secimg_redact, secimg_redacted,
    secimg_redacted_beside, secimg_redacted_free, secimg_redacted_height, secimg_redacted_image,
    secimg_redacted_rect, secimg_redacted_rect_count, secimg_redacted_restores,
    secimg_redacted_sealed_bytes, secimg_redacted_transfer_id, secimg_redacted_width,
};
pub use redaction::{
    secimg_rect, secimg_redaction, secimg_redaction_add_rect, secimg_redaction_free,
    secimg_redaction_new, secimg_redaction_set_beside, secimg_redaction_set_fill,
    secimg_redaction_set_whole,
};
pub use report::{
    SECIMG_INTENDED, SECIMG_KEY_ID_LEN, SECIMG_NOT_INTENDED, SECIMG_SHA256_LEN,
    SECIMG_TRANSFER_ID_LEN, SECIMG_UNLISTED, secimg_report, secimg_report_chunks,
    secimg_report_free, secimg_report_intended, secimg_report_item_bytes, secimg_report_item_count,
    secimg_report_item_manifest, secimg_report_item_sha256, secimg_report_recipient_key_id,
    secimg_report_recipient_type, secimg_report_signature_algorithm, secimg_report_signer,
    secimg_report_signer_key, secimg_report_signer_trusted, secimg_report_signing_time,
    secimg_report_stream_bytes, secimg_report_suite, secimg_report_transfer_id,
    secimg_report_warning, secimg_report_warning_count,
};
pub use rewrap::secimg_rewrap;
pub use seal_options::{
    SECIMG_SUITE_AES_256_CBC_HMAC_SHA_256, SECIMG_SUITE_AES_256_GCM, secimg_seal_options,
    secimg_seal_options_free, secimg_seal_options_new, secimg_seal_options_set_chunk_log2,
    secimg_seal_options_set_context, secimg_seal_options_set_digests,
    secimg_seal_options_set_padded, secimg_seal_options_set_progress,
    secimg_seal_options_set_signer, secimg_seal_options_set_signing_time,
    secimg_seal_options_set_suite, secimg_seal_options_set_threads,
};
pub use sealer::{
    SECIMG_LENGTH_UNKNOWN, SECIMG_SNIFF_LEN, SECIMG_STATE_DONE, SECIMG_STATE_FAILED,
    SECIMG_STATE_HAS_EVENT, SECIMG_STATE_HAS_OUTPUT, SECIMG_STATE_WANTS_INPUT, secimg_sealer,
    secimg_sealer_checkpoint, secimg_sealer_consume, secimg_sealer_end_item, secimg_sealer_error,
    secimg_sealer_finish, secimg_sealer_flush, secimg_sealer_free, secimg_sealer_new,
    secimg_sealer_peek, secimg_sealer_push, secimg_sealer_start_item, secimg_sealer_state,
    secimg_sealer_transfer_id,
};
pub use signer::{
    SECIMG_SIGNATURE_ED25519, SECIMG_SIGNATURE_NONE, SECIMG_SIGNATURE_RSA_PSS_SHA256,
    secimg_signer, secimg_signer_free, secimg_signer_from_callbacks,
    secimg_signer_from_private_key,
};
pub use signer_callbacks::secimg_signer_callbacks;
pub use source::secimg_source;
pub use status::{
    SECIMG_ERR_BUFFER_TOO_SMALL, SECIMG_ERR_CANCELLED, SECIMG_ERR_CERTIFICATE, SECIMG_ERR_CONTENT,
    SECIMG_ERR_FORMAT, SECIMG_ERR_INVALID_ARGUMENT, SECIMG_ERR_IO, SECIMG_ERR_KEY,
    SECIMG_ERR_KEY_PASSPHRASE, SECIMG_ERR_LIMIT, SECIMG_ERR_NO_MATCHING_KEY, SECIMG_ERR_NO_MEMORY,
    SECIMG_ERR_NO_SEALED_PART, SECIMG_ERR_NOT_AUTHENTIC, SECIMG_ERR_NULL_POINTER,
    SECIMG_ERR_OTHER_PICTURE, SECIMG_ERR_PANIC, SECIMG_ERR_PROVIDER, SECIMG_ERR_RANDOM,
    SECIMG_ERR_SIGNER, SECIMG_ERR_STALE_SIGNATURE, SECIMG_ERR_STATE, SECIMG_ERR_TRAILING_BYTES,
    SECIMG_ERR_TRUNCATED, SECIMG_ERR_UNSUPPORTED, SECIMG_ERR_VERSION, SECIMG_OK, secimg_status,
    secimg_status_name, secimg_status_text,
};
pub use strip::{
    secimg_strip, secimg_stripped, secimg_stripped_bytes, secimg_stripped_count,
    secimg_stripped_free, secimg_stripped_image, secimg_stripped_offset, secimg_stripped_what,
};
pub use symmetric_key::{
    secimg_symmetric_key, secimg_symmetric_key_export, secimg_symmetric_key_fingerprint,
    secimg_symmetric_key_free, secimg_symmetric_key_from_bytes, secimg_symmetric_key_from_text,
    secimg_symmetric_key_generate, secimg_symmetric_key_load, secimg_symmetric_key_store,
    secimg_symmetric_key_to_text,
};
pub use texts::{secimg_texts, secimg_texts_count, secimg_texts_free, secimg_texts_get};
pub use trusted_signers::{
    secimg_trusted_signers, secimg_trusted_signers_add_certificates,
    secimg_trusted_signers_add_public_key, secimg_trusted_signers_count,
    secimg_trusted_signers_free, secimg_trusted_signers_new,
};
pub use unredact::{
    secimg_sealed_part, secimg_unredact, secimg_unredacted, secimg_unredacted_free,
    secimg_unredacted_height, secimg_unredacted_image, secimg_unredacted_name,
    secimg_unredacted_rect, secimg_unredacted_rect_count, secimg_unredacted_report,
    secimg_unredacted_restores, secimg_unredacted_width,
};
