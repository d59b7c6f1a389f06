//! Pulling by `peek` and `consume` gives what pulling by `update` gives, in both directions, and keeps memory
//! bounded.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

use core::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

use secimg::content::{Manifest, SignatureAlgorithm};
use secimg::crypto::{Random, SUITES};
use secimg::keys::{KeyError, Signer};
use secimg::stream::{HeaderReader, OpenEvent, SealEvent, Sealer};
use secimg::{Image, OpenOptions, SealError, SealOptions, encrypt_series};
use support::{Counter, Trace, drive, ed25519, pattern, rsa, small, small_identity};

/// Lengths of the items, and whether each is declared.
const ITEMS: [(usize, bool); 6] = [
    (9_000, true),
    (0, true),
    (0, false),
    (1, true),
    ((1 << 20) + 5_000, false),
    ((2 << 20) + 77, true),
];

/// Gives input to a sealer and takes up to `room` bytes out; returns what was taken and why it stopped.
type Pull = fn(&mut Sealer, input: &[u8], room: usize, stream: &mut Vec<u8>) -> (usize, SealEvent);

fn by_update(
    sealer: &mut Sealer,
    input: &[u8],
    room: usize,
    stream: &mut Vec<u8>,
) -> (usize, SealEvent) {
    let mut output = vec![0; room];
    let step = sealer.update(input, &mut output).unwrap();
    stream.extend_from_slice(&output[..step.produced]);
    (step.consumed, step.event)
}

fn by_peek(
    sealer: &mut Sealer,
    input: &[u8],
    room: usize,
    stream: &mut Vec<u8>,
) -> (usize, SealEvent) {
    let step = sealer.update(input, &mut []).unwrap();
    assert_eq!(step.produced, 0);
    assert_eq!(
        sealer.peek().is_empty(),
        step.event != SealEvent::OutputFull
    );
    let len = sealer.peek().len().min(room);
    stream.extend_from_slice(&sealer.peek()[..len]);
    sealer.consume(len);
    (step.consumed, step.event)
}

fn pump(sealer: &mut Sealer, mut input: &[u8], (pull, room): (Pull, usize), stream: &mut Vec<u8>) {
    loop {
        let (consumed, event) = pull(sealer, input, room, stream);
        input = &input[consumed..];
        if event != SealEvent::OutputFull && input.is_empty() {
            return;
        }
    }
}

/// Seals [`ITEMS`] with a flush and a checkpoint among them; what these make is pulled later.
fn seal(options: &SealOptions, pull: (Pull, usize)) -> Vec<u8> {
    let mut counter = Counter(0);
    let mut rng = Random::new(&mut counter);
    let mut sealer = Sealer::with_rng(options, &mut rng).unwrap();
    let mut stream = Vec::new();
    for (i, (len, declared)) in ITEMS.into_iter().enumerate() {
        let manifest = Manifest::new("opaque", "application/octet-stream");
        let length = declared.then_some(len as u64);
        sealer.start_item(&manifest, length).unwrap();
        pump(&mut sealer, &pattern(len), pull, &mut stream);
        sealer.end_item().unwrap();
        match i {
            0 | 3 => sealer.flush().unwrap(),
            1 | 4 => sealer.checkpoint_with_rng(&mut rng).unwrap(),
            _ => {}
        }
    }
    sealer.finish_with_rng(&mut rng).unwrap();
    pump(&mut sealer, &[], pull, &mut stream);
    stream
}

