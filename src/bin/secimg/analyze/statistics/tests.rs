//! Inputs whose measures follow from how they are made, and the values that the paper prints.

use super::*;

#[track_caller]
fn near(value: f64, expected: f64, error: f64) {
    assert!(
        (value - expected).abs() < error,
        "{value} is not {expected}"
    );
}

/// All 256 values, each as often.
fn even(times: usize) -> Vec<u8> {
    (0..=255).cycle().take(256 * times).collect()
}

fn square(side: usize, samples: Vec<u8>) -> Picture {
    Picture {
        width: side,
        height: side,
        channels: 1,
        samples,
    }
}

#[test]
fn a_histogram_that_is_exactly_flat_is_too_good() {
    let counts = histogram(&even(1024));
    let (flat, full) = (flatness(&counts), entropy(&counts));
    near(flat.value, 0.0, 1e-12);
    near(full.value, 8.0, 1e-12);
    assert!(flat.p < 1e-300 && full.p < 1e-100, "{} {}", flat.p, full.p);
}

#[test]
fn one_value_alone_has_no_entropy() {
    let counts = histogram(&vec![7; 65_536]);
    near(entropy(&counts).value, 0.0, 1e-12);
    // 256 bins: (N - N/256)² / (N/256) and 255 times N/256.
    near(flatness(&counts).value, 65_536.0 * 255.0, 1e-3);
    assert!(entropy(&counts).p < 1e-300 && flatness(&counts).p < 1e-300);
}

#[test]
fn two_values_are_one_bit() {
    near(entropy(&histogram(&[0, 255].repeat(100))).value, 1.0, 1e-12);
}

/// E[H] and its deviation, for 256², 512² and 1024² samples.
#[test]
fn the_expected_entropy_is_below_8() {
    for (side, expected, deviation) in [
        (256, 7.997_19, 0.000_25),
        (512, 7.999_30, 0.000_06),
        (1024, 7.999_82, 0.000_02),
    ] {
        let measure = entropy(&histogram(&even(side * side / 256)));
        near(measure.expected, expected, 5e-6);
        near(measure.deviation, deviation, 5e-6);
    }
}

/// Near to flat, chi-square and G are nearly the same.
#[test]
fn entropy_and_chi_square_judge_alike() {
    let mut samples = even(1024);
    // One and a half deviations: of eight values four lose some 190 of 1024 to the four others.
    for sample in samples[..246_400].iter_mut().step_by(160) {
        *sample |= 128;
    }
    let counts = histogram(&samples);
    let (flat, full) = (flatness(&counts), entropy(&counts));
    assert!((280.0..300.0).contains(&flat.value), "{}", flat.value);
    let missing = (full.expected - full.value) / full.deviation;
    near(missing, (flat.value - flat.expected) / flat.deviation, 0.1);
    near(full.p, flat.p, 0.03);
}

#[test]
fn a_ramp_is_correlated_and_a_chessboard_is_not() {
    let ramp = square(256, even(256));
    near(correlation(Kind::Horizontal, &ramp).value, 1.0, 1e-12);
    near(correlation(Kind::Vertical, &ramp).value, 1.0, 1e-12);
    assert!(correlation(Kind::Diagonal, &ramp).p < 1e-300);
    let board = |x: usize, y: usize| if (x + y).is_multiple_of(2) { 0 } else { 255 };
    let board = (0..64).flat_map(|y| (0..64).map(move |x| board(x, y)));
    let board = square(64, board.collect());
    near(correlation(Kind::Horizontal, &board).value, -1.0, 1e-12);
    near(correlation(Kind::Diagonal, &board).value, 1.0, 1e-12);
    let alike = square(64, vec![9; 4096]);
    near(correlation(Kind::Horizontal, &alike).value, 1.0, 1e-12);
}

/// Two columns of each: what is right of a sample says nothing of it.
#[test]
fn independent_neighbours_are_not_correlated() {
    let rows = [[0, 0], [0, 255], [255, 0], [255, 255]];
    let picture = Picture {
        width: 2,
        height: 4,
        channels: 1,
        samples: rows.concat(),
    };
    let measure = correlation(Kind::Horizontal, &picture);
    near(measure.value, 0.0, 1e-15);
    near(measure.deviation, 0.5, 1e-15);
    near(measure.p, 1.0, 1e-12);
}

#[test]
fn equal_pictures_do_not_differ() {
    let picture = even(256);
    let (rate, by, flipped) = (
        npcr(Kind::Npcr, &picture, &picture),
        uaci(&picture, &picture),
        bits(&picture, &picture),
    );
    for measure in [rate, by, flipped] {
        near(measure.value, 0.0, 1e-15);
        assert!(measure.p < 1e-300);
    }
}

/// A complement differs everywhere: on average over all values, by 128 of 255.
#[test]
fn complements_differ_everywhere() {
    let picture = even(256);
    let other: Vec<u8> = picture.iter().map(|sample| !sample).collect();
    near(npcr(Kind::Npcr, &picture, &other).value, 1.0, 1e-15);
    near(uaci(&picture, &other).value, 128.0 / 255.0, 1e-12);
    near(bits(&picture, &other).value, 1.0, 1e-15);
    assert!(uaci(&picture, &other).p < 1e-300);
    // The paper asks of NPCR only whether it is too low.
    near(npcr(Kind::Npcr, &picture, &other).p, 1.0, 1e-12);
}

/// A sample of N whose measure is exactly `share`.
fn p_at(kind: Kind, samples: usize, share: f64) -> f64 {
    let like = vec![0; samples];
    let ideal = match kind {
        Kind::Uaci => uaci(&like, &like),
        _ => npcr(kind, &like, &like),
    };
    Measure::normal(kind, share, ideal.expected, ideal.deviation).p
}

/// Table of the paper: NPCR below which a test with α = 0.05, 0.01 and 0.001 refuses, in percent.
#[test]
fn the_papers_critical_values_of_npcr() {
    for (side, bounds) in [
        (256, [99.5693, 99.5527, 99.5341]),
        (512, [99.5893, 99.5810, 99.5717]),
        (1024, [99.5994, 99.5952, 99.5906]),
    ] {
        for (bound, alpha) in bounds.into_iter().zip([0.05, 0.01, 0.001]) {
            let p = p_at(Kind::Npcr, side * side, bound / 100.0);
            // The bounds are printed to four places.
            near(p / alpha, 1.0, 0.04);
        }
    }
}

/// The same for UACI, two-sided, α = 0.05.
#[test]
fn the_papers_critical_values_of_uaci() {
    for (side, bounds) in [
        (256, [33.2824, 33.6447]),
        (512, [33.3730, 33.5541]),
        (1024, [33.4183, 33.5088]),
    ] {
        for bound in bounds {
            let p = p_at(Kind::Uaci, side * side, bound / 100.0);
            near(p / 0.05, 1.0, 0.02);
        }
    }
}
