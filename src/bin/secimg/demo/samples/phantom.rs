//! A head phantom: the ellipses of Shepp and Logan (1974) with Toft's contrast (1996), the brain made
//! brighter and given a little texture, so that it looks like something that was measured.

use image::{ImageBuffer, Luma};

use super::noise::{grain, layered, level};

/// Columns and rows.
pub(super) const SIZE: u16 = 512;

/// The largest value: 12 bits.
pub(super) const MAX: u16 = 4095;

/// Values of 12 bits.
pub(super) type Phantom = ImageBuffer<Luma<u16>, Vec<u16>>;

struct Ellipse {
    density: f64,
    half_axes: (f64, f64),
    centre: (f64, f64),
    /// Cosine and sine of how far it is turned.
    turn: (f64, f64),
}

const COS_18: f64 = 0.951_056_516_295_153_5;
const SIN_18: f64 = 0.309_016_994_374_947_45;

const fn upright(density: f64, half_axes: (f64, f64), centre: (f64, f64)) -> Ellipse {
    Ellipse {
        density,
        half_axes,
        centre,
        turn: (1.0, 0.0),
    }
}

/// The head from above, in a square from -1 to 1, y upwards.
const ELLIPSES: [Ellipse; 10] = [
    upright(0.92, (0.69, 0.92), (0.0, 0.0)),
    upright(-0.56, (0.6624, 0.874), (0.0, -0.0184)),
    Ellipse {
        density: -0.20,
        half_axes: (0.11, 0.31),
        centre: (0.22, 0.0),
        turn: (COS_18, -SIN_18),
    },
    Ellipse {
        density: -0.20,
        half_axes: (0.16, 0.41),
        centre: (-0.22, 0.0),
        turn: (COS_18, SIN_18),
    },
    upright(0.12, (0.21, 0.25), (0.0, 0.35)),
    upright(0.14, (0.046, 0.046), (0.0, 0.1)),
    upright(0.14, (0.046, 0.046), (0.0, -0.1)),
    upright(0.16, (0.046, 0.023), (-0.08, -0.605)),
    upright(0.16, (0.023, 0.023), (0.0, -0.606)),
    upright(0.16, (0.023, 0.046), (0.06, -0.605)),
];

impl Ellipse {
    /// Returns its density at a point. The rim is a pixel and a half wide: sharper is no scanner.
    fn at(&self, x: f64, y: f64) -> f64 {
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        let u = (dx * self.turn.0 + dy * self.turn.1) / self.half_axes.0;
        let v = (dy * self.turn.0 - dx * self.turn.1) / self.half_axes.1;
        let inside = (1.0 - (u * u + v * v).sqrt()) * self.half_axes.0.min(self.half_axes.1);
        let rim = 3.0 / f64::from(SIZE);
        self.density * (0.5 + inside / rim).clamp(0.0, 1.0)
    }
}

/// Draws the phantom.
pub(super) fn draw() -> Phantom {
    ImageBuffer::from_fn(u32::from(SIZE), u32::from(SIZE), |column, row| {
        let half = f64::from(SIZE) / 2.0;
        let x = (f64::from(column) + 0.5) / half - 1.0;
        let y = 1.0 - (f64::from(row) + 0.5) / half;
        let density: f64 = ELLIPSES.iter().map(|ellipse| ellipse.at(x, y)).sum();
        Luma([level(density + texture(column, row, density), MAX)])
    })
}

/// Tissue has structure; air has only the scanner's noise.
fn texture(column: u32, row: u32, density: f64) -> f64 {
    let (x, y) = (column.cast_signed(), row.cast_signed());
    let noise = (grain(x, y, 1) + grain(x, y, 2) + grain(x, y, 3) - 1.5) * 0.02;
    let tissue = layered(f64::from(x) / 22.0, f64::from(y) / 22.0, 4, 4) - 0.5;
    noise + 0.02 + tissue * 0.16 * density.clamp(0.0, 0.5)
}

/// Returns the picture with every value multiplied.
pub(super) fn scaled(phantom: &Phantom, factor: u16) -> Phantom {
    ImageBuffer::from_fn(phantom.width(), phantom.height(), |column, row| {
        Luma([phantom.get_pixel(column, row).0[0] * factor])
    })
}
