//! JPEG (ITU-T T.81): segments up to a scan, its entropy-coded bytes, segments again, to EOI.
//!
//! Kept are frame, scans, tables, restart interval and number of lines, the colour profile, what `Adobe` and JFIF say of
//! colours and density.

use super::exif::Orientation;
use super::output::Output;
use super::{Metadata, StripError};

pub(super) const MAGIC: &[u8] = &[0xFF, SOI];

const FORMAT: &str = "JPEG";

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const DNL: u8 = 0xDC;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP14: u8 = 0xEE;

/// What of `APP14` is defined: the name, two versions, two flags, the transform.
const ADOBE: usize = 12;
/// What of JFIF is not its thumbnail, but for the thumbnail's size.
const JFIF: usize = 12;

/// A segment with its place.
struct Segment<'a> {
    marker: u8,
    /// From the marker on.
    at: usize,
    /// What stands behind the length.
    body: &'a [u8],
    /// All of it, with one 0xFF in front.
    whole: &'a [u8],
}

/// What stands in front of all else.
#[derive(Default)]
struct Front<'a> {
    jfif: Option<&'a [u8]>,
    orientation: Option<Orientation>,
}

pub(super) fn walk(jpeg: &[u8], output: &mut Output) -> Result<(), StripError> {
    let mut reader = Reader { jpeg, at: 2 };
    let front = front(jpeg)?;
    output.keep(&jpeg[..2]);
    front.write(output);
    let (mut frames, mut scans) = (0, 0);
    loop {
        let (at, marker) = reader.marker()?;
        if marker == EOI {
            if frames == 0 || scans == 0 {
                return Err(malformed("an end without an image", at));
            }
            output.keep(&[0xFF, EOI]);
            break;
        }
        let segment = reader.segment(at, marker)?;
        match marker {
            0xC4 | 0xCC | 0xDB | 0xDD => output.keep(segment.whole),
            0xC8 => return Err(malformed("a reserved marker", at)),
            0xC0..=0xCF => {
                frames += 1;
                if frames > 1 {
                    return Err(unsupported("a second frame", at));
                }
                output.keep(segment.whole);
            }
            DNL if scans > 0 => output.keep(segment.whole),
            SOS => {
                scans += 1;
                output.keep(segment.whole);
                output.keep(reader.entropy_coded()?);
            }
            0xDE | 0xDF => return Err(unsupported("a hierarchical image", at)),
            APP0..=0xEF | 0xFE => application(&segment, output),
            _ => return Err(malformed("a marker that has no place there", at)),
        }
    }
    trailing(jpeg, reader.at, output);
    Ok(())
}

/// Looks for what comes first, wherever it stands before the first scan.
fn front(jpeg: &[u8]) -> Result<Front<'_>, StripError> {
    let mut reader = Reader { jpeg, at: 2 };
    let mut front = Front::default();
    loop {
        let (at, marker) = reader.marker()?;
        if matches!(marker, EOI | SOS) {
            return Ok(front);
        }
        let segment = reader.segment(at, marker)?;
        if is_jfif(&segment) && front.jfif.is_none() {
            front.jfif = segment.body.get(..JFIF);
        }
        if marker == APP1 && front.orientation.is_none() && segment.body.starts_with(b"Exif\0") {
            front.orientation = Orientation::find(segment.body);
        }
    }
}

impl Front<'_> {
    fn write(&self, output: &mut Output) {
        if let Some(jfif) = self.jfif {
            output.keep(&[0xFF, APP0, 0, 16]);
            output.keep(jfif);
            // No thumbnail.
            output.keep(&[0, 0]);
        }
        if let Some(orientation) = self.orientation {
            output.keep(&[0xFF, APP1, 0, 34]);
            output.keep(b"Exif\0\0");
            output.keep(&orientation.block());
        }
    }
}

fn is_jfif(segment: &Segment<'_>) -> bool {
    segment.marker == APP0 && segment.body.starts_with(b"JFIF\0") && segment.body.len() >= JFIF + 2
}

