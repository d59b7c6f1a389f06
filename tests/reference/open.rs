//! Opening a stream from its first byte to its last.

use super::answer::Class::Policy;
use super::answer::{Answer, Checked, Reader, Verified, ensure, well_formed};
use super::chunks::{ChunkKeys, Chunks};
use super::content::Reading;
use super::header::{self, Bytes};
use super::unlock::unlock;

/// Opens a stream that is the whole of a file.
pub(crate) fn open(stream: &[u8], reader: &Reader) -> Answer {
    let mut released = Vec::new();
    let end = open_into(stream, reader, &mut released);
    Answer { released, end }
}

fn open_into(stream: &[u8], reader: &Reader, released: &mut Vec<u8>) -> Checked<Verified> {
    let mut stream = Bytes::of(stream);
    let core = header::core(&mut stream)?;
    let recipients = header::recipients(&mut stream)?;
    let unlocked = unlock(&core, &recipients, reader)?;
    // [M-JUDGE-1]
    ensure(core.signed || reader.trusted.is_none(), Policy, "M-JUDGE-1")?;
    let keys = ChunkKeys::new(&core, &unlocked.keys);
    let mut chunks = Chunks::first(&core, keys, stream)?;
    let mut reading = Reading {
        core: &core,
        reader,
        opened_by: unlocked.reader,
        items: Vec::new(),
        index_offset: 0,
        checkpoints: 0,
        signed: None,
        covered: 0,
    };
    let end = reading.content(&mut chunks);
    *released = reading.originals();
    if reader.trusted.is_some() {
        // [M-JUDGE-2]
        released.truncate(reading.covered);
    }
    end?;
    // [M-STREAM-5]
    let end = chunks.stream.at;
    well_formed(chunks.stream.rest().is_empty(), "M-STREAM-5", end)?;
    Ok(Verified {
        transfer_id: core.transfer_id,
        suite: core.suite,
        items: reading.items,
        signature: reading.signed,
        checkpoints: reading.checkpoints,
        cek: unlocked.cek,
        receipt_key: unlocked.keys.key("receipt"),
    })
}
