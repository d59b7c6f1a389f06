//! Streams that the library sealed in every way that chance finds, opened by both.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use secimg::SealOptions;
use secimg::content::{FrameEntry, Manifest};
use secimg::crypto::{Random, SUITES};
use secimg::format::{ByteOrder, ChunkSize, FrameLayout, PhotometricInterpretation, SampleType};
use secimg::keys::{Kdf, Passphrase, PassphraseRecipient, Recipient};
use secimg::stream::{SealEvent, Sealer};

use super::file::folder;
use super::keys::{Key, Who, private, public, raw};
use super::library::agree;
use super::rng::TestRng;

const STREAMS: usize = 2000;

/// A stream and who can read it.
pub(crate) struct Sample {
    pub(crate) stream: Vec<u8>,
    pub(crate) who: Who,
    pub(crate) signed: bool,
}

/// Seals a stream; the number is the only chance in it.
pub(crate) fn sample(number: usize) -> Sample {
    let mut rng = TestRng::new(&format!("reference {number}"));
    let mut who = Who::default();
    let suite = SUITES[rng.up_to(2) - 1];
    let log2 = 11 + rng.up_to(3) as u8;
    let mut options = SealOptions::new()
        .suite(suite)
        .chunk_size(ChunkSize::from_log2(log2).unwrap())
        .digests(rng.up_to(4) > 1)
        .recipients(recipients(&mut rng, &mut who))
        .allow_mixing();
    if rng.up_to(4) == 1 {
        "study 4711".clone_into(&mut who.context);
        options = options.context(who.context.as_bytes());
    }
    let signer = ["", "", "sender_ed25519", "sender_ed25519", "sender_rsa"][rng.up_to(5) - 1];
    if !signer.is_empty() {
        let key = private(&format!("{signer}.pem"));
        options = options
            .signer(key.signer().unwrap())
            .signing_time(1_800_000_000);
        if rng.up_to(2) == 1 {
            who.trusted = vec!["mallory_ed25519.pub".to_owned(), format!("{signer}.pub")];
        }
    }
    let stream = seal(&options, &mut rng, 1 << log2);
    Sample {
        stream,
        who,
        signed: !signer.is_empty(),
    }
}

fn recipients(rng: &mut TestRng, who: &mut Who) -> Vec<Arc<dyn Recipient>> {
    if rng.up_to(100) == 1 {
        who.keys.push(Key::Passphrase("Zu\u{308}rich".to_owned()));
        let passphrase = Passphrase::new("Z\u{fc}rich").unwrap();
        let kdf = Kdf::argon2id(19_456, 2, 1).unwrap();
        return vec![Arc::new(PassphraseRecipient::new(passphrase).with_kdf(kdf))];
    }
    let mut recipients: Vec<Arc<dyn Recipient>> = Vec::new();
    for number in 0..rng.up_to(4) {
        let key = rng.take();
        recipients.push(raw(&key));
        // The first key always opens; of the others the reader has some, and some that are nobody's.
        match rng.up_to(3) {
            1 => who.keys.push(Key::Raw(key)),
            2 => who.keys.push(Key::Raw(rng.take())),
            _ => {}
        }
        if number == 0 {
            who.keys.push(Key::Raw(key));
        }
    }
    for file in key_pairs() {
        if rng.up_to(6) == 1 {
            recipients.insert(0, public(&format!("{file}.pub")).recipient().unwrap());
            if rng.up_to(2) == 1 {
                who.keys.insert(0, Key::File(format!("{file}.pem")));
            }
        }
    }
    recipients
}

