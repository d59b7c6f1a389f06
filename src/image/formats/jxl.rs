//! JPEG XL (ISO/IEC 18181): a codestream of bits, bare or in boxes.
//!
//! ```text
//! FF 0A  size, metadata                     0000000C "JXL " 0D0A870A | "ftyp" … | "jxlc"(codestream) or
//!                                                        "jxlp"(number u32  first part of it) | …
//! ```
//!
//! The bare signature has two bytes only, so a size that the format allows is part of it.

use super::ImageFormat;
use crate::image::boxes::Boxes;
use crate::image::claims::Claims;
use header::Bits;

mod header;

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "jxl",
    media_type: "image/jxl",
    extension: "jxl",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    if prefix.starts_with(CONTAINER) {
        return Some(boxed(prefix).unwrap_or_default());
    }
    codestream(prefix)
}

/// Finds the codestream's first bytes; one whose header is spread over several boxes makes no claims.
fn boxed(file: &[u8]) -> Option<Claims> {
    Boxes::new(file).find_map(|found| match &found.kind {
        b"jxlc" => Some(codestream(found.body)),
        b"jxlp" => Some(found.body.get(4..).and_then(codestream)),
        _ => None,
    })?
}

fn codestream(bytes: &[u8]) -> Option<Claims> {
    let mut bits = Bits::new(bytes.strip_prefix(&[0xFF, 0x0A])?);
    let (width, height) = bits.size()?;
    let area = u64::from(width).checked_mul(height.into())?;
    let allowed = width.max(height) <= MAX_SIDE && area <= MAX_AREA;
    allowed.then(|| bits.metadata(Claims::of_size(width, height)))
}

const CONTAINER: &[u8] = b"\0\0\0\x0CJXL \r\n\x87\n";
/// The bounds of level 10, the widest (ISO/IEC 18181-1, annex M).
const MAX_SIDE: u32 = 1 << 30;
const MAX_AREA: u64 = 1 << 40;

#[cfg(test)]
pub(in crate::image) mod tests {
    use super::header::tests::Writer;
    use super::*;
    use crate::image::boxes::tests::boxed;

    /// Writes a codestream that begins with some numbers of so many bits.
    pub(in crate::image) fn stream(fields: &[(u64, u32)]) -> Vec<u8> {
        let mut writer = Writer::default();
        for (value, length) in fields {
            writer.put(*value, *length);
        }
        [&[0xFF, 0x0A][..], &writer.bytes()].concat()
    }

    /// 5 by 3: not in eights, both lengths in nine bits, no ratio.
    pub(in crate::image) const SIZE: [(u64, u32); 6] =
        [(0, 1), (0, 2), (2, 9), (0, 3), (0, 2), (4, 9)];

    pub(in crate::image) fn container(boxes: &[&[u8]]) -> Vec<u8> {
        let kind = boxed(b"ftyp", &[b"jxl \0\0\0\0jxl "]);
        [CONTAINER, &kind, &boxes.concat()].concat()
    }

    fn expected() -> Claims {
        Claims::of_size(5, 3)
            .with_samples(3, 8)
            .with_frames(Some(1))
    }

    #[test]
    fn bare_and_boxed_say_the_same() {
        let stream = stream(&[&SIZE[..], &[(1, 1)]].concat());
        let level = boxed(b"jxll", &[&[10]]);
        let whole = container(&[&level, &boxed(b"jxlc", &[&stream])]);
        let part = container(&[&boxed(b"jxlp", &[&[0; 4], &stream]), &level]);
        for file in [&stream, &whole, &part] {
            assert_eq!(probe(file), Some(expected()));
        }
    }

    #[test]
    fn a_box_that_holds_something_else_claims_nothing() {
        for kind in [b"jxlc", b"jxlp", b"brob"] {
            assert_eq!(
                probe(&container(&[&boxed(kind, &[b"no"])])),
                Some(Claims::default())
            );
        }
    }

    #[test]
    fn two_bytes_are_no_signature() {
        assert_eq!(probe(&[0xFF, 0x0A]), None);
        assert_eq!(probe(&[0xFF, 0x0A, 0xFF]), None);
        // 30 bits each.
        let all = (1 << 30) - 1;
        let large = stream(&[(0, 1), (3, 2), (all, 30), (0, 3), (0, 2), (4, 9), (1, 1)]);
        assert_eq!(probe(&large).unwrap().height, Some(1 << 30));
        let larger = stream(&[(0, 1), (3, 2), (all, 30), (1, 3), (1, 1)]);
        assert_eq!(probe(&larger), None);
    }
}
