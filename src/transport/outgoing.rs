//! A whole sealed stream on its way out, which can be sent from any chunk on, as often as it takes.
//!
//! Only stored bytes are ever sent again: other content under the same key and index would betray both
//! (SPEC section 10, M-XFER-1). So what is sealed is spooled first, or lies in a file already.

use core::fmt;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use crate::format::{Geometry, Limits};
use crate::hash::Sha256Stream;
use crate::io::{ReadError, survey_stream};
use crate::stream::{Header, Survey};

use super::error::TransportError;
use super::receipt::{ExpectedReceipt, Receipt};
use super::send::judge;
pub use bytes::OutgoingBytes;
use look::{full_chunks, read_header};
pub use spool::{SpoolFile, SpoolReader, SpoolWriter, spool};

mod bytes;
mod look;
mod spool;

/// How many bytes are hashed at once.
const BUFFER: usize = 256 << 10;

/// Where sealed bytes lie: a file, a spool, a slice in a cursor.
pub trait Stored: Read + Seek + Send {}

impl<T: Read + Seek + Send> Stored for T {}

/// What is told of the way: the offset in the stream up to which bytes were taken.
type Watch<'a> = Box<dyn FnMut(u64) + Send + 'a>;

/// A sealed stream, stored, and what is known of its delivery.
pub struct Outgoing<'a> {
    source: Source<'a>,
    header: Header,
    geometry: Geometry,
    hashed: Hashed,
    expected: Option<ExpectedReceipt>,
    watch: Option<Watch<'a>>,
    asks: bool,
    reached: bool,
    resumed_at: u64,
}

/// Where a stream's bytes are.
enum Source<'a> {
    /// All of them, with their length and the number of CHUNK frames.
    Whole(Box<dyn Stored + 'a>, u64, u64),
    Growing(SpoolReader),
}

impl Source<'_> {
    fn file(&mut self) -> &mut dyn Stored {
        match self {
            Self::Whole(file, ..) => file,
            Self::Growing(spool) => spool,
        }
    }
}

/// SHA-256 over the first frames, as far as it was asked for.
#[derive(Default)]
struct Hashed {
    frames: u64,
    hash: Sha256Stream,
}

impl<'a> Outgoing<'a> {
    /// Looks over what `source` holds from its first byte to its last: the header, and whether the length
    /// is that of a whole stream. The chunks are not read.
    ///
    /// # Errors
    /// [`ReadError`]: it is no whole stream, there is something behind it, it is longer than `limits`
    /// allow, or reading failed.
    pub fn new(mut source: impl Stored + 'a, limits: Limits) -> Result<Self, ReadError> {
        source.seek(SeekFrom::Start(0))?;
        let header = read_header(&mut source)?;
        let len = source.seek(SeekFrom::End(0))?;
        let chunks = match full_chunks(&mut source, &header, len)? {
            Some(chunks) if len <= limits.stream_bytes => chunks,
            // Who reads all of it says what is wrong, and where.
            _ => {
                source.seek(SeekFrom::Start(0))?;
                let survey = survey_stream(&mut source, limits)?;
                survey.chunks.saturating_sub(1)
            }
        };
        Ok(Self::of(
            Source::Whole(Box::new(source), len, chunks),
            header,
        ))
    }

    /// Takes a stream that is still being sealed into a spool: what is there is sent, the rest when it comes. Waits
    /// for its header.
    ///
    /// Where the receipt for it must be one of [`SpoolWriter::finish`], no other is believed.
    ///
    /// # Errors
    /// [`ReadError`]: sealing ended before there was a header, or reading failed.
    pub fn growing(mut spool: SpoolReader) -> Result<Self, ReadError> {
        spool.seek(SeekFrom::Start(0))?;
        let header = read_header(&mut spool)?;
        Ok(Self::of(Source::Growing(spool), header))
    }

    fn of(source: Source<'a>, header: Header) -> Self {
        Self {
            source,
            geometry: header.geometry(),
            header,
            hashed: Hashed::default(),
            expected: None,
            watch: None,
            asks: false,
            reached: false,
            resumed_at: 0,
        }
    }

    /// Waits until all of a stream that is still growing is there, for a transport that has to know its length.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedEof`] where sealing ended before the stream did.
    pub fn wait_until_whole(&mut self) -> io::Result<()> {
        match &mut self.source {
            Source::Whole(..) => Ok(()),
            Source::Growing(spool) => spool.wait_until_whole(),
        }
    }

    /// Only this receipt, or that of an earlier acceptance, counts: the stream was sealed here.
    /// Without it the receiver's word is taken, as for a stream that somebody else sealed.
    #[must_use]
    pub fn expecting(mut self, receipt: ExpectedReceipt) -> Self {
        self.expected = Some(receipt);
        self
    }

    /// Asks the receiver from the first attempt on what it holds: an earlier run may have brought a part.
    #[must_use]
    pub const fn asking(mut self) -> Self {
        self.asks = true;
        self
    }

