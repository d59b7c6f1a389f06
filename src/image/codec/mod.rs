//! The lossless coder of raw frames: a predictor for the frame, Golomb-Rice codes for each block of a row.
//!
//! ```text
//! coded = predictor u8 ‖ block* of row 0 ‖ block* of row 1 ‖ … ‖ zeros to the end of the byte
//! ```
//!
//! It knows numbers of 8, 16 and 32 bits, and nothing of what they mean. Differences wrap around, so every
//! sample comes back to the bit. Decoding writes the rows that it was asked for and no more, whatever it reads,
//! and ends at the row in which something is wrong.

mod bits;
mod blocks;
mod predict;
#[cfg(test)]
mod tests;
mod word;

use zeroize::{Zeroize, Zeroizing};

use super::frame::CodingError;
use bits::{BitReader, BitWriter};
use blocks::{cost, most_bytes, read_row, write_row};
use predict::{Predictor, differences, restore};
pub(super) use word::Word;

/// Of so many rows one is looked at before a frame is coded.
const LOOK_AT: usize = 32;

/// How many rows there are, and what is in one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) rows: usize,
    /// Samples, of all channels.
    pub(super) row_samples: usize,
    pub(super) samples_per_pixel: usize,
}

/// A row, the row above and their differences; wiped when dropped.
struct Rows<W: Word + Zeroize> {
    row: Zeroizing<Vec<W>>,
    above: Zeroizing<Vec<W>>,
    differences: Zeroizing<Vec<W>>,
}

impl<W: Word + Zeroize> Rows<W> {
    fn new(len: usize) -> Self {
        let zeros = || Zeroizing::new(vec![W::default(); len]);
        Self {
            row: zeros(),
            above: zeros(),
            differences: zeros(),
        }
    }
}

/// What a look at some rows says of a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outlook {
    predictor: Predictor,
    /// How many bits the rows that were looked at would take.
    pub(super) bits: u64,
    /// How many they have.
    pub(super) of_bits: u64,
}

/// Looks at some rows: which predictor suits them, and how many bits they would take. `load` gives a row.
pub(super) fn look<W: Word + Zeroize>(
    shape: Shape,
    mut load: impl FnMut(usize, &mut [W]),
) -> Outlook {
    let mut rows = Rows::<W>::new(shape.row_samples);
    let mut costs = Predictor::ALL.map(|predictor| (0_u64, predictor));
    let mut looked_at: u64 = 0;
    // In a frame of few rows, the last one.
    let first = (LOOK_AT / 2).min(shape.rows.saturating_sub(1));
    for at in (first..shape.rows).step_by(LOOK_AT) {
        load(at.saturating_sub(1), &mut rows.above);
        load(at, &mut rows.row);
        looked_at = looked_at.saturating_add(1);
        let above = (at > 0).then_some(rows.above.as_slice());
        for (bits, predictor) in &mut costs {
            let spp = shape.samples_per_pixel;
            differences(*predictor, &rows.row, above, spp, &mut rows.differences);
            *bits = bits.saturating_add(cost(&rows.differences));
        }
    }
    let [first, rest @ ..] = costs;
    let (bits, predictor) = rest.into_iter().fold(
        first,
        |best, next| if next.0 < best.0 { next } else { best },
    );
    let samples = u64::try_from(shape.row_samples).unwrap_or(u64::MAX);
    Outlook {
        predictor,
        bits,
        of_bits: samples
            .saturating_mul(W::BITS.into())
            .saturating_mul(looked_at),
    }
}

/// Returns the most bytes that a frame takes when it is coded: a byte for each block more than its samples have, and ten.
pub(super) fn most_coded<W: Word>(shape: Shape) -> usize {
    most_bytes::<W>(shape.row_samples)
        .saturating_mul(shape.rows)
        .saturating_add(10)
}

/// Codes a frame. `load` gives a row.
pub(super) fn encode<W: Word + Zeroize>(
    shape: Shape,
    outlook: Outlook,
    mut load: impl FnMut(usize, &mut [W]),
) -> Zeroizing<Vec<u8>> {
    // Never moved, so that nothing of it is left behind in freed memory.
    let mut out = Zeroizing::new(Vec::with_capacity(most_coded::<W>(shape)));
    out.push(outlook.predictor.number());
    let mut writer = BitWriter::new(most_bytes::<W>(shape.row_samples));
    let mut rows = Rows::<W>::new(shape.row_samples);
    for at in 0..shape.rows {
        load(at, &mut rows.row);
        let above = (at > 0).then_some(rows.above.as_slice());
        let spp = shape.samples_per_pixel;
        differences(
            outlook.predictor,
            &rows.row,
            above,
            spp,
            &mut rows.differences,
        );
        write_row(&rows.differences, &mut writer);
        writer.flush_into(&mut out);
        core::mem::swap(&mut rows.row, &mut rows.above);
    }
    writer.finish_into(&mut out);
    out
}

/// Decodes a frame. `store` takes a row.
///
/// # Errors
/// [`CodingError`]; the rows before the one that is wrong were stored.
pub(super) fn decode<W: Word + Zeroize>(
    coded: &[u8],
    shape: Shape,
    mut store: impl FnMut(usize, &[W]),
) -> Result<(), CodingError> {
    let truncated = |row| CodingError::Truncated {
        row,
        offset: u64::try_from(coded.len()).unwrap_or(u64::MAX),
    };
    let (number, bits) = coded.split_first().ok_or_else(|| truncated(0))?;
    let predictor =
        Predictor::from_number(*number).ok_or(CodingError::Predictor { number: *number })?;
    let mut reader = BitReader::new(bits);
    let mut rows = Rows::<W>::new(shape.row_samples);
    for at in 0..shape.rows {
        let sound = read_row(&mut rows.row, &mut reader);
        if reader.is_overrun() {
            return Err(truncated(at));
        }
        // Behind the byte that names the predictor.
        let offset = reader.offset().saturating_add(1);
        if !sound {
            return Err(CodingError::Row { row: at, offset });
        }
        let above = (at > 0).then_some(rows.above.as_slice());
        restore(predictor, &mut rows.row, above, shape.samples_per_pixel);
        store(at, &rows.row);
        core::mem::swap(&mut rows.row, &mut rows.above);
    }
    if reader.is_at_end() {
        return Ok(());
    }
    let offset = reader.offset().saturating_add(1);
    Err(CodingError::Trailing { offset })
}
