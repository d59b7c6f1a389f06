//! Receipts: one encoding, and no proof in what proves nothing.

use secimg::crypto::{Cek, StreamKeys};
use secimg::format::{ChunkSize, Core, Flags, SuiteId};
use secimg::transport::{Receipt, TransportError, Verdict, await_receipt};

/// Input: what a peer answers.
pub fn receipt(data: &[u8]) {
    let mut rest = data;
    let Ok(Some(receipt)) = Receipt::read(&mut rest) else {
        assert!(Receipt::parse(data).is_none());
        assert!(await_receipt(&mut &*data, &[0; 32], None).is_err());
        return;
    };
    // On a connection something may follow; in a file nothing may.
    assert_eq!(receipt.to_bytes(), data[..data.len() - rest.len()]);
    assert_eq!(Receipt::parse(data).is_some(), rest.is_empty());
    assert!(receipt.check(&receipt.transfer_id, &[], &keys()).is_err());
    let claims = receipt.items != 0 || receipt.digests != [0; 32] || receipt.signature().is_some();
    let accepted = matches!(receipt.verdict, Verdict::Accepted | Verdict::AcceptedBefore);
    assert!(accepted || !claims);
    let answer = await_receipt(&mut &*data, &receipt.transfer_id, None);
    match receipt.verdict {
        Verdict::Refused => assert!(matches!(answer, Err(TransportError::Refused))),
        Verdict::NotStored => assert!(matches!(answer, Err(TransportError::NotStored))),
        _ if receipt.verify_signature().is_err() => {
            assert!(matches!(answer, Err(TransportError::FalseReceipt)));
        }
        _ => assert_eq!(answer.ok(), Some(receipt)),
    }
}

/// Keys that made none of these.
fn keys() -> StreamKeys {
    let suite = SuiteId::AES_256_GCM;
    let core = Core::new(suite, Flags::new(false), ChunkSize::MIN, [0; 32]);
    StreamKeys::derive(&Cek::init(|key| key.fill(0xA5)), &core, b"")
}
