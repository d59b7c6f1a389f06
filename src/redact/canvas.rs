//! A decoded picture as rows of samples, of which rectangles are taken out and put back.

use core::ops::Range;

use ::image::codecs::png::{CompressionType, FilterType, PngEncoder};
use ::image::{DynamicImage, ExtendedColorType, ImageEncoder};
use zeroize::{Zeroize, Zeroizing};

use crate::decode::{DecodeError, apart};

use super::Rect;

/// What a pixel consists of: grey or red, green and blue, with or without opacity, of 8 or 16 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) name: &'static str,
    pub(super) channels: u8,
    pub(super) bits: u8,
    color: ExtendedColorType,
}

/// Every layout that a PNG has.
pub(super) const LAYOUTS: [Layout; 8] = {
    use ExtendedColorType::{L8, L16, La8, La16, Rgb8, Rgb16, Rgba8, Rgba16};
    [
        Layout::new("gray8", 1, 8, L8),
        Layout::new("graya8", 2, 8, La8),
        Layout::new("rgb8", 3, 8, Rgb8),
        Layout::new("rgba8", 4, 8, Rgba8),
        Layout::new("gray16", 1, 16, L16),
        Layout::new("graya16", 2, 16, La16),
        Layout::new("rgb16", 3, 16, Rgb16),
        Layout::new("rgba16", 4, 16, Rgba16),
    ]
};

impl Layout {
    const fn new(name: &'static str, channels: u8, bits: u8, color: ExtendedColorType) -> Self {
        Self {
            name,
            channels,
            bits,
            color,
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        LAYOUTS.into_iter().find(|layout| layout.name == name)
    }

    fn of(channels: u8, bits: u8) -> Option<Self> {
        let fits = |layout: &Self| layout.channels == channels && layout.bits == bits;
        LAYOUTS.into_iter().find(fits)
    }

    /// Bytes a pixel.
    pub(super) fn pixel(self) -> usize {
        usize::from(self.channels) * usize::from(self.bits / 8)
    }

    /// A pixel of this colour, opaque. Without colours its brightness is taken (ITU-R BT.601).
    pub(super) fn solid(self, [red, green, blue]: [u8; 3]) -> Vec<u8> {
        let [r, g, b] = [red, green, blue].map(u32::from);
        let brightness = (299 * r + 587 * g + 114 * b + 500) / 1000;
        let grey = u8::try_from(brightness).unwrap_or(u8::MAX);
        let samples: &[u8] = match self.channels {
            1 => &[grey],
            2 => &[grey, u8::MAX],
            3 => &[red, green, blue],
            _ => &[red, green, blue, u8::MAX],
        };
        // 16 bits: 0xFF becomes 0xFFFF.
        let wide = usize::from(self.bits / 8);
        samples
            .iter()
            .flat_map(|sample| core::iter::repeat_n(*sample, wide))
            .collect()
    }
}

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

    /// The same pixels in another layout; nothing where it cannot say them all. Programs that write a PNG anew may choose a
    /// smaller layout, or a larger one.
    pub(super) fn in_layout(self, layout: Layout) -> Option<Self> {
        if self.layout == layout {
            return Some(self);
        }
        let pixels = self.samples.len() / self.layout.pixel();
        let mut samples = Zeroizing::new(Vec::with_capacity(pixels * layout.pixel()));
        for pixel in self.samples.chunks_exact(self.layout.pixel()) {
            push_exactly(widest(pixel, self.layout), layout, &mut samples)?;
        }
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
        encoder.write_image(samples, self.width, self.height, self.layout.color)?;
        Ok(png)
    }
}

/// Red, green, blue and opacity of a pixel, 16 bits each.
fn widest(pixel: &[u8], layout: Layout) -> [u16; 4] {
    let sample = |at: u8| {
        let at = usize::from(at);
        match layout.bits {
            8 => u16::from(pixel[at]) * 257,
            _ => u16::from_be_bytes([pixel[2 * at], pixel[2 * at + 1]]),
        }
    };
    match layout.channels {
        1 => [sample(0), sample(0), sample(0), u16::MAX],
        2 => [sample(0), sample(0), sample(0), sample(1)],
        3 => [sample(0), sample(1), sample(2), u16::MAX],
        _ => [sample(0), sample(1), sample(2), sample(3)],
    }
}

