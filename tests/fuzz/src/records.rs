//! The bodies of records: what is accepted is encoded again as the same bytes.

use secimg::content::{Close, Index, Manifest};

use super::choices::Choices;

/// Input: which record, its body.
pub fn records(data: &[u8]) {
    let mut choices = Choices::new(data);
    match choices.byte() % 3 {
        0 => manifest(choices.rest()),
        1 => index(u64::from(choices.short()), choices.rest()),
        _ => close(choices.rest()),
    }
}

/// Keys from 128 on are skipped, and then nothing but they may be missing.
fn manifest(body: &[u8]) {
    if let Ok(manifest) = Manifest::parse(body, 0) {
        let encoded = manifest.to_bytes().unwrap();
        assert!(encoded == body || encoded.len() < body.len());
        assert_eq!(Manifest::parse(&encoded, 0), Ok(manifest));
    }
}

fn index(offset: u64, body: &[u8]) {
    if let Ok(index) = Index::parse(body, offset, 1000) {
        assert_eq!(index.to_bytes(), body);
        assert!(index.entries.iter().all(|entry| entry.offset < offset));
    }
}

fn close(record: &[u8]) {
    if let Ok(close) = Close::parse(record, 0) {
        assert_eq!(close.to_bytes(), record);
        let content = [b"before", record].concat();
        assert_eq!(Close::find(&content, 0), Ok(6));
        assert!(close.unsigned_tail() < record.len());
    }
}
