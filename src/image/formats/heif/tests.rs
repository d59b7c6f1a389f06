//! Files made by hand: items, properties, grids and tracks.

use super::*;
use crate::image::boxes::tests::boxed;

/// Writes a file type box.
fn brands(major: &[u8], compatible: &[&[u8; 4]]) -> Vec<u8> {
    let list: Vec<u8> = compatible.iter().flat_map(|brand| **brand).collect();
    boxed(b"ftyp", &[major, &[0; 4], &list])
}

fn extents(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    boxed(b"ispe", &[&[0; 4], &size])
}

/// Writes an item's entry.
fn item(id: u8, kind: &[u8], hidden: u8) -> Vec<u8> {
    boxed(b"infe", &[&[2, 0, 0, hidden, 0, id, 0, 0], kind, b"\0"])
}

/// Writes the box of items: 1 is primary and has the properties 1 and 3, 2 has 2.
fn meta(items: &[Vec<u8>], references: &[Vec<u8>]) -> Vec<u8> {
    let count = u8::try_from(items.len()).unwrap();
    let pixels = boxed(b"pixi", &[&[0, 0, 0, 0, 3, 10, 10, 10]]);
    let list = boxed(b"ipco", &[&extents(5, 3), &extents(99, 98), &pixels]);
    let own = boxed(
        b"ipma",
        &[&[0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 1, 2, 0, 1, 2, 0x81, 3]],
    );
    boxed(
        b"meta",
        &[
            &[0; 4],
            &boxed(b"pitm", &[&[0, 0, 0, 0, 0, 1]]),
            &boxed(b"iinf", &[&[0, 0, 0, 0, 0, count], &items.concat()]),
            &boxed(b"iref", &[&[0; 4], &references.concat()]),
            &boxed(b"iprp", &[&list, &own]),
        ],
    )
}

/// Writes a file of one picture of 5 by 3.
pub(in crate::image) fn sample(major: &[u8], compatible: &[&[u8; 4]]) -> Vec<u8> {
    [brands(major, compatible), meta(&[item(1, b"hvc1", 0)], &[])].concat()
}

/// Writes a sequence of 7 pictures of 5 by 3, behind a track of another kind.
pub(in crate::image) fn sequence(major: &[u8], version: u8) -> Vec<u8> {
    let mut header = vec![0; if version == 0 { 76 } else { 88 }];
    header[0] = version;
    header.extend([0, 5, 0, 0, 0, 3, 0, 0]);
    let track = |kind: &[u8], samples: u8| {
        let sizes = boxed(b"stsz", &[&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, samples]]);
        let table = boxed(b"minf", &[&boxed(b"stbl", &[&sizes])]);
        let handler = boxed(b"hdlr", &[&[0; 8], kind, &[0; 12]]);
        let media = boxed(b"mdia", &[&handler, &table]);
        boxed(b"trak", &[&boxed(b"tkhd", &[&header]), &media])
    };
    let movie = boxed(b"moov", &[&track(b"auxv", 9), &track(b"pict", 7)]);
    [brands(major, &[b"mif1"]), movie].concat()
}

fn expected() -> Claims {
    Claims::of_size(5, 3)
        .with_samples(3, 10)
        .with_frames(Some(1))
}

#[test]
fn the_brands_decide_the_name() {
    for (major, compatible, family) in [
        (b"avif", &[b"mif1", b"heic"][..], Family::Avif),
        (b"heic", &[b"mif1"], Family::Heic),
        (b"heix", &[b"mif1", b"avif"], Family::Heic),
        (b"hevc", &[b"msf1"], Family::HeicSequence),
        (b"mif1", &[b"miaf", b"avif", b"heic"], Family::Avif),
        (b"mif1", &[b"hevc", b"heic"], Family::Heic),
        (b"mif1", &[b"jpeg"], Family::Heif),
        (b"msf1", &[b"heic", b"hevc"], Family::HeicSequence),
        (b"msf1", &[], Family::HeifSequence),
    ] {
        let file = sample(major, compatible);
        assert_eq!(of(&file), Some(family));
        assert_eq!(
            probe(&file, family).map(|claims| claims.width),
            Some(Some(5))
        );
    }
    for video in [b"isom", b"mp42", b"qt  ", b"crx "] {
        assert_eq!(of(&sample(video, &[b"mif1", b"heic"])), None);
    }
    assert_eq!(of(&boxed(b"free", &[b"heic"])), None);
    // The list of a structural brand must be whole.
    assert_eq!(of(&sample(b"mif1", &[b"heic"])[..19]), None);
    assert_eq!(of(&sample(b"heic", &[b"mif1"])[..12]), Some(Family::Heic));
}

#[test]
fn a_grid_has_its_own_size_and_is_one_picture() {
    let refers = |kind, from| boxed(kind, &[&[0, from, 0, 1, 0, 1]]);
    let items = [
        item(2, b"hvc1", 1),
        item(3, b"hvc1", 1),
        item(1, b"grid", 0),
        item(4, b"hvc1", 0),
        item(5, b"hvc1", 0),
        item(6, b"Exif", 0),
    ];
    let file = [
        brands(b"heic", &[]),
        meta(
            &items,
            &[refers(b"cdsc", 6), refers(b"thmb", 4), refers(b"auxl", 5)],
        ),
    ]
    .concat();
    assert_eq!(probe(&file, Family::Heic), Some(expected()));
    let two = [brands(b"heic", &[]), meta(&items, &[refers(b"thmb", 4)])].concat();
    assert_eq!(probe(&two, Family::Heic).unwrap().frames, Some(2));
    let many: Vec<_> = (1..=65).map(|id| item(id, b"av01", 0)).collect();
    let many = [brands(b"avif", &[]), meta(&many, &[])].concat();
    assert_eq!(
        probe(&many, Family::Avif),
        Some(expected().with_frames(None))
    );
}

