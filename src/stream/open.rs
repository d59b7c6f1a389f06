//! [`Opener`]: chunks go in, items come out, in order.

mod direct;
mod pull;

use std::sync::Arc;

use crate::content::{
    Close, ContentError, ContentErrorKind, ContentEvent, ContentParser, Manifest,
};
use crate::crypto::{Leaf, StreamKeys, Unauthentic, Workers, batch};
use crate::format::{FRAME_HEADER_LEN, FormatError, FormatErrorKind, Geometry, Limits};
use crate::keys::TrustedSigners;
use crate::trace;

use super::Step;
use super::error::OpenError;
use super::intake::Intake;
use super::options::OpenOptions;
use super::report::{Authentic, ItemReport, Report, SignatureReport, Verified};
use super::signature::{Judge, Leaves, Position, message};
use super::unlock::Unlocked;
use super::window::SigningTimes;

/// Why [`Opener::update`] returned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenEvent {
    /// All input was taken and everything that it gives was handed out.
    NeedInput,
    /// Bytes of the current item were written to the output, or wait for room in it; call again, or use
    /// [`Opener::peek`].
    Data,
    /// An item begins; what follows as output belongs to it.
    Item(Authentic<Manifest>),
    /// The current item's preview.
    Preview(Authentic<Vec<u8>>),
    /// The current item is whole, and its digest was compared where it carries one.
    ItemEnd(Authentic<ItemReport>),
    /// Everything before is whole; in a signed stream the signer says so.
    Checkpoint(Option<SignatureReport>),
    /// The stream's end was reached and everything holds: call [`Opener::finish`].
    Finished,
}

/// Opens a stream whose key is known, in order.
///
/// Output is [`Authentic`] when it appears: its chunk's tag held. That the stream is whole, that nothing
/// was left out at its end, and who made it is known only when [`Opener::finish`] returns [`Verified`].
/// **Who used the output before must undo that if `Verified` does not come.**
pub struct Opener {
    unlocked: Unlocked,
    geometry: Geometry,
    transfer_id: [u8; 32],
    trusted: Option<TrustedSigners>,
    times: Option<SigningTimes>,
    limits: Limits,
    workers: Arc<Workers>,
    intake: Intake,
    /// CHUNK frames at the buffer's start that are plaintext now, and FINAL's content behind them.
    opened: usize,
    final_len: Option<usize>,
    /// Where in the opened content the parser stands.
    slot: usize,
    pos: usize,
    /// Bytes of the original, from `pos` on, that wait for output.
    pending: usize,
    parser: ContentParser,
    leaves: Leaves,
    /// The leaves of the opened chunks; each joins `leaves` when the parser has passed its chunk.
    batch_leaves: Vec<Leaf>,
    manifest: Option<Manifest>,
    items: Vec<ItemReport>,
    signature: Option<SignatureReport>,
    /// Raised when what came before it has been handed out.
    deferred: Option<OpenError>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Finished,
    Refused,
}

impl Unlocked {
    /// Goes on to the chunks, in order.
    ///
    /// # Errors
    /// [`OpenError::NotSigned`] when a signer is required and the header says that nobody signed;
    /// [`OpenError::NeedsSpool`] when one is required and the options do not promise to hold back;
    /// [`OpenError::WindowNeeds`] when signing times are to be judged and cannot be.
    pub fn into_opener(self, options: &OpenOptions) -> Result<Opener, OpenError> {
        Opener::new(self, options)
    }
}

impl Opener {
    fn new(unlocked: Unlocked, options: &OpenOptions) -> Result<Self, OpenError> {
        if options.trusted.is_some() {
            if !unlocked.header.core.flags.signed {
                return Err(OpenError::NotSigned);
            }
            if options.needs_spool() {
                return Err(OpenError::NeedsSpool);
            }
        }
        let geometry = unlocked.geometry();
        Ok(Self {
            transfer_id: unlocked.header.transfer_id(),
            trusted: options.trusted.clone(),
            times: options.signing_times()?,
            limits: options.limits,
            workers: options.workers(),
            intake: Intake::new(geometry, unlocked.header.payload_offset()),
            opened: 0,
            final_len: None,
            slot: 0,
            pos: 0,
            pending: 0,
            parser: ContentParser::with_digests(options.limits, options.digests),
            leaves: Leaves::default(),
            batch_leaves: Vec::new(),
            manifest: None,
            items: Vec::new(),
            signature: None,
            deferred: None,
            state: State::Running,
            geometry,
            unlocked,
        })
    }

    /// Returns what is known of the header.
    #[must_use]
    pub const fn unlocked(&self) -> &Unlocked {
        &self.unlocked
    }

