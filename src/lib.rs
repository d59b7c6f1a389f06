//! Image encryption with proof of origin.

pub mod crypto;
pub mod format;
