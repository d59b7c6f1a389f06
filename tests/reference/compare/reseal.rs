//! Seals changed content again under the keys of a stream, as somebody who holds the CEK can.

use crate::answer::{Checked, Reader};
use crate::chunks::{ChunkKeys, Chunks};
use crate::header::{self, Bytes, Core};
use crate::primitives::{cbc_encrypt, gcm_crypt, gcm_tag};
use crate::unlock::{Schedule, unlock};

/// The content of a stream, and what is needed to seal another in its place.
pub(crate) struct Unsealed {
    pub(crate) content: Vec<u8>,
    header: Vec<u8>,
    pub(crate) core: Core,
    keys: Schedule,
}

pub(crate) fn unseal(stream: &[u8], reader: &Reader) -> Checked<Unsealed> {
    let mut rest = Bytes::of(stream);
    let core = header::core(&mut rest)?;
    let recipients = header::recipients(&mut rest)?;
    let keys = unlock(&core, &recipients, reader)?.keys;
    let header = stream[..rest.at].to_vec();
    let mut content = Vec::new();
    let mut chunks = Chunks::first(&core, ChunkKeys::new(&core, &keys), rest)?;
    while let Ok(some) = chunks.some() {
        content.extend_from_slice(some);
        chunks.read = chunks.piece.len();
    }
    Ok(Unsealed {
        content,
        header,
        core,
        keys,
    })
}

impl Unsealed {
    pub(crate) fn reseal(&self, content: &[u8]) -> Vec<u8> {
        let keys = ChunkKeys::new(&self.core, &self.keys);
        let mut stream = self.header.clone();
        let size = self.core.chunk_size();
        let full = content.len() / size;
        for (index, piece) in (0..).zip(content.chunks(size).take(full)) {
            frame(&mut stream, 3, &seal(&keys, index, false, piece));
        }
        let rest = &content[full * size..];
        frame(&mut stream, 4, &seal(&keys, full as u64, true, rest));
        stream
    }
}

fn frame(stream: &mut Vec<u8>, kind: u8, body: &[u8]) {
    let len = u32::try_from(body.len()).unwrap().to_be_bytes();
    stream.push(kind);
    stream.extend_from_slice(&len[1..]);
    stream.extend_from_slice(body);
}

fn seal(keys: &ChunkKeys, index: u64, last: bool, piece: &[u8]) -> Vec<u8> {
    if keys.suite == 2 {
        let nonce = ChunkKeys::gcm_nonce(index, last);
        let ciphertext = gcm_crypt(&keys.enc, &nonce, piece);
        let tag = gcm_tag(&keys.enc, &nonce, &ciphertext);
        return [&ciphertext[..], &tag].concat();
    }
    let mut padded = piece.to_vec();
    if last {
        let padding = 16 - piece.len() % 16;
        padded.resize(piece.len() + padding, padding as u8);
    }
    let ciphertext = cbc_encrypt(&keys.enc, &keys.cbc_iv(index, last), &padded);
    let tag = keys.cbc_tag(index, last, &ciphertext);
    [&ciphertext[..], &tag].concat()
}
