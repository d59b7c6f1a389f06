//! Our own parts, each alone and in memory: `cargo bench --bench throughput`.
//!
//! `-- --quick` takes a first look in under a minute, `-- NAME` measures what has that in its name, and criterion compares with the
//! run before; `--features cli` adds two threads, `--features aws-lc` the other RSA. How secimg stands beside others, taking turns with
//! them in one run, is what `benches/peers` measures.

mod chunks;
mod frames;
mod keys;
#[cfg(feature = "image")]
mod pictures;
mod ranges;
mod series;
mod small;
mod sniff;
mod streams;

use core::error::Error;
use core::time::Duration;
use std::sync::Arc;

use criterion::Criterion;
use secimg::keys::{KeyError, RawKeyRecipient, SymmetricKey};

type Result<T = ()> = core::result::Result<T, Box<dyn Error>>;

fn main() -> Result {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(20)
        .configure_from_args();
    let parts = [
        streams::measure,
        small::measure,
        keys::measure,
        chunks::measure,
        series::measure,
        ranges::measure,
        frames::measure,
        #[cfg(feature = "image")]
        pictures::measure,
    ];
    for measure in parts {
        measure(&mut criterion)?;
    }
    sniff::measure(&mut criterion);
    criterion.final_summary();
    Ok(())
}

/// A recipient that costs next to nothing, and its identity.
fn raw_key() -> core::result::Result<Arc<RawKeyRecipient>, KeyError> {
    Ok(Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?)))
}

/// Bytes that look like nothing (xorshift64*): speed depends on no content, and this shows that nothing is compressed.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_be_bytes()
    };
    let mut bytes: Vec<u8> = (0..len.div_ceil(8)).flat_map(|_| next()).collect();
    bytes.truncate(len);
    bytes
}
