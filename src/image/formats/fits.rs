//! FITS (standard 4.0): cards of 80 characters; the size stands in `NAXIS1` and `NAXIS2`.
//!
//! ```text
//! "SIMPLE  =                    T" … | "BITPIX  = 16" | "NAXIS   = 2" | "NAXIS1  = 256" | … | "END"    to 2880 bytes
//! ```
//!
//! A file whose first part has no axes has its image in an extension; one right behind is looked at.

use super::ImageFormat;
use crate::image::bytes::slice;
use crate::image::claims::{Claims, nonzero};

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "fits",
    media_type: "image/fits",
    extension: "fits",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    prefix.starts_with(SIGNATURE).then(|| claims(prefix))
}

/// Reads header after header, as long as there is nothing in them.
fn claims(fits: &[u8]) -> Claims {
    let mut rest = fits;
    loop {
        let header = Header::read(rest);
        if header.axes != Some(0) {
            return header.claims;
        }
        match header.end.and_then(|end| rest.get(end..)) {
            Some(next) if next.starts_with(IMAGE) => rest = next,
            _ => return Claims::default(),
        }
    }
}

/// What one header says.
#[derive(Default)]
struct Header {
    claims: Claims,
    axes: Option<u32>,
    /// How many axes have been read.
    found: u32,
    /// The product of the axes behind the second, which make slices of an image.
    slices: Option<u32>,
    /// Where the next block begins.
    end: Option<usize>,
}

impl Header {
    fn read(bytes: &[u8]) -> Self {
        let mut header = Self {
            slices: Some(1),
            ..Self::default()
        };
        for (card, at) in bytes.chunks_exact(CARD).zip((CARD..).step_by(CARD)) {
            match split(card) {
                Some((b"END", _)) => {
                    header.end = at.checked_next_multiple_of(BLOCK);
                    break;
                }
                Some((name, value)) => header.take(name, value),
                None => {}
            }
        }
        if header.axes == Some(header.found) && header.found >= 2 {
            header.claims.channels = Some(1);
            header.claims = header.claims.with_frames(header.slices);
        }
        header
    }

    fn take(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"BITPIX" => {
                let bits = number::<i16>(value).map_or(0, i16::unsigned_abs);
                self.claims.bits = u8::try_from(bits).ok().and_then(nonzero);
            }
            b"NAXIS" => self.axes = number(value),
            // The axes stand in their order.
            [b'N', b'A', b'X', b'I', b'S', digits @ ..] => {
                let next = self.found.saturating_add(1);
                if number(digits) == Some(next) {
                    self.found = next;
                    self.axis(number(value));
                }
            }
            _ => {}
        }
    }

    fn axis(&mut self, length: Option<u32>) {
        match self.found {
            1 => self.claims.width = length.and_then(nonzero),
            2 => self.claims.height = length.and_then(nonzero),
            _ => self.slices = self.slices.and_then(|slices| slices.checked_mul(length?)),
        }
    }
}

/// Splits a card into its name and what stands behind the equals sign, up to a comment.
fn split(card: &[u8]) -> Option<(&[u8], &[u8])> {
    let name = slice(card, 0, 8)?.trim_ascii_end();
    if slice(card, 8, 2)? != b"= " {
        return Some((name, &[]));
    }
    let value = card.get(10..)?.split(|byte| *byte == b'/').next()?;
    Some((name, value.trim_ascii()))
}

fn number<T: core::str::FromStr>(value: &[u8]) -> Option<T> {
    str::from_utf8(value).ok()?.parse().ok()
}

const SIGNATURE: &[u8] = b"SIMPLE  =                    T";
const IMAGE: &[u8] = b"XTENSION= 'IMAGE   '";
const CARD: usize = 80;
const BLOCK: usize = 2880;

#[cfg(test)]
pub(in crate::image) mod tests {
    use super::*;

    /// Writes a header of cards, and its end if it has one.
    fn header(first: &[u8], cards: &[(&str, &str)], end: bool) -> Vec<u8> {
        let mut out = [first, &[b' '; CARD][first.len()..]].concat();
        for (name, value) in cards {
            out.extend(format!("{:<80}", format!("{name:<8}= {value:>20}")).bytes());
        }
        if end {
            out.extend(format!("{:<80}", "END").bytes());
            out.resize(out.len().next_multiple_of(BLOCK), b' ');
        }
        out
    }

    /// Writes the header of an image of 5 by 3.
    pub(in crate::image) fn sample() -> Vec<u8> {
        let size = [
            ("BITPIX", "-32 / floats"),
            ("NAXIS", "2"),
            ("NAXIS1", "5"),
            ("NAXIS2", "3"),
        ];
        header(SIGNATURE, &size, false)
    }

    fn of(cards: &[(&str, &str)]) -> Claims {
        probe(&header(SIGNATURE, cards, true)).unwrap()
    }

    #[test]
    fn axes_and_slices() {
        let size = Claims::of_size(5, 3).with_samples(1, 32);
        assert_eq!(probe(&sample()), Some(size.with_frames(Some(1))));
        let axes = [
            ("NAXIS", "4"),
            ("NAXIS1", "5"),
            ("NAXIS2", "3"),
            ("NAXIS3", "6"),
            ("NAXIS4", "7"),
        ];
        assert_eq!(of(&axes).frames, Some(42));
        // An axis is missing, and the count with it.
        assert_eq!(of(&axes[..4]).frames, None);
        let line = of(&[("NAXIS", "1"), ("NAXIS1", "5")]);
        assert_eq!(
            (line.width, line.height, line.frames),
            (Some(5), None, None)
        );
    }

    #[test]
    fn numbers_that_make_no_sense() {
        let claims = of(&[
            ("BITPIX", "0"),
            ("NAXIS", "3"),
            ("NAXIS1", "-5"),
            ("NAXIS2", "4294967296"),
            ("NAXIS3", "x"),
        ]);
        assert_eq!(
            claims,
            Claims {
                channels: Some(1),
                ..Claims::default()
            }
        );
        let many = "4294967295";
        let product = of(&[
            ("NAXIS", "4"),
            ("NAXIS1", "5"),
            ("NAXIS2", "3"),
            ("NAXIS3", many),
            ("NAXIS4", many),
        ]);
        assert_eq!((product.width, product.frames), (Some(5), None));
    }

    #[test]
    fn the_image_may_be_in_an_extension() {
        let empty = header(SIGNATURE, &[("BITPIX", "8"), ("NAXIS", "0")], true);
        let size = [
            ("BITPIX", "16"),
            ("NAXIS", "2"),
            ("NAXIS1", "5"),
            ("NAXIS2", "3"),
        ];
        let image = header(IMAGE, &size, true);
        let expected = Claims::of_size(5, 3)
            .with_samples(1, 16)
            .with_frames(Some(1));
        assert_eq!(probe(&[&empty[..], &image].concat()), Some(expected));
        let table = header(b"XTENSION= 'BINTABLE'", &size, true);
        assert_eq!(
            probe(&[&empty[..], &table].concat()),
            Some(Claims::default())
        );
        assert_eq!(probe(&empty), Some(Claims::default()));
        assert_eq!(probe(b"SIMPLE  = false"), None);
    }
}
