//! Netpbm's PBM, PGM, PPM and PAM: numbers in text, with comments between them.
//!
//! ```text
//! "P1"…"P3" text, "P4"…"P6" binary   width  height  maximum (not of a bitmap)  one white space  samples
//! "P7" LF "WIDTH 5" LF "HEIGHT 3" LF "DEPTH 3" LF "MAXVAL 255" LF … "ENDHDR" LF
//! ```
//!
//! Two characters are no signature: the whole header is, and the first samples where they are text.

use super::ImageFormat;
use crate::image::claims::{Claims, nonzero};

pub(super) const PBM: ImageFormat = ImageFormat {
    name: "pbm",
    media_type: "image/x-portable-bitmap",
    extension: "pbm",
    probe: |prefix| plain_or_raw(prefix, b"P1", b"P4"),
};

pub(super) const PGM: ImageFormat = ImageFormat {
    name: "pgm",
    media_type: "image/x-portable-graymap",
    extension: "pgm",
    probe: |prefix| plain_or_raw(prefix, b"P2", b"P5"),
};

pub(super) const PPM: ImageFormat = ImageFormat {
    name: "ppm",
    media_type: "image/x-portable-pixmap",
    extension: "ppm",
    probe: |prefix| plain_or_raw(prefix, b"P3", b"P6"),
};

pub(super) const PAM: ImageFormat = ImageFormat {
    name: "pam",
    media_type: "image/x-portable-arbitrarymap",
    extension: "pam",
    probe: arbitrary,
};

fn plain_or_raw(prefix: &[u8], plain: &[u8], raw: &[u8]) -> Option<Claims> {
    let text = prefix.strip_prefix(plain);
    let rest = text.or_else(|| prefix.strip_prefix(raw))?;
    let (width, rest) = number(rest)?;
    let (height, rest) = number(rest)?;
    let (maximum, rest) = if plain == b"P1" {
        (1, rest)
    } else {
        number(rest)?
    };
    if text.is_some() && !is_samples(rest) {
        return None;
    }
    let channels = if plain == b"P3" { 3 } else { 1 };
    image(width, height, channels, maximum)
}

fn arbitrary(prefix: &[u8]) -> Option<Claims> {
    let mut rest = prefix.strip_prefix(b"P7\n")?;
    let (mut width, mut height, mut depth, mut maximum) = (None, None, None, None);
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (line, next) = rest.split_at_checked(end)?;
        rest = next.get(1..)?;
        let line = line.trim_ascii();
        if line == b"ENDHDR" {
            return image(width?, height?, u8::try_from(depth?).unwrap_or(0), maximum?);
        }
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let word = line.split(u8::is_ascii_whitespace).next()?;
        let value = || parse(line.strip_prefix(word)?.trim_ascii());
        match word {
            b"WIDTH" => width = Some(value()?),
            b"HEIGHT" => height = Some(value()?),
            b"DEPTH" => depth = Some(value()?),
            b"MAXVAL" => maximum = Some(value()?),
            b"TUPLTYPE" => {}
            _ => return None,
        }
    }
}

/// Claims an image of one frame: what follows it in a file of many is a file of its own.
fn image(width: u32, height: u32, channels: u8, maximum: u32) -> Option<Claims> {
    let plausible = nonzero(width).is_some() && nonzero(height).is_some();
    if !plausible || !(1..=0xFFFF).contains(&maximum) {
        return None;
    }
    // What a sample means, not what it takes: a maximum of 1023 is ten bits in sixteen.
    let bits = u8::try_from(maximum.ilog2()).ok()?.saturating_add(1);
    Some(
        Claims::of_size(width, height)
            .with_samples(channels, bits)
            .with_frames(Some(1)),
    )
}

/// Reads a number with blank before it, and something that ends it behind.
fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let bytes = skip_blank(bytes)?;
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit())?;
    let (digits, rest) = bytes.split_at_checked(end)?;
    if !is_blank(*rest.first()?) {
        return None;
    }
    Some((parse(digits)?, rest))
}

/// Skips white space and comments, of which there must be some.
fn skip_blank(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    while let Some(byte) = rest.first().filter(|byte| is_blank(**byte)) {
        let length = match byte {
            b'#' => rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?,
            _ => 1,
        };
        rest = rest.get(length..)?;
    }
    (rest.len() < bytes.len()).then_some(rest)
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'#'
}

fn parse(digits: &[u8]) -> Option<u32> {
    let all = digits.iter().all(u8::is_ascii_digit);
    str::from_utf8(digits).ok().filter(|_| all)?.parse().ok()
}

/// Whether text could be samples, as far as a glance tells: "P1 2 3 go" is none.
fn is_samples(text: &[u8]) -> bool {
    text.iter()
        .take(GLANCE)
        .take_while(|byte| **byte != b'#')
        .all(|byte| byte.is_ascii_digit() || byte.is_ascii_whitespace())
}

const GLANCE: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(row: &ImageFormat, text: &[u8]) -> Option<(u8, u8)> {
        let claims = (row.probe)(text)?;
        assert_eq!(
            (claims.width, claims.height, claims.frames),
            (Some(5), Some(3), Some(1))
        );
        claims.channels.zip(claims.bits)
    }

    #[test]
    fn all_seven() {
        assert_eq!(of(&PBM, b"P1\n5 3\n10101"), Some((1, 1)));
        assert_eq!(of(&PBM, b"P4 5 3\n\xFF"), Some((1, 1)));
        assert_eq!(of(&PGM, b"P2\n5 3\n15\n1 2 3"), Some((1, 4)));
        assert_eq!(of(&PGM, b"P5\n5 3\n1023\n\xFF"), Some((1, 10)));
        assert_eq!(of(&PPM, b"P3\n5 3\n255\n1 2 3"), Some((3, 8)));
        assert_eq!(of(&PPM, b"P6\n5 3\n65535\n\xFF"), Some((3, 16)));
        let pam = b"P7\n# four\nWIDTH 5\nHEIGHT  3\nDEPTH 4\n\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n\xFF";
        assert_eq!(of(&PAM, pam), Some((4, 8)));
    }

    #[test]
    fn comments_stand_anywhere_between() {
        let ppm = b"P6#a\r# b 9 9\n\t5# c\n3 \n#d\n255\n\xFF";
        assert_eq!(of(&PPM, ppm), Some((3, 8)));
        assert_eq!(of(&PGM, b"P2 5 3 7 # not samples"), Some((1, 3)));
    }

    #[test]
    fn text_is_no_image() {
        for text in [
            &b"P6"[..],
            b"P6\n",
            b"P6 is where I live",
            b"P65 3\n255\n",
            b"P6 5 3\n255",
            b"P6 5x 3 255\n",
            b"P6 0 3 255\n",
            b"P6 5 3 0\n",
            b"P6 5 3 65536\n",
            b"P6 5 99999999999 255\n",
            b"P6 +5 3 255\n",
            b"P6 # for ever",
            b"P3 5 3 255 dollars",
            b"P1 5 3 go",
            b"P7 332\n",
            b"P7\nWIDTH 5\nENDHDR\n",
            b"P7\nWIDTH +5\nHEIGHT 3\nDEPTH 3\nMAXVAL 255\nENDHDR\n",
            b"P7\nPlaya 5\n",
        ] {
            for row in [PBM, PGM, PPM, PAM] {
                assert_eq!((row.probe)(text), None, "{}", text.escape_ascii());
            }
        }
    }
}
