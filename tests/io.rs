//! The adapters: writing, reading in order, and reading anywhere.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

use std::io::{Cursor, Read, Seek, SeekFrom, Write};

use secimg::content::{ContentErrorKind, Manifest};
use secimg::crypto::{Random, SUITES};
use secimg::format::ChunkSize;
use secimg::io::{
    ItemSink, OpenReader, ReadError, SealWriter, open_stream, rewrap_stream, survey_stream,
};
use secimg::{
    Authentic, Image, ImageDescription, OpenError, OpenOptions, SealOptions, decrypt,
    encrypt_series, encrypt_series_with_rng,
};
use support::{Counter, ed25519, pattern, raw, rsa, small, small_identity, trust};

/// Counts what is read and where.
struct Counting {
    inner: Cursor<Vec<u8>>,
    bytes: u64,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

impl Seek for Counting {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Gives one byte at a time, and an interruption now and then.
struct Slow<'a>(&'a [u8], bool);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let len = buffer.len().min(1);
        self.0.read(&mut buffer[..len])
    }
}

fn sealed_series(options: &SealOptions, lens: &[usize], declared: bool) -> Vec<u8> {
    let mut writer = SealWriter::new(Vec::new(), options).unwrap();
    for (i, len) in lens.iter().enumerate() {
        let image = pattern(*len);
        let length = declared.then_some(*len as u64);
        let description = ImageDescription::new().named(&format!("{i}.bin"));
        let total = writer
            .add_image(Slow(&image, false), &description, length)
            .unwrap();
        assert_eq!(total, *len as u64);
    }
    writer.finish().unwrap()
}

#[derive(Default)]
struct Collect(Vec<(Manifest, Vec<u8>)>);

impl ItemSink for Collect {
    fn item(&mut self, manifest: &Authentic<Manifest>) -> std::io::Result<()> {
        self.0.push((manifest.get().clone(), Vec::new()));
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.last_mut().unwrap().1.extend_from_slice(bytes);
        Ok(())
    }
}

const LENS: [usize; 4] = [10_000, 0, 1, 300_000];

#[test]
fn writing_and_reading_in_order() {
    for suite in SUITES {
        for declared in [true, false] {
            let sealed = sealed_series(&small().suite(suite), &LENS, declared);
            let mut sink = Collect::default();
            let verified = open_stream(Slow(&sealed, false), &small_identity(), &mut sink).unwrap();
            assert_eq!(verified.report().items.len(), LENS.len());
            for (i, (manifest, bytes)) in sink.0.iter().enumerate() {
                assert_eq!(manifest.name.as_deref(), Some(format!("{i}.bin").as_str()));
                assert_eq!(*bytes, pattern(LENS[i]));
            }
        }
    }
}

#[test]
fn reading_anywhere_gives_the_same_bytes() {
    for suite in SUITES {
        for declared in [true, false] {
            let options = small().suite(suite).signer(ed25519().signer().unwrap());
            let sealed = sealed_series(&options, &LENS, declared);
            for open in [
                small_identity(),
                small_identity().require_signer(trust(ed25519())),
            ] {
                let mut reader = OpenReader::open(Cursor::new(&sealed), &open).unwrap();
                assert_eq!(reader.items().unwrap().len(), LENS.len());
                for (i, len) in LENS.iter().enumerate() {
                    reader.select(i).unwrap();
                    assert_eq!(reader.item_len(), *len as u64);
                    let mut whole = Vec::new();
                    reader.read_to_end(&mut whole).unwrap();
                    assert_eq!(whole, pattern(*len), "item {i}");
                }
                check_seeks(&mut reader, &pattern(LENS[3]));
            }
        }
    }
}

