//! Reading at places: the same bytes as reading in order, and few requests.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom, Write};

use secimg::crypto::SUITES;
use secimg::format::ChunkSize;
use secimg::io::{OpenReader, RangeReader, ReadAt, SealWriter, read_at_fn};
use secimg::{ImageDescription, OpenOptions, SealOptions};
use support::{ed25519, pattern, small, small_identity, trust};

/// Bytes with a record of what was asked for.
struct Store<'a> {
    bytes: &'a [u8],
    asked: Vec<(u64, usize)>,
}

impl<'a> Store<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            asked: Vec::new(),
        }
    }
}

impl ReadAt for Store<'_> {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.asked.push((offset, buffer.len()));
        self.bytes.read_at(offset, buffer)
    }

    fn size(&mut self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

fn sealed(options: &SealOptions, lens: &[usize]) -> Vec<u8> {
    let mut writer = SealWriter::new(Vec::new(), options).unwrap();
    for (i, len) in lens.iter().enumerate() {
        let description = ImageDescription::new().named(&format!("{i}.bin"));
        writer
            .add_image(pattern(*len).as_slice(), &description, Some(*len as u64))
            .unwrap();
    }
    writer.finish().unwrap()
}

fn opened<'a>(sealed: &'a [u8], open: &OpenOptions) -> OpenReader<RangeReader<Store<'a>>> {
    OpenReader::open_at(Store::new(sealed), open).unwrap()
}

/// Seeks and reads at random in both, with small windows so that every rule is met.
fn same_as_a_cursor(source: impl ReadAt, bytes: &[u8], seed: u64) {
    let mut dice = Dice(seed);
    let least = 1 + dice.below(300);
    let most = 1 + dice.below(3000);
    let mut reader = RangeReader::new(source).unwrap().windows(least, most);
    let mut cursor = Cursor::new(bytes);
    for _ in 0..300 {
        match dice.below(4) {
            0 => {
                let to = SeekFrom::Start(dice.below(bytes.len() + 50) as u64);
                assert_eq!(reader.seek(to).unwrap(), cursor.seek(to).unwrap());
            }
            1 => {
                let back = i64::try_from(dice.below(bytes.len() + 2)).unwrap();
                let to = SeekFrom::End(-back);
                assert_eq!(reader.seek(to).ok(), cursor.seek(to).ok());
            }
            2 => {
                let start = dice.below(bytes.len()) as u64;
                reader.expect(start..start + dice.below(5000) as u64);
            }
            _ => {}
        }
        let mut ours = vec![0; dice.below(700)];
        let mut theirs = ours.clone();
        let wanted = cursor.read(&mut theirs).unwrap();
        reader.read_exact(&mut ours[..wanted]).unwrap();
        assert_eq!(ours, theirs);
        if wanted < ours.len() {
            assert_eq!(reader.read(&mut ours[wanted..]).unwrap(), 0);
        }
    }
}

#[test]
fn any_source_reads_as_a_cursor_does() {
    let bytes = pattern(10_000);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    for seed in 0..200 {
        same_as_a_cursor(bytes.as_slice(), &bytes, seed);
        same_as_a_cursor(bytes.clone(), &bytes, seed);
        same_as_a_cursor(&file, &bytes, seed);
        same_as_a_cursor(Box::new(&mut file), &bytes, seed);
        // At most seven bytes at once, and interruptions between them.
        let mut calls = 0_u32;
        let slow = read_at_fn(10_000, |offset, buffer: &mut [u8]| {
            calls += 1;
            if calls.is_multiple_of(3) {
                return Err(ErrorKind::Interrupted.into());
            }
            let len = buffer.len().min(7);
            bytes.as_slice().read_at(offset, &mut buffer[..len])
        });
        same_as_a_cursor(slow, &bytes, seed);
    }
}

/// The header and the first chunk, then the end with the index before it, and where the first image is long
/// the place where it ends: nothing more opens a stream.
#[test]
fn opening_and_listing_are_two_requests_or_three() {
    for suite in SUITES {
        let options = small().suite(suite).chunk_size(ChunkSize::DEFAULT);
        let many = sealed(&options, &vec![40_000; 250]);
        let mut reader = opened(&many, &small_identity());
        assert_eq!(reader.items().unwrap().len(), 250);
        assert_eq!(reader.get_ref().bytes_read(), 2 * 2 * 67_584);
        assert_eq!(reader.get_ref().requests(), 2);
        let store = reader.into_inner().into_inner();
        let len = many.len() as u64;
        assert_eq!(store.asked, [(0, 135_168), (len - 135_168, 135_168)]);

        let long = sealed(&options, &[5 << 20, 5 << 20]);
        let mut reader = opened(&long, &small_identity());
        assert_eq!(reader.items().unwrap().len(), 2);
        assert_eq!(reader.get_ref().bytes_read(), 5 * 67_584);
        assert_eq!(reader.get_ref().requests(), 3);
    }
    let small_stream = sealed(&small(), &[1000, 2000]);
    let mut reader = opened(&small_stream, &small_identity());
    reader.select(1).unwrap();
    let mut image = Vec::new();
    reader.read_to_end(&mut image).unwrap();
    assert_eq!(image, pattern(2000));
    assert_eq!(reader.get_ref().requests(), 1);
}

