//! A second pair of eyes: another implementation of opening, written from the specification alone,
//! against the library.
//!
//! The files beside this one open streams as `src/format/SPEC.md` says and share no code with the
//! library. `compare` holds the two against each other. `secimg_open.py` is a third.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and its helpers are part of the test"
)]
#![allow(
    clippy::cast_possible_truncation,
    reason = "what is cast was masked or bounded in the line above"
)]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod answer;
mod bignum;
mod chunks;
mod close;
mod compare;
mod content;
mod der;
mod frame;
mod header;
mod manifest;
mod open;
mod primitives;
mod receipt;
mod rsa;
mod unlock;
