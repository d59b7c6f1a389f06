//! [`Sealer`]: items go in, a stream comes out.

mod closing;
mod direct;
mod padding;
mod pull;
mod size;

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::content::{ContentWriter, Manifest, WriteProblem, append_wiping};
use crate::crypto::{Cek, ChunkKeys, Random, StreamKeys, Workers, batch, transfer_id};
use crate::format::{Core, Flags, FormatError, Geometry, Salt};
use crate::keys::Signer;
use crate::trace;

use super::Step;
use super::error::SealError;
use super::frames::SealBuffer;
use super::options::SealOptions;
use super::signature::Leaves;
use super::wrap::{check_recipients, intended, recipients_block};
use closing::check_signer;
use padding::Ending;
use pull::Outgoing;

pub use size::{sealed_size, sealed_size_with_previews};

/// How much of an item of unknown length goes into one DATA record.
const RECORD_BYTES: usize = 1 << 20;

/// Why [`Sealer::update`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealEvent {
    /// All input was taken and everything that can be sealed was pulled out.
    NeedInput,
    /// The output is full and sealed bytes wait: call again with room, or use [`Sealer::peek`].
    OutputFull,
    /// The stream is whole and pulled out.
    Finished,
}

/// Seals a stream: items are pushed in, bytes are pulled out, nothing is read or written elsewhere.
///
/// ```
/// use secimg::content::Manifest;
/// use secimg::keys::{RawKeyRecipient, SymmetricKey};
/// use secimg::stream::{SealEvent, SealOptions, Sealer};
/// use std::sync::Arc;
///
/// let key = SymmetricKey::generate()?;
/// let options = SealOptions::new().recipient(Arc::new(RawKeyRecipient::new(key)));
/// let mut sealer = Sealer::new(&options)?;
/// sealer.start_item(&Manifest::new("opaque", "application/octet-stream"), Some(5))?;
/// let mut sealed = Vec::new();
/// let mut output = [0; 4096];
/// let mut input: &[u8] = b"pixel";
/// let mut finished = false;
/// loop {
///     let step = sealer.update(input, &mut output)?;
///     input = &input[step.consumed..];
///     sealed.extend_from_slice(&output[..step.produced]);
///     match step.event {
///         SealEvent::NeedInput if !finished => {
///             sealer.end_item()?;
///             sealer.finish()?;
///             finished = true;
///         }
///         SealEvent::Finished => break,
///         _ => {}
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Sealer {
    core: Core,
    geometry: Geometry,
    keys: StreamKeys,
    chunks: Box<dyn ChunkKeys>,
    signer: Option<Arc<dyn Signer>>,
    signing_time: u64,
    intended: Vec<[u8; 32]>,
    writer: ContentWriter,
    /// Content bytes that wait for room in the buffer.
    control: Zeroizing<Vec<u8>>,
    control_done: usize,
    /// Data of an item of unknown length that waits for a record to be full.
    staging: Zeroizing<Vec<u8>>,
    buffer: SealBuffer,
    workers: Arc<Workers>,
    /// Sealed bytes that go out before those of the buffer.
    outgoing: Outgoing,
    leaves: Leaves,
    next_index: u64,
    padded: bool,
    /// What goes out behind everything else.
    ending: Ending,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Finished,
    Poisoned,
}

impl Sealer {
    /// Starts a stream with the system's randomness.
    ///
    /// # Errors
    /// As [`Sealer::with_rng`].
    pub fn new(options: &SealOptions) -> Result<Self, SealError> {
        Self::with_rng(options, &mut Random::system())
    }

