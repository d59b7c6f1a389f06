//! Floor 5: everything at once, in memory.
//!
//! Nothing of a stream is handed out before all of it is verified.

mod frames;

pub(crate) use frames::restore_all;
pub use frames::{encrypt_frames, encrypt_frames_with_rng};

use std::time::{SystemTime, UNIX_EPOCH};

use zeroize::Zeroizing;

use crate::content::{Manifest, append_zeros_wiping};
use crate::crypto::Random;
use crate::format::{FormatError, FormatErrorKind, Limits};
use crate::stream::{
    FrameWalker, HeaderReader, ImageDescription, Locked, OpenError, OpenEvent, OpenOptions,
    SealError, SealEvent, SealOptions, Sealer, Survey, Verified, describe, rewrapped_header,
    sealed_size_with_previews,
};

/// An image as its file's bytes, with what its sender says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Image {
    /// The file, byte for byte.
    pub bytes: Vec<u8>,
    /// Name, time and the sender's own words.
    pub description: ImageDescription,
}

impl Image {
    /// Takes a file's bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            description: ImageDescription::new(),
        }
    }

    /// Adds a name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.description = self.description.named(name);
        self
    }

    /// Replaces what is said of the image.
    #[must_use]
    pub fn described(mut self, description: ImageDescription) -> Self {
        self.description = description;
        self
    }
}

/// An image that came out of a verified stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenedImage {
    /// The file, byte for byte; of a raw frame, its samples, rows without gaps and in the sender's byte order. Where they were
    /// sealed compressed, the report counts and hashes what was sealed.
    pub bytes: Vec<u8>,
    /// What it claims to be.
    pub manifest: Manifest,
}

/// What [`decrypt`] returns.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opened {
    /// The images, in stream order.
    pub images: Vec<OpenedImage>,
    /// The proof, with the report.
    pub report: Verified,
}

/// Seals one image.
///
/// ```
/// use secimg::keys::{GenerateKind, PrivateKey};
/// use secimg::{Image, OpenOptions, SealOptions, decrypt, encrypt};
///
/// let doctor = PrivateKey::generate(GenerateKind::Rsa { bits: 2048 })?;
/// let options = SealOptions::new().recipient(doctor.public().recipient()?);
/// let sealed = encrypt(&Image::new(*b"BM...").named("scan.bmp"), &options)?;
///
/// let opened = decrypt(&sealed, &OpenOptions::new().identity(doctor.identity()?))?;
/// assert_eq!(opened.images[0].bytes, b"BM...");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`SealError`] for recipients that cannot be used and for a name or attribute that is too long;
/// never because of what the image holds.
pub fn encrypt(image: &Image, options: &SealOptions) -> Result<Vec<u8>, SealError> {
    encrypt_series(core::slice::from_ref(image), options)
}

/// Seals many images into one stream, with one key operation a recipient.
///
/// # Errors
/// As [`encrypt`].
pub fn encrypt_series(images: &[Image], options: &SealOptions) -> Result<Vec<u8>, SealError> {
    encrypt_series_with_rng(images, options, &mut Random::system())
}

/// As [`encrypt_series`], with the caller's randomness: the same randomness, options and signing time
/// give the same stream.
///
/// # Errors
/// As [`encrypt`].
pub fn encrypt_series_with_rng(
    images: &[Image],
    options: &SealOptions,
    rng: &mut Random<'_>,
) -> Result<Vec<u8>, SealError> {
    let options = if options.has_signing_time() {
        options.clone()
    } else {
        options.clone().signing_time(now())
    };
    let mut sealer = Sealer::with_rng(&options, rng)?;
    let described = |image: &Image| describe(&image.bytes, &image.description);
    let manifests: Vec<Manifest> = images.iter().map(described).collect();
    let sizes = images.iter().zip(&manifests).map(|(image, manifest)| {
        let preview = image.description.preview_bytes();
        (manifest, preview, image.bytes.len() as u64)
    });
    // A recipient may not tell: the stream then grows as it is sealed.
    let size = sealed_size_with_previews(&options, sizes).unwrap_or(0);
    let mut stream = Growing::new(usize::try_from(size).unwrap_or(0));
    for (image, manifest) in images.iter().zip(&manifests) {
        let (preview, len) = (image.description.preview_bytes(), image.bytes.len() as u64);
        sealer.start_item_with_preview(manifest, preview, Some(len))?;
        stream.pump(&mut sealer, &image.bytes)?;
        sealer.end_item()?;
    }
    sealer.finish_with_rng(rng)?;
    stream.pump(&mut sealer, &[])?;
    Ok(stream.into_vec())
}

/// A stream in memory, as long from the start as it will be, so that chunks are sealed where they stay.
struct Growing {
    bytes: Vec<u8>,
    len: usize,
}

impl Growing {
    fn new(size: usize) -> Self {
        Self {
            bytes: vec![0; size],
            len: 0,
        }
    }

