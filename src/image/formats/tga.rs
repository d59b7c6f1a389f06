//! TGA: eighteen bytes without a signature, so all of them are held against what the format allows.
//!
//! ```text
//! id length u8  map u8  kind u8 | map: first u16  length u16  bits u8 | x u16  y u16  width u16  height u16
//! depth u8  descriptor u8: alpha bits, where the first pixel is                                   little endian
//! ```
//!
//! Version 2 has a signature at the file's end, where sniffing does not look. This row is the last of all: whatever
//! has a signature of its own is never taken for TGA, and of other bytes hardly any are, for some fifty bits are fixed.

use super::ImageFormat;
use crate::image::bytes::{Order::Little, array};
use crate::image::claims::Claims;

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "tga",
    media_type: "image/x-tga",
    extension: "tga",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    let [_, map, kind] = array(prefix, 0)?;
    let [map_bits] = array(prefix, 7)?;
    let (map_first, map_length) = (Little.u16(prefix, 3)?, Little.u16(prefix, 5)?);
    let (x, y) = (Little.u16(prefix, 8)?, Little.u16(prefix, 10)?);
    let (width, height) = (Little.u16(prefix, 12)?, Little.u16(prefix, 14)?);
    let [depth, descriptor] = array(prefix, 16)?;
    let mapped = match (map, kind) {
        (0, 2 | 3 | 10 | 11) => false,
        (1, 1 | 9) => true,
        _ => return None,
    };
    let mapping = if mapped {
        matches!(map_bits, 15 | 16 | 24 | 32)
            && map_length > 0
            && map_first.checked_add(map_length).is_some()
    } else {
        (map_first, map_length, map_bits) == (0, 0, 0)
    };
    let placed = width > 0 && height > 0 && x <= width && y <= height;
    // The two upper bits were for interlacing, which nobody wrote.
    if !mapping || !placed || descriptor & 0xC0 != 0 {
        return None;
    }
    let (channels, bits) = samples(kind & 7, depth, descriptor & 0x0F)?;
    Some(
        Claims::of_size(width.into(), height.into())
            .with_samples(channels, bits)
            .with_frames(Some(1)),
    )
}

/// Tells the samples of a depth, if this kind of image can have it with so many alpha bits.
fn samples(kind: u8, depth: u8, alpha: u8) -> Option<(u8, u8)> {
    match (kind, depth, alpha) {
        (1 | 3, 8, 0) => Some((1, 8)),
        (1, 16, 0) => Some((1, 16)),
        (3, 16, 8) => Some((2, 8)),
        (2, 15, 0) | (2, 16, 0 | 1) => Some((3, 5)),
        (2, 24, 0) => Some((3, 8)),
        (2, 32, 0 | 8) => Some((4, 8)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [u8; 18] = [9, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 5, 0, 3, 0, 24, 0x20];

    /// Changes bytes of the header.
    fn with(changes: &[(usize, u8)]) -> Option<Claims> {
        let mut header = HEADER;
        for (at, byte) in changes {
            header[*at] = *byte;
        }
        probe(&header)
    }

    #[test]
    fn each_kind_of_image() {
        let size = Claims::of_size(5, 3).with_frames(Some(1));
        assert_eq!(with(&[]), Some(size.with_samples(3, 8)));
        assert_eq!(
            with(&[(2, 10), (16, 32), (17, 8)]),
            Some(size.with_samples(4, 8))
        );
        assert_eq!(with(&[(2, 11), (16, 8)]), Some(size.with_samples(1, 8)));
        assert_eq!(
            with(&[(2, 3), (16, 16), (17, 8)]),
            Some(size.with_samples(2, 8))
        );
        assert_eq!(with(&[(16, 16), (17, 1)]), Some(size.with_samples(3, 5)));
        let map = [(1, 1), (2, 9), (6, 1), (7, 24), (16, 8)];
        assert_eq!(with(&map), Some(size.with_samples(1, 8)));
    }

    #[test]
    fn every_field_can_refuse() {
        for change in [
            (1, 1),
            (1, 2),
            (2, 0),
            (2, 4),
            (2, 32),
            (3, 1),
            (5, 1),
            (7, 24),
            (9, 1),
            (10, 4),
            (12, 0),
            (14, 0),
            (16, 8),
            (16, 23),
            (17, 8),
            (17, 0x40),
            (17, 0x80),
        ] {
            assert_eq!(with(&[change]), None, "{change:?}");
        }
        let map = [(1, 1), (2, 1), (5, 1), (7, 24), (16, 8)];
        assert!(with(&map).is_some());
        for change in [(5, 0), (7, 8), (16, 24)] {
            assert_eq!(with(&[&map[..], &[change]].concat()), None, "{change:?}");
        }
        let past = [(3, 0xFF), (4, 0xFF)];
        assert_eq!(with(&[&map[..], &past].concat()), None);
    }
}
