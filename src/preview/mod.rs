//! Previews: a small picture of an image, for who wants to see which one it is before all of it is there.
//!
//! Floor 5, feature `image`. A preview is made anew from the pixels. What the file itself calls a thumbnail is not used: it
//! may show what was cut away. It is turned as the image is shown, at most [`MAX_EDGE`] pixels long and [`MAX_BYTES`] in
//! all, a JPEG, or a PNG where the image has transparent parts, and holds nothing but pixels: no place, no time, no name.
//!
//! ```text
//! make_preview ── decode ── shrink ── turn ── encode, smaller until it fits
//! ```

use std::io::Cursor;

use ::image::codecs::jpeg::JpegEncoder;
use ::image::codecs::png::{CompressionType, FilterType, PngEncoder};
use ::image::{DynamicImage, ImageEncoder};
use zeroize::Zeroizing;

use decode::{Decoded, apart, decode};

pub use decode::{DECODER_THREAD, DecodeError, MAX_PIXEL_BYTES, MAX_SIDE};
pub use frame::make_frame_preview;
pub use pixels::{PixelDigest, pixel_digest};
pub use samples::{Samples, samples};

pub(crate) mod decode;
mod frame;
#[cfg(test)]
mod frame_tests;
mod grey;
mod pixels;
mod samples;
#[cfg(test)]
mod tests;

/// The longest side of a preview, in pixels.
pub const MAX_EDGE: u32 = 512;
/// The longest preview, in bytes: a record of a stream holds no more.
pub const MAX_BYTES: usize = 64 << 10;

/// What a JPEG is tried with, from good to bearable, before it gets smaller.
const QUALITIES: [u8; 4] = [82, 70, 55, 40];

/// Makes a preview of an image: JPEG (ITU-T T.81) or PNG (ISO/IEC 15948).
///
/// ```
/// // Two pixels, as PPM (netpbm).
/// let image = b"P6 2 1 255 \x00\x00\x00\xff\xff\xff";
/// let preview = secimg::preview::make_preview(image)?;
/// assert!(preview.starts_with(&[0xff, 0xd8]) && preview.len() <= secimg::preview::MAX_BYTES);
/// # Ok::<(), secimg::preview::DecodeError>(())
/// ```
///
/// # Errors
/// [`DecodeError`]: an image without a preview is sealed like any other.
pub fn make_preview(image: &[u8]) -> Result<Zeroizing<Vec<u8>>, DecodeError> {
    let decoded = decode(image)?;
    // What shrinks and encodes is not ours either.
    apart(|| encode(&shrink(decoded)))
}

/// Small first: turning a large image would take all of its memory again.
fn shrink(decoded: Decoded) -> DynamicImage {
    let Decoded {
        pixels,
        orientation,
    } = decoded;
    let mut small = reduce(&pixels, MAX_EDGE);
    drop(pixels);
    small.apply_orientation(orientation);
    grey::eight_bit(small)
}

/// Never larger than it was.
fn reduce(pixels: &DynamicImage, edge: u32) -> DynamicImage {
    let longest = pixels.width().max(pixels.height());
    if longest <= edge {
        return pixels.clone();
    }
    pixels.thumbnail(edge, edge)
}

fn encode(pixels: &DynamicImage) -> Result<Zeroizing<Vec<u8>>, DecodeError> {
    let mut edge = MAX_EDGE.min(pixels.width().max(pixels.height()));
    loop {
        let small = reduce(pixels, edge);
        let encoded = if grey::is_transparent(&small) {
            png(&small)?
        } else {
            smallest_jpeg(&small)?
        };
        if encoded.len() <= MAX_BYTES {
            return Ok(encoded);
        }
        edge = (edge / 4).saturating_mul(3).max(1);
    }
}

fn smallest_jpeg(pixels: &DynamicImage) -> Result<Zeroizing<Vec<u8>>, DecodeError> {
    let opaque = match pixels {
        DynamicImage::ImageLuma8(_) => pixels.clone(),
        other => other.to_rgb8().into(),
    };
    let mut encoded = Zeroizing::default();
    for quality in QUALITIES {
        let mut out = Cursor::new(Vec::with_capacity(MAX_BYTES));
        opaque.write_with_encoder(JpegEncoder::new_with_quality(&mut out, quality))?;
        encoded = Zeroizing::new(out.into_inner());
        if encoded.len() <= MAX_BYTES {
            break;
        }
    }
    Ok(encoded)
}

fn png(pixels: &DynamicImage) -> Result<Zeroizing<Vec<u8>>, DecodeError> {
    let mut out = Vec::with_capacity(MAX_BYTES);
    PngEncoder::new_with_quality(&mut out, CompressionType::Default, FilterType::Adaptive)
        .write_image(
            pixels.as_bytes(),
            pixels.width(),
            pixels.height(),
            pixels.color().into(),
        )?;
    Ok(Zeroizing::new(out))
}
