//! Redaction: regions go, nothing of them is left, and they come back for who holds a key and for nobody else.

#![cfg(feature = "image")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

#[path = "redact/attacks.rs"]
mod attacks;
#[path = "redact/harm.rs"]
mod harm;
#[path = "redact/pictures.rs"]
mod pictures;
#[path = "redact/real.rs"]
mod real;
#[path = "redact/scenes.rs"]
mod scenes;
#[path = "redact/traces.rs"]
mod traces;
