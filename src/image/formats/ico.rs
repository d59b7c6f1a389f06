//! Windows icons and cursors: a directory of pictures; the largest one's size is claimed.
//!
//! ```text
//! 0000  0001 icon | 0002 cursor  count u16 | width u8  height u8  colours u8  00  planes or x u16  bits or y u16
//!                                            length u32  offset u32 | …                  little endian; 0 means 256
//! ```
//!
//! Four bytes of signature are too few, so the first entry and the first bytes of its picture are part of it.

use super::ImageFormat;
use crate::image::bytes::{Order::Little, array, slice};
use crate::image::claims::Claims;

pub(super) const ICON: ImageFormat = ImageFormat {
    name: "ico",
    media_type: "image/vnd.microsoft.icon",
    extension: "ico",
    probe: |prefix| probe(prefix, 1),
};

pub(super) const CURSOR: ImageFormat = ImageFormat {
    name: "cur",
    media_type: "image/vnd.microsoft.icon",
    extension: "cur",
    probe: |prefix| probe(prefix, 2),
};

fn probe(prefix: &[u8], kind: u16) -> Option<Claims> {
    if Little.u16(prefix, 0)? != 0 || Little.u16(prefix, 2)? != kind {
        return None;
    }
    let count = Little.u16(prefix, 4)?;
    let directory = usize::from(count).checked_mul(ENTRY)?;
    let first = slice(prefix, DIRECTORY, ENTRY)?;
    // Pictures lie behind the directory; one writer of icons sets the free byte.
    let picture = Little.size(first, 12)?;
    let behind = picture >= directory.checked_add(DIRECTORY)?;
    let begins = matches!(&array(prefix, picture)?, b"\x28\0\0\0" | b"\x89PNG");
    if count == 0 || !matches!(first.get(3)?, 0 | 0xFF) || !behind || !begins {
        return None;
    }
    // A picture at hand behind the directory means that all of this is at hand.
    let largest = largest(slice(prefix, DIRECTORY, directory)?)?;
    Some(claims(largest, kind).with_frames(Some(count.into())))
}

fn largest(directory: &[u8]) -> Option<&[u8]> {
    directory.chunks_exact(ENTRY).max_by_key(|entry| {
        let (width, height) = size(entry);
        (width.saturating_mul(height), depth(entry))
    })
}

fn claims(entry: &[u8], kind: u16) -> Claims {
    let (width, height) = size(entry);
    let (channels, bits) = match depth(entry) {
        // A cursor has its hot spot there.
        _ if kind != 1 => (0, 0),
        bits @ (1 | 4 | 8) => (1, u8::try_from(bits).unwrap_or(0)),
        24 => (3, 8),
        32 => (4, 8),
        _ => (0, 0),
    };
    Claims::of_size(width, height).with_samples(channels, bits)
}

fn size(entry: &[u8]) -> (u32, u32) {
    let length = |byte| if byte == 0 { 256 } else { u32::from(byte) };
    array(entry, 0).map_or((0, 0), |[width, height]| (length(width), length(height)))
}

fn depth(entry: &[u8]) -> u16 {
    Little.u16(entry, 6).unwrap_or(0)
}

const DIRECTORY: usize = 6;
const ENTRY: usize = 16;

#[cfg(test)]
pub(in crate::image) mod tests {
    use super::*;

    /// Writes pictures of some width, height and depth: the directory, and how each of them begins.
    pub(in crate::image) fn file(kind: u8, pictures: &[(u8, u8, u8)]) -> Vec<u8> {
        let count = u8::try_from(pictures.len()).unwrap();
        let mut out = vec![0, 0, kind, 0, count, 0];
        for (width, height, depth) in pictures {
            let offset = 6 + 16 * count;
            out.extend([
                *width, *height, 0, 0, 1, 0, *depth, 0, 1, 0, 0, 0, offset, 0, 0, 0,
            ]);
        }
        out.extend(b"\x28\0\0\0____");
        out
    }

    #[test]
    fn the_largest_picture_is_claimed() {
        let icon = file(1, &[(16, 16, 32), (0, 48, 8), (0, 48, 32), (48, 48, 32)]);
        let expected = Claims::of_size(256, 48)
            .with_samples(4, 8)
            .with_frames(Some(4));
        assert_eq!(probe(&icon, 1), Some(expected));
        assert_eq!(probe(&icon, 2), None);
        let cursor = probe(&file(2, &[(32, 32, 1)]), 2).unwrap();
        assert_eq!((cursor.width, cursor.bits), (Some(32), None));
    }

    #[test]
    fn other_bytes_are_no_icon() {
        let icon = file(1, &[(16, 16, 32)]);
        // No picture, the free byte, an offset into the directory, and a picture of another kind.
        for (at, byte) in [(4, 0), (9, 1), (18, 21), (22, 0x29)] {
            let mut other = icon.clone();
            other[at] = byte;
            assert_eq!(probe(&other, 1), None);
        }
    }
}
