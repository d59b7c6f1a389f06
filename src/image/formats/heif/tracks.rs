//! Tracks: a sequence of pictures is stored as video is.

use crate::image::boxes::{Boxes, child};
use crate::image::bytes::{Order::Big, array};
use crate::image::claims::Claims;

/// Finds the track that shows pictures: the size it is shown in, and how many there are.
pub(super) fn pictures(moov: &[u8]) -> Option<(Claims, Option<u32>)> {
    Boxes::new(moov)
        .filter(|found| &found.kind == b"trak")
        .find_map(|track| {
            let media = child(track.body, b"mdia")?;
            // Alpha has a track of its own, with another handler.
            (&array(child(media, b"hdlr")?, 8)? == b"pict").then_some(())?;
            let size = child(track.body, b"tkhd").and_then(size);
            Some((size.unwrap_or_default(), count(media)))
        })
}

/// Reads the size that stands at the end of a track's header, in 1/65536 of a pixel.
fn size(tkhd: &[u8]) -> Option<Claims> {
    let at = match tkhd.first()? {
        0 => 76,
        1 => 88,
        _ => return None,
    };
    let pixels = |at| Big.u32(tkhd, at).map(|fixed| fixed >> 16);
    Some(Claims::of_size(pixels(at)?, pixels(at.checked_add(4)?)?))
}

/// Reads the number of samples, which stands at one place in both kinds of tables.
fn count(media: &[u8]) -> Option<u32> {
    let table = child(child(media, b"minf")?, b"stbl")?;
    let sizes = child(table, b"stsz").or_else(|| child(table, b"stz2"))?;
    Big.u32(sizes, 8)
}
