//! PNG (ISO/IEC 15948): the size stands in the first chunk.
//!
//! ```text
//! signature 8 | length u32  type 4  data  crc 4 | …        IHDR: width u32  height u32  depth u8  colour u8  3 more
//! ```

use super::ImageFormat;
use crate::image::bytes::{Order::Big, array};
use crate::image::claims::Claims;

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "png",
    media_type: "image/png",
    extension: "png",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    prefix
        .starts_with(b"\x89PNG\r\n\x1A\n")
        .then(|| claims(prefix).unwrap_or_default())
}

fn claims(png: &[u8]) -> Option<Claims> {
    if &array(png, FIRST_CHUNK)? != b"\0\0\0\x0DIHDR" {
        return None;
    }
    let [depth, colour] = array(png, 24)?;
    let size = Claims::of_size(extent(Big.u32(png, 16)?), extent(Big.u32(png, 20)?));
    Some(
        size.with_samples(channels(colour), bits(depth))
            .with_frames(frames(png)),
    )
}

/// Numbers above 2³¹−1 are not PNG's; a zero is no claim.
fn extent(number: u32) -> u32 {
    if number > 0x7FFF_FFFF { 0 } else { number }
}

/// Counts samples as stored: the index of a palette is one, whatever the palette holds.
fn channels(colour: u8) -> u8 {
    match colour {
        0 | 3 => 1,
        4 => 2,
        2 => 3,
        6 => 4,
        _ => 0,
    }
}

fn bits(depth: u8) -> u8 {
    if matches!(depth, 1 | 2 | 4 | 8 | 16) {
        depth
    } else {
        0
    }
}

/// Looks for the animation's frame count, which must come before the first image data.
fn frames(png: &[u8]) -> Option<u32> {
    let mut at = FIRST_CHUNK;
    loop {
        let body = at.checked_add(8)?;
        match &array(png, at.checked_add(4)?)? {
            b"acTL" => return Big.u32(png, body).map(extent),
            b"IDAT" | b"IEND" => return Some(1),
            _ => at = body.checked_add(Big.size(png, at)?)?.checked_add(4)?,
        }
    }
}

const FIRST_CHUNK: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(depth: u8, colour: u8, rest: &[u8]) -> Claims {
        let mut png = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x01\0\0\0\0\x03".to_vec();
        png.extend([depth, colour, 0, 0, 0, 9, 9, 9, 9]);
        png.extend(rest);
        probe(&png).unwrap()
    }

    #[test]
    fn a_still_image() {
        let size = Claims::of_size(256, 3);
        let idat = b"\0\0\0\x01gAMA_____\0\0\0\0IDAT";
        assert_eq!(of(8, 6, idat), size.with_samples(4, 8).with_frames(Some(1)));
        assert_eq!(of(4, 3, idat), size.with_samples(1, 4).with_frames(Some(1)));
        assert_eq!(of(7, 5, idat), size.with_frames(Some(1)));
    }

    #[test]
    fn frames_are_unknown_until_the_image_data() {
        assert_eq!(of(8, 0, b"").frames, None);
        assert_eq!(of(8, 0, b"\xFF\xFF\xFF\xFFiCCP\0\0\0\0IDAT").frames, None);
        let animated = b"\0\0\0\x08acTL\0\0\0\x07\0\0\0\0____\0\0\0\0IDAT";
        assert_eq!(of(8, 0, animated).frames, Some(7));
    }

    #[test]
    fn the_first_chunk_is_the_header_or_nothing_is() {
        let late =
            b"\x89PNG\r\n\x1A\n\0\0\0\0tEXt____\0\0\0\x0DIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0";
        assert_eq!(probe(late), Some(Claims::default()));
        assert_eq!(extent(0x8000_0000), 0);
    }
}
