//! A [`Sealer`] that recognises images by their first bytes, and remembers why it failed.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::ffi::description::Description;
use crate::ffi::fail::Fail;
use crate::image::{Compression, RawFrame, SNIFF_LEN};
use crate::io::stamped;
use crate::stream::{FrameItem, ImageDescription, SealError, SealEvent, SealOptions, Sealer};

use super::{
    SECIMG_STATE_DONE, SECIMG_STATE_FAILED, SECIMG_STATE_HAS_OUTPUT, SECIMG_STATE_WANTS_INPUT,
};

/// Where in the stream the machine stands.
enum Phase {
    Between,
    /// An item whose first bytes are still collected.
    Lead(Box<Lead>),
    Item,
    Finished,
    Failed(Fail),
}

struct Lead {
    description: Description,
    length: Option<u64>,
    prefix: Zeroizing<Vec<u8>>,
    wanted: usize,
}

pub(in crate::ffi) struct Machine {
    sealer: Sealer,
    phase: Phase,
    /// Sealed bytes that had to make room; they go out first.
    spilled: Vec<u8>,
    spilled_done: usize,
}

impl Machine {
    pub(in crate::ffi) fn new(options: &SealOptions) -> Result<Self, Fail> {
        Ok(Self {
            sealer: Sealer::new(&stamped(options))?,
            phase: Phase::Between,
            spilled: Vec::new(),
            spilled_done: 0,
        })
    }

