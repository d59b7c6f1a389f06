//! Rewrap: of a file in place where the new block fits, and otherwise by copy (SPEC section 9).

pub(super) mod backup;
mod disk;
mod error;
mod file;
mod in_place;
mod lock;
#[cfg(test)]
mod tests;

use std::io::{BufRead, Read, Write};

use crate::stream::{FrameWalker, OpenOptions, SealOptions, Survey, rewrapped_header};

use super::error::{ReadError, WriteError};
use super::source::StreamSource;

pub use error::RewrapFileError;
pub use file::{RewrapReport, rewrap_file, rewrap_file_with};

/// Reads a stream, and writes the same stream for other recipients.
///
/// The payload is not opened, but it is walked over: a truncated stream is refused. Of `recipients`
/// only the recipients count. The old recipients are gone from the block; see
/// [`rewrapped_header`] for what this does not undo.
///
/// # Errors
/// [`ReadError::Sink`] when `output` fails or the new recipients cannot stand together, and
/// [`ReadError`] for the input.
pub fn rewrap_stream(
    reader: impl Read,
    output: &mut impl Write,
    options: &OpenOptions,
    recipients: &SealOptions,
) -> Result<Survey, ReadError> {
    let mut source = StreamSource::new(reader);
    let unlocked = source.header()?.unlock(options)?;
    let header = rewrapped_header(&unlocked, recipients)
        .map_err(|error| ReadError::Sink(WriteError::from(error).into()))?;
    copy(source, &header, output, options)
}

/// Writes the header, and behind it what is left of the source.
fn copy(
    mut source: StreamSource<impl BufRead>,
    header: &[u8],
    output: &mut impl Write,
    options: &OpenOptions,
) -> Result<Survey, ReadError> {
    let mut walker = FrameWalker::new(*options.get_limits());
    output.write_all(header).map_err(ReadError::Sink)?;
    walker.push(header)?;
    source.payload(|bytes| {
        let used = walker.push(bytes)?;
        output.write_all(&bytes[..used]).map_err(ReadError::Sink)?;
        Ok((used, walker.is_done()))
    })?;
    let survey = walker.finish()?;
    source.expect_end(survey.stream_bytes)?;
    Ok(survey)
}
