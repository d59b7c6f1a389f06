//! Padmé padding: what an outsider learns of a stream's length, what it costs, and that padded streams
//! open as others do.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
#[path = "support/say.rs"]
mod say;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::sync::Arc;

use secimg::crypto::{SUITES, Suite, suite_named};
use secimg::format::{ChunkSize, Geometry, Limits, padme};
use secimg::io::{OpenReader, SealWriter};
use secimg::keys::{GenerateKind, PrivateKey, RawKeyRecipient, SymmetricKey};
use secimg::stream::{FrameWalker, ImageDescription};
use secimg::{Image, OpenOptions, SealOptions, decrypt, encrypt, encrypt_series};

struct Keys {
    raw: Arc<RawKeyRecipient>,
    signer: PrivateKey,
}

impl Keys {
    fn new() -> Self {
        Self {
            raw: Arc::new(RawKeyRecipient::new(SymmetricKey::generate().unwrap())),
            signer: PrivateKey::generate(GenerateKind::Ed25519).unwrap(),
        }
    }

    fn sealing(&self, suite: &'static Suite, chunk: ChunkSize, signed: bool) -> SealOptions {
        let options = SealOptions::new()
            .recipient(self.raw.clone())
            .suite(suite)
            .chunk_size(chunk);
        if signed {
            options.signer(self.signer.signer().unwrap())
        } else {
            options
        }
    }

    fn opening(&self, signed: bool) -> OpenOptions {
        let options = OpenOptions::new().identity(self.raw.clone());
        if signed {
            let trusted = [self.signer.public()].into_iter().collect();
            options.require_signer(trusted).spooled()
        } else {
            options
        }
    }
}

/// What an outsider computes from the stream alone: the least and the most bytes that its content has.
fn content_of(sealed: &[u8]) -> (u64, u64) {
    let mut walker = FrameWalker::new(Limits::DEFAULT);
    walker.push(sealed).unwrap();
    let survey = walker.finish().unwrap();
    let geometry = survey.header.geometry();
    let full = survey.chunks - 1;
    let payload = sealed.len() as u64 - survey.header.payload_offset();
    let tag = geometry.layout.tag_len as u64;
    let last = payload - geometry.offset_of(full) - 4 - tag;
    let whole = full * geometry.chunk_size.bytes_u64() + last;
    match geometry.layout.final_block {
        1 => (whole, whole),
        block => (whole - block as u64, whole - 1),
    }
}

/// Tells whether n + 1 can be a Padmé length; in CBC it is the length of all ciphertext.
fn is_padme(sealed: &[u8]) -> bool {
    let (_, most) = content_of(sealed);
    padme(most + 1) == most + 1
}

fn image(len: usize) -> Vec<u8> {
    (0..len)
        .map(|i| (i * 31 + i / 256).to_le_bytes()[0])
        .collect()
}

/// How much more the padded one has, in hundredths of a per cent of the plain one's content.
fn cost(plain: &[u8], padded: &[u8]) -> u64 {
    let (_, plain) = content_of(plain);
    let (_, padded) = content_of(padded);
    (padded - plain) * 10_000 / (plain + 1)
}

fn percent(hundredths: u64) -> f64 {
    f64::from(u32::try_from(hundredths).unwrap()) / 100.0
}

/// SPEC M-PAD-1.
#[test]
fn a_padded_stream_has_a_padme_length() {
    let keys = Keys::new();
    let (mut streams, mut worst, mut total) = (0_u64, 0, 0);
    let mut lengths = BTreeMap::<(u16, bool), [BTreeSet<usize>; 2]>::new();
    for suite in SUITES {
        for signed in [false, true] {
            for len in 0..3_000 {
                let options = keys.sealing(suite, ChunkSize::MIN, signed);
                let image = Image::new(image(len)).named("a.png");
                let plain = encrypt(&image, &options).unwrap();
                let padded = encrypt(&image, &options.padded()).unwrap();
                assert!(is_padme(&padded), "{len} {}", suite.name);
                let cost = cost(&plain, &padded);
                assert!(cost <= 1_200, "{len} {}: {cost}", suite.name);
                let opened = decrypt(&padded, &keys.opening(signed)).unwrap();
                assert_eq!(opened.images[0].bytes, image.bytes);
                let seen = lengths.entry((suite.id.0, signed)).or_default();
                seen[0].insert(plain.len());
                seen[1].insert(padded.len());
                (streams, worst, total) = (streams + 1, worst.max(cost), total + cost);
            }
        }
    }
    for ((suite, signed), [plain, padded]) in &lengths {
        let (plain, padded) = (plain.len(), padded.len());
        assert!(padded < 70 && padded * 3 < plain, "{plain} {padded}");
        say!(
            "padmé: suite {suite:04x}, signed {signed}: 3000 image sizes, {plain} stream lengths, \
             {padded} when padded"
        );
    }
    say!(
        "padmé: {streams} streams of 0 to 2999 bytes, overhead at most {:.2} %, {:.2} % on average",
        percent(worst),
        percent(total / streams)
    );
}

