//! Live series: each image is released when it is complete, and never as more than it is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

use core::time::Duration;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver as Inbox, Sender as Outbox, channel};
use std::thread;
use std::time::Instant;

use secimg::content::Manifest;
use secimg::crypto::SUITES;
use secimg::io::{Live, LiveSink, ReadError, SealWriter, StreamSource, open_stream};
use secimg::stream::{ItemReport, SignatureReport};
use secimg::transport::{
    ExpectedReceipt, Link, Outgoing, PartBudget, PartStore, Receipt, Receiver, SpoolWriter, Terms,
    TransportError, Verdict, await_receipt, connect, deliver, listen, spool,
};
use secimg::{Authentic, ImageDescription, OpenError, OpenOptions, SealOptions};
use support::{ed25519, pattern, rsa, small, small_identity, trust};

/// A test that waits longer has failed.
const PATIENCE: Duration = Duration::from_mins(2);

const LENS: [usize; 4] = [10_000, 0, 1, 300_000];

/// What was released, by whom it was signed, and what was there then.
#[derive(Default)]
struct Seen {
    images: Vec<Vec<u8>>,
    released: Vec<(usize, bool)>,
    tell: Option<Outbox<usize>>,
}

impl LiveSink for Seen {
    fn item(&mut self, _: &Authentic<Manifest>) -> io::Result<()> {
        self.images.push(Vec::new());
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.images.last_mut().unwrap().extend_from_slice(bytes);
        Ok(())
    }

    fn release(
        &mut self,
        number: usize,
        image: &Authentic<ItemReport>,
        signature: Option<&SignatureReport>,
    ) -> io::Result<()> {
        assert_eq!(number, self.released.len());
        let len = self.images[number].len() as u64;
        assert_eq!(image.get().bytes, len, "released before it was whole");
        self.released.push((number, signature.is_some()));
        if let Some(tell) = &self.tell {
            tell.send(number).unwrap();
        }
        Ok(())
    }
}

fn signed() -> SealOptions {
    small().signer(ed25519().signer().unwrap())
}

fn trusting() -> OpenOptions {
    small_identity().require_signer(trust(ed25519())).spooled()
}

fn add(writer: &mut SealWriter<impl Write>, number: usize) {
    let image = pattern(LENS[number]);
    let description = ImageDescription::new().named(&format!("{number}.bin"));
    let length = Some(image.len() as u64);
    writer
        .add_image(image.as_slice(), &description, length)
        .unwrap();
}

/// A series, and where in it each checkpoint ends.
fn series(options: &SealOptions) -> (Vec<u8>, Vec<usize>) {
    let mut writer = SealWriter::new(Growing::default(), options).unwrap();
    for number in 0..LENS.len() {
        add(&mut writer, number);
        writer.checkpoint().unwrap();
    }
    let grown = writer.finish().unwrap();
    (grown.bytes, grown.flushed[..LENS.len()].to_vec())
}

/// Remembers how long it was at each flush.
#[derive(Default)]
struct Growing {
    bytes: Vec<u8>,
    flushed: Vec<usize>,
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushed.push(self.bytes.len());
        Ok(())
    }
}

/// Opens what is there, and says what was released of it and how it ended.
fn opened(bytes: &[u8], options: &OpenOptions) -> (Vec<(usize, bool)>, Result<(), ReadError>) {
    let mut live = Live::new(Seen::default(), options);
    match open_stream(bytes, options, &mut live) {
        Ok(verified) => (live.finish(&verified).unwrap().released, Ok(())),
        Err(error) => (live.into_inner().released, Err(error)),
    }
}

/// Sends image after image, each when the one before it was released on the other side.
fn pausing_sender(url: &str, options: &SealOptions, released: &Inbox<usize>) -> Verdict {
    let mut link = connect(url, PATIENCE).unwrap();
    link.set_idle_timeout(Some(PATIENCE)).unwrap();
    let mut writer = SealWriter::new(&mut link, options).unwrap();
    for number in 0..LENS.len() {
        add(&mut writer, number);
        writer.checkpoint().unwrap();
        assert_eq!(released.recv_timeout(PATIENCE), Ok(number));
    }
    let (_, sealer) = writer.finish_with_sealer().unwrap();
    let id = sealer.transfer_id();
    await_receipt(&mut link, &id, Some(&sealer))
        .unwrap()
        .verdict
}

#[test]
fn an_image_is_out_before_the_next_is_sent() {
    for (seal, open) in [(small(), small_identity()), (signed(), trusting())] {
        for suite in SUITES {
            let seal = seal.clone().suite(suite);
            let mut listener = listen("tcp://127.0.0.1:0").unwrap();
            let url = listener.url();
            let (tell, released) = channel();
            let sender = thread::spawn(move || pausing_sender(&url, &seal, &released));
            let mut link = listener.accept().unwrap().link;
            let receiver = Receiver::new(&open).idle_timeout(PATIENCE);
            let mut live = receiver.live(Seen {
                tell: Some(tell),
                ..Seen::default()
            });
            let accepted = receiver.receive(link.as_mut(), &mut live).unwrap();
            // All of them were released before the end, with a signature where one is required.
            let is_signed = open.requires_signer();
            let expected: Vec<_> = (0..LENS.len()).map(|i| (i, is_signed)).collect();
            assert_eq!(live.get_ref().released, expected);
            let seen = live.finish(accepted.verified()).unwrap();
            assert_eq!(seen.released, expected);
            for (image, len) in seen.images.iter().zip(LENS) {
                assert_eq!(*image, pattern(len));
            }
            accepted.acknowledge(&mut link).unwrap();
            assert_eq!(sender.join().unwrap(), Verdict::Accepted);
        }
    }
}

