//! The reference against the library, the vectors and known answers. Only this folder knows the library.

#[path = "../../vectors/kit/file.rs"]
#[allow(
    dead_code,
    reason = "the kit's own reader of its files; writing is not for here"
)]
mod file;
#[path = "../../vectors/kit/rng.rs"]
#[allow(
    dead_code,
    reason = "the kit's randomness; its other uses are not for here"
)]
mod rng;

mod alone;
mod corners;
mod defects;
mod keys;
mod library;
mod mutations;
mod random;
mod receipts;
mod reseal;
mod vectors;
mod xwing;
