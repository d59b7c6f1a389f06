//! WebP (RFC 9649): a RIFF file of chunks, each padded to an even length.
//!
//! Kept are the bitstream, alpha, the frames of an animation, and the colour profile.

use super::exif::Orientation;
use super::output::Output;
use super::{Metadata, StripError};

pub(super) const MAGIC: &[u8] = b"RIFF";

const FORMAT: &str = "WebP";

/// Where the first chunk begins.
const FIRST: usize = 12;
/// Where the flags of `VP8X` stand.
const FLAGS: usize = FIRST + 8;
const VP8X: usize = 10;
/// What stands before the chunks of a frame.
const FRAME: usize = 16;

/// Of the flags of `VP8X`.
const ICC: u8 = 0x20;
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;
/// Alpha and animation stay as they are.
const OTHERS: u8 = 0x12;

struct Chunk<'a> {
    kind: [u8; 4],
    /// In the file.
    at: usize,
    data: &'a [u8],
    /// With header and padding, as far as that is there.
    len: usize,
}

pub(super) fn walk(webp: &[u8], output: &mut Output) -> Result<(), StripError> {
    if webp.get(8..FIRST) != Some(b"WEBP") {
        return Err(StripError::Format);
    }
    let truncated = || StripError::Truncated(FORMAT, webp.len());
    let size = webp.get(4..).and_then(<[u8]>::first_chunk).copied();
    let size = size.map(u32::from_le_bytes).ok_or_else(truncated)?;
    let size = usize::try_from(size)
        .ok()
        .and_then(|size| size.checked_add(8));
    let file = size
        .and_then(|size| webp.get(..size))
        .ok_or_else(truncated)?;
    output.keep(&webp[..FIRST]);
    let first = Chunk::read(file, FIRST)?.ok_or_else(truncated)?;
    match &first.kind {
        b"VP8 " | b"VP8L" => {
            write(output, &first);
            leave_out_rest(file, first.len, output)?;
        }
        b"VP8X" if first.data.len() >= VP8X => extended(file, &first, output)?,
        b"VP8X" => return Err(malformed("a header of a length that cannot be", first.at)),
        _ => return Err(malformed("no image", first.at)),
    }
    if file.len() < webp.len() {
        output.leave_out(Metadata::Trailing, file.len(), webp.len() - file.len());
    }
    let size = output.kept().len() - 8;
    // Not longer than it was, but for the orientation's few bytes.
    let size = u32::try_from(size).map_err(|_| malformed("a length that cannot be", 4))?;
    output.kept()[4..8].copy_from_slice(&size.to_le_bytes());
    Ok(())
}

/// Behind the one chunk of a simple file nothing is looked at by those who show it.
fn leave_out_rest(file: &[u8], first: usize, output: &mut Output) -> Result<(), StripError> {
    let mut at = FIRST + first;
    while let Some(chunk) = Chunk::read(file, at)? {
        output.leave_out(what(chunk.kind), chunk.at, chunk.len);
        at += chunk.len;
    }
    Ok(())
}

fn extended(file: &[u8], header: &Chunk<'_>, output: &mut Output) -> Result<(), StripError> {
    output.keep(b"VP8X\x0a\0\0\0");
    output.keep(&[header.data[0] & OTHERS, 0, 0, 0]);
    output.keep(&header.data[4..VP8X]);
    let mut orientation = None;
    let mut pixels = false;
    let mut at = FIRST + header.len;
    while let Some(chunk) = Chunk::read(file, at)? {
        at += chunk.len;
        match &chunk.kind {
            b"VP8 " | b"VP8L" => {
                pixels = true;
                write(output, &chunk);
            }
            b"ALPH" => write(output, &chunk),
            b"ANIM" if chunk.data.len() == 6 => write(output, &chunk),
            b"ICCP" => {
                output.kept()[FLAGS] |= ICC;
                write(output, &chunk);
            }
            b"ANMF" => {
                pixels = true;
                frame(&chunk, output)?;
            }
            b"ANIM" | b"VP8X" => {
                return Err(malformed("a chunk that has no place there", chunk.at));
            }
            kind => {
                if kind == b"EXIF" && orientation.is_none() {
                    orientation = Orientation::find(chunk.data);
                }
                output.leave_out(what(chunk.kind), chunk.at, chunk.len);
            }
        }
    }
    if !pixels {
        return Err(malformed("an end without an image", file.len()));
    }
    if let Some(orientation) = orientation {
        output.kept()[FLAGS] |= EXIF;
        output.keep(b"EXIF");
        output.keep(&26_u32.to_le_bytes());
        output.keep(&orientation.block());
    }
    debug_assert_eq!(output.kept()[FLAGS] & XMP, 0);
    Ok(())
}

/// A frame of an animation: where it stands, and chunks of its own.
fn frame(frame: &Chunk<'_>, output: &mut Output) -> Result<(), StripError> {
    let Some((place, chunks)) = frame.data.split_at_checked(FRAME) else {
        return Err(malformed("a frame without a header", frame.at));
    };
    let header = output.kept().len();
    output.keep(b"ANMF\0\0\0\0");
    output.keep(place);
    let inside = frame.at + 8 + FRAME;
    let mut at = 0;
    while let Some(chunk) = Chunk::read(chunks, at)? {
        at += chunk.len;
        match &chunk.kind {
            b"VP8 " | b"VP8L" | b"ALPH" => write(output, &chunk),
            _ => output.leave_out(Metadata::Other, inside + chunk.at, chunk.len),
        }
    }
    let len = output.kept().len() - header - 8;
    let len = u32::try_from(len).map_err(|_| malformed("a length that cannot be", frame.at))?;
    output.kept()[header + 4..header + 8].copy_from_slice(&len.to_le_bytes());
    Ok(())
}

fn what(kind: [u8; 4]) -> Metadata {
    match &kind {
        b"EXIF" => Metadata::Exif,
        b"XMP " => Metadata::Xmp,
        b"C2PA" => Metadata::Provenance,
        _ => Metadata::Other,
    }
}

fn malformed(what: &'static str, at: usize) -> StripError {
    StripError::Malformed(FORMAT, what, at)
}

fn write(output: &mut Output, chunk: &Chunk<'_>) {
    output.keep(&chunk.kind);
    // It was read from so many bits.
    let length = u32::try_from(chunk.data.len()).unwrap_or(u32::MAX);
    output.keep(&length.to_le_bytes());
    output.keep(chunk.data);
    if chunk.data.len() % 2 == 1 {
        output.keep(&[0]);
    }
}

impl<'a> Chunk<'a> {
    /// Reads the chunk there, or nothing at the end.
    fn read(file: &'a [u8], at: usize) -> Result<Option<Self>, StripError> {
        let rest = file.get(at..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(None);
        }
        let truncated = || StripError::Truncated(FORMAT, file.len());
        let (head, data) = rest.split_at_checked(8).ok_or_else(truncated)?;
        let kind = head.first_chunk().copied().ok_or_else(truncated)?;
        let length = head.last_chunk().copied().map(u32::from_le_bytes);
        let length = length.and_then(|length| usize::try_from(length).ok());
        let data = length
            .and_then(|length| data.get(..length))
            .ok_or_else(truncated)?;
        // The last padding is missing in files that many wrote.
        let len = (8 + data.len() + data.len() % 2).min(rest.len());
        Ok(Some(Self {
            kind,
            at,
            data,
            len,
        }))
    }
}
