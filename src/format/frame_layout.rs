//! What the samples of a raw frame are: the words that manifest, sender and reader share (SPEC section 7.7).
//!
//! The fields are called as DICOM calls them (PS3.3 C.7.6.3), and mean the same.

use thiserror::Error;

/// More than one key may seal: no frame is longer than this, 2^40 bytes.
const MOST_BYTES: u64 = 1 << 40;

/// The type of a sample: Bits Allocated (0028,0100) and Pixel Representation (0028,0103) in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SampleType {
    /// 8 bits, unsigned.
    U8,
    /// 16 bits, unsigned.
    U16,
    /// 16 bits, two's complement.
    I16,
    /// 32 bits, IEEE 754 binary32; every bit pattern is kept, those of NaN too.
    F32,
}

impl SampleType {
    /// Every type, with its word in the manifest.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::U8, "u8"),
        (Self::U16, "u16"),
        (Self::I16, "i16"),
        (Self::F32, "f32"),
    ];

    /// Returns the word that a manifest has for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::I16 => "i16",
            Self::F32 => "f32",
        }
    }

    /// Finds a type by its word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|row| row.1 == name).map(|row| row.0)
    }

    /// Returns how many bytes a sample has.
    #[must_use]
    pub const fn bytes(self) -> u8 {
        match self {
            Self::U8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::F32 => 4,
        }
    }

    /// Returns Bits Allocated (0028,0100): 8, 16 or 32.
    #[must_use]
    pub const fn bits_allocated(self) -> u8 {
        self.bytes().saturating_mul(8)
    }

    /// Returns Pixel Representation (0028,0103): 1 for two's complement, 0 for unsigned; nothing for floating point, where
    /// DICOM has none.
    #[must_use]
    pub const fn pixel_representation(self) -> Option<u8> {
        match self {
            Self::U8 | Self::U16 => Some(0),
            Self::I16 => Some(1),
            Self::F32 => None,
        }
    }
}

/// The order of the bytes in a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ByteOrder {
    /// The lowest byte first; samples of one byte have this order too.
    Little,
    /// The highest byte first.
    Big,
}

impl ByteOrder {
    /// The order of the machine that the program runs on.
    pub const NATIVE: Self = if cfg!(target_endian = "big") {
        Self::Big
    } else {
        Self::Little
    };

    /// Returns the word that a manifest has for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Little => "little",
            Self::Big => "big",
        }
    }

    /// Finds an order by its word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Little, Self::Big]
            .into_iter()
            .find(|order| order.name() == name)
    }
}

/// What the samples of a pixel mean, and in which order they stand: Photometric Interpretation (0028,0004), with words of
/// our own for the orders that DICOM does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PhotometricInterpretation {
    /// Not said; any number of samples.
    Unspecified,
    /// One sample, the smallest value is white.
    Monochrome1,
    /// One sample, the smallest value is black.
    Monochrome2,
    /// Red, green, blue.
    Rgb,
    /// Luminance and two colour differences, none of them subsampled.
    YbrFull,
    /// Blue, green, red, as OpenCV has them. Not a word of DICOM.
    Bgr,
    /// Red, green, blue, alpha. Not a word of DICOM.
    Rgba,
    /// Blue, green, red, alpha. Not a word of DICOM.
    Bgra,
}

impl PhotometricInterpretation {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Unspecified,
        Self::Monochrome1,
        Self::Monochrome2,
        Self::Rgb,
        Self::YbrFull,
        Self::Bgr,
        Self::Rgba,
        Self::Bgra,
    ];

    /// Returns the word that a manifest has for it: DICOM's, where DICOM has one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "UNSPECIFIED",
            Self::Monochrome1 => "MONOCHROME1",
            Self::Monochrome2 => "MONOCHROME2",
            Self::Rgb => "RGB",
            Self::YbrFull => "YBR_FULL",
            Self::Bgr => "BGR",
            Self::Rgba => "RGBA",
            Self::Bgra => "BGRA",
        }
    }

    /// Finds one by its word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Returns how many samples a pixel then has; nothing where any number will do.
    #[must_use]
    pub const fn samples_per_pixel(self) -> Option<u8> {
        match self {
            Self::Unspecified => None,
            Self::Monochrome1 | Self::Monochrome2 => Some(1),
            Self::Rgb | Self::YbrFull | Self::Bgr => Some(3),
            Self::Rgba | Self::Bgra => Some(4),
        }
    }
}

