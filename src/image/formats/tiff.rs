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
    Some(claims(prefix, order, Width::Classic).unwrap_or_default())
}

/// Reads the claims of a file in either of the two widths.
pub(super) fn claims(bytes: &[u8], order: Order, width: Width) -> Option<Claims> {
    let file = Tiff {
        bytes,
        order,
        width,
    };
    let first = file.offset(bytes, width.first_directory())?;
    let claims = file.directory(first)?;
    Some(claims.with_frames(file.pages(first)))
}

/// How wide counts and offsets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// TIFF 6.0: four bytes, and two for the number of entries.
    Classic,
    /// `BigTIFF`: eight bytes, for the number of entries too.
    Big,
}

impl Width {
    fn first_directory(self) -> usize {
        match self {
            Self::Classic => 4,
            Self::Big => 8,
        }
    }

    /// How long a directory's number of entries is.
    fn count(self) -> usize {
        match self {
            Self::Classic => 2,
            Self::Big => 8,
        }
    }

    fn entry(self) -> usize {
        match self {
            Self::Classic => 12,
            Self::Big => 20,
        }
    }

    /// How many bytes of values stand in an entry, and where.
    fn in_place(self) -> (u64, usize) {
        match self {
            Self::Classic => (4, 8),
            Self::Big => (8, 12),
        }
    }
}

struct Tiff<'a> {
    bytes: &'a [u8],
    order: Order,
    width: Width,
}

impl Tiff<'_> {
    /// Reads the entries at hand; where a tag comes twice, the first one counts.
    fn directory(&self, at: usize) -> Option<Claims> {
        let length = self.entries_length(at)?;
        let entries = self.bytes.get(at.checked_add(self.width.count())?..)?;
        let entries = entries.get(..length).unwrap_or(entries);
        let mut claims = Claims::default();
        for entry in entries.chunks_exact(self.width.entry()) {
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

    /// Reads the first number of an entry, which is in place where all of them fit there.
    ///
    /// `BitsPerSample` has one number for each sample; they hardly ever differ.
    fn value(&self, entry: &[u8]) -> Option<u32> {
        let length = match (self.order.u16(entry, 2)?, self.width) {
            (SHORT, _) => 2,
            (LONG, _) => 4,
            (LONG8, Width::Big) => 8,
            _ => return None,
        };
        let (room, place) = self.width.in_place();
        let values = match self.word(entry, 4)?.checked_mul(length)? {
            0 => return None,
            all if all <= room => entry.get(place..)?,
            _ => self.bytes.get(self.offset(entry, place)?..)?,
        };
        let first = match length {
            2 => self.order.u16(values, 0)?.into(),
            4 => self.order.u32(values, 0)?,
            _ => u32::try_from(self.order.u64(values, 0)?).ok()?,
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
            let entries = at.checked_add(self.width.count())?;
            let next = entries.checked_add(self.entries_length(at)?)?;
            at = self.offset(self.bytes, next)?;
        }
        None
    }

    fn entries_length(&self, directory: usize) -> Option<usize> {
        let count = match self.width {
            Width::Classic => self.order.u16(self.bytes, directory)?.into(),
            Width::Big => usize::try_from(self.order.u64(self.bytes, directory)?).ok()?,
        };
        count.checked_mul(self.width.entry())
    }

    /// Reads a count or an offset.
    fn word(&self, bytes: &[u8], at: usize) -> Option<u64> {
        match self.width {
            Width::Classic => self.order.u32(bytes, at).map(u64::from),
            Width::Big => self.order.u64(bytes, at),
        }
    }

    fn offset(&self, bytes: &[u8], at: usize) -> Option<usize> {
        usize::try_from(self.word(bytes, at)?).ok()
    }
}

const SHORT: u16 = 3;
const LONG: u16 = 4;
const LONG8: u16 = 16;
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
