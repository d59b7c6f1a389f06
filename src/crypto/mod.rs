//! Floor 2: secrets, the key schedule, the suites and the sealing of chunks.
//!
//! Sealing and opening one chunk are pure functions of (keys, index, final): what is sealed together,
//! in lanes or threads, is decided in [`batch`] and changes no byte.

#[forbid(unsafe_code)]
pub mod batch;
#[forbid(unsafe_code)]
mod error;
#[forbid(unsafe_code)]
mod keywrap;
mod lanes;
#[forbid(unsafe_code)]
mod random;
#[forbid(unsafe_code)]
mod schedule;
#[forbid(unsafe_code)]
mod secret;
#[forbid(unsafe_code)]
mod suite;
#[forbid(unsafe_code)]
mod suites;
#[forbid(unsafe_code)]
mod workers;

pub use error::{CryptoError, RngFailed, Unauthentic};
pub use keywrap::{WRAPPED_LEN, aes_kw_unwrap, aes_kw_wrap};
pub use random::{Random, system_rng};
pub use schedule::{CoreHash, StreamKeys, core_hash, transfer_id, xwing_kek};
pub use secret::{Cek, Key256, Secret};
pub use suite::{ChunkKeys, Leaf, LeafSource, Suite};
pub use suites::{DEFAULT_SUITE, SUITES, find_suite, suite_named};
pub use workers::Workers;
