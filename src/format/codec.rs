//! A bounded reader and a writer for big-endian integers and byte strings.
//!
//! Every parser of the clear part reads through [`Reader`], which knows the offset in the stream at
//! which it stands, so that an error can say where.

use super::error::{FormatError, FormatErrorKind};

/// Reads big-endian values from a slice and remembers where in the stream the slice began.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    offset: u64,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte of `bytes`, which stands at `offset` of the stream.
    #[must_use]
    pub fn new(bytes: &'a [u8], offset: u64) -> Self {
        Self {
            rest: bytes,
            offset,
        }
    }

    /// Returns the offset in the stream of the next byte.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns what has not been read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads `len` bytes.
    ///
    /// # Errors
    /// [`FormatErrorKind::Truncated`] when fewer are left.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], FormatError> {
        let Some((head, tail)) = self.rest.split_at_checked(len) else {
            return Err(self.error(FormatErrorKind::Truncated));
        };
        self.rest = tail;
        self.offset = self
            .offset
            .saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
        Ok(head)
    }

    /// Reads exactly `N` bytes.
    ///
    /// # Errors
    /// As [`Reader::take`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        let at = self.error(FormatErrorKind::Truncated);
        <[u8; N]>::try_from(self.take(N)?).map_err(|_| at)
    }

    /// Reads one byte.
    ///
    /// # Errors
    /// As [`Reader::take`].
    pub fn u8(&mut self) -> Result<u8, FormatError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// Reads a big-endian 16-bit integer.
    ///
    /// # Errors
    /// As [`Reader::take`].
    pub fn u16(&mut self) -> Result<u16, FormatError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// Reads a big-endian 32-bit integer.
    ///
    /// # Errors
    /// As [`Reader::take`].
    pub fn u32(&mut self) -> Result<u32, FormatError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// Reads a big-endian 64-bit integer.
    ///
    /// # Errors
    /// As [`Reader::take`].
    pub fn u64(&mut self) -> Result<u64, FormatError> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// Reads a byte string that a 16-bit length precedes.
    ///
    /// # Errors
    /// As [`Reader::take`].
    pub fn prefixed_u16(&mut self) -> Result<&'a [u8], FormatError> {
        let len = self.u16()?;
        self.take(usize::from(len))
    }

    /// Makes an error that names the place where the reader stands.
    #[must_use]
    pub fn error(&self, kind: FormatErrorKind) -> FormatError {
        FormatError::at(kind, self.offset)
    }
}

/// Appends big-endian values to a vector.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Starts empty.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Appends one byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    /// Appends a big-endian 16-bit integer.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends a big-endian 32-bit integer.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends a big-endian 64-bit integer.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Returns the number of bytes written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Tells whether nothing has been written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Returns the bytes.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut writer = Writer::new();
        assert!(writer.is_empty());
        writer.u8(1).u16(0x0203).u32(0x0405_0607);
        writer.u64(0x0809_0A0B_0C0D_0E0F).bytes(b"end");
        assert_eq!((writer.len(), writer.is_empty()), (18, false));
        let bytes = writer.finish();
        assert_eq!(
            bytes[..15],
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
        );
        let mut reader = Reader::new(&bytes, 0);
        assert_eq!((reader.u8(), reader.u16()), (Ok(1), Ok(0x0203)));
        assert_eq!(
            (reader.u32(), reader.u64()),
            (Ok(0x0405_0607), Ok(0x0809_0A0B_0C0D_0E0F))
        );
        assert_eq!(reader.take(3), Ok(&b"end"[..]));
    }
}