/// One image of many: its beginning, its end, and its data in few requests.
#[test]
fn one_image_of_a_series_costs_what_it_is_long() {
    let lens = [3 << 20, 20 << 20, 3 << 20];
    let options = small().chunk_size(ChunkSize::DEFAULT);
    let sealed = sealed(&options, &lens);
    for (expected, most_requests, most_bytes) in [(true, 7, 21 << 20), (false, 12, 37 << 20)] {
        let mut reader = opened(&sealed, &small_identity());
        reader.items().unwrap();
        reader.select(1).unwrap();
        if expected {
            reader.expect_item();
        }
        let mut image = Vec::new();
        reader.read_to_end(&mut image).unwrap();
        assert!(image == pattern(20 << 20));
        let (requests, bytes) = (reader.get_ref().requests(), reader.get_ref().bytes_read());
        say!("announced: {expected}: {requests} requests, {bytes} bytes for an image of 20 MiB");
        assert!(requests <= most_requests, "{requests} requests");
        assert!(bytes <= most_bytes, "{bytes} bytes");
        let store = reader.into_inner().into_inner();
        assert!(store.asked.iter().all(|(_, len)| *len <= 8 << 20));
    }
}

/// Leaves lie in every chunk: reading them is reading the stream, in large pieces.
#[test]
fn a_required_signer_reads_the_stream_in_few_requests() {
    for suite in SUITES {
        let options = small()
            .suite(suite)
            .chunk_size(ChunkSize::DEFAULT)
            .signer(ed25519().signer().unwrap());
        let sealed = sealed(&options, &[30 << 20]);
        let open = small_identity().require_signer(trust(ed25519()));
        let reader = opened(&sealed, &open);
        let requests = reader.get_ref().requests();
        assert!(requests <= 12, "{requests} requests");
        assert!(reader.get_ref().bytes_read() < (31 << 20) + (1 << 18));
    }
}

/// What is read somewhere costs no more than the smallest request.
#[test]
fn places_far_apart_cost_one_small_request_each() {
    let bytes = pattern(4 << 20);
    let store = Store::new(&bytes);
    let mut reader = RangeReader::new(store).unwrap().windows(1000, 100_000);
    let mut some = [0; 500];
    for i in 1..40_u64 {
        let at = i.wrapping_mul(1_234_577) % (4 << 20);
        reader.seek(SeekFrom::Start(at)).unwrap();
        reader.read_exact(&mut some).unwrap();
    }
    assert_eq!(reader.requests(), 39);
    assert_eq!(reader.bytes_read(), 39_000);
    // One large read is one request.
    reader.seek(SeekFrom::Start(1 << 20)).unwrap();
    let mut much = vec![0; 1 << 20];
    reader.read_exact(&mut much).unwrap();
    assert!(much == bytes[1 << 20..2 << 20]);
    assert_eq!(reader.requests(), 40);
}

/// An announced range is asked for whole, in pieces of the largest size, and nothing behind it.
#[test]
fn nothing_behind_an_announced_range_is_asked_for() {
    let bytes = pattern(1 << 20);
    let store = Store::new(&bytes);
    let mut reader = RangeReader::new(store).unwrap().windows(1000, 100_000);
    reader.expect(200_000..450_000);
    reader.seek(SeekFrom::Start(200_000)).unwrap();
    let mut range = vec![0; 250_000];
    for piece in range.chunks_mut(333) {
        reader.read_exact(piece).unwrap();
    }
    assert!(range == bytes[200_000..450_000]);
    assert_eq!(
        reader.into_inner().asked,
        [(200_000, 100_000), (300_000, 100_000), (400_000, 50_000)]
    );
}

#[test]
fn a_store_that_shrinks_is_an_error_and_no_end() {
    let sealed = sealed(&small(), &[400_000]);
    let half = sealed.len() / 2;
    let mut left = sealed.len();
    let mut reader = {
        let (sealed, left) = (&sealed, &mut left);
        let source = read_at_fn(sealed.len() as u64, move |offset, buffer: &mut [u8]| {
            let read = (&sealed[..*left]).read_at(offset, buffer);
            // It shrinks after the end was read.
            *left = if offset > 0 { half } else { *left };
            read
        });
        OpenReader::open_at(source, &small_identity()).unwrap()
    };
    let mut image = Vec::new();
    let error = reader.read_to_end(&mut image).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    let text = error.to_string();
    assert!(text.contains("was the object changed meanwhile?"), "{text}");
    assert!(image.len() < 400_000 && pattern(400_000).starts_with(&image));
}

/// An error behind what is wanted waits until that is wanted, and the reading can go on after one.
#[test]
fn errors_come_where_they_are_met() {
    let bytes = pattern(10_000);
    let mut broken = true;
    let source = read_at_fn(10_000, |offset, buffer: &mut [u8]| {
        if broken && offset >= 600 {
            broken = false;
            return Err(ErrorKind::ConnectionReset.into());
        }
        let len = buffer.len().min(600);
        bytes.as_slice().read_at(offset, &mut buffer[..len])
    });
    let mut reader = RangeReader::new(source).unwrap().windows(1000, 1000);
    let mut first = [0; 600];
    reader.read_exact(&mut first).unwrap();
    assert_eq!(first, bytes[..600]);
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, bytes[600..]);
}
