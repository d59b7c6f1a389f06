//! Signing times: a required signer's signature is worth something for a while, and then no more.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod support;

use core::time::Duration;
use std::io::Cursor;
use std::time::{SystemTime, UNIX_EPOCH};

use secimg::io::{OpenReader, ReadError, SealWriter, open_stream};
use secimg::stream::{ImageDescription, Sealer};
use secimg::transport::{Receiver, TransportError};
use secimg::{OpenError, OpenOptions, SealOptions, Verified, decrypt, verify};
use support::{drive, ed25519, pattern, rsa, small, small_identity, trust};

const THEN: u64 = 1_800_000_000;
const PAST: Duration = Duration::from_mins(10);
const AHEAD: Duration = Duration::from_secs(30);

fn sealed(options: &SealOptions) -> Vec<u8> {
    let mut writer = SealWriter::new(Vec::new(), options).unwrap();
    for len in [9000, 100] {
        let image = pattern(len);
        writer
            .add_image(image.as_slice(), &ImageDescription::new(), None)
            .unwrap();
        writer.checkpoint().unwrap();
    }
    writer.finish().unwrap()
}

fn signed(time: u64) -> Vec<u8> {
    let options = small().signer(ed25519().signer().unwrap());
    sealed(&options.signing_time(time))
}

fn trusting() -> OpenOptions {
    small_identity().require_signer(trust(ed25519())).spooled()
}

fn read_error(error: ReadError) -> OpenError {
    match error {
        ReadError::Open(error) => error,
        other => panic!("{other}"),
    }
}

/// Every way in which the library opens a stream must say the same.
#[track_caller]
fn everywhere(stream: &[u8], options: &OpenOptions) -> Result<(), OpenError> {
    let mut ends: Vec<Result<(), OpenError>> = vec![
        verify(stream, options).map(drop),
        decrypt(stream, options).map(drop),
        open_stream(stream, options, &mut ())
            .map(drop)
            .map_err(read_error),
        OpenReader::open(Cursor::new(stream), options)
            .map(drop)
            .map_err(read_error),
        match Receiver::new(options).receive_from(stream, &mut ()) {
            Ok(_) => Ok(()),
            Err(TransportError::Read(error)) => Err(read_error(error)),
            Err(other) => panic!("{other}"),
        },
    ];
    if !options.needs_now() {
        ends.push(drive(stream, options, &[777], &[5000]).end.map(drop));
    }
    let first = ends.swap_remove(0);
    assert!(ends.iter().all(|end| *end == first), "{first:?} {ends:?}");
    first
}

#[test]
fn both_edges_of_the_window_are_accepted() {
    let stream = signed(THEN);
    let window = trusting().signed_within(PAST, AHEAD);
    for (now, fresh) in [
        (0, false),
        (THEN - 31, false),
        (THEN - 30, true),
        (THEN, true),
        (THEN + 600, true),
        (THEN + 601, false),
        (u64::MAX, false),
    ] {
        let end = everywhere(&stream, &window.clone().now(now));
        let expected = if fresh {
            Ok(())
        } else {
            Err(OpenError::StaleSignature { time: THEN })
        };
        assert_eq!(end, expected, "at {now}");
    }
}

#[test]
fn a_time_that_was_not_said_is_never_recent() {
    let options = small().signer(ed25519().signer().unwrap()).signing_time(0);
    // The adapters would say a time; the machine has none.
    let mut sealer = Sealer::new(&options).unwrap();
    sealer.finish().unwrap();
    let mut stream = vec![0; 10_000];
    let step = sealer.update(&[], &mut stream).unwrap();
    stream.truncate(step.produced);
    let window = trusting().signed_within(Duration::MAX, Duration::MAX);
    assert_eq!(
        everywhere(&stream, &window.now(THEN)),
        Err(OpenError::StaleSignature { time: 0 })
    );
    assert_eq!(everywhere(&stream, &trusting()), Ok(()));
}

#[test]
fn a_person_reads_what_time_was_signed() {
    let words = |time| OpenError::StaleSignature { time }.to_string();
    assert!(words(0).ends_with(": the signer did not say when"));
    assert!(words(7).ends_with(": 7 s after 1970-01-01T00:00:00Z"));
}

#[test]
fn a_checkpoint_is_judged_before_anything_rests_on_it() {
    let stream = signed(THEN);
    let window = trusting().signed_within(PAST, AHEAD).now(THEN + 601);
    // Whoever waits for the end of this one learns that it was cut; the first checkpoint lies before that.
    let cut = &stream[..stream.len() - 1];
    let trace = drive(cut, &window, &[usize::MAX], &[20_000]);
    assert_eq!(trace.end, Err(OpenError::StaleSignature { time: THEN }));
    assert!(
        trace
            .events
            .iter()
            .all(|event| !event.contains("Checkpoint"))
    );
}

#[test]
fn the_window_is_about_whichever_trusted_signer_signed() {
    let mut both = trust(ed25519());
    both.add(rsa().public());
    for signer in [ed25519(), rsa()] {
        let options = small().signer(signer.signer().unwrap());
        let stream = sealed(&options.signing_time(THEN));
        let window = small_identity()
            .require_signer(both.clone())
            .spooled()
            .signed_within(PAST, AHEAD);
        assert_eq!(everywhere(&stream, &window.clone().now(THEN)), Ok(()));
        assert_eq!(
            everywhere(&stream, &window.now(THEN + 9999)),
            Err(OpenError::StaleSignature { time: THEN })
        );
    }
    // A stranger's recent signature is a stranger's.
    let stream = sealed(&small().signer(rsa().signer().unwrap()).signing_time(THEN));
    let window = trusting().signed_within(PAST, AHEAD);
    assert!(matches!(
        everywhere(&stream, &window.now(THEN)),
        Err(OpenError::UntrustedSigner { .. })
    ));
}

#[test]
fn nobody_signed_or_nobody_is_required() {
    let unsigned = sealed(&small());
    let window = trusting().signed_within(PAST, AHEAD).now(THEN);
    assert_eq!(everywhere(&unsigned, &window), Err(OpenError::NotSigned));
    let anybody = small_identity().signed_within(PAST, AHEAD).now(THEN);
    for stream in [unsigned, signed(THEN)] {
        assert_eq!(
            everywhere(&stream, &anybody),
            Err(OpenError::WindowNeeds("a required signer"))
        );
    }
}

#[test]
fn without_a_word_the_systems_clock_says_what_time_it_is() {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let (now, hour) = (since.as_secs(), Duration::from_hours(1));
    let window = trusting().signed_within(hour, hour);
    assert_eq!(everywhere(&signed(now), &window), Ok(()));
    for time in [now - 7200, now + 7200] {
        assert_eq!(
            everywhere(&signed(time), &window),
            Err(OpenError::StaleSignature { time })
        );
    }
    // The machines have no clock, and do not guess.
    let end: Result<Verified, _> = drive(&signed(now), &window, &[500], &[500]).end;
    assert_eq!(end, Err(OpenError::WindowNeeds("the present time")));
}
