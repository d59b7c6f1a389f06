//! INDEX: where the items are, for who does not want to read everything (SPEC section 7.4).
//!
//! ```text
//! { offset u64 ‖ bytes u64 ‖ 00 | 01 ‖ digest 32 ‖ u8 ‖ media type ‖ u16 ‖ name }*      in stream order
//! ```

use super::error::{ContentError, ContentErrorKind};
use crate::format::{Reader, Writer};

/// One item's line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IndexEntry {
    /// Where the item's MANIFEST record begins in the content.
    pub offset: u64,
    /// How many bytes the original has.
    pub bytes: u64,
    /// SHA-256 of the original, where the item carries a DIGEST.
    pub digest: Option<[u8; 32]>,
    /// The manifest's media type.
    pub media_type: String,
    /// The manifest's name; empty where it has none.
    pub name: String,
}

impl IndexEntry {
    /// Makes a line.
    #[must_use]
    pub const fn new(
        offset: u64,
        bytes: u64,
        digest: Option<[u8; 32]>,
        media_type: String,
        name: String,
    ) -> Self {
        Self {
            offset,
            bytes,
            digest,
            media_type,
            name,
        }
    }
}

/// The whole index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Index {
    /// The lines, in stream order.
    pub entries: Vec<IndexEntry>,
}

impl Index {
    /// Joins lines.
    #[must_use]
    pub const fn new(entries: Vec<IndexEntry>) -> Self {
        Self { entries }
    }

    /// Returns the body of the record.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        for entry in &self.entries {
            out.u64(entry.offset).u64(entry.bytes);
            match &entry.digest {
                None => out.u8(0),
                Some(digest) => out.u8(1).bytes(digest),
            };
            out.u8(u8::try_from(entry.media_type.len()).unwrap_or(u8::MAX))
                .bytes(entry.media_type.as_bytes())
                .u16(u16::try_from(entry.name.len()).unwrap_or(u16::MAX))
                .bytes(entry.name.as_bytes());
        }
        out.finish()
    }

    /// Parses the body of a record that stands at `offset` of the content.
    ///
    /// # Errors
    /// [`ContentErrorKind::Index`] for an empty or malformed one, and [`ContentErrorKind::TooManyItems`].
    pub fn parse(body: &[u8], offset: u64, max_items: usize) -> Result<Self, ContentError> {
        let fail = |reason| ContentError::at(ContentErrorKind::Index(reason), offset);
        let mut reader = Reader::new(body, offset);
        let mut entries: Vec<IndexEntry> = Vec::new();
        while !reader.rest().is_empty() {
            if entries.len() >= max_items {
                return Err(ContentError::at(
                    ContentErrorKind::TooManyItems(max_items),
                    offset,
                ));
            }
            let entry = parse_entry(&mut reader).map_err(fail)?;
            if entries
                .last()
                .is_some_and(|last| last.offset >= entry.offset)
                || entry.offset >= offset
            {
                return Err(fail("offsets are not ascending, or not before the index"));
            }
            entries.push(entry);
        }
        if entries.is_empty() {
            return Err(fail("it is empty"));
        }
        Ok(Self::new(entries))
    }
}

fn parse_entry(reader: &mut Reader<'_>) -> Result<IndexEntry, &'static str> {
    let short = |_| "it ends inside an entry";
    let offset = reader.u64().map_err(short)?;
    let bytes = reader.u64().map_err(short)?;
    let digest = match reader.u8().map_err(short)? {
        0 => None,
        1 => Some(reader.array().map_err(short)?),
        _ => return Err("a flag that is neither 0 nor 1"),
    };
    let length = usize::from(reader.u8().map_err(short)?);
    let media_type = text(reader.take(length).map_err(short)?)?;
    let name = text(reader.prefixed_u16().map_err(short)?)?;
    Ok(IndexEntry {
        offset,
        bytes,
        digest,
        media_type,
        name,
    })
}

fn text(bytes: &[u8]) -> Result<String, &'static str> {
    core::str::from_utf8(bytes)
        .map(str::to_owned)
        .map_err(|_| "text that is not UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_survives_the_round_trip_and_nothing_shorter_does() {
        let entry = |offset, digest| {
            IndexEntry::new(
                offset,
                9,
                digest,
                "image/png".to_owned(),
                "a.png".to_owned(),
            )
        };
        let index = Index::new(vec![entry(0, None), entry(100, Some([1; 32]))]);
        let bytes = index.to_bytes();
        assert_eq!(Index::parse(&bytes, 1000, 2), Ok(index));
        assert!(Index::parse(&bytes, 1000, 1).is_err());
        assert!(Index::parse(&bytes, 100, 2).is_err());
        let first = 8 + 8 + 1 + 1 + 9 + 2 + 5;
        for len in (0..bytes.len()).filter(|len| *len != first) {
            assert!(Index::parse(&bytes[..len], 1000, 2).is_err(), "{len}");
        }
    }
}
