//! The header: what is accepted is encoded again as the very bytes that were read.

use secimg::format::{CORE_FRAME_LEN, Core, FormatError};
use secimg::stream::{Header, HeaderReader};

use super::choices::{Choices, Pieces};

/// Input: pieces, a stream.
pub fn header(data: &[u8]) {
    let mut choices = Choices::new(data);
    let pieces = choices.pieces();
    let stream = choices.rest();
    let whole = read(stream, Pieces::whole());
    assert_eq!(whole, read(stream, pieces));
    if let Some(core) = stream.first_chunk::<CORE_FRAME_LEN>() {
        match Core::parse(core) {
            Ok(parsed) => assert_eq!(parsed.to_bytes(), core),
            Err(_) => assert!(whole.is_err()),
        }
    }
    if let Ok((header, used)) = whole {
        assert_eq!(header.to_bytes(), &stream[..used]);
        assert_eq!(header.payload_offset(), used as u64);
        assert_eq!(
            header.recipient_list().len(),
            header.recipients.entries.len()
        );
    }
}

fn read(stream: &[u8], mut pieces: Pieces) -> Result<(Header, usize), FormatError> {
    let mut reader = HeaderReader::new();
    let mut used = 0;
    while used < stream.len() {
        let (taken, locked) = reader.push(pieces.of(&stream[used..]))?;
        used += taken;
        if let Some(locked) = locked {
            return Ok((locked.header().clone(), used));
        }
    }
    Err(reader.end_of_input())
}