/// The kit's keys of all kinds for Alice and Bob, who receive.
fn key_pairs() -> Vec<String> {
    let files = fs::read_dir(folder().join("keys")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let public = names.filter_map(|name| name.strip_suffix(".pub").map(str::to_owned));
    let mut pairs: Vec<_> = public
        .filter(|name| name.starts_with("alice") || name.starts_with("bob"))
        .collect();
    pairs.sort();
    pairs
}

fn seal(options: &SealOptions, rng: &mut TestRng, chunk: usize) -> Vec<u8> {
    let mut random = TestRng::new(&format!("sealing {:?}", rng.take::<16>()));
    let mut random = Random::new(&mut random);
    let mut sealer = Sealer::with_rng(options, &mut random).unwrap();
    let mut stream = Vec::new();
    for number in 1..rng.up_to(5) {
        let original = original(rng, chunk);
        let manifest = manifest(rng, number);
        let length = (rng.up_to(2) == 1).then_some(original.len() as u64);
        sealer.start_item(&manifest, length).unwrap();
        for piece in original.chunks(rng.up_to(9000)) {
            feed(&mut sealer, piece, &mut stream);
        }
        sealer.end_item().unwrap();
        match rng.up_to(6) {
            1 => sealer.flush().unwrap(),
            2 => sealer.checkpoint_with_rng(&mut random).unwrap(),
            _ => {}
        }
        feed(&mut sealer, &[], &mut stream);
    }
    sealer.finish_with_rng(&mut random).unwrap();
    feed(&mut sealer, &[], &mut stream);
    stream
}

/// Lengths of which many lie where chunks and blocks end.
fn original(rng: &mut TestRng, chunk: usize) -> Vec<u8> {
    let len = match rng.up_to(4) {
        1 => rng.up_to(40) - 1,
        2 => chunk * (rng.up_to(3) - 1) + rng.up_to(300),
        3 => (chunk * rng.up_to(2)).saturating_sub(rng.up_to(400)),
        _ => rng.up_to(2 * chunk),
    };
    let shift = rng.up_to(256);
    (0..len).map(|i| ((i * 31 + shift) % 251) as u8).collect()
}

fn manifest(rng: &mut TestRng, number: usize) -> Manifest {
    if rng.up_to(4) == 1 {
        return frame(rng);
    }
    let mut manifest = Manifest::new("opaque", "application/octet-stream");
    if rng.up_to(3) > 1 {
        manifest.name = Some(format!("{number}\u{2009}é.raw"));
    }
    let number = u32::from_be_bytes(rng.take()) >> (rng.up_to(32) - 1);
    match rng.up_to(4) {
        1 => {
            manifest.claimed_width = Some(number);
            manifest.claimed_height = Some(number / 3);
            manifest.claimed_frames = Some(rng.up_to(100) as u32);
            manifest.claimed_channels = Some(rng.take::<1>()[0]);
            manifest.claimed_bits = Some(rng.take::<1>()[0]);
        }
        2 => {
            manifest.time = Some(i64::from_be_bytes(rng.take()) >> (rng.up_to(64) - 1));
            manifest.preview_of = Some(rng.take());
        }
        3 => {
            for name in ["body part", "series", "a", "Z\u{e4}hne"]
                .iter()
                .take(rng.up_to(4))
            {
                let text = "x".repeat(rng.up_to(300) - 1);
                manifest.attributes.insert((*name).to_owned(), text);
            }
        }
        _ => {}
    }
    manifest
}

/// A layout that chance finds; its data is as long as chance has it, which only who wants samples would see.
fn frame(rng: &mut TestRng) -> Manifest {
    let (sample_type, _) = SampleType::ALL[rng.up_to(4) - 1];
    let meaning = PhotometricInterpretation::ALL[rng.up_to(8) - 1];
    let bits = usize::from(sample_type.bits_allocated());
    let mut layout = FrameLayout::new(rng.up_to(70_000) as u32, rng.up_to(300) as u32, sample_type)
        .samples_per_pixel(rng.up_to(4) as u8)
        .photometric_interpretation(meaning)
        .bits_stored(rng.up_to(bits) as u8);
    layout = match rng.up_to(2) {
        1 => layout.byte_order(ByteOrder::Big),
        _ => layout
            .byte_order(ByteOrder::Little)
            .at_time(i64::from_be_bytes(rng.take())),
    };
    let mut manifest = Manifest::of_frame("raw-frame", "application/vnd.secimg.frame", layout);
    if rng.up_to(2) == 1 {
        let entry = FrameEntry::new(layout).transformed("rice-1", rng.take());
        manifest.frame = Some(Box::new(entry));
    }
    manifest
}

fn feed(sealer: &mut Sealer, mut input: &[u8], stream: &mut Vec<u8>) {
    let mut output = vec![0; 1 << 16];
    loop {
        let step = sealer.update(input, &mut output).unwrap();
        input = &input[step.consumed..];
        stream.extend_from_slice(&output[..step.produced]);
        if matches!(step.event, SealEvent::NeedInput | SealEvent::Finished) {
            return;
        }
    }
}

#[test]
fn random_streams_open_to_the_same() {
    let (mut bytes, mut signatures) = (0, BTreeMap::<_, usize>::new());
    for number in 0..STREAMS {
        let sample = sample(number);
        let seen = agree(&sample.stream, &sample.who, &format!("stream {number}"));
        assert_eq!(seen.class, "success", "stream {number}");
        bytes += sample.stream.len();
        *signatures.entry(sample.signed).or_default() += 1;
    }
    say!(
        "random streams: {STREAMS} of {STREAMS} open to the same, {bytes} bytes, signed: {signatures:?}"
    );
}
