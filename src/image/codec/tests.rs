//! The coder alone: every width, every number of samples, and what no coder wrote.

use proptest::prelude::*;

use super::*;

/// What comes of coding, whatever the predictor.
fn coded_with<W: Word + Zeroize>(
    predictor: Predictor,
    samples: &[W],
    shape: Shape,
) -> Zeroizing<Vec<u8>> {
    let load = |at: usize, row: &mut [W]| {
        row.copy_from_slice(&samples[at * shape.row_samples..(at + 1) * shape.row_samples]);
    };
    let outlook = Outlook {
        predictor,
        bits: 0,
        of_bits: 0,
    };
    encode(shape, outlook, load)
}

fn decoded<W: Word + Zeroize>(coded: &[u8], shape: Shape) -> Result<Vec<W>, CodingError> {
    let mut samples = Vec::new();
    decode(coded, shape, |_, row: &[W]| samples.extend_from_slice(row))?;
    Ok(samples)
}

fn comes_back<W: Word + Zeroize + core::fmt::Debug>(samples: &[W], shape: Shape) {
    for predictor in Predictor::ALL {
        let coded = coded_with(predictor, samples, shape);
        assert!(coded.len() <= most_coded::<W>(shape), "{predictor:?}");
        assert_eq!(
            decoded(&coded, shape).as_deref(),
            Ok(samples),
            "{predictor:?}"
        );
        // One byte less, and one more.
        let cut = &coded[..coded.len() - 1];
        assert!(decoded::<W>(cut, shape).is_err(), "{predictor:?}");
        let longer = [coded.as_slice(), &[0]].concat();
        assert!(decoded::<W>(&longer, shape).is_err(), "{predictor:?}");
    }
}

/// Smooth with some noise, flat, and wild samples, in turns along the frame.
fn frame() -> impl Strategy<Value = (Shape, Vec<u32>)> {
    (1..7_usize, 1..50_usize, 1..=4_usize).prop_flat_map(|(rows, columns, samples_per_pixel)| {
        let shape = Shape {
            rows,
            row_samples: columns * samples_per_pixel,
            samples_per_pixel,
        };
        let sample = prop_oneof![
            4 => 1000..1016_u32,
            2 => Just(0),
            1 => Just(u32::MAX),
            1 => any::<u32>(),
        ];
        let samples = proptest::collection::vec(sample, rows * shape.row_samples);
        (Just(shape), samples)
    })
}

proptest! {
    #[test]
    fn samples_of_every_width_come_back((shape, samples) in frame()) {
        comes_back(&samples, shape);
        let words: Vec<u16> = samples.iter().map(|s| u16::low((*s).into())).collect();
        comes_back(&words, shape);
        let bytes: Vec<u8> = samples.iter().map(|s| u8::low((*s).into())).collect();
        comes_back(&bytes, shape);
    }

    #[test]
    fn what_no_coder_wrote_is_an_error_or_a_frame(coded: Vec<u8>, columns in 1..40_usize) {
        let shape = Shape { rows: 3, row_samples: columns * 2, samples_per_pixel: 2 };
        let counts = [
            decoded::<u8>(&coded, shape).map(|samples| samples.len()),
            decoded::<u16>(&coded, shape).map(|samples| samples.len()),
            decoded::<u32>(&coded, shape).map(|samples| samples.len()),
        ];
        for count in counts.into_iter().flatten() {
            prop_assert_eq!(count, columns * 6);
        }
    }
}

const ONE_ROW: Shape = Shape {
    rows: 1,
    row_samples: 3,
    samples_per_pixel: 1,
};

/// By hand, from the description: this is the form that stored frames have.
#[test]
fn the_form_is_that_of_the_specification() {
    // Differences to the left 5, 1, -2, folded 10, 2, 3. With k = 2: 10 is 2 zeros, a one, 10; 2 is a one, 10; 3 is a one, 11.
    // Flag 0, mode 3 in 4 bits, then the three; the first bit is the lowest.
    let bits = "0 1100 001 01 1 01 1 11";
    let mut bytes = vec![0_u8];
    for (at, bit) in bits.bytes().filter(|b| *b != b' ').enumerate() {
        if at % 8 == 0 {
            bytes.push(0);
        }
        *bytes.last_mut().unwrap() |= (bit - b'0') << (at % 8);
    }
    let samples = [5_u16, 6, 4];
    assert_eq!(*coded_with(Predictor::Left, &samples, ONE_ROW), bytes);
    assert_eq!(decoded(&bytes, ONE_ROW).as_deref(), Ok(&samples[..]));
}

#[test]
fn a_flat_frame_is_a_bit_a_block() {
    let shape = Shape {
        rows: 64,
        row_samples: 16 * 8,
        samples_per_pixel: 1,
    };
    let coded = coded_with(Predictor::Left, &vec![0_u16; 64 * 16 * 8], shape);
    assert_eq!(coded.len(), 1 + 64);
}

#[test]
fn each_kind_of_damage_has_its_error() {
    let decode = |bytes: &[u8]| decoded::<u16>(bytes, ONE_ROW).unwrap_err();
    assert_eq!(decode(&[]), CodingError::Truncated { row: 0, offset: 0 });
    assert_eq!(decode(&[4, 1]), CodingError::Predictor { number: 4 });
    assert_eq!(decode(&[0]), CodingError::Truncated { row: 0, offset: 1 });
    // A zero mode that says so although it stands already.
    assert_eq!(decode(&[0, 0]), CodingError::Row { row: 0, offset: 1 });
    // The one block is zero, and then a bit is not, or a byte follows.
    assert_eq!(decode(&[0, 0b11]), CodingError::Trailing { offset: 1 });
    assert_eq!(decode(&[0, 1, 0]), CodingError::Trailing { offset: 1 });
    assert_eq!(decoded::<u16>(&[0, 1], ONE_ROW), Ok(vec![0; 3]));
    // 21 zeros are no code; mode 1 is 1000 behind its flag.
    let zeros = [0, 0b0000_0010, 0, 0, 0b1111_1100, 0xFF, 0xFF, 0xFF];
    assert!(matches!(decode(&zeros), CodingError::Row { row: 0, .. }));
    // 19 zeros with k = 12 are a number of 17 bits; mode 13 is 1011.
    let wide = [0, 0b0001_1010, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
    assert!(matches!(decode(&wide), CodingError::Row { row: 0, .. }));
}
