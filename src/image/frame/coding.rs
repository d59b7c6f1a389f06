//! Which frames are compressed, and how their samples become the numbers that the coder knows.

use zeroize::{Zeroize, Zeroizing};

use super::RawFrame;
use super::error::CodingError;
use super::rows::{load, of_float, signed, store, to_float};
use crate::format::{ByteOrder, FrameLayout, SampleType};
use crate::image::codec::{self, Outlook, Shape, Word};

/// Whether a frame is compressed, without loss, before it is sealed.
///
/// The length of what is sealed then tells outsiders how well a frame could be compressed, and so a little of what is on it:
/// an empty one is shorter. Where that matters, say [`Compression::Never`], or let lengths be hidden by
/// padding ([`SealOptions::padded`](crate::stream::SealOptions::padded)), which makes it coarser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Compression {
    /// Where it pays: samples of 16 and 32 bits if a fifth of their bytes is saved, samples of 8 bits if half of
    /// them is. A look at one row in 32 says beforehand whether it is worth trying.
    #[default]
    Auto,
    /// Never: the samples are sealed as they are.
    Never,
    /// Always, even where it saves nothing: noise grows by less than a sixteenth.
    Always,
}

/// What was done to the samples of a frame; its name stands in the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transform {
    /// `rice-1`: a predictor for the frame, and Golomb-Rice codes for what it did not foresee (SPEC section 7.7).
    Rice1,
}

impl Transform {
    /// Returns the name that a manifest has for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rice1 => "rice-1",
        }
    }

    /// Finds a transform by its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        (name == Self::Rice1.name()).then_some(Self::Rice1)
    }

    /// Returns the most bytes that the samples of such a frame have behind this transform.
    #[must_use]
    pub fn most_bytes(self, layout: &FrameLayout) -> u64 {
        let shape = shape(layout);
        let most = match layout.sample_type.bytes() {
            1 => codec::most_coded::<u8>(shape),
            2 => codec::most_coded::<u16>(shape),
            _ => codec::most_coded::<u32>(shape),
        };
        u64::try_from(most).unwrap_or(u64::MAX)
    }
}

fn shape(layout: &FrameLayout) -> Shape {
    Shape {
        rows: usize::try_from(layout.rows).unwrap_or(usize::MAX),
        row_samples: usize::try_from(layout.row_samples()).unwrap_or(usize::MAX),
        samples_per_pixel: layout.samples_per_pixel.into(),
    }
}

pub(super) fn compress(
    frame: &RawFrame<'_>,
    compression: Compression,
) -> Option<(Transform, Zeroizing<Vec<u8>>)> {
    use {ByteOrder as B, SampleType as S};
    let layout = frame.layout();
    let coded = match (layout.sample_type, layout.byte_order) {
        (S::U8, _) => compress_as(frame, compression, |[byte]| byte),
        (S::U16, B::Little) => compress_as(frame, compression, u16::from_le_bytes),
        (S::U16, B::Big) => compress_as(frame, compression, u16::from_be_bytes),
        (S::I16, B::Little) => compress_as(frame, compression, |b| signed(u16::from_le_bytes(b))),
        (S::I16, B::Big) => compress_as(frame, compression, |b| signed(u16::from_be_bytes(b))),
        (S::F32, B::Little) => compress_as(frame, compression, |b| of_float(u32::from_le_bytes(b))),
        (S::F32, B::Big) => compress_as(frame, compression, |b| of_float(u32::from_be_bytes(b))),
    }?;
    Some((Transform::Rice1, coded))
}

fn compress_as<W: Word + Zeroize, const N: usize>(
    frame: &RawFrame<'_>,
    compression: Compression,
    word: impl Fn([u8; N]) -> W + Copy,
) -> Option<Zeroizing<Vec<u8>>> {
    if compression == Compression::Never {
        return None;
    }
    let shape = shape(frame.layout());
    let rows = |at: usize, row: &mut [W]| load(frame.row(at), row, word);
    let outlook = codec::look(shape, rows);
    let is_auto = compression == Compression::Auto;
    if is_auto && !looks_worth_it::<W>(&outlook) {
        return None;
    }
    let coded = codec::encode(shape, outlook, rows);
    let len = u64::try_from(coded.len()).unwrap_or(u64::MAX);
    if is_auto && !pays::<W>(len, frame.packed_bytes()) {
        return None;
    }
    Some(coded)
}

fn looks_worth_it<W: Word>(outlook: &Outlook) -> bool {
    pays::<W>(outlook.bits, outlook.of_bits)
}

/// With samples of 16 bits compressing takes two or three times as long as sealing them as they are; a fifth saved is worth that
/// on the way and on the disk. Photographs of 8 bits mostly save a third, for the time of a decoder on every reading: they stay.
const fn pays<W: Word>(coded: u64, samples: u64) -> bool {
    if W::BITS == 8 {
        coded.saturating_mul(2) <= samples
    } else {
        coded.saturating_mul(5) <= samples.saturating_mul(4)
    }
}

/// Decodes a frame: `place` is called for each row, and given what fills its bytes.
pub(super) fn decode(
    layout: &FrameLayout,
    coded: &[u8],
    place: impl FnMut(&mut dyn FnMut(&mut [u8])),
) -> Result<(), CodingError> {
    use {ByteOrder as B, SampleType as S};
    match (layout.sample_type, layout.byte_order) {
        (S::U8, _) => decode_as(layout, coded, place, |byte: u8| [byte]),
        (S::U16, B::Little) => decode_as(layout, coded, place, u16::to_le_bytes),
        (S::U16, B::Big) => decode_as(layout, coded, place, u16::to_be_bytes),
        (S::I16, B::Little) => decode_as(layout, coded, place, |n| signed(n).to_le_bytes()),
        (S::I16, B::Big) => decode_as(layout, coded, place, |n| signed(n).to_be_bytes()),
        (S::F32, B::Little) => decode_as(layout, coded, place, |n| to_float(n).to_le_bytes()),
        (S::F32, B::Big) => decode_as(layout, coded, place, |n| to_float(n).to_be_bytes()),
    }
}

fn decode_as<W: Word + Zeroize, const N: usize>(
    layout: &FrameLayout,
    coded: &[u8],
    mut place: impl FnMut(&mut dyn FnMut(&mut [u8])),
    sample: impl Fn(W) -> [u8; N] + Copy,
) -> Result<(), CodingError> {
    codec::decode(coded, shape(layout), |_, row: &[W]| {
        place(&mut |bytes| store(row, bytes, sample));
    })
}
