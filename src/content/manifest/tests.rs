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

#[test]
fn it_takes_64_fields_and_no_more() {
    let with = |unknown: u8| {
        let mut bytes = vec![0xB8, 2 + unknown, 1, 0x61, b'a', 2, 0x61, b'b'];
        for key in (128..).take(usize::from(unknown)) {
            bytes.extend_from_slice(&[0x18, key, 0]);
        }
        Manifest::parse(&bytes, 0).map(|m| m.format)
    };
    assert_eq!(with(62), Ok("a".to_owned()));
    let too_many = ContentErrorKind::Manifest("too many fields");
    assert_eq!(with(63).map_err(|e| e.kind), Err(too_many));
}

/// The longest words and names that SPEC section 7.2 allows, and one byte more.
#[test]
fn words_and_names_have_their_greatest_length() {
    let with = |word: usize, name: usize| {
        let mut m = full();
        m.format = "f".repeat(word);
        m.media_type = "m".repeat(word);
        m.name = Some("n".repeat(name));
        m.to_bytes().is_ok()
    };
    assert_eq!([with(1, 1), with(127, 1024)], [true; 2]);
    assert_eq!(
        [with(0, 1), with(1, 0), with(128, 1), with(1, 1025)],
        [false; 4]
    );
}

#[test]
fn attributes_are_read_from_1_to_64() {
    let with = |count: u8| {
        let mut bytes = vec![0xA3, 1, 0x61, b'a', 2, 0x61, b'b', 10];
        bytes.extend_from_slice(if count < 24 { &[0xA0] } else { &[0xB8, 0] });
        *bytes.last_mut().unwrap() |= count;
        for name in 0..count {
            bytes.extend_from_slice(&[0x61, b'!' + name, 0x60]);
        }
        let read = Manifest::parse(&bytes, 0);
        read.map(|m| m.attributes.len()).map_err(|e| e.kind)
    };
    let refused = Err(ContentErrorKind::Manifest(
        "there must be 1 to 64 attributes",
    ));
    assert_eq!([with(1), with(64)], [Ok(1), Ok(64)]);
    assert_eq!([with(0), with(65)], [refused.clone(), refused]);
}
