//! Rectangles in pixels of the picture as it is shown, from its top left corner.

use core::fmt;
use core::str::FromStr;

use thiserror::Error;

/// A rectangle of pixels. It has at least one: [`Rect::new`] makes no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rect {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

/// A text that is no rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a rectangle is x,y,width,height: four whole numbers of pixels, from the top left corner, with a width and a height \
     of at least 1"
)]
#[non_exhaustive]
pub struct RectError;

impl Rect {
    /// Makes a rectangle from its left upper corner and its size, in pixels; nothing where it would have no pixel.
    #[must_use]
    pub const fn new(x: u32, y: u32, width: u32, height: u32) -> Option<Self> {
        if width == 0 || height == 0 {
            return None;
        }
        Some(Self {
            x,
            y,
            width,
            height,
        })
    }

    /// The first column.
    #[must_use]
    pub const fn x(self) -> u32 {
        self.x
    }

    /// The first row.
    #[must_use]
    pub const fn y(self) -> u32 {
        self.y
    }

    /// How many columns.
    #[must_use]
    pub const fn width(self) -> u32 {
        self.width
    }

    /// How many rows.
    #[must_use]
    pub const fn height(self) -> u32 {
        self.height
    }

    /// How many pixels.
    pub(super) fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The part of it that lies in a picture of this size; nothing where none does.
    pub(super) fn clipped(self, width: u32, height: u32) -> Option<Self> {
        Self::new(
            self.x,
            self.y,
            self.width.min(width.checked_sub(self.x)?),
            self.height.min(height.checked_sub(self.y)?),
        )
    }

    /// The part of a picture of this size that is coded in the blocks of a JPEG which the rectangle touches, with
    /// `margin` pixels around it. Blocks are counted from the left or from the right, from the top or from the
    /// bottom, whichever way the picture was turned: both are covered.
    pub(super) fn grown(self, block: u32, margin: u32, width: u32, height: u32) -> Self {
        let (x, right) = grow(self.x, self.width, block, margin, width);
        let (y, bottom) = grow(self.y, self.height, block, margin, height);
        Self {
            x,
            y,
            width: right - x,
            height: bottom - y,
        }
    }
}

/// First and last, exclusive, of what is grown along one side of a picture, which holds the range.
fn grow(start: u32, length: u32, block: u32, margin: u32, side: u32) -> (u32, u32) {
    let end = start + length;
    // Turned around, a picture begins with its last block, of which only this much is there.
    let rest = side % block;
    let down = |at: u32, first: u32| match at.checked_sub(first) {
        Some(behind) => at - behind % block,
        None => 0,
    };
    let up = |at: u32, first: u32| match at.checked_sub(first) {
        Some(behind) => at.saturating_add((block - behind % block) % block),
        None => first,
    };
    let first = down(start, 0).min(down(start, rest));
    let last = up(end, 0).max(up(end, rest));
    (
        first.saturating_sub(margin),
        last.saturating_add(margin).min(side),
    )
}

impl FromStr for Rect {
    type Err = RectError;

    fn from_str(text: &str) -> Result<Self, RectError> {
        let mut numbers = text.split(',').map(number);
        let mut next = || numbers.next().flatten().ok_or(RectError);
        let (x, y, width, height) = (next()?, next()?, next()?, next()?);
        match (Self::new(x, y, width, height), numbers.next()) {
            (Some(rect), None) => Ok(rect),
            _ => Err(RectError),
        }
    }
}

/// Digits, and nothing before or among them.
fn number(digits: &str) -> Option<u32> {
    let are_digits = digits.bytes().all(|digit| digit.is_ascii_digit());
    are_digits.then(|| digits.parse().ok()).flatten()
}

impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            x,
            y,
            width,
            height,
        } = self;
        write!(f, "{x},{y},{width},{height}")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that goes wrong shall stop")]
mod tests {
    use super::*;

    fn rect(text: &str) -> Rect {
        text.parse().unwrap()
    }

    #[test]
    fn four_numbers_are_a_rectangle() {
        assert_eq!(Some(rect("1,2,3,4")), Rect::new(1, 2, 3, 4));
        assert_eq!(rect("0,0,4294967295,1").to_string(), "0,0,4294967295,1");
        for bad in [
            "",
            "1,2,3",
            "1,2,3,4,5",
            "1,2,3,4,",
            "1,2,0,4",
            "1,2,3,0",
            "-1,2,3,4",
            "+1,2,3,4",
            "1, 2,3,4",
            "1.5,2,3,4",
            "1,2,3,4294967296",
            "a,b,c,d",
        ] {
            assert_eq!(bad.parse::<Rect>(), Err(RectError), "{bad}");
        }
    }

    #[test]
    fn what_lies_outside_is_cut_off() {
        let clipped = |text: &str| rect(text).clipped(100, 50);
        assert_eq!(clipped("0,0,100,50"), Some(rect("0,0,100,50")));
        assert_eq!(clipped("90,40,11,100"), Some(rect("90,40,10,10")));
        assert_eq!(
            clipped("99,49,4294967295,4294967295"),
            Some(rect("99,49,1,1"))
        );
        for outside in ["100,0,1,1", "0,50,1,1", "4294967295,4294967295,9,9"] {
            assert_eq!(clipped(outside), None, "{outside}");
        }
    }

    /// Against the definition: every pixel of every block that holds a pixel of it, counted from both ends.
    #[test]
    fn a_rectangle_grows_to_whole_blocks_from_both_ends() {
        for side in 1..40_u32 {
            for start in 0..side {
                for length in 1..=side - start {
                    let inside = start..start + length;
                    let touched = |at: u32| {
                        let same = |a: u32, b: u32| a / 8 == b / 8;
                        inside
                            .clone()
                            .any(|i| same(i, at) || same(side - 1 - i, side - 1 - at))
                    };
                    let first = (0..side).find(|at| touched(*at)).unwrap();
                    let last = (0..side).rfind(|at| touched(*at)).unwrap() + 1;
                    let grown = (first.saturating_sub(1), (last + 1).min(side));
                    assert_eq!(
                        grow(start, length, 8, 1, side),
                        grown,
                        "{side} {start} {length}"
                    );
                }
            }
        }
        let grown = rect("20,20,1,1").grown(16, 0, 64, 64);
        assert_eq!(grown, rect("16,16,16,16"));
    }
}
