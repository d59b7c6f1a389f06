//! Rewrap: other recipients for the same stream (SPEC section 9).
//!
//! The whole set is replaced and nothing else: same content encryption key, core, chunks and signature.
//! It changes the wrapping, not the key: a former recipient who kept the key can still read the stream,
//! and who kept the old block can put it back.

use std::sync::Arc;

use crate::crypto::Random;
use crate::keys::Recipient;

use super::error::SealError;
use super::options::SealOptions;
use super::unlock::Unlocked;
use super::wrap::{check_recipients, recipients_block};

/// Returns the new header: everything that stands before the first chunk.
///
/// It is as long as the old one where the new entries fit in, so that it can take its place; otherwise the
/// block grows to the next multiple of 256 bytes.
///
/// # Errors
/// As for [`Sealer::with_rng`](super::Sealer::with_rng).
pub fn rewrapped_header(
    unlocked: &Unlocked,
    recipients: &SealOptions,
) -> Result<Vec<u8>, SealError> {
    rewrapped_header_with_rng(unlocked, recipients, &mut Random::system())
}

/// As [`rewrapped_header`], with the caller's randomness. Of the options only the recipients count.
///
/// # Errors
/// As [`rewrapped_header`].
pub fn rewrapped_header_with_rng(
    unlocked: &Unlocked,
    options: &SealOptions,
    rng: &mut Random<'_>,
) -> Result<Vec<u8>, SealError> {
    check_recipients(options)?;
    let core = &unlocked.header.core;
    let recipients: &[Arc<dyn Recipient>] = &options.recipients;
    let length = unlocked.header.recipients.body_len();
    let block = recipients_block(
        recipients,
        core,
        &unlocked.cek,
        &unlocked.keys,
        Some(length),
        rng,
    )?;
    Ok([core.to_bytes(), block.to_frame()].concat())
}