/// Several hundred tiny reads at places all over the last item.
fn check_seeks(reader: &mut OpenReader<Cursor<&Vec<u8>>>, expected: &[u8]) {
    reader.select(3).unwrap();
    for i in 0..500_usize {
        let at = i.wrapping_mul(7919) % expected.len();
        reader.seek(SeekFrom::Start(at as u64)).unwrap();
        let mut few = [0; 5];
        let read = reader.read(&mut few).unwrap();
        assert!(read > 0);
        assert_eq!(few[..read], expected[at..at + read]);
    }
    assert_eq!(
        reader.seek(SeekFrom::End(-1)).unwrap(),
        expected.len() as u64 - 1
    );
    assert_eq!(
        reader.seek(SeekFrom::Current(10)).unwrap(),
        expected.len() as u64 + 9
    );
    assert_eq!(reader.read(&mut [0; 4]).unwrap(), 0);
    assert!(reader.seek(SeekFrom::Current(-i64::MAX)).is_err());
}

#[test]
fn a_range_costs_the_chunks_it_lies_in() {
    let sealed = sealed_series(&small(), &[4 << 20], true);
    let counting = Counting {
        inner: Cursor::new(sealed),
        bytes: 0,
    };
    let mut reader = OpenReader::open(counting, &small_identity()).unwrap();
    let at_first = reader.decrypted_bytes();
    reader.seek(SeekFrom::Start(2 << 20)).unwrap();
    let mut some = [0; 4096];
    reader.read_exact(&mut some).unwrap();
    // They lie in two chunks.
    let decrypted = reader.decrypted_bytes();
    assert_eq!(decrypted, at_first + 2 * 4096);
    for _ in 0..200 {
        reader.seek(SeekFrom::Start(2 << 20)).unwrap();
        reader.read_exact(&mut some[..16]).unwrap();
    }
    assert_eq!(reader.decrypted_bytes(), decrypted);
    let read = reader.into_inner().bytes;
    say!(
        "{read} bytes read and {decrypted} decrypted for 4096 bytes out of 4 MiB, and 200 tiny \
         reads more"
    );
    assert!(read < 40_000 && decrypted < read);
}

/// All that is decrypted counts, and once: the content from its first byte to its last.
#[test]
fn reading_all_decrypts_the_content_once() {
    for suite in SUITES {
        let options = small().suite(suite).signer(ed25519().signer().unwrap());
        let sealed = sealed_series(&options, &[50_000], true);
        let mut decrypted = Vec::new();
        for open in [
            small_identity(),
            small_identity().require_signer(trust(ed25519())),
        ] {
            let mut reader = OpenReader::open(Cursor::new(&sealed), &open).unwrap();
            // The first chunk, for the manifest, and FINAL: leaves are not decrypted.
            let last = reader.chunks().final_content().len() as u64;
            assert_eq!(reader.decrypted_bytes(), 4096 + last);
            let mut image = Vec::new();
            reader.read_to_end(&mut image).unwrap();
            assert_eq!(image, pattern(50_000));
            assert_eq!(reader.decrypted_bytes(), reader.chunks().content_len());
            decrypted.push(reader.decrypted_bytes());
        }
        assert_eq!(decrypted[0], decrypted[1]);
    }
}

#[test]
fn the_manifest_is_that_of_the_selected_item() {
    let sealed = sealed_series(&small(), &LENS, true);
    let mut reader = OpenReader::open(Cursor::new(&sealed), &small_identity()).unwrap();
    for i in [0, 2, 3, 1] {
        let selected = reader.select(i).unwrap().into_inner();
        assert_eq!(selected.name, Some(format!("{i}.bin")));
        assert_eq!(*reader.manifest().unwrap().get(), &selected);
        // An item that does not exist changes nothing.
        assert!(reader.select(LENS.len()).is_err());
        assert_eq!(*reader.manifest().unwrap().get(), &selected);
    }
    let empty = sealed_series(&small(), &[], true);
    let reader = OpenReader::open(Cursor::new(&empty), &small_identity()).unwrap();
    assert!(reader.manifest().is_none());
}

