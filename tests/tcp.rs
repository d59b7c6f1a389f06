//! Streams over sockets: what arrives, and what happens when anything on the way goes wrong.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, and its helpers are part of the test"
)]

use core::time::Duration;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::thread;

use secimg::content::Manifest;
use secimg::crypto::{SUITES, Suite};
use secimg::format::{FormatErrorKind, Limits};
use secimg::io::{ItemSink, ReadError, SealWriter};
use secimg::keys::{GenerateKind, PrivateKey, RawKeyRecipient, TrustedSigners};
use secimg::stream::{Authentic, ItemReport, Sealer};
use secimg::transport::{
    Link, Listener, RECEIPT_LEN, Receipt, Receiver, TransportError, Verdict, await_receipt,
    connect, find_scheme, listen, refused_meanwhile, send_sealed,
};
use secimg::{Image, OpenError, OpenOptions, SealOptions, Verified, encrypt_series};

#[path = "support/say.rs"]
#[macro_use]
mod say;

#[path = "tcp/faulty.rs"]
mod faulty;
#[path = "tcp/hostile.rs"]
mod hostile;
#[path = "tcp/house.rs"]
mod house;
#[path = "tcp/parties.rs"]
mod parties;
#[path = "tcp/receipts.rs"]
mod receipts;
#[path = "tcp/replay.rs"]
mod replay;
#[path = "tcp/resume.rs"]
mod resume;
#[path = "tcp/server.rs"]
mod server;
#[path = "tcp/sessions.rs"]
mod sessions;

use parties::{Kept, PATIENCE, key, named, new_key, opening, receiver, sealing};

const SHORT: Duration = Duration::from_millis(300);

/// Images of lengths around the chunk size and the buffers, one of them empty.
fn images(count: usize) -> Vec<Image> {
    let lengths = [70_001, 0, 65_536, 1, 700_000, 262_144, 65_535];
    let image = |(i, len): (usize, usize)| {
        let bytes: Vec<u8> = (0..len)
            .map(|at| (at * 31 + at / 251 + i).to_le_bytes()[0])
            .collect();
        Image::new(bytes).named(&format!("image {i}.raw"))
    };
    lengths
        .into_iter()
        .cycle()
        .take(count)
        .enumerate()
        .map(image)
        .collect()
}

fn sealed(count: usize) -> Vec<u8> {
    encrypt_series(&images(count), &sealing()).unwrap()
}

fn loopback() -> (Box<dyn Listener>, String) {
    let listener = listen("tcp://127.0.0.1:0").unwrap();
    let url = listener.url();
    (listener, url)
}

fn dial(url: &str) -> Box<dyn Link> {
    let mut link = connect(url, PATIENCE).unwrap();
    link.set_idle_timeout(Some(PATIENCE)).unwrap();
    link
}

/// Seals into anything, and waits for the receipt of a receiver that holds the key.
fn send(
    link: &mut (impl Read + Write),
    options: &SealOptions,
    images: &[Image],
) -> Result<Receipt, TransportError> {
    let mut writer = SealWriter::new(&mut *link, options)?;
    for image in images {
        let length = Some(image.bytes.len() as u64);
        writer.add_image(image.bytes.as_slice(), &image.description, length)?;
    }
    let (link, sealer) = writer.finish_with_sealer()?;
    await_receipt(link, &sealer.transfer_id(), Some(&sealer))
}

/// Accepts one connection and answers as a receiver should.
fn receive(
    listener: &mut dyn Listener,
    receiver: &Receiver,
) -> Result<(Verified, Kept), TransportError> {
    let mut link = listener.accept().unwrap().link;
    let mut kept = Kept::default();
    match receiver.receive(link.as_mut(), &mut kept) {
        Ok(accepted) => Ok((accepted.acknowledge(&mut link)?, kept)),
        Err(error) => {
            Receiver::turn_away(link.as_mut());
            Err(error)
        }
    }
}

fn open_error(error: TransportError) -> OpenError {
    match error {
        TransportError::Read(ReadError::Open(error)) => error,
        other => panic!("{other:?} says nothing about the stream"),
    }
}

