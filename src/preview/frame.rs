//! From the samples of a raw frame to a small picture.

use ::image::{DynamicImage, GrayImage, RgbImage, RgbaImage};
use zeroize::Zeroizing;

use super::decode::{DecodeError, apart};
use super::{MAX_EDGE, encode};
use crate::image::{ByteOrder, FrameLayout, PhotometricInterpretation, RawFrame, SampleType};

/// Makes a preview of a raw frame, as [`make_preview`](super::make_preview) makes one of a file.
///
/// Samples of 8 bits are shown as they are, and so are colours of 16 bits, as far as
/// [`bits_stored`](FrameLayout::bits_stored) of them are used. Of other samples the darkest becomes black and the brightest white,
/// with every value that is no number left out. `MONOCHROME1` is shown white on black as it is meant, and `YBR_FULL` as RGB (ITU-R
/// BT.601).
///
/// ```
/// use secimg::image::{FrameLayout, PhotometricInterpretation, RawFrame, SampleType};
/// use secimg::preview::make_frame_preview;
///
/// let layout = FrameLayout::new(2, 3, SampleType::U8)
///     .photometric_interpretation(PhotometricInterpretation::Monochrome2);
/// let preview = make_frame_preview(&RawFrame::new(&[0, 50, 100, 150, 200, 250], layout)?)?;
/// assert!(preview.starts_with(&[0xff, 0xd8]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`DecodeError::Unsupported`] where it is not said what several samples of a pixel mean; else only what concerns the encoder.
pub fn make_frame_preview(frame: &RawFrame<'_>) -> Result<Zeroizing<Vec<u8>>, DecodeError> {
    let layout = frame.layout();
    let one = layout.samples_per_pixel == 1;
    if layout.photometric_interpretation == PhotometricInterpretation::Unspecified && !one {
        return Err(DecodeError::Unsupported(
            "it is not said what the samples of a pixel mean".to_owned(),
        ));
    }
    let mut small = Small::of(frame);
    small.stretch(layout);
    let picture = small.picture(layout.photometric_interpretation);
    apart(|| encode(&picture.ok_or(DecodeError::Limit)?))
}

/// Means of the samples that fall on each pixel of the small picture.
struct Small {
    width: usize,
    height: usize,
    channels: usize,
    samples: Zeroizing<Vec<f64>>,
}

impl Small {
    fn of(frame: &RawFrame<'_>) -> Self {
        let layout = frame.layout();
        let (width, height) = reduced(layout.columns, layout.rows);
        let channels = usize::from(layout.samples_per_pixel);
        let mut sums = Zeroizing::new(vec![(0.0_f64, 0_u32); width * height * channels]);
        for (y, row) in frame.rows().enumerate() {
            let line = place(y, layout.rows, height) * width;
            for (at, value) in samples_of(row, layout).enumerate() {
                let x = place(at / channels, layout.columns, width);
                if value.is_finite() {
                    let (sum, count) = &mut sums[(line + x) * channels + at % channels];
                    *sum += value;
                    *count += 1;
                }
            }
        }
        let mean = |(sum, count): &(f64, u32)| match count {
            0 => f64::NAN,
            count => sum / f64::from(*count),
        };
        Self {
            width,
            height,
            channels,
            samples: Zeroizing::new(sums.iter().map(mean).collect()),
        }
    }

    /// Brings the samples to 0 for black and 255 for white.
    fn stretch(&mut self, layout: &FrameLayout) {
        let (low, high) = match (layout.sample_type, self.channels) {
            (SampleType::U8, _) => (0.0, 255.0),
            (SampleType::U16, 3 | 4) => (0.0, f64::from((1_u32 << layout.bits_stored) - 1)),
            _ => self.range(),
        };
        let range = if high > low { high - low } else { 1.0 };
        for sample in self.samples.iter_mut() {
            let level = (*sample - low) / range * 255.0;
            *sample = if level.is_nan() { 0.0 } else { level };
        }
    }

