//! The beginning of a stream: what its first image is, and the small picture of it.

use std::io::{self, Read};

use crate::content::Manifest;
use crate::stream::{Authentic, OpenOptions, RecipientReport, SignatureReport, Unlocked};

use super::clock::timed;
use super::error::ReadError;
use super::open_reader::HEADER_BUFFER;
use super::source::{ItemSink, StreamSource};

/// What stands before an image's own bytes.
#[derive(Debug)]
#[non_exhaustive]
pub struct Glimpse {
    /// The stream's name.
    pub transfer_id: [u8; 32],
    /// The name of the cipher suite.
    pub suite: &'static str,
    /// Whose key opened it.
    pub recipient: RecipientReport,
    /// The signature, which was verified, where a signer is required.
    pub signature: Option<SignatureReport>,
    /// What the first image claims to be; nothing in a stream without images.
    pub manifest: Option<Authentic<Manifest>>,
    /// Its preview, if it has one. Where the item is itself the preview of an image in another stream, it is that.
    pub preview: Option<Authentic<Vec<u8>>>,
}

impl Glimpse {
    /// Puts together what is known of an image of an unlocked stream.
    #[must_use]
    pub fn of(
        unlocked: &Unlocked,
        signature: Option<SignatureReport>,
        manifest: Option<Authentic<Manifest>>,
        preview: Option<Authentic<Vec<u8>>>,
    ) -> Self {
        Self {
            transfer_id: unlocked.header().transfer_id(),
            suite: unlocked.header().suite().name,
            recipient: unlocked.recipient(),
            signature,
            manifest,
            preview,
        }
    }
}

/// Reads the beginning of a stream up to the first image's own bytes: its header, and the first chunks.
///
/// What comes out is authentic: some holder of the key made it. Whether the rest is there, and whole, is not known. Where a
/// signer is required, all of the stream is read and verified before anything is returned;
/// [`OpenReader::preview`](super::OpenReader::preview) reads the tags alone, from what can seek.
///
/// ```
/// use secimg::io::read_preview;
/// use secimg::{Image, ImageDescription, OpenOptions, SealOptions, encrypt};
/// # use secimg::keys::{RawKeyRecipient, SymmetricKey};
/// # let key = std::sync::Arc::new(RawKeyRecipient::new(SymmetricKey::from_file_bytes(&[7; 32])?));
///
/// let description = ImageDescription::new().with_preview(b"a small picture".to_vec().into());
/// let image = Image::new(vec![7; 1_000_000]).described(description);
/// let sealed = encrypt(&image, &SealOptions::new().recipient(key.clone()))?;
///
/// let beginning = &sealed[..100_000];
/// let glimpse = read_preview(beginning, &OpenOptions::new().identity(key))?;
/// assert_eq!(glimpse.preview.unwrap().get(), b"a small picture");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ReadError`].
pub fn read_preview(reader: impl Read, options: &OpenOptions) -> Result<Glimpse, ReadError> {
    let mut source = StreamSource::with_buffer(reader, HEADER_BUFFER);
    let unlocked = source.header()?.unlock(options)?;
    let geometry = unlocked.geometry();
    let mut glimpse = Glimpse::of(&unlocked, None, None, None);
    let mut first = First {
        stop: !options.requires_signer(),
        limit: options.get_limits().preview_bytes,
        ..First::default()
    };
    // A chunk at a time: what lies behind the preview is not read for nothing.
    source.set_buffer(geometry.stride());
    let opener = unlocked.into_opener(&timed(options))?;
    match source.items(opener, &mut first) {
        Ok(verified) => {
            source.expect_end(verified.report().stream_bytes)?;
            glimpse.signature.clone_from(&verified.report().signature);
        }
        Err(ReadError::Sink(_)) if first.has_enough => {}
        Err(error) => return Err(error),
    }
    glimpse.manifest = first.manifest.map(Authentic::new);
    glimpse.preview = first.preview.map(Authentic::new);
    Ok(glimpse)
}

/// Takes the beginning of the first item.
#[derive(Default)]
struct First {
    /// Reading ends as soon as there is nothing more to learn.
    stop: bool,
    limit: usize,
    items: usize,
    manifest: Option<Manifest>,
    preview: Option<Vec<u8>>,
    has_enough: bool,
}

impl First {
    /// Tells whether the current item is the preview of an image in another stream.
    fn is_preview(&self) -> bool {
        let names_another = |manifest: &Manifest| manifest.preview_of.is_some();
        self.items == 1 && self.manifest.as_ref().is_some_and(names_another)
    }

    fn enough(&mut self) -> io::Result<()> {
        self.has_enough = true;
        if self.stop {
            return Err(io::Error::other("the beginning is enough"));
        }
        Ok(())
    }
}

impl ItemSink for First {
    fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()> {
        self.items += 1;
        if self.items == 1 {
            self.manifest = Some(manifest.get().clone());
        }
        Ok(())
    }

    fn preview(&mut self, preview: &Authentic<Vec<u8>>) -> io::Result<()> {
        if self.items > 1 || self.is_preview() {
            return Ok(());
        }
        self.preview = Some(preview.get().clone());
        self.enough()
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.is_preview() {
            return self.enough();
        }
        let taken = self.preview.get_or_insert_default();
        if taken.len() + bytes.len() > self.limit {
            let what = "what claims to be a preview is longer than one may be";
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        taken.extend_from_slice(bytes);
        Ok(())
    }

    fn item_end(&mut self, _: &Authentic<crate::stream::ItemReport>) -> io::Result<()> {
        self.enough()
    }
}