    /// Does something that ends the stream's life if it fails.
    fn attempt<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, SealError>,
    ) -> Result<T, Fail> {
        work(self).map_err(|error| {
            let fail = Fail::from(error);
            self.phase = Phase::Failed(fail.clone());
            fail
        })
    }

    /// Refuses a call that belongs between items; the refusal changes nothing.
    fn check_between(&self) -> Result<(), Fail> {
        match &self.phase {
            Phase::Between => Ok(()),
            Phase::Lead(_) | Phase::Item => Err(Fail::state("an image is still open: end it")),
            Phase::Finished => Err(Fail::state("the stream is already finished")),
            Phase::Failed(earlier) => Err(Fail::after(earlier)),
        }
    }

    fn check_inside(&self) -> Result<(), Fail> {
        match &self.phase {
            Phase::Lead(_) | Phase::Item => Ok(()),
            Phase::Between => Err(Fail::state("no image is open: start one")),
            Phase::Finished => Err(Fail::state("the stream is already finished")),
            Phase::Failed(earlier) => Err(Fail::after(earlier)),
        }
    }

    pub(super) fn start_item(
        &mut self,
        description: Description,
        length: Option<u64>,
    ) -> Result<(), Fail> {
        self.check_between()?;
        description.check()?;
        let length_here = length.map_or(SNIFF_LEN, |len| {
            usize::try_from(len).map_or(SNIFF_LEN, |len| len.min(SNIFF_LEN))
        });
        let wanted = if description.needs_prefix() {
            length_here
        } else {
            0
        };
        let lead = Lead {
            description,
            length,
            prefix: Zeroizing::new(Vec::with_capacity(wanted)),
            wanted,
        };
        if wanted == 0 {
            return self.begin(&lead);
        }
        self.phase = Phase::Lead(Box::new(lead));
        Ok(())
    }

    /// Starts the item whose first bytes are known, and passes them on.
    fn begin(&mut self, lead: &Lead) -> Result<(), Fail> {
        self.phase = Phase::Item;
        self.attempt(|this| {
            let manifest = lead.description.manifest(&lead.prefix);
            let (preview, length) = (lead.description.preview(), lead.length);
            this.sealer
                .start_item_with_preview(&manifest, preview, length)?;
            // The caller was told that these bytes are taken.
            this.take_all(&lead.prefix)
        })
    }

    /// Takes all of `data`: what is sealed makes room for it.
    fn take_all(&mut self, mut data: &[u8]) -> Result<(), SealError> {
        loop {
            let step = self.sealer.update(data, &mut [])?;
            data = &data[step.consumed..];
            if data.is_empty() {
                return Ok(());
            }
            let ready = self.sealer.peek();
            self.spilled.extend_from_slice(ready);
            let len = ready.len();
            self.sealer.consume(len);
        }
    }

    /// Seals a raw frame as an item of its own.
    pub(in crate::ffi) fn add_frame(
        &mut self,
        frame: RawFrame<'_>,
        description: &ImageDescription,
        compression: Compression,
    ) -> Result<(), Fail> {
        self.check_between()?;
        let item = FrameItem::new(frame, description, compression);
        self.attempt(|this| {
            this.sealer.start_item_with_preview(
                item.manifest(),
                item.preview(),
                Some(item.data_len()),
            )?;
            item.data(|bytes| this.take_all(bytes))?;
            this.sealer.end_item()
        })?;
        self.settle()
    }

    pub(super) fn push(&mut self, data: &[u8]) -> Result<usize, Fail> {
        self.check_inside()?;
        if !self.ready().is_empty() {
            return Ok(0);
        }
        let mut taken = 0;
        if let Phase::Lead(lead) = &mut self.phase {
            taken = data.len().min(lead.wanted - lead.prefix.len());
            lead.prefix.extend_from_slice(&data[..taken]);
            if lead.prefix.len() < lead.wanted {
                return Ok(taken);
            }
            self.begin_lead()?;
            if !self.ready().is_empty() {
                return Ok(taken);
            }
        }
        let rest = &data[taken..];
        let step = self.attempt(|this| this.sealer.update(rest, &mut []))?;
        Ok(taken + step.consumed)
    }

    /// Starts the item with what there is of its first bytes.
    fn begin_lead(&mut self) -> Result<(), Fail> {
        match core::mem::replace(&mut self.phase, Phase::Item) {
            Phase::Lead(lead) => self.begin(&lead),
            other => {
                self.phase = other;
                Ok(())
            }
        }
    }

    pub(super) fn end_item(&mut self) -> Result<(), Fail> {
        self.check_inside()?;
        self.begin_lead()?;
        self.attempt(|this| this.sealer.end_item())?;
        self.phase = Phase::Between;
        self.settle()
    }

    pub(super) fn flush(&mut self) -> Result<(), Fail> {
        self.check_between()?;
        self.attempt(|this| this.sealer.flush())?;
        self.settle()
    }

    pub(super) fn checkpoint(&mut self) -> Result<(), Fail> {
        self.check_between()?;
        self.attempt(|this| this.sealer.checkpoint())?;
        self.settle()
    }

    pub(super) fn finish(&mut self) -> Result<(), Fail> {
        self.check_between()?;
        self.attempt(|this| this.sealer.finish())?;
        self.phase = Phase::Finished;
        self.settle()
    }

    /// Seals what can be sealed, so that it can be peeked at.
    fn settle(&mut self) -> Result<(), Fail> {
        if self.ready().is_empty() {
            let step = self.attempt(|this| this.sealer.update(&[], &mut []))?;
            debug_assert!(step.event == SealEvent::OutputFull || self.ready().is_empty());
        }
        Ok(())
    }

    fn ready(&self) -> &[u8] {
        match &self.spilled[self.spilled_done..] {
            [] => self.sealer.peek(),
            spilled => spilled,
        }
    }

    pub(super) fn peek(&self) -> Result<&[u8], Fail> {
        match &self.phase {
            Phase::Failed(earlier) => Err(Fail::after(earlier)),
            _ => Ok(self.ready()),
        }
    }

    pub(super) fn consume(&mut self, len: usize) -> Result<(), Fail> {
        if len > self.peek()?.len() {
            return Err(Fail::argument("more than was lent cannot be consumed"));
        }
        if self.spilled_done < self.spilled.len() {
            self.spilled_done += len;
            if self.spilled_done == self.spilled.len() {
                (self.spilled, self.spilled_done) = (Vec::new(), 0);
            }
        } else {
            self.sealer.consume(len);
        }
        self.settle()
    }

    pub(super) fn state(&self) -> u32 {
        let waits = !self.ready().is_empty();
        match &self.phase {
            Phase::Failed(_) => SECIMG_STATE_FAILED,
            _ if waits => SECIMG_STATE_HAS_OUTPUT,
            Phase::Finished => SECIMG_STATE_DONE,
            Phase::Lead(_) | Phase::Item => SECIMG_STATE_WANTS_INPUT,
            Phase::Between => 0,
        }
    }

    pub(super) fn transfer_id(&self) -> [u8; 32] {
        self.sealer.transfer_id()
    }

    pub(super) fn error(&self) -> Cow<'static, str> {
        match &self.phase {
            Phase::Failed(fail) => fail.text.clone(),
            _ => Cow::Borrowed(""),
        }
    }
}
