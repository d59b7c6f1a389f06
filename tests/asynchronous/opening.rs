//! Opening in order.

use core::fmt::Debug;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use std::io;
use std::sync::{Arc, Mutex};

use secimg::content::Manifest;
use secimg::crypto::SUITES;
use secimg::io::asynchronous::{AsyncItemSink, AsyncOpener, open_stream};
use secimg::io::{ItemSink, SealWriter};
use secimg::stream::{ItemReport, OpenEvent, SignatureReport};
use secimg::{Authentic, ImageDescription, OpenOptions, SealOptions, Verified};

use crate::LENS;
use crate::pieces::{Dice, Pieces, again, cut};
use crate::support::{ed25519, passphrase, pattern, raw, rsa, small, small_identity, trust, words};

/// Writes down everything that it is given; the bytes of neighbouring pieces are one.
#[derive(Debug, Clone, Default, PartialEq)]
struct Notes(Vec<String>, Vec<u8>);

impl Notes {
    fn event(&mut self, event: &dyn Debug) {
        self.0.push(format!("{} bytes, {event:?}", self.1.len()));
    }
}

impl ItemSink for Notes {
    fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()> {
        self.event(&manifest);
        Ok(())
    }
    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.1.extend_from_slice(bytes);
        Ok(())
    }
    fn item_end(&mut self, item: &Authentic<ItemReport>) -> io::Result<()> {
        self.event(&item);
        Ok(())
    }
    fn checkpoint(&mut self, signature: Option<&SignatureReport>) -> io::Result<()> {
        self.event(&signature);
        Ok(())
    }
}

/// The same notes, where whoever drops the future can still read them, after a wait each time.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Notes>>);

impl AsyncItemSink for Shared {
    async fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()> {
        tokio::task::yield_now().await;
        self.0.lock().unwrap().item(manifest)
    }
    async fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        tokio::task::yield_now().await;
        self.0.lock().unwrap().data(bytes)
    }
    async fn item_end(&mut self, item: &Authentic<ItemReport>) -> io::Result<()> {
        self.0.lock().unwrap().item_end(item)
    }
    async fn checkpoint(&mut self, signature: Option<&SignatureReport>) -> io::Result<()> {
        self.0.lock().unwrap().checkpoint(signature)
    }
}

fn sealed(options: &SealOptions) -> Vec<u8> {
    let mut writer = SealWriter::new(Vec::new(), options).unwrap();
    for (i, len) in LENS.iter().enumerate() {
        let name = ImageDescription::new().named(&format!("{i}.bin"));
        let image = pattern(*len);
        writer.add_image(image.as_slice(), &name, None).unwrap();
        writer.checkpoint().unwrap();
    }
    writer.finish().unwrap()
}

type Opened = (Result<Verified, String>, Notes);

fn blocking(stream: &[u8], options: &OpenOptions) -> Opened {
    let mut notes = Notes::default();
    let opened = secimg::io::open_stream(stream, options, &mut notes);
    (opened.map_err(|error| format!("{error:?}")), notes)
}

async fn in_pieces(stream: &[u8], options: &OpenOptions, seed: u64, most: usize) -> Opened {
    let sink = Shared::default();
    let pieces = Pieces::of(stream, seed, most);
    let opened = open_stream(pieces, options, &mut sink.clone()).await;
    let notes = sink.0.lock().unwrap().clone();
    (opened.map_err(|error| format!("{error:?}")), notes)
}

#[tokio::test]
async fn the_same_events_in_any_pieces() {
    for suite in SUITES {
        let stream = sealed(&small().suite(suite).signer(ed25519().signer().unwrap()));
        let trusting = small_identity().require_signer(trust(ed25519()));
        for options in [small_identity(), trusting.spooled()] {
            let expected = blocking(&stream, &options);
            assert!(expected.0.is_ok(), "{:?}", expected.0);
            for (seed, most) in [(1, 1), (2, 50), (3, 5000), (4, 1 << 20)] {
                assert!(in_pieces(&stream, &options, seed, most).await == expected);
            }
        }
    }
}

#[tokio::test]
async fn damage_gives_the_same_error_after_the_same_bytes() {
    let stream = sealed(&small().signer(ed25519().signer().unwrap()));
    let (mut cases, mut dice) = (0, Dice(77));
    for _ in 0..300 {
        let mut damaged = stream.clone();
        let at = dice.below(damaged.len());
        match dice.below(3) {
            0 => damaged.truncate(at),
            1 => damaged[at] ^= 1 << dice.below(8),
            _ => damaged.extend_from_slice(&pattern(1 + at % 5)),
        }
        let expected = blocking(&damaged, &small_identity());
        assert!(expected.0.is_err());
        let most = 1 + dice.below(9000);
        let found = in_pieces(&damaged, &small_identity(), cases, most).await;
        assert!(found == expected, "{:?} {:?}", found.0, expected.0);
        cases += 1;
    }
    say!("{cases} damaged streams: the same error behind the same bytes");
}

