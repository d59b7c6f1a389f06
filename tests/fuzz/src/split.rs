//! Sealing and opening, cut in any way: the same stream, the same originals, and nothing else passes.

use core::convert::Infallible;
use std::io::{Cursor, Read, Seek, SeekFrom};

use rand_core::{TryCryptoRng, TryRng};
use secimg::crypto::{Random, SUITES};
use secimg::format::ChunkSize;
use secimg::io::OpenReader;
use secimg::stream::{SealEvent, Sealer, describe};
use secimg::{Image, OpenOptions, SealOptions, decrypt, encrypt_series_with_rng};

use super::choices::{Choices, Pieces};
use super::drive::drive;
use super::keys::{raw_key, sender};

/// An image, and what is done before and behind it.
struct Item {
    image: Image,
    declared: bool,
    behind: u8,
}

/// Input: options, pieces, a change, items.
pub fn split(data: &[u8]) {
    let mut choices = Choices::new(data);
    let flags = choices.byte();
    let (seal_options, open_options) = options(&mut choices, flags);
    let (inputs, outputs) = (choices.pieces(), choices.pieces());
    let (at, by) = (usize::from(choices.short()), choices.byte().max(1));
    let items: Vec<Item> = (0..flags >> 6).map(|_| item(&mut choices)).collect();

    let sealed = seal(&items, &seal_options, Pieces::whole(), Pieces::whole());
    let cut = seal(&items, &seal_options, inputs.clone(), outputs.clone());
    assert!(sealed == cut, "sealed otherwise in pieces");
    let images: Vec<Image> = items.iter().map(|item| item.image.clone()).collect();
    if items.iter().all(|item| item.declared && item.behind == 0) {
        let rng = &mut Counter(0);
        let one_shot = encrypt_series_with_rng(&images, &seal_options, &mut Random::new(rng));
        assert!(one_shot.as_ref() == Ok(&sealed), "sealed otherwise at once");
    }
    opens(&sealed, &open_options, &images, (inputs, outputs));
    seeks(&sealed, &open_options, &images, at);

    let mut wrong = sealed.clone();
    let place = at * 7 % sealed.len();
    wrong[place] ^= by;
    assert!(
        decrypt(&wrong, &open_options).is_err(),
        "changed at {place}"
    );
    assert!(decrypt(&sealed[..place], &open_options).is_err());
}

fn options(choices: &mut Choices<'_>, flags: u8) -> (SealOptions, OpenOptions) {
    let context = choices.bytes();
    let log2 = 12 + (flags >> 4 & 3);
    let mut options = SealOptions::new()
        .recipient(raw_key())
        .suite(SUITES[usize::from(flags & 1)])
        .chunk_size(ChunkSize::from_log2(log2).unwrap())
        .digests(flags & 4 == 0)
        .context(context)
        .signing_time(1);
    if flags & 2 != 0 {
        options = options.signer(sender());
    }
    let identity = OpenOptions::new().identity(raw_key()).context(context);
    (options, identity)
}

fn item(choices: &mut Choices<'_>) -> Item {
    let kind = choices.byte();
    let step = usize::from(choices.byte());
    let bytes: Vec<u8> = (0..usize::from(choices.short() % 20_000))
        .map(|i| ((i * step) >> 3).to_le_bytes()[0])
        .collect();
    let name = String::from_utf8_lossy(choices.bytes()).into_owned();
    let image = Image::new(bytes);
    Item {
        image: if name.is_empty() {
            image
        } else {
            image.named(&name)
        },
        declared: kind & 1 == 0,
        behind: kind >> 1 & 3,
    }
}

fn seal(items: &[Item], options: &SealOptions, mut inputs: Pieces, outputs: Pieces) -> Vec<u8> {
    let counter = &mut Counter(0);
    let mut rng = Random::new(counter);
    let mut machine = Sealing {
        sealer: Sealer::with_rng(options, &mut rng).unwrap(),
        outputs,
        output: vec![0; 64 << 10],
        sealed: Vec::new(),
    };
    for item in items {
        let bytes = &item.image.bytes;
        let manifest = describe(bytes, &item.image.description);
        let length = item.declared.then_some(bytes.len() as u64);
        machine.sealer.start_item(&manifest, length).unwrap();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let piece = inputs.of(rest);
            rest = &rest[machine.step(piece).0..];
        }
        machine.sealer.end_item().unwrap();
        match item.behind {
            1 => machine.sealer.flush().unwrap(),
            2 => machine.sealer.checkpoint_with_rng(&mut rng).unwrap(),
            _ => {}
        }
    }
    machine.sealer.finish_with_rng(&mut rng).unwrap();
    while machine.step(&[]).1 != SealEvent::Finished {}
    machine.sealed
}

struct Sealing {
    sealer: Sealer,
    outputs: Pieces,
    output: Vec<u8>,
    sealed: Vec<u8>,
}

impl Sealing {
    fn step(&mut self, input: &[u8]) -> (usize, SealEvent) {
        let room = self.outputs.size().min(self.output.len());
        let output = &mut self.output[..room];
        let step = self.sealer.update(input, output).unwrap();
        self.sealed.extend_from_slice(&output[..step.produced]);
        (step.consumed, step.event)
    }
}

fn opens(sealed: &[u8], options: &OpenOptions, images: &[Image], cut: (Pieces, Pieces)) {
    let whole = drive(sealed, options, Pieces::whole(), Pieces::whole());
    assert!(whole.end.is_ok(), "{:?}", whole.end);
    assert_eq!(whole, drive(sealed, options, cut.0, cut.1));
    let opened = decrypt(sealed, options).unwrap();
    let bytes = opened.images.iter().map(|image| &image.bytes);
    assert!(bytes.eq(images.iter().map(|image| &image.bytes)));
    let names = opened.images.iter().map(|image| &image.manifest.name);
    assert!(names.eq(images.iter().map(|image| &image.description.name)));
}

fn seeks(sealed: &[u8], options: &OpenOptions, images: &[Image], at: usize) {
    let mut reader = OpenReader::open(Cursor::new(sealed), options).unwrap();
    assert_eq!(reader.items().unwrap().len(), images.len());
    for (number, image) in images.iter().enumerate().rev() {
        reader.select(number).unwrap();
        let from = at % (image.bytes.len() + 1);
        reader.seek(SeekFrom::Start(from as u64)).unwrap();
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, image.bytes[from..]);
    }
}

/// Counts up: the same stream every time.
struct Counter(u8);

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(7)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(7)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}
