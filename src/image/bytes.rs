//! Bounded reading: numbers at an offset, or nothing.
//!
//! Every offset that a header names passes through here, so a format never indexes, never overflows and never
//! panics; what lies past the prefix is `None`.

/// The order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Most significant byte first.
    Big,
    /// Least significant byte first.
    Little,
}

impl Order {
    /// Reads two bytes at `at`.
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let raw = array(bytes, at)?;
        Some(match self {
            Self::Big => u16::from_be_bytes(raw),
            Self::Little => u16::from_le_bytes(raw),
        })
    }

    /// Reads four bytes at `at`.
    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let raw = array(bytes, at)?;
        Some(match self {
            Self::Big => u32::from_be_bytes(raw),
            Self::Little => u32::from_le_bytes(raw),
        })
    }

    /// Reads eight bytes at `at`.
    pub(super) fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let raw = array(bytes, at)?;
        Some(match self {
            Self::Big => u64::from_be_bytes(raw),
            Self::Little => u64::from_le_bytes(raw),
        })
    }

    /// Reads four bytes at `at` that are themselves a length or an offset.
    pub(super) fn size(self, bytes: &[u8], at: usize) -> Option<usize> {
        usize::try_from(self.u32(bytes, at)?).ok()
    }
}

/// Copies `N` bytes at `at`.
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// Borrows `length` bytes at `at`, all or none.
pub(super) fn slice(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_both_orders() {
        let bytes = [1, 2, 3, 4, 5];
        assert_eq!(Order::Big.u16(&bytes, 1), Some(0x0203));
        assert_eq!(Order::Little.u16(&bytes, 1), Some(0x0302));
        assert_eq!(Order::Big.u32(&bytes, 1), Some(0x0203_0405));
        assert_eq!(Order::Little.u32(&bytes, 1), Some(0x0504_0302));
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(Order::Big.u64(&bytes, 0), Some(0x0102_0304_0506_0708));
        assert_eq!(Order::Little.u64(&bytes, 0), Some(0x0807_0605_0403_0201));
        assert_eq!(Order::Little.u64(&bytes, 1), None);
    }

    #[test]
    fn nothing_past_the_end() {
        let bytes = [1, 2, 3, 4];
        assert_eq!(Order::Big.u16(&bytes, 3), None);
        assert_eq!(Order::Big.u32(&bytes, usize::MAX), None);
        assert_eq!(slice(&bytes, 2, usize::MAX), None);
        assert_eq!(slice(&bytes, 4, 0), Some(&[][..]));
    }
}
