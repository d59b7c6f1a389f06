//! RECIPIENTS, the mutable header (SPEC section 4).
//!
//! ```text
//! count u8 ‖ { type u16 ‖ key id 16 ‖ length u16 ‖ body }* ‖ zeros ‖ MAC 32
//! ```
//!
//! The body is a multiple of 256 bytes, so that a block has room for other recipients later.

use super::codec::{Reader, Writer};
use super::error::{FormatError, FormatErrorKind};
use super::external::ExternalBody;
use super::frame::{FRAME_HEADER_LEN, FrameHeader, FrameKind};
use super::kdf_bounds::in_bounds;

/// The most recipients that a stream may have.
pub const MAX_RECIPIENTS: usize = 32;
/// The length of the MAC that ends the block.
pub const RECIPIENTS_MAC_LEN: usize = 32;

const GRANULE: usize = 256;
const DEFAULT_LEN: usize = 4096;
const MAX_LEN: usize = 64 << 10;
/// What stands before an entry's body: type, key id and length.
const ENTRY_HEAD_LEN: usize = 2 + 16 + 2;
/// A passphrase's body: the function's number, its parameters, a salt and the wrapped key.
const ARGON2ID_BODY: usize = 1 + 12 + 16 + 40;
const PBKDF2_BODY: usize = 1 + 4 + 16 + 40;

/// The first 16 bytes of a salted hash of a recipient's public key (SPEC section 4.1).
pub type KeyId = [u8; 16];

/// The recipient types of version 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RecipientType {
    /// 1: RSA-OAEP with SHA-256.
    RsaOaepSha256,
    /// 2: X-Wing (ML-KEM-768 with X25519).
    XWing,
    /// 3: a passphrase.
    Passphrase,
    /// 4: a raw 256-bit key.
    RawKey,
    /// 5: an external provider, such as a hardware module.
    External,
}

impl RecipientType {
    const ALL: [Self; 5] = [
        Self::RsaOaepSha256,
        Self::XWing,
        Self::Passphrase,
        Self::RawKey,
        Self::External,
    ];

    /// Returns the number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::RsaOaepSha256 => 1,
            Self::XWing => 2,
            Self::Passphrase => 3,
            Self::RawKey => 4,
            Self::External => 5,
        }
    }

    /// Returns the name that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaOaepSha256 => "rsa-oaep-sha256",
            Self::XWing => "x-wing",
            Self::Passphrase => "passphrase",
            Self::RawKey => "raw-key",
            Self::External => "external",
        }
    }

    fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// Tells whether a body of this type can be so long.
    fn length_fits(self, len: usize) -> bool {
        match self {
            Self::RsaOaepSha256 => (256..=512).contains(&len),
            Self::XWing => len == 1120 + 40,
            Self::Passphrase => [ARGON2ID_BODY, PBKDF2_BODY].contains(&len),
            Self::RawKey => len == 40,
            Self::External => len >= 2 && u16::try_from(len).is_ok(),
        }
    }

    /// Tells whether a body can be of this type at all, before any key touches it.
    fn body_fits(self, body: &[u8]) -> bool {
        let form_fits = match self {
            Self::RsaOaepSha256 | Self::XWing | Self::RawKey => true,
            Self::Passphrase => match body.first() {
                Some(1) => body.len() == ARGON2ID_BODY,
                Some(2) => body.len() == PBKDF2_BODY,
                _ => false,
            },
            Self::External => ExternalBody::parse(body).is_some(),
        };
        form_fits && self.length_fits(body.len())
    }
}

/// One recipient's entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// What kind of key opens it.
    pub kind: RecipientType,
    /// Which key opens it.
    pub key_id: KeyId,
    /// The wrapped content encryption key, in the form of its kind.
    pub body: Vec<u8>,
}

impl Entry {
    /// Makes an entry.
    #[must_use]
    pub const fn new(kind: RecipientType, key_id: KeyId, body: Vec<u8>) -> Self {
        Self { kind, key_id, body }
    }
}

/// What is known of an entry before its key is wrapped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntryOutline {
    pub(crate) kind: RecipientType,
    pub(crate) key_id: KeyId,
    pub(crate) body_len: usize,
}

/// The whole block: the entries, and the exact bytes that its MAC covers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecipientsBlock {
    /// The entries, in the order in which they stand.
    pub entries: Vec<Entry>,
    authenticated: Vec<u8>,
    mac: [u8; RECIPIENTS_MAC_LEN],
}

