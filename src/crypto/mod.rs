//! Floor 2: secrets, the key schedule, the suites and the sealing of chunks.
//!
//! Sealing and opening one chunk are pure functions of (keys, index, final): what is sealed together,
//! in lanes or threads, is decided in [`batch`] and changes no byte.

pub mod batch;
mod error;
mod keywrap;
mod random;
mod schedule;
mod secret;
mod suite;
mod suites;

pub use error::{CryptoError, RngFailed, Unauthentic};
pub use keywrap::{WRAPPED_LEN, aes_kw_unwrap, aes_kw_wrap};
pub use random::{Random, system_rng};
pub use schedule::{CoreHash, StreamKeys, core_hash, transfer_id, xwing_kek};
pub use secret::{Cek, Key256, Secret};
pub use suite::{ChunkKeys, Leaf, LeafSource, Suite};
pub use suites::{DEFAULT_SUITE, SUITES, find_suite, suite_named};
