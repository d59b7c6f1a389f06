//! One mebibyte, sealed or opened once, for `benches/instructions.sh`, which counts the instructions.
//!
//! Keys and randomness are fixed, so that the same binary takes the same steps.

use core::hint::black_box;
use std::sync::Arc;

use secimg::crypto::{Key256, Random, RngFailed, suite_named};
use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::{Image, OpenOptions, SealOptions, decrypt, encrypt_series_with_rng};

/// Counts up: no secret, and the same every time.
struct Counter(u8);

impl rand_core::TryRng for Counter {
    type Error = RngFailed;

    fn try_next_u32(&mut self) -> Result<u32, RngFailed> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, RngFailed> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RngFailed> {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counter {}

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [suite, what] = arguments.as_slice() else {
        println!("run it with benches/instructions.sh");
        return Ok(());
    };
    let suite = suite_named(suite).ok_or("no such suite")?;
    let key = SymmetricKey::new(Key256::init(|bytes| bytes.fill(7)));
    let key = Arc::new(RawKeyRecipient::new(key));
    let images = [Image::new(vec![0x5A; 1 << 20])];
    let options = SealOptions::new().recipient(key.clone()).suite(suite);
    let options = options.signing_time(1_700_000_000);
    // Sealing is always done once, and with `seal` twice; so `sealed` is what the others are compared with.
    let seal = || encrypt_series_with_rng(&images, &options, &mut Random::new(&mut Counter(0)));
    let sealed = seal()?;
    match what.as_str() {
        "seal" => drop(black_box(seal()?)),
        "open" => drop(black_box(decrypt(
            &sealed,
            &OpenOptions::new().identity(key),
        )?)),
        _ => {}
    }
    black_box(sealed);
    Ok(())
}
