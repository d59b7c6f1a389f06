//! Sealing.

use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};

use secimg::content::SignatureAlgorithm;
use secimg::crypto::{Random, SUITES};
use secimg::io::asynchronous::AsyncSealWriter;
use secimg::io::{SealWriter, WriteError};
use secimg::keys::{KeyError, Signer};
use secimg::stream::{ImageDescription, SealError, Sealer, describe};
use secimg::{OpenOptions, SealOptions, decrypt};
use tokio::io::AsyncWriteExt;

use crate::LENS;
use crate::pieces::{Dice, Pieces, again, cut};
use crate::support::{
    Counter, ed25519, other_rsa, pattern, raw, rsa, small, small_identity, trust,
};

fn named(i: usize) -> ImageDescription {
    ImageDescription::new().named(&format!("{i}.bin"))
}

fn length(i: usize) -> Option<u64> {
    // Every other image's is not known.
    i.is_multiple_of(2).then_some(LENS[i] as u64)
}

/// What the blocking writer makes of the images, with a checkpoint behind each.
fn blocking(options: &SealOptions) -> Vec<u8> {
    let mut rng = Counter(0);
    let mut writer = SealWriter::with_rng(Vec::new(), options, &mut Random::new(&mut rng)).unwrap();
    for (i, len) in LENS.iter().enumerate() {
        let image = pattern(*len);
        writer
            .add_image(image.as_slice(), &named(i), length(i))
            .unwrap();
        writer.checkpoint().unwrap();
    }
    writer.finish().unwrap()
}

fn sealer(options: &SealOptions) -> Sealer {
    Sealer::with_rng(options, &mut Random::new(&mut Counter(0))).unwrap()
}

#[tokio::test]
async fn the_same_bytes_in_any_pieces() {
    for (seed, suite) in (0..60).zip(SUITES.iter().cycle()) {
        let options = small().suite(suite).signer(ed25519().signer().unwrap());
        let most = [1, 7, 5000, 1 << 20][usize::try_from(seed % 4).unwrap()];
        let output = Pieces::of(Vec::new(), seed, most);
        let mut writer = AsyncSealWriter::from_sealer(output, sealer(&options));
        for (i, len) in LENS.iter().enumerate() {
            let image = pattern(*len);
            let pieces = Pieces::of(image.as_slice(), seed, 3000);
            let total = writer.add_image(pieces, &named(i), length(i)).await;
            assert_eq!(total.unwrap(), *len as u64);
            writer.checkpoint().await.unwrap();
        }
        let sealed = writer.finish().await.unwrap().inner;
        assert_eq!(sealed, blocking(&options), "seed {seed}");
    }
}

#[tokio::test]
async fn calls_that_are_dropped_change_no_byte() {
    for seed in 1..40 {
        let options = small().signer(ed25519().signer().unwrap());
        let mut dice = Dice(seed);
        let output = Pieces::of(Vec::new(), seed, 900);
        let mut writer = AsyncSealWriter::from_sealer(output, sealer(&options));
        for i in [0, 2] {
            let image = pattern(LENS[i]);
            let manifest = describe(&image, &named(i));
            again!(dice, writer.start_item(&manifest, length(i))).unwrap();
            let mut rest = image.as_slice();
            while !rest.is_empty() {
                let len = rest.len().min(1 + dice.below(2000));
                let taken = again!(dice, writer.write(&rest[..len])).unwrap();
                assert!(taken > 0);
                rest = &rest[taken..];
            }
            again!(dice, writer.flush()).unwrap();
            again!(dice, writer.end_item()).unwrap();
        }
        let sealed = writer.finish().await.unwrap().inner;

        let mut rng = Counter(0);
        let mut writer =
            SealWriter::with_rng(Vec::new(), &options, &mut Random::new(&mut rng)).unwrap();
        for i in [0, 2] {
            let image = pattern(LENS[i]);
            writer
                .add_image(image.as_slice(), &named(i), length(i))
                .unwrap();
        }
        assert_eq!(sealed, writer.finish().unwrap(), "seed {seed}");
    }
}

#[tokio::test]
async fn a_checkpoint_that_is_dropped_is_made_all_the_same() {
    let options = small().signer(rsa().signer().unwrap());
    for waits in 0..12 {
        let output = Pieces::of(Vec::new(), waits, 300);
        let mut writer = AsyncSealWriter::new(output, &options).await.unwrap();
        let image = pattern(9000);
        let name = named(0);
        let add = writer.add_image(image.as_slice(), &name, None);
        add.await.unwrap();
        drop(cut(usize::try_from(waits).unwrap(), writer.checkpoint()).await);
        writer.checkpoint().await.unwrap();
        let sealed = writer.finish().await.unwrap().inner;
        let open = small_identity().require_signer(trust(rsa()));
        assert_eq!(decrypt(&sealed, &open).unwrap().images[0].bytes, image);
    }
}

#[tokio::test]
async fn a_stream_that_is_dropped_has_no_end() {
    let options = small().signer(ed25519().signer().unwrap());
    let image = pattern(50_000);
    for waits in 0.. {
        let mut sealed = Pieces::of(Vec::new(), 5, 3000);
        let work = async {
            let mut writer = AsyncSealWriter::from_sealer(&mut sealed, sealer(&options));
            let name = named(0);
            let add = writer.add_image(image.as_slice(), &name, None);
            add.await.unwrap();
            writer.finish().await.unwrap();
        };
        let whole = cut(waits, work).await.is_some();
        let opened = decrypt(&sealed.inner, &small_identity());
        if whole {
            assert!(waits > 10, "only {waits} points");
            say!("dropped at each of {waits} points: no whole stream");
            return assert_eq!(opened.unwrap().images[0].bytes, image);
        }
        assert!(opened.is_err(), "dropped after {waits} waits");
    }
}