impl RecipientsBlock {
    /// Lays out entries, zero-padded to 4096 bytes with the MAC, or to the next multiple of 256.
    ///
    /// The MAC is zero until [`RecipientsBlock::set_mac`].
    ///
    /// # Errors
    /// Every defect for which [`RecipientsBlock::parse`] would refuse the block.
    pub fn build(entries: &[Entry]) -> Result<Self, FormatError> {
        Self::build_in(entries, DEFAULT_LEN)
    }

    /// As [`RecipientsBlock::build`], with a body of `length` bytes where the entries fit in, so that a
    /// block can take the place of another of that length.
    ///
    /// # Errors
    /// As [`RecipientsBlock::build`].
    pub fn build_in(entries: &[Entry], length: usize) -> Result<Self, FormatError> {
        let count = u8::try_from(entries.len()).unwrap_or(u8::MAX);
        let mut out = Writer::new();
        out.u8(count);
        for entry in entries {
            let length = u16::try_from(entry.body.len()).map_err(|_| {
                FormatError::at(FormatErrorKind::RecipientBody(entry.kind.number()), 0)
            })?;
            out.u16(entry.kind.number())
                .bytes(&entry.key_id)
                .u16(length)
                .bytes(&entry.body);
        }
        let total = padded_len(out.len(), length);
        let mut bytes = out.finish();
        bytes.resize(total, 0);
        Self::parse(&bytes, 0)
    }

    /// Returns the length of the whole frame that [`RecipientsBlock::build`] makes of such entries.
    ///
    /// # Errors
    /// As [`RecipientsBlock::build`], for everything that does not lie inside a body.
    pub(crate) fn planned_frame_len(entries: &[EntryOutline]) -> Result<usize, FormatError> {
        let fail = |kind| FormatError::at(kind, 0);
        let lens = entries.iter().map(|entry| entry.body_len);
        let used = lens.fold(1_usize, |used, len| {
            used.saturating_add(ENTRY_HEAD_LEN).saturating_add(len)
        });
        if let Some(entry) = entries
            .iter()
            .find(|entry| !entry.kind.length_fits(entry.body_len))
        {
            return Err(fail(FormatErrorKind::RecipientBody(entry.kind.number())));
        }
        let total = padded_len(used, DEFAULT_LEN);
        let length = u32::try_from(total).unwrap_or(u32::MAX);
        Self::check_len(FrameHeader::new(FrameKind::Recipients, length), 0)?;
        check_count(u8::try_from(entries.len()).unwrap_or(u8::MAX)).map_err(fail)?;
        for (number, entry) in entries.iter().enumerate() {
            let earlier = entries.iter().take(number);
            check_new(
                earlier.map(|e| (e.kind, &e.key_id)),
                entry.kind,
                &entry.key_id,
            )
            .map_err(fail)?;
        }
        check_company(entries.iter().map(|entry| entry.kind)).map_err(fail)?;
        Ok(FRAME_HEADER_LEN.saturating_add(total))
    }

    /// Checks the header of a RECIPIENTS frame, before its body is read.
    ///
    /// # Errors
    /// [`FormatErrorKind::FrameLength`] for a length that is no multiple of 256 or above 64 KiB.
    pub fn check_len(header: FrameHeader, offset: u64) -> Result<usize, FormatError> {
        let length = usize::try_from(header.length).unwrap_or(usize::MAX);
        if length == 0 || length > MAX_LEN || !length.is_multiple_of(GRANULE) {
            return Err(header.bad_length(offset));
        }
        Ok(length)
    }

