//! Radiance HDR: lines of text up to an empty one, then a line with the size.
//!
//! ```text
//! "#?RADIANCE" LF  variables LF … LF  "-Y 480 +X 640" LF  pixels
//! ```

use super::ImageFormat;
use crate::image::claims::Claims;

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "hdr",
    media_type: "image/vnd.radiance",
    extension: "hdr",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    let rest = [&b"#?RADIANCE\n"[..], b"#?RGBE\n"]
        .iter()
        .find_map(|signature| prefix.strip_prefix(*signature))?;
    Some(claims(rest).unwrap_or_default())
}

fn claims(mut rest: &[u8]) -> Option<Claims> {
    loop {
        let (line, next) = line(rest)?;
        rest = next;
        if line.is_empty() {
            break;
        }
    }
    let (size, _) = line(rest)?;
    let size = resolution(str::from_utf8(size).ok()?)?;
    // Three colours share one exponent: no number of bits says that.
    Some(size.with_samples(3, 0).with_frames(Some(1)))
}

/// Splits a whole line off.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line, rest.get(1..)?))
}

/// Reads `-Y 480 +X 640`; signs and order tell where the first pixel is shown, and X is always the columns.
fn resolution(line: &str) -> Option<Claims> {
    let mut words = line.split_ascii_whitespace();
    let mut pair = || Some((words.next()?, words.next()?.parse::<u32>().ok()?));
    match (pair()?, pair()?) {
        (("-Y" | "+Y", height), ("+X" | "-X", width))
        | (("+X" | "-X", width), ("-Y" | "+Y", height)) => Some(Claims::of_size(width, height)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_behind_the_empty_line() {
        let expected = Claims {
            channels: Some(3),
            ..Claims::of_size(640, 480).with_frames(Some(1))
        };
        for file in [
            &b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 480 +X 640\n\x02"[..],
            b"#?RGBE\n# no format\n\n+X 640 +Y 480\n",
        ] {
            assert_eq!(probe(file), Some(expected));
        }
    }

    #[test]
    fn half_lines_and_other_axes_claim_nothing() {
        for file in [
            &b"#?RADIANCE\n"[..],
            b"#?RADIANCE\n-Y 480 +X 640\n",
            b"#?RADIANCE\n\n-Y 480 +X 64",
            b"#?RADIANCE\n\n-Y 480 +Y 640\n",
            b"#?RADIANCE\n\n-Y 480 +X 99999999999\n",
            b"#?RADIANCE\n\n\xFF\n",
        ] {
            assert_eq!(probe(file), Some(Claims::default()));
        }
        assert_eq!(probe(b"#?RADIANCE of light"), None);
    }
}
