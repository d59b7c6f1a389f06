//! Raw frames: every sample comes back to the bit, and nothing that lies between rows is ever sealed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

use std::fs;
use std::io::Cursor;

use proptest::prelude::*;
use secimg::format::Limits;
use secimg::image::{
    ByteOrder, Compression, FrameError, FrameLayout, FrameMut, PhotometricInterpretation, RawFrame,
    SampleType, Transform, sniff,
};
use secimg::io::{OpenReader, ReadError, SealWriter, open_stream};
use secimg::{ImageDescription, OpenError, decrypt, encrypt_frames};
use support::{corpus, files_below, small, small_identity};

/// What lies between rows, and what a buffer holds before.
const POISON: u8 = 0xAA;
const WAYS: [Compression; 3] = [Compression::Auto, Compression::Never, Compression::Always];

/// A frame in memory with gaps between its rows.
#[derive(Debug, Clone)]
struct Memory {
    layout: FrameLayout,
    stride: usize,
    bytes: Vec<u8>,
}

impl Memory {
    /// Lays samples out with gaps of poison.
    fn new(layout: FrameLayout, gap: usize, samples: &[u8]) -> Self {
        let row = usize::try_from(layout.row_bytes()).unwrap();
        let mut bytes = Vec::new();
        for row in samples.chunks_exact(row) {
            bytes.extend_from_slice(row);
            bytes.resize(bytes.len() + gap, POISON);
        }
        // Behind the last row nothing need be.
        bytes.truncate(bytes.len() - gap);
        Self {
            layout,
            stride: row + gap,
            bytes,
        }
    }

    fn frame(&self) -> RawFrame<'_> {
        RawFrame::with_stride(&self.bytes, self.layout, self.stride).unwrap()
    }

    fn packed(&self) -> Vec<u8> {
        self.frame().rows().collect::<Vec<_>>().concat()
    }

    fn sealed(&self, compression: Compression) -> Vec<u8> {
        let described = ImageDescription::new().named("a.raw");
        encrypt_frames(&[(self.frame(), described)], compression, &small()).unwrap()
    }

    /// The same place, full of poison.
    fn blank(&self) -> Vec<u8> {
        vec![POISON; self.bytes.len()]
    }
}

/// What the stream holds, whoever looks at it: DATA as it was sealed.
fn content(sealed: &[u8]) -> Vec<u8> {
    struct All(Vec<u8>);
    impl secimg::io::ItemSink for All {
        fn item(
            &mut self,
            _: &secimg::Authentic<secimg::content::Manifest>,
        ) -> std::io::Result<()> {
            Ok(())
        }
        fn data(&mut self, bytes: &[u8]) -> std::io::Result<()> {
            self.0.extend_from_slice(bytes);
            Ok(())
        }
    }
    let mut all = All(Vec::new());
    open_stream(sealed, &small_identity(), &mut all).unwrap();
    all.0
}

fn layouts() -> impl Strategy<Value = FrameLayout> {
    let types = prop_oneof![
        Just(SampleType::U8),
        Just(SampleType::U16),
        Just(SampleType::I16),
        Just(SampleType::F32)
    ];
    let orders = prop_oneof![Just(ByteOrder::Little), Just(ByteOrder::Big)];
    (1..24_u32, 1..70_u32, 1..=4_u8, types, orders).prop_map(
        |(rows, columns, samples, sample_type, order)| {
            FrameLayout::new(rows, columns, sample_type)
                .samples_per_pixel(samples)
                .byte_order(order)
        },
    )
}

