//! The pictures of `secimg demo`, computed: the binary carries none.
//!
//! They are the same on every machine. Only `+ - * /`, square roots and `floor` are used, whose
//! results IEEE 754 fixes to the last bit.

mod dicom;
mod landscape;
mod noise;
mod phantom;

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, ImageResult};

/// A picture, as its file.
#[derive(Debug)]
pub(crate) struct Sample {
    /// The file's name.
    pub(crate) name: &'static str,
    /// What can be seen, in plain words.
    pub(crate) what: &'static str,
    /// The file.
    pub(crate) bytes: Vec<u8>,
}

/// Draws every sample.
pub(crate) fn all() -> ImageResult<Vec<Sample>> {
    let phantom = phantom::draw();
    Ok(vec![
        Sample {
            name: "landscape.jpg",
            what: "a landscape (JPEG, 8-bit colour)",
            bytes: landscape_jpeg()?,
        },
        Sample {
            name: "phantom.png",
            what: "a head phantom (PNG, 16-bit grey)",
            bytes: phantom_png(&phantom)?,
        },
        Sample {
            name: "phantom.dcm",
            what: "the same phantom (DICOM, 12-bit grey)",
            bytes: dicom::file(&phantom),
        },
    ])
}

fn landscape_jpeg() -> ImageResult<Vec<u8>> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 90).encode_image(&landscape::draw())?;
    Ok(file)
}

/// Sixteen times each value, so that 12 bits fill the 16 of the file and a viewer shows the contrast.
fn phantom_png(phantom: &phantom::Phantom) -> ImageResult<Vec<u8>> {
    let image = DynamicImage::ImageLuma16(phantom::scaled(phantom, 16));
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, ImageFormat::Png)?;
    Ok(file.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secimg::image::sniff;

    #[test]
    fn they_are_what_they_say_and_the_same_each_time() {
        let (first, second) = (all().unwrap(), all().unwrap());
        for (sample, again) in first.iter().zip(&second) {
            assert_eq!(sample.bytes, again.bytes, "{}", sample.name);
        }
        let seen: Vec<_> = first.iter().map(|s| sniff(&s.bytes)).collect();
        let formats: Vec<_> = seen.iter().map(|info| info.format).collect();
        assert_eq!(formats, ["jpeg", "png", "dicom"]);
        let sizes: Vec<_> = seen
            .iter()
            .map(|i| (i.claims.width, i.claims.height))
            .collect();
        let (wide, square) = ((Some(1200), Some(800)), (Some(512), Some(512)));
        assert_eq!(sizes, [wide, square, square]);
        assert_eq!(seen[1].claims.bits, Some(16));
        assert_eq!(seen[2].claims.bits, Some(12));
    }

    #[test]
    fn the_two_phantoms_show_the_same() {
        let phantom = phantom::draw();
        let png = image::load_from_memory(&phantom_png(&phantom).unwrap())
            .unwrap()
            .into_luma16();
        let dicom = dicom::file(&phantom);
        let pixels = &dicom[dicom.len() - 512 * 512 * 2..];
        for (pixel, bytes) in png.pixels().zip(pixels.as_chunks().0) {
            assert_eq!(pixel.0[0], u16::from_le_bytes(*bytes) * 16);
        }
    }
}
