//! The C API as C and C++ programs see it: they are compiled here, linked with the library in every way, and run.
//!
//! The checks are in `tests/c` and `tests/cpp`, and count themselves. `SECIMG_CI=full` makes them do more and runs them
//! under valgrind, which `SECIMG_VALGRIND=1` does by itself. Without a C compiler the tests say so and pass, unless
//! `SECIMG_REQUIRE_TOOLS` is set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and its helpers are part of the test"
)]
#![cfg(feature = "capi")]

#[macro_use]
mod support;

#[cfg(unix)]
#[path = "c_api/examples.rs"]
mod examples;
#[cfg(unix)]
#[path = "c_api/injection.rs"]
mod injection;
#[cfg(unix)]
#[path = "c_api/library.rs"]
mod library;
#[cfg(unix)]
#[path = "c_api/programs.rs"]
mod programs;
#[cfg(unix)]
#[path = "c_api/symbols.rs"]
mod symbols;
#[cfg(unix)]
#[path = "c_api/toolchain.rs"]
mod toolchain;
#[cfg(unix)]
#[path = "c_api/transfer.rs"]
mod transfer;

/// The programs use the tools of Unix; the examples are built for Windows elsewhere.
#[cfg(not(unix))]
#[test]
fn c_programs_are_built_and_run() {
    say!("SKIPPED: the C programs are built and run on Unix only");
}
