//! [`Sealer`]: items go in, a stream comes out.

use zeroize::Zeroizing;

use crate::content::{Close, ContentWriter, Manifest, SignatureBlock, WriteProblem};
use crate::crypto::{
    Cek, ChunkKeys, Random, StreamKeys, batch, core_hash, system_rng, transfer_id,
};
use crate::format::{
    Core, Entry, Flags, FormatError, Geometry, RecipientType, RecipientsBlock, Salt,
};
use crate::keys::{KeyError, Recipient, Signer, WrapContext};

use super::Step;
use super::error::SealError;
use super::frames::SealBuffer;
use super::options::SealOptions;
use super::signature::{Leaves, Position, message};

use std::sync::Arc;

/// How much of an item of unknown length goes into one DATA record.
const RECORD_BYTES: usize = 1 << 20;

/// Why [`Sealer::update`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealEvent {
    /// All input was taken and everything that can be sealed was pulled out.
    NeedInput,
    /// The output is full; call again with room.
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
    /// Sealed bytes that go out before those of the buffer.
    outgoing: Vec<u8>,
    outgoing_done: usize,
    leaves: Leaves,
    next_index: u64,
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
        Self::with_rng(options, &mut Random::new(&mut system_rng()))
    }

    /// Starts a stream: draws salt (32 bytes), content encryption key (32 bytes) and what each
    /// recipient's wrapping needs, in this order.
    ///
    /// # Errors
    /// [`SealError`] when the recipients cannot stand together, a key fails, or there is no randomness.
    pub fn with_rng(options: &SealOptions, rng: &mut Random<'_>) -> Result<Self, SealError> {
        check_recipients(options)?;
        let salt: Salt = rng.array()?;
        let cek = Cek::random(rng)?;
        let flags = Flags::new(options.signer.is_some());
        let core = Core::new(options.suite.id, flags, options.chunk_size, salt);
        let keys = StreamKeys::derive(&cek, &core, &options.context);
        let core = core.with_commitment(keys.commitment());
        let block = recipients_block(&options.recipients, &core, &cek, &keys, rng)?;
        let geometry = Geometry::new(options.chunk_size, options.suite.layout);
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
            outgoing: [core.to_bytes(), block.to_frame()].concat(),
            outgoing_done: 0,
            leaves: Leaves::default(),
            next_index: 0,
            state: State::Open,
            core,
        })
    }

    /// Returns the stream's name.
    #[must_use]
    pub fn transfer_id(&self) -> [u8; 32] {
        transfer_id(&self.core)
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
        self.check_open()?;
        Ok(self
            .writer
            .start_item(manifest, length, &mut self.control)?)
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
    /// Call it with an empty input to pull out what is ready.
    ///
    /// # Errors
    /// [`SealError`]; the stream is then lost.
    pub fn update(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<Step<SealEvent>, SealError> {
        if self.state == State::Poisoned {
            return Err(SealError::Poisoned);
        }
        let result = self.run(input, output);
        if result.is_err() {
            self.state = State::Poisoned;
        }
        result
    }

    fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step<SealEvent>, SealError> {
        let (mut consumed, mut produced) = (0, 0);
        let event = loop {
            produced += self.drain(&mut output[produced..]);
            if self.has_ready() {
                break SealEvent::OutputFull;
            }
            if self.pump_control()? {
                continue;
            }
            let rest = &input[consumed..];
            if self.state == State::Finished {
                if rest.is_empty() {
                    break SealEvent::Finished;
                }
                return Err(SealError::Finished);
            }
            if rest.is_empty() {
                break SealEvent::NeedInput;
            }
            consumed += self.accept(rest)?;
        };
        Ok(Step {
            consumed,
            produced,
            event,
        })
    }

    /// Pads to the end of the chunk, so that everything given so far can be pulled out and opened.
    ///
    /// # Errors
    /// [`SealError::Content`] inside an item: its records cannot be padded.
    pub fn flush(&mut self) -> Result<(), SealError> {
        self.check_between_items()?;
        let chunk = self.geometry.chunk_size.bytes_u64();
        let padded = self.writer.offset().next_multiple_of(chunk);
        self.pad_to(padded);
        self.spill()?;
        self.take_tail().map(drop)
    }

    /// Signs everything up to here (or marks it as whole, in an unsigned stream) and ends the chunk.
    ///
    /// # Errors
    /// As [`Sealer::finish`].
    pub fn checkpoint(&mut self) -> Result<(), SealError> {
        self.checkpoint_with_rng(&mut Random::new(&mut system_rng()))
    }

    /// As [`Sealer::checkpoint`], with the caller's randomness.
    ///
    /// # Errors
    /// As [`Sealer::finish`].
    pub fn checkpoint_with_rng(&mut self, rng: &mut Random<'_>) -> Result<(), SealError> {
        self.check_between_items()?;
        self.spill()?;
        let close = self.close_record(0);
        let chunk = self.geometry.chunk_size.bytes();
        let start = chunk - close.to_bytes().len();
        let mut content = self.take_tail()?;
        if content.len() > start {
            self.seal_padded(&mut content)?;
        }
        content.resize(start, 0);
        self.append_close(close, &mut content, false, rng)?;
        self.seal_padded(&mut content)?;
        self.writer
            .skip_to(self.next_index * self.geometry.chunk_size.bytes_u64());
        Ok(())
    }

    /// Ends the stream with INDEX, CLOSE and FINAL. Pull the rest out with [`Sealer::update`].
    ///
    /// # Errors
    /// [`SealError::Content`] when an item is open, [`SealError::Key`] when signing fails.
    pub fn finish(&mut self) -> Result<(), SealError> {
        self.finish_with_rng(&mut Random::new(&mut system_rng()))
    }

    /// As [`Sealer::finish`], with the caller's randomness: a PSS signature draws its salt from it.
    ///
    /// # Errors
    /// As [`Sealer::finish`].
    pub fn finish_with_rng(&mut self, rng: &mut Random<'_>) -> Result<(), SealError> {
        self.check_between_items()?;
        let index_offset = self.writer.finish(&mut self.control)?;
        self.spill()?;
        let close = self.close_record(index_offset);
        let chunk = self.geometry.chunk_size.bytes();
        let mut content = self.take_tail()?;
        if content.len() + close.to_bytes().len() >= chunk {
            self.seal_padded(&mut content)?;
        }
        self.append_close(close, &mut content, true, rng)?;
        self.check_index(self.next_index)?;
        let frame = batch::seal_final(
            self.chunks.as_ref(),
            self.geometry,
            self.next_index,
            &content,
        );
        self.outgoing.extend_from_slice(&frame);
        self.state = State::Finished;
        Ok(())
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

    fn has_ready(&self) -> bool {
        self.outgoing_done < self.outgoing.len() || !self.buffer.ready().is_empty()
    }

    fn drain(&mut self, output: &mut [u8]) -> usize {
        let first = &self.outgoing[self.outgoing_done..];
        let taken = copy(first, output);
        self.outgoing_done += taken;
        if self.outgoing_done < self.outgoing.len() {
            return taken;
        }
        self.outgoing.clear();
        self.outgoing_done = 0;
        let second = copy(self.buffer.ready(), &mut output[taken..]);
        self.buffer.take(second);
        taken + second
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
                self.staging.extend_from_slice(&input[..take]);
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
            .seal(self.chunks.as_ref(), self.next_index, sink);
        self.next_index += count;
        Ok(())
    }

    /// Moves all waiting content through the buffer, keeping what is sealed in `outgoing`.
    fn spill(&mut self) -> Result<(), SealError> {
        loop {
            self.outgoing.extend_from_slice(self.buffer.ready());
            self.buffer.take(self.buffer.ready().len());
            if !self.pump_control()? {
                return Ok(());
            }
        }
    }

    /// Seals the full chunks into `outgoing` and takes what stands behind them out of the buffer.
    fn take_tail(&mut self) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut tail = Zeroizing::new(Vec::with_capacity(self.geometry.chunk_size.bytes()));
        tail.extend_from_slice(self.buffer.tail());
        self.seal_buffer()?;
        self.outgoing.extend_from_slice(self.buffer.ready());
        self.buffer.take(self.buffer.ready().len());
        Ok(tail)
    }

    /// Seals the content as a CHUNK of its own, padded with zeros, and empties it.
    fn seal_padded(&mut self, content: &mut Zeroizing<Vec<u8>>) -> Result<(), SealError> {
        content.resize(self.geometry.chunk_size.bytes(), 0);
        self.buffer.append(content);
        content.clear();
        self.take_tail().map(drop)
    }

    fn pad_to(&mut self, offset: u64) {
        let missing = offset.saturating_sub(self.writer.offset());
        let len = self.control.len() + usize::try_from(missing).unwrap_or(0);
        self.control.resize(len, 0);
        self.writer.skip_to(offset);
    }

    fn close_record(&self, index_offset: u64) -> Close {
        let signature = self.signer.as_ref().map(|signer| {
            SignatureBlock::unsigned(
                signer.algorithm(),
                self.signing_time,
                signer.spki().to_vec(),
                self.intended.clone(),
                signer.signature_len(),
            )
        });
        Close::new(index_offset, signature)
    }

    /// Appends CLOSE to its chunk's content and signs what stands before the signature.
    fn append_close(
        &self,
        mut close: Close,
        content: &mut Vec<u8>,
        last: bool,
        rng: &mut Random<'_>,
    ) -> Result<(), SealError> {
        let start = content.len();
        content.extend_from_slice(&close.to_bytes());
        let Some(signer) = &self.signer else {
            return Ok(());
        };
        let position = Position {
            index: self.next_index,
            last,
        };
        let message = message(
            &transfer_id(&self.core),
            position,
            &self.leaves,
            content,
            &close,
        );
        let signature = signer.sign(&message, rng)?;
        if let Some(block) = &mut close.signature {
            if signature.len() != block.signature.len() {
                let problem = "a signature of another length than announced".to_owned();
                return Err(KeyError::Provider(problem).into());
            }
            block.signature = signature;
        }
        content.truncate(start);
        content.extend_from_slice(&close.to_bytes());
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

fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let len = from.len().min(to.len());
    to[..len].copy_from_slice(&from[..len]);
    len
}

pub(super) fn check_recipients(options: &SealOptions) -> Result<(), SealError> {
    let kinds: Vec<_> = options.recipients.iter().map(|r| r.kind()).collect();
    if kinds.is_empty() {
        return Err(SealError::NoRecipient);
    }
    let stronger =
        |kind: &RecipientType| matches!(kind, RecipientType::XWing | RecipientType::RawKey);
    let mixed = kinds.contains(&RecipientType::RsaOaepSha256) && kinds.iter().any(stronger);
    if mixed && !options.allow_mixing {
        return Err(SealError::MixedStrength);
    }
    Ok(())
}

/// SHA-256 of the SPKI of each recipient that has one.
fn intended(recipients: &[Arc<dyn Recipient>]) -> Vec<[u8; 32]> {
    use sha2::{Digest, Sha256};
    recipients
        .iter()
        .filter_map(|r| r.spki())
        .map(|spki| Sha256::digest(spki).into())
        .collect()
}

/// Wraps the key for each recipient and lays out the block with its MAC.
pub(super) fn recipients_block(
    recipients: &[Arc<dyn Recipient>],
    core: &Core,
    cek: &Cek,
    keys: &StreamKeys,
    rng: &mut Random<'_>,
) -> Result<RecipientsBlock, SealError> {
    let hash = core_hash(core);
    let context = WrapContext::new(&core.salt, &hash);
    let mut entries = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        let body = recipient.wrap(cek, context, rng)?;
        entries.push(Entry::new(
            recipient.kind(),
            recipient.key_id(&core.salt),
            body,
        ));
    }
    let mut block =
        RecipientsBlock::build(&entries).map_err(|error| SealError::Recipients(error.kind))?;
    let mac = keys.recipients_mac(block.authenticated());
    block.set_mac(mac);
    Ok(block)
}
