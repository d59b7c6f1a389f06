//! Records of the content, for the second writer.

use super::make::sha256;
use super::script::{FORMAT, MEDIA_TYPE};

pub(crate) const MANIFEST: u8 = 1;
pub(crate) const PREVIEW: u8 = 2;
pub(crate) const DATA: u8 = 3;
pub(crate) const DIGEST: u8 = 4;
pub(crate) const INDEX: u8 = 5;

pub(crate) fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    [&record_header(kind, body.len() as u64)[..], body].concat()
}

pub(crate) fn record_header(kind: u8, length: u64) -> [u8; 8] {
    let mut header = length.to_be_bytes();
    header[0] = kind;
    header
}

/// A length or number in CBOR, in its shortest form.
fn head(major: u8, value: usize) -> Vec<u8> {
    match value {
        0..24 => vec![major << 5 | u8::try_from(value).unwrap()],
        24..256 => vec![major << 5 | 0x18, u8::try_from(value).unwrap()],
        _ => [
            &[major << 5 | 0x19],
            &u16::try_from(value).unwrap().to_be_bytes()[..],
        ]
        .concat(),
    }
}

/// Text in CBOR.
pub(crate) fn text(text: &str) -> Vec<u8> {
    [head(3, text.len()), text.as_bytes().to_vec()].concat()
}

/// A CBOR map with keys below 24, whose values are encoded already.
pub(crate) fn map(fields: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut out = head(5, fields.len());
    for (key, value) in fields {
        out.push(*key);
        out.extend_from_slice(value);
    }
    out
}

/// The two fields that every manifest has.
pub(crate) fn required() -> Vec<(u8, Vec<u8>)> {
    vec![(1, text(FORMAT)), (2, text(MEDIA_TYPE))]
}

/// The manifest of a script's item.
pub(crate) fn manifest(name: &str) -> Vec<u8> {
    let mut fields = required();
    if !name.is_empty() {
        fields.push((8, text(name)));
    }
    map(&fields)
}

/// One line of INDEX.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) digest: Option<[u8; 32]>,
    pub(crate) name: String,
}

impl Line {
    pub(crate) fn new(offset: u64, original: &[u8], name: &str) -> Self {
        Self {
            offset,
            bytes: original.len() as u64,
            digest: Some(sha256(original)),
            name: name.to_owned(),
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let digest = self
            .digest
            .map_or_else(|| vec![0], |digest| [&[1], &digest[..]].concat());
        let mut out = [self.offset.to_be_bytes(), self.bytes.to_be_bytes()].concat();
        out.extend_from_slice(&digest);
        out.push(u8::try_from(MEDIA_TYPE.len()).unwrap());
        out.extend_from_slice(MEDIA_TYPE.as_bytes());
        out.extend_from_slice(&u16::try_from(self.name.len()).unwrap().to_be_bytes());
        out.extend_from_slice(self.name.as_bytes());
        out
    }
}

/// INDEX, from its lines.
pub(crate) fn index(lines: &[Line]) -> Vec<u8> {
    record(
        INDEX,
        &lines.iter().flat_map(Line::to_bytes).collect::<Vec<u8>>(),
    )
}

/// An item with a known length and a digest: MANIFEST, DATA, DIGEST.
pub(crate) fn item(name: &str, original: &[u8]) -> Vec<u8> {
    [
        record(MANIFEST, &manifest(name)),
        record(DATA, original),
        record(DIGEST, &sha256(original)),
    ]
    .concat()
}
