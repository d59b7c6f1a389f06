//! Manifests: one encoding for each.

use super::*;

fn full() -> Manifest {
    let mut m = Manifest::new("dicom", "application/dicom");
    m.claimed_width = Some(512);
    m.claimed_height = Some(70_000);
    m.claimed_frames = Some(1);
    m.claimed_channels = Some(1);
    m.claimed_bits = Some(12);
    m.name = Some("Röntgen 1.dcm".to_owned());
    m.time = Some(-5);
    m.attributes.insert("study".to_owned(), "1.2.3".to_owned());
    m.attributes.insert("z".to_owned(), String::new());
    m.preview_of = Some([3; 32]);
    m
}

#[test]
fn it_survives_the_round_trip() {
    for m in [full(), Manifest::new("opaque", "application/octet-stream")] {
        let bytes = m.to_bytes().unwrap();
        assert_eq!(Manifest::parse(&bytes, 0), Ok(m));
    }
}

#[test]
fn every_truncation_and_extension_is_refused() {
    let bytes = full().to_bytes().unwrap();
    for len in 0..bytes.len() {
        assert!(Manifest::parse(&bytes[..len], 0).is_err(), "{len}");
    }
    assert!(Manifest::parse(&[bytes.as_slice(), &[0]].concat(), 0).is_err());
}

#[test]
fn another_encoding_of_the_same_is_refused() {
    // {1: "a", 2: "b"}, then with a long integer, a long length, an indefinite map, swapped keys.
    let good = [0xA2, 1, 0x61, b'a', 2, 0x61, b'b'];
    assert!(Manifest::parse(&good, 0).is_ok());
    let bad: [&[u8]; 5] = [
        &[0xA2, 0x18, 1, 0x61, b'a', 2, 0x61, b'b'],
        &[0xA2, 1, 0x78, 1, b'a', 2, 0x61, b'b'],
        &[0xBF, 1, 0x61, b'a', 2, 0x61, b'b', 0xFF],
        &[0xA2, 2, 0x61, b'b', 1, 0x61, b'a'],
        &[0xA3, 1, 0x61, b'a', 2, 0x61, b'b', 12, 0],
    ];
    for bytes in bad {
        assert!(Manifest::parse(bytes, 0).is_err(), "{bytes:02x?}");
    }
}

#[test]
fn unknown_fields_from_128_on_are_skipped_if_deterministic() {
    let known = [0xA3, 1, 0x61, b'a', 2, 0x61, b'b', 0x18, 128];
    let with = |tail: &[u8]| Manifest::parse(&[&known[..], tail].concat(), 0);
    assert!(with(&[5]).is_ok());
    assert!(with(&[0x41, 9]).is_ok());
    assert!(with(&[0x18, 5]).is_err());
    assert!(with(&[0x80]).is_err());
}

#[test]
fn it_takes_64_attributes_and_no_more() {
    let with = |count: u32| {
        let mut m = full();
        m.attributes = (0..count).map(|i| (i.to_string(), String::new())).collect();
        m.to_bytes().is_ok()
    };
    assert!(with(64));
    assert!(!with(65));
}
