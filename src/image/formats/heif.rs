//! HEIF (ISO/IEC 23008-12) and what is built on it, HEIC and AVIF: boxes that describe items, one of them primary.
//!
//! ```text
//! "ftyp"  major 4  minor u32  compatible 4 … | "meta"( 4 bytes | "pitm" primary item | "iinf" items
//!         | "iref" who refers to whom | "iprp"( "ipco"(properties) | "ipma" whose they are ) ) | "moov" … | "mdat" …
//! ```
//!
//! The size is the primary item's, as coded or, for a grid, as put together, and cropped where its clean aperture
//! says so (encoders fill images up to whole blocks), but not turned. The
//! structural brands (`mif1`, `msf1`) say nothing about the coding, so there the compatible ones decide.

use super::ImageFormat;
use crate::image::boxes::{Boxed, Boxes, child};
use crate::image::bytes::array;
use crate::image::claims::Claims;

mod items;
mod properties;
mod tracks;

pub(super) const AVIF: ImageFormat = ImageFormat {
    name: "avif",
    media_type: "image/avif",
    extension: "avif",
    probe: |prefix| probe(prefix, Family::Avif),
};

pub(super) const HEIC: ImageFormat = ImageFormat {
    name: "heic",
    media_type: "image/heic",
    extension: "heic",
    probe: |prefix| probe(prefix, Family::Heic),
};

/// The same, moving.
pub(super) const HEICS: ImageFormat = ImageFormat {
    name: "heics",
    media_type: "image/heic-sequence",
    extension: "heics",
    probe: |prefix| probe(prefix, Family::HeicSequence),
};

/// Any coding that has no name of its own here.
pub(super) const HEIF: ImageFormat = ImageFormat {
    name: "heif",
    media_type: "image/heif",
    extension: "heif",
    probe: |prefix| probe(prefix, Family::Heif),
};

/// The same, moving.
pub(super) const HEIFS: ImageFormat = ImageFormat {
    name: "heifs",
    media_type: "image/heif-sequence",
    extension: "heifs",
    probe: |prefix| probe(prefix, Family::HeifSequence),
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Avif,
    Heic,
    HeicSequence,
    Heif,
    HeifSequence,
}

fn probe(prefix: &[u8], family: Family) -> Option<Claims> {
    (of(prefix)? == family).then(|| claims(prefix))
}

/// Tells which of the family a file is.
fn of(prefix: &[u8]) -> Option<Family> {
    let Boxed { kind, body, whole } = Boxes::new(prefix).next()?;
    let major = array(body, 0)?;
    if &kind != b"ftyp" {
        return None;
    }
    if let Some(family) = still(&major).or_else(|| moving(&major)) {
        return Some(family);
    }
    let brands = || body.get(8..).unwrap_or_default().chunks_exact(4);
    match &major {
        // Half a list could hide the brand that decides.
        _ if !whole => None,
        b"mif1" | b"mif2" | b"miaf" => brands().find_map(still).or(Some(Family::Heif)),
        b"msf1" => brands().find_map(moving).or(Some(Family::HeifSequence)),
        _ => None,
    }
}

fn still(brand: &[u8]) -> Option<Family> {
    match brand {
        b"avif" | b"avis" => Some(Family::Avif),
        b"heic" | b"heix" | b"heim" | b"heis" => Some(Family::Heic),
        _ => None,
    }
}

fn moving(brand: &[u8]) -> Option<Family> {
    match brand {
        b"avis" => Some(Family::Avif),
        b"hevc" | b"hevx" | b"hevm" | b"hevs" => Some(Family::HeicSequence),
        _ => None,
    }
}

fn claims(file: &[u8]) -> Claims {
    let meta = Boxes::new(file).find(|found| &found.kind == b"meta");
    let mut claims = meta.map_or_else(Claims::default, of_items);
    // A sequence is more than the item that stands for it.
    if is_sequence(file) {
        let track = child(file, b"moov").and_then(tracks::pictures);
        let size = track.map_or_else(Claims::default, |(size, _)| size);
        claims.width = claims.width.or(size.width);
        claims.height = claims.height.or(size.height);
        claims = claims.with_frames(track.and_then(|(_, frames)| frames));
    }
    claims
}

fn is_sequence(file: &[u8]) -> bool {
    let major: Option<[u8; 4]> = child(file, b"ftyp").and_then(|ftyp| array(ftyp, 0));
    major.is_some_and(|brand| &brand == b"msf1" || moving(&brand).is_some())
}

/// Reads what the boxes of items say.
fn of_items(meta: Boxed<'_>) -> Claims {
    let Some(boxes) = meta.body.get(4..) else {
        return Claims::default();
    };
    let primary = child(boxes, b"pitm").and_then(items::primary);
    // Half the properties could hide the one that crops.
    let properties = Boxes::new(boxes).find(|found| &found.kind == b"iprp" && found.whole);
    let described = primary.and_then(|id| properties::of(properties?.body, id));
    let count = child(boxes, b"iinf")
        .filter(|_| meta.whole)
        .and_then(|items| items::pictures(items, child(boxes, b"iref").unwrap_or_default()));
    described.unwrap_or_default().with_frames(count)
}

#[cfg(test)]
pub(in crate::image) mod tests;
