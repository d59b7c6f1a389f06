//! This library: whole streams, with header, manifest and end, through the public machines.

use std::sync::Arc;

use secimg::content::Manifest;
use secimg::crypto::Suite;
use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::stream::{
    HeaderReader, OpenEvent, OpenOptions, Opener, SealEvent, SealOptions, Sealer,
};

use super::Peer;
use crate::Result;

/// What can be chosen.
#[derive(Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) suite: &'static Suite,
    /// At most so many.
    pub(crate) threads: usize,
    /// Whether each item carries the SHA-256 of its original, and it is compared.
    pub(crate) digests: bool,
}

impl Setting {
    pub(crate) fn seal_options(self) -> SealOptions {
        SealOptions::new()
            .suite(self.suite)
            .digests(self.digests)
            .threads(self.threads)
    }

    pub(crate) fn open_options(self) -> OpenOptions {
        OpenOptions::new()
            .digests(self.digests)
            .threads(self.threads)
    }
}

/// A stream for one raw key, with one item.
pub(crate) struct Secimg {
    setting: Setting,
    seal: SealOptions,
    open: OpenOptions,
    manifest: Manifest,
}

impl Secimg {
    pub(crate) fn new(setting: Setting) -> Result<Self> {
        let key = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
        Ok(Self {
            setting,
            seal: setting.seal_options().recipient(key.clone()),
            open: setting.open_options().identity(key),
            manifest: Manifest::new("opaque", "application/octet-stream"),
        })
    }
}

impl Peer for Secimg {
    fn name(&self) -> String {
        let Setting {
            suite,
            threads,
            digests,
        } = self.setting;
        let plural = if threads == 1 { "" } else { "s" };
        let digest = if digests { ", with digest" } else { "" };
        format!(
            "secimg {}, {threads} thread{plural}{digest}",
            suite.short_name
        )
    }

    fn seal(&mut self, plain: &[u8], sealed: &mut [u8]) -> Result<usize> {
        let mut machine = Sealer::new(&self.seal)?;
        machine.start_item(&self.manifest, Some(plain.len() as u64))?;
        let mut len = pump(&mut machine, plain, sealed)?;
        machine.end_item()?;
        machine.finish()?;
        len += pump(&mut machine, &[], &mut sealed[len..])?;
        Ok(len)
    }

    fn open(&mut self, sealed: &[u8], plain: &mut [u8]) -> Result<usize> {
        let (used, locked) = HeaderReader::new().push(sealed)?;
        let unlocked = locked
            .ok_or("a header that is cut short")?
            .unlock(&self.open)?;
        let mut opener = unlocked.into_opener(&self.open)?;
        let len = pull(&mut opener, &sealed[used..], plain)?;
        opener.finish()?;
        Ok(len)
    }
}

/// Gives all of `input` to the sealer and takes everything that comes.
fn pump(sealer: &mut Sealer, mut input: &[u8], output: &mut [u8]) -> Result<usize> {
    let mut len = 0;
    loop {
        let step = sealer.update(input, &mut output[len..])?;
        input = &input[step.consumed..];
        len += step.produced;
        match step.event {
            SealEvent::OutputFull => return Err("no room for a stream".into()),
            SealEvent::NeedInput if !input.is_empty() => {}
            _ => return Ok(len),
        }
    }
}

fn pull(opener: &mut Opener, mut input: &[u8], output: &mut [u8]) -> Result<usize> {
    let mut len = 0;
    loop {
        let step = opener.update(input, &mut output[len..])?;
        input = &input[step.consumed..];
        len += step.produced;
        match step.event {
            OpenEvent::Finished | OpenEvent::NeedInput => return Ok(len),
            OpenEvent::Data if step.produced == 0 => return Err("no room for an item".into()),
            _ => {}
        }
    }
}
