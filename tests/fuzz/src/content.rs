//! The content's parser: what it finds does not depend on where the chunks end.

use secimg::content::{ContentErrorKind, ContentEvent, ContentParser, ItemEnd, Manifest};
use secimg::format::Limits;
use sha2::{Digest, Sha256};

use super::assemble::assemble;
use super::choices::{Choices, Pieces};

/// What was found, data aside.
#[derive(Debug, PartialEq)]
enum Found {
    Item(Manifest),
    Preview(Vec<u8>),
    ItemEnd(ItemEnd),
}

/// How it ended. Whether a CLOSE may stand where it stands does depend on the chunks.
#[derive(Debug, PartialEq)]
enum End {
    NoMore,
    Close(u64),
    Refused(ContentErrorKind, u64),
}

/// Input: as it is or a script; chunk sizes; the content or its script.
pub fn content(data: &[u8]) {
    let mut choices = Choices::new(data);
    let mode = choices.byte();
    let chunks = choices.pieces();
    let content = if mode & 1 == 0 {
        choices.rest().to_vec()
    } else {
        assemble(&mut choices, None).content
    };
    assert_eq!(parse(&content, Pieces::whole()), parse(&content, chunks));
}

fn parse(content: &[u8], mut chunks: Pieces) -> (Vec<Found>, Vec<u8>, End) {
    let mut parser = ContentParser::new(Limits::DEFAULT);
    let (mut found, mut data) = (Vec::new(), Vec::new());
    let (mut at, mut item_start) = (0, 0);
    while at < content.len() {
        let end = at + chunks.of(&content[at..]).len();
        parser.begin_chunk();
        loop {
            let (used, event) = match parser.step(&content[at..end]) {
                Ok(step) => step,
                Err(error) => {
                    let close = matches!(error.kind, ContentErrorKind::Close(_));
                    let refused = End::Refused(error.kind, error.offset);
                    return (
                        found,
                        data,
                        if close {
                            End::Close(error.offset)
                        } else {
                            refused
                        },
                    );
                }
            };
            at += used;
            assert_eq!(parser.offset(), at as u64);
            match event {
                ContentEvent::EndOfChunk => break,
                ContentEvent::Data(len) => data.extend_from_slice(&content[at - len..at]),
                ContentEvent::Item(manifest) => {
                    item_start = data.len();
                    found.push(Found::Item(manifest));
                }
                ContentEvent::Preview(bytes) => found.push(Found::Preview(bytes)),
                ContentEvent::ItemEnd(end) => {
                    let original = &data[item_start..];
                    assert_eq!(end.bytes, original.len() as u64);
                    assert_eq!(end.sha256, Some(Sha256::digest(original).into()));
                    found.push(Found::ItemEnd(end));
                }
                ContentEvent::Close(close) => {
                    let record = close.to_bytes();
                    assert!(at == end && content[..at].ends_with(&record));
                    return (found, data, End::Close((at - record.len()) as u64));
                }
                event => panic!("not known here: {event:?}"),
            }
        }
        assert_eq!(at, end, "a chunk is used up");
    }
    (found, data, End::NoMore)
}
