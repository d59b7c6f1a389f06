//! The backup of a recipient block, which lies beside a stream while the block is overwritten.
//!
//! ```text
//! backup = 89 53 49 4D 42 0D 0A 1A ‖ transfer id 32 ‖ offset u64 ‖ length u32 ‖ old RECIPIENTS frame ‖ SHA-256 of all before
//! ```
//!
//! It is on the disk, whole, before the stream is touched. So a torn one says that the stream was not
//! touched, and may be forgotten.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::crypto::transfer_id;
use crate::format::{
    CORE_FRAME_LEN, Core, FRAME_HEADER_LEN, FrameHeader, FrameKind, RecipientsBlock,
};

const MAGIC: [u8; 8] = [0x89, 0x53, 0x49, 0x4D, 0x42, 0x0D, 0x0A, 0x1A];
const FRAME_AT: usize = MAGIC.len() + 32 + 8 + 4;
const HASH_LEN: usize = 32;
/// A RECIPIENTS frame is at most 64 KiB and its header.
const MAX_LEN: usize = FRAME_AT + FRAME_HEADER_LEN + (64 << 10) + HASH_LEN;
const SUFFIX: &str = ".rewrap-backup";

/// Where a stream's backup lies: beside it, under its name and `.rewrap-backup`.
pub(in crate::io) fn backup_path(stream: &Path) -> PathBuf {
    let mut path = OsString::from(stream);
    path.push(SUFFIX);
    path.into()
}

/// The part of a stream that a rewrap is about: which stream it is, and the RECIPIENTS frame as it stands,
/// which may be half of one and half of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::io) struct Head {
    pub(in crate::io) transfer_id: [u8; 32],
    pub(in crate::io) frame: Vec<u8>,
}

impl Head {
    /// Reads it; nothing where the file does not begin as a stream does.
    pub(in crate::io) fn read(file: &mut (impl Read + Seek)) -> io::Result<Option<Self>> {
        file.seek(SeekFrom::Start(0))?;
        let mut core = [0; CORE_FRAME_LEN];
        let mut header = [0; FRAME_HEADER_LEN];
        if !filled(file, &mut core)? || !filled(file, &mut header)? {
            return Ok(None);
        }
        let at = CORE_FRAME_LEN as u64;
        let length = FrameHeader::parse_kind(header, FrameKind::Recipients, at)
            .and_then(|header| RecipientsBlock::check_len(header, at));
        let (Ok(core), Ok(length)) = (Core::parse(&core), length) else {
            return Ok(None);
        };
        let mut frame = header.to_vec();
        frame.resize(FRAME_HEADER_LEN + length, 0);
        let whole = filled(file, &mut frame[FRAME_HEADER_LEN..])?;
        Ok(whole.then(|| Self {
            transfer_id: transfer_id(&core),
            frame,
        }))
    }
}

fn filled(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// What lies under a backup's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::io) enum Found {
    Nothing,
    /// Its writing was cut short, so the stream was not touched.
    Torn,
    /// Something that no rewrap has written.
    Strange,
    /// The block that this stream must have back.
    Whole(Head),
    /// A whole one, of another stream or of a block of another length.
    OfAnother,
}

impl Found {
    /// Reads what lies at `path`, and holds it against the stream.
    pub(in crate::io) fn at(path: &Path, stream: &Head) -> io::Result<Self> {
        let missing = |error: &io::Error| {
            // A name that is too long for a backup never had one.
            matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::InvalidFilename
            )
        };
        match fs::symlink_metadata(path) {
            Err(error) if missing(&error) => return Ok(Self::Nothing),
            Err(error) => return Err(error),
            // A pipe would keep us waiting.
            Ok(found) if !found.is_file() => return Ok(Self::Strange),
            Ok(_) => {}
        }
        let file = match fs::File::open(path) {
            Ok(file) => file,
            Err(error) if missing(&error) => return Ok(Self::Nothing),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(MAX_LEN as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Self::judge(&bytes, stream))
    }

    /// Judges the bytes of a backup.
    pub(in crate::io) fn judge(bytes: &[u8], stream: &Head) -> Self {
        // After a power failure a file may have its length and not all of its bytes.
        let begun = bytes
            .iter()
            .zip(MAGIC)
            .all(|(&byte, magic)| byte == magic || byte == 0);
        if !begun || bytes.len() > MAX_LEN {
            return Self::Strange;
        }
        let Some((body, hash)) = bytes.split_last_chunk::<HASH_LEN>() else {
            return Self::Torn;
        };
        if Sha256::digest(body).as_slice() != hash {
            return Self::Torn;
        }
        match parse(body) {
            Some(old) if old.fits(stream) => Self::Whole(old),
            Some(_) => Self::OfAnother,
            None => Self::Strange,
        }
    }
}

