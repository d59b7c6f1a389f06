//! Magic, wire frames, CORE and RECIPIENTS as bytes in the clear: SPEC sections 2 to 4.

use super::answer::{Checked, Refusal, well_formed};
use super::primitives::sha256;

pub(crate) const MAGIC: &[u8] = b"\x89SIMG\r\n\x1A";

/// Bytes that are read from left to right.
pub(crate) struct Bytes<'a> {
    all: &'a [u8],
    /// How many were read.
    pub(crate) at: usize,
}

impl<'a> Bytes<'a> {
    pub(crate) fn of(all: &'a [u8]) -> Self {
        Self { all, at: 0 }
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.all[self.at..]
    }

    pub(crate) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let taken = self.rest().get(..len)?;
        self.at += len;
        Some(taken)
    }

    /// An integer of so many bytes.
    pub(crate) fn number(&mut self, len: usize) -> Option<u64> {
        let bytes = self.take(len)?;
        Some(
            bytes
                .iter()
                .fold(0, |number, byte| number << 8 | u64::from(*byte)),
        )
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// Text or bytes behind their length.
    pub(crate) fn prefixed(&mut self, prefix: usize) -> Option<&'a [u8]> {
        let len = self.number(prefix)?;
        self.take(usize::try_from(len).ok()?)
    }

    /// Takes what a stream must still have [M-STREAM-4].
    pub(crate) fn whole(&mut self, len: usize) -> Checked<&'a [u8]> {
        well_formed(len <= self.rest().len(), "M-STREAM-4", self.all.len())?;
        Ok(self.take(len).unwrap_or_default())
    }
}

/// Takes a frame's header: its kind, which must be one of `kinds`, and the length of its body.
pub(crate) fn frame_header(stream: &mut Bytes<'_>, kinds: &[u8]) -> Checked<(u8, usize)> {
    let at = stream.at;
    let header = stream.whole(4)?;
    let kind = header[0];
    well_formed((1..=4).contains(&kind), "M-FRAME-1", at)?;
    well_formed(kinds.contains(&kind), "M-STREAM-3", at)?;
    let len = header[1..]
        .iter()
        .fold(0, |len, byte| len << 8 | usize::from(*byte));
    Ok((kind, len))
}

/// SPEC section 3.
pub(crate) struct Core {
    pub(crate) suite: u16,
    pub(crate) signed: bool,
    pub(crate) chunk_log2: u32,
    pub(crate) salt: [u8; 32],
    pub(crate) commitment: [u8; 32],
    /// `core_hash`
    pub(crate) hash: [u8; 32],
    pub(crate) transfer_id: [u8; 32],
}

impl Core {
    pub(crate) fn chunk_size(&self) -> usize {
        1 << self.chunk_log2
    }

    pub(crate) fn tag_len(&self) -> usize {
        if self.suite == 1 { 32 } else { 16 }
    }
}

/// Takes magic and CORE, the first 81 bytes.
pub(crate) fn core(stream: &mut Bytes<'_>) -> Checked<Core> {
    let start = stream.rest();
    // A wrong magic is known from the first byte that differs [M-STREAM-1].
    let shown = MAGIC.len().min(start.len());
    well_formed(start[..shown] == MAGIC[..shown], "M-STREAM-1", 0)?;
    stream.whole(MAGIC.len())?;
    let (_, len) = frame_header(stream, &[1])?;
    well_formed(len == 69, "M-CORE-1", 8)?;
    let body = stream.whole(len)?;
    let (version, flags, chunk_log2) = (body[0], body[3], body[4]);
    let suite = u16::from_be_bytes([body[1], body[2]]);
    well_formed(version == 1, "M-CORE-2", 12)?;
    well_formed(flags & 0xFE == 0, "M-CORE-4", 15)?;
    well_formed((12..=23).contains(&chunk_log2), "M-CORE-5", 16)?;
    well_formed(suite == 1 || suite == 2, "M-CORE-3", 13)?;
    let (salt, commitment) = body[5..].split_at(32);
    let array = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).expect("69 − 5 is twice 32");
    Ok(Core {
        suite,
        signed: flags & 1 == 1,
        chunk_log2: chunk_log2.into(),
        salt: array(salt),
        commitment: array(commitment),
        hash: sha256(&[&start[..49]]),
        transfer_id: sha256(&[&start[..81]]),
    })
}

