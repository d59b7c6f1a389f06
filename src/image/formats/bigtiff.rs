//! `BigTIFF`: TIFF with counts and offsets of eight bytes, for files above 4 GiB, as slide scanners write them.
//!
//! ```text
//! "II" 43 | "MM" 43   8 u16   0 u16   first directory u64
//! directory = count u64 | tag u16  type u16  count u64  value or offset u64 | … | next directory u64
//! ```

use super::ImageFormat;
use super::tiff::{self, Width};
use crate::image::bytes::Order::{Big, Little};
use crate::image::claims::Claims;

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "bigtiff",
    media_type: "image/tiff",
    extension: "tif",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    let order = match prefix.get(..8)? {
        b"II+\0\x08\0\0\0" => Little,
        b"MM\0+\0\x08\0\0" => Big,
        _ => return None,
    };
    Some(tiff::claims(prefix, order, Width::Big).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tag, its type, how many values there are, and what stands in their place.
    type Entry = (u16, u16, u64, [u8; 8]);

    /// Writes a big-endian file of one directory at 16 that points to `next`.
    fn big(entries: &[Entry], next: u64) -> Vec<u8> {
        let mut tiff = b"MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10".to_vec();
        tiff.extend(u64::try_from(entries.len()).unwrap().to_be_bytes());
        for (tag, kind, count, value) in entries {
            tiff.extend(tag.to_be_bytes());
            tiff.extend(kind.to_be_bytes());
            tiff.extend(count.to_be_bytes());
            tiff.extend(value);
        }
        tiff.extend(next.to_be_bytes());
        tiff
    }

    const WIDTH: Entry = (256, 16, 1, [0, 0, 0, 0, 0, 1, 0, 5]);
    const HEIGHT: Entry = (257, 4, 1, [0, 0, 0, 3, 9, 9, 9, 9]);
    // Three shorts fit; in a classic file they would lie elsewhere.
    const BITS: Entry = (258, 3, 3, [0, 16, 0, 16, 0, 16, 9, 9]);
    const SAMPLES: Entry = (277, 3, 1, [0, 3, 9, 9, 9, 9, 9, 9]);

    #[test]
    fn wide_numbers_and_values_in_place() {
        let expected = Claims::of_size(0x1_0005, 3)
            .with_samples(3, 16)
            .with_frames(Some(1));
        let file = big(&[WIDTH, HEIGHT, BITS, SAMPLES], 0);
        assert_eq!(probe(&file), Some(expected));
        let elsewhere = (258, 3, 5, [0, 0, 0, 0, 0, 0, 0, 52]);
        let mut file = big(&[elsewhere], 0);
        file.extend([0, 12, 0, 12, 0, 12, 0, 12, 0, 12]);
        assert_eq!(probe(&file).unwrap().bits, Some(12));
    }

    #[test]
    fn numbers_too_wide_claim_nothing() {
        let wide = (256, 16, 1, [0, 0, 0, 1, 0, 0, 0, 5]);
        let many = (258, 3, u64::MAX, [0xFF; 8]);
        let claims = probe(&big(&[wide, HEIGHT, many], 0)).unwrap();
        let expected = Claims {
            height: Some(3),
            frames: Some(1),
            ..Claims::default()
        };
        assert_eq!(claims, expected);
        for next in [16, 1000, u64::MAX] {
            assert_eq!(probe(&big(&[WIDTH], next)).unwrap().frames, None);
        }
    }

    #[test]
    fn another_width_of_offsets_is_no_bigtiff() {
        assert_eq!(probe(b"II+\0\x10\0\0\0"), None);
        assert_eq!(probe(b"II+\0\x08\0\x01\0"), None);
        let endless = [&b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0"[..], &[0xFF; 8]].concat();
        assert_eq!(probe(&endless), Some(Claims::default()));
    }
}