    fn range(&self) -> (f64, f64) {
        let numbers = self.samples.iter().filter(|sample| !sample.is_nan());
        numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), sample| {
            (low.min(*sample), high.max(*sample))
        })
    }

    /// Makes the picture, in the order of colours that encoders take.
    fn picture(&self, meaning: PhotometricInterpretation) -> Option<DynamicImage> {
        use PhotometricInterpretation as Meaning;
        let pixels = self.samples.chunks_exact(self.channels);
        let bytes: Vec<u8> = match meaning {
            Meaning::Monochrome1 => pixels
                .flatten()
                .map(|sample| byte(255.0 - sample))
                .collect(),
            Meaning::Bgr => pixels.flat_map(|p| [p[2], p[1], p[0]]).map(byte).collect(),
            Meaning::Bgra => pixels
                .flat_map(|p| [p[2], p[1], p[0], p[3]])
                .map(byte)
                .collect(),
            Meaning::YbrFull => pixels
                .flat_map(|p| rgb_of(p[0], p[1], p[2]))
                .map(byte)
                .collect(),
            _ => pixels.flatten().copied().map(byte).collect(),
        };
        let (width, height) = (
            u32::try_from(self.width).ok()?,
            u32::try_from(self.height).ok()?,
        );
        match self.channels {
            1 => GrayImage::from_raw(width, height, bytes).map(DynamicImage::from),
            3 => RgbImage::from_raw(width, height, bytes).map(DynamicImage::from),
            _ => RgbaImage::from_raw(width, height, bytes).map(DynamicImage::from),
        }
    }
}

/// Returns where one of `all` rows or columns falls when there are `few` of them.
fn place(number: usize, all: u32, few: usize) -> usize {
    let scaled = number as u64 * few as u64 / u64::from(all);
    usize::try_from(scaled).unwrap_or(0)
}

/// Columns and rows of the small picture: at least 1, at most [`MAX_EDGE`], and as wide for its height as the frame.
fn reduced(columns: u32, rows: u32) -> (usize, usize) {
    let longest = columns.max(rows);
    let scaled = |side: u32| {
        let side = u64::from(side);
        let small = match longest {
            longest if longest <= MAX_EDGE => side,
            longest => side * u64::from(MAX_EDGE) / u64::from(longest),
        };
        usize::try_from(small.max(1)).unwrap_or(1)
    };
    (scaled(columns), scaled(rows))
}

/// Returns the samples of a row as numbers.
fn samples_of<'a>(row: &'a [u8], layout: &FrameLayout) -> impl Iterator<Item = f64> + use<'a> {
    let FrameLayout {
        sample_type,
        byte_order,
        ..
    } = *layout;
    row.chunks_exact(sample_type.bytes().into())
        .map(move |bytes| {
            let mut native = [0; 4];
            let native = &mut native[..bytes.len()];
            native.copy_from_slice(bytes);
            if byte_order == ByteOrder::Big {
                native.reverse();
            }
            match (sample_type, &*native) {
                (SampleType::U16, [a, b]) => u16::from_le_bytes([*a, *b]).into(),
                (SampleType::I16, [a, b]) => i16::from_le_bytes([*a, *b]).into(),
                (SampleType::F32, [a, b, c, d]) => f32::from_le_bytes([*a, *b, *c, *d]).into(),
                (_, [a, ..]) => (*a).into(),
                (_, []) => f64::NAN,
            }
        })
}

/// ITU-R BT.601, full range, as DICOM PS3.3 C.7.6.3.1.2 has it.
fn rgb_of(y: f64, cb: f64, cr: f64) -> [f64; 3] {
    let (cb, cr) = (cb - 128.0, cr - 128.0);
    [
        1.402_f64.mul_add(cr, y),
        (-0.344_136_f64).mul_add(cb, (-0.714_136_f64).mul_add(cr, y)),
        1.772_f64.mul_add(cb, y),
    ]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is brought into range before"
)]
fn byte(level: f64) -> u8 {
    level.round().clamp(0.0, 255.0) as u8
}