#[test]
fn a_signed_stream_read_anywhere_is_what_was_signed() {
    // A co-recipient knows the key and can make chunks with right tags: only the leaves tell.
    let options = small().signer(ed25519().signer().unwrap());
    let mut sealed = sealed_series(&options, &[50_000], true);
    let trusted = small_identity().require_signer(trust(ed25519()));
    let stride = 4 + 4096 + 32;
    let second_chunk = 85 + 4096 + stride;
    sealed[second_chunk + 100] ^= 1;
    let mut reader = OpenReader::open(Cursor::new(&sealed), &trusted).unwrap();
    reader.seek(SeekFrom::Start(4096 + 200)).unwrap();
    assert!(reader.read(&mut [0; 10]).is_err());
    sealed[second_chunk + 4 + 4096 + 5] ^= 1;
    assert!(matches!(
        OpenReader::open(Cursor::new(&sealed), &trusted),
        Err(ReadError::Open(OpenError::BadSignature))
    ));
    let stranger = small_identity().require_signer(trust(rsa()));
    assert!(matches!(
        OpenReader::open(Cursor::new(&sealed), &stranger),
        Err(ReadError::Open(_))
    ));
}

#[test]
fn every_truncation_is_refused_when_reading_anywhere() {
    let sealed = sealed_series(&small(), &[9000], true);
    for len in 0..sealed.len() {
        let opened = OpenReader::open(Cursor::new(&sealed[..len]), &small_identity());
        assert!(opened.is_err(), "cut to {len}");
    }
    let longer = [sealed.as_slice(), &[0]].concat();
    assert!(OpenReader::open(Cursor::new(longer), &small_identity()).is_err());
}

#[test]
fn a_stream_without_an_end_is_truncated() {
    let mut writer = SealWriter::new(Vec::new(), &small()).unwrap();
    writer
        .start_item(
            &Manifest::new("opaque", "application/octet-stream"),
            Some(4),
        )
        .unwrap();
    writer.write_all(b"1234").unwrap();
    assert!(writer.write_all(b"5").is_err(), "more than was declared");
    assert!(writer.finish().is_err());
}

#[test]
fn a_required_signer_needs_a_promise_in_order() {
    let sealed = sealed_series(&small().signer(ed25519().signer().unwrap()), &[10], true);
    let trusted = small_identity().require_signer(trust(ed25519()));
    let in_order = |options: &OpenOptions| open_stream(sealed.as_slice(), options, &mut ());
    assert!(matches!(
        in_order(&trusted),
        Err(ReadError::Open(OpenError::NeedsSpool))
    ));
    assert!(in_order(&trusted.spooled()).is_ok());
}

#[test]
fn rewrapping_a_stream_by_copy() {
    let sealed = sealed_series(&small(), &[100_000], true);
    let mut copy = Vec::new();
    let new = SealOptions::new().recipient(raw(5));
    let survey = rewrap_stream(sealed.as_slice(), &mut copy, &small_identity(), &new).unwrap();
    assert_eq!(survey.stream_bytes, copy.len() as u64);
    assert_eq!(
        survey,
        survey_stream(copy.as_slice(), secimg::format::Limits::DEFAULT).unwrap()
    );
    let opened = decrypt(&copy, &OpenOptions::new().identity(raw(5))).unwrap();
    assert_eq!(opened.images[0].bytes, pattern(100_000));
    let mut cut = Vec::new();
    let half = &sealed[..sealed.len() / 2];
    assert!(rewrap_stream(half, &mut cut, &small_identity(), &new).is_err());
}

/// Without digests nothing is compared, so a digest is refused: `Verified` says that it was.
#[test]
fn without_digests_none_is_computed_and_none_is_passed_over() {
    let image = [Image::new(pattern(700_000))];
    let open = small_identity().digests(false);
    for suite in SUITES {
        let seal = small().suite(suite);
        let bare = encrypt_series(&image, &seal.clone().digests(false)).unwrap();
        let opened = decrypt(&bare, &open).unwrap();
        assert_eq!(opened.images[0].bytes, image[0].bytes);
        assert_eq!(opened.report.report().items[0].sha256, None);
        let with = decrypt(&bare, &open.clone().digests(true)).unwrap();
        assert!(with.report.report().items[0].sha256.is_some());

        let refused = decrypt(&encrypt_series(&image, &seal).unwrap(), &open).unwrap_err();
        let OpenError::Content(error) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(error.kind, ContentErrorKind::DigestNotComputed(0));
    }
}