    /// Takes stream bytes from `input` and writes bytes of the current item to `output`. With an empty output
    /// they are borrowed with [`Opener::peek`] instead.
    ///
    /// How the input is cut into pieces changes neither events nor output, but for where one
    /// [`OpenEvent::Data`] ends and the next begins.
    ///
    /// # Errors
    /// [`OpenError`]; what was handed out before it stays authentic, and nothing follows.
    pub fn update(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<Step<OpenEvent>, OpenError> {
        if self.state == State::Refused {
            return Err(OpenError::Refused);
        }
        let (mut consumed, mut produced) = (0, 0);
        let event = match self.run(input, output, &mut consumed, &mut produced) {
            Ok(event) => event,
            // What was produced must reach the caller before the error does.
            Err(error) if produced > 0 => {
                self.refuse_content();
                self.deferred = Some(error);
                OpenEvent::Data
            }
            Err(error) => {
                trace::refused(&self.transfer_id, error.word());
                self.refuse_content();
                self.state = State::Refused;
                return Err(error);
            }
        };
        Ok(Step {
            consumed,
            produced,
            event,
        })
    }

    fn run(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        consumed: &mut usize,
        produced: &mut usize,
    ) -> Result<OpenEvent, OpenError> {
        loop {
            if self.pending > 0 {
                *produced += self.hand_out(&mut output[*produced..]);
                if self.pending > 0 {
                    return Ok(OpenEvent::Data);
                }
            } else if self.has_content() {
                if let Some(event) = self.parse()? {
                    return Ok(event);
                }
            } else if let Some(error) = self.deferred.take() {
                return Err(error);
            } else if self.state == State::Finished {
                return Ok(OpenEvent::Finished);
            } else {
                self.discard();
                let (used, made) =
                    self.open_directly(&input[*consumed..], &mut output[*produced..]);
                *consumed += used;
                *produced += made;
                if used > 0 {
                    continue;
                }
                *consumed += self.fill(&input[*consumed..]);
                if !self.open_frames() {
                    return Ok(OpenEvent::NeedInput);
                }
            }
        }
    }

    /// Ends the opening and returns the proof that all of it holds.
    ///
    /// Call it when [`Opener::update`] has returned [`OpenEvent::Finished`], or when the input has ended.
    ///
    /// # Errors
    /// [`OpenError::Format`] with [`FormatErrorKind::Truncated`] when the stream's end was not reached.
    pub fn finish(self) -> Result<Verified, OpenError> {
        self.finish_with_keys().map(|(verified, _)| verified)
    }

    /// As [`Opener::finish`], and returns the stream's keys as well, with which a receiver proves that it
    /// held them.
    ///
    /// # Errors
    /// As [`Opener::finish`].
    pub fn finish_with_keys(mut self) -> Result<(Verified, StreamKeys), OpenError> {
        if let Some(error) = self.deferred.take() {
            return Err(error);
        }
        match self.state {
            State::Refused => return Err(OpenError::Refused),
            State::Running => {
                let at = self.intake.offset + self.intake.have as u64;
                return Err(FormatError::at(FormatErrorKind::Truncated, at).into());
            }
            State::Finished => {}
        }
        let report = Report {
            suite: self.unlocked.header.suite().name,
            chunks: self.intake.index + self.intake.chunks as u64 + 1,
            stream_bytes: self.intake.offset + self.intake.have as u64,
            transfer_id: self.transfer_id,
            recipient: self.unlocked.recipient,
            signature: self.signature.take(),
            items: core::mem::take(&mut self.items),
        };
        let (items, signed) = (report.items.len(), report.signature.is_some());
        trace::verified(&self.transfer_id, report.chunks, items, signed);
        Ok((Verified::new(report), self.unlocked.keys))
    }

    /// Drops everything that was opened and not handed out.
    fn refuse_content(&mut self) {
        self.intake.wipe();
        (self.pending, self.opened, self.slot, self.pos) = (0, 0, 0, 0);
        self.final_len = None;
    }

    fn content(&self) -> &[u8] {
        let at = self.slot * self.geometry.stride() + FRAME_HEADER_LEN;
        let len = if self.slot < self.opened {
            self.geometry.chunk_size.bytes()
        } else {
            self.final_len.unwrap_or(0)
        };
        &self.intake.buffer[at..at + len]
    }

    fn has_content(&self) -> bool {
        self.slot < self.opened || (self.slot == self.opened && self.final_len.is_some())
    }

    /// Parses up to the next event that the caller sees.
    fn parse(&mut self) -> Result<Option<OpenEvent>, OpenError> {
        if self.pos == 0 {
            self.parser.begin_chunk();
        }
        let at = self.slot * self.geometry.stride() + FRAME_HEADER_LEN;
        let (used, event) = {
            let len = self.content().len();
            self.parser
                .step(&self.intake.buffer[at + self.pos..at + len])?
        };
        self.pos += used;
        match event {
            ContentEvent::EndOfChunk => {
                if self.slot == self.opened {
                    let kind = ContentErrorKind::Unfinished;
                    return Err(ContentError::at(kind, self.parser.offset()).into());
                }
                self.next_slot();
                Ok(None)
            }
            ContentEvent::Data(len) => {
                self.pos -= len;
                self.pending = len;
                Ok(None)
            }
            ContentEvent::Item(manifest) => {
                self.manifest = Some(manifest.clone());
                Ok(Some(OpenEvent::Item(Authentic::new(manifest))))
            }
            ContentEvent::Preview(bytes) => Ok(Some(OpenEvent::Preview(Authentic::new(bytes)))),
            ContentEvent::ItemEnd(end) => Ok(self.manifest.take().map(|manifest| {
                let item = ItemReport::new(manifest, end.bytes, end.sha256);
                self.items.push(item.clone());
                OpenEvent::ItemEnd(Authentic::new(item))
            })),
            ContentEvent::Close(close) => self.close(&close).map(Some),
        }
    }

    /// CLOSE ends its chunk: FINAL, and with it the stream, or a CHUNK, as a checkpoint.
    fn close(&mut self, close: &Close) -> Result<OpenEvent, OpenError> {
        let last = self.slot == self.opened;
        let expected = if last { self.parser.index_offset() } else { 0 };
        let index_in_checkpoint = !last && self.parser.index_offset() != 0;
        if close.index_offset != expected || index_in_checkpoint {
            return Err(self.bad_close("its index offset is wrong"));
        }
        let signature = self.check_signature(close, last)?;
        self.signature.clone_from(&signature);
        if !last {
            self.next_slot();
            return Ok(OpenEvent::Checkpoint(signature));
        }
        self.state = State::Finished;
        self.final_len = None;
        Ok(OpenEvent::Finished)
    }

    fn check_signature(
        &mut self,
        close: &Close,
        last: bool,
    ) -> Result<Option<SignatureReport>, OpenError> {
        let Some(block) = &close.signature else {
            if self.unlocked.header.core.flags.signed {
                return Err(OpenError::BadSignature);
            }
            return Ok(None);
        };
        if !self.unlocked.header.core.flags.signed {
            return Err(self.bad_close("a signature in a stream that is not signed"));
        }
        let position = Position {
            index: self.intake.index + self.slot as u64,
            last,
        };
        let message = message(
            &self.transfer_id,
            position,
            &self.leaves,
            self.content(),
            close,
        );
        let judge = Judge {
            trusted: self.trusted.as_ref(),
            own_spki: self.unlocked.identity_spki.as_deref(),
            times: self.times,
        };
        let signature = judge.verify(block, &message)?;
        // One stream, one signer: a checkpoint by another would lend its trust to the rest.
        if self
            .signature
            .as_ref()
            .is_some_and(|earlier| earlier.spki != signature.spki)
        {
            return Err(OpenError::BadSignature);
        }
        Ok(Some(signature))
    }

    fn next_slot(&mut self) {
        if let Some(leaf) = self.batch_leaves.get(self.slot) {
            self.leaves.push(leaf);
        }
        (self.slot, self.pos) = (self.slot + 1, 0);
    }

    fn bad_close(&self, reason: &'static str) -> OpenError {
        ContentError::at(ContentErrorKind::Close(reason), self.parser.record_offset()).into()
    }

    /// Forgets what was opened and handed out.
    fn discard(&mut self) {
        self.intake.discard(self.opened, self.geometry);
        (self.opened, self.slot, self.pos) = (0, 0, 0);
    }

    fn fill(&mut self, input: &[u8]) -> usize {
        let (used, error) = self.intake.fill(input, self.geometry, &self.limits);
        self.deferred = error.map(OpenError::from);
        used
    }

    /// Opens the whole frames in the buffer; says whether there is content, an end or an error now.
    fn open_frames(&mut self) -> bool {
        let (chunks, stride) = (self.intake.chunks, self.geometry.stride());
        let keys = self.unlocked.chunks.as_ref();
        self.batch_leaves.clear();
        let leaves = &mut self.batch_leaves;
        let mut sink = |leaf| leaves.push(leaf);
        let sink: Option<batch::LeafSink<'_>> = if self.unlocked.header.core.flags.signed {
            Some(&mut sink)
        } else {
            None
        };
        let frames = &mut self.intake.buffer[..chunks * stride];
        let (first, workers) = (self.intake.index, self.workers.as_ref());
        self.opened = batch::open_chunks(keys, self.geometry, first, frames, workers, sink);
        if self.opened < chunks {
            self.deferred = Some(Unauthentic.into());
        } else if let Some(len) = self.intake.last {
            let at = chunks * stride;
            let body = &mut self.intake.buffer[at + FRAME_HEADER_LEN..at + len];
            match batch::open_final(keys, self.intake.index + chunks as u64, body) {
                Ok(len) => self.final_len = Some(len),
                Err(error) => self.deferred = Some(error.into()),
            }
        }
        self.opened > 0 || self.final_len.is_some() || self.deferred.is_some()
    }
}

impl core::fmt::Debug for Opener {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Opener")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
