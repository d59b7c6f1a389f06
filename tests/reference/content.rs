//! Records, items and INDEX: SPEC section 7.

use super::answer::Class::{Content, Policy};
use super::answer::{Checked, Item, Reader, Signed, ensure};
use super::chunks::Chunks;
use super::close::{self, Close};
use super::header::Core;
use super::manifest;
use super::primitives::sha256;

/// What stood before: a row of the table in section 7.5.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    BeginningOrCheckpoint,
    Manifest,
    Preview,
    Data { empty: bool },
    Digest,
    Index,
}

/// Everything that was read so far.
pub(crate) struct Reading<'a> {
    pub(crate) core: &'a Core,
    pub(crate) reader: &'a Reader,
    /// The hash of the identity that opened the stream.
    pub(crate) opened_by: Option<[u8; 32]>,
    pub(crate) items: Vec<Item>,
    pub(crate) index_offset: u64,
    pub(crate) checkpoints: usize,
    pub(crate) signed: Option<Signed>,
    /// How many bytes of the originals a verified CLOSE covers.
    pub(crate) covered: usize,
}

impl Reading<'_> {
    /// All bytes of originals so far.
    pub(crate) fn originals(&self) -> Vec<u8> {
        self.items
            .iter()
            .flat_map(|item| item.original.clone())
            .collect()
    }

    /// content = item* INDEX? CLOSE
    pub(crate) fn content(&mut self, chunks: &mut Chunks<'_>) -> Checked<()> {
        let mut after = After::BeginningOrCheckpoint;
        loop {
            // A CLOSE is looked at as a whole, and so its kind is not taken yet.
            let kind = chunks.some()?[0];
            let record = chunks.offset();
            if kind == 6 {
                Self::may_close(after, chunks.last)?;
                self.close(chunks)?;
                if chunks.last {
                    return Ok(());
                }
                after = After::BeginningOrCheckpoint;
                continue;
            }
            chunks.read += 1;
            // [M-REC-3]
            if kind == 0 {
                continue;
            }
            // [M-REC-1]
            ensure(!(7..0x80).contains(&kind), Content, "M-REC-1")?;
            if kind < 7 {
                ensure(self.may_follow(after, kind), Content, "M-ORDER-1")?;
            }
            let len = chunks
                .bytes(7)?
                .iter()
                .fold(0, |len, byte| len << 8 | u64::from(*byte));
            after = match kind {
                1 => self.manifest(chunks, record, len)?,
                2 => self.preview(chunks, len)?,
                3 => self.data(chunks, len, after)?,
                4 => self.digest(chunks, len)?,
                5 => self.index(chunks, record, len)?,
                // [M-REC-2]
                _ => {
                    chunks.take(len, |_| ())?;
                    after
                }
            };
        }
    }

    /// The table in section 7.5 without its last column.
    fn may_follow(&self, after: After, kind: u8) -> bool {
        match after {
            After::BeginningOrCheckpoint => kind == 1 || kind == 5 && !self.items.is_empty(),
            After::Manifest => kind == 2 || kind == 3,
            After::Preview => kind == 3,
            After::Data { .. } => [1, 3, 4, 5].contains(&kind),
            After::Digest => kind == 1 || kind == 5,
            After::Index => false,
        }
    }

    /// Its last column.
    fn may_close(after: After, last: bool) -> Checked<()> {
        let may = match after {
            After::Manifest | After::Preview => false,
            After::Index => last,
            _ => true,
        };
        ensure(may, Content, "M-ORDER-1")
    }

    fn manifest(&mut self, chunks: &mut Chunks<'_>, offset: u64, len: u64) -> Checked<After> {
        ensure(len <= 65_536, Content, "M-MAN-4")?;
        let manifest = manifest::parse(&chunks.bytes(len)?);
        ensure(manifest.is_some(), Content, "M-MAN-1")?;
        self.items.push(Item {
            manifest: manifest.unwrap_or_default(),
            preview: None,
            original: Vec::new(),
            offset,
            digest: None,
        });
        Ok(After::Manifest)
    }

    /// The item that is being read; the order makes sure that there is one.
    fn item(&mut self) -> &mut Item {
        self.items.last_mut().expect("a MANIFEST stood before")
    }

    fn preview(&mut self, chunks: &mut Chunks<'_>, len: u64) -> Checked<After> {
        ensure(len <= 65_536, Content, "M-ITEM-4")?;
        self.item().preview = Some(chunks.bytes(len)?);
        Ok(After::Preview)
    }

    fn data(&mut self, chunks: &mut Chunks<'_>, len: u64, after: After) -> Checked<After> {
        if let After::Data { empty } = after {
            ensure(!empty && len > 0, Content, "M-ITEM-1")?;
        }
        let original = &mut self.item().original;
        chunks.take(len, |some| original.extend_from_slice(some))?;
        Ok(After::Data { empty: len == 0 })
    }

    fn digest(&mut self, chunks: &mut Chunks<'_>, len: u64) -> Checked<After> {
        ensure(len == 32, Content, "M-ITEM-3")?;
        let digest = chunks.bytes(len)?;
        let right = sha256(&[&self.item().original]);
        ensure(digest == right, Content, "M-ITEM-3")?;
        self.item().digest = Some(right);
        Ok(After::Digest)
    }

    /// There is one INDEX that a content can have [M-INDEX-1].
    fn index(&mut self, chunks: &mut Chunks<'_>, offset: u64, len: u64) -> Checked<After> {
        let right: Vec<u8> = self.items.iter().flat_map(line).collect();
        ensure(len == right.len() as u64, Content, "M-INDEX-1")?;
        ensure(chunks.bytes(len)? == right, Content, "M-INDEX-1")?;
        self.index_offset = offset;
        Ok(After::Index)
    }

    fn close(&mut self, chunks: &mut Chunks<'_>) -> Checked<()> {
        let close = Close::parse(&chunks.piece[chunks.read..])?;
        // [M-CLOSE-4] [M-CHECK-1]
        ensure(
            close.index_offset == self.index_offset,
            Content,
            "M-CLOSE-4",
        )?;
        // [M-CLOSE-7]
        close.as_the_flag_says(self.core.signed)?;
        if let Some(block) = &close.signature {
            let message = close::message(self.core, chunks, block);
            let signed = close::verify(block, &message, self.opened_by)?;
            if let Some(before) = &self.signed {
                ensure(
                    before.spki == signed.spki,
                    super::answer::Class::Signature,
                    "M-SIG-4",
                )?;
            }
            if let Some(trusted) = &self.reader.trusted {
                ensure(trusted.contains(&signed.spki), Policy, "M-JUDGE-1")?;
            }
            self.signed = Some(signed);
        }
        self.covered = self.items.iter().map(|item| item.original.len()).sum();
        chunks.read = chunks.piece.len();
        self.checkpoints += usize::from(!chunks.last);
        Ok(())
    }
}

/// An item's line in INDEX, section 7.4.
fn line(item: &Item) -> Vec<u8> {
    let (media, name) = (&item.manifest.media_type, item.manifest.name.as_deref());
    let name = name.unwrap_or_default();
    let media_len = u8::try_from(media.len()).expect("a word has at most 127 bytes");
    let name_len = u16::try_from(name.len()).expect("a name has at most 1024 bytes");
    let mut line = item.offset.to_be_bytes().to_vec();
    line.extend((item.original.len() as u64).to_be_bytes());
    line.push(item.digest.is_some().into());
    line.extend(item.digest.into_iter().flatten());
    line.push(media_len);
    line.extend(media.bytes());
    line.extend(name_len.to_be_bytes());
    line.extend(name.bytes());
    line
}
