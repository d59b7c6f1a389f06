//! Receipts: one encoding, and no proof in what proves nothing.

use secimg::crypto::{Cek, StreamKeys};
use secimg::format::{ChunkSize, Core, Flags, SuiteId};
use secimg::transport::{RECEIPT_LEN, Receipt, TransportError, Verdict, await_receipt};

/// Input: what a peer answers.
pub fn receipt(data: &[u8]) {
    let Some(bytes) = data.first_chunk::<RECEIPT_LEN>() else {
        assert!(await_receipt(&mut &*data, &[0; 32], None).is_err());
        return;
    };
    let Some(receipt) = Receipt::parse(bytes) else {
        assert!(await_receipt(&mut &*data, &[0; 32], None).is_err());
        return;
    };
    assert_eq!(receipt.to_bytes(), bytes);
    assert!(receipt.check(&receipt.transfer_id, &[], &keys()).is_err());
    let proven = receipt.items != 0 || receipt.digests != [0; 32];
    assert!(receipt.verdict == Verdict::Accepted || !proven);
    let answer = await_receipt(&mut &*data, &receipt.transfer_id, None);
    match receipt.verdict {
        Verdict::Refused => assert!(matches!(answer, Err(TransportError::Refused))),
        _ => assert_eq!(answer.ok(), Some(receipt)),
    }
}

/// Keys that made none of these.
fn keys() -> StreamKeys {
    let suite = SuiteId::AES_256_GCM;
    let core = Core::new(suite, Flags::new(false), ChunkSize::MIN, [0; 32]);
    StreamKeys::derive(&Cek::init(|key| key.fill(0xA5)), &core, b"")
}
