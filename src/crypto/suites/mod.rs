//! The suites of version 1. To add one: a file that exports a row, and the row here.
//!
//! Number 0000, and any suite without authentication, is refused for ever.

mod aes256_cbc_hmac_sha256;
mod aes256_gcm;

use super::suite::Suite;
use crate::format::SuiteId;

/// Every suite that this program seals and opens.
pub const SUITES: &[&Suite] = &[&aes256_cbc_hmac_sha256::SUITE, &aes256_gcm::SUITE];

/// The suite of a writer that is not told otherwise.
pub const DEFAULT_SUITE: &Suite = &aes256_cbc_hmac_sha256::SUITE;

/// Finds a suite by its number on the wire.
#[must_use]
pub fn find_suite(id: SuiteId) -> Option<&'static Suite> {
    SUITES.iter().copied().find(|suite| suite.id == id)
}

/// Finds a suite by its short name, such as `cbc`.
#[must_use]
pub fn suite_named(short_name: &str) -> Option<&'static Suite> {
    SUITES
        .iter()
        .copied()
        .find(|suite| suite.short_name == short_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Cek, StreamKeys};
    use crate::format::{ChunkSize, Core, Flags, Geometry};

    #[test]
    fn numbers_and_names_are_unique_and_zero_is_none() {
        for (i, a) in SUITES.iter().enumerate() {
            assert_ne!(a.id, SuiteId(0));
            assert_eq!(find_suite(a.id), Some(*a));
            assert_eq!(suite_named(a.short_name), Some(*a));
            for b in &SUITES[i + 1..] {
                assert!(a.id != b.id && a.name != b.name && a.short_name != b.short_name);
                assert_ne!(a, b);
            }
        }
        assert!(find_suite(SuiteId(0)).is_none() && suite_named("").is_none());
    }

    #[test]
    fn every_suite_opens_what_it_sealed_and_nothing_else() {
        for suite in SUITES {
            let core = Core::new(suite.id, Flags::new(false), ChunkSize::MIN, [3; 32]);
            let keys = StreamKeys::derive(&Cek::init(|b| b.fill(9)), &core, b"");
            let keys = suite.chunk_keys(&keys);
            let geometry = Geometry::new(ChunkSize::MIN, suite.layout);
            for (last, len) in [
                (false, 4096),
                (true, 0),
                (true, 1),
                (true, 16),
                (true, 4095),
            ] {
                let size = if last {
                    suite.layout.final_ciphertext_len(len)
                } else {
                    len
                };
                let mut body = vec![0; size + suite.layout.tag_len];
                body[..len].fill(0x5A);
                keys.seal(7, last, len, &mut body);
                assert!(body.len() <= geometry.chunk_body_len());
                let sealed = body.clone();
                assert_eq!(keys.open(7, last, &mut body), Ok(len));
                assert!(body[..len].iter().all(|&b| b == 0x5A));
                for (index, final_flag) in [(8, last), (7, !last)] {
                    assert!(keys.open(index, final_flag, &mut sealed.clone()).is_err());
                }
                for at in [0, sealed.len() / 2, sealed.len() - 1] {
                    let mut changed = sealed.clone();
                    changed[at] ^= 1;
                    assert!(keys.open(7, last, &mut changed).is_err());
                }
                assert_ne!(keys.leaf(&sealed), [0; 32]);
            }
        }
    }
}
