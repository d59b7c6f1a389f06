//! Two scenes that differ only in the rectangles look the same once those are filled: nothing of what was in them is anywhere.
//!
//! The JPEGs are made here, since they must be coded in squares of every size, and differ in some of these alone.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageFormat, Luma};
use secimg::redact::{Rect, Redaction};

use super::pictures::{kinds, noise, rect, redact, shown};

/// A JPEG (ITU-T T.81) whose blocks are each of one brightness or colour, and the orientation it is to be shown in.
struct Jpeg {
    width: u16,
    height: u16,
    /// How many times finer brightness is than colours, across and down.
    finer: (u16, u16),
    orientation: u8,
}

/// Bits behind each other, with a zero behind each 0xFF.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        for at in (0..count).rev() {
            self.held = (self.held << 1) | ((value >> at) & 1);
            self.count += 1;
            if self.count == 8 {
                let byte = u8::try_from(self.held).unwrap();
                self.bytes.push(byte);
                if byte == 0xFF {
                    self.bytes.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }

    /// A difference of the first coefficient (section F.1.2.1), and the end of the block.
    fn block(&mut self, difference: i32) {
        let size = 32 - difference.unsigned_abs().leading_zeros();
        self.put(size, 4);
        let value = if difference < 0 {
            difference - 1
        } else {
            difference
        };
        self.put(value.cast_unsigned() & ((1 << size) - 1), size);
        self.put(0, 1);
    }
}

impl Jpeg {
    fn square(&self) -> (u16, u16) {
        (8 * self.finer.0, 8 * self.finer.1)
    }

    /// The file; `scene` tells of each square which scene is in it.
    fn file(&self, scene: impl Fn(u16, u16) -> u32) -> Vec<u8> {
        let (across, down) = self.finer;
        let factors = u8::try_from((across << 4) | down).unwrap();
        let (width, height) = (self.width.to_be_bytes(), self.height.to_be_bytes());
        let exif = [
            b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(),
            &[self.orientation, 0, 0, 0, 0, 0, 0],
        ];
        let mut file = vec![0xFF, 0xD8];
        let mut segment = |marker: u8, parts: &[&[u8]]| {
            let body = parts.concat();
            let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
            file.extend([&[0xFF, marker], length.as_slice(), &body].concat());
        };
        segment(0xE1, &exif);
        segment(0xDB, &[&[0], &[1; 64]]);
        let components = [1, factors, 0, 2, 0x11, 0, 3, 0x11, 0];
        segment(0xC0, &[&[8], &height, &width, &[3], &components]);
        // Twelve sizes in four bits each, and one bit for the end of a block.
        let sizes: Vec<u8> = (0..12).collect();
        segment(0xC4, &[&[0, 0, 0, 0, 12], &[0; 12], &sizes]);
        segment(0xC4, &[&[0x10, 1], &[0; 15], &[0]]);
        segment(0xDA, &[&[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]]);
        file.extend(self.coded(scene));
        file.extend([0xFF, 0xD9]);
        file
    }

    fn coded(&self, scene: impl Fn(u16, u16) -> u32) -> Vec<u8> {
        let (square_width, square_height) = self.square();
        let mut bits = Bits::default();
        let mut last = [0; 3];
        for y in 0..self.height.div_ceil(square_height) {
            for x in 0..self.width.div_ceil(square_width) {
                let fine = usize::from(self.finer.0 * self.finer.1);
                let blocks = core::iter::repeat_n(0, fine).chain([1, 2]);
                for (number, component) in blocks.enumerate() {
                    let number = u32::try_from(number).unwrap();
                    let value = level(u32::from(x), u32::from(y), number, scene(x, y));
                    bits.block(value - last[component]);
                    last[component] = value;
                }
            }
        }
        bits.put(0xFF, (8 - bits.count) % 8);
        bits.bytes
    }
}

/// A level between black and white, by chance (Knuth's multiplicative hash, twice).
fn level(x: u32, y: u32, block: u32, scene: u32) -> i32 {
    let mixed = (x + 131 * y + 17_161 * block + 2_248_091 * scene).wrapping_mul(2_654_435_761);
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(2_654_435_761);
    i32::try_from(mixed >> 22).unwrap() - 512
}

/// Where pixels of the stored picture are once it is shown.
fn turned(stored: [u32; 4], width: u32, height: u32, orientation: u8) -> Rect {
    let [x, y, w, h] = stored;
    let mask = GrayImage::from_fn(width, height, |at, row| {
        Luma([u8::from(
            (x..x + w).contains(&at) && (y..y + h).contains(&row),
        )])
    });
    let mut mask = DynamicImage::from(mask);
    mask.apply_orientation(Orientation::from_exif(orientation).unwrap());
    let mask = mask.to_luma8();
    let inside = || {
        mask.enumerate_pixels()
            .filter(|(.., pixel)| pixel.0[0] == 1)
    };
    let (left, right) = (inside().map(|p| p.0).min(), inside().map(|p| p.0).max());
    let (top, bottom) = (inside().map(|p| p.1).min(), inside().map(|p| p.1).max());
    let (left, top) = (left.unwrap(), top.unwrap());
    Rect::new(
        left,
        top,
        right.unwrap() + 1 - left,
        bottom.unwrap() + 1 - top,
    )
    .unwrap()
}

#[test]
fn two_scenes_in_a_jpeg_look_the_same_without_the_squares_they_differ_in() {
    let mut seen = 0;
    for finer in [(1, 1), (2, 1), (1, 2), (2, 2)] {
        for orientation in 1..=8 {
            let jpeg = Jpeg {
                width: 75,
                height: 61,
                finer,
                orientation,
            };
            // One pixel, the last of its square or the first.
            for (x, y) in [(31, 31), (32, 32), (40, 20), (0, 0), (74, 60)] {
                let (width, height) = jpeg.square();
                let here = (x / width, y / height);
                let one = jpeg.file(|_, _| 1);
                let two = jpeg.file(|x, y| 1 + u32::from((x, y) == here));
                assert!(shown(&one) != shown(&two), "the scenes differ");
                let pixel = [u32::from(x), u32::from(y), 1, 1];
                let rect = turned(pixel, 75, 61, orientation);
                let look = |file: &[u8]| redact(file, &Redaction::new().rect(rect)).unwrap();
                let (one, two) = (look(&one), look(&two));
                assert!(
                    one.image == two.image,
                    "{finer:?} {orientation} {x},{y}: {rect}"
                );
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 4 * 8 * 5);
}

#[test]
fn two_scenes_look_the_same_without_the_rectangles_they_differ_in() {
    use image::{GenericImage, GenericImageView};
    let redaction = Redaction::new().rects([rect("3,4,5,6"), rect("20,20,4,4")]);
    let mut seen = 0;
    for picture in kinds(&noise(30, 30)) {
        for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp] {
            let file = |picture: &DynamicImage| {
                let mut file = Cursor::new(Vec::new());
                picture.write_to(&mut file, format).ok()?;
                Some(file.into_inner())
            };
            let mut other = picture.clone();
            for (x, y) in [(3, 4), (7, 9), (20, 20), (23, 23)] {
                let pixel = other.get_pixel(x, y + 1);
                other.put_pixel(x, y, pixel);
            }
            let (Some(one), Some(two)) = (file(&picture), file(&other)) else {
                continue;
            };
            assert_ne!(one, two);
            let look = |file: &[u8]| redact(file, &redaction.clone().beside()).unwrap().image;
            assert_eq!(look(&one), look(&two), "{format:?}");
            seen += 1;
        }
    }
    assert!(seen >= 14, "{seen}");
}
