//! Reversible redaction: regions of a picture are filled with a colour, and what they showed is sealed.
//!
//! Floor 6, feature `image`. [`redact`] makes a PNG anew from the pixels, with the regions filled, and seals the original samples of
//! the regions, or all of the original file, as an ordinary stream for its recipients. The stream goes into a chunk of
//! the PNG, or beside it. Anybody sees the redacted picture; [`unredact`] restores the other one for who holds a key.
//!
//! ```text
//! redact   ── seal ── source, jpeg ── canvas, layout ── record ── container
//! unredact ── open ── container ── record ── canvas, layout
//! ```
//!
//! # What is left of the old picture
//!
//! Nothing but the pixels outside the rectangles, and what says how their colours are to be shown: the colour profile, or the PNG
//! chunks `gAMA`, `cHRM`, `sRGB` and `cICP`. No byte of the old file is copied beside that, so that no thumbnail, Exif, XMP,
//! IPTC, text, second picture or trailer can show the old scene. A palette is not kept either.
//!
//! The fill is one solid colour. Blur and mosaic are not offered: they keep a part of what they hide, and it has been
//! read back often enough. In a JPEG the pixels around a rectangle were coded together with those in it and bear traces of them,
//! so there each rectangle grows to the blocks that it touches. A PNG, BMP or TIFF that was made from a JPEG bears such
//! traces too, and does not tell: draw rectangles with room to spare.
//!
//! The sealed part has a length. It grows with the regions' area, or with the file, and shows no more of them
//! ([`SealOptions::padded`](crate::stream::SealOptions::padded) blurs that). What it holds is still personal data, and whoever gets a
//! recipient's key can restore it.
//!
//! # What is restored
//!
//! | format | pixels | [`Redaction::whole`] |
//! | --- | --- | --- |
//! | PNG | exactly; palettes and 1, 2 and 4 bits are expanded to 8 bits, as every decoder does to show them | the file, byte for byte |
//! | BMP | exactly, as decoded to 8 bits | the file, byte for byte |
//! | TIFF | exactly, of 8 and 16 bits, grey or RGB, with or without opacity | the file, byte for byte |
//! | JPEG | | always: the file, byte for byte, from a stream beside the picture |
//!
//! The redacted picture is a PNG for each of them, and so is one whose pixels are restored. Pictures that are stored turned
//! (Exif orientation) are turned upright first: rectangles are meant in the picture as it is shown. Animations, and files of
//! several pictures, are restored as files only; their redacted picture is the first. So is a picture that holds the sealed part of an
//! earlier redaction, which would be lost otherwise. Floating-point samples are refused.
//!
//! # What binds the two
//!
//! The sealed part holds a hash of the redacted picture's size, layout, rectangles and every sample. [`unredact`] computes it anew,
//! and refuses when one pixel has changed, inside the rectangles or outside, and when the sealed part is another picture's. A program
//! that writes the same pixels in another way, as another file format without loss or with other compression, does no harm
//! to a stream that was kept beside it; it drops the chunk from a PNG, being told by the chunk's name that it must.
//! Services that take pictures drop it as a rule: a stream beside the picture is what survives them. `secimg encrypt --strip` drops
//! it too. What says how the colours of the redacted picture are to be shown is not bound: the restored one has what was sealed.
//!
//! Who sealed it is proven by a signature only, as with every stream: without one, anybody can make a picture and a sealed part for
//! it that shows something else.
//!
//! ```
//! use secimg::keys::{GenerateKind, PrivateKey};
//! use secimg::redact::{Redaction, redact, unredact};
//! use secimg::{Image, OpenOptions, SealOptions};
//! # let mut bmp = b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\x18\0".to_vec();
//! # bmp.resize(0x36, 0);
//! # bmp.extend([1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0]);
//!
//! let court = PrivateKey::generate(GenerateKind::Rsa { bits: 2048 })?; // 3072 for new keys
//! let seal = SealOptions::new().recipient(court.public().recipient()?);
//! let face = "0,0,1,2".parse()?;
//! let redacted = redact(&Image::new(bmp), &Redaction::new().rect(face), &seal)?;
//! assert!(redacted.image.starts_with(b"\x89PNG"));
//!
//! let open = OpenOptions::new().identity(court.identity()?);
//! let restored = unredact(&redacted.image, &open)?;
//! assert_eq!(restored.rects, [face]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use core::fmt;