#[tokio::test]
async fn refusals_are_the_same() {
    let options = small().recipient(rsa().public().recipient().unwrap());
    let plain = sealed(&small());
    let signed = sealed(&small().signer(ed25519().signer().unwrap()));
    let locked = sealed(&SealOptions::new().recipient(passphrase("one")));
    drop(options);
    let trusting = small_identity().require_signer(trust(ed25519()));
    let cases = [
        ("another key", &plain, OpenOptions::new().identity(raw(2))),
        ("another context", &plain, small_identity().context(b"x")),
        ("nobody signed", &plain, trusting.clone().spooled()),
        ("no promise to hold back", &signed, trusting),
        (
            "another signer",
            &signed,
            small_identity().require_signer(trust(rsa())).spooled(),
        ),
        (
            "another passphrase",
            &locked,
            OpenOptions::new().identity(words("two")),
        ),
    ];
    for (what, stream, options) in cases {
        let expected = blocking(stream, &options);
        assert!(expected.0.is_err(), "{what}");
        assert!(
            in_pieces(stream, &options, 9, 5000).await == expected,
            "{what}"
        );
    }
}

#[tokio::test]
async fn events_survive_dropped_calls() {
    let stream = sealed(&small());
    let expected = blocking(&stream, &small_identity());
    for seed in 1..30 {
        let mut dice = Dice(seed);
        let pieces = Pieces::of(stream.as_slice(), seed, 4000);
        let mut opener = AsyncOpener::open(pieces, &small_identity()).await.unwrap();
        let mut notes = Notes::default();
        while let Some(event) = again!(dice, opener.next()).unwrap() {
            match event {
                OpenEvent::Data => {
                    let waiting = opener.peek();
                    let len = 1 + dice.below(waiting.len());
                    notes.data(&waiting[..len]).unwrap();
                    opener.consume(len);
                }
                OpenEvent::Item(manifest) => notes.item(&manifest).unwrap(),
                OpenEvent::ItemEnd(item) => notes.item_end(&item).unwrap(),
                OpenEvent::Checkpoint(found) => notes.checkpoint(found.as_ref()).unwrap(),
                event => panic!("{event:?}"),
            }
        }
        let (verified, _) = opener.finish().unwrap();
        assert!((Ok(verified), notes) == expected, "seed {seed}");
    }
}

#[tokio::test]
async fn a_future_that_is_dropped_has_verified_nothing() {
    let stream = sealed(&small());
    let expected = blocking(&stream, &small_identity());
    for waits in 0.. {
        let sink = Shared::default();
        let pieces = Pieces::of(stream.as_slice(), 3, 3000);
        let options = small_identity();
        let mut given = sink.clone();
        let opened = cut(waits, open_stream(pieces, &options, &mut given)).await;
        let notes = sink.0.lock().unwrap().clone();
        // What was handed out is the beginning of what a whole reading hands out, and nothing else.
        assert!(expected.1.1.starts_with(&notes.1));
        assert!(expected.1.0.starts_with(&notes.0));
        if let Some(verified) = opened {
            assert!(waits > 50, "only {waits} points");
            say!("dropped at each of {waits} points: nothing verified");
            return assert!((Ok(verified.unwrap()), notes) == expected);
        }
    }
}

/// An input that never waits: the opener has to.
#[tokio::test]
async fn others_have_their_turn() {
    let options = SealOptions::new().recipient(raw(1));
    let mut writer = SealWriter::new(Vec::new(), &options).unwrap();
    let image = pattern(20 << 20);
    writer
        .add_image(image.as_slice(), &ImageDescription::new(), None)
        .unwrap();
    let stream = writer.finish().unwrap();
    let (options, mut sink) = (small_identity(), ());
    let mut turns = 0;
    let mut open = pin!(open_stream(stream.as_slice(), &options, &mut sink));
    poll_fn(|cx| match open.as_mut().poll(cx) {
        Poll::Pending => {
            turns += 1;
            Poll::Pending
        }
        Poll::Ready(opened) => Poll::Ready(opened.map(drop)),
    })
    .await
    .unwrap();
    assert!(turns >= 19, "{turns} turns in 20 MiB");
}