#[tokio::test]
async fn errors_are_those_of_the_blocking_writer() {
    let options = small();
    let nobody = SealOptions::new();
    let ours = AsyncSealWriter::new(Vec::new(), &nobody).await.unwrap_err();
    let theirs = SealWriter::new(Vec::new(), &nobody).unwrap_err();
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));

    let mut ours = AsyncSealWriter::new(Vec::new(), &options).await.unwrap();
    let mut theirs = SealWriter::new(Vec::new(), &options).unwrap();
    let outside = [
        ours.write(b"no item").await.unwrap_err(),
        std::io::Write::write(&mut theirs, b"no item").unwrap_err(),
    ];
    assert_eq!(outside[0].to_string(), outside[1].to_string());
    // Both are lost now.
    let after = (
        ours.finish().await.unwrap_err(),
        theirs.finish().unwrap_err(),
    );
    assert_eq!(after.0.to_string(), after.1.to_string());

    for declared in [4, 6] {
        let mut ours = AsyncSealWriter::new(Vec::new(), &options).await.unwrap();
        let mut theirs = SealWriter::new(Vec::new(), &options).unwrap();
        let image = &b"pixel"[..];
        let (ours, theirs) = (
            ours.add_image(image, &named(0), Some(declared)).await,
            theirs.add_image(image, &named(0), Some(declared)),
        );
        let pair = (ours.unwrap_err(), theirs.unwrap_err());
        assert_eq!(format!("{:?}", pair.0), format!("{:?}", pair.1));
    }
}

#[tokio::test]
async fn shutting_down_is_no_end() {
    let mut writer = AsyncSealWriter::new(Vec::new(), &small()).await.unwrap();
    let error = writer.shutdown().await.unwrap_err();
    assert!(error.to_string().contains("finish"), "{error}");
    let sealed = writer.finish().await.unwrap();
    assert!(
        decrypt(&sealed, &small_identity())
            .unwrap()
            .images
            .is_empty()
    );
}

/// A signer that fails, as a device that was unplugged does.
#[derive(Debug)]
struct Unplugged;

impl Signer for Unplugged {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Ed25519
    }

    fn spki(&self) -> &[u8] {
        ed25519().public().spki()
    }

    fn signature_len(&self) -> usize {
        64
    }

    fn sign(&self, _: &[u8], _: &mut Random<'_>) -> Result<Vec<u8>, KeyError> {
        Err(KeyError::Provider("unplugged".to_owned()))
    }
}

#[tokio::test]
async fn a_signer_that_fails_loses_the_stream() {
    let options = small().signer(Arc::new(Unplugged));
    let mut writer = AsyncSealWriter::new(Vec::new(), &options).await.unwrap();
    let error = writer.checkpoint().await.unwrap_err();
    assert!(
        matches!(error, WriteError::Seal(SealError::Key(_))),
        "{error:?}"
    );
    let error = writer.finish().await.unwrap_err();
    assert!(
        matches!(error, WriteError::Seal(SealError::Poisoned)),
        "{error:?}"
    );
}

/// An output that never waits: the writer has to.
#[tokio::test]
async fn others_have_their_turn() {
    let key = raw(3);
    let options = SealOptions::new().recipient(key.clone());
    let mut writer = AsyncSealWriter::new(Vec::new(), &options).await.unwrap();
    let image = pattern(20 << 20);
    let mut turns = 0;
    {
        let name = named(0);
        let mut add = pin!(writer.add_image(image.as_slice(), &name, None));
        poll_fn(|cx| match add.as_mut().poll(cx) {
            Poll::Pending => {
                turns += 1;
                Poll::Pending
            }
            Poll::Ready(added) => Poll::Ready(added.map(drop)),
        })
        .await
        .unwrap();
    }
    assert!(turns >= 19, "{turns} turns in 20 MiB");
    let sealed = writer.finish().await.unwrap();
    let opened = decrypt(&sealed, &OpenOptions::new().identity(key)).unwrap();
    assert!(opened.images[0].bytes == image);
}

/// A signer that takes as long as the test says.
#[derive(Debug)]
struct Waiting(Arc<dyn Signer>, Mutex<Receiver<()>>);

impl Signer for Waiting {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm()
    }

    fn spki(&self) -> &[u8] {
        self.0.spki()
    }

    fn signature_len(&self) -> usize {
        self.0.signature_len()
    }

    fn sign(&self, message: &[u8], rng: &mut Random<'_>) -> Result<Vec<u8>, KeyError> {
        self.1.lock().unwrap().recv().unwrap();
        self.0.sign(message, rng)
    }
}

#[tokio::test]
async fn dropped_while_another_thread_signs() {
    let (go_on, wait) = mpsc::channel();
    let signer = Waiting(other_rsa().signer().unwrap(), Mutex::new(wait));
    let options = small().signer(Arc::new(signer));
    let mut writer = AsyncSealWriter::new(Vec::new(), &options).await.unwrap();
    let image = pattern(5000);
    let name = named(0);
    let add = writer.add_image(image.as_slice(), &name, None);
    add.await.unwrap();
    assert!(cut(0, writer.checkpoint()).await.is_none());
    drop(writer);
    go_on.send(()).unwrap();
}
