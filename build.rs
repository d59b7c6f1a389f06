//! Tells the build scripts of crates that depend on this one where the C headers are.
//!
//! Nothing is generated: `include/secimg.h` is part of the repository and a test keeps it fresh. No soname is set
//! either: Cargo makes no symbolic links, so that a program of this workspace would not find a library with a
//! versioned name, and what is set here would win over what `cargo cinstall` sets.

#![allow(
    clippy::expect_used,
    reason = "a build script has nobody to give an error to"
)]

use std::env;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=include");
    let root = env::var_os("CARGO_MANIFEST_DIR").expect("Cargo sets CARGO_MANIFEST_DIR");
    // A dependent's build script reads it as DEP_SECIMG_INCLUDE.
    println!(
        "cargo::metadata=include={}",
        Path::new(&root).join("include").display()
    );
}