    /// Parses a body that stands at `offset` of the stream. The MAC is not checked here.
    ///
    /// # Errors
    /// A [`FormatError`] for each rejection of SPEC section 4.
    pub fn parse(body: &[u8], offset: u64) -> Result<Self, FormatError> {
        let header = FrameHeader::new(
            FrameKind::Recipients,
            u32::try_from(body.len()).unwrap_or(u32::MAX),
        );
        Self::check_len(header, offset)?;
        let Some((authenticated, mac)) = body.split_last_chunk::<RECIPIENTS_MAC_LEN>() else {
            return Err(header.bad_length(offset));
        };
        let mut reader = Reader::new(authenticated, offset);
        let count = reader.u8()?;
        check_count(count).map_err(|kind| FormatError::at(kind, offset))?;
        let mut entries: Vec<Entry> = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            let at = reader.offset();
            let entry = parse_entry(&mut reader)?;
            let earlier = entries.iter().map(|e| (e.kind, &e.key_id));
            check_new(earlier, entry.kind, &entry.key_id)
                .map_err(|kind| FormatError::at(kind, at))?;
            entries.push(entry);
        }
        check_company(entries.iter().map(|e| e.kind))
            .map_err(|kind| FormatError::at(kind, offset))?;
        if reader.rest().iter().any(|&byte| byte != 0) {
            return Err(reader.error(FormatErrorKind::RecipientPadding));
        }
        Ok(Self {
            entries,
            authenticated: authenticated.to_vec(),
            mac: *mac,
        })
    }

    /// Returns the bytes that the MAC covers, behind `core_hash`: the body without the MAC.
    #[must_use]
    pub fn authenticated(&self) -> &[u8] {
        &self.authenticated
    }

    /// Returns the MAC.
    #[must_use]
    pub const fn mac(&self) -> &[u8; RECIPIENTS_MAC_LEN] {
        &self.mac
    }

    /// Sets the MAC.
    pub const fn set_mac(&mut self, mac: [u8; RECIPIENTS_MAC_LEN]) {
        self.mac = mac;
    }

    /// Returns the length of the body, MAC included.
    #[must_use]
    pub const fn body_len(&self) -> usize {
        self.authenticated.len().saturating_add(RECIPIENTS_MAC_LEN)
    }

    /// Returns the length of the whole frame.
    #[must_use]
    pub const fn frame_len(&self) -> usize {
        FRAME_HEADER_LEN.saturating_add(self.body_len())
    }

    /// Returns the whole frame.
    #[must_use]
    pub fn to_frame(&self) -> Vec<u8> {
        let header = FrameHeader::new(
            FrameKind::Recipients,
            u32::try_from(self.body_len()).unwrap_or(u32::MAX),
        );
        let mut out = Writer::new();
        out.bytes(&header.to_bytes())
            .bytes(&self.authenticated)
            .bytes(&self.mac);
        out.finish()
    }
}

/// A block that holds `used` bytes and a MAC, padded to what its length may be.
fn padded_len(used: usize, least: usize) -> usize {
    let used = used.saturating_add(RECIPIENTS_MAC_LEN);
    let whole = used.checked_next_multiple_of(GRANULE);
    whole.unwrap_or(usize::MAX).max(least)
}

fn check_count(count: u8) -> Result<(), FormatErrorKind> {
    if count == 0 || usize::from(count) > MAX_RECIPIENTS {
        return Err(FormatErrorKind::RecipientCount(count));
    }
    Ok(())
}

fn check_new<'a>(
    mut earlier: impl Iterator<Item = (RecipientType, &'a KeyId)>,
    kind: RecipientType,
    key_id: &KeyId,
) -> Result<(), FormatErrorKind> {
    if earlier.any(|entry| entry == (kind, key_id)) {
        return Err(FormatErrorKind::DuplicateRecipient);
    }
    Ok(())
}

fn check_company(
    mut kinds: impl ExactSizeIterator<Item = RecipientType>,
) -> Result<(), FormatErrorKind> {
    if kinds.len() > 1 && kinds.any(|kind| kind == RecipientType::Passphrase) {
        return Err(FormatErrorKind::PassphraseNotAlone);
    }
    Ok(())
}

