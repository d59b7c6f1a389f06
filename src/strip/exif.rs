//! Exif: of all that it may tell, the orientation is needed to show the picture.

/// The length of an Exif block with one field.
pub(super) const BLOCK: usize = 26;

/// Tag of the field Orientation (Exif 3.0, 4.6.5.1.6).
const ORIENTATION: u16 = 0x0112;
/// Type of a 16-bit number.
const SHORT: u16 = 3;
const ENTRY: usize = 12;

/// Which way up the picture is, where it is not as it stands: 2 to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Orientation(u8);

impl Orientation {
    /// Finds it in a TIFF structure, in front of which JPEG's mark may stand.
    pub(super) fn find(exif: &[u8]) -> Option<Self> {
        let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
        let is_big = match tiff.get(..4)? {
            b"MM\0*" => true,
            b"II*\0" => false,
            _ => return None,
        };
        let u16_at = |at: usize| {
            let raw = tiff.get(at..)?.first_chunk().copied()?;
            Some(if is_big {
                u16::from_be_bytes(raw)
            } else {
                u16::from_le_bytes(raw)
            })
        };
        let raw = tiff.get(4..)?.first_chunk().copied()?;
        let ifd = if is_big {
            u32::from_be_bytes(raw)
        } else {
            u32::from_le_bytes(raw)
        };
        let ifd = usize::try_from(ifd).ok()?;
        let first = ifd.checked_add(2)?;
        let entries = usize::from(u16_at(ifd)?);
        let at = (0..entries)
            .map_while(|entry| first.checked_add(entry * ENTRY))
            .take_while(|at| *at < tiff.len())
            .find(|at| u16_at(*at) == Some(ORIENTATION))?;
        if u16_at(at + 2)? != SHORT {
            return None;
        }
        let value = u8::try_from(u16_at(at + 8)?).ok()?;
        (2..=8).contains(&value).then_some(Self(value))
    }

    /// The shortest Exif block that says it.
    pub(super) const fn block(self) -> [u8; BLOCK] {
        let mut block = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
        block[19] = self.0;
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_found() {
        for value in 2..=8 {
            let orientation = Orientation(value);
            assert_eq!(Orientation::find(&orientation.block()), Some(orientation));
            let marked = [&b"Exif\0\0"[..], &orientation.block()].concat();
            assert_eq!(Orientation::find(&marked), Some(orientation));
        }
    }

    #[test]
    fn the_other_order_is_read_too_and_nonsense_is_nothing() {
        let little = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        assert_eq!(Orientation::find(little), Some(Orientation(6)));
        for value in [0, 1, 9, 255] {
            let mut changed = *little;
            changed[18] = value;
            assert_eq!(Orientation::find(&changed), None, "{value}");
        }
        for len in 0..20 {
            assert_eq!(Orientation::find(&little[..len]), None, "{len}");
        }
        let far = b"II*\0\xff\xff\xff\xff\xff\xff";
        assert_eq!(Orientation::find(far), None);
    }
}
