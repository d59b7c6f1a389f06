//! What can be known of a stored stream without reading it all.

use std::io::{ErrorKind, Read, SeekFrom};

use super::Stored;
use crate::format::{FRAME_HEADER_LEN, FormatError, FormatErrorKind, FrameHeader, FrameKind};
use crate::io::ReadError;
use crate::stream::{Header, HeaderReader};

/// Reads the header, and waits for it where it is still to come.
pub(super) fn read_header(source: &mut impl Read) -> Result<Header, ReadError> {
    let mut reader = HeaderReader::new();
    let mut buffer = [0; 4096];
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Err(reader.end_of_input().into()),
            Ok(len) => {
                if let (_, Some(locked)) = reader.push(&buffer[..len])? {
                    return Ok(locked.header().clone());
                }
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Computes the number of full chunks, and looks whether FINAL stands where it must and ends the source.
pub(super) fn full_chunks(
    source: &mut impl Stored,
    header: &Header,
    len: u64,
) -> Result<Option<u64>, ReadError> {
    let (geometry, at) = (header.geometry(), header.payload_offset());
    let Ok(chunks) = geometry.full_chunks(len.saturating_sub(at), at) else {
        return Ok(None);
    };
    let last = at + geometry.offset_of(chunks);
    let mut bytes = [0; FRAME_HEADER_LEN];
    source.seek(SeekFrom::Start(last))?;
    match source.read_exact(&mut bytes) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let end = |frame: FrameHeader| last + (FRAME_HEADER_LEN as u64) + u64::from(frame.length);
    let sound = |frame: FrameHeader| -> Result<bool, FormatError> {
        geometry.check_payload_frame(frame, last)?;
        if frame.kind != FrameKind::Final {
            return Err(FormatError::at(FormatErrorKind::Truncated, len));
        }
        Ok(end(frame) == len)
    };
    let whole = FrameHeader::parse(bytes, last).and_then(sound);
    Ok((whole == Ok(true)).then_some(chunks))
}
