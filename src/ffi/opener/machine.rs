//! The states of an opener, from the header to the proof, behind one handle.

use core::mem::replace;
use core::ptr;
use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::ffi::fail::Fail;
use crate::ffi::manifest::{LentManifest, manifest_for_c, secimg_manifest};
use crate::ffi::sealer::{
    SECIMG_STATE_DONE, SECIMG_STATE_FAILED, SECIMG_STATE_HAS_EVENT, SECIMG_STATE_HAS_OUTPUT,
    SECIMG_STATE_WANTS_INPUT,
};
use crate::io::timed;
use crate::stream::{HeaderReader, OpenError, OpenEvent, OpenOptions, Opener, Verified};

use super::{
    SECIMG_EVENT_CHECKPOINT, SECIMG_EVENT_DATA, SECIMG_EVENT_FINISHED, SECIMG_EVENT_ITEM,
    SECIMG_EVENT_ITEM_END, SECIMG_EVENT_NEED_INPUT, SECIMG_EVENT_PREVIEW,
};

enum Stage {
    Header(HeaderReader),
    Chunks(Box<Opener>),
    Ended,
    /// The caller knows of the error.
    Failed(Fail),
}

pub(in crate::ffi) struct Machine {
    options: OpenOptions,
    stage: Stage,
    /// What comes behind the bytes that wait.
    next: Option<OpenEvent>,
    /// An error that was met behind what was handed out; the next call returns it.
    late: Option<Fail>,
    manifest: Option<LentManifest>,
    preview: Zeroizing<Vec<u8>>,
}

impl Machine {
    pub(super) fn new(options: OpenOptions) -> Result<Self, Fail> {
        // Said now and not when a peer's header is there, since it is the program's mistake and not the peer's.
        if options.needs_spool() {
            return Err(OpenError::NeedsSpool.into());
        }
        Ok(Self {
            options,
            stage: Stage::Header(HeaderReader::new()),
            next: None,
            late: None,
            manifest: None,
            preview: Zeroizing::default(),
        })
    }

    /// Refuses to go on after an error, with the error itself the first time.
    fn check(&mut self) -> Result<(), Fail> {
        if let Some(fail) = self.late.take() {
            return Err(self.failed(fail));
        }
        match &self.stage {
            Stage::Failed(earlier) => Err(Fail::after(earlier)),
            _ => Ok(()),
        }
    }

    fn failed(&mut self, fail: Fail) -> Fail {
        self.next = None;
        self.stage = Stage::Failed(fail.clone());
        fail
    }

    pub(super) fn push(&mut self, data: &[u8]) -> Result<usize, Fail> {
        self.check()?;
        if !self.ready().is_empty() {
            return Ok(0);
        }
        match &self.next {
            None => {}
            Some(OpenEvent::Finished) => return Ok(0),
            Some(_) if data.is_empty() => return Ok(0),
            Some(_) => {
                return Err(Fail::state(
                    "an event waits: take it with secimg_opener_event first",
                ));
            }
        }
        self.advance(data).map_err(|fail| self.failed(fail))
    }

    /// Goes on until something waits or all input is taken; returns how much that was.
    fn advance(&mut self, data: &[u8]) -> Result<usize, Fail> {
        let mut taken = 0;
        if let Stage::Header(reader) = &mut self.stage {
            let (used, locked) = reader.push(data)?;
            taken = used;
            let Some(locked) = locked else {
                return Ok(taken);
            };
            let opener = locked
                .unlock(&self.options)?
                .into_opener(&timed(&self.options))?;
            self.stage = Stage::Chunks(Box::new(opener));
        }
        let Stage::Chunks(opener) = &mut self.stage else {
            return Err(Fail::state("the stream was finished"));
        };
        let step = opener.update(&data[taken..], &mut [])?;
        self.next = match step.event {
            OpenEvent::NeedInput | OpenEvent::Data => None,
            event => Some(event),
        };
        Ok(taken + step.consumed)
    }

    /// Goes on with what is inside, after the caller took something. It got what it asked for; an error that is
    /// met here is for its next call.
    fn settle(&mut self) {
        let idle = self.next.is_none() && self.ready().is_empty();
        if idle && matches!(self.stage, Stage::Chunks(_)) {
            self.late = self.advance(&[]).err();
        }
    }

    fn ready(&self) -> &[u8] {
        match &self.stage {
            Stage::Chunks(opener) => opener.peek(),
            _ => &[],
        }
    }

