//! The file of a picture, decoded, and what of it is kept beside the pixels.

use std::io::Cursor;

use ::image::{ExtendedColorType, ImageDecoder, ImageFormat, ImageReader, Limits};
use zeroize::Zeroizing;

use crate::image::{ImageInfo, sniff};
use crate::preview::decode::{DecodeError, MAX_PIXEL_BYTES, MAX_SIDE, apart, decode};

use super::canvas::Canvas;
use super::container::{colour_of, sealed_part, with_colour};
use super::layout::Layout;
use super::{RedactError, Restores};

/// A decoded picture, upright.
pub(super) struct Source {
    pub(super) canvas: Canvas,
    format: ImageFormat,
    /// The file holds other pictures too, or does not say.
    has_more: bool,
    /// The file has a sealed part already.
    is_redacted: bool,
    /// Its colours as they are stored, where decoding converts them.
    converted: Option<&'static str>,
    /// The colour profile.
    profile: Option<Vec<u8>>,
    /// What else a PNG says of how its colours are to be shown: whole chunks.
    colour: Vec<u8>,
}

impl Source {
    pub(super) fn of(file: &[u8]) -> Result<Self, RedactError> {
        // All of it: the pages of a TIFF may be anywhere.
        let info = sniff(file);
        let format = format_of(&info)?;
        let mut decoded = decode(file)?;
        decoded.pixels.apply_orientation(decoded.orientation);
        let canvas = Canvas::new(decoded.pixels).ok_or(RedactError::Samples)?;
        let colours = apart(|| Colours::of(file, format))?;
        let layout = canvas.layout;
        let profile = colours.profile.filter(|profile| fits(profile, layout));
        let has_pages = matches!(format, ImageFormat::Png | ImageFormat::Tiff);
        Ok(Self {
            canvas,
            format,
            has_more: has_pages && info.claims.frames != Some(1),
            converted: colours.converted,
            is_redacted: sealed_part(file).is_ok(),
            colour: colour_of(file, false),
            profile,
        })
    }

    pub(super) fn is_jpeg(&self) -> bool {
        self.format == ImageFormat::Jpeg
    }

    /// What can be restored of it.
    pub(super) fn restores(&self, whole: bool) -> Result<Restores, RedactError> {
        if whole || self.is_jpeg() {
            return Ok(Restores::File);
        }
        if self.is_redacted {
            return Err(RedactError::Redacted);
        }
        if self.has_more {
            return Err(RedactError::ManyPictures);
        }
        match self.converted {
            Some(colours) => Err(RedactError::Converted(colours)),
            None => Ok(Restores::Pixels),
        }
    }

    /// The pixels as they are now, in a PNG.
    pub(super) fn to_png(&self) -> Result<Zeroizing<Vec<u8>>, RedactError> {
        let png = self.canvas.to_png(self.profile.clone());
        Ok(with_colour(
            &png.map_err(RedactError::Encode)?,
            &self.colour,
        ))
    }
}

fn format_of(info: &ImageInfo) -> Result<ImageFormat, RedactError> {
    match info.format {
        "png" => Ok(ImageFormat::Png),
        "bmp" => Ok(ImageFormat::Bmp),
        "tiff" | "bigtiff" => Ok(ImageFormat::Tiff),
        "jpeg" => Ok(ImageFormat::Jpeg),
        other => Err(RedactError::Format(other)),
    }
}

/// What a file's header says of its colours.
struct Colours {
    profile: Option<Vec<u8>>,
    converted: Option<&'static str>,
}

impl Colours {
    fn of(file: &[u8], format: ImageFormat) -> Result<Self, DecodeError> {
        let mut reader = ImageReader::with_format(Cursor::new(file), format);
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(MAX_PIXEL_BYTES);
        reader.limits(limits);
        let mut decoder = reader.into_decoder()?;
        let converted = match decoder.original_color_type() {
            ExtendedColorType::Cmyk8 | ExtendedColorType::Cmyk16 => Some("CMYK"),
            _ => None,
        };
        Ok(Self {
            // A profile that cannot be read is none.
            profile: decoder.icc_profile().unwrap_or_default(),
            converted,
        })
    }
}

/// Tells whether a profile (ICC.1, section 7.2) is one, and for colours of such samples. That of a picture in ink is for ink.
fn fits(profile: &[u8], layout: Layout) -> bool {
    let length = profile
        .first_chunk()
        .map(|length| u32::from_be_bytes(*length));
    let space: &[u8] = if layout.channels < 3 {
        b"GRAY"
    } else {
        b"RGB "
    };
    length.is_some_and(|length| length as usize == profile.len())
        && profile.get(16..20) == Some(space)
        && profile.get(36..40) == Some(b"acsp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_for_the_samples_that_there_are() {
        let layout = |name| Layout::named(name).unwrap();
        let mut profile = vec![0; 128];
        profile[3] = 128;
        profile[16..20].copy_from_slice(b"RGB ");
        profile[36..40].copy_from_slice(b"acsp");
        assert!(fits(&profile, layout("rgba16")));
        assert!(!fits(&profile, layout("graya8")));
        // Something behind its end.
        assert!(!fits(
            &[profile.as_slice(), b"Jane"].concat(),
            layout("rgb8")
        ));
        profile[16..20].copy_from_slice(b"CMYK");
        assert!(!fits(&profile, layout("rgb8")));
        assert!(!fits(&[], layout("rgb8")));
    }
}
