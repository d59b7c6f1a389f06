//! From recipients to the recipient block: who may stand together, and the wrapped keys (SPEC section 4).

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::crypto::{Cek, Random, StreamKeys, core_hash};
use crate::format::{Core, Entry, EntryOutline, RecipientType, RecipientsBlock};
use crate::keys::{KeyError, Recipient, WrapContext};

use super::error::SealError;
use super::options::SealOptions;

pub(super) fn check_recipients(options: &SealOptions) -> Result<(), SealError> {
    let recipients = &options.recipients;
    if recipients.is_empty() {
        return Err(SealError::NoRecipient);
    }
    let stronger = |r: &Arc<dyn Recipient>| {
        matches!(r.kind(), RecipientType::XWing | RecipientType::RawKey) || r.is_post_quantum()
    };
    // What a provider does inside is its own word; of RSA it is known that it is the weaker one.
    let rsa = |r: &Arc<dyn Recipient>| r.kind() == RecipientType::RsaOaepSha256;
    if recipients.iter().any(rsa) && recipients.iter().any(stronger) && !options.allow_mixing {
        return Err(SealError::MixedStrength);
    }
    Ok(())
}

/// SHA-256 of the SPKI of each recipient that has one.
pub(super) fn intended(recipients: &[Arc<dyn Recipient>]) -> Vec<[u8; 32]> {
    recipients
        .iter()
        .filter_map(|r| r.spki())
        .map(|spki| Sha256::digest(spki).into())
        .collect()
}

/// Returns the length of the frame that [`recipients_block`] makes at the usual length, without any key.
pub(super) fn recipients_frame_len(recipients: &[Arc<dyn Recipient>]) -> Result<usize, SealError> {
    // With any salt, the ids of one key are one and those of two keys are two.
    let salt = [0; 32];
    let mut outlines = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        let kind = recipient.kind();
        let body_len = recipient.body_len().ok_or(SealError::SizeUnknown(kind))?;
        outlines.push(EntryOutline {
            kind,
            key_id: recipient.key_id(&salt),
            body_len,
        });
    }
    RecipientsBlock::planned_frame_len(&outlines).map_err(|error| SealError::Recipients(error.kind))
}

/// Wraps the key for each recipient and lays out the block with its MAC, at the usual length or at that of
/// the block whose place it takes.
pub(super) fn recipients_block(
    recipients: &[Arc<dyn Recipient>],
    core: &Core,
    cek: &Cek,
    keys: &StreamKeys,
    length: Option<usize>,
    rng: &mut Random<'_>,
) -> Result<RecipientsBlock, SealError> {
    let hash = core_hash(core);
    let context = WrapContext::new(&core.salt, &hash);
    let mut entries = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        let body = recipient.wrap(cek, context, rng)?;
        if recipient.body_len().is_some_and(|len| len != body.len()) {
            let problem = "a wrapped key of another length than announced".to_owned();
            return Err(KeyError::Provider(problem).into());
        }
        entries.push(Entry::new(
            recipient.kind(),
            recipient.key_id(&core.salt),
            body,
        ));
    }
    let built = match length {
        Some(length) => RecipientsBlock::build_in(&entries, length),
        None => RecipientsBlock::build(&entries),
    };
    let mut block = built.map_err(|error| SealError::Recipients(error.kind))?;
    let mac = keys.recipients_mac(block.authenticated());
    block.set_mac(mac);
    Ok(block)
}