/// Bytes that are never the poison, smooth in parts.
fn memories() -> impl Strategy<Value = Memory> {
    let byte = prop_oneof![
        3 => Just(0_u8),
        2 => 1..4_u8,
        1 => any::<u8>().prop_map(|byte| if byte == POISON { 0x55 } else { byte }),
    ];
    (layouts(), 0..40_usize).prop_flat_map(move |(layout, gap)| {
        let len = usize::try_from(layout.packed_bytes()).unwrap();
        proptest::collection::vec(byte.clone(), len)
            .prop_map(move |samples| Memory::new(layout, gap, &samples))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_sample_comes_back_into_its_own_place(memory in memories()) {
        for compression in WAYS {
            let sealed = memory.sealed(compression);
            let opened = decrypt(&sealed, &small_identity()).unwrap();
            let image = &opened.images[0];
            prop_assert_eq!(&image.bytes, &memory.packed());
            prop_assert_eq!(image.manifest.frame.as_ref().unwrap().layout, memory.layout);

            // The whole buffer is as it was: the gaps are poison before and after.
            let mut place = memory.blank();
            image.copy_frame(&mut FrameMut::with_stride(&mut place, memory.layout, memory.stride).unwrap()).unwrap();
            prop_assert_eq!(&place, &memory.bytes);

            let mut place = memory.blank();
            let mut reader = OpenReader::open(Cursor::new(&sealed), &small_identity()).unwrap();
            let mut into = FrameMut::with_stride(&mut place, memory.layout, memory.stride).unwrap();
            reader.read_frame(0, &mut into).unwrap();
            prop_assert_eq!(&place, &memory.bytes);
        }
    }

    #[test]
    fn what_lies_between_rows_is_never_sealed(memory in memories()) {
        // Of samples as they are, no byte is the poison.
        prop_assert!(!content(&memory.sealed(Compression::Never)).contains(&POISON));
        // What is compressed is the same whatever lies there.
        let mut other = memory.clone();
        let row = usize::try_from(memory.layout.row_bytes()).unwrap();
        for (at, byte) in other.bytes.iter_mut().enumerate() {
            if at % memory.stride >= row {
                *byte = 0x5B;
            }
        }
        for compression in WAYS {
            prop_assert_eq!(content(&memory.sealed(compression)), content(&other.sealed(compression)));
        }
    }

    #[test]
    fn another_byte_order_is_the_readers_choice(memory in memories()) {
        let other = match memory.layout.byte_order {
            ByteOrder::Little => ByteOrder::Big,
            _ => ByteOrder::Little,
        };
        let wanted = memory.layout.byte_order(other);
        let mut swapped = memory.packed();
        swapped
            .chunks_exact_mut(memory.layout.sample_type.bytes().into())
            .for_each(<[u8]>::reverse);
        for compression in WAYS {
            let sealed = memory.sealed(compression);
            let mut reader = OpenReader::open(Cursor::new(&sealed), &small_identity()).unwrap();
            let mut samples = vec![POISON; swapped.len()];
            reader.read_frame(0, &mut FrameMut::new(&mut samples, wanted).unwrap()).unwrap();
            prop_assert_eq!(&samples, &swapped);
            let image = &decrypt(&sealed, &small_identity()).unwrap().images[0];
            let mut samples = vec![POISON; swapped.len()];
            image.copy_frame(&mut FrameMut::new(&mut samples, wanted).unwrap()).unwrap();
            prop_assert_eq!(&samples, &swapped);
        }
    }

    #[test]
    fn coded_bytes_from_anywhere_are_an_error_or_a_wrong_digest(layout in layouts(), coded: Vec<u8>) {
        let mut samples = vec![POISON; usize::try_from(layout.packed_bytes()).unwrap()];
        let mut into = FrameMut::new(&mut samples, layout).unwrap();
        let refused = into.decode(&layout, Transform::Rice1, &coded, &[0; 32]).unwrap_err();
        prop_assert!(matches!(refused, FrameError::Coding(_) | FrameError::Digest));
        prop_assert!(samples.iter().all(|byte| *byte == 0));
    }
}

/// A smooth picture with some noise, 12 bits of 16.
fn scan(rows: u32, columns: u32) -> Memory {
    let layout = FrameLayout::new(rows, columns, SampleType::U16)
        .photometric_interpretation(PhotometricInterpretation::Monochrome2)
        .bits_stored(12)
        .byte_order(ByteOrder::Little)
        .at_time(1_800_000_000_123_456_789);
    let sample = |row: u32, column: u32| {
        let noise = (row * 7919 + column * 104_729) % 13;
        u16::try_from(1000 + row * 3 + column * 2 + noise).unwrap()
    };
    let samples: Vec<u8> = (0..rows)
        .flat_map(|row| (0..columns).flat_map(move |column| sample(row, column).to_le_bytes()))
        .collect();
    Memory::new(layout, 6, &samples)
}

#[test]
fn the_manifest_says_what_the_frame_is() {
    let memory = scan(40, 33);
    let opened = decrypt(&memory.sealed(Compression::Auto), &small_identity()).unwrap();
    let manifest = &opened.images[0].manifest;
    assert_eq!(manifest.format, "raw-frame");
    assert_eq!(manifest.media_type, "application/vnd.secimg.frame");
    assert_eq!(manifest.claimed_height, Some(40));
    assert_eq!(manifest.claimed_width, Some(33));
    assert_eq!(manifest.claimed_channels, Some(1));
    assert_eq!(manifest.claimed_bits, Some(16));
    assert_eq!(manifest.time, Some(1_800_000_000));
    let entry = manifest.frame.as_ref().unwrap();
    assert_eq!(entry.layout, memory.layout);
    let transform = entry.transform.as_ref().unwrap();
    assert_eq!(transform.name, "rice-1");
    assert_eq!(transform.sha256, memory.frame().sha256());
    // DIGEST is that of what was sealed.
    assert!(opened.report.report().items[0].bytes < memory.frame().packed_bytes());
}

#[test]
fn every_flipped_bit_of_a_compressed_frame_is_refused() {
    let memory = scan(9, 21);
    let (transform, coded) = memory.frame().compress(Compression::Always).unwrap();
    let digest = memory.frame().sha256();
    let mut place = memory.blank();
    for at in 0..coded.len() * 8 {
        let mut changed = coded.to_vec();
        changed[at / 8] ^= 1 << (at % 8);
        let mut into = FrameMut::with_stride(&mut place, memory.layout, memory.stride).unwrap();
        let refused = into.decode(&memory.layout, transform, &changed, &digest);
        assert!(refused.is_err(), "bit {at}");
        assert!(into.rows_mut().flatten().all(|byte| *byte == 0), "bit {at}");
    }
    let mut into = FrameMut::with_stride(&mut place, memory.layout, memory.stride).unwrap();
    into.decode(&memory.layout, transform, &coded, &digest)
        .unwrap();
    assert_eq!(place, memory.bytes);
}

#[test]
fn every_truncation_of_a_compressed_frame_is_refused() {
    let memory = scan(9, 21);
    let (transform, coded) = memory.frame().compress(Compression::Always).unwrap();
    let digest = memory.frame().sha256();
    let mut samples = vec![POISON; memory.packed().len()];
    for len in 0..coded.len() {
        let mut into = FrameMut::new(&mut samples, memory.layout).unwrap();
        let refused = into.decode(&memory.layout, transform, &coded[..len], &digest);
        assert!(matches!(refused, Err(FrameError::Coding(_))), "{len}");
    }
    let longer = [coded.as_slice(), &[0]].concat();
    let mut into = FrameMut::new(&mut samples, memory.layout).unwrap();
    let refused = into.decode(&memory.layout, transform, &longer, &digest);
    assert!(matches!(refused, Err(FrameError::Coding(_))), "{refused:?}");
}

#[test]
fn a_buffer_is_checked_before_anything_is_read() {
    let layout = FrameLayout::new(3, 5, SampleType::U16);
    let bytes = [0; 100];
    // Two strides and a row, and not a byte more.
    for (stride, len, fits) in [
        (10, 30, true),
        (10, 29, false),
        (14, 38, true),
        (14, 37, false),
    ] {
        let frame = RawFrame::with_stride(&bytes[..len], layout, stride);
        assert_eq!(frame.is_ok(), fits, "{stride} {len}: {frame:?}");
    }
    let refused = |layout, stride| RawFrame::with_stride(&bytes, layout, stride).unwrap_err();
    assert!(matches!(refused(layout, 9), FrameError::Stride { .. }));
    assert!(matches!(
        refused(layout, usize::MAX),
        FrameError::Buffer { .. }
    ));
    let none = FrameLayout::new(0, 5, SampleType::U16);
    assert!(matches!(refused(none, 10), FrameError::Layout(_)));
    let huge = FrameLayout::new(u32::MAX, 60, SampleType::U8);
    assert!(matches!(refused(huge, 60), FrameError::Buffer { .. }));
}

#[test]
fn a_wrong_buffer_is_refused_and_wiped() {
    let memory = scan(12, 10);
    let mut writer = SealWriter::new(Vec::new(), &small()).unwrap();
    let none = ImageDescription::new();
    writer
        .add_frame(memory.frame(), &none, Compression::Always)
        .unwrap();
    writer.add_image(&b"a file"[..], &none, None).unwrap();
    let sealed = writer.finish().unwrap();
    let mut reader = OpenReader::open(Cursor::new(&sealed), &small_identity()).unwrap();
    let mut refusal = |item: usize, layout: FrameLayout| {
        let mut samples = vec![POISON; 400];
        let mut into = FrameMut::new(&mut samples, layout).unwrap();
        let refused = reader.read_frame(item, &mut into).unwrap_err();
        assert!(
            into.rows_mut().flatten().all(|byte| *byte == 0),
            "{refused}"
        );
        match refused {
            ReadError::Frame(error) => error,
            other => panic!("{other}"),
        }
    };
    let shape = memory.layout;
    let others = [
        FrameLayout::new(10, 12, SampleType::U16),
        FrameLayout::new(12, 10, SampleType::I16),
        FrameLayout::new(12, 5, SampleType::U16).samples_per_pixel(2),
    ];
    for other in others {
        assert!(matches!(refusal(0, other), FrameError::Shape { .. }));
    }
    assert_eq!(refusal(1, shape), FrameError::NotAFrame);
    // What is not in the stream at all.
    let mut samples = vec![POISON; 240];
    let mut into = FrameMut::new(&mut samples, shape).unwrap();
    assert!(matches!(
        reader.read_frame(2, &mut into),
        Err(ReadError::Io(_))
    ));
    assert!(samples.iter().all(|byte| *byte == 0));
}

/// A sender that holds a key can say anything of a frame: what does not fit is refused.
fn lying(change: impl Fn(&mut secimg::content::Manifest, &mut Vec<u8>)) -> Vec<u8> {
    let memory = scan(12, 10);
    let described = ImageDescription::new();
    let item = secimg::stream::FrameItem::new(memory.frame(), &described, Compression::Always);
    let mut data = Vec::new();
    item.data(|bytes| -> Result<(), ()> {
        data.extend_from_slice(bytes);
        Ok(())
    })
    .unwrap();
    let mut manifest = item.manifest().clone();
    change(&mut manifest, &mut data);
    let mut writer = SealWriter::new(Vec::new(), &small()).unwrap();
    writer
        .start_item(&manifest, Some(data.len() as u64))
        .unwrap();
    std::io::Write::write_all(&mut writer, &data).unwrap();
    writer.end_item().unwrap();
    writer.finish().unwrap()
}

#[test]
fn samples_as_they_are_need_no_second_copy() {
    let memory = scan(12, 10);
    let described = ImageDescription::new().with_preview(vec![7; 9].into());
    for (compression, coded) in [(Compression::Never, false), (Compression::Always, true)] {
        let item = secimg::stream::FrameItem::new(memory.frame(), &described, compression);
        assert_eq!(item.preview(), Some(&[7; 9][..]));
        let mut data = Vec::new();
        item.data(|bytes| -> Result<(), ()> {
            data.extend_from_slice(bytes);
            Ok(())
        })
        .unwrap();
        let original = secimg::stream::restored_original(item.manifest(), &data, 1 << 20).unwrap();
        assert_eq!(
            original.map(|original| original.to_vec()),
            coded.then(|| memory.packed())
        );
    }
}

#[test]
fn a_lying_sender_is_found_out() {
    let refusal = |sealed: &[u8]| match decrypt(sealed, &small_identity()) {
        Err(OpenError::Frame { item: 0, error }) => error,
        other => panic!("{other:?}"),
    };
    let transform = |manifest: &mut secimg::content::Manifest| {
        manifest.frame.as_mut().unwrap().transform.take().unwrap()
    };
    assert!(decrypt(&lying(|_, _| ()), &small_identity()).is_ok());

    let sealed = lying(|manifest, _| {
        let entry = manifest.frame.as_mut().unwrap();
        entry.transform.as_mut().unwrap().sha256[0] ^= 1;
    });
    assert_eq!(refusal(&sealed), FrameError::Digest);

    let sealed = lying(|manifest, _| {
        let entry = manifest.frame.as_mut().unwrap();
        "rice-2".clone_into(&mut entry.transform.as_mut().unwrap().name);
    });
    assert_eq!(refusal(&sealed), FrameError::Transform("rice-2".to_owned()));

    let sealed = lying(|_, data| data.resize(10_000, 0));
    assert!(matches!(refusal(&sealed), FrameError::Length { .. }));

    let sealed = lying(|_, data| data.push(0));
    assert!(matches!(refusal(&sealed), FrameError::Coding(_)));

    // Not as many samples as the layout asks for.
    let sealed = lying(|manifest, data| {
        transform(manifest);
        data.resize(239, 0);
    });
    let wrong = FrameError::Length {
        needed: 240,
        given: 239,
    };
    assert_eq!(refusal(&sealed), wrong);
    let layout = scan(12, 10).layout;
    let mut samples = vec![POISON; 240];
    let mut reader = OpenReader::open(Cursor::new(&sealed), &small_identity()).unwrap();
    let mut into = FrameMut::new(&mut samples, layout).unwrap();
    match reader.read_frame(0, &mut into) {
        Err(ReadError::Frame(error)) => assert_eq!(error, wrong),
        other => panic!("{other:?}"),
    }
    assert!(samples.iter().all(|byte| *byte == 0));
}

#[test]
fn the_callers_limit_bounds_what_frames_are_restored_to() {
    let memory = scan(100, 100);
    let frames = [
        (memory.frame(), ImageDescription::new()),
        (memory.frame(), ImageDescription::new()),
    ];
    let sealed = encrypt_frames(&frames, Compression::Always, &small()).unwrap();
    let within = |bytes| {
        let options = small_identity().limits(Limits::DEFAULT.frame_bytes(bytes));
        decrypt(&sealed, &options)
    };
    assert!(within(40_000).is_ok());
    // Together they have one byte too many.
    match within(39_999) {
        Err(OpenError::Frame { item: 1, error }) => {
            let expected = FrameError::Limit {
                bytes: 20_000,
                limit: 19_999,
            };
            assert_eq!(error, expected);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn compression_is_on_by_itself_only_where_it_pays() {
    let compressed = |memory: &Memory| memory.frame().compress(Compression::Auto).is_some();
    assert!(compressed(&scan(64, 64)));
    // Noise, of either width.
    let noise = support::pattern(64 * 64 * 2);
    let wide = FrameLayout::new(64, 64, SampleType::U16);
    assert!(!compressed(&Memory::new(wide, 0, &noise)));
    let narrow = FrameLayout::new(64, 64, SampleType::U8);
    assert!(!compressed(&Memory::new(narrow, 0, &noise[..64 * 64])));
    // A mask is worth it, a gradient with noise in six bits is not.
    let mask: Vec<u8> = (0..64 * 64).map(|at| u8::from(at % 64 < 20)).collect();
    assert!(compressed(&Memory::new(narrow, 0, &mask)));
    let photo: Vec<u8> = noise[..64 * 64]
        .iter()
        .zip(0_usize..)
        .map(|(noise, at)| noise % 64 + u8::try_from(at / 64).unwrap())
        .collect();
    assert!(!compressed(&Memory::new(narrow, 0, &photo)));
    // Whoever says so gets it, and noise grows by less than a sixteenth.
    let (_, coded) = Memory::new(wide, 0, &noise)
        .frame()
        .compress(Compression::Always)
        .unwrap();
    assert!(coded.len() < noise.len() + noise.len() / 16);
}

/// The samples of an uncompressed DICOM file: its Pixel Data (7FE0,0010), where it is as long as the header says.
fn pixel_data(file: &[u8]) -> Option<(FrameLayout, &[u8])> {
    let claims = sniff(file).claims;
    let (rows, columns) = (claims.height?, claims.width?);
    let sample_type = match (claims.bits?, claims.channels?) {
        (9..=16, 1) => SampleType::U16,
        _ => return None,
    };
    let layout = FrameLayout::new(rows, columns, sample_type).byte_order(ByteOrder::Little);
    let len = usize::try_from(layout.packed_bytes()).ok()?;
    // Tag, VR and two reserved bytes, then a length; or tag and length alone.
    let heads: [&[u8]; 2] = [b"\xE0\x7F\x10\0OW\0\0", b"\xE0\x7F\x10\0"];
    heads.iter().find_map(|head| {
        let at = file.windows(head.len()).rposition(|bytes| bytes == *head)? + head.len();
        let said = u32::from_le_bytes(file.get(at..at + 4)?.try_into().ok()?);
        let samples = file.get(at + 4..at + 4 + len)?;
        (usize::try_from(said).ok()? == len).then_some((layout, samples))
    })
}

#[test]
fn medical_frames_come_back_to_the_bit() {
    let Some(corpus) = corpus() else { return };
    let mut sizes = Vec::new();
    for path in files_below(&corpus.join("dicom"))
        .into_iter()
        .chain(files_below(&corpus.join("images")))
    {
        let file = fs::read(&path).unwrap();
        let Some((layout, samples)) = pixel_data(&file) else {
            continue;
        };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut signed = layout;
        signed.sample_type = SampleType::I16;
        for layout in [layout, signed] {
            let memory = Memory::new(layout, 13, samples);
            let sealed = memory.sealed(Compression::Auto);
            let mut place = memory.blank();
            let mut reader = OpenReader::open(Cursor::new(&sealed), &small_identity()).unwrap();
            let mut into = FrameMut::with_stride(&mut place, layout, memory.stride).unwrap();
            reader.read_frame(0, &mut into).unwrap();
            assert!(place == memory.bytes, "{name}");
            let opened = decrypt(&sealed, &small_identity()).unwrap();
            assert!(opened.images[0].bytes == samples, "{name}");
            if layout.sample_type == SampleType::U16 {
                sizes.push((name.clone(), samples.len(), reader.item_len()));
            }
        }
    }
    assert!(sizes.len() >= 20, "only {} frames found", sizes.len());
    for (name, samples, sealed) in sizes {
        say!("{name}: {samples} bytes of samples became {sealed}");
    }
}