/// A layout that no frame can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the frame's layout is not sound: {reason}")]
#[non_exhaustive]
pub struct LayoutError {
    /// What is wrong with it.
    pub reason: &'static str,
}

/// What a raw frame is: how many samples, of which type, and what they mean.
///
/// The samples of a pixel stand together (Planar Configuration 0), pixels by rows. How far apart rows lie in somebody's
/// memory is not part of it: what is sealed has no gaps.
///
/// ```
/// use secimg::image::{FrameLayout, PhotometricInterpretation, SampleType};
///
/// let ct = FrameLayout::new(512, 512, SampleType::I16)
///     .photometric_interpretation(PhotometricInterpretation::Monochrome2)
///     .bits_stored(12);
/// assert_eq!(ct.packed_bytes(), 512 * 512 * 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameLayout {
    /// Rows (0028,0010), the height; at least 1.
    pub rows: u32,
    /// Columns (0028,0011), the width; at least 1.
    pub columns: u32,
    /// Samples per Pixel (0028,0002), 1 to 4.
    pub samples_per_pixel: u8,
    /// The type of each sample.
    pub sample_type: SampleType,
    /// Bits Stored (0028,0101), 1 to what the type has. A claim: no sample is changed for it.
    pub bits_stored: u8,
    /// What the samples of a pixel mean.
    pub photometric_interpretation: PhotometricInterpretation,
    /// The order of the bytes in each sample, in the sender's buffer and in what is sealed.
    pub byte_order: ByteOrder,
    /// When the frame was taken, in nanoseconds since 1970-01-01T00:00:00Z.
    pub time: Option<i64>,
}

impl FrameLayout {
    /// One sample a pixel, all bits stored, in this machine's byte order, and nothing said of what it means.
    #[must_use]
    pub const fn new(rows: u32, columns: u32, sample_type: SampleType) -> Self {
        Self {
            rows,
            columns,
            samples_per_pixel: 1,
            sample_type,
            bits_stored: sample_type.bits_allocated(),
            photometric_interpretation: PhotometricInterpretation::Unspecified,
            byte_order: match sample_type {
                SampleType::U8 => ByteOrder::Little,
                _ => ByteOrder::NATIVE,
            },
            time: None,
        }
    }

    /// Says how many samples a pixel has, 1 to 4.
    #[must_use]
    pub const fn samples_per_pixel(mut self, samples: u8) -> Self {
        self.samples_per_pixel = samples;
        self
    }

    /// Says what the samples mean, and with it how many a pixel has.
    #[must_use]
    pub const fn photometric_interpretation(mut self, meaning: PhotometricInterpretation) -> Self {
        self.photometric_interpretation = meaning;
        if let Some(samples) = meaning.samples_per_pixel() {
            self.samples_per_pixel = samples;
        }
        self
    }

    /// Says how many bits of a sample are used.
    #[must_use]
    pub const fn bits_stored(mut self, bits: u8) -> Self {
        self.bits_stored = bits;
        self
    }

    /// Says the order of the bytes in a sample. Samples of one byte have no other than [`ByteOrder::Little`].
    #[must_use]
    pub const fn byte_order(mut self, order: ByteOrder) -> Self {
        if self.sample_type.bytes() > 1 {
            self.byte_order = order;
        }
        self
    }