/// One item and many, in rooms of every kind: what goes straight from input to output is what goes through the buffers.
#[test]
fn threads_change_no_byte() {
    let images = [900_001, 0, 4096 * 70, 33].map(|len| Image::new(pattern(len)));
    for suite in SUITES {
        let seal = small().suite(suite).signing_time(7);
        let sealed = |options: &SealOptions| {
            let rng = &mut Counter(5);
            encrypt_series_with_rng(&images, options, &mut Random::new(rng)).unwrap()
        };
        let expected = sealed(&seal);
        for threads in 0..4 {
            assert!(
                sealed(&seal.clone().threads(threads)) == expected,
                "{threads}"
            );
            let open = small_identity().threads(threads);
            let opened = decrypt(&expected, &open).unwrap();
            assert!(
                opened
                    .images
                    .iter()
                    .map(|image| &image.bytes)
                    .eq(images.iter().map(|image| &image.bytes))
            );
        }
    }
}

#[test]
fn the_first_of_thousands_needs_no_index() {
    let options = small().chunk_size(ChunkSize::DEFAULT);
    let lens = vec![1000; 3000];
    let sealed = sealed_series(&options, &lens, true);
    let len = sealed.len() as u64;
    let counting = Counting {
        inner: Cursor::new(sealed),
        bytes: 0,
    };
    let mut reader = OpenReader::open(counting, &small_identity()).unwrap();
    let mut first = Vec::new();
    reader.read_to_end(&mut first).unwrap();
    assert_eq!(first, pattern(1000));
    let index = reader.decrypted_bytes();
    assert!(index <= 2 * 65536, "{index} bytes for one chunk and FINAL");
    assert_eq!(reader.items().unwrap().len(), 3000);
    assert!(reader.decrypted_bytes() > index);
    reader.select(2999).unwrap();
    let all = reader.decrypted_bytes();
    // Asked again, the list costs nothing.
    assert_eq!(reader.items().unwrap().len(), 3000);
    assert_eq!(reader.decrypted_bytes(), all);
    assert!(reader.into_inner().bytes < len / 4);
}

/// What the index and the way to it cost, beside the slice itself.
#[test]
fn slice_500_of_a_thousand_costs_less_than_a_mebibyte_beside_it() {
    let options = small().chunk_size(ChunkSize::DEFAULT);
    let slice = 256 * 256 * 2;
    let mut writer = SealWriter::new(Vec::new(), &options).unwrap();
    for number in 0..1000 {
        let name = ImageDescription::new().named(&format!("IM-0001-{number:04}.dcm"));
        let mut image = pattern(slice);
        image[..4].copy_from_slice(&u32::to_be_bytes(number));
        let length = Some(slice as u64);
        writer.add_image(image.as_slice(), &name, length).unwrap();
    }
    let counting = Counting {
        inner: Cursor::new(writer.finish().unwrap()),
        bytes: 0,
    };
    let mut reader = OpenReader::open(counting, &small_identity()).unwrap();
    let manifest = reader.select(500).unwrap();
    assert_eq!(manifest.get().name.as_deref(), Some("IM-0001-0500.dcm"));
    let mut image = Vec::new();
    reader.read_to_end(&mut image).unwrap();
    assert_eq!(
        (image.len(), &image[..4]),
        (slice, &500_u32.to_be_bytes()[..])
    );
    let beside = reader.into_inner().bytes - slice as u64;
    say!("slice 500 of 1 000: {beside} bytes read beside it");
    assert!(beside < 1 << 20, "{beside} bytes");
}