#[test]
fn a_stream_pulled_by_peek_is_the_one_pulled_by_update() {
    let mut streams = 0;
    for suite in SUITES {
        for signer in [None, Some(ed25519()), Some(rsa())] {
            for padded in [false, true] {
                let mut options = small().suite(suite);
                if let Some(key) = signer {
                    options = options.signer(key.signer().unwrap());
                }
                if padded {
                    options = options.padded();
                }
                let expected = seal(&options, (by_update, 1 << 16));
                for room in [313, 4096, usize::MAX] {
                    assert!(seal(&options, (by_peek, room)) == expected, "{room}");
                    streams += 1;
                }
                let opened = secimg::decrypt(&expected, &small_identity()).unwrap();
                let lens = opened.images.iter().map(|image| image.bytes.len());
                assert!(lens.eq(ITEMS.map(|(len, _)| len)));
            }
        }
    }
    say!("{streams} streams pulled by peek, each as by update");
}

#[test]
fn no_input_is_taken_while_sealed_bytes_wait() {
    for declared in [true, false] {
        let image = pattern(8 << 20);
        let mut sealer = Sealer::new(&small()).unwrap();
        let header = sealer.peek().len();
        assert_eq!(header, 85 + 4096);
        sealer.consume(header);
        let manifest = Manifest::new("opaque", "application/octet-stream");
        let length = declared.then_some(image.len() as u64);
        sealer.start_item(&manifest, length).unwrap();
        let step = sealer.update(&image, &mut []).unwrap();
        assert_eq!(step.event, SealEvent::OutputFull);
        // A record of 1 MiB where the length is not known, or a batch of chunks.
        assert!(step.consumed <= 1 << 20, "{}", step.consumed);
        let waiting = (sealer.peek().as_ptr(), sealer.peek().len());
        for _ in 0..1_000 {
            let again = sealer.update(&image[step.consumed..], &mut []).unwrap();
            assert_eq!((again.consumed, again.event), (0, SealEvent::OutputFull));
            assert_eq!((sealer.peek().as_ptr(), sealer.peek().len()), waiting);
        }
    }
}

#[test]
fn more_than_was_lent_counts_as_all_of_it() {
    let pull: Pull = |sealer, input, _, stream| {
        let step = sealer.update(input, &mut []).unwrap();
        stream.extend_from_slice(sealer.peek());
        sealer.consume(usize::MAX);
        (step.consumed, step.event)
    };
    let expected = seal(&small(), (by_update, 1 << 16));
    assert!(seal(&small(), (pull, 0)) == expected);

    let whole = drive(&expected, &small_identity(), &[usize::MAX], &[1 << 20]);
    let lent = drive_by_peek(&expected, &small_identity(), 5_000, usize::MAX);
    assert_same(&lent, &whole);
}

/// As [`drive`], but that nothing is copied out.
fn drive_by_peek(sealed: &[u8], options: &OpenOptions, piece: usize, most: usize) -> Trace {
    let mut trace = Trace {
        events: Vec::new(),
        released: Vec::new(),
        end: Err(secimg::OpenError::Refused),
    };
    let (mut at, locked) = HeaderReader::new().push(sealed).unwrap();
    let unlocked = locked.unwrap().unlock(options).unwrap();
    let mut opener = unlocked.into_opener(options).unwrap();
    loop {
        let len = piece.min(sealed.len() - at);
        let step = match opener.update(&sealed[at..at + len], &mut []) {
            Ok(step) => step,
            Err(error) => {
                assert!(opener.peek().is_empty());
                trace.end = Err(error);
                return trace;
            }
        };
        at += step.consumed;
        assert_eq!(step.produced, 0);
        assert_eq!(opener.peek().is_empty(), step.event != OpenEvent::Data);
        match step.event {
            OpenEvent::NeedInput if at == sealed.len() => break,
            OpenEvent::NeedInput => {}
            OpenEvent::Data => {
                let len = opener.peek().len().min(most);
                trace.released.extend_from_slice(&opener.peek()[..len]);
                opener.consume(most);
            }
            OpenEvent::Finished => {
                trace.events.push(format!("finished at {at}"));
                break;
            }
            event => {
                let after = trace.released.len();
                trace.events.push(format!("{after} {event:?}"));
            }
        }
    }
    trace.end = opener.finish();
    trace
}

