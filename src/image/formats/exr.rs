//! `OpenEXR`: the size is that of the data window, an attribute of the first header.
//!
//! ```text
//! 76 2F 31 01  version u8  flags u24 | header | … | 00 where there are many
//! header = name NUL  type NUL  length i32  value | … | 00
//! ```

use super::ImageFormat;
use crate::image::bytes::{Order::Little, array, slice};
use crate::image::claims::Claims;

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "exr",
    media_type: "image/x-exr",
    extension: "exr",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    prefix
        .starts_with(&[0x76, 0x2F, 0x31, 0x01])
        .then(|| claims(prefix))
}

fn claims(exr: &[u8]) -> Claims {
    let mut claims = Claims::default();
    let mut attributes = Attributes { bytes: exr, at: 8 };
    for (name, value) in &mut attributes {
        let more = match name {
            b"dataWindow" => data_window(value),
            b"channels" => channels(value),
            _ => None,
        };
        claims = merged(claims, more.unwrap_or_default());
    }
    let many = Little.u32(exr, 4).map(|version| version & MULTI_PART != 0);
    let frames = many.and_then(|many| parts(attributes, many));
    claims.with_frames(frames)
}

/// Adds what another attribute says.
fn merged(claims: Claims, more: Claims) -> Claims {
    Claims {
        width: claims.width.or(more.width),
        height: claims.height.or(more.height),
        channels: claims.channels.or(more.channels),
        bits: claims.bits.or(more.bits),
        frames: None,
    }
}

/// Reads the corners of a window; both lie inside it.
fn data_window(value: &[u8]) -> Option<Claims> {
    let corner = |at| Some(i64::from(i32::from_le_bytes(array(value, at)?)));
    let length = |from: i64, to: i64| {
        let length = to.checked_sub(from)?.checked_add(1)?;
        u32::try_from(length).ok()
    };
    let width = length(corner(0)?, corner(8)?).unwrap_or(0);
    let height = length(corner(4)?, corner(12)?).unwrap_or(0);
    Some(Claims::of_size(width, height))
}

/// Counts the channels; their bits are claimed where all have the same.
fn channels(value: &[u8]) -> Option<Claims> {
    let (mut at, mut count, mut depth) = (0, 0_u8, None);
    loop {
        let name = text(value, at)?;
        at = at.checked_add(name.len())?.checked_add(1)?;
        if name.is_empty() {
            return Some(Claims::default().with_samples(count, depth.unwrap_or(0)));
        }
        let bits = match Little.u32(value, at)? {
            0 | 2 => 32,
            1 => 16,
            _ => 0,
        };
        depth = Some(depth.map_or(bits, |first| if first == bits { bits } else { 0 }));
        count = count.checked_add(1)?;
        at = at.checked_add(CHANNEL)?;
    }
}

/// Counts the headers, of which the first has been read.
fn parts(mut attributes: Attributes<'_>, many: bool) -> Option<u32> {
    let mut count = 1_u32;
    loop {
        if !attributes.skip_end() {
            return None;
        }
        if !many || attributes.skip_end() {
            return Some(count);
        }
        (&mut attributes).for_each(drop);
        count = count.checked_add(1)?;
    }
}

/// Iterates over the attributes of a header, up to its end or the end of the bytes.
#[derive(Debug)]
struct Attributes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Attributes<'_> {
    /// Steps over the zero byte that ends a header, if it is here.
    fn skip_end(&mut self) -> bool {
        let here = self.bytes.get(self.at) == Some(&0);
        self.at = self.at.saturating_add(here.into());
        here
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let name = text(self.bytes, self.at).filter(|name| !name.is_empty())?;
        let kind = self.at.checked_add(name.len())?.checked_add(1)?;
        let length = kind
            .checked_add(text(self.bytes, kind)?.len())?
            .checked_add(1)?;
        let body = length.checked_add(4)?;
        let length = Little.size(self.bytes, length)?;
        let value = slice(self.bytes, body, length)?;
        self.at = body.checked_add(length)?;
        Some((name, value))
    }
}