fn format_error(error: TransportError) -> FormatErrorKind {
    match open_error(error) {
        OpenError::Format(error) => error.kind,
        other => panic!("{other:?} is no format error"),
    }
}

#[test]
fn images_arrive_byte_for_byte_in_both_suites() {
    for suite in SUITES {
        for count in [1, 7] {
            let images = images(count);
            let (mut listener, url) = loopback();
            let expected = named(&images);
            let sender =
                thread::spawn(move || send(&mut dial(&url), &sealing().suite(suite), &images));
            let (verified, kept) = receive(listener.as_mut(), &receiver()).unwrap();
            assert_eq!(kept.images, expected);
            assert_eq!(verified.report().suite, suite.name);
            let receipt = sender.join().unwrap().unwrap();
            assert_eq!(receipt.verdict, Verdict::Accepted);
            assert_eq!(receipt.transfer_id, verified.report().transfer_id);
            assert_eq!(receipt.items as usize, count);
        }
    }
}

#[test]
fn rsa_recipients_and_signers_work_over_a_socket() {
    let doctor = PrivateKey::generate(GenerateKind::Rsa { bits: 2048 }).unwrap();
    let clinic = PrivateKey::generate(GenerateKind::Ed25519).unwrap();
    let other = PrivateKey::generate(GenerateKind::Ed25519).unwrap();
    let options = SealOptions::new()
        .recipient(doctor.public().recipient().unwrap())
        .signer(clinic.signer().unwrap());
    for (trusted, good) in [(&clinic, true), (&other, false)] {
        let (mut listener, url) = loopback();
        let options = options.clone();
        let sender = thread::spawn(move || send(&mut dial(&url), &options, &images(2)));
        let trusted: TrustedSigners = [trusted.public()].into_iter().collect();
        let opening = OpenOptions::new()
            .identity(doctor.identity().unwrap())
            .require_signer(trusted);
        let received = receive(listener.as_mut(), &Receiver::new(&opening));
        let receipt = sender.join().unwrap();
        if good {
            let signature = received.unwrap().0.into_report().signature.unwrap();
            assert!(signature.trusted && receipt.is_ok());
        } else {
            let error = open_error(received.unwrap_err());
            assert!(
                matches!(error, OpenError::UntrustedSigner { .. }),
                "{error:?}"
            );
            assert!(matches!(receipt, Err(TransportError::Refused)));
        }
    }
}

#[test]
fn a_listener_takes_one_stream_after_another() {
    let (mut listener, url) = loopback();
    let sender = thread::spawn(move || {
        for count in 1..4 {
            send(&mut dial(&url), &sealing(), &images(count)).unwrap();
        }
    });
    for count in 1..4 {
        let (_, kept) = receive(listener.as_mut(), &receiver()).unwrap();
        assert_eq!(kept.images, named(&images(count)));
    }
    sender.join().unwrap();
}

/// A socket that the caller opened, and the library knows nothing of.
#[cfg(unix)]
#[test]
fn a_pair_of_the_callers_own_serves_as_well() {
    use std::os::unix::net::UnixStream;
    let (mut near, far) = UnixStream::pair().unwrap();
    let sender = thread::spawn(move || send(&mut near, &sealing(), &images(3)));
    let mut kept = Kept::default();
    let accepted = receiver().receive_from(&far, &mut kept).unwrap();
    assert_eq!(kept.images, named(&images(3)));
    accepted.acknowledge(&mut &far).unwrap();
    sender.join().unwrap().unwrap();
}

/// Moves one byte a call, and is interrupted before each.
struct Chaos<T> {
    inner: T,
    calls: usize,
}

impl<T> Chaos<T> {
    fn new(inner: T) -> Self {
        Self { inner, calls: 0 }
    }

    fn turn(&mut self, wanted: usize) -> io::Result<usize> {
        self.calls += 1;
        if self.calls % 2 == 1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        Ok(wanted.min(1 + self.calls % 3))
    }
}