    /// Has this called with the offset in the stream up to which bytes were taken. It goes back when an
    /// attempt starts further ahead.
    #[must_use]
    pub fn watched(mut self, watch: impl FnMut(u64) + Send + 'a) -> Self {
        self.watch = Some(Box::new(watch));
        self
    }

    /// Returns the header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the stream's name.
    #[must_use]
    pub fn transfer_id(&self) -> [u8; 32] {
        self.header.transfer_id()
    }

    /// Returns the length of the stream in bytes, of what is there where it still grows.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no stream is empty")]
    pub fn len(&self) -> u64 {
        match &self.source {
            Source::Whole(_, len, _) => *len,
            Source::Growing(spool) => spool.extent().0,
        }
    }

    /// Returns the number of CHUNK frames; FINAL comes behind them. Of a stream that still grows those count that
    /// are whole.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        let at = self.header.payload_offset();
        match &self.source {
            Source::Whole(_, _, chunks) => *chunks,
            Source::Growing(spool) => {
                let (len, is_whole) = spool.extent();
                let payload = len.saturating_sub(at);
                let whole = is_whole.then(|| self.geometry.full_chunks(payload, at).ok());
                let stride = self.geometry.stride() as u64;
                whole.flatten().unwrap_or(payload / stride)
            }
        }
    }

    /// Returns the offset in the stream of a chunk's frame, of FINAL's for [`Outgoing::chunks`].
    #[must_use]
    pub fn offset_of(&self, chunk: u64) -> u64 {
        self.header.payload_offset() + self.geometry.offset_of(chunk)
    }

    /// Returns SHA-256 over the first `frames` CHUNK frames, headers included, or nothing where there are not
    /// so many. What was hashed before is not read again.
    ///
    /// # Errors
    /// Those of the source.
    pub fn hash_of(&mut self, frames: u64) -> io::Result<Option<[u8; 32]>> {
        if frames > self.chunks() {
            return Ok(None);
        }
        if frames < self.hashed.frames {
            self.hashed = Hashed::default();
        }
        let (from, to) = (self.offset_of(self.hashed.frames), self.offset_of(frames));
        let source = self.source.file();
        source.seek(SeekFrom::Start(from))?;
        let mut frames_in = source.take(to - from);
        // A read that fails in the middle leaves no half-hashed frame behind.
        let mut hash = self.hashed.hash.clone();
        let mut buffer = vec![0; BUFFER];
        let mut left = to - from;
        while left > 0 {
            match frames_in.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(len) => {
                    hash.update(&buffer[..len]);
                    left -= len as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.hashed = Hashed { frames, hash };
        Ok(Some(self.hashed.hash.clone().finalize()))
    }

    /// Returns a reader of the stream's bytes from this offset to its end.
    ///
    /// # Errors
    /// Those of the source.
    pub fn bytes_from(&mut self, offset: u64) -> io::Result<OutgoingBytes<'_, 'a>> {
        self.source.file().seek(SeekFrom::Start(offset))?;
        Ok(OutgoingBytes {
            stream: self,
            at: offset,
        })
    }

    /// Walks over all frames: what was found wrong on the other side may be wrong here.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn survey(&mut self, limits: Limits) -> Result<Survey, ReadError> {
        let source = self.source.file();
        source.seek(SeekFrom::Start(0))?;
        survey_stream(source, limits)
    }

    /// Tells whether to ask what the receiver holds. A first attempt need not: nothing was brought yet.
    #[must_use]
    pub const fn asks(&self) -> bool {
        self.asks
    }

    /// Says that a receiver was reached. From now on a failed attempt may have brought a part, and whoever
    /// delivers goes on trying.
    pub const fn mark_reached(&mut self) {
        self.reached = true;
        self.asks = true;
    }

    /// Tells whether a receiver was reached at least once.
    #[must_use]
    pub const fn is_reached(&self) -> bool {
        self.reached
    }

    /// Says from where on this attempt sends, in bytes of the stream: what lies before it is known to be there.
    pub const fn mark_resumed(&mut self, offset: u64) {
        self.resumed_at = offset;
    }

    /// Returns from where on the last attempt sent, in bytes of the stream.
    #[must_use]
    pub const fn resumed_at(&self) -> u64 {
        self.resumed_at
    }

    /// Says what a receipt means: that the stream arrived, or what is wrong with the answer.
    ///
    /// # Errors
    /// [`TransportError::Refused`], [`TransportError::FalseReceipt`], and
    /// [`TransportError::OnlyStored`] where the stream was sealed here and a relay has it.
    pub fn judge(&self, receipt: Receipt) -> Result<Receipt, TransportError> {
        let receipt = judge(receipt, &self.transfer_id())?;
        match (&self.source, &self.expected) {
            // Of a stream that is not whole nobody can say that it was accepted.
            (Source::Growing(spool), None) => spool
                .expected()
                .ok_or(TransportError::FalseReceipt)?
                .require(receipt),
            (_, Some(expected)) => expected.require(receipt),
            (Source::Whole(..), None) => Ok(receipt),
        }
    }
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("len", &self.len())
            .field("chunks", &self.chunks())
            .finish_non_exhaustive()
    }
}