/// Reads a name up to its zero byte.
fn text(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let rest = bytes.get(at..)?;
    let rest = rest.get(..MAX_NAME).unwrap_or(rest);
    let end = rest.iter().position(|byte| *byte == 0)?;
    rest.get(..end)
}

const MULTI_PART: u32 = 0x1000;
/// Behind the name: type, a flag and three free bytes, two steps.
const CHANNEL: usize = 16;
/// The longest name of a file with long names, and its zero byte.
const MAX_NAME: usize = 256;

#[cfg(test)]
pub(in crate::image) mod tests {
    use super::*;

    fn attribute(name: &[u8], kind: &[u8], value: &[u8]) -> Vec<u8> {
        let length = i32::try_from(value.len()).unwrap().to_le_bytes();
        [name, b"\0", kind, b"\0", &length, value].concat()
    }

    fn window(corners: [i32; 4]) -> Vec<u8> {
        let corners: Vec<u8> = corners.iter().flat_map(|n| n.to_le_bytes()).collect();
        attribute(b"dataWindow", b"box2i", &corners)
    }

    fn list(kinds: &[u8]) -> Vec<u8> {
        let mut value = Vec::new();
        for kind in kinds {
            value.extend([b'R', 0, *kind]);
            value.extend([0; 15]);
        }
        value.push(0);
        attribute(b"channels", b"chlist", &value)
    }

    fn file(many: bool, rest: &[&[u8]]) -> Vec<u8> {
        let flags = if many { 0x10 } else { 0 };
        [
            &[0x76, 0x2F, 0x31, 0x01, 2, flags, 0, 0],
            &rest.concat()[..],
        ]
        .concat()
    }

    /// Writes the header of an image of 5 by 3, in three halves.
    pub(in crate::image) fn sample() -> Vec<u8> {
        file(false, &[&list(&[1, 1, 1]), &window([-2, 10, 2, 12]), b"\0"])
    }

    #[test]
    fn the_data_window_holds_both_corners() {
        let expected = Claims::of_size(5, 3)
            .with_samples(3, 16)
            .with_frames(Some(1));
        assert_eq!(probe(&sample()), Some(expected));
        let of = |corners| probe(&file(false, &[&window(corners), b"\0"])).unwrap();
        let all = of([i32::MIN, i32::MIN, i32::MAX, i32::MAX]);
        assert_eq!((all.width, all.height), (None, None));
        let none = of([5, 0, 4, -9]);
        assert_eq!((none.width, none.height), (None, None));
    }

    #[test]
    fn channels_of_two_depths_have_none() {
        let claims = probe(&file(false, &[&list(&[1, 2]), b"\0"])).unwrap();
        assert_eq!((claims.channels, claims.bits), (Some(2), None));
        let claims = probe(&file(false, &[&list(&[2; 256]), b"\0"])).unwrap();
        assert_eq!((claims.channels, claims.frames), (None, Some(1)));
    }

    #[test]
    fn parts_are_counted() {
        let part = [&window([0, 0, 4, 2])[..], b"\0"].concat();
        let other = [&window([0, 0, 9, 9])[..], b"\0"].concat();
        let two = probe(&file(true, &[&part, &other, b"\0"])).unwrap();
        assert_eq!((two.width, two.frames), (Some(5), Some(2)));
        assert_eq!(probe(&file(true, &[&part, &other])).unwrap().frames, None);
        assert_eq!(probe(&file(true, &[&part, b"\0"])).unwrap().frames, Some(1));
    }

    #[test]
    fn names_and_lengths_that_lie_end_the_walk() {
        let window = window([0, 0, 4, 2]);
        for before in [
            &[b'n'; 300][..],
            b"name\0type\0\xFF\xFF\xFF\xFF",
            b"name\0type\0\xFF\xFF\xFF\x7F",
        ] {
            assert_eq!(
                probe(&file(false, &[before, &window])),
                Some(Claims::default())
            );
        }
    }
}
