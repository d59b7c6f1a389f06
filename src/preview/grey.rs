//! Eight bits a sample, and what is seen through.

use ::image::{DynamicImage, GenericImageView, GrayImage, Luma, Pixel};

/// Takes any image to grey, grey with alpha, RGB or RGBA of eight bits.
///
/// Sixteen bits of grey are mostly ten to fourteen that a device measured: shown as they stand they are black. So the
/// darkest becomes black and the brightest white. Everything else keeps its brightness.
pub(super) fn eight_bit(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageLuma16(grey) => {
            let samples = grey.as_raw();
            let low = samples.iter().copied().min().unwrap_or(0);
            let high = samples.iter().copied().max().unwrap_or(u16::MAX);
            let range = u32::from(high - low).max(1);
            let stretch = |sample: u16| {
                u8::try_from(u32::from(sample - low) * 255 / range).unwrap_or(u8::MAX)
            };
            GrayImage::from_fn(grey.width(), grey.height(), |x, y| {
                Luma([stretch(grey.get_pixel(x, y).0[0])])
            })
            .into()
        }
        DynamicImage::ImageLuma8(_)
        | DynamicImage::ImageLumaA8(_)
        | DynamicImage::ImageRgb8(_)
        | DynamicImage::ImageRgba8(_) => pixels,
        DynamicImage::ImageLumaA16(_) => pixels.to_luma_alpha8().into(),
        other if other.color().has_alpha() => other.to_rgba8().into(),
        other => other.to_rgb8().into(),
    }
}

/// Tells whether anything is seen through the image.
pub(super) fn is_transparent(pixels: &DynamicImage) -> bool {
    pixels.color().has_alpha()
        && pixels
            .pixels()
            .any(|(_, _, pixel)| pixel.channels()[3] < u8::MAX)
}
