//! Reading a stream in order from any [`Read`].

mod buffered;

use std::io::{self, BufRead, Read};

use zeroize::Zeroize;

use crate::content::Manifest;
use crate::crypto::StreamKeys;
use crate::format::{FormatError, FormatErrorKind, Limits};
use crate::stream::{
    Authentic, FrameWalker, Header, HeaderReader, ItemReport, Locked, OpenEvent, OpenOptions,
    Opener, SignatureReport, Survey, Verified,
};

use super::clock::timed;
use super::error::ReadError;
use super::seal_writer::BUFFER;
pub use buffered::Buffered;

/// Takes what a stream holds, as it is opened.
///
/// What arrives is [`Authentic`] and no more. Do not act on it before [`open_stream`] has returned
/// [`Verified`], and undo it if that does not come.
pub trait ItemSink {
    /// The stream begins, with this header: said once, before anything else.
    ///
    /// # Errors
    /// An error stops the reading.
    fn start(&mut self, header: &Header) -> io::Result<()> {
        let _ = header;
        Ok(())
    }

    /// An item begins.
    ///
    /// # Errors
    /// An error stops the reading.
    fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()>;

    /// Bytes of the item's original.
    ///
    /// # Errors
    /// An error stops the reading.
    fn data(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// The item's preview.
    ///
    /// # Errors
    /// An error stops the reading.
    fn preview(&mut self, preview: &Authentic<Vec<u8>>) -> io::Result<()> {
        let _ = preview;
        Ok(())
    }

    /// The item is whole.
    ///
    /// # Errors
    /// An error stops the reading.
    fn item_end(&mut self, item: &Authentic<ItemReport>) -> io::Result<()> {
        let _ = item;
        Ok(())
    }

    /// Everything so far is whole, and signed where the stream is signed.
    ///
    /// # Errors
    /// An error stops the reading.
    fn checkpoint(&mut self, signature: Option<&SignatureReport>) -> io::Result<()> {
        let _ = signature;
        Ok(())
    }
}

/// Nothing is kept: for verifying.
impl ItemSink for () {
    fn item(&mut self, _: &Authentic<Manifest>) -> io::Result<()> {
        Ok(())
    }

