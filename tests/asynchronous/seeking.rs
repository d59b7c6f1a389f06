//! Reading anywhere.

use std::io::{Cursor, Read, Seek, SeekFrom};

use secimg::crypto::SUITES;
use secimg::io::asynchronous::AsyncOpenReader;
use secimg::io::{OpenReader, SealWriter};
use secimg::{Authentic, ImageDescription, OpenOptions, SealOptions};
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::LENS;
use crate::pieces::{Dice, Pieces, again, cut};
use crate::support::{ed25519, other_rsa, pattern, raw, small, small_identity, trust};

fn sealed(options: &SealOptions) -> Vec<u8> {
    let mut writer = SealWriter::new(Vec::new(), options).unwrap();
    for (i, len) in LENS.iter().enumerate() {
        let name = ImageDescription::new().named(&format!("{i}.bin"));
        let image = pattern(*len);
        writer.add_image(image.as_slice(), &name, None).unwrap();
    }
    writer.finish().unwrap()
}

fn number(dice: &mut Dice, bound: u64) -> i64 {
    i64::try_from(dice.below(usize::try_from(bound).unwrap())).unwrap()
}

fn pieces(stream: &[u8], seed: u64, most: usize) -> Pieces<Cursor<Vec<u8>>> {
    Pieces::of(Cursor::new(stream.to_vec()), seed, most)
}

#[tokio::test]
async fn whole_images_are_copied() {
    for suite in SUITES {
        let stream = sealed(&small().suite(suite).signer(ed25519().signer().unwrap()));
        for options in [
            small_identity(),
            small_identity().require_signer(trust(ed25519())),
        ] {
            let mut reader = AsyncOpenReader::open(pieces(&stream, 1, 4000), &options)
                .await
                .unwrap();
            let expected = OpenReader::open(Cursor::new(&stream), &options).unwrap();
            assert_eq!(reader.signature(), expected.signature());
            assert_eq!(reader.items().await.unwrap().len(), LENS.len());
            for (i, len) in LENS.iter().enumerate().rev() {
                let manifest = reader.select(i).await.unwrap();
                assert_eq!(
                    Some(manifest.get()),
                    reader.manifest().map(Authentic::into_inner)
                );
                assert_eq!(reader.item_len(), *len as u64);
                let mut image = Vec::new();
                tokio::io::copy(&mut reader, &mut image).await.unwrap();
                assert!(image == pattern(*len));
            }
            drop(reader.into_inner());
        }
    }
}

#[tokio::test]
async fn random_seeks_and_reads_with_dropped_calls() {
    let stream = sealed(&small());
    let mut expected = OpenReader::open(Cursor::new(&stream), &small_identity()).unwrap();
    let carrier = pieces(&stream, 5, 1500);
    let mut reader = AsyncOpenReader::open(carrier, &small_identity())
        .await
        .unwrap();
    let mut dice = Dice(11);
    for _ in 0..400 {
        match dice.below(5) {
            0 => {
                let number = dice.below(LENS.len() + 1);
                let theirs = expected.select(number).map_err(|e| e.to_string());
                // A call that was dropped and made again starts at an item's beginning, so a refusal must not be cut.
                let ours = if number < LENS.len() {
                    again!(dice, reader.select(number))
                } else {
                    reader.select(number).await
                };
                assert_eq!(ours.map_err(|e| e.to_string()), theirs);
            }
            1 => {
                let len = expected.item_len();
                let to = match dice.below(3) {
                    0 => SeekFrom::Start(dice.below(80_000) as u64),
                    1 => SeekFrom::End(-number(&mut dice, len + 1)),
                    _ => SeekFrom::Current(number(&mut dice, 2000) - 1000),
                };
                let theirs = expected.seek(to).map_err(|e| e.to_string());
                assert_eq!(reader.seek(to).await.map_err(|e| e.to_string()), theirs);
            }
            _ => {
                let mut ours = vec![0; 1 + dice.below(9000)];
                let read = again!(dice, reader.read(&mut ours)).unwrap();
                let mut theirs = vec![0; read];
                expected.read_exact(&mut theirs).unwrap();
                assert!(ours[..read] == theirs);
                if read == 0 {
                    assert_eq!(expected.read(&mut [0; 1]).unwrap(), 0);
                }
            }
        }
    }
}

#[tokio::test]
async fn refusals_are_those_of_the_blocking_reader() {
    let stream = sealed(&small().signer(ed25519().signer().unwrap()));
    let cases = [
        OpenOptions::new().identity(raw(2)),
        small_identity().context(b"x"),
        small_identity().require_signer(trust(other_rsa())),
    ];
    for options in cases {
        let ours = AsyncOpenReader::open(pieces(&stream, 2, 9000), &options).await;
        let theirs = OpenReader::open(Cursor::new(&stream), &options);
        assert_eq!(
            format!("{:?}", ours.unwrap_err()),
            format!("{:?}", theirs.unwrap_err())
        );
    }
    for len in [0, 1, 100, stream.len() - 1] {
        let ours = AsyncOpenReader::open(pieces(&stream[..len], 2, 9000), &small_identity()).await;
        let theirs = OpenReader::open(Cursor::new(&stream[..len]), &small_identity());
        assert_eq!(
            format!("{:?}", ours.unwrap_err()),
            format!("{:?}", theirs.unwrap_err())
        );
    }
}

/// The thread that works for a reader ends when the reader goes, or this runtime would never end.
#[test]
fn nobody_waits_for_a_reader_that_was_dropped() {
    let stream = sealed(&small());
    for waits in 0..40 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let work = async {
                let carrier = pieces(&stream, 8, 2000);
                let mut reader = AsyncOpenReader::open(carrier, &small_identity())
                    .await
                    .unwrap();
                reader.select(3).await.unwrap();
                let mut image = Vec::new();
                reader.read_to_end(&mut image).await.unwrap();
                assert!(image == pattern(LENS[3]));
            };
            let _: Option<()> = cut(waits, work).await;
        });
        drop(runtime);
    }
}
