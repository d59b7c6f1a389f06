//! Receipts: SPEC section 10.

use super::answer::Verified;
use super::close::holds;
use super::header::Bytes;
use super::primitives::{hmac, sha256};

const MAGIC: &[u8] = b"\x89SIMR\r\n\x1A";

/// What the sender of this stream makes of a receipt that is the whole of a file, in the words of the kit.
/// Unless `required` is empty, it wants a signature by one of these SPKIs.
pub(crate) fn judge(receipt: &[u8], sent: &Verified, required: &[Vec<u8>]) -> &'static str {
    let Some(receipt) = Receipt::parse(receipt) else {
        return "false";
    };
    let of_this_stream = receipt.transfer_id == sent.transfer_id;
    // [M-RECEIPT-2], and of [M-RECEIPT-4] the signature.
    let sound = match receipt.verdict {
        0 | 4 => receipt.proves_nothing(),
        2 => of_this_stream && receipt.proves_nothing(),
        _ => of_this_stream && receipt.tag_holds(sent) && receipt.signature_holds(),
    };
    match receipt.verdict {
        _ if !sound => "false",
        0 => "refused",
        4 => "not-stored",
        _ if !receipt.is_by_one_of(required) => "policy",
        1 => "accepted",
        2 => "stored",
        _ => "accepted-before",
    }
}

/// A receipt whose form is right [M-RECEIPT-3].
struct Receipt<'a> {
    verdict: u64,
    transfer_id: [u8; 32],
    items: u64,
    digests: [u8; 32],
    before_tag: &'a [u8],
    tag: [u8; 32],
    block: Option<Block<'a>>,
}

/// The signature block.
struct Block<'a> {
    algorithm: u64,
    spki: &'a [u8],
    before_signature: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Receipt<'a> {
    fn parse(receipt: &'a [u8]) -> Option<Self> {
        let mut rest = Bytes::of(receipt);
        let magic = rest.take(8)? == MAGIC;
        let verdict = rest.number(1)?;
        let transfer_id = rest.array()?;
        let items = rest.number(4)?;
        let digests = rest.array()?;
        let before_tag = &receipt[..rest.at];
        let tag = rest.array()?;
        let block = match rest.number(1)? {
            0 => None,
            algorithm @ 1..=2 => Some(Block::parse(algorithm, receipt, &mut rest)?),
            _ => return None,
        };
        let sound = magic && verdict <= 4 && rest.rest().is_empty();
        sound.then_some(Self {
            verdict,
            transfer_id,
            items,
            digests,
            before_tag,
            tag,
            block,
        })
    }

    fn proves_nothing(&self) -> bool {
        let zeros = [0; 32];
        self.items == 0 && self.digests == zeros && self.tag == zeros && self.block.is_none()
    }

    /// A holder of the CEK verified what was sent.
    fn tag_holds(&self, sent: &Verified) -> bool {
        self.items == sent.items.len() as u64
            && self.digests == digest_hash(sent)
            && self.tag == hmac(&sent.receipt_key, &[self.before_tag])
    }

    fn signature_holds(&self) -> bool {
        self.block.as_ref().is_none_or(|block| {
            let message = [b"secimg/1 receipt\0", block.before_signature].concat();
            holds(block.algorithm, block.spki, &message, block.signature)
        })
    }

    /// The policy of [M-RECEIPT-4].
    fn is_by_one_of(&self, required: &[Vec<u8>]) -> bool {
        let signed = self.block.as_ref();
        required.is_empty() || signed.is_some_and(|by| required.iter().any(|key| key == by.spki))
    }
}

impl<'a> Block<'a> {
    /// Takes what stands in `receipt` behind the algorithm.
    fn parse(algorithm: u64, receipt: &'a [u8], rest: &mut Bytes<'a>) -> Option<Self> {
        let _time = rest.number(8)?;
        let spki = rest.prefixed(2)?;
        let len = usize::try_from(rest.number(2)?).ok()?;
        let before_signature = &receipt[..rest.at];
        let signature = rest.take(len)?;
        let sound = (1..=600).contains(&spki.len()) && (1..=512).contains(&len);
        sound.then_some(Self {
            algorithm,
            spki,
            before_signature,
            signature,
        })
    }
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