    fn data(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// What a stream comes from: a buffer, and how much of what is in it was not used yet.
#[derive(Debug)]
pub struct StreamSource<B> {
    reader: B,
    /// How many bytes of the buffer are known to wait: asking for them reads nothing.
    waiting: usize,
    /// How much content is taken out at once.
    piece: usize,
}

impl<R: Read> StreamSource<Buffered<R>> {
    /// Starts before the stream's first byte.
    #[must_use]
    pub fn new(reader: R) -> Self {
        Self::with_buffer(reader, BUFFER)
    }

    /// Starts with a buffer of this size: no read asks for more at once.
    #[must_use]
    pub fn with_buffer(reader: R, bytes: usize) -> Self {
        Self {
            reader: Buffered::new(reader, bytes),
            waiting: 0,
            // As much as is read at once: who serves many says how much that is.
            piece: bytes.max(1),
        }
    }

    /// Exchanges the buffer for one of this size, or of what is in it and was not used yet. Who reads from
    /// strangers starts with a small one: what they send before they are known should cost little.
    pub fn set_buffer(&mut self, bytes: usize) {
        self.piece = self.reader.set_size(bytes);
    }

    /// Returns what the stream came from. Bytes that were read and not used are lost.
    #[must_use]
    pub fn into_inner(self) -> R {
        self.reader.into_inner()
    }

    /// Borrows what the stream comes from.
    pub const fn inner_mut(&mut self) -> &mut R {
        self.reader.inner_mut()
    }
}

impl<B: BufRead> StreamSource<B> {
    /// Starts before the first byte of a stream that lies in a buffer already, such as a
    /// [`ReadAhead`](crate::io::ReadAhead)'s: it is opened from there.
    #[must_use]
    pub const fn buffered(reader: B) -> Self {
        Self {
            reader,
            waiting: 0,
            piece: BUFFER,
        }
    }

    /// Reads more if nothing is left over; says whether there is anything.
    fn fill(&mut self) -> Result<bool, ReadError> {
        while self.waiting == 0 {
            match self.reader.fill_buf() {
                Ok([]) => return Ok(false),
                Ok(bytes) => self.waiting = bytes.len(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    /// Returns what waits, and reads nothing for it: behind the end of a stream nothing may come for long.
    fn waiting(&mut self) -> io::Result<&[u8]> {
        if self.waiting == 0 {
            return Ok(&[]);
        }
        self.reader.fill_buf()
    }

    fn consume(&mut self, len: usize) {
        self.reader.consume(len);
        self.waiting -= len;
    }

    /// Reads the header, and nothing of it is proven.
    ///
    /// # Errors
    /// [`ReadError::Open`] for what cannot be a header, [`ReadError::Io`].
    pub fn header(&mut self) -> Result<Locked, ReadError> {
        let mut header = HeaderReader::new();
        while self.fill()? {
            let (used, locked) = header.push(self.waiting()?)?;
            self.consume(used);
            if let Some(locked) = locked {
                return Ok(locked);
            }
        }
        Err(header.end_of_input().into())
    }

    /// Reads the chunks to the end of the stream, and hands everything to `sink`.
    ///
    /// # Errors
    /// [`ReadError`]; what `sink` has taken must then be undone.
    pub fn items(
        &mut self,
        opener: Opener,
        sink: &mut impl ItemSink,
    ) -> Result<Verified, ReadError> {
        self.items_and_keys(opener, sink)
            .map(|(verified, _)| verified)
    }

    /// As [`StreamSource::items`], and returns the stream's keys as well, for a receipt.
    ///
    /// # Errors
    /// As [`StreamSource::items`].
    pub fn items_and_keys(
        &mut self,
        mut opener: Opener,
        sink: &mut impl ItemSink,
    ) -> Result<(Verified, StreamKeys), ReadError> {
        let mut output = Wiped(vec![0; self.piece]);
        sink.start(opener.unlocked().header())
            .map_err(ReadError::Sink)?;
        loop {
            let step = opener.update(self.waiting()?, &mut output.0)?;
            self.consume(step.consumed);
            if step.produced > 0 {
                sink.data(&output.0[..step.produced])
                    .map_err(ReadError::Sink)?;
            }
            match step.event {
                OpenEvent::Finished => return Ok(opener.finish_with_keys()?),
                OpenEvent::NeedInput => {
                    if !self.fill()? {
                        return Ok(opener.finish_with_keys()?);
                    }
                }
                event => pass_on(event, sink).map_err(ReadError::Sink)?,
            }
        }
    }

    /// Passes what is left of the stream to `take`, which says how much it used and whether that was all.
    pub(super) fn payload(
        &mut self,
        mut take: impl FnMut(&[u8]) -> Result<(usize, bool), ReadError>,
    ) -> Result<(), ReadError> {
        while self.fill()? {
            let (used, done) = take(self.waiting()?)?;
            self.consume(used);
            if done {
                break;
            }
        }
        Ok(())
    }

    /// Refuses bytes behind the stream, as a file must not have any.
    ///
    /// # Errors
    /// [`FormatErrorKind::TrailingBytes`] at `offset`, the length of the stream.
    pub fn expect_end(&mut self, offset: u64) -> Result<(), ReadError> {
        if self.fill()? {
            return Err(FormatError::at(FormatErrorKind::TrailingBytes, offset).into());
        }
        Ok(())
    }
}

struct Wiped(Vec<u8>);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

fn pass_on(event: OpenEvent, sink: &mut impl ItemSink) -> io::Result<()> {
    match event {
        OpenEvent::Item(manifest) => sink.item(&manifest),
        OpenEvent::Preview(preview) => sink.preview(&preview),
        OpenEvent::ItemEnd(item) => sink.item_end(&item),
        OpenEvent::Checkpoint(signature) => sink.checkpoint(signature.as_ref()),
        _ => Ok(()),
    }
}

/// Opens a whole stream that nothing may follow, such as a file.
///
/// # Errors
/// [`ReadError`]; what `sink` has taken must then be undone.
pub fn open_stream(
    reader: impl Read,
    options: &OpenOptions,
    sink: &mut impl ItemSink,
) -> Result<Verified, ReadError> {
    open_source(StreamSource::new(reader), options, sink)
}

/// As [`open_stream`], from where the stream's bytes lie, such as a [`ReadAhead`](crate::io::ReadAhead): they are not copied.
///
/// # Errors
/// As [`open_stream`].
pub fn open_buffered_stream(
    reader: impl BufRead,
    options: &OpenOptions,
    sink: &mut impl ItemSink,
) -> Result<Verified, ReadError> {
    open_source(StreamSource::buffered(reader), options, sink)
}

fn open_source(
    mut source: StreamSource<impl BufRead>,
    options: &OpenOptions,
    sink: &mut impl ItemSink,
) -> Result<Verified, ReadError> {
    let locked = source.header()?;
    let opener = locked.unlock(options)?.into_opener(&timed(options))?;
    let verified = source.items(opener, sink)?;
    source.expect_end(verified.report().stream_bytes)?;
    Ok(verified)
}

/// Looks over a whole stream without a key, and refuses bytes behind it.
///
/// # Errors
/// [`ReadError`].
pub fn survey_stream(reader: impl Read, limits: Limits) -> Result<Survey, ReadError> {
    let mut source = StreamSource::new(reader);
    let mut walker = FrameWalker::new(limits);
    source.payload(|bytes| Ok((walker.push(bytes)?, walker.is_done())))?;
    let survey = walker.finish()?;
    source.expect_end(survey.stream_bytes)?;
    Ok(survey)
}
