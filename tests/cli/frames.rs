//! Raw frames that a program sealed: the command gives back the samples, and says what they are.

use std::sync::Arc;

use secimg::content::Manifest;
use secimg::image::{ByteOrder, Compression, FrameLayout, RawFrame, SampleType};
use secimg::io::SealWriter;
use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::stream::FrameItem;
use secimg::{ImageDescription, SealOptions};
use sha2::{Digest, Sha256};

use super::support::*;

/// 12 bits in samples of 16, big-endian: smooth enough to be compressed.
fn samples() -> Vec<u8> {
    (0..40 * 60_u16)
        .flat_map(|at| (900 + at / 60 * 3 + at % 7).to_be_bytes())
        .collect()
}

fn layout() -> FrameLayout {
    FrameLayout::new(40, 60, SampleType::U16).byte_order(ByteOrder::Big)
}

fn writer(bench: &Bench) -> SealWriter<Vec<u8>> {
    let key = SymmetricKey::from_file_bytes(&bench.read("sym")).unwrap();
    let options = SealOptions::new().recipient(Arc::new(RawKeyRecipient::new(key)));
    SealWriter::new(Vec::new(), &options).unwrap()
}

#[test]
fn a_frame_comes_back_as_its_samples() {
    let bench = Bench::new();
    let samples = samples();
    let frame = RawFrame::new(&samples, layout()).unwrap();
    for compression in [Compression::Always, Compression::Never] {
        let mut writer = writer(&bench);
        let named = ImageDescription::new().named("frame.raw");
        let sealed = writer.add_frame(frame, &named, compression).unwrap();
        assert_eq!(sealed < 4800, compression == Compression::Always);
        writer
            .add_image(GIF, &ImageDescription::new().named("a.gif"), None)
            .unwrap();
        bench.write("s", &writer.finish().unwrap());
        let run = bench
            .run("decrypt --key-file sym -O out s --force --json")
            .ok();
        assert_eq!(bench.read("out/frame.raw"), samples);
        assert_eq!(bench.read("out/a.gif"), GIF);
        let item = &run.one_object()["items"][0];
        assert_eq!(item["media_type"], "application/vnd.secimg.frame");
        assert_eq!(item["bytes"], 4800);
        let digest = Sha256::digest(&samples);
        let digest = digest
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        assert_eq!(item["sha256"], digest);
        assert_eq!(item["width"], 60);
        assert_eq!(item["height"], 40);
        let run = bench.run("verify --key-file sym s --json").ok();
        assert_eq!(run.one_object()["items"][0]["sha256"], digest);
    }
}

/// Seals a frame whose manifest was changed behind its samples' back.
fn lie(bench: &Bench, change: impl Fn(&mut Manifest)) {
    let samples = samples();
    let frame = RawFrame::new(&samples, layout()).unwrap();
    let named = ImageDescription::new().named("frame.raw");
    let item = FrameItem::new(frame, &named, Compression::Always);
    let mut manifest = item.manifest().clone();
    change(&mut manifest);
    let mut writer = writer(bench);
    writer.start_item(&manifest, Some(item.data_len())).unwrap();
    item.data(|bytes| std::io::Write::write_all(&mut writer, bytes))
        .unwrap();
    writer.end_item().unwrap();
    bench.write("s", &writer.finish().unwrap());
}

#[test]
fn a_frame_that_cannot_be_restored_is_not_written() {
    let bench = Bench::new();
    let transform = |m: &mut Manifest| m.frame.as_mut().unwrap().transform.take().unwrap();
    let lies: [&dyn Fn(&mut Manifest); 2] = [
        &|m| m.frame.as_mut().unwrap().transform.as_mut().unwrap().sha256[0] ^= 1,
        &|m| {
            let mut unknown = transform(m);
            "rice-9".clone_into(&mut unknown.name);
            m.frame.as_mut().unwrap().transform = Some(unknown);
        },
    ];
    for change in lies {
        lie(&bench, change);
        bench
            .run("decrypt --key-file sym -O out s --json")
            .fails(3, "malformed");
        assert!(!bench.exists("out/frame.raw"));
        bench
            .run("verify --key-file sym s --json")
            .fails(3, "malformed");
    }
}
