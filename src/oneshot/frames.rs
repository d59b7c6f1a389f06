//! Raw frames in memory: sealed from the caller's samples, restored when all of their stream is verified.

use zeroize::{Zeroize, Zeroizing};

use super::{Growing, Held, OpenedImage, now};
use crate::crypto::Random;
use crate::format::Limits;
use crate::image::{Compression, FrameError, FrameMut, RawFrame};
use crate::stream::{
    FrameItem, ImageDescription, OpenError, SealError, SealOptions, Sealer, restore_frame,
    restored_original, sealed_size_with_previews,
};

/// Seals raw frames into one stream, with one key operation a recipient.
///
/// What lies between the rows of a frame is neither read nor sealed.
///
/// ```
/// use secimg::image::{Compression, FrameLayout, FrameMut, RawFrame, SampleType};
/// use secimg::keys::{GenerateKind, PrivateKey};
/// use secimg::{ImageDescription, OpenOptions, SealOptions, decrypt, encrypt_frames};
///
/// let doctor = PrivateKey::generate(GenerateKind::Rsa { bits: 2048 })?;
/// let options = SealOptions::new().recipient(doctor.public().recipient()?);
///
/// // 480 rows of 640 samples, in memory that has room for 1024 bytes behind each row.
/// let layout = FrameLayout::new(480, 640, SampleType::U16).bits_stored(12);
/// let camera = vec![7_u8; 480 * (1280 + 1024)];
/// let frame = RawFrame::with_stride(&camera, layout, 1280 + 1024)?;
/// let named = ImageDescription::new().named("frame-1.raw");
/// let sealed = encrypt_frames(&[(frame, named)], Compression::Auto, &options)?;
///
/// let opened = decrypt(&sealed, &OpenOptions::new().identity(doctor.identity()?))?;
/// let mut samples = vec![0; 480 * 1280];
/// opened.images[0].copy_frame(&mut FrameMut::new(&mut samples, layout)?)?;
/// assert!(samples.iter().all(|byte| *byte == 7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`encrypt`](crate::encrypt).
pub fn encrypt_frames(
    frames: &[(RawFrame<'_>, ImageDescription)],
    compression: Compression,
    options: &SealOptions,
) -> Result<Vec<u8>, SealError> {
    encrypt_frames_with_rng(frames, compression, options, &mut Random::system())
}

/// As [`encrypt_frames`], with the caller's randomness: the same randomness, options and signing time give the same stream.
///
/// # Errors
/// As [`encrypt`](crate::encrypt).
pub fn encrypt_frames_with_rng(
    frames: &[(RawFrame<'_>, ImageDescription)],
    compression: Compression,
    options: &SealOptions,
    rng: &mut Random<'_>,
) -> Result<Vec<u8>, SealError> {
    let options = if options.has_signing_time() {
        options.clone()
    } else {
        options.clone().signing_time(now())
    };
    let mut sealer = Sealer::with_rng(&options, rng)?;
    let items: Vec<FrameItem<'_>> = frames
        .iter()
        .map(|(frame, description)| FrameItem::new(*frame, description, compression))
        .collect();
    let sizes = items
        .iter()
        .map(|item| (item.manifest(), item.preview(), item.data_len()));
    // A recipient may not tell: the stream then grows as it is sealed.
    let size = sealed_size_with_previews(&options, sizes).unwrap_or(0);
    let mut stream = Growing::new(usize::try_from(size).unwrap_or(0));
    for item in &items {
        sealer.start_item_with_preview(item.manifest(), item.preview(), Some(item.data_len()))?;
        item.data(|bytes| stream.pump(&mut sealer, bytes))?;
        sealer.end_item()?;
    }
    sealer.finish_with_rng(rng)?;
    stream.pump(&mut sealer, &[])?;
    Ok(stream.into_vec())
}

impl OpenedImage {
    /// Copies the samples of a raw frame to the caller's memory, with the caller's stride and in the caller's byte order.
    ///
    /// # Errors
    /// [`FrameError::NotAFrame`] for a file, and [`FrameError::Shape`] for a buffer of another frame; the samples in `into`
    /// are then wiped.
    pub fn copy_frame(&self, into: &mut FrameMut<'_>) -> Result<(), FrameError> {
        match &self.manifest.frame {
            Some(entry) => into.copy_packed(&entry.layout, &self.bytes),
            None => restore_frame(&self.manifest, &self.bytes, into),
        }
    }
}

/// Puts the originals in the place of what was made of them. All frames together have no more bytes than the limit says.
pub(crate) fn restore_all(images: &mut Held, limits: &Limits) -> Result<(), OpenError> {
    let mut left = limits.frame_bytes;
    for (number, (manifest, bytes)) in images.iter_mut().enumerate() {
        let restored = restored_original(manifest, bytes, left);
        let failed = |error| OpenError::Frame {
            item: number as u64,
            error,
        };
        if let Some(samples) = restored.map_err(failed)? {
            left = left.saturating_sub(samples.len() as u64);
            replace(bytes, samples);
        }
    }
    Ok(())
}

fn replace(bytes: &mut Zeroizing<Vec<u8>>, by: Zeroizing<Vec<u8>>) {
    bytes.zeroize();
    *bytes = by;
}
