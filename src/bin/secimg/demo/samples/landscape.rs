//! An evening landscape: sky, sun, clouds, five ranges of hills, some haze and grain.

use image::{ImageBuffer, Rgb, RgbImage};

use super::noise::{grain, layered, level, mix, smooth, step};

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 800;

type Colour = [f64; 3];

/// Where the sun stands, in pictures' heights from the upper left corner.
const SUN: (f64, f64) = (1.02, 0.40);
const SUN_RADIUS: f64 = 0.042;
const SUNLIGHT: Colour = [1.0, 0.93, 0.74];

const ZENITH: Colour = [0.16, 0.27, 0.50];
const MIDDLE: Colour = [0.56, 0.60, 0.70];
const HORIZON: Colour = [0.98, 0.73, 0.48];
const CLOUD: Colour = [1.0, 0.80, 0.66];

/// A range of hills, from far to near.
struct Range {
    /// How high its middle stands, and how far its peaks rise above it.
    base: f64,
    rise: f64,
    /// How many hills fit into a picture's height.
    density: f64,
    roughness: u32,
    /// The height of its firs; far ones are too small to be seen.
    firs: f64,
    colour: Colour,
}

const RANGES: [Range; 5] = [
    range(0.575, 0.24, 2.6, 6, 0.0, [0.64, 0.55, 0.60]),
    range(0.650, 0.20, 2.2, 5, 0.0, [0.46, 0.44, 0.53]),
    range(0.735, 0.20, 1.7, 5, 0.008, [0.28, 0.33, 0.40]),
    range(0.835, 0.22, 1.5, 4, 0.022, [0.15, 0.22, 0.24]),
    range(0.960, 0.26, 1.2, 4, 0.060, [0.06, 0.10, 0.10]),
];

const fn range(
    base: f64,
    rise: f64,
    density: f64,
    roughness: u32,
    firs: f64,
    colour: Colour,
) -> Range {
    Range {
        base,
        rise,
        density,
        roughness,
        firs,
        colour,
    }
}

/// Draws the picture.
pub(super) fn draw() -> RgbImage {
    let ranges: Vec<Vec<f64>> = (0..RANGES.len()).map(ridge).collect();
    ImageBuffer::from_fn(WIDTH, HEIGHT, |column, row| {
        let x = f64::from(column) / f64::from(HEIGHT);
        let y = f64::from(row) / f64::from(HEIGHT);
        let colour = land(x, y, column as usize, &ranges, sky(x, y));
        finish(colour, column, row)
    })
}

fn blend(from: Colour, to: Colour, t: f64) -> Colour {
    [
        mix(from[0], to[0], t),
        mix(from[1], to[1], t),
        mix(from[2], to[2], t),
    ]
}

fn sky(x: f64, y: f64) -> Colour {
    let upper = blend(ZENITH, MIDDLE, step(0.0, 0.36, y));
    let sky = blend(upper, HORIZON, step(0.20, 0.62, y));
    let distance = from_sun(x, y);
    let glow = 1.0 / (1.0 + (distance / 0.11) * (distance / 0.11));
    let sky = blend(sky, SUNLIGHT, 0.75 * glow);
    let sky = blend(sky, CLOUD, clouds(x, y) * (0.35 + 0.5 * glow));
    blend(
        sky,
        [1.0, 0.98, 0.90],
        1.0 - step(SUN_RADIUS - 0.003, SUN_RADIUS + 0.003, distance),
    )
}

fn from_sun(x: f64, y: f64) -> f64 {
    ((x - SUN.0) * (x - SUN.0) + (y - SUN.1) * (y - SUN.1)).sqrt()
}

/// Long thin clouds, denser towards the horizon.
fn clouds(x: f64, y: f64) -> f64 {
    let bend = layered(x * 2.0, y * 4.0, 3, 90) * 0.5;
    let density = layered(x * 1.9 + bend, y * 9.0 + bend, 6, 91);
    step(0.50, 0.78, density) * step(0.02, 0.30, y)
}

/// Returns how high a range reaches in each column, its firs included.
fn ridge(index: usize) -> Vec<f64> {
    let range = &RANGES[index];
    let seed = 40 + 10 * u32::try_from(index).unwrap_or(0);
    let height = |column| {
        let x = f64::from(column) / f64::from(HEIGHT);
        let hill = layered(x * range.density, 0.5, range.roughness, seed) - 0.35;
        range.base - range.rise * hill - firs(range, x, seed)
    };
    (0..WIDTH).map(height).collect()
}

/// Returns how far the tallest fir rises at a place: pointed, of many heights, in stands with glades
/// between.
fn firs(range: &Range, x: f64, seed: u32) -> f64 {
    if range.firs <= 0.0 {
        return 0.0;
    }
    let spacing = range.firs * 0.28;
    let stand = step(0.30, 0.62, layered(x / range.firs / 6.0, 0.5, 3, seed + 1));
    let (place, mut tallest) = (x / spacing, 0.0_f64);
    for cell in [place - 1.0, place, place + 1.0].map(f64::floor) {
        let chance = |kind| smooth(cell, 0.0, seed + 2 + kind);
        let middle = cell + 0.2 + 0.6 * chance(0);
        let height = (0.35 + 0.65 * chance(1)) * (0.15 + 0.85 * stand);
        let slope = 1.0 - (place - middle).abs() / 0.75;
        tallest = tallest.max(height * slope);
    }
    range.firs * tallest
}

fn land(x: f64, y: f64, column: usize, ranges: &[Vec<f64>], behind: Colour) -> Colour {
    let edge = 0.7 / f64::from(HEIGHT);
    RANGES
        .iter()
        .zip(ranges)
        .fold(behind, |behind, (range, ridge)| {
            let depth = y - ridge[column];
            if depth < -edge {
                return behind;
            }
            blend(behind, slope(range, x, y, depth), step(-edge, edge, depth))
        })
}

/// A hillside: woods for texture, lighter where the sun grazes its ridge, haze at its foot.
fn slope(range: &Range, x: f64, y: f64, depth: f64) -> Colour {
    let woods = layered(x * 34.0, y * 60.0, 4, 7) - 0.5;
    let light = 1.0 + 0.55 * woods * (1.35 - range.colour[2] * 1.8).clamp(0.15, 1.0);
    let ground = range.colour.map(|channel| channel * light);
    let towards_sun = 1.0 / (1.0 + 7.0 * (x - SUN.0) * (x - SUN.0));
    let rim = towards_sun * (1.0 - step(0.0, 0.03, depth)) * range.colour[2];
    let lit = blend(ground, SUNLIGHT, 0.35 * rim);
    blend(
        lit,
        HORIZON,
        0.30 * step(0.02, 0.16, depth) * range.colour[2],
    )
}

/// Darkens the corners, adds grain, and rounds.
fn finish(colour: Colour, column: u32, row: u32) -> Rgb<u8> {
    let (x, y) = (
        f64::from(column) / f64::from(WIDTH) - 0.5,
        f64::from(row) / f64::from(HEIGHT) - 0.5,
    );
    let vignette = 1.0 - 0.35 * (x * x + y * y);
    let (column, row) = (column.cast_signed(), row.cast_signed());
    let noise = (grain(column, row, 5) + grain(column, row, 6) - 1.0) * 0.022;
    Rgb(colour.map(|channel| {
        let value = level(channel * vignette + noise, 255);
        u8::try_from(value).unwrap_or(u8::MAX)
    }))
}