/// Keeps of an application's segment what the picture needs.
fn application(segment: &Segment<'_>, output: &mut Output) {
    let body = segment.body;
    let is = |marker: u8, name: &[u8]| segment.marker == marker && body.starts_with(name);
    if is(0xE2, b"ICC_PROFILE\0") {
        return output.keep(segment.whole);
    }
    if is(APP14, b"Adobe") && body.len() >= ADOBE {
        output.keep(&[0xFF, APP14, 0, 14]);
        output.keep(&body[..ADOBE]);
        if body.len() > ADOBE {
            let more = body.len() - ADOBE;
            output.leave_out(Metadata::Other, segment.at + 4 + ADOBE, more);
        }
        return;
    }
    // What is kept of it stands at the front.
    if is_jfif(segment) && body.len() == JFIF + 2 {
        return;
    }
    let what = match segment.marker {
        APP0 if body.starts_with(b"JFIF\0") || body.starts_with(b"JFXX\0") => Metadata::Thumbnail,
        APP1 if body.starts_with(b"Exif\0") => Metadata::Exif,
        APP1 if body.starts_with(b"http://ns.adobe.com/x") => Metadata::Xmp,
        0xE2 if body.starts_with(b"MPF\0") => Metadata::SecondImage,
        0xEB if body.starts_with(b"JP") => Metadata::Provenance,
        0xED => Metadata::Iptc,
        0xFE => Metadata::Text,
        _ => Metadata::Other,
    };
    output.leave_out(what, segment.at, segment.whole.len());
}

fn trailing(jpeg: &[u8], at: usize, output: &mut Output) {
    let rest = &jpeg[at..];
    if !rest.is_empty() {
        let what = if rest.starts_with(MAGIC) {
            Metadata::SecondImage
        } else {
            Metadata::Trailing
        };
        output.leave_out(what, at, rest.len());
    }
}

fn malformed(what: &'static str, at: usize) -> StripError {
    StripError::Malformed(FORMAT, what, at)
}

fn unsupported(what: &'static str, at: usize) -> StripError {
    StripError::Unsupported(FORMAT, what, at)
}

struct Reader<'a> {
    jpeg: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn truncated(&self) -> StripError {
        StripError::Truncated(FORMAT, self.jpeg.len())
    }

    fn next(&mut self) -> Result<u8, StripError> {
        let byte = self.jpeg.get(self.at).copied();
        self.at += 1;
        byte.ok_or_else(|| self.truncated())
    }

    /// Reads a marker, before which there may be any number of 0xFF.
    fn marker(&mut self) -> Result<(usize, u8), StripError> {
        let first = self.at;
        if self.next()? != 0xFF {
            return Err(malformed("no marker", first));
        }
        loop {
            match self.next()? {
                0xFF => {}
                marker => return Ok((self.at - 2, marker)),
            }
        }
    }

    /// Reads what follows a marker that has a length.
    fn segment(&mut self, at: usize, marker: u8) -> Result<Segment<'a>, StripError> {
        if matches!(marker, 0x00..=0x01 | 0xD0..=0xD8) {
            return Err(malformed("a marker that has no place there", at));
        }
        let length = u16::from_be_bytes([self.next()?, self.next()?]);
        let length = usize::from(length);
        if length < 2 {
            return Err(malformed("a length that cannot be", self.at - 2));
        }
        let end = self.at + length - 2;
        let body = self
            .jpeg
            .get(self.at..end)
            .ok_or_else(|| self.truncated())?;
        self.at = end;
        Ok(Segment {
            marker,
            at,
            body,
            whole: &self.jpeg[at..end],
        })
    }

    /// Reads the bytes of a scan up to the next marker that is none of restart.
    fn entropy_coded(&mut self) -> Result<&'a [u8], StripError> {
        let start = self.at;
        loop {
            let rest = &self.jpeg[self.at..];
            let Some(found) = rest.iter().position(|byte| *byte == 0xFF) else {
                return Err(self.truncated());
            };
            self.at += found;
            match self.jpeg.get(self.at + 1) {
                Some(0x00 | 0xD0..=0xD7) => self.at += 2,
                // It may fill, or begin a marker.
                Some(0xFF) => self.at += 1,
                Some(_) => return Ok(&self.jpeg[start..self.at]),
                None => return Err(self.truncated()),
            }
        }
    }
}
