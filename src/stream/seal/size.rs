//! How long a stream will be, before anything of it is sealed.

use crate::content::{Close, ContentWriter, Manifest};
use crate::format::{CORE_FRAME_LEN, Geometry};
use crate::stream::error::SealError;
use crate::stream::options::SealOptions;
use crate::stream::wrap::{check_recipients, intended, recipients_frame_len};

use super::closing::{check_signer, unsigned};
use super::padding::content_len;

/// Returns the exact length in bytes of the stream that a [`Sealer`](super::Sealer) makes with these options
/// of these items, in their order, each with its manifest and its length, and without flush and checkpoint:
/// the length of what [`encrypt_series`](crate::encrypt_series) returns.
///
/// No key is used, nothing random is drawn, and memory does not depend on the lengths: an HTTP header or a
/// file's allocation can be made before the first byte is read.
///
/// ```
/// use secimg::keys::{GenerateKind, PrivateKey};
/// use secimg::stream::describe;
/// use secimg::{Image, SealOptions, encrypt, sealed_size};
///
/// let doctor = PrivateKey::generate(GenerateKind::XWing)?;
/// let modality = PrivateKey::generate(GenerateKind::Ed25519)?;
/// let options = SealOptions::new()
///     .recipient(doctor.public().recipient()?)
///     .signer(modality.signer()?)
///     .padded();
///
/// let image = Image::new(*b"BM...").named("scan.bmp");
/// let manifest = describe(&image.bytes, &image.description);
/// let size = sealed_size(&options, [(&manifest, 5)])?;
/// assert_eq!(size, encrypt(&image, &options)?.len() as u64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// What sealing would say of the recipients, of the signer, of a manifest, and of a stream that is too long for one key;
/// [`SealError::SizeUnknown`] for a recipient whose [`body_len`](crate::keys::Recipient::body_len) is not
/// known.
pub fn sealed_size<'a>(
    options: &SealOptions,
    items: impl IntoIterator<Item = (&'a Manifest, u64)>,
) -> Result<u64, SealError> {
    let without = |(manifest, len)| (manifest, None, len);
    sealed_size_with_previews(options, items.into_iter().map(without))
}

/// As [`sealed_size`], for items of which some have a preview: each with its manifest, its preview and its length.
///
/// # Errors
/// As [`sealed_size`], and what sealing would say of a preview.
pub fn sealed_size_with_previews<'a>(
    options: &SealOptions,
    items: impl IntoIterator<Item = (&'a Manifest, Option<&'a [u8]>, u64)>,
) -> Result<u64, SealError> {
    check_recipients(options)?;
    options.signer.as_deref().map_or(Ok(()), check_signer)?;
    let header = CORE_FRAME_LEN + recipients_frame_len(&options.recipients)?;
    let content = items_len(options, items)?;
    let geometry = Geometry::new(options.chunk_size, options.suite.layout);
    let check = |len: u64| {
        let last = len >> options.chunk_size.log2();
        geometry.check_index(last, 0).map_err(SealError::TooLong)
    };
    // Behind this one the arithmetic stays far from its limits.
    check(content)?;
    let close = close_len(options) as u64;
    let whole = content_len(content, close, options.chunk_size, options.padded);
    check(whole)?;
    Ok(geometry.sealed_len(header as u64, whole))
}

/// The length of everything before CLOSE and the padding, counted by what writes it.
fn items_len<'a>(
    options: &SealOptions,
    items: impl IntoIterator<Item = (&'a Manifest, Option<&'a [u8]>, u64)>,
) -> Result<u64, SealError> {
    let mut writer = ContentWriter::new(options.digests);
    let mut written = Vec::new();
    for (manifest, preview, len) in items {
        writer.start_item_with_preview(manifest, preview, Some(len), &mut written)?;
        writer.count_data(len)?;
        writer.end_item(&mut written)?;
        written.clear();
    }
    writer.finish(&mut written)?;
    Ok(writer.offset())
}

/// The length of CLOSE: neither an offset nor a time nor what a signature says changes it.
fn close_len(options: &SealOptions) -> usize {
    let signer = options.signer.as_deref();
    let block = signer.map(|s| unsigned(s, 0, intended(&options.recipients)));
    Close::new(0, block).to_bytes().len()
}
