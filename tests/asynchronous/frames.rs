//! Raw frames: the same bytes as the blocking writer makes, and the same samples as the blocking reader gives.

use std::io::Cursor;

use secimg::crypto::Random;
use secimg::image::{Compression, FrameError, FrameLayout, FrameMut, RawFrame, SampleType};
use secimg::io::asynchronous::{AsyncOpenReader, AsyncSealWriter};
use secimg::io::{OpenReader, ReadError, SealWriter};
use secimg::stream::{Authentic, ImageDescription, Sealer};
use tokio::io::AsyncReadExt;

use crate::pieces::Pieces;
use crate::support::{Counter, pattern, small, small_identity};

const STRIDE: usize = 300;
const WAYS: [Compression; 3] = [Compression::Auto, Compression::Never, Compression::Always];

fn layout(number: u32) -> FrameLayout {
    FrameLayout::new(40 + number, 120, SampleType::U16).at_time(i64::from(number))
}

/// Slopes, in memory that has something else behind each row.
fn memory(number: u32) -> Vec<u8> {
    let rows = usize::try_from(layout(number).rows).unwrap();
    let mut memory = pattern(rows * STRIDE);
    for (y, row) in memory.chunks_mut(STRIDE).enumerate() {
        for (x, sample) in row[..240].chunks_mut(2).enumerate() {
            let value = u16::try_from(x * 3 + y).unwrap();
            sample.copy_from_slice(&value.to_ne_bytes());
        }
    }
    memory
}

fn described(number: u32) -> ImageDescription {
    ImageDescription::new()
        .named(&format!("{number}.raw"))
        .with_preview(b"small".to_vec().into())
}

fn blocking() -> Vec<u8> {
    let mut rng = Counter(0);
    let mut writer =
        SealWriter::with_rng(Vec::new(), &small(), &mut Random::new(&mut rng)).unwrap();
    for (number, way) in (0..).zip(WAYS) {
        let memory = memory(number);
        let frame = RawFrame::with_stride(&memory, layout(number), STRIDE).unwrap();
        writer.add_frame(frame, &described(number), way).unwrap();
    }
    writer.finish().unwrap()
}

#[tokio::test]
async fn the_same_bytes_as_the_blocking_writer_makes() {
    for seed in 0..8 {
        let sealer = Sealer::with_rng(&small(), &mut Random::new(&mut Counter(0))).unwrap();
        let output = Pieces::of(Vec::new(), seed, if seed % 2 == 0 { 5 } else { 5000 });
        let mut writer = AsyncSealWriter::from_sealer(output, sealer);
        for (number, way) in (0..).zip(WAYS) {
            let memory = memory(number);
            let frame = RawFrame::with_stride(&memory, layout(number), STRIDE).unwrap();
            let packed = frame.packed_bytes();
            let data = writer
                .add_frame(frame, &described(number), way)
                .await
                .unwrap();
            assert_eq!(data < packed, way != Compression::Never);
        }
        let stream = writer.finish().await.unwrap().inner;
        assert!(stream == blocking(), "seed {seed}");
    }
}

#[tokio::test]
async fn frames_come_into_the_callers_memory() {
    let sealed = blocking();
    let stream = Pieces::of(Cursor::new(sealed.clone()), 3, 700);
    let mut reader = AsyncOpenReader::open(stream, &small_identity())
        .await
        .unwrap();
    for number in [2, 0, 1] {
        let mut room = vec![0xA7; memory(number).len() * 2];
        let at = usize::try_from(number).unwrap();
        let mut into = FrameMut::with_stride(&mut room, layout(number), STRIDE + 1).unwrap();
        let manifest = reader.read_frame(at, &mut into).await.unwrap();
        assert_eq!(
            manifest.get().name.as_deref(),
            Some(format!("{number}.raw").as_str())
        );
        let sent = memory(number);
        for (row, sent) in room.chunks(STRIDE + 1).zip(sent.chunks(STRIDE)) {
            assert_eq!(row[..240], sent[..240]);
            assert!(row[240..].iter().all(|byte| *byte == 0xA7));
        }
        assert_eq!(reader.preview().await.unwrap().unwrap().get(), b"small");
    }
}

#[tokio::test]
async fn what_is_no_such_frame_is_refused_and_the_reader_goes_on() {
    let sealed = blocking();
    let mut reader = AsyncOpenReader::open(Cursor::new(sealed.clone()), &small_identity())
        .await
        .unwrap();
    let mut expected = OpenReader::open(Cursor::new(&sealed), &small_identity()).unwrap();
    let mut byte = [0; 7];
    reader.read_exact(&mut byte).await.unwrap();
    let mut room = vec![9; 100 * 240];
    let mut into = FrameMut::new(&mut room, layout(1)).unwrap();
    let refused = reader.read_frame(2, &mut into).await;
    assert!(matches!(
        refused,
        Err(ReadError::Frame(FrameError::Shape { .. }))
    ));
    assert!(matches!(
        reader.read_frame(3, &mut into).await,
        Err(ReadError::Io(_))
    ));
    assert!(room[..41 * 240].iter().all(|byte| *byte == 0));
    // The item that was asked for is selected, and read from its beginning.
    let manifest = expected.select(2).unwrap();
    assert_eq!(
        Some(manifest.get()),
        reader.manifest().map(Authentic::into_inner)
    );
    let mut all = Vec::new();
    reader.read_to_end(&mut all).await.unwrap();
    let mut whole = Vec::new();
    std::io::Read::read_to_end(&mut expected, &mut whole).unwrap();
    assert!(all == whole);
}