/// Cut anywhere, exactly the images whose checkpoint came whole are released, and nothing is verified.
#[test]
fn a_cut_series_releases_what_its_checkpoints_cover() {
    for (seal, open) in [(small(), small_identity()), (signed(), trusting())] {
        let (sealed, ends) = series(&seal);
        let mut counts = Vec::new();
        for cut in (0..sealed.len()).step_by(1301) {
            let (released, end) = opened(&sealed[..cut], &open);
            assert!(end.is_err(), "cut to {cut}");
            let covered = ends.iter().filter(|end| **end <= cut).count();
            if open.requires_signer() {
                assert_eq!(released.len(), covered, "cut to {cut}");
            } else {
                // An image may be whole before its checkpoint.
                assert!(released.len() >= covered, "cut to {cut}");
            }
            counts.push(released.len());
        }
        assert!(counts.is_sorted());
        counts.dedup();
        assert_eq!(counts[..4], [0, 1, 2, 3]);
        let (released, end) = opened(&sealed, &open);
        assert!(end.is_ok());
        assert_eq!(released.len(), LENS.len());
    }
}

/// A later part that was changed takes nothing back, and nothing is verified.
#[test]
fn a_changed_later_part_leaves_the_earlier_images_authentic() {
    for (seal, open) in [(small(), small_identity()), (signed(), trusting())] {
        let (mut sealed, ends) = series(&seal);
        sealed[ends[2] + 100_000] ^= 1;
        let (released, end) = opened(&sealed, &open);
        assert_eq!(released.len(), 3);
        let Err(ReadError::Open(OpenError::NotAuthentic(_))) = end else {
            panic!("{end:?}");
        };
    }
}

/// Without checkpoints a required signer is known at the end only; then everything is released.
#[test]
fn without_checkpoints_a_required_signer_is_waited_for() {
    let mut writer = SealWriter::new(Vec::new(), &signed()).unwrap();
    for number in 0..LENS.len() {
        add(&mut writer, number);
    }
    let sealed = writer.finish().unwrap();
    let options = trusting();
    let mut live = Live::new(Seen::default(), &options);
    let verified = open_stream(sealed.as_slice(), &options, &mut live).unwrap();
    assert_eq!(live.released(), 0);
    let seen = live.finish(&verified).unwrap();
    assert_eq!(seen.released, [(0, true), (1, true), (2, true), (3, true)]);
}

#[test]
fn a_stranger_and_a_nobody_release_nothing() {
    let (by_stranger, _) = series(&small().signer(rsa().signer().unwrap()));
    let (released, end) = opened(&by_stranger, &trusting());
    assert!(released.is_empty());
    let Err(ReadError::Open(OpenError::UntrustedSigner { .. })) = end else {
        panic!("{end:?}");
    };
    let (by_nobody, _) = series(&small());
    let (released, end) = opened(&by_nobody, &trusting());
    assert!(released.is_empty());
    assert!(matches!(end, Err(ReadError::Open(OpenError::NotSigned))));
}

/// A sink that cannot keep an image ends the reading.
#[test]
fn a_sink_that_fails_ends_the_series() {
    struct Full;
    impl LiveSink for Full {
        fn item(&mut self, _: &Authentic<Manifest>) -> io::Result<()> {
            Ok(())
        }
        fn data(&mut self, _: &[u8]) -> io::Result<()> {
            Ok(())
        }
        fn release(
            &mut self,
            _: usize,
            _: &Authentic<ItemReport>,
            _: Option<&SignatureReport>,
        ) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }
    let (sealed, _) = series(&small());
    let receiver = Receiver::new(&small_identity());
    let mut live = receiver.live(Full);
    let error = receiver.receive_from(sealed.as_slice(), &mut live);
    let Err(TransportError::Read(ReadError::Sink(error))) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(live.released(), 0);
    say!("a full disk: {error}");
}

/// A link that is reset after so many bytes.
struct Cut {
    link: Box<dyn Link>,
    left: usize,
}

impl io::Read for Cut {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let most = self.left.min(buffer.len());
        let len = self.link.read(&mut buffer[..most])?;
        self.left -= len;
        Ok(len)
    }
}

impl Write for Cut {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.link.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.link.flush()
    }
}

impl Link for Cut {
    fn finish_sending(&mut self) -> io::Result<()> {
        self.link.finish_sending()
    }

    fn set_read_deadline(&mut self, deadline: Option<Instant>) {
        self.link.set_read_deadline(deadline);
    }

