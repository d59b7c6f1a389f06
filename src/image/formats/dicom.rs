//! DICOM (PS3.10 and PS3.5): the size stands in group 0028 of the data set.
//!
//! ```text
//! 128 free bytes  "DICM" | group 0002, explicit little endian: transfer syntax | data set in that syntax
//! ```
//!
//! A bare data set, as it comes out of a network association or old archives, has no signature at all. It is taken
//! for DICOM only where its elements lead to a UID in the place where every data set carries one.

use super::ImageFormat;
use crate::image::bytes::{
    Order::{Big, Little},
    slice,
};
use crate::image::claims::{Claims, nonzero};
use elements::{Element, Elements, Syntax};

mod elements;

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "dicom",
    media_type: "application/dicom",
    extension: "dcm",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    let start = if slice(prefix, PREAMBLE, 4) == Some(b"DICM") {
        PREAMBLE.checked_add(4)?
    } else if is_bare_data_set(prefix) {
        0
    } else {
        return None;
    };
    Some(data_set(prefix, start).map_or_else(Claims::default, claims))
}

/// Walks the first group of a file without signature up to a UID that identifies an object or a syntax.
fn is_bare_data_set(bytes: &[u8]) -> bool {
    let Some(syntax) = Syntax::guess(bytes, 0) else {
        return false;
    };
    let mut last = None;
    for element in Elements::new(bytes, 0, syntax) {
        // Elements ascend, and none of another group comes before the proof.
        if last >= Some(element.tag) || !matches!(element.group(), 0x0002 | 0x0008) {
            return false;
        }
        if matches!(element.tag, META_CLASS | SYNTAX | CLASS | INSTANCE) {
            return is_uid(trim(element.value));
        }
        last = Some(element.tag);
    }
    false
}

/// Steps over group 0002, if there is one, to the data set and the syntax that it is in.
fn data_set(bytes: &[u8], start: usize) -> Option<Elements<'_>> {
    let mut meta = Elements::new(bytes, start, Syntax::guess(bytes, start)?);
    let mut uid = None;
    while meta.next_group() == Some(0x0002) {
        let element = meta.next()?;
        if element.tag == SYNTAX {
            uid = Some(trim(element.value));
        }
    }
    let guessed = Syntax::guess(bytes, meta.position())?;
    // Whether VRs are written is seen better than told: files exist that say the one and do the other.
    let order = match uid {
        Some(
            b"1.2.840.10008.1.2.1.99" | b"1.2.840.10008.1.2.4.95" | b"1.2.840.10008.1.2.4.205",
        ) => {
            return None; // deflated
        }
        Some(b"1.2.840.10008.1.2.2") => Big,
        Some(_) => Little,
        None => guessed.order,
    };
    let syntax = Syntax { order, ..guessed };
    Some(Elements::new(bytes, meta.position(), syntax))
}

fn claims(data_set: Elements<'_>) -> Claims {
    let order = data_set.order();
    let number = |element: &Element<'_>| order.u16(element.value, 0).and_then(nonzero);
    let small = |element: &Element<'_>| number(element).and_then(|n| u8::try_from(n).ok());
    let mut claims = Claims::default();
    let mut frames = Some(1);
    let mut allocated = None;
    for element in data_set.take_while(|element| element.group() <= 0x0028) {
        match element.tag {
            SAMPLES_PER_PIXEL => claims.channels = small(&element),
            NUMBER_OF_FRAMES => frames = integer(element.value),
            ROWS => claims.height = number(&element).map(u32::from),
            COLUMNS => claims.width = number(&element).map(u32::from),
            BITS_ALLOCATED => allocated = small(&element),
            // What an image means, not what it takes: ten bits in sixteen are ten.
            BITS_STORED => claims.bits = small(&element),
            _ => {}
        }
    }
    claims.bits = claims.bits.or(allocated);
    // Tags ascend: where there are rows, the number of frames has been passed, and by default it is one.
    claims.with_frames(claims.height.and(frames))
}

/// Reads an integer string (VR IS).
fn integer(text: &[u8]) -> Option<u32> {
    str::from_utf8(trim(text)).ok()?.parse().ok()
}

fn is_uid(text: &[u8]) -> bool {
    text.len() >= 10
        && (text.starts_with(b"1.") || text.starts_with(b"2."))
        && text.iter().all(|c| c.is_ascii_digit() || *c == b'.')
}

/// Takes off padding: values have even lengths, text by spaces and UIDs by a zero byte.
fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] | [rest @ .., b' ' | 0] = text {
        text = rest;
    }
    text
}

const PREAMBLE: usize = 128;
const META_CLASS: u32 = 0x0002_0002;
const SYNTAX: u32 = 0x0002_0010;
const CLASS: u32 = 0x0008_0016;
const INSTANCE: u32 = 0x0008_0018;
const SAMPLES_PER_PIXEL: u32 = 0x0028_0002;
const NUMBER_OF_FRAMES: u32 = 0x0028_0008;
const ROWS: u32 = 0x0028_0010;
const COLUMNS: u32 = 0x0028_0011;
const BITS_ALLOCATED: u32 = 0x0028_0100;
const BITS_STORED: u32 = 0x0028_0101;

#[cfg(test)]
mod tests;
