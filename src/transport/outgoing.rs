//! A whole sealed stream on its way out, which can be sent from any chunk on, as often as it takes.
//!
//! Only stored bytes are ever sent again: other content under the same key and index would betray both
//! (SPEC section 10, M-XFER-1). So what is sealed is spooled first, or lies in a file already.

use core::fmt;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use crate::format::{
    FRAME_HEADER_LEN, FormatError, FormatErrorKind, FrameHeader, FrameKind, Geometry, Limits,
};
use crate::hash::Sha256Stream;
use crate::io::{ReadError, survey_stream};
use crate::stream::{Header, HeaderReader, Survey};

use super::error::TransportError;
use super::receipt::{ExpectedReceipt, Receipt};
use super::send::judge;

/// How many bytes are hashed at once.
const BUFFER: usize = 256 << 10;

/// Where sealed bytes lie: a file, a spool, a slice in a cursor.
pub trait Stored: Read + Seek + Send {}

impl<T: Read + Seek + Send> Stored for T {}

/// What is told of the way: the offset in the stream up to which bytes were taken.
type Watch<'a> = Box<dyn FnMut(u64) + Send + 'a>;

/// A sealed stream, whole and stored, and what is known of its delivery.
pub struct Outgoing<'a> {
    source: Box<dyn Stored + 'a>,
    header: Header,
    geometry: Geometry,
    len: u64,
    chunks: u64,
    hashed: Hashed,
    expected: Option<ExpectedReceipt>,
    watch: Option<Watch<'a>>,
    asks: bool,
    reached: bool,
    resumed_at: u64,
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
        let geometry = header.geometry();
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
        Ok(Self {
            source: Box::new(source),
            geometry,
            header,
            len,
            chunks,
            hashed: Hashed::default(),
            expected: None,
            watch: None,
            asks: false,
            reached: false,
            resumed_at: 0,
        })
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

    /// Returns the length of the whole stream in bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no stream is empty")]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Returns the number of CHUNK frames; FINAL comes behind them.
    #[must_use]
    pub const fn chunks(&self) -> u64 {
        self.chunks
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
        if frames > self.chunks {
            return Ok(None);
        }
        if frames < self.hashed.frames {
            self.hashed = Hashed::default();
        }
        let (from, to) = (self.offset_of(self.hashed.frames), self.offset_of(frames));
        self.source.seek(SeekFrom::Start(from))?;
        let mut frames_in = (&mut self.source).take(to - from);
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
        self.source.seek(SeekFrom::Start(offset))?;
        let left = self.len.saturating_sub(offset);
        Ok(OutgoingBytes { stream: self, left })
    }

    /// Walks over all frames: what was found wrong on the other side may be wrong here.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn survey(&mut self, limits: Limits) -> Result<Survey, ReadError> {
        self.source.seek(SeekFrom::Start(0))?;
        survey_stream(&mut self.source, limits)
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
        match &self.expected {
            Some(expected) => expected.require(receipt),
            None => Ok(receipt),
        }
    }
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("len", &self.len)
            .field("chunks", &self.chunks)
            .finish_non_exhaustive()
    }
}

/// The bytes of an [`Outgoing`] from somewhere on.
#[derive(Debug)]
pub struct OutgoingBytes<'s, 'a> {
    stream: &'s mut Outgoing<'a>,
    left: u64,
}

impl OutgoingBytes<'_, '_> {
    /// Returns how many bytes are left.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.left
    }
}

impl Read for OutgoingBytes<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let most = most.min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let len = self.stream.source.read(&mut buffer[..most])?;
        if len == 0 {
            // It was so long a moment ago.
            let what = "the sealed file became shorter while it was sent";
            return Err(io::Error::new(ErrorKind::UnexpectedEof, what));
        }
        self.left -= len as u64;
        if let Some(watch) = &mut self.stream.watch {
            watch(self.stream.len - self.left);
        }
        Ok(len)
    }
}

fn read_header(source: &mut impl Read) -> Result<Header, ReadError> {
    let mut reader = HeaderReader::new();
    let mut buffer = [0; 4096];
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Err(reader.end_of_input().into()),
            Ok(len) => {
                if let (_, Some(locked)) = reader.push(&buffer[..len])? {
                    return Ok(locked.header().clone());
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Computes the number of full chunks, and looks whether FINAL stands where it must and ends the source.
fn full_chunks(
    source: &mut impl Stored,
    header: &Header,
    len: u64,
) -> Result<Option<u64>, ReadError> {
    let (geometry, at) = (header.geometry(), header.payload_offset());
    let Ok(chunks) = geometry.full_chunks(len.saturating_sub(at), at) else {
        return Ok(None);
    };
    let last = at + geometry.offset_of(chunks);
    let mut bytes = [0; FRAME_HEADER_LEN];
    source.seek(SeekFrom::Start(last))?;
    match source.read_exact(&mut bytes) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let end = |frame: FrameHeader| last + (FRAME_HEADER_LEN as u64) + u64::from(frame.length);
    let sound = |frame: FrameHeader| -> Result<bool, FormatError> {
        geometry.check_payload_frame(frame, last)?;
        if frame.kind != FrameKind::Final {
            return Err(FormatError::at(FormatErrorKind::Truncated, len));
        }
        Ok(end(frame) == len)
    };
    let whole = FrameHeader::parse(bytes, last).and_then(sound);
    Ok((whole == Ok(true)).then_some(chunks))
}