    /// Starts a stream: draws salt (32 bytes), content encryption key (32 bytes) and what each
    /// recipient's wrapping needs, in this order.
    ///
    /// # Errors
    /// [`SealError`] when the recipients cannot stand together, a key fails, or there is no randomness.
    pub fn with_rng(options: &SealOptions, rng: &mut Random<'_>) -> Result<Self, SealError> {
        check_recipients(options)?;
        options.signer.as_deref().map_or(Ok(()), check_signer)?;
        let salt: Salt = rng.array()?;
        let cek = Cek::random(rng)?;
        let flags = Flags::new(options.signer.is_some());
        let core = Core::new(options.suite.id, flags, options.chunk_size, salt);
        let keys = StreamKeys::derive(&cek, &core, &options.context);
        let core = core.with_commitment(keys.commitment());
        let block = recipients_block(&options.recipients, &core, &cek, &keys, None, rng)?;
        let geometry = Geometry::new(options.chunk_size, options.suite.layout);
        let (id, count) = (transfer_id(&core), options.recipients.len());
        trace::sealing(&id, options.suite.name, count, flags.signed);
        Ok(Self {
            geometry,
            chunks: options.suite.chunk_keys(&keys),
            keys,
            signer: options.signer.clone(),
            signing_time: options.signing_time,
            intended: intended(&options.recipients),
            writer: ContentWriter::new(options.digests),
            control: Zeroizing::default(),
            control_done: 0,
            staging: Zeroizing::default(),
            buffer: SealBuffer::new(geometry),
            workers: options.workers(),
            outgoing: Outgoing::new([core.to_bytes(), block.to_frame()].concat()),
            leaves: Leaves::default(),
            next_index: 0,
            padded: options.padded,
            ending: Ending::default(),
            state: State::Open,
            core,
        })
    }

    /// Returns the stream's name.
    #[must_use]
    pub fn transfer_id(&self) -> [u8; 32] {
        transfer_id(&self.core)
    }

    /// Returns how many bytes the chunks have that `content` bytes may complete, behind a chunk that is begun.
    pub(crate) const fn sealed_len_of(&self, content: usize) -> usize {
        let chunks = content / self.geometry.chunk_size.bytes() + 1;
        chunks * self.geometry.stride()
    }

    /// Returns the stream's keys, for receipts.
    #[must_use]
    pub const fn keys(&self) -> &StreamKeys {
        &self.keys
    }

    /// Returns the SHA-256 of each ended item's original, where items carry digests.
    #[must_use]
    pub fn digests(&self) -> &[[u8; 32]] {
        self.writer.digests()
    }

    /// Starts an item. With its length known, its data is one record and passes straight through.
    ///
    /// # Errors
    /// [`SealError::Content`] when an item is open or the manifest is not acceptable.
    pub fn start_item(
        &mut self,
        manifest: &Manifest,
        length: Option<u64>,
    ) -> Result<(), SealError> {
        self.start_item_with_preview(manifest, None, length)
    }

    /// As [`Sealer::start_item`], with a preview where there is one: the bytes of a small picture, 1 to 65 536 of them, in a
    /// format that those who open it can show. It stands before the image, so that a reader has it first.
    ///
    /// # Errors
    /// As [`Sealer::start_item`], and [`SealError::Content`] for a preview of another length.
    pub fn start_item_with_preview(
        &mut self,
        manifest: &Manifest,
        preview: Option<&[u8]>,
        length: Option<u64>,
    ) -> Result<(), SealError> {
        self.check_open()?;
        let (writer, control) = (&mut self.writer, &mut self.control);
        Ok(writer.start_item_with_preview(manifest, preview, length, control)?)
    }

    /// Ends the item.
    ///
    /// # Errors
    /// [`SealError::Content`] when none is open or its declared length was not reached.
    pub fn end_item(&mut self) -> Result<(), SealError> {
        self.check_open()?;
        self.flush_staging()?;
        Ok(self.writer.end_item(&mut self.control)?)
    }