#[test]
fn larger_images_of_known_and_unknown_length_are_padded_too() {
    let keys = Keys::new();
    // Sizes from a fixed recurrence: they need to be many, not secret.
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let (mut worst, mut count) = (0, 0);
    for round in 0..60 {
        let len = usize::try_from(next(1 << (12 + round % 12))).unwrap();
        let chunk = ChunkSize::from_log2([12, 13, 14, 15, 16, 17, 18][round % 7]).unwrap();
        let suite = &SUITES[round % SUITES.len()];
        let signed = round % 3 == 0;
        let options = keys.sealing(suite, chunk, signed);
        let bytes = image(len);
        for known in [Some(len as u64), None] {
            let seal = |options: &SealOptions| {
                let mut writer = SealWriter::new(Vec::new(), options).unwrap();
                let description = ImageDescription::new();
                writer
                    .add_image(bytes.as_slice(), &description, known)
                    .unwrap();
                writer.finish().unwrap()
            };
            let (plain, padded) = (seal(&options), seal(&options.clone().padded()));
            assert!(is_padme(&padded), "{len} {chunk:?}");
            let cost = cost(&plain, &padded);
            assert!(cost <= 1_200, "{len}: {cost}");
            let opened = decrypt(&padded, &keys.opening(signed)).unwrap();
            assert_eq!(opened.images[0].bytes, bytes);
            (worst, count) = (worst.max(cost), count + 1);
        }
    }
    say!(
        "padmé: {count} streams of up to 8 MiB, overhead at most {:.2} %",
        percent(worst)
    );
}

#[test]
fn images_of_about_one_size_give_streams_of_one_length() {
    let keys = Keys::new();
    for suite in SUITES {
        let seal = |len| {
            let options = keys.sealing(suite, ChunkSize::DEFAULT, true).padded();
            encrypt(&Image::new(image(len)).named("a.png"), &options).unwrap()
        };
        assert_eq!(seal(1_000_100).len(), seal(1_015_000).len());
        assert_ne!(seal(1_000_100).len(), seal(1_100_000).len());
    }
}

#[test]
fn a_padded_series_with_checkpoints_is_read_from_both_ends() {
    let keys = Keys::new();
    for suite in SUITES {
        for signed in [false, true] {
            let options = keys.sealing(suite, ChunkSize::MIN, signed).padded();
            let mut writer = SealWriter::new(Vec::new(), &options).unwrap();
            for number in 0..40 {
                let name = format!("{number}.bin");
                let description = ImageDescription::new().named(&name);
                let bytes = image(number * 997);
                writer
                    .add_image(bytes.as_slice(), &description, None)
                    .unwrap();
                if number % 9 == 0 {
                    writer.checkpoint().unwrap();
                }
            }
            let sealed = writer.finish().unwrap();
            assert!(is_padme(&sealed));
            let opening = keys.opening(signed);
            assert_eq!(decrypt(&sealed, &opening).unwrap().images.len(), 40);
            let mut reader = OpenReader::open(Cursor::new(&sealed), &opening).unwrap();
            assert_eq!(reader.items().unwrap().len(), 40);
            reader.select(39).unwrap();
            let mut last = Vec::new();
            reader.read_to_end(&mut last).unwrap();
            assert_eq!(last, image(39 * 997));
        }
    }
}

#[test]
fn an_empty_series_is_padded_as_well() {
    let keys = Keys::new();
    for suite in SUITES {
        let options = keys.sealing(suite, ChunkSize::MIN, false).padded();
        let sealed = encrypt_series(&[], &options).unwrap();
        assert!(
            decrypt(&sealed, &keys.opening(false))
                .unwrap()
                .images
                .is_empty()
        );
        // An unsigned CLOSE has 21 bytes, and 21 + 1 is a Padmé length.
        let (least, most) = content_of(&sealed);
        assert!((least..=most).contains(&21));
    }
}

/// Where the content ends just before the end of a chunk, CLOSE goes to the next one and padding with it.
#[test]
fn close_is_whole_in_final_wherever_the_content_ends() {
    let keys = Keys::new();
    let suite = suite_named("gcm").unwrap();
    let geometry = Geometry::new(ChunkSize::MIN, suite.layout);
    for signed in [false, true] {
        for len in 3_700..4_200 {
            let options = keys.sealing(suite, ChunkSize::MIN, signed).padded();
            let sealed = encrypt(&Image::new(image(len)), &options).unwrap();
            assert!(is_padme(&sealed), "{len}");
            assert!(decrypt(&sealed, &keys.opening(signed)).is_ok(), "{len}");
            let (_, content) = content_of(&sealed);
            assert!(content % geometry.chunk_size.bytes_u64() >= 21);
        }
    }
}

/// Padding is made while it is pulled out, never all at once: its tags are those that were signed.
#[test]
fn padding_of_many_chunks_is_signed() {
    let keys = Keys::new();
    for suite in SUITES {
        let options = keys.sealing(suite, ChunkSize::MIN, true).padded();
        let len = (1 << 24) + 5;
        let mut writer = SealWriter::new(Vec::new(), &options).unwrap();
        let description = ImageDescription::new().named("big");
        writer
            .add_image(std::io::repeat(7).take(len), &description, Some(len))
            .unwrap();
        let sealed = writer.finish().unwrap();
        let (_, content) = content_of(&sealed);
        // 16 MiB and a little are padded by half a mebibyte: 127 chunks of 4 KiB.
        assert_eq!(content + 1, (1 << 24) + (1 << 19));
        assert!(decrypt(&sealed, &keys.opening(true)).is_ok());
        let mut reader = OpenReader::open(Cursor::new(&sealed), &keys.opening(true)).unwrap();
        let mut whole = Vec::new();
        assert_eq!(reader.read_to_end(&mut whole).unwrap() as u64, len);
    }
}
