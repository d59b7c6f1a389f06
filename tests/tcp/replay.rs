//! A stream that was accepted is not stored again, and its sender learns that it was accepted.

use core::sync::atomic::Ordering;

use secimg::transport::{ReplayWindow, ServerLimits, deliver_sealed};
use tempfile::TempDir;

use super::server::{Running, patient};
use super::*;

fn remembering() -> Receiver {
    receiver().remember(Arc::new(ReplayWindow::in_memory(100)))
}

fn deliver(url: &str, stream: &[u8]) -> Result<Verdict, TransportError> {
    let (_, receipt) = deliver_sealed(dial(url).as_mut(), stream, Limits::DEFAULT, PATIENCE)?;
    Ok(receipt.verdict)
}

#[test]
fn a_replayed_stream_is_answered_and_not_stored() {
    let server = Running::start(&remembering(), patient());
    let stream = sealed(3);
    assert_eq!(deliver(&server.url, &stream).unwrap(), Verdict::Accepted);
    for _ in 0..3 {
        let again = deliver(&server.url, &stream);
        assert_eq!(again.unwrap(), Verdict::AcceptedBefore);
    }
    // It is known by its header alone: nothing of its payload is read.
    let mut link = dial(&server.url);
    link.write_all(&stream[..81 + 4 + 4096]).unwrap();
    let receipt = Receipt::read(&mut link).unwrap().unwrap();
    assert_eq!(receipt.verdict, Verdict::AcceptedBefore);
    drop(link);
    let keeper = server.stop();
    assert_eq!(keeper.before.load(Ordering::SeqCst), 4);
    assert_eq!(*keeper.images.lock().unwrap(), named(&images(3)));
}

/// The sender of a long stream is still writing when it is told.
#[test]
fn a_long_stream_is_not_sent_to_its_end_again() {
    let server = Running::start(&remembering(), patient());
    let image = Image::new(vec![7; 24 << 20]).named("long");
    let stream = secimg::encrypt(&image, &sealing()).unwrap();
    for expected in [Verdict::Accepted, Verdict::AcceptedBefore] {
        let mut link = dial(&server.url);
        let (survey, receipt) =
            deliver_sealed(link.as_mut(), stream.as_slice(), Limits::DEFAULT, PATIENCE).unwrap();
        assert_eq!(receipt.verdict, expected);
        assert_eq!(receipt.transfer_id, survey.header.transfer_id());
        assert_eq!(survey.stream_bytes, stream.len() as u64);
    }
    assert_eq!(server.stop().images.lock().unwrap().len(), 1);
}

#[test]
fn the_receipt_of_a_replay_proves_the_first_acceptance() {
    let receiver = remembering();
    let mut stream = Vec::new();
    let mut writer = SealWriter::new(&mut stream, &sealing()).unwrap();
    for image in images(2) {
        let bytes = image.bytes.as_slice();
        writer.add_image(bytes, &image.description, None).unwrap();
    }
    let (_, sealer) = writer.finish_with_sealer().unwrap();
    let first = receiver.receive_from(stream.as_slice(), &mut Kept::default());
    first.unwrap().acknowledge(&mut io::sink()).unwrap();
    let again = receiver.receive_from(stream.as_slice(), &mut Kept::default());
    let Err(TransportError::AcceptedBefore(receipt)) = again else {
        panic!("{again:?}");
    };
    // The sender, which has the key, gets its proof after all.
    let answer = await_receipt(
        &mut receipt.to_bytes().as_slice(),
        &sealer.transfer_id(),
        Some(&sealer),
    );
    assert_eq!(answer.unwrap().verdict, Verdict::AcceptedBefore);
    // The verdict is under the tag.
    let mut changed = receipt.to_bytes();
    changed[8] = 1;
    let answer = await_receipt(
        &mut changed.as_slice(),
        &sealer.transfer_id(),
        Some(&sealer),
    );
    assert!(matches!(answer, Err(TransportError::FalseReceipt)));
}

