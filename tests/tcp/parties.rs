//! Who sends and who receives, and the sink that keeps what arrives.

use core::time::Duration;
use std::io;
use std::sync::{Arc, OnceLock};

use secimg::content::Manifest;
use secimg::io::ItemSink;
use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::stream::{Authentic, ItemReport};
use secimg::transport::Receiver;
use secimg::{Image, OpenOptions, SealOptions};

/// Nobody is waited for longer than this.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Keeps what arrives as whole items; what a caller would commit when the stream is accepted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) open: Option<(String, Vec<u8>)>,
    pub(crate) images: Vec<(String, Vec<u8>)>,
}

impl ItemSink for Kept {
    fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()> {
        let name = manifest.get().name.clone().unwrap_or_default();
        self.open = Some((name, Vec::new()));
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.open.as_mut().unwrap().1.extend_from_slice(bytes);
        Ok(())
    }

    fn item_end(&mut self, item: &Authentic<ItemReport>) -> io::Result<()> {
        let image = self.open.take().unwrap();
        assert_eq!(item.get().bytes, image.1.len() as u64);
        self.images.push(image);
        Ok(())
    }
}

pub(crate) fn key() -> Arc<RawKeyRecipient> {
    static KEY: OnceLock<Arc<RawKeyRecipient>> = OnceLock::new();
    KEY.get_or_init(new_key).clone()
}

pub(crate) fn new_key() -> Arc<RawKeyRecipient> {
    Arc::new(RawKeyRecipient::new(SymmetricKey::generate().unwrap()))
}

pub(crate) fn sealing() -> SealOptions {
    SealOptions::new().recipient(key())
}

pub(crate) fn opening() -> OpenOptions {
    OpenOptions::new().identity(key())
}

pub(crate) fn receiver() -> Receiver {
    Receiver::new(&opening())
        .header_deadline(PATIENCE)
        .idle_timeout(PATIENCE)
}

pub(crate) fn named(images: &[Image]) -> Vec<(String, Vec<u8>)> {
    let pair = |i: &Image| (i.description.name.clone().unwrap(), i.bytes.clone());
    images.iter().map(pair).collect()
}
