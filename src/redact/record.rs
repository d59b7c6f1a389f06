//! What a sealed part says of the picture that it belongs to: one line of text, in the manifest of its first item.
//!
//! ```text
//! secimg/redaction/1 pixels 640x480 rgb8 HASH 10,20,30,40 50,60,70,80
//! ```
//!
//! It is authentic when it is read, and may still be the work of somebody who means harm: every number is checked, and one
//! meaning has one spelling.

use core::fmt::{self, Write};

use crate::hash::Sha256Stream;
use crate::preview::decode::MAX_PIXEL_BYTES;

use super::canvas::Canvas;
use super::layout::Layout;
use super::{Rect, Restores};

/// The attribute that holds the line.
pub(super) const ATTRIBUTE: &str = "redaction";
/// What stands there for the second item, where there is one: the chunks that say how colours are to be shown.
pub(super) const COLOUR: &str = "secimg/redaction/1 colour";
/// The most rectangles. Their line fits into a manifest.
pub(super) const MAX_RECTS: usize = 1000;

const SCHEMA: &str = "secimg/redaction/1";
/// What no other hash of this project begins with.
const DOMAIN: &[u8] = b"secimg redaction 1\0";

/// The line, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) restores: Restores,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) layout: Layout,
    /// Of the redacted picture: [`binding`].
    pub(super) hash: [u8; 32],
    pub(super) rects: Vec<Rect>,
}

/// SHA-256 over what a redacted picture is: its size, its layout, its rectangles and every sample.
pub(super) fn binding(canvas: &Canvas, rects: &[Rect]) -> [u8; 32] {
    let mut hash = Sha256Stream::new();
    hash.update(DOMAIN);
    for number in [canvas.width, canvas.height] {
        hash.update(&number.to_be_bytes());
    }
    hash.update(&[canvas.layout.channels, canvas.layout.bits]);
    let count = u32::try_from(rects.len()).unwrap_or(u32::MAX);
    hash.update(&count.to_be_bytes());
    for rect in rects {
        for number in [rect.x(), rect.y(), rect.width(), rect.height()] {
            hash.update(&number.to_be_bytes());
        }
    }
    hash.update(&canvas.samples);
    hash.finalize()
}

impl Record {
    /// Reads a line. What is wrong with it comes back in words.
    pub(super) fn parse(line: &str) -> Result<Self, &'static str> {
        let mut words = line.split(' ');
        if words.next() != Some(SCHEMA) {
            return Err("it is of no version that this program knows");
        }
        let record = Self::from_words(&mut words).ok_or("its record is malformed")?;
        // Leading zeros, capitals: another spelling of the same.
        if record.to_string() != line {
            return Err("its record is not in the one spelling");
        }
        record.check()?;
        Ok(record)
    }

    fn from_words<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Self> {
        let restores = Restores::named(words.next()?)?;
        let (width, height) = words.next()?.split_once('x')?;
        Some(Self {
            restores,
            width: width.parse().ok()?,
            height: height.parse().ok()?,
            layout: Layout::named(words.next()?)?,
            hash: from_hex(words.next()?)?,
            rects: words
                .take(MAX_RECTS + 1)
                .map(|word| word.parse().ok())
                .collect::<Option<_>>()?,
        })
    }

    fn check(&self) -> Result<(), &'static str> {
        if !(1..=MAX_RECTS).contains(&self.rects.len()) {
            return Err("it has no rectangle, or too many");
        }
        let pixels = u64::from(self.width).saturating_mul(self.height.into());
        if pixels.saturating_mul(self.layout.pixel() as u64) > MAX_PIXEL_BYTES {
            return Err("its picture is larger than any that is redacted");
        }
        let is_inside = |rect: &Rect| rect.clipped(self.width, self.height) == Some(*rect);
        if !self.rects.iter().all(is_inside) {
            return Err("one of its rectangles leaves the picture");
        }
        Ok(())
    }

    /// How many bytes of samples all rectangles have together.
    pub(super) fn sample_bytes(&self) -> u64 {
        let pixels: u64 = self.rects.iter().map(|rect| rect.area()).sum();
        pixels.saturating_mul(self.layout.pixel() as u64)
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (restores, layout) = (self.restores.name(), self.layout.name);
        write!(
            f,
            "{SCHEMA} {restores} {}x{} {layout} ",
            self.width, self.height
        )?;
        for byte in self.hash {
            write!(f, "{byte:02x}")?;
        }
        for rect in &self.rects {
            f.write_char(' ')?;
            rect.fmt(f)?;
        }
        Ok(())
    }
}