use zeroize::Zeroizing;

use crate::stream::Verified;

pub use crate::preview::decode::DecodeError;
pub use container::sealed_part;
pub use error::{RedactError, UnredactError};
pub use open::{unredact, unredact_with};
pub use rect::{Rect, RectError};
pub use seal::redact;
#[cfg(feature = "capi")]
pub(crate) use seal::redact_bytes;

use record::MAX_RECTS;

mod canvas;
mod container;
mod error;
mod jpeg;
mod layout;
mod open;
mod record;
mod rect;
mod seal;
mod source;

/// What is to be redacted, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Redaction {
    rects: Vec<Rect>,
    fill: [u8; 3],
    whole: bool,
    beside: bool,
}

impl Redaction {
    /// Starts without a rectangle, with black, for the pixels alone, in the PNG.
    pub const fn new() -> Self {
        Self {
            rects: Vec::new(),
            fill: [0; 3],
            whole: false,
            beside: false,
        }
    }

    /// Adds a rectangle, in pixels of the picture as it is shown. It is clipped to the picture; rectangles may overlap.
    pub fn rect(mut self, rect: Rect) -> Self {
        self.rects.push(rect);
        self
    }

    /// Adds rectangles.
    pub fn rects(mut self, rects: impl IntoIterator<Item = Rect>) -> Self {
        self.rects.extend(rects);
        self
    }

    /// Chooses the colour: red, green and blue. A grey picture takes its brightness.
    pub const fn fill(mut self, colour: [u8; 3]) -> Self {
        self.fill = colour;
        self
    }

    /// Seals all of the original file, so that it can be restored byte for byte.
    pub const fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// Leaves the sealed part out of the PNG, for a file of its own.
    pub const fn beside(mut self) -> Self {
        self.beside = true;
        self
    }
}

/// What can be restored of a redacted picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Restores {
    /// Every pixel, in a PNG that is written anew.
    Pixels,
    /// The original file, byte for byte.
    File,
}

impl Restores {
    /// Returns the word that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pixels => "pixels",
            Self::File => "file",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Pixels, Self::File]
            .into_iter()
            .find(|one| one.name() == name)
    }
}

/// A picture that was redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redacted {
    /// The redacted picture: a PNG.
    pub image: Vec<u8>,
    /// The sealed part, where it is not in the PNG: a stream, which belongs into a file beside it.
    pub beside: Option<Vec<u8>>,
    /// Columns of the picture as it is shown.
    pub width: u32,
    /// Rows of the picture as it is shown.
    pub height: u32,
    /// What was filled: the rectangles that were asked for, in their order, clipped to the picture, and in a JPEG grown to
    /// the blocks that they touch.
    pub rects: Vec<Rect>,
    /// What can be restored.
    pub restores: Restores,
    /// The length of the sealed part in bytes.
    pub sealed_bytes: usize,
    /// The sealed part's name.
    pub transfer_id: [u8; 32],
}

/// A picture that was restored.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unredacted {
    /// The picture: a PNG, or the original file.
    pub image: Zeroizing<Vec<u8>>,
    /// Which of the two.
    pub restores: Restores,
    /// The original file's name, where the whole file was sealed with one. Never a path to write to without checking.
    pub name: Option<String>,
    /// Columns of the redacted picture.
    pub width: u32,
    /// Rows of the redacted picture.
    pub height: u32,
    /// What had been filled.
    pub rects: Vec<Rect>,
    /// The proof, with what is known of the stream, its signer among it.
    pub report: Verified,
}

impl fmt::Debug for Unredacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unredacted")
            .field("bytes", &self.image.len())
            .field("restores", &self.restores)
            .field("rects", &self.rects)
            .finish_non_exhaustive()
    }
}
