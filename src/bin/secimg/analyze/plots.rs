//! Pictures in a page: plots as SVG, drawn by hand, and samples as PNG.

use core::fmt::Write;

use base64ct::{Base64, Encoding};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::picture::Picture;
use super::statistics::Histogram;
use crate::exit::{Failure, Status};

/// The longest side of a picture in the page, in pixels.
const SIDE: usize = 256;
/// How many pairs of neighbours are drawn.
const PAIRS: usize = 1500;
/// How high a histogram is drawn.
const HEIGHT: u64 = 120;

/// A picture as an `img` element.
pub(super) fn picture(picture: &Picture, alt: &str) -> Result<String, Failure> {
    let small = picture.thinned(SIDE);
    let colour = match small.channels {
        1 => ExtendedColorType::L8,
        _ => ExtendedColorType::Rgb8,
    };
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(
            &small.samples,
            side(small.width),
            side(small.height),
            colour,
        )
        .map_err(|error| Failure::new(Status::Io, "internal", error.to_string()))?;
    Ok(format!(
        "<img alt=\"{alt}\" src=\"data:image/png;base64,{}\">",
        Base64::encode_string(&png)
    ))
}

/// How often each value occurs, and a line where all would be if they were equally likely.
pub(super) fn histogram(counts: &Histogram) -> String {
    let total: u64 = counts.iter().copied().map(u64::from).sum();
    let mean = total / 256;
    let highest = counts.iter().copied().max().map_or(1, u64::from);
    let top = highest.max(mean * 3 / 2).max(1);
    let y = |count: u64| HEIGHT - count * HEIGHT / top;
    let mut bars = format!("M0 {HEIGHT}");
    for count in counts {
        // Writing to a string cannot fail.
        let _ = write!(bars, "V{}h1", y((*count).into()));
    }
    format!(
        "<svg viewBox=\"0 0 256 {HEIGHT}\" role=\"img\" aria-label=\"histogram\"><path class=\"bars\" d=\"{bars}V{HEIGHT}z\"/>\
         <path class=\"ideal\" d=\"M0 {0}h256\"/></svg>",
        y(mean)
    )
}

/// Samples, and beside each its neighbour to the right: a line where neighbours are alike, a cloud where they are not.
pub(super) fn scatter(picture: &Picture) -> String {
    let pairs = (picture.width - 1) * picture.height * picture.channels;
    let mut dots = String::new();
    for (one, other) in picture.neighbours(1, 0).step_by((pairs / PAIRS).max(1)) {
        // Writing to a string cannot fail.
        let _ = write!(dots, "M{one} {}h0", u8::MAX - other);
    }
    format!(
        "<svg viewBox=\"-3 -3 262 262\" role=\"img\" aria-label=\"neighbours\"><path class=\"dots\" d=\"{dots}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::super::picture::flat;
    use super::*;

    #[test]
    fn bars_are_as_high_as_their_counts() {
        let mut counts = [0; 256];
        (counts[0], counts[1]) = (256, 128);
        let svg = histogram(&counts);
        // The highest bar fills the plot, the next is half as high, and the mean is 1 of 256.
        assert!(svg.contains("d=\"M0 120V0h1V60h1V120h1"), "{svg}");
        assert!(svg.contains("d=\"M0 120h256\""), "{svg}");
        let svg = histogram(&[10; 256]);
        assert!(
            svg.contains("d=\"M0 120V40h1V40h1") && svg.contains("d=\"M0 40h256\""),
            "{svg}"
        );
    }

    #[test]
    fn so_many_dots_are_drawn() {
        let picture = flat();
        let dots = scatter(&picture).matches("h0").count();
        assert!((PAIRS..PAIRS * 11 / 10).contains(&dots), "{dots}");
        let black = Picture {
            width: 2,
            height: 1,
            channels: 1,
            samples: vec![0, 9],
        };
        assert!(scatter(&black).contains("d=\"M0 246h0\""));
    }

    #[test]
    fn samples_are_drawn_as_they_are() {
        let drawn = picture(&flat(), "flat").unwrap();
        let data = drawn
            .split("base64,")
            .nth(1)
            .unwrap()
            .trim_end_matches("\">");
        let shown = image::load_from_memory(&Base64::decode_vec(data).unwrap())
            .unwrap()
            .into_luma8();
        assert_eq!((shown.width(), shown.height()), (256, 256));
        assert_eq!(shown.as_raw(), &flat().thinned(SIDE).samples);
    }
}
