//! What a reader of chunks tells of the end, and what it believes of it.

use std::sync::Arc;

use super::*;
use crate::content::Manifest;
use crate::keys::{GenerateKind, PrivateKey, RawKeyRecipient, SymmetricKey};
use crate::stream::{HeaderReader, SealEvent, SealOptions, Sealer};

fn key() -> Arc<RawKeyRecipient> {
    let key = SymmetricKey::from_file_bytes(&[7; 32]).unwrap();
    Arc::new(RawKeyRecipient::new(key))
}

fn sealed(signer: &PrivateKey) -> Vec<u8> {
    let options = SealOptions::new().recipient(key());
    let mut sealer = Sealer::new(&options.signer(signer.signer().unwrap())).unwrap();
    let manifest = Manifest::new("opaque", "application/octet-stream");
    sealer.start_item(&manifest, Some(0)).unwrap();
    sealer.end_item().unwrap();
    sealer.finish().unwrap();
    let mut stream = vec![0; 10_000];
    let step = sealer.update(&[], &mut stream).unwrap();
    assert_eq!(step.event, SealEvent::Finished);
    stream.truncate(step.produced);
    stream
}

fn reader(stream: &[u8], options: &OpenOptions) -> ChunkReader {
    let (_, locked) = HeaderReader::new().push(stream).unwrap();
    let unlocked = locked.unwrap().unlock(options).unwrap();
    unlocked
        .into_chunk_reader(stream.len() as u64, options)
        .unwrap()
}

/// Opens FINAL of a stream that has no other chunk.
fn open_end(reader: &mut ChunkReader, stream: &[u8]) {
    assert_eq!(reader.full_chunks(), 0);
    let frame = reader.frame_range(0);
    let start = usize::try_from(frame.start).unwrap();
    reader.open_final(stream[start..].to_vec()).unwrap();
}

#[test]
fn a_signature_is_told_where_it_was_verified() {
    let signer = PrivateKey::generate(GenerateKind::Ed25519).unwrap();
    let stream = sealed(&signer);
    let options = OpenOptions::new().identity(key());
    let mut unasked = reader(&stream, &options);
    open_end(&mut unasked, &stream);
    assert!(unasked.signature().is_none());

    let options = options.require_signer([signer.public()].into_iter().collect());
    let mut asked = reader(&stream, &options);
    assert!(asked.signature().is_none());
    open_end(&mut asked, &stream);
    let told = asked.signature().unwrap();
    assert!(told.trusted);
    assert_eq!(told.spki, signer.signer().unwrap().spki());
}

/// Who seeks goes where CLOSE says that INDEX is; CLOSE itself is no such place.
#[test]
fn an_index_begins_before_close() {
    let signer = PrivateKey::generate(GenerateKind::Ed25519).unwrap();
    let stream = sealed(&signer);
    let mut reader = reader(&stream, &OpenOptions::new().identity(key()));
    assert!(matches!(reader.index_offset(), Ok(None)));
    open_end(&mut reader, &stream);
    let close_at = reader.ending.as_ref().unwrap().at;
    for (claimed, expected) in [
        (0, Some(None)),
        (1, Some(Some(1))),
        (close_at - 1, Some(Some(close_at - 1))),
        (close_at, None),
        (close_at + 1, None),
        (u64::MAX, None),
    ] {
        reader.ending.as_mut().unwrap().close.index_offset = claimed;
        assert_eq!(reader.index_offset().ok(), expected, "{claimed}");
    }
}
