//! What shows that an upload is of this very stream: a key for its name, and hashes of what is there.

use std::io::{self, Read};

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use super::super::hex::hex;
use crate::hash::Sha256Stream;
use crate::transport::outgoing::Outgoing;

/// What only somebody with this stream can say: a hash of its last bytes, the tag of FINAL among them.
pub(super) fn key(stream: &mut Outgoing<'_>) -> io::Result<String> {
    let mut hash = Sha256::new();
    hash.update(b"secimg/1 upload\0");
    hash.update(stream.transfer_id());
    let mut end = stream.bytes_from(stream.offset_of(stream.chunks()))?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match end.read(&mut buffer)? {
            0 => break,
            len => hash.update(&buffer[..len]),
        }
    }
    Ok(hex(&hash.finalize()))
}

/// SHA-256 over its first `len` bytes.
pub(super) fn hash(stream: &mut Outgoing<'_>, len: u64) -> io::Result<[u8; 32]> {
    let mut hash = Sha256Stream::new();
    let mut bytes = stream.bytes_from(0)?.take(len);
    let mut buffer = vec![0; 256 << 10];
    loop {
        match bytes.read(&mut buffer)? {
            0 => return Ok(hash.finalize()),
            len => hash.update(&buffer[..len]),
        }
    }
}

/// `sha-256=:BASE64:`, perhaps among others.
pub(super) fn parse_digest(text: &str) -> Option<[u8; 32]> {
    let of = |item: &str| {
        let text = item.trim().strip_prefix("sha-256=:")?.strip_suffix(':')?;
        let mut digest = [0; 32];
        let len = Base64::decode(text, &mut digest).ok()?.len();
        (len == 32).then_some(digest)
    };
    text.split(',').find_map(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read_as_the_rfc_writes_them() {
        let text = Base64::encode_string(&[7; 32]);
        let said = format!("sha-512=:AAAA:, sha-256=:{text}:");
        assert_eq!(parse_digest(&said), Some([7; 32]));
        for bad in [
            "",
            "sha-256=",
            "sha-256=::",
            "sha-256=:AAAA:",
            &format!("sha-256={text}"),
            &format!("sha-256=:{text}AAAA:"),
        ] {
            assert_eq!(parse_digest(bad), None, "{bad}");
        }
    }
}
