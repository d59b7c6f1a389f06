//! PNG (Third Edition): chunks up to `IEND`, each with its length and a CRC.
//!
//! Kept are the image, palette and transparency, what says how to show them (`gAMA`, `cHRM`, `sRGB`, `iCCP`, `cICP`,
//! `mDCV`, `cLLI`, `sBIT`, `pHYs`), and the frames of an animation.

use crate::png::{Chunk, NoChunk, write};

use super::exif::Orientation;
use super::output::Output;
use super::{Metadata, StripError};

pub(super) use crate::png::MAGIC;

const FORMAT: &str = "PNG";

/// What is kept, and how long it may be: a chunk of another length could hold anything.
const KEPT: &[(&[u8; 4], usize, usize)] = &[
    (b"IHDR", 13, 13),
    (b"PLTE", 3, 768),
    (b"IDAT", 0, usize::MAX),
    (b"IEND", 0, 0),
    (b"tRNS", 1, 256),
    (b"gAMA", 4, 4),
    (b"cHRM", 32, 32),
    (b"sRGB", 1, 1),
    (b"cICP", 4, 4),
    (b"mDCV", 24, 24),
    (b"cLLI", 8, 8),
    (b"sBIT", 1, 4),
    (b"pHYs", 9, 9),
    (b"acTL", 8, 8),
    (b"fcTL", 26, 26),
    (b"fdAT", 4, usize::MAX),
];

/// The name that every colour profile gets: its own may say anything.
const PROFILE: &[u8] = b"icc\0";

pub(super) fn walk(png: &[u8], output: &mut Output) -> Result<(), StripError> {
    let mut orientation = orientation(png)?;
    output.keep(MAGIC);
    let mut at = MAGIC.len();
    let mut pixels = false;
    loop {
        let chunk = read(png, at)?;
        if at == MAGIC.len() && chunk.kind != *b"IHDR" {
            return Err(malformed("another chunk than the header", at));
        }
        at = chunk.end();
        if chunk.kind == *b"IDAT" {
            pixels = true;
            if let Some(orientation) = orientation.take() {
                write(*b"eXIf", &[&orientation.block()], |bytes| {
                    output.keep(bytes);
                });
            }
        }
        keep_or_not(&chunk, output)?;
        if chunk.kind == *b"IEND" {
            break;
        }
    }
    if !pixels {
        return Err(malformed("an end without an image", at));
    }
    if at < png.len() {
        output.leave_out(Metadata::Trailing, at, png.len() - at);
    }
    Ok(())
}

fn keep_or_not(chunk: &Chunk<'_>, output: &mut Output) -> Result<(), StripError> {
    if let Some((_, least, most)) = KEPT.iter().find(|(kind, ..)| **kind == chunk.kind) {
        if !(*least..=*most).contains(&chunk.data.len()) {
            return Err(malformed("a chunk of a length that cannot be", chunk.at));
        }
        output.keep(chunk.whole);
        return Ok(());
    }
    if chunk.kind == *b"iCCP" {
        let name = chunk.data.iter().take(80).position(|byte| *byte == 0);
        let name = name.ok_or_else(|| malformed("a colour profile without a name", chunk.at))?;
        let parts = [PROFILE, &chunk.data[name + 1..]];
        write(chunk.kind, &parts, |bytes| output.keep(bytes));
        return Ok(());
    }
    // An upper-case first letter: nobody shows the picture without it.
    if chunk.kind[0].is_ascii_uppercase() {
        return Err(StripError::Unsupported(
            FORMAT,
            "a critical chunk",
            chunk.at,
        ));
    }
    let is_text = matches!(&chunk.kind, b"tEXt" | b"zTXt" | b"iTXt");
    let what = match &chunk.kind {
        b"iTXt" if chunk.data.starts_with(b"XML:com.adobe.xmp\0") => Metadata::Xmp,
        _ if is_text => Metadata::Text,
        b"eXIf" => Metadata::Exif,
        b"tIME" => Metadata::Time,
        b"caBX" => Metadata::Provenance,
        _ => Metadata::Other,
    };
    output.leave_out(what, chunk.at, chunk.whole.len());
    Ok(())
}

fn orientation(png: &[u8]) -> Result<Option<Orientation>, StripError> {
    let mut at = MAGIC.len();
    loop {
        let chunk = read(png, at)?;
        match &chunk.kind {
            b"eXIf" => return Ok(Orientation::find(chunk.data)),
            b"IEND" => return Ok(None),
            _ => at = chunk.end(),
        }
    }
}

fn malformed(what: &'static str, at: usize) -> StripError {
    StripError::Malformed(FORMAT, what, at)
}

fn read(png: &[u8], at: usize) -> Result<Chunk<'_>, StripError> {
    Chunk::read(png, at).map_err(|no| match no {
        NoChunk::Truncated => StripError::Truncated(FORMAT, png.len()),
        NoChunk::Kind => malformed("no chunk", at),
        NoChunk::Length => malformed("a length that cannot be", at),
    })
}
