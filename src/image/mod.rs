//! Floor 2: images, of which this room knows no keys and no streams.
//!
//! **Sniffing** ([`sniff`]): which format some bytes are in, and which size they claim. It uses only `core`, so nothing there
//! can allocate, do I/O or wait. What comes out are claims of the bytes, never truths: they fill the manifest and the
//! listing, and nothing that protects an image may depend on them. Nothing is decoded, and no input makes this code panic.
//! A format is one file in `formats` and one row in [`FORMATS`].
//!
//! **Raw frames** ([`RawFrame`], [`FrameMut`]): samples without a file around them, in the caller's memory, and their
//! lossless compression.
//!
//! ```text
//! sniff ── FORMATS ── formats/NAME.rs ── boxes ── bytes, claims
//! RawFrame, FrameMut ── frame/coding ── codec ── predict, blocks ── bits, word
//! ```

#![cfg_attr(
    not(test),
    warn(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        reason = "a test that goes wrong shall stop"
    )
)]

mod boxes;
mod bytes;
mod claims;
mod codec;
mod formats;
mod frame;
mod sniff;
#[cfg(test)]
mod tests;

pub use crate::format::{
    ByteOrder, FrameLayout, LayoutError, PhotometricInterpretation, SampleType,
};
pub use claims::Claims;
pub use formats::{FORMATS, ImageFormat};
#[cfg(feature = "capi")]
pub(crate) use frame::frame_span;
pub use frame::{CodingError, Compression, FrameError, FrameMut, RawFrame, Transform};
pub use sniff::{ImageInfo, SNIFF_LEN, sniff};
