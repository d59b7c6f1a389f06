//! What the pixels of a picture consist of.

use ::image::ExtendedColorType;
use zeroize::Zeroizing;

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

    pub(super) fn of(channels: u8, bits: u8) -> Option<Self> {
        let fits = |layout: &Self| layout.channels == channels && layout.bits == bits;
        LAYOUTS.into_iter().find(fits)
    }

    /// As the encoder calls it.
    pub(super) const fn color(self) -> ExtendedColorType {
        self.color
    }

    /// Bytes a pixel.
    pub(super) fn pixel(self) -> usize {
        usize::from(self.channels) * usize::from(self.bits / 8)
    }

    /// The same pixels in another layout; nothing where it cannot say them all. Programs that write a picture anew may choose a
    /// smaller layout, or a larger one.
    pub(super) fn rewritten(self, samples: &[u8], to: Self) -> Option<Zeroizing<Vec<u8>>> {
        let pixels = samples.len() / self.pixel();
        let mut rewritten = Zeroizing::new(Vec::with_capacity(pixels * to.pixel()));
        for pixel in samples.chunks_exact(self.pixel()) {
            push_exactly(widest(pixel, self), to, &mut rewritten)?;
        }
        Some(rewritten)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn in_layout(from: &str, samples: &[u8], to: &str) -> Option<Vec<u8>> {
        let to = Layout::named(to).unwrap();
        let rewritten = Layout::named(from).unwrap().rewritten(samples, to)?;
        Some(rewritten.to_vec())
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
}
