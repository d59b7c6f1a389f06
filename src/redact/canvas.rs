//! A decoded picture as rows of samples, of which rectangles are taken out and put back.

use core::ops::Range;

use ::image::codecs::png::{CompressionType, FilterType, PngEncoder};
use ::image::{DynamicImage, ImageEncoder};
use zeroize::{Zeroize, Zeroizing};

use crate::preview::decode::{DecodeError, apart};

use super::Rect;
use super::layout::Layout;

/// A picture. Samples of 16 bits are big-endian, as in a PNG; opacity is not multiplied in; nothing lies between rows.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Canvas {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) layout: Layout,
    pub(super) samples: Zeroizing<Vec<u8>>,
}

impl Canvas {
    /// Takes what a decoder made; nothing where a PNG cannot hold it.
    pub(super) fn new(image: DynamicImage) -> Option<Self> {
        let (width, height) = (image.width(), image.height());
        let color = image.color();
        let bits = color.bytes_per_pixel() / color.channel_count() * 8;
        let samples = match image {
            DynamicImage::ImageLuma8(image) => image.into_raw(),
            DynamicImage::ImageLumaA8(image) => image.into_raw(),
            DynamicImage::ImageRgb8(image) => image.into_raw(),
            DynamicImage::ImageRgba8(image) => image.into_raw(),
            DynamicImage::ImageLuma16(image) => big_endian(image.into_raw()),
            DynamicImage::ImageLumaA16(image) => big_endian(image.into_raw()),
            DynamicImage::ImageRgb16(image) => big_endian(image.into_raw()),
            DynamicImage::ImageRgba16(image) => big_endian(image.into_raw()),
            _ => return None,
        };
        Some(Self {
            width,
            height,
            layout: Layout::of(color.channel_count(), bits)?,
            samples: Zeroizing::new(samples),
        })
    }

    /// Where in the samples each row of a rectangle lies, which must be in the picture.
    fn rows(&self, rect: Rect) -> impl Iterator<Item = Range<usize>> + use<> {
        let pixel = self.layout.pixel();
        let [width, x, y, columns, rows] =
            [self.width, rect.x(), rect.y(), rect.width(), rect.height()].map(|n| n as usize);
        (y..y + rows).map(move |row| {
            let start = (row * width + x) * pixel;
            start..start + columns * pixel
        })
    }

    /// How many bytes of samples a rectangle has, which must be in the picture.
    pub(super) fn bytes_of(&self, rect: Rect) -> usize {
        self.rows(rect).map(|row| row.len()).sum()
    }

    /// Appends the samples of a rectangle.
    pub(super) fn take(&self, rect: Rect, taken: &mut Vec<u8>) {
        for row in self.rows(rect) {
            taken.extend_from_slice(&self.samples[row]);
        }
    }

    /// Makes a rectangle all of one pixel.
    pub(super) fn fill(&mut self, rect: Rect, pixel: &[u8]) {
        for row in self.rows(rect) {
            for place in self.samples[row].chunks_exact_mut(pixel.len()) {
                place.copy_from_slice(pixel);
            }
        }
    }

    /// Puts the samples of a rectangle back, and returns those that are left.
    pub(super) fn put<'a>(&mut self, rect: Rect, mut taken: &'a [u8]) -> &'a [u8] {
        for row in self.rows(rect) {
            let (here, left) = taken.split_at(row.len());
            self.samples[row].copy_from_slice(here);
            taken = left;
        }
        taken
    }

    /// The same pixels in another layout; nothing where it cannot say them all.
    pub(super) fn in_layout(self, layout: Layout) -> Option<Self> {
        if self.layout == layout {
            return Some(self);
        }
        let samples = self.layout.rewritten(&self.samples, layout)?;
        Some(Self {
            layout,
            samples,
            ..self
        })
    }

    /// Writes a PNG with these pixels and nothing else than a colour profile.
    pub(super) fn to_png(
        &self,
        profile: Option<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, DecodeError> {
        // The encoder is not ours either.
        apart(|| self.encoded(profile))
    }

    fn encoded(&self, profile: Option<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, DecodeError> {
        // It takes samples as the processor has them.
        let native = (self.layout.bits == 16).then(|| native_endian(&self.samples));
        let samples = native.as_ref().unwrap_or(&self.samples);
        let mut png = Zeroizing::new(Vec::with_capacity(self.samples.len() / 2));
        let (fast, filter) = (CompressionType::Fast, FilterType::Adaptive);
        let mut encoder = PngEncoder::new_with_quality(&mut *png, fast, filter);
        if let Some(profile) = profile {
            encoder
                .set_icc_profile(profile)
                .map_err(|what| DecodeError::Unsupported(what.to_string()))?;
        }
        encoder.write_image(samples, self.width, self.height, self.layout.color())?;
        Ok(png)
    }
}

fn big_endian(mut samples: Vec<u16>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(samples.len() * 2);
    for sample in &samples {
        bytes.extend_from_slice(&sample.to_be_bytes());
    }
    samples.zeroize();
    bytes
}

fn native_endian(samples: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(samples.to_vec());
    for sample in bytes.as_chunks_mut().0 {
        *sample = u16::from_be_bytes(*sample).to_ne_bytes();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_come_out_and_go_back() {
        let mut canvas = Canvas {
            width: 4,
            height: 3,
            layout: Layout::named("gray16").unwrap(),
            samples: Zeroizing::new((0..24).collect()),
        };
        let original = canvas.clone();
        let rect: Rect = "1,1,2,2".parse().unwrap();
        let mut taken = Vec::new();
        canvas.take(rect, &mut taken);
        assert_eq!(taken, [10, 11, 12, 13, 18, 19, 20, 21]);
        canvas.fill(rect, &[0xEE, 0xEE]);
        let before = original.samples.iter().zip(&*canvas.samples);
        let changed = before.filter(|(before, after)| before != after);
        assert!(changed.clone().all(|(_, after)| *after == 0xEE));
        assert_eq!(changed.count(), 8);
        taken.push(99);
        assert_eq!(canvas.put(rect, &taken), [99]);
        assert!(canvas == original);
    }
}
