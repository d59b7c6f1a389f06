//! A receipt on a connection, which may go on: exactly its bytes are read, and never more than the longest.

use std::io::{self, Read, Write};

use super::signature::{MAX_SIGNATURE, MAX_SPKI};
use super::{MAGIC, RECEIPT_LEN, Receipt};
use crate::content::SignatureAlgorithm;
use crate::trace;

impl Receipt {
    /// Writes the receipt.
    ///
    /// # Errors
    /// The writer's.
    pub fn send(&self, writer: &mut impl Write) -> io::Result<()> {
        writer.write_all(&self.to_bytes())?;
        writer.flush()?;
        trace::receipt(&self.transfer_id, self.verdict.name(), true);
        Ok(())
    }

    /// Reads a receipt to its end, which it says itself. `None` stands for bytes that are no receipt.
    /// Nothing of it is proven, as with [`Receipt::parse`].
    ///
    /// # Errors
    /// The reader's, and [`io::ErrorKind::UnexpectedEof`] where it ended before the receipt did.
    pub fn read(reader: &mut impl Read) -> io::Result<Option<Self>> {
        let mut bytes = Vec::with_capacity(RECEIPT_LEN);
        extend(reader, &mut bytes, MAGIC.len())?;
        // Of what is no receipt there may come no more, and nobody waits for it.
        if bytes != MAGIC {
            return Ok(None);
        }
        extend(reader, &mut bytes, RECEIPT_LEN - MAGIC.len())?;
        let signed = match bytes.last() {
            Some(&number) if number != 0 => number,
            _ => return Ok(Self::parse(&bytes)),
        };
        if SignatureAlgorithm::from_number(signed).is_none() {
            return Ok(None);
        }
        extend(reader, &mut bytes, 8)?;
        for most in [MAX_SPKI, MAX_SIGNATURE] {
            let mut length = [0; 2];
            reader.read_exact(&mut length)?;
            bytes.extend_from_slice(&length);
            let length = usize::from(u16::from_be_bytes(length));
            if length > most {
                return Ok(None);
            }
            extend(reader, &mut bytes, length)?;
        }
        Ok(Self::parse(&bytes))
    }
}

fn extend(reader: &mut impl Read, bytes: &mut Vec<u8>, more: usize) -> io::Result<()> {
    let start = bytes.len();
    bytes.resize(start + more, 0);
    reader.read_exact(&mut bytes[start..])
}
