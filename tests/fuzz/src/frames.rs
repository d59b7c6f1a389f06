//! Wire frames: a walk over a stream says the same however the bytes arrive, and what it says adds up.

use secimg::format::{FormatError, Limits};
use secimg::stream::{FrameWalker, Survey};

use super::choices::{Choices, Pieces};

/// Input: a limit in units of 64 bytes (0: none), pieces, a stream.
pub fn frames(data: &[u8]) {
    let mut choices = Choices::new(data);
    let limits = match choices.short() {
        0 => Limits::DEFAULT,
        limit => Limits::DEFAULT.stream_bytes(u64::from(limit) * 64),
    };
    let pieces = choices.pieces();
    let stream = choices.rest();
    let whole = walk(stream, Pieces::whole(), limits);
    assert_eq!(whole, walk(stream, pieces, limits));
    if let Ok((survey, used)) = &whole {
        check(survey, &stream[..*used]);
    }
    if limits == Limits::DEFAULT {
        let alone = whole.ok().filter(|(_, used)| *used == stream.len());
        assert_eq!(
            secimg::inspect(stream).ok(),
            alone.map(|(survey, _)| survey)
        );
    }
}

fn walk(stream: &[u8], mut pieces: Pieces, limits: Limits) -> Result<(Survey, usize), FormatError> {
    let mut walker = FrameWalker::new(limits);
    let mut used = 0;
    while used < stream.len() && !walker.is_done() {
        let piece = pieces.of(&stream[used..]);
        let taken = walker.push(piece)?;
        assert!(
            taken == piece.len() || walker.is_done(),
            "only an end stops the walk"
        );
        used += taken;
    }
    Ok((walker.finish()?, used))
}

fn check(survey: &Survey, stream: &[u8]) {
    let header = &survey.header;
    let payload = header.payload_offset();
    assert_eq!(survey.stream_bytes, stream.len() as u64);
    assert!(stream.starts_with(&header.to_bytes()));
    let length = survey.stream_bytes - payload;
    let full = header.geometry().full_chunks(length, payload);
    assert_eq!(full.map(|full| full + 1), Ok(survey.chunks));
}
