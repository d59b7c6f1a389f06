//! WebP (RFC 9649): a RIFF file whose first chunk tells the size, in one of three ways.
//!
//! ```text
//! "RIFF" size u32 "WEBP" | name 4  length u32  data, padded to even | …
//! ```

use super::ImageFormat;
use crate::image::bytes::{Order::Little, array, slice};
use crate::image::claims::Claims;

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "webp",
    media_type: "image/webp",
    extension: "webp",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    (prefix.starts_with(b"RIFF") && slice(prefix, 8, 4)? == b"WEBP")
        .then(|| claims(prefix).unwrap_or_default())
}

fn claims(webp: &[u8]) -> Option<Claims> {
    let length = Little.size(webp, 16)?;
    let head = webp.get(DATA..)?;
    // A header that is longer than its chunk is not one.
    let head = head.get(..length).unwrap_or(head);
    match &array(webp, FIRST_CHUNK)? {
        b"VP8 " => lossy(head),
        b"VP8L" => lossless(head),
        b"VP8X" => extended(webp, head),
        _ => None,
    }
}

/// Reads a VP8 key frame's header; the two upper bits of each length only ask for scaling (RFC 6386, 9.1).
fn lossy(frame: &[u8]) -> Option<Claims> {
    let [tag, _, _, 0x9D, 0x01, 0x2A, w0, w1, h0, h1] = array(frame, 0)? else {
        return None;
    };
    let key_frame = tag & 1 == 0;
    let length = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    key_frame.then(|| {
        Claims::of_size(length(w0, w1), length(h0, h1))
            .with_samples(3, 8)
            .with_frames(Some(1))
    })
}

/// Reads a VP8L header: both lengths less one in 14 bits each, then whether alpha is used.
fn lossless(stream: &[u8]) -> Option<Claims> {
    let [0x2F] = array(stream, 0)? else {
        return None;
    };
    let packed = Little.u32(stream, 1)?;
    let length = |bits: u32| (bits & 0x3FFF).saturating_add(1);
    Some(
        Claims::of_size(length(packed), length(packed >> 14))
            .with_samples(channels(packed & 0x1000_0000 != 0), 8)
            .with_frames(Some(1)),
    )
}

/// Reads a VP8X header: flags, and the canvas less one in 24 bits each.
fn extended(webp: &[u8], header: &[u8]) -> Option<Claims> {
    let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = array(header, 0)?;
    let length = |bytes| u32::from_le_bytes(bytes).saturating_add(1);
    let frames = if flags & ANIMATION == 0 {
        Some(1)
    } else {
        animation_frames(webp)
    };
    Some(
        Claims::of_size(length([w0, w1, w2, 0]), length([h0, h1, h2, 0]))
            .with_samples(channels(flags & ALPHA != 0), 8)
            .with_frames(frames),
    )
}

fn channels(alpha: bool) -> u8 {
    if alpha { 4 } else { 3 }
}

/// Counts the frames of an animation that is wholly at hand.
fn animation_frames(webp: &[u8]) -> Option<u32> {
    let body = slice(webp, 8, Little.size(webp, 4)?)?;
    let mut at = 4_usize;
    let mut count = 0_u32;
    while at < body.len() {
        let length = Little.size(body, at.checked_add(4)?)?;
        if &array(body, at)? == b"ANMF" {
            count = count.checked_add(1)?;
        }
        at = at
            .checked_add(8)?
            .checked_add(length.checked_next_multiple_of(2)?)?;
    }
    (at == body.len()).then_some(count)
}

const FIRST_CHUNK: usize = 12;
const DATA: usize = 20;
const ANIMATION: u8 = 0x02;
const ALPHA: u8 = 0x10;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &[u8], data: &[u8], rest: &[u8]) -> Claims {
        let mut webp = b"WEBP".to_vec();
        webp.extend(name);
        webp.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        webp.extend(data);
        webp.extend(rest);
        let length = u32::try_from(webp.len()).unwrap().to_le_bytes();
        probe(&[b"RIFF", &length[..], &webp].concat()).unwrap()
    }

    #[test]
    fn lossy_key_frames() {
        let expected = Claims::of_size(5, 3)
            .with_samples(3, 8)
            .with_frames(Some(1));
        assert_eq!(
            of(b"VP8 ", b"\0\0\0\x9D\x01\x2A\x05\x40\x03\x80", b""),
            expected
        );
        assert_eq!(
            of(b"VP8 ", b"\x01\0\0\x9D\x01\x2A\x05\x40\x03\x80", b""),
            Claims::default()
        );
        assert_eq!(
            of(b"VP8 ", b"\0\0\0\x9D\x01", b"\x2A\x05\x40\x03\x80"),
            Claims::default()
        );
    }

    #[test]
    fn lossless_with_alpha() {
        let packed = 4_u32 | 2 << 14 | 1 << 28;
        let data = [&[0x2F][..], &packed.to_le_bytes()].concat();
        let expected = Claims::of_size(5, 3)
            .with_samples(4, 8)
            .with_frames(Some(1));
        assert_eq!(of(b"VP8L", &data, b""), expected);
    }

    #[test]
    fn extended_canvas_and_animation() {
        let frames = b"ANMF\x01\0\0\0__ANMF\0\0\0\0EXIF\0\0\0\0";
        let still = b"\0\0\0\0\x04\0\x01\x02\0\0";
        let size = Claims::of_size(0x1_0005, 3).with_samples(3, 8);
        assert_eq!(of(b"VP8X", still, frames), size.with_frames(Some(1)));
        let moving = b"\x02\0\0\0\x04\0\x01\x02\0\0";
        assert_eq!(of(b"VP8X", moving, frames), size.with_frames(Some(2)));
        for broken in [&b"ANMF"[..], b"ANMF\x02\0\0\0", b"ANMF\xFF\xFF\xFF\xFF"] {
            assert_eq!(of(b"VP8X", moving, broken).frames, None);
        }
    }
}
