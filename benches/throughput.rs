//! Sealing and opening in memory: `cargo bench --bench throughput`.
//!
//! Prints, for each suite, how fast 64 MiB and a small image are sealed and opened on one thread: the
//! median of several rounds, suites taking turns so that a noisy moment hits all of them.

use core::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use secimg::crypto::{SUITES, Suite};
use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::{Image, OpenOptions, SealOptions, decrypt, encrypt};

const ROUNDS: usize = 7;

fn main() {
    let Ok(key) = SymmetricKey::generate() else {
        println!("no randomness");
        return;
    };
    let key = Arc::new(RawKeyRecipient::new(key));
    for (name, len) in [
        ("64 MiB", 64 << 20),
        ("512 KiB", 512 << 10),
        ("1 KiB", 1 << 10),
    ] {
        let image = Image::new(vec![0x5A; len]);
        let mut times = vec![(Vec::new(), Vec::new()); SUITES.len()];
        for _ in 0..ROUNDS {
            for (suite, (seal, open)) in SUITES.iter().zip(&mut times) {
                let (sealing, opening) = round(&image, &key, suite);
                seal.push(sealing);
                open.push(opening);
            }
        }
        for (suite, (seal, open)) in SUITES.iter().zip(&mut times) {
            println!(
                "{name:>8}  {:26} seal {}  open {}",
                suite.name,
                rate(len, seal),
                rate(len, open)
            );
        }
    }
}

fn round(image: &Image, key: &Arc<RawKeyRecipient>, suite: &'static Suite) -> (f64, f64) {
    let seal = SealOptions::new().recipient(key.clone()).suite(suite);
    let open = OpenOptions::new().identity(key.clone());
    let start = Instant::now();
    let sealed = black_box(encrypt(image, &seal)).unwrap_or_default();
    let sealing = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let opened = black_box(decrypt(&sealed, &open)).is_ok();
    assert!(opened, "a sealed image opens");
    (sealing, start.elapsed().as_secs_f64())
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(len: usize, times: &mut [f64]) -> String {
    times.sort_by(f64::total_cmp);
    let median = times[times.len() / 2];
    format!(
        "{:8.1} MB/s ({:9.1} us)",
        len as f64 / median / 1e6,
        median * 1e6
    )
}