impl<T: Read> Read for Chaos<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.turn(buffer.len())?;
        self.inner.read(&mut buffer[..len])
    }
}

impl<T: Write> Write for Chaos<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.turn(bytes.len())?;
        self.inner.write(&bytes[..len])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[test]
fn short_and_interrupted_reads_and_writes_change_nothing() {
    let images = images(2);
    let mut writer = SealWriter::new(Chaos::new(Vec::new()), &sealing()).unwrap();
    for image in &images {
        let source = Chaos::new(image.bytes.as_slice());
        writer.add_image(source, &image.description, None).unwrap();
    }
    let (written, sealer) = writer.finish_with_sealer().unwrap();
    let stream = written.inner;

    let mut kept = Kept::default();
    let accepted = receiver()
        .receive_from(Chaos::new(stream.as_slice()), &mut kept)
        .unwrap();
    assert_eq!(kept.images, named(&images));
    let mut answer = Chaos::new(Vec::new());
    accepted.acknowledge(&mut answer).unwrap();
    let mut answer = Chaos::new(answer.inner.as_slice());
    await_receipt(&mut answer, &sealer.transfer_id(), Some(&sealer)).unwrap();

    let mut copy = Chaos::new(Vec::new());
    let sent = send_sealed(&mut copy, Chaos::new(stream.as_slice()), Limits::DEFAULT).unwrap();
    assert_eq!(sent.header.transfer_id(), sealer.transfer_id());
    assert_eq!(sent.stream_bytes, stream.len() as u64);
    assert_eq!(copy.inner, stream);
}

#[test]
fn silence_before_the_header_ends_the_connection() {
    let hurried = receiver().header_deadline(SHORT);
    // Silence from the start, and silence in the middle of the header.
    for begun in [0, 7, 100] {
        let (mut listener, url) = loopback();
        let mut silent = dial(&url);
        silent.write_all(&sealed(1)[..begun]).unwrap();
        let mut link = listener.accept().unwrap().link;
        let mut kept = Kept::default();
        let error = hurried.receive(link.as_mut(), &mut kept).unwrap_err();
        assert!(matches!(error, TransportError::HeaderTimeout), "{error:?}");
        let error = hurried
            .store(link.as_mut(), |_| Ok(Vec::new()))
            .unwrap_err();
        assert!(matches!(error, TransportError::HeaderTimeout), "{error:?}");
    }
}

