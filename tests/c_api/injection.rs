//! A library that panics on demand, in a process of C.

use std::process::Command;

use super::library::{Library, Link, library};
use super::programs::full;
use super::toolchain::{compiler, root, run};

/// Builds the library once more, in a folder of its own.
fn panicking_library() -> Library {
    let folder = root().join("target/inject");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(Command::new(cargo)
        .args(["rustc", "--locked", "--lib", "--crate-type", "staticlib"])
        .env("CARGO_TARGET_DIR", &folder)
        .env("RUSTFLAGS", "--cfg secimg_inject_panic")
        .current_dir(root()));
    Library {
        archive: folder.join("debug/libsecimg.a"),
        shared: library().shared.clone(),
        include: library().include.clone(),
    }
}

#[test]
fn a_panic_at_any_point_leaves_the_process_alive() {
    if !full() {
        say!(
            "no panics were injected into a process of C, which takes a build: set SECIMG_CI=full"
        );
        return;
    }
    let Some(compiler) = compiler() else { return };
    let library = panicking_library();
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("panics");
    run(Command::new(compiler.c)
        .args([
            "-std=c99",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-g",
        ])
        .arg("-I")
        .arg(&library.include)
        .arg(root().join("tests/c/injected/panics.c"))
        .arg("-o")
        .arg(&program)
        .args(library.arguments(Link::Static)));
    let out = run(&mut Command::new(&program));
    say!("{}", String::from_utf8_lossy(&out.stdout).trim());
}
