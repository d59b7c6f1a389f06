//! One digest for all files that show the same pixels.

use core::fmt;

use ::image::DynamicImage;
use sha2::{Digest, Sha256};

use super::decode::{DecodeError, Decoded, apart, decode, sniffed};

/// What a pixel digest begins with.
const DOMAIN: &[u8] = b"secimg/1 pixels\0";
/// The formats in [`FORMATS`](crate::image::FORMATS) whose decoders all give the same samples.
const LOSSLESS: [&str; 7] = ["png", "bmp", "qoi", "pbm", "pgm", "ppm", "pam"];

/// SHA-256 over the pixels of an image: see [`pixel_digest`].
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PixelDigest {
    /// The digest.
    pub sha256: [u8; 32],
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Samples a pixel.
    pub channels: u8,
    /// Bits a sample: 8 or 16.
    pub bits: u8,
}

impl fmt::Debug for PixelDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            width,
            height,
            channels,
            bits,
            ..
        } = self;
        write!(
            f,
            "PixelDigest({width} x {height} x {channels}, {bits} bits)"
        )
    }
}

/// Returns one digest for all files that have the same pixels, whatever compresses them and whatever stands beside them.
///
/// SHA-256 over `secimg/1 pixels`, a zero byte, columns and rows (four bytes each, big-endian), samples a pixel and bits a
/// sample (one byte each), and the samples row by row from the top, 16-bit ones little-endian, nothing between rows.
/// Palettes and samples of fewer than 8 bits are expanded to 8, opacity is a sample that is not multiplied in, and neither
/// orientation nor a colour profile is applied. Of an animation the first picture counts.
///
/// Formats that lose nothing have one: PNG, BMP, QOI and Netpbm. Decoders of JPEG differ in the last bit, so a digest of its
/// pixels would be one of the decoder too; TIFF and WebP may hold such pixels.
///
/// ```
/// use secimg::preview::pixel_digest;
///
/// let binary = pixel_digest(b"P5 2 1 255 \x00\xff")?;
/// let text = pixel_digest(b"P2 2 1 255 0 255")?;
/// assert_eq!(binary, text);
/// # Ok::<(), secimg::preview::DecodeError>(())
/// ```
///
/// # Errors
/// [`DecodeError`]; [`DecodeError::Format`] for other formats.
pub fn pixel_digest(image: &[u8]) -> Result<PixelDigest, DecodeError> {
    let format = sniffed(image);
    if !LOSSLESS.contains(&format) {
        return Err(DecodeError::Format(format));
    }
    let Decoded { pixels, .. } = decode(image)?;
    apart(|| digest_of(&pixels))
}

fn digest_of(pixels: &DynamicImage) -> Result<PixelDigest, DecodeError> {
    let color = pixels.color();
    let channels = color.channel_count();
    let (bits, samples) = match pixels {
        DynamicImage::ImageLuma16(image) => (16, Some(little_endian(image.as_raw()))),
        DynamicImage::ImageLumaA16(image) => (16, Some(little_endian(image.as_raw()))),
        DynamicImage::ImageRgb16(image) => (16, Some(little_endian(image.as_raw()))),
        DynamicImage::ImageRgba16(image) => (16, Some(little_endian(image.as_raw()))),
        DynamicImage::ImageLuma8(_)
        | DynamicImage::ImageLumaA8(_)
        | DynamicImage::ImageRgb8(_)
        | DynamicImage::ImageRgba8(_) => (8, None),
        _ => return Err(DecodeError::Unsupported("samples of this kind".to_owned())),
    };
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(pixels.width().to_be_bytes());
    hash.update(pixels.height().to_be_bytes());
    hash.update([channels, bits]);
    hash.update(samples.as_deref().unwrap_or_else(|| pixels.as_bytes()));
    Ok(PixelDigest {
        sha256: hash.finalize().into(),
        width: pixels.width(),
        height: pixels.height(),
        channels,
        bits,
    })
}

/// As the processor has them, they are in no order that could be written down.
fn little_endian(samples: &[u16]) -> Vec<u8> {
    samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect()
}
