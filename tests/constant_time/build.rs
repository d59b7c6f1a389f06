//! Compiles the shim with the system's C compiler; needs valgrind's headers (Debian: package `valgrind`).

use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=shim.c");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let object = out.join("shim.o");
    run(Command::new("cc")
        .args(["-O2", "-Wall", "-c", "shim.c", "-o"])
        .arg(&object));
    run(Command::new("ar")
        .arg("crs")
        .arg(out.join("libshim.a"))
        .arg(&object));
    println!("cargo::rustc-link-search=native={}", out.display());
    println!("cargo::rustc-link-lib=static=shim");
}

fn run(command: &mut Command) {
    let done = command.status().expect("the tool starts");
    assert!(done.success(), "{command:?}");
}
