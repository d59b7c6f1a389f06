//! The query of a sender that goes on, and its answer (SPEC section 10).
//!
//! ```text
//! query  = 89 53 49 4D 51 0D 0A 1A ‖ transfer id 32
//! held   = 89 53 49 4D 48 0D 0A 1A ‖ transfer id 32 ‖ n u64 ‖ h 32
//! resume = start u64 ‖ magic ‖ CORE ‖ RECIPIENTS ‖ payload from chunk `start` on
//! ```

use std::io::{self, Read};

use crate::format::Writer;

pub(super) const MAGIC_LEN: usize = 8;

/// What a query begins with.
pub(super) const QUERY: [u8; MAGIC_LEN] = [0x89, 0x53, 0x49, 0x4D, 0x51, 0x0D, 0x0A, 0x1A];

/// What its answer begins with.
pub(super) const HELD: [u8; MAGIC_LEN] = [0x89, 0x53, 0x49, 0x4D, 0x48, 0x0D, 0x0A, 0x1A];

/// What a receiver holds of a stream: whole CHUNK frames, from the first one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) frames: u64,
    /// SHA-256 over them, headers included.
    pub(super) hash: [u8; 32],
}

pub(super) fn query(transfer_id: &[u8; 32]) -> Vec<u8> {
    let mut out = Writer::new();
    out.bytes(&QUERY).bytes(transfer_id);
    out.finish()
}

impl Held {
    pub(super) fn to_bytes(self, transfer_id: &[u8; 32]) -> Vec<u8> {
        let mut out = Writer::new();
        out.bytes(&HELD)
            .bytes(transfer_id)
            .u64(self.frames)
            .bytes(&self.hash);
        out.finish()
    }

    /// Reads what stands behind the magic; `None` where it is the answer to another question.
    pub(super) fn read(reader: &mut impl Read, asked: &[u8; 32]) -> io::Result<Option<Self>> {
        let transfer_id: [u8; 32] = read_array(reader)?;
        let held = Self {
            frames: read_u64(reader)?,
            hash: read_array(reader)?,
        };
        Ok((transfer_id == *asked).then_some(held))
    }
}

pub(super) fn read_array<const N: usize>(reader: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn read_u64(reader: &mut impl Read) -> io::Result<u64> {
    read_array(reader).map(u64::from_be_bytes)
}
