//! JPEG (ITU-T T.81): the size stands in the first frame header.
//!
//! ```text
//! FF D8 | FF marker  length u16  body | …        frame header: precision u8  height u16  width u16  components u8
//! ```

use super::ImageFormat;
use crate::image::bytes::{Order::Big, array};
use crate::image::claims::Claims;

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "jpeg",
    media_type: "image/jpeg",
    extension: "jpg",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    prefix
        .starts_with(&[0xFF, 0xD8, 0xFF])
        .then(|| claims(prefix).unwrap_or_default())
}

fn claims(jpeg: &[u8]) -> Option<Claims> {
    let mut at = 2;
    loop {
        let (marker, body) = next_marker(jpeg, at)?;
        at = match marker {
            // A scan or the end, and no frame header before it.
            0xDA | 0xD9 => return None,
            // DHT, JPG and DAC lie among the frame headers' numbers.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => return frame(jpeg, body),
            // TEM, RSTn and SOI stand alone.
            0x01 | 0xD0..=0xD8 => body,
            _ => body.checked_add(segment_length(jpeg, body)?)?,
        };
    }
}

/// Finds the next marker: its number, and where its segment begins.
///
/// Bytes between segments are skipped, as decoders do; so are fill bytes and the stuffed `FF 00`.
fn next_marker(jpeg: &[u8], from: usize) -> Option<(u8, usize)> {
    let rest = jpeg.get(from..)?;
    let (skipped, marker) = rest
        .windows(2)
        .enumerate()
        .find_map(|(i, pair)| match *pair {
            [0xFF, marker] if !matches!(marker, 0x00 | 0xFF) => Some((i, marker)),
            _ => None,
        })?;
    Some((marker, from.checked_add(skipped)?.checked_add(2)?))
}

/// Reads a segment's length, which counts its own two bytes.
fn segment_length(jpeg: &[u8], at: usize) -> Option<usize> {
    Big.u16(jpeg, at)
        .map(usize::from)
        .filter(|length| *length >= 2)
}

fn frame(jpeg: &[u8], at: usize) -> Option<Claims> {
    segment_length(jpeg, at).filter(|length| *length >= 8)?;
    let [_, _, precision, h1, h0, w1, w0, components] = array(jpeg, at)?;
    // A height of zero is legal: a DNL segment behind the first scan tells it.
    let size = Claims::of_size(
        u16::from_be_bytes([w1, w0]).into(),
        u16::from_be_bytes([h1, h0]).into(),
    );
    // One image to a stream; what a multi-picture file appends are streams of their own.
    Some(
        size.with_samples(components, precision)
            .with_frames(Some(1)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOF: [u8; 10] = [0xFF, 0xC2, 0, 17, 8, 0, 3, 0, 5, 3];

    fn of(parts: &[&[u8]]) -> Claims {
        probe(&[&[0xFF, 0xD8][..], &parts.concat()].concat()).unwrap()
    }

    #[test]
    fn the_size_is_behind_other_segments() {
        let expected = Claims::of_size(5, 3)
            .with_samples(3, 8)
            .with_frames(Some(1));
        let app = [0xFF, 0xE0, 0, 4, 0xFF, 0xC0];
        let dht = [0xFF, 0xC4, 0, 2];
        assert_eq!(of(&[&SOF]), expected);
        assert_eq!(of(&[&app, &dht, &SOF]), expected);
        assert_eq!(of(&[&app, &[0xFF, 0xFF, 0xFF], &SOF]), expected);
        assert_eq!(of(&[&app, b"junk", &[0xFF, 0, 0xFF, 0x01], &SOF]), expected);
    }

    #[test]
    fn no_size_behind_a_scan_or_a_broken_length() {
        assert_eq!(of(&[&[0xFF, 0xDA, 0, 2], &SOF]), Claims::default());
        assert_eq!(of(&[&[0xFF, 0xE0, 0, 1], &SOF]), Claims::default());
        assert_eq!(of(&[&[0xFF, 0xE0, 0xFF, 0xFF], &SOF]), Claims::default());
    }

    #[test]
    fn a_height_of_zero_is_none() {
        let claims = of(&[&[0xFF, 0xC0, 0, 11, 12, 0, 0, 0, 5, 1]]);
        assert_eq!((claims.width, claims.height), (Some(5), None));
        assert_eq!((claims.channels, claims.bits), (Some(1), Some(12)));
    }
}