    /// Says when the frame was taken, in nanoseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn at_time(mut self, nanoseconds: i64) -> Self {
        self.time = Some(nanoseconds);
        self
    }

    /// Returns how many samples a row has, of all channels.
    #[must_use]
    pub fn row_samples(&self) -> u64 {
        u64::from(self.columns).saturating_mul(self.samples_per_pixel.into())
    }

    /// Returns how many bytes a row has, without what may lie between two of them.
    #[must_use]
    pub fn row_bytes(&self) -> u64 {
        self.row_samples()
            .saturating_mul(self.sample_type.bytes().into())
    }

    /// Returns how many bytes all samples have together: what is sealed, where it is not compressed.
    #[must_use]
    pub fn packed_bytes(&self) -> u64 {
        self.row_bytes().saturating_mul(self.rows.into())
    }

    /// Returns whether the samples are the same in number, place and type, whatever they mean and however their bytes are
    /// ordered: so a buffer for the one takes the other.
    #[must_use]
    pub fn has_shape_of(&self, other: &Self) -> bool {
        let shape = |layout: &Self| {
            (
                layout.rows,
                layout.columns,
                layout.samples_per_pixel,
                layout.sample_type,
            )
        };
        shape(self) == shape(other)
    }

    /// Tells whether a frame can have this layout.
    ///
    /// # Errors
    /// [`LayoutError`] says why not.
    pub fn check(&self) -> Result<(), LayoutError> {
        let meaning = self.photometric_interpretation.samples_per_pixel();
        let allocated = self.sample_type.bits_allocated();
        let one_byte = self.sample_type == SampleType::U8;
        let rules = [
            (
                self.rows > 0 && self.columns > 0,
                "there is no row, or no column",
            ),
            (
                (1..=4).contains(&self.samples_per_pixel),
                "a pixel has 1 to 4 samples",
            ),
            (
                meaning.is_none_or(|samples| samples == self.samples_per_pixel),
                "the photometric interpretation asks for another number of samples",
            ),
            (
                (1..=allocated).contains(&self.bits_stored),
                "the bits stored are not 1 to those of the sample type",
            ),
            (
                !one_byte || self.byte_order == ByteOrder::Little,
                "samples of one byte have the order `little`",
            ),
            (
                self.packed_bytes() <= MOST_BYTES,
                "it is larger than 2^40 bytes",
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, reason)) => Err(LayoutError { reason }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_again() {
        for (sample_type, name) in SampleType::ALL {
            assert_eq!(sample_type.name(), name);
            assert_eq!(SampleType::from_name(name), Some(sample_type));
        }
        for meaning in PhotometricInterpretation::ALL {
            let found = PhotometricInterpretation::from_name(meaning.name());
            assert_eq!(found, Some(meaning));
        }
        let signs = SampleType::ALL.map(|(sample_type, _)| sample_type.pixel_representation());
        assert_eq!(signs, [Some(0), Some(0), Some(1), None]);
        assert_eq!(SampleType::from_name("u32"), None);
        assert_eq!(ByteOrder::from_name("big"), Some(ByteOrder::Big));
        assert_eq!(ByteOrder::from_name("middle"), None);
    }

    #[test]
    fn what_no_frame_can_have_is_refused() {
        let good = FrameLayout::new(3, 5, SampleType::U16).bits_stored(12);
        assert_eq!(good.check(), Ok(()));
        let rgb = good.photometric_interpretation(PhotometricInterpretation::Rgb);
        assert_eq!(rgb.check(), Ok(()));
        assert_eq!(rgb.packed_bytes(), 3 * 5 * 3 * 2);
        let mut byte = FrameLayout::new(3, 5, SampleType::U8);
        byte.byte_order = ByteOrder::Big;
        let bad = [
            FrameLayout::new(0, 5, SampleType::U8),
            FrameLayout::new(3, 0, SampleType::U8),
            good.samples_per_pixel(0),
            good.samples_per_pixel(5),
            rgb.samples_per_pixel(4),
            good.bits_stored(0),
            good.bits_stored(17),
            FrameLayout::new(u32::MAX, u32::MAX, SampleType::F32).samples_per_pixel(4),
            FrameLayout::new(1 << 20, (1 << 20) + 1, SampleType::U8),
            byte,
        ];
        for layout in bad {
            assert!(layout.check().is_err(), "{layout:?}");
        }
    }
}
