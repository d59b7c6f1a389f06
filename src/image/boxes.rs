//! Boxes (ISO/IEC 14496-12, 4.2; ISO/IEC 15444-1, annex I): how JPEG 2000, JPEG XL, HEIF and AVIF files are made.
//!
//! ```text
//! length u32  type 4  body                 length counts all; 0: up to the end of the file
//! 00000001    type 4  length u64  body
//! ```
//!
//! Each step goes forward by 8 bytes or more, so a walk is bounded by the bytes at hand, whatever the lengths say.

use super::bytes::{Order::Big, array};

/// One box, or as much of it as is at hand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Boxed<'a> {
    /// The four characters of its type.
    pub(super) kind: [u8; 4],
    /// What is inside, without the header.
    pub(super) body: &'a [u8],
    /// Whether the body is known to be all at hand.
    pub(super) whole: bool,
}

/// Iterates over the boxes side by side in some bytes, until these end or make no sense.
#[derive(Debug, Clone)]
pub(super) struct Boxes<'a> {
    rest: &'a [u8],
}

impl<'a> Boxes<'a> {
    /// Starts at a box's first byte.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = Boxed<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.rest;
        self.rest = &[];
        let kind = array(bytes, 4)?;
        let (header, length) = match Big.u32(bytes, 0)? {
            0 => (8, None),
            1 => (16, Some(Big.u64(bytes, 8)?)),
            length => (8, Some(u64::from(length))),
        };
        let body = bytes.get(header..)?;
        let Some(length) = length else {
            return Some(Boxed {
                kind,
                body,
                whole: false,
            });
        };
        let length = length.checked_sub(u64::try_from(header).ok()?)?;
        let split = usize::try_from(length)
            .ok()
            .and_then(|length| body.split_at_checked(length));
        let (body, whole) = match split {
            Some((body, rest)) => {
                self.rest = rest;
                (body, true)
            }
            None => (body, false),
        };
        Some(Boxed { kind, body, whole })
    }
}

/// Finds the first box of a type.
pub(super) fn child<'a>(bytes: &'a [u8], kind: &[u8]) -> Option<&'a [u8]> {
    Boxes::new(bytes)
        .find(|found| found.kind == kind)
        .map(|found| found.body)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Writes a box.
    pub(in crate::image) fn boxed(kind: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
        [&length[..], kind, &body].concat()
    }

    fn all(bytes: &[u8]) -> Vec<(&[u8], bool)> {
        Boxes::new(bytes)
            .map(|found| (found.body, found.whole))
            .collect()
    }

    #[test]
    fn three_ways_to_tell_a_length() {
        let wide = b"\0\0\0\x01wide\0\0\0\0\0\0\0\x12ab";
        let bytes = [&boxed(b"abcd", &[b"xyz"])[..], wide, b"\0\0\0\0lastrest"].concat();
        assert_eq!(
            all(&bytes),
            [(&b"xyz"[..], true), (b"ab", true), (b"rest", false)]
        );
        assert_eq!(child(&bytes, b"wide"), Some(&b"ab"[..]));
        assert_eq!(child(&bytes, b"none"), None);
    }

    #[test]
    fn lengths_that_lie() {
        assert_eq!(all(b"\0\0\0\x10abcdxy"), [(&b"xy"[..], false)]);
        assert_eq!(all(b"\xFF\xFF\xFF\xFFabcd"), [(&b""[..], false)]);
        for length in [[0xFF; 8], [0x7F; 8]] {
            let bytes = [&b"\0\0\0\x01abcd"[..], &length, b"x"].concat();
            assert_eq!(all(&bytes), [(&b"x"[..], false)]);
        }
        for bytes in [
            &b"\0\0\0\x07abcdefgh"[..],
            b"\0\0\0\x01abcd\0\0\0\0\0\0\0\x0Fefgh",
            b"\0\0\0\x01abcd\0\0\0",
            b"\0\0\0\x09abc",
        ] {
            assert!(all(bytes).is_empty());
        }
    }
}
