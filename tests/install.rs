//! What can be said of installing without building anything; `.ci/install` does the rest.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_package_for_cmake_has_the_version_of_the_crate() {
    let text =
        fs::read_to_string(root().join("include/cmake/secimg-config-version.cmake")).unwrap();
    let line = format!("set(PACKAGE_VERSION \"{}\")", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&line), "there is no line {line}");
}

/// What `cargo cinstall` and `include/install.sh` install is listed by hand, in both.
#[test]
fn every_header_is_installed() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let script = fs::read_to_string(root().join("include/install.sh")).unwrap();
    let mut seen = 0;
    for header in headers(&root().join("include")) {
        let folder = header.parent().unwrap().strip_prefix(root()).unwrap();
        let folder = folder.to_str().unwrap().replace('\\', "/");
        let name = header.file_name().unwrap().to_str().unwrap();
        let kind = header.extension().unwrap().to_str().unwrap();
        let words = [format!("{folder}/{name}"), format!("{folder}/*.{kind}")];
        for (text, what) in [(&manifest, "Cargo.toml"), (&script, "include/install.sh")] {
            assert!(
                words.iter().any(|word| names(text, word)),
                "{what} does not install {}",
                words[0]
            );
        }
        seen += 1;
    }
    assert!(seen >= 2, "only {seen} headers were seen");
}

/// `include/secimg.h` is not meant where `include/secimg.hpp` stands.
fn names(text: &str, word: &str) -> bool {
    text.match_indices(word)
        .any(|(at, _)| !text[at + word.len()..].starts_with(char::is_alphanumeric))
}

fn headers(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(headers(&path));
        } else if path
            .extension()
            .is_some_and(|kind| kind == "h" || kind == "hpp")
        {
            found.push(path);
        }
    }
    found
}

#[cfg(unix)]
#[test]
fn the_script_refuses_a_relative_prefix_before_it_builds() {
    let run = std::process::Command::new("sh")
        .arg(root().join("include/install.sh"))
        .env("PREFIX", "usr/local")
        .env("CARGO", "false")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(
        !run.status.success() && said.contains("absolute path"),
        "{said}"
    );
}