/// Appends a pixel if the layout can say it.
fn push_exactly(pixel: [u16; 4], layout: Layout, samples: &mut Vec<u8>) -> Option<()> {
    let [red, green, blue, opacity] = pixel;
    let is_grey = red == green && green == blue;
    let fits = match layout.channels {
        1 => is_grey && opacity == u16::MAX,
        2 => is_grey,
        3 => opacity == u16::MAX,
        _ => true,
    };
    let said: &[u16] = match layout.channels {
        1 => &[red],
        2 => &[red, opacity],
        3 => &[red, green, blue],
        _ => &pixel,
    };
    let is_narrow = said.iter().all(|sample| sample % 257 == 0);
    if !fits || (layout.bits == 8 && !is_narrow) {
        return None;
    }
    for sample in said {
        let [high, low] = sample.to_be_bytes();
        samples.push(high);
        if layout.bits == 16 {
            samples.push(low);
        }
    }
    Some(())
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

    fn canvas(layout: &str, samples: &[u8]) -> Canvas {
        let layout = Layout::named(layout).unwrap();
        Canvas {
            width: u32::try_from(samples.len() / layout.pixel()).unwrap(),
            height: 1,
            layout,
            samples: Zeroizing::new(samples.to_vec()),
        }
    }

    fn in_layout(from: &str, samples: &[u8], to: &str) -> Option<Vec<u8>> {
        let layout = Layout::named(to).unwrap();
        let changed = canvas(from, samples).in_layout(layout)?;
        assert_eq!(
            (changed.width, changed.layout),
            (canvas(from, samples).width, layout)
        );
        Some(changed.samples.to_vec())
    }

    #[test]
    fn a_layout_changes_only_where_every_pixel_stays() {
        assert_eq!(
            in_layout("rgb8", &[7, 7, 7, 9, 9, 9], "gray8"),
            Some(vec![7, 9])
        );
        assert_eq!(in_layout("rgb8", &[7, 7, 8], "gray8"), None);
        assert_eq!(
            in_layout("gray8", &[7], "rgba16"),
            Some(vec![7, 7, 7, 7, 7, 7, 255, 255])
        );
        assert_eq!(
            in_layout("rgba8", &[1, 2, 3, 255], "rgb8"),
            Some(vec![1, 2, 3])
        );
        assert_eq!(in_layout("rgba8", &[1, 2, 3, 254], "rgb8"), None);
        assert_eq!(
            in_layout("gray16", &[0x12, 0x12], "gray8"),
            Some(vec![0x12])
        );
        assert_eq!(in_layout("gray16", &[0x12, 0x13], "gray8"), None);
        assert_eq!(
            in_layout("graya8", &[1, 2], "rgba8"),
            Some(vec![1, 1, 1, 2])
        );
    }

    /// There and back, from each layout to the widest.
    #[test]
    fn the_widest_layout_says_them_all() {
        for layout in LAYOUTS {
            let samples: Vec<u8> = (1..=8).cycle().take(layout.pixel() * 2).collect();
            let wide = in_layout(layout.name, &samples, "rgba16").unwrap();
            assert_eq!(in_layout("rgba16", &wide, layout.name), Some(samples));
        }
    }

    #[test]
    fn a_fill_is_opaque_and_of_the_layouts_own_samples() {
        let solid = |name| Layout::named(name).unwrap().solid([255, 128, 0]);
        assert_eq!(solid("rgb8"), [255, 128, 0]);
        assert_eq!(solid("rgba16"), [255, 255, 128, 128, 0, 0, 255, 255]);
        assert_eq!(solid("graya8"), [151, 255]);
        assert_eq!(Layout::named("gray16").unwrap().solid([255; 3]), [255, 255]);
    }

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
