//! The bodies of the fuzz targets: plain functions of bytes that panic where a promise does not hold.
//!
//! The targets in `targets` give them to libFuzzer; `tests/fuzz_corpus.rs` gives them what is kept in
//! `corpus` and `found`, without an engine, on every run of the tests. What an input means is decided by
//! [`Choices`] and by nothing from outside, so that the kept inputs never change their meaning.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a fuzz target says by panicking what it found"
)]
#![allow(
    unreachable_pub,
    missing_docs,
    reason = "a library for the targets, and a module of one test"
)]

mod assemble;
mod certificates;
mod choices;
mod content;
mod drive;
mod frames;
mod header;
mod keys;
mod names;
mod open;
mod pem;
mod raw_frame;
mod receipt;
mod recipients;
mod records;
mod redact;
mod sealed;
mod sniff;
mod split;
mod strip;

pub use certificates::certificates;
pub use content::content;
pub use frames::frames;
pub use header::header;
pub use names::names;
pub use open::open;
pub use pem::pem;
pub use raw_frame::raw_frame;
pub use receipt::receipt;
pub use recipients::recipients;
pub use records::records;
pub use redact::redact;
pub use sniff::sniff;
pub use split::split;
pub use strip::strip;

/// A target's body.
pub type Target = fn(&[u8]);

/// Every target, by the name of its binary and of its corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("frames", frames),
    ("header", header),
    ("recipients", recipients),
    ("records", records),
    ("content", content),
    ("sniff", sniff),
    ("pem", pem),
    ("certificates", certificates),
    ("names", names),
    ("open", open),
    ("split", split),
    ("receipt", receipt),
    ("strip", strip),
    ("redact", redact),
    ("raw_frame", raw_frame),
];
