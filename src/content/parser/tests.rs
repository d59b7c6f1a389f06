//! What the parser says at which byte. What it refuses is tried with the vectors.

use sha2::{Digest, Sha256};

use super::*;

fn record(kind: RecordKind, body: &[u8]) -> Vec<u8> {
    let header = RecordHeader::new(kind, to_u64(body.len()));
    [&header.to_bytes(), body].concat()
}

fn manifest() -> Vec<u8> {
    let manifest = Manifest::new("opaque", "application/octet-stream");
    record(RecordKind::Manifest, &manifest.to_bytes().unwrap())
}

/// Takes all of `bytes` and returns the events before [`ContentEvent::EndOfChunk`].
fn events(parser: &mut ContentParser, bytes: &[u8]) -> Result<Vec<ContentEvent>, ContentError> {
    let (mut found, mut at) = (Vec::new(), 0);
    loop {
        let before = parser.offset();
        let (taken, event) = parser.step(&bytes[at..])?;
        at += taken;
        assert_eq!(parser.offset(), before + to_u64(taken));
        if matches!(event, ContentEvent::EndOfChunk) {
            assert_eq!(at, bytes.len());
            return Ok(found);
        }
        found.push(event);
    }
}

#[test]
fn an_item_is_announced_and_ended_and_its_bytes_counted() {
    let digest = Sha256::digest(b"abcde");
    let mut parser = ContentParser::new(Limits::DEFAULT);
    let item = events(&mut parser, &manifest()).unwrap();
    assert!(matches!(item[..], [ContentEvent::Item(_)]));
    assert_eq!(parser.data_left(), 0);

    let data = record(RecordKind::Data, b"abcde");
    assert!(events(&mut parser, &data[..8]).unwrap().is_empty());
    assert_eq!(parser.data_left(), 5);
    let first = events(&mut parser, &data[8..10]).unwrap();
    assert!(matches!(first[..], [ContentEvent::Data(2)]));
    assert_eq!(parser.data_left(), 3);
    let rest = events(&mut parser, &data[10..]).unwrap();
    assert!(matches!(rest[..], [ContentEvent::Data(3)]));
    assert_eq!(parser.data_left(), 0);

    let end = events(&mut parser, &record(RecordKind::Digest, &digest)).unwrap();
    let expected = ItemEnd {
        bytes: 5,
        sha256: Some(digest.into()),
    };
    assert!(matches!(&end[..], [ContentEvent::ItemEnd(end)] if *end == expected));
}

#[test]
fn an_empty_item_has_no_data() {
    let digest = Sha256::digest(b"");
    let content = [
        manifest(),
        record(RecordKind::Data, b""),
        record(RecordKind::Digest, &digest),
    ]
    .concat();
    let found = events(&mut ContentParser::new(Limits::DEFAULT), &content).unwrap();
    assert!(matches!(
        found[..],
        [ContentEvent::Item(_), ContentEvent::ItemEnd(_)]
    ));
}

/// A record without a body waits for nothing: what follows could come with the next chunk, or never.
#[test]
fn a_record_without_a_body_is_judged_at_once() {
    let header = record(RecordKind::Manifest, b"");
    let result = ContentParser::new(Limits::DEFAULT).step(&header);
    assert!(matches!(
        result.map_err(|e| (e.kind, e.offset)),
        Err((ContentErrorKind::Manifest(_), 0))
    ));
}

/// Right lines behind a false length, and no line at all, are not the index of what was read.
#[test]
fn an_index_has_the_length_of_its_lines() {
    let read = || {
        let mut parser = ContentParser::new(Limits::DEFAULT);
        events(&mut parser, &manifest()).unwrap();
        events(&mut parser, &record(RecordKind::Data, b"abcde")).unwrap();
        events(
            &mut parser,
            &record(RecordKind::Digest, &Sha256::digest(b"abcde")),
        )
        .unwrap();
        parser
    };
    let lines = Index::new(read().entries).to_bytes();
    let right = to_u64(lines.len());
    for claimed in [0, 1, right - 1, right, right + 1, u64::MAX] {
        let header = RecordHeader::new(RecordKind::Index, claimed).to_bytes();
        let answer = events(&mut read(), &[&header, lines.as_slice()].concat());
        match answer {
            Ok(_) => assert_eq!(claimed, right),
            Err(error) => {
                assert_ne!(claimed, right, "{error}");
                assert_eq!(error.kind, ContentErrorKind::IndexMismatch, "{claimed}");
            }
        }
    }
    let mut empty = ContentParser::new(Limits::DEFAULT);
    let error = events(&mut empty, &record(RecordKind::Index, b"")).unwrap_err();
    assert_eq!(error.kind, ContentErrorKind::IndexMismatch);
}