fn assert_same(one: &Trace, other: &Trace) {
    assert_eq!(one.events, other.events);
    assert!(one.released == other.released);
    assert_eq!(one.end, other.end);
}

fn short_series(options: &SealOptions) -> Vec<u8> {
    let images = [0, 1, 5_000, 10_000].map(|len| Image::new(pattern(len)));
    encrypt_series(&images, options).unwrap()
}

#[test]
fn an_image_pulled_by_peek_is_the_one_pulled_by_update() {
    for suite in SUITES {
        let options = small().suite(suite).signer(ed25519().signer().unwrap());
        let sealed = short_series(&options);
        let whole = drive(&sealed, &small_identity(), &[usize::MAX], &[1 << 20]);
        assert!(whole.end.is_ok());
        assert_eq!(whole.released.len(), 15_001);
        for (piece, most) in [(1, 1), (4096, 7), (usize::MAX, 4095), (3, usize::MAX)] {
            let lent = drive_by_peek(&sealed, &small_identity(), piece, most);
            assert_same(&lent, &whole);
        }
    }
}

#[test]
fn an_error_behind_waiting_bytes_does_not_swallow_them() {
    let mut released = std::collections::BTreeSet::new();
    for suite in SUITES {
        let sealed = short_series(&small().suite(suite));
        let mut refused = |broken: &[u8]| {
            let expected = drive(broken, &small_identity(), &[usize::MAX], &[1 << 20]);
            assert!(expected.end.is_err());
            for (piece, most) in [(usize::MAX, usize::MAX), (1_000, 999)] {
                let lent = drive_by_peek(broken, &small_identity(), piece, most);
                assert_same(&lent, &expected);
            }
            released.insert(expected.released.len());
        };
        for at in (85 + 4100..sealed.len()).step_by(97) {
            let mut broken = sealed.clone();
            broken[at] ^= 1;
            refused(&broken);
            refused(&sealed[..at]);
        }
    }
    // Nothing, and what one, two, three whole chunks hold of the images.
    assert_eq!(released.len(), 4, "{released:?}");
}

/// A device that is taken away when it is to sign for the `n`th time.
#[derive(Debug)]
struct Away {
    key: Arc<dyn Signer>,
    left: AtomicU32,
}

impl Signer for Away {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }

    fn spki(&self) -> &[u8] {
        self.key.spki()
    }

    fn signature_len(&self) -> usize {
        self.key.signature_len()
    }

    fn sign(&self, message: &[u8], rng: &mut Random<'_>) -> Result<Vec<u8>, KeyError> {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            return Err(KeyError::Provider("the device is away".to_owned()));
        }
        self.key.sign(message, rng)
    }
}

/// What the end takes out of the sealer is gone when it fails: trying again would seal a stream with a hole.
#[test]
fn a_stream_that_could_not_be_signed_is_lost() {
    type Ending = fn(&mut Sealer) -> Result<(), SealError>;
    let endings: [Ending; 2] = [Sealer::finish, Sealer::checkpoint];
    for ending in endings {
        let signer = Away {
            key: ed25519().signer().unwrap(),
            left: 1.into(),
        };
        let mut sealer = Sealer::new(&small().signer(Arc::new(signer))).unwrap();
        let manifest = Manifest::new("opaque", "application/octet-stream");
        sealer.start_item(&manifest, Some(9)).unwrap();
        assert!(matches!(ending(&mut sealer), Err(SealError::Content(_))));
        pump(&mut sealer, b"123456789", (by_peek, 100), &mut Vec::new());
        sealer.end_item().unwrap();
        assert!(matches!(ending(&mut sealer), Err(SealError::Key(_))));
        assert!(sealer.peek().is_empty());
        sealer.consume(1);
        assert_eq!(ending(&mut sealer), Err(SealError::Poisoned));
        let update = sealer.update(&[], &mut [0; 100]);
        assert_eq!(update.unwrap_err(), SealError::Poisoned);
    }
}
