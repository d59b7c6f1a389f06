//! Tells the build scripts of crates that depend on this one where the C headers are.
//!
//! Nothing is generated: `include/secimg.h` is part of the repository and a test keeps it fresh. No soname is set
//! either: Cargo makes no symbolic links, so that a program would not find a library with a versioned name in
//! Cargo's own folders, and what is set here would win over what `cargo cinstall` and `include/install.sh` set.

fn main() -> std::io::Result<()> {
    // Cargo runs this in the package's folder.
    let include = std::env::current_dir()?.join("include");
    println!("cargo::rerun-if-changed=build.rs");
    // In a dependent's build script: DEP_SECIMG_INCLUDE.
    println!("cargo::metadata=include={}", include.display());
    Ok(())
}
