//! TIFF 6.0, classic: the size stands in the first directory, wherever that lies.
//!
//! ```text
//! "II" 42 | "MM" 42   first directory u32
//! directory = count u16 | tag u16  type u16  count u32  value or offset u32 | … | next directory u32
//! ```

use super::ImageFormat;
use crate::image::bytes::Order::{self, Big, Little};
use crate::image::claims::{Claims, nonzero};

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "tiff",
    media_type: "image/tiff",
    extension: "tif",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    let order = match prefix.get(..4)? {
        b"II*\0" => Little,
        b"MM\0*" => Big,
        _ => return None,
    };
    let file = Tiff {
        bytes: prefix,
        order,
    };
    Some(file.claims().unwrap_or_default())
}

struct Tiff<'a> {
    bytes: &'a [u8],
    order: Order,
}

impl Tiff<'_> {
    fn claims(&self) -> Option<Claims> {
        let first = self.order.size(self.bytes, 4)?;
        let claims = self.directory(first)?;
        Some(claims.with_frames(self.pages(first)))
    }

    /// Reads the entries at hand; where a tag comes twice, the first one counts.
    fn directory(&self, at: usize) -> Option<Claims> {
        let length = self.entries_length(at)?;
        let entries = self.bytes.get(at.checked_add(2)?..)?;
        let entries = entries.get(..length).unwrap_or(entries);
        let mut claims = Claims::default();
        for entry in entries.chunks_exact(ENTRY) {
            match self.order.u16(entry, 0)? {
                256 => claims.width = claims.width.or_else(|| self.value(entry)),
                257 => claims.height = claims.height.or_else(|| self.value(entry)),
                258 => claims.bits = claims.bits.or_else(|| self.small_value(entry)),
                277 => claims.channels = claims.channels.or_else(|| self.small_value(entry)),
                _ => {}
            }
        }
        Some(claims)
    }

    /// Reads the first number of an entry, which is in place where all of them fit four bytes.
    ///
    /// `BitsPerSample` has one number for each sample; they hardly ever differ.
    fn value(&self, entry: &[u8]) -> Option<u32> {
        let width = match self.order.u16(entry, 2)? {
            SHORT => 2,
            LONG => 4,
            _ => return None,
        };
        let values = match self.order.u32(entry, 4)?.checked_mul(width)? {
            0 => return None,
            1..=4 => entry.get(8..)?,
            _ => self.bytes.get(self.order.size(entry, 8)?..)?,
        };
        let first = match width {
            2 => self.order.u16(values, 0)?.into(),
            _ => self.order.u32(values, 0)?,
        };
        nonzero(first)
    }

    fn small_value(&self, entry: &[u8]) -> Option<u8> {
        u8::try_from(self.value(entry)?).ok()
    }

    /// Counts the directories; a chain that leaves the bytes at hand, or never ends, has no count.
    fn pages(&self, first: usize) -> Option<u32> {
        let mut at = first;
        for count in 0..MAX_PAGES {
            if at == 0 {
                return Some(count);
            }
            let next = at.checked_add(2)?.checked_add(self.entries_length(at)?)?;
            at = self.order.size(self.bytes, next)?;
        }
        None
    }

    fn entries_length(&self, directory: usize) -> Option<usize> {
        let count = usize::from(self.order.u16(self.bytes, directory)?);
        count.checked_mul(ENTRY)
    }
}

const ENTRY: usize = 12;
const SHORT: u16 = 3;
const LONG: u16 = 4;
/// More pages than [`SNIFF_LEN`](crate::image::SNIFF_LEN) bytes can hold, and few enough to walk in a circle.
const MAX_PAGES: u32 = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    type Entry = (u16, u16, u32, [u8; 4]);

    /// Writes a big-endian file of one directory at 8 that points to `next`.
    fn big(entries: &[Entry], next: u32) -> Vec<u8> {
        let mut tiff = b"MM\0*\0\0\0\x08".to_vec();
        tiff.extend(u16::try_from(entries.len()).unwrap().to_be_bytes());
        for (tag, kind, count, value) in entries {
            tiff.extend(tag.to_be_bytes());
            tiff.extend(kind.to_be_bytes());
            tiff.extend(count.to_be_bytes());
            tiff.extend(value);
        }
        tiff.extend(next.to_be_bytes());
        tiff
    }

    const WIDTH: Entry = (256, SHORT, 1, [0, 5, 9, 9]);
    const HEIGHT: Entry = (257, LONG, 1, [0, 1, 0, 3]);

    #[test]
    fn shorts_longs_and_values_elsewhere() {
        let bits = (258, SHORT, 3, [0, 0, 0, 62]);
        let mut tiff = big(&[WIDTH, HEIGHT, bits, (277, SHORT, 1, [0, 3, 0, 0])], 0);
        tiff.extend([0, 16, 0, 16, 0, 16]);
        let expected = Claims::of_size(5, 0x1_0003)
            .with_samples(3, 16)
            .with_frames(Some(1));
        assert_eq!(probe(&tiff), Some(expected));
        let little = b"II*\0\x08\0\0\0\x01\0\0\x01\x04\0\x01\0\0\0\x07\0\0\0\0\0\0\0";
        assert_eq!(probe(little).unwrap().width, Some(7));
    }

    #[test]
    fn other_types_and_zeros_claim_nothing() {
        let tiff = big(&[(256, 2, 1, [5; 4]), (257, SHORT, 1, [0; 4])], 0);
        assert_eq!(probe(&tiff), Some(Claims::default().with_frames(Some(1))));
        let hostile = big(&[(256, LONG, u32::MAX, [0xFF; 4]), HEIGHT], 0);
        assert_eq!(probe(&hostile).unwrap().width, None);
    }

    #[test]
    fn circles_and_leaps_have_no_count() {
        for next in [8, 1000, u32::MAX] {
            let claims = probe(&big(&[WIDTH, HEIGHT], next)).unwrap();
            assert_eq!((claims.width, claims.frames), (Some(5), None));
        }
        // Two more directories, without entries: in a circle, and in a chain that ends.
        let circle = [
            &big(&[WIDTH], 26)[..],
            &[0, 0, 0, 0, 0, 32],
            &[0, 0, 0, 0, 0, 26],
        ]
        .concat();
        assert_eq!(probe(&circle).unwrap().frames, None);
        let chain = [&big(&[WIDTH], 26)[..], &[0, 0, 0, 0, 0, 32], &[0; 6]].concat();
        assert_eq!(probe(&chain).unwrap().frames, Some(3));
    }
}