/// A sender that does not wait for its receipt.
struct Gone;

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_was_not_acknowledged_was_not_accepted() {
    let receiver = remembering();
    let stream = sealed(1);
    let receive = || receiver.receive_from(stream.as_slice(), &mut Kept::default());
    drop(receive().unwrap());
    // A sender that is gone does not change that the images are stored.
    let told = receive().unwrap().acknowledge(&mut Gone);
    assert!(matches!(told, Err(TransportError::Connection(..))));
    assert!(matches!(receive(), Err(TransportError::AcceptedBefore(_))));
}

#[test]
fn of_deliveries_at_the_same_time_one_is_stored() {
    let server = Running::start(&remembering(), patient());
    let stream = Arc::new(sealed(7));
    let senders: Vec<_> = (0..8)
        .map(|_| {
            let (url, stream) = (server.url.clone(), Arc::clone(&stream));
            thread::spawn(move || deliver(&url, &stream).unwrap())
        })
        .collect();
    let verdicts: Vec<_> = senders.into_iter().map(|s| s.join().unwrap()).collect();
    let accepted = verdicts.iter().filter(|v| **v == Verdict::Accepted).count();
    assert_eq!(accepted, 1, "{verdicts:?}");
    let keeper = server.stop();
    assert_eq!(*keeper.images.lock().unwrap(), named(&images(7)));
}

/// Whoever recorded a header could otherwise keep its sender out by sending it first.
#[test]
fn a_replayed_header_does_not_hold_up_its_sender() {
    let server = Running::start(&remembering(), patient().grace(SHORT));
    let stream = sealed(2);
    let mut hostage = dial(&server.url);
    hostage.write_all(&stream[..60_000]).unwrap();
    send(&mut dial(&server.url), &sealing(), &images(1)).unwrap();
    assert_eq!(deliver(&server.url, &stream).unwrap(), Verdict::Accepted);
    // When it completes what it began, it learns that it was late.
    hostage.write_all(&stream[60_000..]).unwrap();
    let receipt = Receipt::read(&mut hostage).unwrap().unwrap();
    assert_eq!(receipt.verdict, Verdict::AcceptedBefore);
    drop(hostage);
    assert_eq!(server.stop().images.lock().unwrap().len(), 3);
}

#[test]
fn a_later_run_knows_what_was_accepted() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state");
    let (first, second) = (sealed(1), sealed(2));
    let run = |stream: &[u8]| {
        let window = Arc::new(ReplayWindow::open(&state, 100).unwrap());
        let receiver = receiver().remember(Arc::clone(&window));
        let limits: ServerLimits = patient().streams(1);
        let server = Running::start(&receiver, limits);
        let verdict = deliver(&server.url, stream).unwrap();
        server.end();
        // The receiver's folder is its own until it is gone.
        drop(receiver);
        assert_eq!(Arc::strong_count(&window), 1);
        verdict
    };
    assert_eq!(run(&first), Verdict::Accepted);
    assert_eq!(run(&second), Verdict::Accepted);
    assert_eq!(run(&first), Verdict::AcceptedBefore);
    assert_eq!(run(&second), Verdict::AcceptedBefore);
}

/// Only the last so many are known; an older one is taken again.
#[test]
fn the_window_is_bounded() {
    let receiver = receiver().remember(Arc::new(ReplayWindow::in_memory(2)));
    let streams: Vec<_> = (0..3).map(|_| sealed(1)).collect();
    for stream in &streams {
        let accepted = receiver.receive_from(stream.as_slice(), &mut Kept::default());
        accepted.unwrap().acknowledge(&mut io::sink()).unwrap();
    }
    let again = |stream: &[u8]| receiver.receive_from(stream, &mut Kept::default());
    assert!(again(&streams[0]).is_ok());
    for stream in &streams[1..] {
        let known = again(stream);
        assert!(matches!(known, Err(TransportError::AcceptedBefore(_))));
    }
}
