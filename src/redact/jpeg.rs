//! How far the pixels of a JPEG were coded together (ITU-T T.81, annex A).
//!
//! A JPEG stores blocks of pixels as sums of waves, and what is rounded off of one wave is seen in all of the block. So the
//! pixels beside a rectangle would show a trace of those in it, if they were left.

/// The side of a block of samples.
const SAMPLES: u32 = 8;
/// The largest factor by which one component is coarser than another.
const COARSEST: u32 = 4;

/// The side of the squares of pixels that are coded together, and how far the colours of one reach into the next where
/// a decoder draws them out smoothly.
pub(super) fn blocks(jpeg: &[u8]) -> (u32, u32) {
    // What is not found is taken for the largest.
    let factor = frame(jpeg).and_then(largest_factor).unwrap_or(COARSEST);
    (SAMPLES * factor, factor / 2)
}

/// The body of the first frame header.
fn frame(jpeg: &[u8]) -> Option<&[u8]> {
    let mut at = 2;
    loop {
        let rest = jpeg.get(at..)?;
        let marker = match *rest {
            // Fill bytes, and whatever a decoder skips.
            [0xFF, 0xFF | 0x00, ..] => {
                at += 1;
                continue;
            }
            [0xFF, marker, ..] => marker,
            _ => {
                at += 1;
                continue;
            }
        };
        if matches!(marker, 0x01 | 0xD0..=0xD8) {
            at += 2;
            continue;
        }
        let length = usize::from(u16::from_be_bytes(*rest.get(2..)?.first_chunk()?));
        match marker {
            0xC4 | 0xC8 | 0xCC => {}
            0xC0..=0xCF => return rest.get(4..2 + length),
            0xD9 | 0xDA => return None,
            _ => {}
        }
        at += 2 + length.max(2);
    }
}

/// The largest of the sampling factors: precision, height, width, and three bytes for each component.
fn largest_factor(frame: &[u8]) -> Option<u32> {
    let components = frame.get(6..)?.as_chunks::<3>().0;
    // One component alone is coded in blocks of its own, whatever it says.
    if components.len() == 1 {
        return Some(1);
    }
    let factors = components.iter().map(|[_, factors, _]| factors);
    let largest = factors.flat_map(|both| [both >> 4, both & 15]).max()?;
    (1..=COARSEST).find(|factor| *factor >= u32::from(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg(components: &[[u8; 3]]) -> Vec<u8> {
        let mut jpeg = b"\xFF\xD8\xFF\xE0\x00\x04ab\xFF\xFF\xC4\x00\x03x".to_vec();
        let length = u8::try_from(8 + 3 * components.len()).unwrap();
        let count = u8::try_from(components.len()).unwrap();
        jpeg.extend([0xFF, 0xC2, 0, length, 8, 0, 9, 0, 9, count]);
        jpeg.extend(components.concat());
        jpeg.extend([0xFF, 0xDA, 0, 2]);
        jpeg
    }

    #[test]
    fn squares_are_as_large_as_the_coarsest_component_makes_them() {
        let of = |first: u8| jpeg(&[[1, first, 0], [2, 0x11, 1], [3, 0x11, 1]]);
        assert_eq!(blocks(&of(0x11)), (8, 0));
        assert_eq!(blocks(&of(0x22)), (16, 1));
        assert_eq!(blocks(&of(0x21)), (16, 1));
        assert_eq!(blocks(&of(0x12)), (16, 1));
        assert_eq!(blocks(&of(0x41)), (32, 2));
        assert_eq!(blocks(&jpeg(&[[1, 0x22, 0]])), (8, 0));
    }

    #[test]
    fn what_does_not_say_is_taken_for_the_largest() {
        let whole = jpeg(&[[1, 0x11, 0], [2, 0x11, 1]]);
        for cut in 0..whole.len() - 4 {
            let (block, _) = blocks(&whole[..cut]);
            assert_eq!(block, 32, "{cut}");
        }
        assert_eq!(blocks(&jpeg(&[[1, 0xFF, 0], [2, 0x11, 1]])), (32, 2));
        assert_eq!(blocks(&[0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0xFF, 0xDA]), (32, 2));
    }
}
