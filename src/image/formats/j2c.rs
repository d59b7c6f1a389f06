//! JPEG 2000 codestream (ISO/IEC 15444-1, annex A), without a box around it: the size stands in the first segment.
//!
//! ```text
//! FF 4F | FF 51  length u16  capabilities u16  width, height u32  their offsets u32  tile: 4 × u32
//!         components u16 | depth u8  steps u8 u8 | …
//! ```
//!
//! Bit 14 of the capabilities says that a segment with more of them follows; part 15 (HTJ2K) came with it.

use super::ImageFormat;
use crate::image::bytes::{Order::Big, array};
use crate::image::claims::Claims;

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "j2c",
    media_type: "image/j2c",
    extension: "j2c",
    probe: |prefix| probe(prefix, false),
};

/// The same of high throughput (ISO/IEC 15444-15).
pub(super) const HIGH_THROUGHPUT: ImageFormat = ImageFormat {
    name: "jphc",
    media_type: "image/jphc",
    extension: "jhc",
    probe: |prefix| probe(prefix, true),
};

fn probe(prefix: &[u8], high_throughput: bool) -> Option<Claims> {
    if !prefix.starts_with(&[0xFF, 0x4F, 0xFF, 0x51]) {
        return None;
    }
    let capabilities = Big.u16(prefix, 6)?;
    (high_throughput == (capabilities & EXTENDED != 0)).then(|| claims(prefix).unwrap_or_default())
}

/// Reads the claims of a codestream, also of one in a box.
pub(super) fn claims(codestream: &[u8]) -> Option<Claims> {
    if array(codestream, 0)? != [0xFF, 0x4F, 0xFF, 0x51] {
        return None;
    }
    let number = |at| Big.u32(codestream, at);
    // The image lies on a grid from its offset on, and ends where the grid does.
    let width = number(8)?.saturating_sub(number(16)?);
    let height = number(12)?.saturating_sub(number(20)?);
    let components = u8::try_from(Big.u16(codestream, 40)?).unwrap_or(0);
    let [depth] = array(codestream, 42)?;
    Some(
        Claims::of_size(width, height)
            .with_samples(components, bits(depth))
            .with_frames(Some(1)),
    )
}

/// Reads a depth: one less than the bits, and a sign above.
pub(super) fn bits(depth: u8) -> u8 {
    match depth & 0x7F {
        bits @ 0..38 => bits.saturating_add(1),
        _ => 0,
    }
}

const EXTENDED: u16 = 1 << 14;

#[cfg(test)]
pub(in crate::image) mod tests {
    use super::*;

    /// Writes the first segment of an image that claims 5 by 3.
    pub(in crate::image) fn codestream(capabilities: u16, components: u16, depth: u8) -> Vec<u8> {
        let mut out = vec![0xFF, 0x4F, 0xFF, 0x51, 0, 41];
        out.extend(capabilities.to_be_bytes());
        for number in [12_u32, 5, 7, 2, 12, 5, 0, 0] {
            out.extend(number.to_be_bytes());
        }
        out.extend(components.to_be_bytes());
        out.extend([depth, 1, 1]);
        out
    }

    #[test]
    fn the_offset_is_no_part_of_the_size() {
        let expected = Claims::of_size(5, 3)
            .with_samples(4, 12)
            .with_frames(Some(1));
        assert_eq!(probe(&codestream(0, 4, 11), false), Some(expected));
        assert_eq!(
            probe(&codestream(0, 4, 0x8B), false).unwrap().bits,
            Some(12)
        );
        let claims = probe(&codestream(0, 16_384, 0x7F), false).unwrap();
        assert_eq!((claims.channels, claims.bits), (None, None));
    }

    #[test]
    fn an_offset_past_the_end_leaves_nothing() {
        let mut file = codestream(0, 1, 7);
        file[16..20].fill(0xFF);
        let claims = probe(&file, false).unwrap();
        assert_eq!((claims.width, claims.height), (None, Some(3)));
    }

    #[test]
    fn high_throughput_is_another_name() {
        let file = codestream(EXTENDED, 1, 7);
        assert_eq!(probe(&file, false), None);
        assert_eq!(probe(&file, true).unwrap().width, Some(5));
        assert_eq!(probe(&codestream(0x8000, 1, 7), true), None);
    }
}
