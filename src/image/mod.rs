//! Image sniffing: which format some bytes are in, and which size they claim.
//!
//! Floor 2. Knows no keys, no streams and no other room; only `core`, so nothing here can allocate, do I/O or wait.
//! What comes out are claims of the bytes, never truths: they fill the manifest and the listing, and nothing that
//! protects an image may depend on them. Nothing is decoded, and no input makes this code panic.
//!
//! A format is one file in `formats` and one row in [`FORMATS`].
//!
//! ```text
//! sniff ── FORMATS ── formats/NAME.rs ── boxes ── bytes, claims
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
mod formats;
mod sniff;
#[cfg(test)]
mod tests;

pub use claims::Claims;
pub use formats::{FORMATS, ImageFormat};
pub use sniff::{ImageInfo, SNIFF_LEN, sniff};
