//! Reads the header of a stream: everything in the clear, none of it proven yet.

use crate::crypto::{Suite, find_suite, transfer_id};
use crate::format::{
    CORE_FRAME_LEN, Core, FRAME_HEADER_LEN, FormatError, FormatErrorKind, FrameHeader, FrameKind,
    Geometry, MAGIC, RecipientsBlock,
};

use super::report::RecipientReport;

/// Takes the bytes of a header as they come.
#[derive(Debug, Default)]
pub struct HeaderReader {
    bytes: Vec<u8>,
}

impl HeaderReader {
    /// Starts before the first byte.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what it needs from `input`, and returns how much that was and the header once it is whole.
    ///
    /// # Errors
    /// A [`FormatError`] as soon as the bytes cannot be a header.
    pub fn push(&mut self, input: &[u8]) -> Result<(usize, Option<Locked>), FormatError> {
        let mut consumed = 0;
        loop {
            let wanted = self.wanted()?;
            let take = (wanted - self.bytes.len()).min(input.len() - consumed);
            self.bytes
                .extend_from_slice(&input[consumed..consumed + take]);
            consumed += take;
            if self.bytes.len() < wanted {
                return Ok((consumed, None));
            }
            if wanted > CORE_FRAME_LEN + FRAME_HEADER_LEN {
                return Ok((consumed, Some(self.parse()?)));
            }
        }
    }

    /// Says that the input ended inside the header, and returns what is wrong with it.
    #[must_use]
    pub fn end_of_input(&self) -> FormatError {
        let seen = self.bytes.len().min(MAGIC.len());
        let kind = if self.bytes[..seen] == MAGIC[..seen] {
            FormatErrorKind::Truncated
        } else {
            FormatErrorKind::NotSecimg
        };
        let at = if kind == FormatErrorKind::Truncated {
            self.bytes.len() as u64
        } else {
            0
        };
        FormatError::at(kind, at)
    }

    /// Returns up to which length the next bytes are needed: magic, a frame header, its body, and the
    /// same again for RECIPIENTS. Each is judged before more is waited for.
    fn wanted(&self) -> Result<usize, FormatError> {
        let start = MAGIC.len() + FRAME_HEADER_LEN;
        if self.bytes.len() < MAGIC.len() {
            return Ok(MAGIC.len());
        }
        if self.bytes.len() < CORE_FRAME_LEN {
            check_start(&self.bytes)?;
            return Ok(if self.bytes.len() < start {
                start
            } else {
                CORE_FRAME_LEN
            });
        }
        let Some(head) = self
            .bytes
            .get(CORE_FRAME_LEN..CORE_FRAME_LEN + FRAME_HEADER_LEN)
        else {
            Self::core(&self.bytes)?;
            return Ok(CORE_FRAME_LEN + FRAME_HEADER_LEN);
        };
        let mut four = [0; FRAME_HEADER_LEN];
        four.copy_from_slice(head);
        let at = CORE_FRAME_LEN as u64;
        let header = FrameHeader::parse_kind(four, FrameKind::Recipients, at)?;
        Ok(CORE_FRAME_LEN + FRAME_HEADER_LEN + RecipientsBlock::check_len(header, at)?)
    }

    fn core(bytes: &[u8]) -> Result<(Core, &'static Suite), FormatError> {
        let mut start = [0; CORE_FRAME_LEN];
        start.copy_from_slice(&bytes[..CORE_FRAME_LEN]);
        let core = Core::parse(&start)?;
        let suite = find_suite(core.suite).ok_or_else(|| {
            let suite_offset = (MAGIC.len() + FRAME_HEADER_LEN + 1) as u64;
            FormatError::at(
                FormatErrorKind::UnsupportedSuite(core.suite.0),
                suite_offset,
            )
        })?;
        Ok((core, suite))
    }

    fn parse(&mut self) -> Result<Locked, FormatError> {
        let (core, suite) = Self::core(&self.bytes)?;
        let body_at = CORE_FRAME_LEN + FRAME_HEADER_LEN;
        let recipients = RecipientsBlock::parse(&self.bytes[body_at..], body_at as u64)?;
        Ok(Locked {
            header: Header {
                core,
                recipients,
                suite,
            },
        })
    }
}

/// Garbage is refused at its eighth byte, and a false frame header at its twelfth.
fn check_start(bytes: &[u8]) -> Result<(), FormatError> {
    let mut start = [0; CORE_FRAME_LEN];
    start[..bytes.len()].copy_from_slice(bytes);
    let judged = if bytes.len() < MAGIC.len() + FRAME_HEADER_LEN {
        0
    } else {
        MAGIC.len() as u64
    };
    match Core::parse(&start) {
        Err(error) if error.offset <= judged => Err(error),
        _ => Ok(()),
    }
}

/// A stream's header as it stands in the clear. Nothing of it is authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// The immutable part.
    pub core: Core,
    /// The mutable part.
    pub recipients: RecipientsBlock,
    suite: &'static Suite,
}

impl Header {
    /// Returns the suite.
    #[must_use]
    pub const fn suite(&self) -> &'static Suite {
        self.suite
    }

    /// Returns the arithmetic of the chunks.
    #[must_use]
    pub const fn geometry(&self) -> Geometry {
        Geometry::new(self.core.chunk_size, self.suite.layout)
    }

    /// Returns the stream's name.
    #[must_use]
    pub fn transfer_id(&self) -> [u8; 32] {
        transfer_id(&self.core)
    }

    /// Returns where the first chunk begins.
    #[must_use]
    pub fn payload_offset(&self) -> u64 {
        (CORE_FRAME_LEN + self.recipients.frame_len()) as u64
    }

    /// Lists the entries of the recipient block.
    #[must_use]
    pub fn recipient_list(&self) -> Vec<RecipientReport> {
        let entries = self.recipients.entries.iter();
        entries
            .map(|entry| RecipientReport::new(entry.kind, entry.key_id))
            .collect()
    }

    /// Returns the header's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.core.to_bytes(), self.recipients.to_frame()].concat()
    }
}

/// A stream whose header was read and whose key is not known yet.
#[derive(Debug, Clone)]
pub struct Locked {
    pub(super) header: Header,
}

impl Locked {
    /// Returns the header, unauthenticated.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }
}
