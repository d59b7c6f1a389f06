//! Receipts: SPEC section 10.

use super::answer::Verified;
use super::header::Bytes;
use super::primitives::{hmac, sha256};

const MAGIC: &[u8] = b"\x89SIMR\r\n\x1A";

/// Whether a receipt says that this stream, verified, was accepted [M-RECEIPT-2].
pub(crate) fn accepts(receipt: &[u8], sent: &Verified) -> Option<()> {
    let mut rest = Bytes::of(receipt);
    let magic = rest.take(8)? == MAGIC;
    let verdict = rest.number(1)?;
    let same_stream = rest.array() == Some(sent.transfer_id);
    let same_count = rest.number(4)? == sent.items.len() as u64;
    let same_digests = rest.array() == Some(digest_hash(sent));
    let before_tag = &receipt[..rest.at];
    let tag = rest.array() == Some(hmac(&sent.receipt_key, &[before_tag]));
    let sound = magic && verdict == 1 && same_stream && same_count && same_digests && tag;
    (sound && rest.rest().is_empty()).then_some(())
}

/// SHA-256 over the SHA-256 of each original.
fn digest_hash(sent: &Verified) -> [u8; 32] {
    let digests: Vec<_> = sent
        .items
        .iter()
        .map(|item| sha256(&[&item.original]))
        .collect();
    sha256(&[&digests.concat()])
}
