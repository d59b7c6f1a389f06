//! What a passphrase's key derivation may cost, in every stream (SPEC section 4.3).
//!
//! The floors are OWASP's, so that no writer makes a stream that is cheap to search; the ceilings keep
//! a stream from costing its reader more than seconds and a gibibyte.

use core::ops::RangeInclusive;

/// Argon2id's memory, in KiB.
pub const ARGON2ID_MEMORY_KIB: RangeInclusive<u32> = 19_456..=1_048_576;
/// Argon2id's passes over the memory.
pub const ARGON2ID_PASSES: RangeInclusive<u32> = 2..=16;
/// Argon2id's lanes.
pub const ARGON2ID_LANES: RangeInclusive<u32> = 1..=16;
/// PBKDF2's iterations.
pub const PBKDF2_ITERATIONS: RangeInclusive<u32> = 600_000..=10_000_000;

/// Holds the parameters at the beginning of a passphrase entry's body against the bounds.
pub(super) fn in_bounds(body: &[u8]) -> bool {
    let bounds: &[RangeInclusive<u32>] = match body.first() {
        Some(1) => &[ARGON2ID_MEMORY_KIB, ARGON2ID_PASSES, ARGON2ID_LANES],
        Some(2) => &[PBKDF2_ITERATIONS],
        _ => return false,
    };
    let (parameters, _) = body.get(1..).unwrap_or_default().as_chunks::<4>();
    parameters.len() >= bounds.len()
        && bounds
            .iter()
            .zip(parameters)
            .all(|(bound, parameter)| bound.contains(&u32::from_be_bytes(*parameter)))
}