#[test]
fn a_header_in_drops_does_not_outlast_the_deadline() {
    let (mut listener, url) = loopback();
    let dripping = thread::spawn(move || {
        let mut link = dial(&url);
        // A byte every now and then: no single read is slow, all of them together are.
        for byte in &sealed(1)[..4000] {
            if link.write_all(&[*byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    });
    let mut link = listener.accept().unwrap().link;
    let hurried = receiver().header_deadline(SHORT);
    let error = hurried
        .receive(link.as_mut(), &mut Kept::default())
        .unwrap_err();
    assert!(matches!(error, TransportError::HeaderTimeout), "{error:?}");
    drop(link);
    dripping.join().unwrap();
}

#[test]
fn silence_after_the_header_is_a_timeout_too() {
    let (mut listener, url) = loopback();
    let mut silent = dial(&url);
    silent.write_all(&sealed(1)[..6000]).unwrap();
    let mut link = listener.accept().unwrap().link;
    let hurried = receiver().idle_timeout(SHORT);
    let error = hurried
        .receive(link.as_mut(), &mut Kept::default())
        .unwrap_err();
    let TransportError::Read(ReadError::Io(error)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[test]
fn a_peer_that_vanishes_leaves_no_accepted_stream() {
    let stream = sealed(3);
    let frame_ends = [8, 81, 85, 81 + 4 + 4096, stream.len() - 1];
    for cut in (0..stream.len()).step_by(997).chain(frame_ends) {
        let mut kept = Kept::default();
        let error = receiver()
            .receive_from(&stream[..cut], &mut kept)
            .unwrap_err();
        assert_eq!(
            format_error(error),
            FormatErrorKind::Truncated,
            "cut at {cut}"
        );
    }
    receiver()
        .receive_from(stream.as_slice(), &mut Kept::default())
        .unwrap();
}

#[test]
fn a_peer_that_vanishes_from_a_socket_is_an_error() {
    let stream = sealed(2);
    let (mut listener, url) = loopback();
    for cut in [0, 1, 80, 200, 4181, 4185, 60_000, stream.len() - 1] {
        dial(&url).write_all(&stream[..cut]).unwrap();
        let error = receive(listener.as_mut(), &receiver()).unwrap_err();
        // An orderly end is a truncated stream, a reset an error of the connection.
        let truncated = matches!(error, TransportError::Read(ReadError::Io(_)))
            || format_error(error) == FormatErrorKind::Truncated;
        assert!(truncated, "cut at {cut}");
    }
}

#[test]
fn a_stream_over_the_limit_is_refused_before_it_is_read() {
    let limit = 100_000;
    let limited = opening().limits(Limits::DEFAULT.stream_bytes(limit));
    let (mut listener, url) = loopback();
    let sender = thread::spawn(move || send(&mut dial(&url), &sealing(), &images(7)));
    let error = receive(listener.as_mut(), &Receiver::new(&limited)).unwrap_err();
    assert_eq!(format_error(error), FormatErrorKind::CallerLimit(limit));
    assert!(matches!(
        sender.join().unwrap(),
        Err(TransportError::Refused)
    ));
    let small = sealed(1);
    Receiver::new(&limited)
        .receive_from(small.as_slice(), &mut Kept::default())
        .unwrap();
}

/// Somebody who has the key says that 64 GiB come.
#[test]
fn a_claim_is_neither_believed_nor_paid_for() {
    let mut claiming = Vec::new();
    let mut writer = SealWriter::new(&mut claiming, &sealing()).unwrap();
    let image = &images(1)[0];
    let claimed = writer.add_image(
        image.bytes.repeat(50).as_slice(),
        &image.description,
        Some(64 << 30),
    );
    assert!(claimed.is_err(), "there is less");
    let mut kept = Kept::default();
    let error = receiver()
        .receive_from(claiming.as_slice(), &mut kept)
        .unwrap_err();
    assert_eq!(format_error(error), FormatErrorKind::Truncated);
    assert!(kept.images.is_empty() && kept.open.unwrap().1.len() <= claiming.len());
    let limited = opening().limits(Limits::DEFAULT.stream_bytes(100_000));
    let error = Receiver::new(&limited)
        .receive_from(claiming.as_slice(), &mut Kept::default())
        .unwrap_err();
    assert_eq!(format_error(error), FormatErrorKind::CallerLimit(100_000));
}

#[test]
fn garbage_is_refused_at_once() {
    let (mut listener, url) = loopback();
    for garbage in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xFC",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        // DICOM's first words.
        b"\x01\x00\x00\x00\x00\xCD\x00\x01\x00\x00",
        &[0; 4096],
    ] {
        let mut link = dial(&url);
        // No end is sent: a receiver that waits for more would run into its deadline.
        link.write_all(garbage).unwrap();
        let answer = thread::spawn(move || await_receipt(&mut link, &[0; 32], None));
        let error = receive(listener.as_mut(), &receiver()).unwrap_err();
        assert_eq!(format_error(error), FormatErrorKind::NotSecimg);
        assert!(matches!(
            answer.join().unwrap(),
            Err(TransportError::Refused)
        ));
    }
}

#[test]
fn a_stream_for_somebody_else_is_refused() {
    let (mut listener, url) = loopback();
    let sender = thread::spawn(move || {
        let options = SealOptions::new().recipient(new_key());
        // More than any buffer between: the sender is still writing when the answer comes.
        let large = Image::new(vec![7; 40 << 20]);
        let mut link = dial(&url);
        match send(&mut link, &options, &[large]).unwrap_err() {
            // Who is still writing when the receiver has gone looks for the answer, as every sender does.
            TransportError::Write(_) if refused_meanwhile(link.as_mut()) => TransportError::Refused,
            told => told,
        }
    });
    let error = receive(listener.as_mut(), &receiver()).unwrap_err();
    assert_eq!(open_error(error), OpenError::NoMatchingKey);
    let told = sender.join().unwrap();
    // Windows forgets what came before a connection was reset, so an answer to a sender that is still writing may not
    // be read there; that nothing was accepted is known all the same.
    let lost = cfg!(windows)
        && matches!(
            told,
            TransportError::Connection(..) | TransportError::Write(_)
        );
    assert!(lost || matches!(told, TransportError::Refused), "{told:?}");
}

#[test]
fn a_wrong_context_is_refused() {
    let (mut listener, url) = loopback();
    let sender =
        thread::spawn(move || send(&mut dial(&url), &sealing().context(b"study 1"), &images(1)));
    let opening = opening().context(b"study 2");
    let error = receive(listener.as_mut(), &Receiver::new(&opening)).unwrap_err();
    assert!(matches!(open_error(error), OpenError::NotAuthentic(_)));
    assert!(matches!(
        sender.join().unwrap(),
        Err(TransportError::Refused)
    ));
}

/// The refusal is found although the stream could not be written to its end.
#[test]
fn a_sender_that_cannot_go_on_looks_for_the_refusal() {
    let (mut listener, url) = loopback();
    let receiver = thread::spawn(move || {
        let mut link = listener.accept().unwrap().link;
        Receiver::refuse(&mut link);
        link.finish_sending().unwrap();
        // Keeps the connection, so that what was sent is neither read nor reset.
        thread::sleep(SHORT * 4);
    });
    let mut link = dial(&url);
    link.set_idle_timeout(Some(SHORT)).unwrap();
    let stuck = link.write_all(&vec![0; 64 << 20]);
    assert!(stuck.is_err() && refused_meanwhile(link.as_mut()));
    receiver.join().unwrap();
}

#[test]
fn a_bit_that_flips_on_the_way_is_refused() {
    let stream = sealed(2);
    let len = stream.len();
    for at in [0, 9, 12, 60, 90, 150, 4180, 4200, 70_000, len - 40, len - 1] {
        let mut changed = stream.clone();
        changed[at] ^= 1;
        let (mut listener, url) = loopback();
        let sender = thread::spawn(move || {
            let mut link = dial(&url);
            // A refusal in the middle may break the writing; the answer is there all the same.
            let written = link.write_all(&changed);
            let _: io::Result<()> = link.finish_sending();
            (written, await_receipt(&mut link, &[0; 32], None))
        });
        let mut link = listener.accept().unwrap().link;
        let mut kept = Kept::default();
        let received = receiver().receive(link.as_mut(), &mut kept);
        assert!(received.is_err(), "bit of byte {at}");
        Receiver::turn_away(link.as_mut());
        assert!(matches!(
            sender.join().unwrap().1,
            Err(TransportError::Refused)
        ));
    }
}

/// A stream in memory, its sealer, and the receipt of somebody who opened it.
fn receipted(suite: &'static Suite) -> (Sealer, Receipt) {
    let mut stream = Vec::new();
    let mut writer = SealWriter::new(&mut stream, &sealing().suite(suite)).unwrap();
    for image in images(2) {
        writer
            .add_image(image.bytes.as_slice(), &image.description, None)
            .unwrap();
    }
    let (_, sealer) = writer.finish_with_sealer().unwrap();
    let accepted = receiver()
        .receive_from(stream.as_slice(), &mut Kept::default())
        .unwrap();
    (sealer, accepted.receipt().clone())
}

fn answered(answer: &[u8], sealer: &Sealer) -> Result<Receipt, TransportError> {
    await_receipt(&mut &*answer, &sealer.transfer_id(), Some(sealer))
}

#[test]
fn only_the_true_receipt_is_believed() {
    for suite in SUITES {
        let (sealer, receipt) = receipted(suite);
        let bytes = receipt.to_bytes();
        assert_eq!(bytes.len(), RECEIPT_LEN);
        assert_eq!(answered(&bytes, &sealer).unwrap(), receipt);
        for at in 0..RECEIPT_LEN {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                let answer = answered(&changed, &sealer);
                let what = format!("bit {bit} of byte {at}: {answer:?}");
                // The last byte promises a signature, which does not come.
                let promised = at == RECEIPT_LEN - 1 && bit < 2;
                assert!(
                    match answer {
                        Err(TransportError::FalseReceipt) => !promised,
                        Err(TransportError::NoReceipt) => promised,
                        _ => false,
                    },
                    "{what}"
                );
            }
            let answer = answered(&bytes[..at], &sealer);
            assert!(
                matches!(answer, Err(TransportError::NoReceipt)),
                "{at} bytes: {answer:?}"
            );
        }
        let (_, other) = receipted(suite);
        let answer = answered(&other.to_bytes(), &sealer);
        assert!(
            matches!(answer, Err(TransportError::FalseReceipt)),
            "{answer:?}"
        );
    }
}

#[test]
fn answers_that_prove_nothing_are_no_receipts() {
    let (sealer, receipt) = receipted(SUITES[0]);
    let id = sealer.transfer_id();
    for refusal in [Receipt::refused(id), Receipt::refused([0; 32])] {
        let answer = answered(&refusal.to_bytes(), &sealer);
        assert!(matches!(answer, Err(TransportError::Refused)), "{answer:?}");
    }
    let stored = Receipt::stored(id).to_bytes();
    let answer = answered(&stored, &sealer);
    assert!(
        matches!(answer, Err(TransportError::OnlyStored)),
        "{answer:?}"
    );

    // Without a key nothing can be proven; only the transfer id is compared.
    let unproven = |bytes: &[u8]| await_receipt(&mut &*bytes, &id, None);
    assert_eq!(unproven(&stored).unwrap().verdict, Verdict::Stored);
    assert_eq!(
        unproven(&receipt.to_bytes()).unwrap().verdict,
        Verdict::Accepted
    );
    let other = Receipt::stored([1; 32]).to_bytes();
    assert!(matches!(
        unproven(&other),
        Err(TransportError::FalseReceipt)
    ));

    // A refusal or a relay's answer says nothing but itself.
    for code in [0, 2] {
        let mut bytes = receipt.to_bytes();
        bytes[8] = code;
        assert!(matches!(
            unproven(&bytes),
            Err(TransportError::FalseReceipt)
        ));
    }
}

#[test]
fn a_relay_passes_on_what_it_cannot_open() {
    let stream = sealed(3);
    let (mut relay, url) = loopback();
    let at_relay = thread::spawn(move || {
        let mut link = relay.accept().unwrap().link;
        let (survey, store) = receiver().store(link.as_mut(), |_| Ok(Vec::new())).unwrap();
        let id = survey.header.transfer_id();
        link.write_all(&Receipt::stored(id).to_bytes()).unwrap();
        store
    });
    let mut link = dial(&url);
    let survey = send_sealed(&mut link, stream.as_slice(), Limits::DEFAULT).unwrap();
    let (id, len) = (survey.header.transfer_id(), survey.stream_bytes);
    assert_eq!(
        await_receipt(&mut link, &id, None).unwrap().verdict,
        Verdict::Stored
    );
    let stored = at_relay.join().unwrap();
    assert!(stored == stream && len == stream.len() as u64);

    let (mut listener, url) = loopback();
    let forward = thread::spawn(move || {
        let mut link = dial(&url);
        let survey = send_sealed(&mut link, stored.as_slice(), Limits::DEFAULT)?;
        await_receipt(&mut link, &survey.header.transfer_id(), None)
    });
    let (_, kept) = receive(listener.as_mut(), &receiver()).unwrap();
    assert_eq!(kept.images, named(&images(3)));
    assert_eq!(forward.join().unwrap().unwrap().verdict, Verdict::Accepted);
}

#[test]
fn a_relay_takes_whole_streams_within_its_limits() {
    let stream = sealed(1);
    let limit = Limits::DEFAULT.stream_bytes(50_000);
    let limited = Receiver::new(&OpenOptions::new().limits(limit));
    let cases: [(&[u8], &Receiver, FormatErrorKind); 4] = [
        (
            &stream[..stream.len() - 1],
            &receiver(),
            FormatErrorKind::Truncated,
        ),
        (&stream[..20], &receiver(), FormatErrorKind::Truncated),
        (&[7; 500], &receiver(), FormatErrorKind::NotSecimg),
        (&stream, &limited, FormatErrorKind::CallerLimit(50_000)),
    ];
    for (bytes, receiver, expected) in cases {
        let (mut listener, url) = loopback();
        let mut link = dial(&url);
        link.write_all(bytes).unwrap();
        link.finish_sending().unwrap();
        let mut accepted = listener.accept().unwrap().link;
        let error = receiver
            .store(accepted.as_mut(), |_| Ok(Vec::new()))
            .unwrap_err();
        assert_eq!(format_error(error), expected);
    }
}

/// A disk that is full after so many bytes.
#[derive(Debug)]
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let take = bytes.len().min(self.0);
        self.0 -= take;
        if take == 0 {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(take)
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ItemSink for Full {
    fn item(&mut self, _: &Authentic<Manifest>) -> io::Result<()> {
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }
}

#[test]
fn a_full_disk_is_a_refusal_and_says_so_here() {
    let (mut listener, url) = loopback();
    let sender = thread::spawn(move || {
        let answer = send(&mut dial(&url), &sealing(), &images(1));
        assert!(matches!(answer, Err(TransportError::Refused)), "{answer:?}");
        dial(&url).write_all(&sealed(1)).unwrap();
    });
    let mut link = listener.accept().unwrap().link;
    let error = receiver()
        .receive(link.as_mut(), &mut Full(30_000))
        .unwrap_err();
    assert!(
        matches!(error, TransportError::Read(ReadError::Sink(_))),
        "{error:?}"
    );
    Receiver::turn_away(link.as_mut());
    let mut link = listener.accept().unwrap().link;
    let error = receiver()
        .store(link.as_mut(), |_| Ok(Full(30_000)))
        .unwrap_err();
    assert!(
        matches!(error, TransportError::Read(ReadError::Sink(_))),
        "{error:?}"
    );
    sender.join().unwrap();
}

#[test]
fn sending_what_is_sealed_tells_a_bad_file_from_a_bad_connection() {
    let stream = sealed(1);
    let send = |bytes: &[u8], to: &mut dyn Write| {
        let mut to = to;
        send_sealed(&mut to, bytes, Limits::DEFAULT).unwrap_err()
    };
    let mut out = Vec::new();
    let cut = send(&stream[..stream.len() - 1], &mut out);
    assert_eq!(format_error(cut), FormatErrorKind::Truncated);
    let longer = [stream.as_slice(), b"x"].concat();
    assert_eq!(
        format_error(send(&longer, &mut out)),
        FormatErrorKind::TrailingBytes
    );
    let error = send(&stream, &mut Full(20_000));
    assert!(
        matches!(error, TransportError::Connection(_, _)),
        "{error:?}"
    );
}

#[test]
fn addresses_are_checked() {
    let bad = [
        "",
        "127.0.0.1:1",
        "ftp://127.0.0.1:1",
        "tcp://",
        "tcp://host",
        "tcp://:1",
        "tcp://h:99999",
    ];
    for url in bad {
        let error = connect(url, SHORT).err().unwrap();
        assert!(
            matches!(error, TransportError::Address(_)),
            "{url}: {error:?}"
        );
        assert!(listen(url).is_err(), "{url}");
    }
    for url in ["tcp://127.0.0.1:0", "TCP://127.0.0.1:0/"] {
        assert_eq!(find_scheme(url).unwrap().0.scheme(), "tcp");
        assert!(!listen(url).unwrap().url().ends_with(":0"));
    }
    let (listener, url) = loopback();
    drop(listener);
    let error = connect(&url, SHORT).err().unwrap();
    assert!(
        matches!(error, TransportError::Connection(_, _)),
        "{error:?}"
    );
}