fn from_hex(digits: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let (pairs, odd) = digits.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !odd.is_empty() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        // Digits and small letters only: the line is compared with what is written of it.
        let pair = core::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn line(tail: &str) -> String {
        let hash = "0123456789abcdef".repeat(4);
        format!("secimg/redaction/1 pixels 640x480 rgb8 {hash}{tail}")
    }

    #[test]
    fn a_line_is_read_as_it_is_written() {
        let line = line(" 10,20,30,40 0,0,640,480");
        let record = Record::parse(&line).unwrap();
        assert_eq!((record.width, record.height), (640, 480));
        assert_eq!(record.hash[..3], [0x01, 0x23, 0x45]);
        assert_eq!(record.sample_bytes(), (30 * 40 + 640 * 480) * 3);
        assert_eq!(record.to_string(), line);
    }

    #[test]
    fn what_is_not_the_one_spelling_of_something_sound_is_refused() {
        let good = line(" 10,20,30,40");
        assert!(Record::parse(&good).is_ok());
        for (old, new) in [
            ("redaction/1", "redaction/2"),
            ("redaction/1", "redaction/1 "),
            ("pixels", "pixels "),
            ("pixels", "pixel"),
            ("pixels", "colour"),
            ("640x480", "640x0480"),
            ("640x480", "+640x480"),
            ("640x480", "640"),
            ("640x480", "4294967296x480"),
            ("640x480", "0x0"),
            ("640x480", "39x480"),
            ("640x480", "4294967295x4294967295"),
            ("640x480", "8192x8192"),
            ("rgb8", "rgb9"),
            ("rgb8", "RGB8"),
            ("abcdef ", "abcde "),
            ("abcdef ", "ABCDEF "),
            ("abcdef ", "abcdef0 "),
            ("abcdef ", "abcd+1 "),
            ("10,20,30,40", "10,20,30,0"),
            ("10,20,30,40", "010,20,30,40"),
            ("10,20,30,40", "10,20,30,40 "),
            ("10,20,30,40", "620,20,30,40"),
            ("10,20,30,40", "10,4294967295,30,4294967295"),
            (" 10,20,30,40", ""),
        ] {
            let bad = good.replace(old, new);
            assert_ne!(bad, good);
            assert!(Record::parse(&bad).is_err(), "{bad}");
        }
        for cut in 0..good.len() - 1 {
            assert!(Record::parse(&good[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn there_are_at_most_a_thousand_rectangles() {
        let many = |count| Record::parse(&line(&" 1,1,1,1".repeat(count)));
        assert!(many(MAX_RECTS).is_ok());
        assert!(many(MAX_RECTS + 1).is_err());
        let longest = format!(" {m},{m},{m},{m}", m = u32::MAX).repeat(MAX_RECTS);
        assert!(line(&longest).len() < crate::format::Limits::DEFAULT.manifest_bytes);
    }

    /// Against the definition in the specification, by hand: one grey pixel.
    #[test]
    fn the_hash_is_over_what_the_specification_says() {
        let canvas = Canvas {
            width: 1,
            height: 1,
            layout: Layout::named("gray8").unwrap(),
            samples: Zeroizing::new(vec![7]),
        };
        let by_hand = [
            b"secimg redaction 1\0".as_slice(),
            &[0, 0, 0, 1, 0, 0, 0, 1, 1, 8, 0, 0, 0, 1],
            &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 7],
        ];
        let mut expected = Sha256Stream::new();
        expected.update(&by_hand.concat());
        let rects = ["0,0,1,1".parse().unwrap()];
        assert_eq!(binding(&canvas, &rects), expected.finalize());
    }
}