    pub(super) fn event(&mut self) -> Result<u32, Fail> {
        self.check()?;
        if let Stage::Ended = self.stage {
            return Ok(SECIMG_EVENT_FINISHED);
        }
        if !self.ready().is_empty() {
            return Ok(SECIMG_EVENT_DATA);
        }
        let event = match self.next.take() {
            None => return Ok(SECIMG_EVENT_NEED_INPUT),
            Some(OpenEvent::Finished) => {
                self.next = Some(OpenEvent::Finished);
                return Ok(SECIMG_EVENT_FINISHED);
            }
            Some(event) => self.take(event),
        };
        self.settle();
        Ok(event)
    }

    /// Keeps what an event brings, and says what it was.
    fn take(&mut self, event: OpenEvent) -> u32 {
        match event {
            OpenEvent::Item(manifest) => {
                self.manifest = Some(manifest_for_c(manifest.into_inner()));
                self.preview = Zeroizing::default();
                SECIMG_EVENT_ITEM
            }
            OpenEvent::Preview(preview) => {
                self.preview = Zeroizing::new(preview.into_inner());
                SECIMG_EVENT_PREVIEW
            }
            OpenEvent::ItemEnd(_) => SECIMG_EVENT_ITEM_END,
            OpenEvent::Checkpoint(_) => SECIMG_EVENT_CHECKPOINT,
            OpenEvent::NeedInput => SECIMG_EVENT_NEED_INPUT,
            OpenEvent::Data => SECIMG_EVENT_DATA,
            OpenEvent::Finished => SECIMG_EVENT_FINISHED,
        }
    }

    pub(super) fn peek(&self) -> Result<&[u8], Fail> {
        match &self.stage {
            Stage::Failed(earlier) => Err(Fail::after(earlier)),
            _ => Ok(self.ready()),
        }
    }

    pub(super) fn consume(&mut self, len: usize) -> Result<(), Fail> {
        if len > self.peek()?.len() {
            return Err(Fail::argument("more than was lent cannot be consumed"));
        }
        if let Stage::Chunks(opener) = &mut self.stage {
            opener.consume(len);
        }
        self.settle();
        Ok(())
    }

    pub(super) fn manifest(&self) -> *const secimg_manifest {
        let manifest = self.manifest.as_ref();
        manifest.map_or(ptr::null(), |manifest| manifest.as_handle())
    }

    pub(super) fn preview(&self) -> &[u8] {
        &self.preview
    }

    pub(super) fn finish(&mut self) -> Result<Verified, Fail> {
        self.check()?;
        if let Stage::Ended = self.stage {
            return Err(Fail::state("the stream was finished"));
        }
        // What waits belongs to the stream: with it left, the end may be good and the caller's copy is not whole.
        let waits = !matches!(self.next, None | Some(OpenEvent::Finished));
        if waits || !self.ready().is_empty() {
            return Err(Fail::state(
                "output or an event waits: take it before the stream is finished",
            ));
        }
        let verified: Result<Verified, OpenError> = match replace(&mut self.stage, Stage::Ended) {
            Stage::Header(reader) => Err(reader.end_of_input().into()),
            Stage::Chunks(opener) => opener.finish(),
            Stage::Ended | Stage::Failed(_) => Err(OpenError::Refused),
        };
        verified.map_err(|error| self.failed(error.into()))
    }

    pub(super) fn state(&self) -> u32 {
        if self.late.is_some() {
            return SECIMG_STATE_FAILED;
        }
        match (&self.stage, &self.next) {
            (Stage::Failed(_), _) => SECIMG_STATE_FAILED,
            (Stage::Ended, _) => SECIMG_STATE_DONE,
            _ if !self.ready().is_empty() => SECIMG_STATE_HAS_OUTPUT,
            (_, None) => SECIMG_STATE_WANTS_INPUT,
            (_, Some(OpenEvent::Finished)) => SECIMG_STATE_DONE | SECIMG_STATE_HAS_EVENT,
            (_, Some(_)) => SECIMG_STATE_HAS_EVENT,
        }
    }

    pub(super) fn error(&self) -> Cow<'static, str> {
        match (&self.late, &self.stage) {
            (Some(fail), _) | (None, Stage::Failed(fail)) => fail.text.clone(),
            _ => Cow::Borrowed(""),
        }
    }
}