    fn pump(&mut self, sealer: &mut Sealer, mut input: &[u8]) -> Result<(), SealError> {
        loop {
            let step = sealer.update(input, &mut self.bytes[self.len..])?;
            input = &input[step.consumed..];
            self.len += step.produced;
            if step.event != SealEvent::OutputFull {
                return Ok(());
            }
            let grown = self.bytes.len() + self.bytes.len().max(1 << 20);
            self.bytes.resize(grown, 0);
        }
    }

    fn into_vec(mut self) -> Vec<u8> {
        self.bytes.truncate(self.len);
        self.bytes
    }
}

/// Opens a whole stream, and returns its images only if everything about it holds. Raw frames that were compressed
/// are restored.
///
/// # Errors
/// [`OpenError`].
pub fn decrypt(sealed: &[u8], options: &OpenOptions) -> Result<Opened, OpenError> {
    let mut images = Vec::new();
    let report = open(sealed, options, Some(&mut images))?;
    restore_all(&mut images, options.get_limits())?;
    let images = images.into_iter().map(|(manifest, mut bytes)| OpenedImage {
        bytes: core::mem::take(&mut *bytes),
        manifest,
    });
    Ok(Opened {
        images: images.collect(),
        report,
    })
}

/// Reads a whole stream and keeps nothing of it but the report.
///
/// # Errors
/// [`OpenError`].
pub fn verify(sealed: &[u8], options: &OpenOptions) -> Result<Verified, OpenError> {
    open(sealed, options, None)
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Images that nobody sees before the stream is verified.
type Held = Vec<(Manifest, Zeroizing<Vec<u8>>)>;

fn open(
    sealed: &[u8],
    options: &OpenOptions,
    mut held: Option<&mut Held>,
) -> Result<Verified, OpenError> {
    // Nothing leaves these functions before `Verified`: that is what `spooled` promises.
    let mut options = options.clone().spooled();
    if options.needs_now() {
        options = options.now(now());
    }
    let (locked, mut input) = header(sealed)?;
    let mut opener = locked.unlock(&options)?.into_opener(&options)?;
    // How much of the last image is there; behind it is room for more.
    let mut len = 0;
    loop {
        let image = held.as_mut().and_then(|images| images.last_mut());
        let room = image.map_or(&mut [][..], |(_, image)| &mut image[len..]);
        let step = opener.update(input, room)?;
        input = &input[step.consumed..];
        len += step.produced;
        match (step.event, &mut held) {
            (OpenEvent::Item(manifest), Some(images)) => {
                images.push((manifest.into_inner(), Zeroizing::default()));
                len = 0;
            }
            (OpenEvent::Data, Some(images)) => {
                // No more than the stream can still hold, whatever it says.
                let waiting = opener.peek().len();
                let ahead = usize::try_from(opener.data_ahead()).unwrap_or(usize::MAX);
                if let Some((_, image)) = images.last_mut() {
                    append_zeros_wiping(image, waiting + ahead.min(input.len()));
                }
            }
            (OpenEvent::Data, None) => opener.consume(opener.peek().len()),
            (OpenEvent::NeedInput | OpenEvent::Finished, _) => break,
            _ => {}
        }
    }
    let verified = opener.finish()?;
    expect_end(input, verified.report().stream_bytes)?;
    Ok(verified)
}

fn header(sealed: &[u8]) -> Result<(Locked, &[u8]), FormatError> {
    let mut reader = HeaderReader::new();
    let (used, locked) = reader.push(sealed)?;
    let locked = locked.ok_or_else(|| reader.end_of_input())?;
    Ok((locked, &sealed[used..]))
}

fn expect_end(rest: &[u8], offset: u64) -> Result<(), FormatError> {
    if rest.is_empty() {
        return Ok(());
    }
    Err(FormatError::at(FormatErrorKind::TrailingBytes, offset))
}

/// Says what a stream says of itself, without a key. Nothing of it is authenticated.
///
/// # Errors
/// [`FormatError`] for what is not a whole stream.
pub fn inspect(sealed: &[u8]) -> Result<Survey, FormatError> {
    let mut walker = FrameWalker::new(Limits::DEFAULT);
    let used = walker.push(sealed)?;
    let survey = walker.finish()?;
    expect_end(&sealed[used..], survey.stream_bytes)?;
    Ok(survey)
}

/// Why a stream could not be rewrapped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RewrapError {
    /// The old stream could not be unlocked.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The new recipients cannot be used.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Returns the same stream for other recipients. The whole set is replaced; the payload is not touched.
///
/// See [`rewrapped_header`] for what this does not undo.
///
/// # Errors
/// [`RewrapError`].
pub fn rewrap(
    sealed: &[u8],
    options: &OpenOptions,
    recipients: &SealOptions,
) -> Result<Vec<u8>, RewrapError> {
    inspect(sealed).map_err(OpenError::from)?;
    let (locked, payload) = header(sealed).map_err(OpenError::from)?;
    let unlocked = locked.unlock(options)?;
    let header = rewrapped_header(&unlocked, recipients)?;
    Ok([header.as_slice(), payload].concat())
}