    /// Takes data of the open item from `input` and writes sealed bytes to `output`.
    ///
    /// Call it with an empty input to pull out what is ready, and with an empty output to borrow it with
    /// [`Sealer::peek`] instead.
    ///
    /// # Errors
    /// [`SealError::Finished`] for input behind the end, which harms nothing; after any other
    /// [`SealError`] the stream is lost.
    pub fn update(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<Step<SealEvent>, SealError> {
        match self.state {
            State::Poisoned => return Err(SealError::Poisoned),
            State::Finished if !input.is_empty() => return Err(SealError::Finished),
            _ => {}
        }
        let result = self.run(input, output);
        self.poisoning(result)
    }

    /// Gives the stream up where something failed halfway.
    fn poisoning<T>(&mut self, result: Result<T, SealError>) -> Result<T, SealError> {
        if result.is_err() {
            self.state = State::Poisoned;
        }
        result
    }

    fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step<SealEvent>, SealError> {
        let (mut consumed, mut produced) = (0, 0);
        let event = loop {
            produced += self.drain(&mut output[produced..]);
            if !self.peek().is_empty() {
                break SealEvent::OutputFull;
            }
            if self.pump_control()? || self.pump_ending() {
                continue;
            }
            let rest = &input[consumed..];
            if self.state == State::Finished {
                break SealEvent::Finished;
            }
            if rest.is_empty() {
                break SealEvent::NeedInput;
            }
            let (used, made) = self.seal_directly(rest, &mut output[produced..])?;
            produced += made;
            consumed += match used {
                0 => self.accept(rest)?,
                used => used,
            };
        };
        Ok(Step {
            consumed,
            produced,
            event,
        })
    }

    fn check_open(&self) -> Result<(), SealError> {
        match self.state {
            State::Open => Ok(()),
            State::Finished => Err(SealError::Finished),
            State::Poisoned => Err(SealError::Poisoned),
        }
    }

    fn check_between_items(&self) -> Result<(), SealError> {
        self.check_open()?;
        if self.writer.open_item_room().is_some() {
            return Err(WriteProblem::ItemOpen.into());
        }
        Ok(())
    }

    fn check_index(&self, index: u64) -> Result<(), SealError> {
        let check: Result<(), FormatError> = self.geometry.check_index(index, 0);
        check.map_err(SealError::TooLong)
    }

    /// Moves waiting content into the buffer; says whether anything moved or was sealed.
    fn pump_control(&mut self) -> Result<bool, SealError> {
        if self.buffer.is_full() {
            self.seal_buffer()?;
            return Ok(true);
        }
        let moved = self.buffer.append(&self.control[self.control_done..]);
        self.control_done += moved;
        if self.control_done == self.control.len() {
            self.control.clear();
            self.control_done = 0;
        }
        Ok(moved > 0)
    }

    fn accept(&mut self, input: &[u8]) -> Result<usize, SealError> {
        match self.writer.open_item_room() {
            None => Err(WriteProblem::NoItem.into()),
            Some(Some(room)) => {
                let declared = usize::try_from(room).unwrap_or(usize::MAX);
                if declared == 0 {
                    // More than was declared: the writer's own check names both numbers.
                    self.writer.data(input)?;
                }
                let take = input.len().min(declared).min(self.buffer.room());
                self.writer.data(&input[..take])?;
                Ok(self.buffer.append(&input[..take]))
            }
            Some(None) => {
                let take = input.len().min(RECORD_BYTES - self.staging.len());
                append_wiping(&mut self.staging, &input[..take]);
                if self.staging.len() == RECORD_BYTES {
                    self.flush_staging()?;
                }
                Ok(take)
            }
        }
    }

    fn flush_staging(&mut self) -> Result<(), SealError> {
        if !self.staging.is_empty() {
            self.writer.data_record(&self.staging, &mut self.control)?;
            self.staging.clear();
        }
        Ok(())
    }

    fn seal_buffer(&mut self) -> Result<(), SealError> {
        let count = self.buffer.full_chunks() as u64;
        if count > 0 {
            self.check_index(self.next_index + count - 1)?;
        }
        let leaves = &mut self.leaves;
        let mut sink = |leaf| leaves.push(&leaf);
        let sink: Option<batch::LeafSink<'_>> = if self.core.flags.signed {
            Some(&mut sink)
        } else {
            None
        };
        self.buffer
            .seal(self.chunks.as_ref(), self.next_index, &self.workers, sink);
        self.next_index += count;
        Ok(())
    }
}

impl core::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Sealer")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
