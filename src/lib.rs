//! Image encryption with proof of origin.

pub mod content;
pub mod crypto;
pub mod format;
pub mod image;
pub mod io;
pub mod keys;
pub mod oneshot;
pub mod stream;
pub mod transport;

pub use oneshot::{
    Image, Opened, OpenedImage, RewrapError, decrypt, encrypt, encrypt_series,
    encrypt_series_with_rng, inspect, rewrap, verify,
};
pub use stream::{
    Authentic, ImageDescription, Intended, OpenError, OpenOptions, Report, SealError, SealOptions,
    Verified,
};
