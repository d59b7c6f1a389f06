//! Floor 1: the chunks of a PNG (Third Edition, section 5.3), each with its length, its kind and a CRC.
//!
//! Nothing is decoded. Who walks through a file says what each kind means to him.

/// What a PNG begins with.
pub(crate) const MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Length, kind and CRC.
const AROUND: usize = 12;

/// One chunk, where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Chunk<'a> {
    pub(crate) kind: [u8; 4],
    /// Where it begins in the file.
    pub(crate) at: usize,
    pub(crate) data: &'a [u8],
    /// With length, kind and CRC.
    pub(crate) whole: &'a [u8],
}

/// Why there is no chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoChunk {
    /// The file ends first.
    Truncated,
    /// A kind is four letters, and these are not.
    Kind,
    /// Longer than a chunk may be.
    Length,
}

impl<'a> Chunk<'a> {
    /// Reads the chunk that begins at `at`. Its CRC is not looked at.
    pub(crate) fn read(png: &'a [u8], at: usize) -> Result<Self, NoChunk> {
        let rest = png.get(at..).ok_or(NoChunk::Truncated)?;
        let length = rest.first_chunk().ok_or(NoChunk::Truncated)?;
        let kind = rest.get(4..).and_then(<[u8]>::first_chunk);
        let kind = *kind.ok_or(NoChunk::Truncated)?;
        if !kind.iter().all(u8::is_ascii_alphabetic) {
            return Err(NoChunk::Kind);
        }
        let length = i32::try_from(u32::from_be_bytes(*length)).ok();
        let length = length.and_then(|length| usize::try_from(length).ok());
        let length = length.ok_or(NoChunk::Length)?;
        let whole = length.checked_add(AROUND).and_then(|len| rest.get(..len));
        let whole = whole.ok_or(NoChunk::Truncated)?;
        Ok(Self {
            kind,
            at,
            data: &whole[8..8 + length],
            whole,
        })
    }

    /// Tells whether the CRC is that of kind and data.
    #[cfg(feature = "image")]
    pub(crate) fn is_intact(&self) -> bool {
        self.whole.ends_with(&crc(self.kind, &[self.data]))
    }

    /// Where the next one begins.
    pub(crate) const fn end(&self) -> usize {
        self.at + self.whole.len()
    }
}

/// Writes a chunk anew. Its parts together must not be longer than a chunk may be.
pub(crate) fn write(kind: [u8; 4], parts: &[&[u8]], mut keep: impl FnMut(&[u8])) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    keep(&length.to_be_bytes());
    keep(&kind);
    for part in parts {
        keep(part);
    }
    keep(&crc(kind, parts));
}

/// The CRC of kind and data (PNG, annex D).
fn crc(kind: [u8; 4], parts: &[&[u8]]) -> [u8; 4] {
    let all = kind.iter().chain(parts.iter().copied().flatten());
    let crc = all.fold(u32::MAX, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        (crc >> 8) ^ TABLE[usize::from(low ^ byte)]
    });
    (!crc).to_be_bytes()
}

/// The remainders of all bytes.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    // No iterators in constants; `row` counts as `byte` does.
    let (mut row, mut byte) = (0_u32, 0_usize);
    while byte < 256 {
        let mut crc = row;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
            bit += 1;
        }
        table[byte] = crc;
        row += 1;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn written(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        write(kind, &[data], |bytes| out.extend_from_slice(bytes));
        out
    }

    /// The end of every PNG, and the check value of CRC-32 ("123456789").
    #[test]
    fn crcs_are_those_of_the_standard() {
        assert_eq!(written(*b"IEND", b""), b"\0\0\0\0IEND\xAE\x42\x60\x82");
        assert_eq!(crc(*b"1234", &[b"56", b"789"]), [0xCB, 0xF4, 0x39, 0x26]);
    }

    #[test]
    fn what_is_written_is_read() {
        let png = [written(*b"teSt", b"data"), written(*b"IEND", b"")].concat();
        let first = Chunk::read(&png, 0).ok().unwrap();
        assert_eq!((&first.kind, first.data), (b"teSt", b"data".as_slice()));
        let last = Chunk::read(&png, first.end()).ok().unwrap();
        assert_eq!((last.at, last.end()), (16, png.len()));
        for cut in 1..png.len() - 16 {
            let no = Chunk::read(&png[..png.len() - cut], 16).err();
            assert_eq!(no, Some(NoChunk::Truncated));
        }
    }

    #[test]
    fn what_cannot_be_a_chunk_is_none() {
        let no = |bytes: &[u8]| Chunk::read(bytes, 0).err();
        assert_eq!(no(b"\x80\0\0\0IDAT____"), Some(NoChunk::Length));
        assert_eq!(no(b"\0\0\0\0ID1T____"), Some(NoChunk::Kind));
        assert_eq!(no(b"\x7F\xFF\xFF\xFFIDAT____"), Some(NoChunk::Truncated));
    }

    #[cfg(feature = "image")]
    #[test]
    fn a_flipped_bit_is_noticed() {
        let png = written(*b"teSt", b"data");
        assert!(Chunk::read(&png, 0).ok().unwrap().is_intact());
        for byte in 8..png.len() {
            let mut bad = png.clone();
            bad[byte] ^= 1;
            assert!(!Chunk::read(&bad, 0).ok().unwrap().is_intact());
        }
    }
}
