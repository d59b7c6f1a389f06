//! What the samples of a raw frame are.

use crate::image::{ByteOrder, FrameError, FrameLayout, PhotometricInterpretation, SampleType};

use super::callbacks::check_struct;
use super::fail::Fail;

/// Samples of 8 bits, unsigned.
pub const SECIMG_SAMPLE_U8: u32 = 1;
/// Samples of 16 bits, unsigned.
pub const SECIMG_SAMPLE_U16: u32 = 2;
/// Samples of 16 bits, two's complement.
pub const SECIMG_SAMPLE_I16: u32 = 3;
/// Samples of 32 bits, IEEE 754 binary32.
pub const SECIMG_SAMPLE_F32: u32 = 4;

/// It is not said what the samples of a pixel mean.
pub const SECIMG_PHOTOMETRIC_UNSPECIFIED: u32 = 0;
/// One sample, the smallest value is white.
pub const SECIMG_PHOTOMETRIC_MONOCHROME1: u32 = 1;
/// One sample, the smallest value is black.
pub const SECIMG_PHOTOMETRIC_MONOCHROME2: u32 = 2;
/// Red, green, blue.
pub const SECIMG_PHOTOMETRIC_RGB: u32 = 3;
/// Luminance and two colour differences, none of them subsampled.
pub const SECIMG_PHOTOMETRIC_YBR_FULL: u32 = 4;
/// Blue, green, red, as OpenCV has them.
pub const SECIMG_PHOTOMETRIC_BGR: u32 = 5;
/// Red, green, blue, alpha.
pub const SECIMG_PHOTOMETRIC_RGBA: u32 = 6;
/// Blue, green, red, alpha.
pub const SECIMG_PHOTOMETRIC_BGRA: u32 = 7;

/// The byte order of the machine that the program runs on.
pub const SECIMG_BYTE_ORDER_NATIVE: u32 = 0;
/// The lowest byte of a sample first.
pub const SECIMG_BYTE_ORDER_LITTLE: u32 = 1;
/// The highest byte of a sample first.
pub const SECIMG_BYTE_ORDER_BIG: u32 = 2;

/// What the samples of a raw frame are, in the words of DICOM (PS3.3 C.7.6.3). The samples of a pixel stand together, pixels
/// by rows.
///
/// Set all of it to 0, then `struct_size`, and what there is to say.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct secimg_frame_layout {
    /// `sizeof(secimg_frame_layout)`, also where the library fills the struct in.
    pub struct_size: usize,
    /// Rows (0028,0010), the height.
    pub rows: u32,
    /// Columns (0028,0011), the width.
    pub columns: u32,
    /// Samples per Pixel (0028,0002), 1 to 4; 0: as many as the photometric interpretation asks for, or else 1.
    pub samples_per_pixel: u32,
    /// `SECIMG_SAMPLE_*`.
    pub sample_type: u32,
    /// Bits Stored (0028,0101); 0: all that the type has. A claim: no sample is changed for it.
    pub bits_stored: u32,
    /// `SECIMG_PHOTOMETRIC_*`.
    pub photometric_interpretation: u32,
    /// `SECIMG_BYTE_ORDER_*`. A frame is given back in the order that is asked for; a manifest never says
    /// `SECIMG_BYTE_ORDER_NATIVE`.
    pub byte_order: u32,
    /// Not 0: `time` says when the frame was taken.
    pub has_time: u32,
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    pub time: i64,
}

const SAMPLE_TYPES: [(u32, SampleType); 4] = [
    (SECIMG_SAMPLE_U8, SampleType::U8),
    (SECIMG_SAMPLE_U16, SampleType::U16),
    (SECIMG_SAMPLE_I16, SampleType::I16),
    (SECIMG_SAMPLE_F32, SampleType::F32),
];

const MEANINGS: [(u32, PhotometricInterpretation); 8] = [
    (
        SECIMG_PHOTOMETRIC_UNSPECIFIED,
        PhotometricInterpretation::Unspecified,
    ),
    (
        SECIMG_PHOTOMETRIC_MONOCHROME1,
        PhotometricInterpretation::Monochrome1,
    ),
    (
        SECIMG_PHOTOMETRIC_MONOCHROME2,
        PhotometricInterpretation::Monochrome2,
    ),
    (SECIMG_PHOTOMETRIC_RGB, PhotometricInterpretation::Rgb),
    (
        SECIMG_PHOTOMETRIC_YBR_FULL,
        PhotometricInterpretation::YbrFull,
    ),
    (SECIMG_PHOTOMETRIC_BGR, PhotometricInterpretation::Bgr),
    (SECIMG_PHOTOMETRIC_RGBA, PhotometricInterpretation::Rgba),
    (SECIMG_PHOTOMETRIC_BGRA, PhotometricInterpretation::Bgra),
];

const BYTE_ORDERS: [(u32, ByteOrder); 3] = [
    (SECIMG_BYTE_ORDER_LITTLE, ByteOrder::Little),
    (SECIMG_BYTE_ORDER_BIG, ByteOrder::Big),
    (SECIMG_BYTE_ORDER_NATIVE, ByteOrder::NATIVE),
];

/// Finds what a number of the header stands for.
pub(super) fn named<T: Copy>(
    table: &[(u32, T)],
    number: u32,
    wrong: &'static str,
) -> Result<T, Fail> {
    let row = table.iter().find(|row| row.0 == number);
    row.map(|row| row.1).ok_or_else(|| Fail::argument(wrong))
}

fn number_of<T: PartialEq>(table: &[(u32, T)], value: &T) -> u32 {
    let row = table.iter().find(|row| row.1 == *value);
    row.map_or(0, |row| row.0)
}

fn small(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

impl secimg_frame_layout {
    /// Reads the caller's struct.
    pub(super) unsafe fn read(layout: *const Self) -> Result<FrameLayout, Fail> {
        // SAFETY: the caller's struct.
        unsafe { check_struct(layout)? };
        // SAFETY: as checked.
        let c = unsafe { *layout };
        let sample_type = named(
            &SAMPLE_TYPES,
            c.sample_type,
            "sample_type is not one of SECIMG_SAMPLE_*",
        )?;
        let meaning = named(
            &MEANINGS,
            c.photometric_interpretation,
            "photometric_interpretation is not one of SECIMG_PHOTOMETRIC_*",
        )?;
        let order = named(
            &BYTE_ORDERS,
            c.byte_order,
            "byte_order is not one of SECIMG_BYTE_ORDER_*",
        )?;
        let mut read = FrameLayout::new(c.rows, c.columns, sample_type)
            .photometric_interpretation(meaning)
            .byte_order(order);
        if c.samples_per_pixel != 0 {
            read = read.samples_per_pixel(small(c.samples_per_pixel));
        }
        if c.bits_stored != 0 {
            read = read.bits_stored(small(c.bits_stored));
        }
        if c.has_time != 0 {
            read = read.at_time(c.time);
        }
        read.check().map_err(FrameError::from)?;
        Ok(read)
    }

    pub(super) fn of(layout: &FrameLayout) -> Self {
        Self {
            struct_size: size_of::<Self>(),
            rows: layout.rows,
            columns: layout.columns,
            samples_per_pixel: layout.samples_per_pixel.into(),
            sample_type: number_of(&SAMPLE_TYPES, &layout.sample_type),
            bits_stored: layout.bits_stored.into(),
            photometric_interpretation: number_of(&MEANINGS, &layout.photometric_interpretation),
            byte_order: number_of(&BYTE_ORDERS, &layout.byte_order),
            has_time: layout.time.is_some().into(),
            time: layout.time.unwrap_or(0),
        }
    }
}
