//! A line of the file: 80 bytes, of which the last four show whether the others are whole.
//!
//! ```text
//! transfer id 32 ‖ items u32 ‖ digest hash 32 ‖ zeros 8 ‖ first 4 bytes of SHA-256(all before)
//! ```

use sha2::{Digest, Sha256};

use super::Id;
use crate::format::{Reader, Writer};
use crate::transport::receipt::Contents;

/// How long a record is.
pub(super) const LEN: usize = 80;
const CHECKED: usize = LEN - 4;
const ZEROS: [u8; 8] = [0; 8];

pub(super) fn encode(id: &Id, contents: Contents) -> Vec<u8> {
    let mut out = Writer::new();
    out.bytes(id)
        .u32(contents.items)
        .bytes(&contents.digests)
        .bytes(&ZEROS);
    let mut bytes = out.finish();
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum);
    bytes
}

/// Returns nothing where the bytes are no record.
pub(super) fn decode(bytes: &[u8; LEN]) -> Option<(Id, Contents)> {
    let (checked, sum) = bytes.split_at(CHECKED);
    if *sum != checksum(checked) {
        return None;
    }
    let mut reader = Reader::new(checked, 0);
    let id = reader.array().ok()?;
    let contents = Contents::new(reader.u32().ok()?, reader.array().ok()?);
    (reader.rest() == ZEROS).then_some((id, contents))
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(bytes).into();
    [a, b, c, d]
}
