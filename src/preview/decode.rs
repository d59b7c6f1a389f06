//! From the bytes of an image to its pixels, for what is made beside a stream and never for a stream itself.
//!
//! Decoders are large and their input is anybody's: they panic, and their limits have holes. So
//! one runs in a thread of its own, where a panic ends as an error, and only for images whose pixels have been counted
//! before memory is taken for them. A program that is built to abort on a panic gets no decoder at all.
//!
//! ```text
//! decode ── sniff ── limits ── thread ── the image crate
//! ```

use std::io::Cursor;
use std::thread;

use ::image::metadata::Orientation;
use ::image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use crate::image::{SNIFF_LEN, sniff};

pub use error::DecodeError;

mod error;
#[cfg(test)]
mod tests;

/// The name of the thread in which images are decoded, by which a program's panic hook knows that nothing of its own
/// went wrong.
pub const DECODER_THREAD: &str = "secimg decoder";

/// The longest side that is decoded, in pixels.
pub const MAX_SIDE: u32 = 32_768;
/// What the pixels of an image may take, in bytes: a quarter of what a decoder and what comes behind it may need in all.
pub const MAX_PIXEL_BYTES: u64 = 128 << 20;

/// The pixels of an image, as its file has them, and how they are to be turned.
pub(crate) struct Decoded {
    pub(crate) pixels: DynamicImage,
    pub(crate) orientation: Orientation,
}

/// Decodes an image; of several frames or pages the first.
///
/// # Errors
/// [`DecodeError`], whatever the decoder does, but for a stack that overflows or a process that has no memory left.
pub(crate) fn decode(image: &[u8]) -> Result<Decoded, DecodeError> {
    let format = format_of(image)?;
    apart(|| decode_as(image, format))
}

/// Runs work that may panic.
///
/// # Errors
/// [`DecodeError`], of the work or because it panicked.
pub(crate) fn apart<T: Send>(
    work: impl FnOnce() -> Result<T, DecodeError> + Send,
) -> Result<T, DecodeError> {
    if cfg!(panic = "abort") {
        return Err(DecodeError::NoUnwinding);
    }
    thread::scope(|scope| {
        let thread = thread::Builder::new().name(DECODER_THREAD.to_owned());
        let running = thread.spawn_scoped(scope, work);
        let running = running.map_err(|error| DecodeError::Thread(error.kind()))?;
        running.join().unwrap_or(Err(DecodeError::Panicked))
    })
}

/// The format's name in [`FORMATS`](crate::image::FORMATS).
pub(crate) fn sniffed(image: &[u8]) -> &'static str {
    sniff(&image[..image.len().min(SNIFF_LEN)]).format
}

fn format_of(image: &[u8]) -> Result<ImageFormat, DecodeError> {
    let name = sniffed(image);
    match name {
        "bmp" => Ok(ImageFormat::Bmp),
        "gif" => Ok(ImageFormat::Gif),
        "hdr" => Ok(ImageFormat::Hdr),
        "ico" => Ok(ImageFormat::Ico),
        "jpeg" => Ok(ImageFormat::Jpeg),
        "pbm" | "pgm" | "ppm" | "pam" => Ok(ImageFormat::Pnm),
        "png" => Ok(ImageFormat::Png),
        "qoi" => Ok(ImageFormat::Qoi),
        "tga" => Ok(ImageFormat::Tga),
        "tiff" | "bigtiff" => Ok(ImageFormat::Tiff),
        "webp" => Ok(ImageFormat::WebP),
        _ => Err(DecodeError::Format(name)),
    }
}

fn decode_as(image: &[u8], format: ImageFormat) -> Result<Decoded, DecodeError> {
    let mut reader = ImageReader::with_format(Cursor::new(image), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_PIXEL_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    // Not every decoder keeps to its limits, so what it is going to write is counted here.
    let bytes = decoder.total_bytes();
    if bytes > MAX_PIXEL_BYTES {
        let (width, height) = decoder.dimensions();
        return Err(DecodeError::TooLarge { width, height });
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let pixels = DynamicImage::from_decoder(decoder)?;
    if pixels.width() == 0 || pixels.height() == 0 {
        return Err(DecodeError::Damaged("it has no pixels".to_owned()));
    }
    Ok(Decoded {
        pixels,
        orientation,
    })
}

impl From<ImageError> for DecodeError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::Limit,
            ImageError::Unsupported(what) => Self::Unsupported(what.to_string()),
            other => Self::Damaged(other.to_string()),
        }
    }
}