/// One recipient's entry.
pub(crate) struct Entry<'a> {
    pub(crate) kind: u16,
    pub(crate) key_id: [u8; 16],
    pub(crate) body: &'a [u8],
}

/// SPEC section 4.
pub(crate) struct Recipients<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
    pub(crate) before_mac: &'a [u8],
    pub(crate) mac: &'a [u8],
}

/// Takes RECIPIENTS and checks all that can be checked without a key.
pub(crate) fn recipients<'a>(stream: &mut Bytes<'a>) -> Checked<Recipients<'a>> {
    let at = stream.at;
    let (_, len) = frame_header(stream, &[2])?;
    let sound = len.is_multiple_of(256) && (256..=65_536).contains(&len);
    well_formed(sound, "M-RCPT-1", at)?;
    let start = stream.at;
    let body = stream.whole(len)?;
    let (before_mac, mac) = body.split_at(len - 32);
    let count = before_mac[0];
    well_formed((1..=32).contains(&count), "M-RCPT-2", start)?;
    let mut rest = Bytes {
        all: before_mac,
        at: 1,
    };
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for _ in 0..count {
        let at = start + rest.at;
        let Some(entry) = entry(&mut rest) else {
            return Err(Refusal::format("M-RCPT-4", at));
        };
        well_formed((1..=5).contains(&entry.kind), "M-RCPT-3", at)?;
        if let Some(rule) = wrong_in_body(&entry) {
            return Err(Refusal::format(rule, at));
        }
        let same = |other: &Entry<'_>| other.kind == entry.kind && other.key_id == entry.key_id;
        well_formed(!entries.iter().any(same), "M-RCPT-5", at)?;
        entries.push(entry);
    }
    let alone = count == 1 || entries.iter().all(|entry| entry.kind != 3);
    well_formed(alone, "M-PASS-2", start)?;
    let zeros = rest.rest().iter().all(|byte| *byte == 0);
    well_formed(zeros, "M-RCPT-6", start + rest.at)?;
    Ok(Recipients {
        entries,
        before_mac,
        mac,
    })
}

fn entry<'a>(rest: &mut Bytes<'a>) -> Option<Entry<'a>> {
    Some(Entry {
        kind: rest.array().map(u16::from_be_bytes)?,
        key_id: rest.array()?,
        body: rest.prefixed(2)?,
    })
}

/// The rule that the length or form of an entry's body breaks.
fn wrong_in_body(entry: &Entry<'_>) -> Option<&'static str> {
    let body = entry.body;
    let (sound, rule) = match entry.kind {
        1 => ((256..=512).contains(&body.len()), "M-RCPT-4"),
        2 => (body.len() == 1160, "M-XWING-1"),
        3 => (passphrase_form(body).is_some(), "M-PASS-3"),
        4 => (body.len() == 40, "M-RAW-1"),
        _ => {
            let name = Bytes::of(body).prefixed(1).unwrap_or_default();
            (
                !name.is_empty() && core::str::from_utf8(name).is_ok(),
                "M-EXT-1",
            )
        }
    };
    (!sound).then_some(rule)
}

/// [M-PASS-3]
fn passphrase_form(body: &[u8]) -> Option<()> {
    let mut rest = Bytes::of(body);
    let kdf = rest.number(1)?;
    let mut within = |least, most| {
        let number = rest.number(4)?;
        (least..=most).contains(&number).then_some(())
    };
    match (kdf, body.len()) {
        (1, 69) => within(19_456, 1_048_576)
            .and_then(|()| within(2, 16))
            .and_then(|()| within(1, 16)),
        (2, 61) => within(600_000, 10_000_000),
        _ => None,
    }
}
