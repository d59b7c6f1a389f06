//! GIF, 87a and 89a: the size is the logical screen's, the frames are counted where the whole file is at hand.
//!
//! ```text
//! "GIF89a"  width u16  height u16  packed u8  2 more | colour table? | block … | 3B
//! block = 21 label u8 data          2C  left, top, width, height u16  packed u8  colour table?  code size u8  data
//! data  = (length u8  bytes)…  00
//! ```

use super::ImageFormat;
use crate::image::bytes::{Order::Little, array};
use crate::image::claims::Claims;

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "gif",
    media_type: "image/gif",
    extension: "gif",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    (prefix.starts_with(b"GIF87a") || prefix.starts_with(b"GIF89a"))
        .then(|| claims(prefix).unwrap_or_default())
}

fn claims(gif: &[u8]) -> Option<Claims> {
    let size = Claims::of_size(Little.u16(gif, 6)?.into(), Little.u16(gif, 8)?.into());
    let [packed] = array(gif, 10)?;
    // Pixels are indices; without a table for the whole file each frame has a depth of its own.
    let bits = if has_table(packed) { depth(packed) } else { 0 };
    Some(size.with_samples(1, bits).with_frames(frames(gif, packed)))
}

/// Counts image descriptors up to the trailer.
fn frames(gif: &[u8], packed: u8) -> Option<u32> {
    let mut at = table_length(packed).checked_add(13)?;
    let mut count = 0_u32;
    loop {
        match array(gif, at)? {
            [0x3B] => return Some(count),
            [0x21] => at = data_end(gif, at.checked_add(2)?)?,
            [0x2C] => {
                let [packed] = array(gif, at.checked_add(9)?)?;
                let code_size = at.checked_add(10)?.checked_add(table_length(packed))?;
                at = data_end(gif, code_size.checked_add(1)?)?;
                count = count.checked_add(1)?;
            }
            _ => return None,
        }
    }
}

/// Steps over data blocks, up to and with the empty one.
fn data_end(gif: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let [length] = array(gif, at)?;
        at = at.checked_add(1)?.checked_add(length.into())?;
        if length == 0 {
            return Some(at);
        }
    }
}

fn has_table(packed: u8) -> bool {
    packed & 0x80 != 0
}

fn depth(packed: u8) -> u8 {
    (packed & 7).saturating_add(1)
}

fn table_length(packed: u8) -> usize {
    if has_table(packed) {
        6_usize << (packed & 7)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: &[u8] = b"GIF89a\x05\0\x03\0\x80\0\0______";
    const LOOP: &[u8] = b"\x21\xFF\x03abc\x02de\0";
    const FRAME: &[u8] = b"\x2C\0\0\0\0\x05\0\x03\0\x81____________\x02\x01\x3B\0";

    fn of(parts: &[&[u8]]) -> Claims {
        probe(&parts.concat()).unwrap()
    }

    #[test]
    fn counts_frames_of_a_whole_file() {
        let size = Claims::of_size(5, 3).with_samples(1, 1);
        assert_eq!(
            of(&[SCREEN, LOOP, FRAME, FRAME, b"\x3Btrailing"]),
            size.with_frames(Some(2))
        );
        assert_eq!(of(&[SCREEN, FRAME, LOOP]), size);
        assert_eq!(of(&[SCREEN, FRAME, b"?\x3B"]), size);
    }

    #[test]
    fn no_global_table_and_no_width() {
        let claims = of(&[b"GIF87a\0\0\x03\0\x07\0\0\x3B"]);
        assert_eq!((claims.width, claims.height), (None, Some(3)));
        assert_eq!((claims.bits, claims.frames), (None, None));
        assert_eq!(probe(b"GIF88a\0\0\x03\0\x07\0\0\x3B"), None);
    }
}