#[test]
fn wide_numbers() {
    let id = [0, 1, 0, 2];
    let list = boxed(b"ipco", &[&extents(99, 98), &extents(5, 3)]);
    let lines = [
        &[1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 0, 1][..],
        &id,
        &[1, 0x80, 2],
    ]
    .concat();
    let entry = boxed(b"infe", &[&[3, 0, 0, 0], &id, &[0, 0], b"av01\0"]);
    let meta = boxed(
        b"meta",
        &[
            &[0; 4],
            &boxed(b"pitm", &[&[1, 0, 0, 0], &id]),
            &boxed(b"iinf", &[&[1, 0, 0, 0, 0, 0, 0, 1], &entry]),
            &boxed(b"iprp", &[&list, &boxed(b"ipma", &[&lines])]),
        ],
    );
    let file = [brands(b"avif", &[]), meta].concat();
    let expected = Claims::of_size(5, 3).with_frames(Some(1));
    assert_eq!(probe(&file, Family::Avif), Some(expected));
}

#[test]
fn no_primary_item_and_foreign_properties_claim_nothing() {
    let list = boxed(b"ipco", &[&extents(5, 3)]);
    for (primary, line) in [
        (
            &[0, 0, 0, 0, 0, 2][..],
            &[0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1][..],
        ),
        (
            &[0, 0, 0, 0, 0, 1],
            &[0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 2, 0xFF],
        ),
        (&[0, 0, 0, 0, 0, 1], &[0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 2]),
        (&[], &[0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1]),
    ] {
        let properties = boxed(b"iprp", &[&list, &boxed(b"ipma", &[line])]);
        let meta = boxed(
            b"meta",
            &[&[0; 4], &boxed(b"pitm", &[primary]), &properties],
        );
        let file = [brands(b"avif", &[]), meta].concat();
        assert_eq!(probe(&file, Family::Avif), Some(Claims::default()));
    }
}

#[test]
fn sequences_count_their_pictures() {
    for (major, version) in [(b"avis", 0), (b"hevc", 1), (b"msf1", 0)] {
        let file = sequence(major, version);
        let claims = probe(&file, of(&file).unwrap()).unwrap();
        assert_eq!(
            claims,
            Claims::of_size(5, 3).with_frames(Some(7)),
            "{major:?}"
        );
    }
}

/// A file whose picture of 64 by 64 is cropped by some fractions.
fn cropped(crop: [u8; 16]) -> Vec<u8> {
    let crop = boxed(b"clap", &[&crop, &[0; 16]]);
    let list = boxed(b"ipco", &[&extents(64, 64), &crop]);
    let own = boxed(b"ipma", &[&[0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2, 1, 2]]);
    let primary = boxed(b"pitm", &[&[0, 0, 0, 0, 0, 1]]);
    // The associations first: a cut then leaves them, and takes the crop.
    let meta = boxed(
        b"meta",
        &[&[0; 4], &primary, &boxed(b"iprp", &[&own, &list])],
    );
    [brands(b"heic", &[]), meta].concat()
}

#[test]
fn a_clean_aperture_crops() {
    let halves = [0, 0, 0, 10, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 1];
    let file = cropped(halves);
    assert_eq!(probe(&file, Family::Heic), Some(Claims::of_size(5, 3)));
    for length in 12..file.len() {
        let cut = probe(&file[..length], Family::Heic);
        assert_eq!(cut, Some(Claims::default()), "cut to {length}");
    }
    let by_zero = [0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1];
    let claims = probe(&cropped(by_zero), Family::Heic);
    assert_eq!(claims, Some(Claims::of_size(0, 3)));
}

/// The longest lists that there is room for: each entry is visited a bounded number of times.
#[test]
fn hostile_lists_end() {
    let half = crate::image::SNIFF_LEN / 2;
    let shown: Vec<_> = (1..=64).map(|id| item(id, b"hvc1", 0)).collect();
    let references = vec![boxed(b"thmb", &[&[0xFF, 0xFF]]); half / 10];
    let file = [brands(b"heic", &[]), meta(&shown, &references)].concat();
    assert_eq!(probe(&file, Family::Heic).unwrap().frames, Some(64));
    let list = boxed(b"ipco", &[&boxed(b"ispe", &[]).repeat(half / 8)]);
    let own = boxed(
        b"ipma",
        &[&[0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 255], &[0xFF; 510]],
    );
    let primary = boxed(b"pitm", &[&[0, 0, 0, 0, 0, 1]]);
    let meta = boxed(
        b"meta",
        &[&[0; 4], &primary, &boxed(b"iprp", &[&list, &own])],
    );
    let file = [brands(b"heic", &[]), meta].concat();
    assert_eq!(probe(&file, Family::Heic), Some(Claims::default()));
}
