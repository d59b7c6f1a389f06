//! Noise without a generator: a hash of the place.

/// Returns a value in 0..1 for a point of the lattice.
pub(super) fn grain(x: i32, y: i32, seed: u32) -> f64 {
    let mut hash = seed ^ x.cast_unsigned().wrapping_mul(0x9E37_79B1);
    hash = (hash ^ (hash >> 15)).wrapping_mul(0x85EB_CA77);
    hash ^= y.cast_unsigned().wrapping_mul(0xC2B2_AE3D);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0x27D4_EB2F);
    f64::from(hash ^ (hash >> 16)) / f64::from(u32::MAX)
}

/// Value noise in 0..1: grain, smooth between the lattice's points.
pub(super) fn smooth(x: f64, y: f64, seed: u32) -> f64 {
    let ((column, u), (row, v)) = (split(x), split(y));
    let line = |row| {
        mix(
            grain(column, row, seed),
            grain(column + 1, row, seed),
            ease(u),
        )
    };
    mix(line(row), line(row + 1), ease(v))
}

/// Several octaves of value noise, in 0..1, each twice as fine and half as strong as the one before.
pub(super) fn layered(x: f64, y: f64, octaves: u32, seed: u32) -> f64 {
    let (mut sum, mut total, mut strength, mut scale) = (0.0, 0.0, 1.0, 1.0);
    for octave in 0..octaves {
        sum += strength * smooth(x * scale, y * scale, seed.wrapping_add(octave));
        total += strength;
        strength /= 2.0;
        scale *= 2.0;
    }
    sum / total
}

/// Goes from `from` to `to` as `t` goes from 0 to 1.
pub(super) fn mix(from: f64, to: f64, t: f64) -> f64 {
    from + (to - from) * t
}

/// Bends 0..1 so that it starts and ends flat.
pub(super) fn ease(t: f64) -> f64 {
    t * t * (3.0 - 2.0 * t)
}

/// Goes smoothly from 0 at `low` to 1 at `high`.
pub(super) fn step(low: f64, high: f64, value: f64) -> f64 {
    ease(((value - low) / (high - low)).clamp(0.0, 1.0))
}

/// Rounds a value in 0..1 to 0..=`max`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is in range: it was clamped"
)]
pub(super) fn level(value: f64, max: u16) -> u16 {
    (value.clamp(0.0, 1.0) * f64::from(max) + 0.5) as u16
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "pictures are smaller than that"
)]
fn split(value: f64) -> (i32, f64) {
    let floor = value.floor();
    (floor as i32, value - floor)
}