fn parse(body: &[u8]) -> Option<Head> {
    let rest = body.strip_prefix(&MAGIC)?;
    let (transfer_id, rest) = rest.split_first_chunk::<32>()?;
    let (offset, rest) = rest.split_first_chunk::<8>()?;
    let (length, frame) = rest.split_first_chunk::<4>()?;
    let (header, block) = frame.split_first_chunk::<FRAME_HEADER_LEN>()?;
    let at = CORE_FRAME_LEN as u64;
    let header = FrameHeader::parse_kind(*header, FrameKind::Recipients, at).ok()?;
    let sound = u64::from_be_bytes(*offset) == at
        && usize::try_from(u32::from_be_bytes(*length)).ok()? == frame.len()
        && usize::try_from(header.length).ok()? == block.len()
        && RecipientsBlock::parse(block, at).is_ok();
    sound.then(|| Head {
        transfer_id: *transfer_id,
        frame: frame.to_vec(),
    })
}

impl Head {
    /// The same stream, and a frame of the same length: overwriting it moves nothing.
    fn fits(&self, stream: &Self) -> bool {
        let (header, other) = (
            self.frame.get(..FRAME_HEADER_LEN),
            stream.frame.get(..FRAME_HEADER_LEN),
        );
        self.transfer_id == stream.transfer_id
            && self.frame.len() == stream.frame.len()
            && header == other
    }

    /// The bytes of its backup.
    pub(in crate::io) fn to_backup(&self) -> Vec<u8> {
        let length = u32::try_from(self.frame.len()).unwrap_or(u32::MAX);
        let mut bytes = [
            MAGIC.as_slice(),
            &self.transfer_id,
            &(CORE_FRAME_LEN as u64).to_be_bytes(),
            &length.to_be_bytes(),
            &self.frame,
        ]
        .concat();
        let hash = Sha256::digest(&bytes);
        bytes.extend_from_slice(&hash);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use crate::format::{Entry, RecipientType};

    use super::*;

    fn head(id: u8, length: usize) -> Head {
        let entry = Entry::new(RecipientType::RawKey, [id; 16], vec![id; 40]);
        let block = RecipientsBlock::build_in(&[entry], length).unwrap();
        Head {
            transfer_id: [7; 32],
            frame: block.to_frame(),
        }
    }

    #[test]
    fn a_backup_is_whole_torn_strange_or_of_another_stream() {
        let (old, new) = (head(1, 512), head(2, 512));
        let bytes = old.to_backup();
        assert_eq!(Found::judge(&bytes, &new), Found::Whole(old.clone()));
        for length in 0..bytes.len() {
            assert_eq!(
                Found::judge(&bytes[..length], &new),
                Found::Torn,
                "{length}"
            );
            let mut zeros_behind = bytes.clone();
            zeros_behind[length..].fill(0);
            assert_eq!(Found::judge(&zeros_behind, &new), Found::Torn, "{length}");
        }
        for at in 8..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert_eq!(Found::judge(&flipped, &new), Found::Torn, "{at}");
        }
        for (bytes, found) in [
            (b"My notes on rewrapping".to_vec(), Found::Strange),
            (
                [bytes.as_slice(), &vec![0; MAX_LEN]].concat(),
                Found::Strange,
            ),
            ([bytes.as_slice(), b"x"].concat(), Found::Torn),
            (head(1, 768).to_backup(), Found::OfAnother),
        ] {
            assert_eq!(Found::judge(&bytes, &new), found);
        }
        let mut other = old;
        other.transfer_id = [8; 32];
        assert_eq!(Found::judge(&other.to_backup(), &new), Found::OfAnother);
    }

    /// A right hash does not make a frame of what is none, nor move it elsewhere.
    #[test]
    fn a_backup_that_hangs_together_must_still_be_one() {
        let stream = head(2, 512);
        let sound = head(1, 512).to_backup();
        let body = &sound[..sound.len() - HASH_LEN];
        let hashed = |at: usize, byte: u8| {
            let mut body = body.to_vec();
            body[at] ^= byte;
            let hash = Sha256::digest(&body);
            [body.as_slice(), hash.as_slice()].concat()
        };
        for (what, at) in [
            ("offset", MAGIC.len() + 39),
            ("length", FRAME_AT - 1),
            ("kind of frame", FRAME_AT),
            ("length of the frame", FRAME_AT + 2),
            ("number of recipients", FRAME_AT + 4),
            ("padding", body.len() - 40),
        ] {
            assert_eq!(
                Found::judge(&hashed(at, 0x40), &stream),
                Found::Strange,
                "{what}"
            );
        }
    }
}