    fn set_idle_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.link.set_idle_timeout(timeout)
    }
}

/// Seals image after image into a spool, each when the one before it was released on the other side.
fn seal_into(spool: SpoolWriter, options: &SealOptions, released: &Inbox<usize>) {
    let mut writer = SealWriter::new(spool, options).unwrap();
    for number in 0..LENS.len() {
        add(&mut writer, number);
        writer.checkpoint().unwrap();
        // What was released before a break is released again behind it.
        while released.recv_timeout(PATIENCE).unwrap() != number {}
    }
    let (spool, sealer) = writer.finish_with_sealer().unwrap();
    spool.finish(ExpectedReceipt::of(&sealer));
}

/// A series that is still being made goes on wherever its connection breaks; the sender waits, and learns the end.
#[test]
fn a_growing_series_goes_on_where_its_connection_broke() {
    let folder = tempfile::tempdir().unwrap();
    let (seal, open) = (signed(), trusting());
    let parts = PartStore::open(&folder.path().join("parts"), PartBudget::new()).unwrap();
    let receiver = Receiver::new(&open).idle_timeout(PATIENCE).resume(parts);
    let mut listener = listen("tcp://127.0.0.1:0").unwrap();
    let url = listener.url();
    let (tell, released) = channel();
    let (writer, reader) = spool(io::Cursor::new(Vec::new()));
    let (receipt, images, breaks) = thread::scope(|scope| {
        scope.spawn(move || seal_into(writer, &seal, &released));
        let sender = scope.spawn(|| {
            let mut stream = Outgoing::growing(reader).unwrap();
            let pause = Duration::from_millis(5);
            let terms = Terms::new().pauses(pause, pause);
            let receipt = deliver(&url, &mut stream, &terms).unwrap();
            (receipt, stream.resumed_at())
        });
        let mut breaks = 0;
        let images = loop {
            let link = listener.accept().unwrap().link;
            let left = 3_000 + 17_001 * breaks;
            let mut live = receiver.live(Seen {
                tell: Some(tell.clone()),
                ..Seen::default()
            });
            let mut link = Cut { link, left };
            match receiver.receive(&mut link, &mut live) {
                Ok(accepted) => {
                    let seen = live.finish(accepted.verified()).unwrap();
                    accepted.acknowledge(&mut link).unwrap();
                    break seen.images;
                }
                Err(error) => assert!(error.is_broken_off(), "{error:?}"),
            }
            breaks += 1;
        };
        (sender.join().unwrap(), images, breaks)
    });
    assert_eq!(receipt.0.verdict, Verdict::Accepted);
    assert!(breaks > 3 && receipt.1 > 0, "{breaks} breaks");
    for (image, len) in images.iter().zip(LENS) {
        assert_eq!(*image, pattern(len));
    }
    say!("a growing series: {breaks} breaks, {} images", images.len());
}

/// Sealing that ends before the stream does ends its delivery, and the receiver verifies nothing.
#[test]
fn a_series_whose_sealing_ends_is_not_delivered() {
    let mut listener = listen("tcp://127.0.0.1:0").unwrap();
    let url = listener.url();
    let (spool_writer, reader) = spool(io::Cursor::new(Vec::new()));
    thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let mut stream = Outgoing::growing(reader).unwrap();
            assert_eq!(stream.chunks(), 0);
            deliver(&url, &mut stream, &Terms::new())
        });
        let mut writer = SealWriter::new(spool_writer, &small()).unwrap();
        writer.flush().unwrap();
        let mut link = listener.accept().unwrap().link;
        add(&mut writer, 0);
        drop(writer);
        let error = Receiver::new(&small_identity()).receive(link.as_mut(), &mut ());
        assert!(error.unwrap_err().is_broken_off());
        let error = sender.join().unwrap().unwrap_err();
        assert!(error.to_string().contains("sealing ended"), "{error}");
    });
}

/// A receipt for a stream that is not sealed to its end can be nobody's who has it.
#[test]
fn a_receipt_that_comes_too_early_is_false() {
    let (mut spool_writer, reader) = spool(io::Cursor::new(Vec::new()));
    let (sealed, _) = series(&small());
    spool_writer.write_all(&sealed[..sealed.len() / 2]).unwrap();
    let stream = Outgoing::growing(reader).unwrap();
    let verified = open_stream(sealed.as_slice(), &small_identity(), &mut ()).unwrap();
    let locked = StreamSource::new(sealed.as_slice()).header().unwrap();
    let unlocked = locked.unlock(&small_identity()).unwrap();
    let receipt = Receipt::accepted(verified.report(), unlocked.keys());
    let error = stream.judge(receipt).unwrap_err();
    assert!(matches!(error, TransportError::FalseReceipt), "{error:?}");
}

/// A stream that nobody sends any more is sealed no further.
#[test]
fn who_writes_for_nobody_is_told() {
    let (mut writer, reader) = spool(io::Cursor::new(Vec::new()));
    writer.write_all(b"x").unwrap();
    assert!(!writer.is_abandoned());
    drop(reader);
    assert!(writer.is_abandoned());
    let error = writer.write_all(b"x").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}