fn parse_entry(reader: &mut Reader<'_>) -> Result<Entry, FormatError> {
    let at = reader.offset();
    // What runs past the block is a malformed block, not a truncated stream.
    let overrun = |_| FormatError::at(FormatErrorKind::RecipientsOverrun, at);
    let number = reader.u16().map_err(overrun)?;
    let kind = RecipientType::from_number(number)
        .ok_or_else(|| FormatError::at(FormatErrorKind::RecipientType(number), at))?;
    let key_id = reader.array().map_err(overrun)?;
    let body = reader.prefixed_u16().map_err(overrun)?;
    if !kind.body_fits(body) {
        return Err(FormatError::at(FormatErrorKind::RecipientBody(number), at));
    }
    if kind == RecipientType::Passphrase && !in_bounds(body) {
        return Err(FormatError::at(FormatErrorKind::KdfParameters, at));
    }
    Ok(Entry::new(kind, key_id, body.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(id: u8) -> Entry {
        Entry::new(RecipientType::RawKey, [id; 16], vec![id; 40])
    }

    #[test]
    fn a_block_survives_the_round_trip() {
        let mut block = RecipientsBlock::build(&[raw(1), raw(2)]).unwrap();
        block.set_mac([7; 32]);
        let frame = block.to_frame();
        assert_eq!(frame.len(), 4 + 4096);
        assert_eq!(frame.len(), block.frame_len());
        assert_eq!(RecipientsBlock::parse(&frame[4..], 85), Ok(block));
    }

    #[test]
    fn a_block_takes_the_length_it_is_given_or_the_next_that_fits() {
        for (length, expected) in [(256, 256), (512, 512), (4096, 4096), (65_536, 65_536)] {
            let block = RecipientsBlock::build_in(&[raw(1)], length).unwrap();
            assert_eq!(block.body_len(), expected);
        }
        // One byte of count, 60 for each entry, 32 of MAC: 453 and 513 bytes.
        for (count, expected) in [(7, 512), (8, 768)] {
            let entries: Vec<_> = (0..count).map(raw).collect();
            let block = RecipientsBlock::build_in(&entries, 256).unwrap();
            assert_eq!(block.body_len(), expected);
        }
    }

    #[test]
    fn thirty_two_rsa_recipients_fit() {
        let entries: Vec<_> = (0..32)
            .map(|i| Entry::new(RecipientType::RsaOaepSha256, [i; 16], vec![0; 512]))
            .collect();
        let block = RecipientsBlock::build(&entries).unwrap();
        assert_eq!(block.frame_len() % 256, 4);
    }

    #[test]
    fn the_planned_length_is_that_of_the_block() {
        let of = |kind, id, len| Entry::new(kind, [id; 16], vec![0; len]);
        let rsa = |id| of(RecipientType::RsaOaepSha256, id, 512);
        let xwing = |id| of(RecipientType::XWing, id, 1160);
        let external = |len: usize| {
            let body = [vec![1, b'x'], vec![0; len]].concat();
            Entry::new(RecipientType::External, [9; 16], body)
        };
        let sets = [
            vec![],
            vec![raw(1)],
            vec![raw(1), rsa(1), xwing(1)],
            vec![raw(1), rsa(1), rsa(1)],
            (0..32).map(xwing).collect(),
            (0..33).map(raw).collect(),
            vec![external(0)],
            vec![external(65_000)],
            vec![external(65_533)],
            vec![external(65_534)],
            vec![of(RecipientType::RsaOaepSha256, 1, 513)],
            vec![of(RecipientType::RawKey, 1, 41)],
        ];
        for entries in sets {
            let outline = |entry: &Entry| EntryOutline {
                kind: entry.kind,
                key_id: entry.key_id,
                body_len: entry.body.len(),
            };
            let outlines: Vec<_> = entries.iter().map(outline).collect();
            let built = RecipientsBlock::build(&entries);
            assert_eq!(
                RecipientsBlock::planned_frame_len(&outlines).map_err(|e| e.kind),
                built.map(|block| block.frame_len()).map_err(|e| e.kind)
            );
        }
    }

    #[test]
    fn what_breaks_a_rule_is_refused() {
        let kind = |entries: Vec<Entry>| RecipientsBlock::build(&entries).unwrap_err().kind;
        let passphrase = Entry::new(
            RecipientType::Passphrase,
            [0; 16],
            [vec![2, 0, 0x10, 0, 0], vec![0; 56]].concat(),
        );
        assert_eq!(kind(vec![]), FormatErrorKind::RecipientCount(0));
        assert_eq!(kind(vec![raw(1); 33]), FormatErrorKind::RecipientCount(33));
        assert_eq!(
            kind(vec![raw(1), raw(1)]),
            FormatErrorKind::DuplicateRecipient
        );
        assert_eq!(
            kind(vec![passphrase, raw(1)]),
            FormatErrorKind::PassphraseNotAlone
        );
        let short = Entry::new(RecipientType::RawKey, [1; 16], vec![0; 39]);
        assert_eq!(kind(vec![short]), FormatErrorKind::RecipientBody(4));
    }

    #[test]
    fn padding_must_be_zero() {
        let block = RecipientsBlock::build(&[raw(1)]).unwrap();
        let mut frame = block.to_frame();
        frame[4 + 4000] = 1;
        let error = RecipientsBlock::parse(&frame[4..], 0).unwrap_err();
        assert_eq!(error.kind, FormatErrorKind::RecipientPadding);
    }
}
