//! BMP, of Windows and of OS/2: "BM" alone is too little, so the size of the second header is part of the signature.
//!
//! ```text
//! "BM"  file size u32  4 free bytes  pixel offset u32 | header size u32  width  height  planes u16  bits u16 …
//!                                                       12: u16 each, OS/2 1.x; otherwise i32 each
//! ```

use super::ImageFormat;
use crate::image::bytes::{Order::Little, array};
use crate::image::claims::Claims;

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "bmp",
    media_type: "image/bmp",
    extension: "bmp",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    if !prefix.starts_with(b"BM") {
        return None;
    }
    match Little.u32(prefix, 14)? {
        12 => Some(core_header(prefix).unwrap_or_default()),
        // 40, 52 and 56 are Windows' sizes, the others OS/2 2.x, whose header may end after any field.
        16..=64 | 108 | 124 => Some(info_header(prefix).unwrap_or_default()),
        _ => None,
    }
}

fn core_header(bmp: &[u8]) -> Option<Claims> {
    let width = Little.u16(bmp, 18)?.into();
    let height = Little.u16(bmp, 20)?.into();
    Some(with_depth(
        Claims::of_size(width, height),
        Little.u16(bmp, 24)?,
    ))
}

fn info_header(bmp: &[u8]) -> Option<Claims> {
    let width = i32::from_le_bytes(array(bmp, 18)?);
    // A negative height means that the rows run from top to bottom; a negative width means nothing.
    let height = i32::from_le_bytes(array(bmp, 22)?).unsigned_abs();
    Some(with_depth(
        Claims::of_size(u32::try_from(width).unwrap_or(0), height),
        Little.u16(bmp, 28)?,
    ))
}

/// Tells the samples where the depth alone does: at 16 and 32 bits the masks decide.
fn with_depth(claims: Claims, bits_per_pixel: u16) -> Claims {
    let (channels, bits) = match bits_per_pixel {
        1 => (1, 1),
        2 => (1, 2),
        4 => (1, 4),
        8 => (1, 8),
        24 => (3, 8),
        _ => (0, 0),
    };
    claims.with_samples(channels, bits).with_frames(Some(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &[u8]) -> Option<Claims> {
        probe(&[&b"BM____\0\0\0\0____"[..], header].concat())
    }

    fn info(size: u8, width: i32, height: i32, depth: u8) -> Claims {
        let mut header = vec![size, 0, 0, 0];
        header.extend(width.to_le_bytes());
        header.extend(height.to_le_bytes());
        header.extend([1, 0, depth, 0]);
        of(&header).unwrap()
    }

    #[test]
    fn both_families() {
        let expected = Claims::of_size(5, 3)
            .with_samples(3, 8)
            .with_frames(Some(1));
        assert_eq!(of(&[12, 0, 0, 0, 5, 0, 3, 0, 1, 0, 24, 0]), Some(expected));
        for size in [16, 40, 52, 56, 64, 108, 124] {
            assert_eq!(info(size, 5, 3, 24), expected);
        }
    }

    #[test]
    fn signs() {
        let claims = info(40, -5, -3, 32);
        assert_eq!((claims.width, claims.height), (None, Some(3)));
        assert_eq!(info(40, 1, i32::MIN, 32).height, Some(1 << 31));
    }

    #[test]
    fn text_is_no_bitmap() {
        assert_eq!(probe(b"BMW builds cars, and motorcycles too."), None);
        assert_eq!(probe(b"BM"), None);
        assert_eq!(of(&[41, 0, 0, 1]), None);
    }
}
