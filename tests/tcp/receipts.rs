//! Receipts that the receiver signed.

use secimg::transport::MAX_RECEIPT_LEN;

use super::*;

fn signers() -> [PrivateKey; 2] {
    [
        PrivateKey::generate(GenerateKind::Ed25519).unwrap(),
        PrivateKey::generate(GenerateKind::Rsa { bits: 2048 }).unwrap(),
    ]
}

fn of(key: &PrivateKey) -> TrustedSigners {
    [key.public()].into_iter().collect()
}

/// A sealer, and the receipt that a receiver signed with this key.
fn signed_receipt(signer: &PrivateKey) -> (Sealer, Receipt) {
    let mut stream = Vec::new();
    let mut writer = SealWriter::new(&mut stream, &sealing()).unwrap();
    for image in images(2) {
        let bytes = image.bytes.as_slice();
        writer.add_image(bytes, &image.description, None).unwrap();
    }
    let (_, sealer) = writer.finish_with_sealer().unwrap();
    let receiver = receiver().sign(signer.signer().unwrap());
    let accepted = receiver.receive_from(stream.as_slice(), &mut Kept::default());
    (sealer, accepted.unwrap().receipt().clone())
}

#[test]
fn a_signed_receipt_proves_itself_to_who_trusts_the_key() {
    let other = PrivateKey::generate(GenerateKind::Ed25519).unwrap();
    for signer in signers() {
        let (sealer, receipt) = signed_receipt(&signer);
        let bytes = receipt.to_bytes();
        assert!(bytes.len() > RECEIPT_LEN && bytes.len() <= MAX_RECEIPT_LEN);
        assert_eq!(answered(&bytes, &sealer).unwrap(), receipt);
        // Kept, and checked by somebody without any key of the stream.
        let kept = Receipt::parse(&bytes).unwrap();
        assert_eq!(kept, receipt);
        let signature = kept.require_signer(&of(&signer)).unwrap();
        assert_eq!(signature.signer(), signer.public().fingerprint());
        assert!(signature.time > 1_700_000_000);
        let wrong = kept.require_signer(&of(&other)).unwrap_err();
        assert!(
            matches!(wrong, TransportError::ReceiptSigner(_)),
            "{wrong:?}"
        );
    }
    let (_, plain) = receipted(SUITES[0]);
    let wrong = plain.require_signer(&of(&other)).unwrap_err();
    assert!(
        matches!(wrong, TransportError::ReceiptNotSigned),
        "{wrong:?}"
    );
}

#[test]
fn a_signed_receipt_with_a_changed_byte_is_refused() {
    for signer in signers() {
        let (sealer, receipt) = signed_receipt(&signer);
        let bytes = receipt.to_bytes();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            let trusted = Receipt::parse(&changed)
                .is_some_and(|receipt| receipt.require_signer(&of(&signer)).is_ok());
            assert!(!trusted, "byte {at}");
            let answer = answered(&changed, &sealer);
            assert!(
                matches!(
                    answer,
                    Err(TransportError::FalseReceipt | TransportError::NoReceipt)
                ),
                "byte {at}: {answer:?}"
            );
            assert!(Receipt::parse(&bytes[..at]).is_none(), "{at} bytes");
        }
        assert!(Receipt::parse(&[bytes.as_slice(), &[0]].concat()).is_none());
    }
}

/// The signature can be cut off: who needs it must ask for it.
#[test]
fn a_signature_that_was_cut_off_is_missed_by_who_requires_it() {
    let [signer, _] = signers();
    let (sealer, receipt) = signed_receipt(&signer);
    let mut cut = receipt.to_bytes();
    cut.truncate(RECEIPT_LEN - 1);
    cut.push(0);
    let plain = answered(&cut, &sealer).unwrap();
    let missed = plain.require_signer(&of(&signer)).unwrap_err();
    assert!(matches!(missed, TransportError::ReceiptNotSigned));
}

/// A receiver that holds the key signs for its own stream; nobody can move that to another.
#[test]
fn a_signature_of_another_receipt_does_not_hold() {
    let [signer, _] = signers();
    let (_, one) = signed_receipt(&signer);
    let (sealer, two) = signed_receipt(&signer);
    let moved = [
        &two.to_bytes()[..RECEIPT_LEN - 1],
        &one.to_bytes()[RECEIPT_LEN - 1..],
    ]
    .concat();
    let answer = answered(&moved, &sealer);
    assert!(matches!(answer, Err(TransportError::FalseReceipt)));
    // Whole, it is for another stream.
    let answer = answered(&one.to_bytes(), &sealer);
    assert!(matches!(answer, Err(TransportError::FalseReceipt)));
}

#[test]
fn what_proves_nothing_is_never_signed() {
    let [signer, _] = signers();
    let signer = signer.signer().unwrap();
    for receipt in [Receipt::stored([1; 32]), Receipt::refused([1; 32])] {
        let same = receipt.clone().signed(signer.as_ref(), 1).unwrap();
        assert_eq!(same, receipt);
    }
    let (_, accepted) = signed_receipt(&PrivateKey::generate(GenerateKind::Ed25519).unwrap());
    let mut stored = accepted.to_bytes();
    stored[8] = 2;
    stored[41..RECEIPT_LEN - 1].fill(0);
    assert!(Receipt::parse(&stored).is_none());
}

/// However long a peer says that its signature is, no more is read than the longest receipt has.
#[test]
fn a_receipt_has_an_end() {
    struct Endless(Vec<u8>, usize);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            for byte in &mut *buffer {
                *byte = self.0.get(self.1).copied().unwrap_or(0xFF);
                self.1 += 1;
            }
            Ok(buffer.len())
        }
    }
    let (_, receipt) = receipted(SUITES[0]);
    let mut bytes = receipt.to_bytes();
    for algorithm in 0..=255 {
        *bytes.last_mut().unwrap() = algorithm;
        let mut endless = Endless(bytes.clone(), 0);
        let read = Receipt::read(&mut endless).unwrap();
        assert_eq!(read.is_some(), algorithm == 0);
        assert!(endless.1 <= MAX_RECEIPT_LEN, "{} bytes", endless.1);
    }
}
