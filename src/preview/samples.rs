//! The samples of a picture, for who computes with them.

use core::fmt;

use ::image::DynamicImage;

use super::decode::{DecodeError, Decoded, apart, decode};
use super::grey;

/// What [`samples`] returns: rows from the top, nothing between them, 8 bits a sample.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Samples {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Samples a pixel: 1 (grey) or 3 (red, green, blue).
    pub channels: u8,
    /// Bits a sample, as the decoder gave them: more than 8 were reduced to 8.
    pub decoded_bits: u8,
    /// `width * height * channels` samples.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            width,
            height,
            channels,
            decoded_bits,
            ..
        } = self;
        write!(
            f,
            "Samples({width} x {height} x {channels}, {decoded_bits} bits)"
        )
    }
}

/// Decodes a picture to samples of 8 bits, grey or red, green and blue.
///
/// Opacity is left out, and neither orientation nor a colour profile is applied. Grey of 16 bits is stretched, so that its
/// darkest sample becomes 0 and its brightest 255; all else of more than 8 bits keeps its brightness. Of an animation the
/// first picture counts.
///
/// ```
/// let samples = secimg::preview::samples(b"P5 2 1 255 \x00\xff")?;
/// assert_eq!((samples.width, samples.height, samples.channels), (2, 1, 1));
/// assert_eq!(samples.bytes, [0x00, 0xFF]);
/// # Ok::<(), secimg::preview::DecodeError>(())
/// ```
///
/// # Errors
/// [`DecodeError`].
pub fn samples(image: &[u8]) -> Result<Samples, DecodeError> {
    let Decoded { pixels, .. } = decode(image)?;
    apart(|| Ok(taken(pixels)))
}

fn taken(pixels: DynamicImage) -> Samples {
    let (width, height, color) = (pixels.width(), pixels.height(), pixels.color());
    let decoded_bits = color.bits_per_pixel() / u16::from(color.channel_count());
    let (channels, bytes) = match grey::eight_bit(pixels) {
        DynamicImage::ImageLuma8(grey) => (1, grey.into_raw()),
        DynamicImage::ImageLumaA8(grey) => (1, DynamicImage::from(grey).into_luma8().into_raw()),
        other => (3, other.into_rgb8().into_raw()),
    };
    Samples {
        width,
        height,
        channels,
        decoded_bits: u8::try_from(decoded_bits).unwrap_or(u8::MAX),
        bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_come_in_their_order() {
        let picture = samples(b"P6 1 2 255 \x01\x02\x03\xFD\xFE\xFF").unwrap();
        assert_eq!((picture.width, picture.height, picture.channels), (1, 2, 3));
        assert_eq!(picture.bytes, [0x01, 0x02, 0x03, 0xFD, 0xFE, 0xFF]);
        assert_eq!(picture.decoded_bits, 8);
    }

    #[test]
    fn sixteen_bits_of_grey_are_stretched() {
        let picture = samples(b"P5 3 1 65535 \x10\x00\x18\x00\x20\x00").unwrap();
        assert_eq!((picture.channels, picture.decoded_bits), (1, 16));
        assert_eq!(picture.bytes, [0, 127, 255]);
    }

    #[test]
    fn opacity_is_left_out() {
        let pam = b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n\x40\x00";
        let picture = samples(pam).unwrap();
        assert_eq!((picture.channels, picture.bytes), (1, vec![0x40]));
    }

    #[test]
    fn what_is_no_picture_has_none() {
        assert_eq!(
            samples(b"words, not pixels").unwrap_err(),
            DecodeError::Format("opaque")
        );
    }
}
