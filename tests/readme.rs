//! What the README shows of C and C++ is what the examples are, which are built and run.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

use std::fs;
use std::path::Path;

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    fs::read_to_string(path).unwrap().replace("\r\n", "\n")
}

#[test]
fn the_programs_in_c_and_cpp_are_the_examples() {
    let readme = read("README.md");
    for (language, file) in [
        ("c", "examples/c/roundtrip.c"),
        ("cpp", "examples/cpp/roundtrip.cpp"),
    ] {
        let block = format!("```{language}\n{}```\n", read(file));
        assert!(readme.contains(&block), "the README's block is not {file}");
    }
}

/// Links to files of the repository lead somewhere.
#[test]
fn every_link_leads_to_a_file() {
    let readme = read("README.md");
    let mut seen = 0;
    for part in readme.split("](").skip(1) {
        let target = part.split(')').next().unwrap();
        let file = target.split('#').next().unwrap();
        if file.is_empty() || file.contains("://") {
            continue;
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        assert!(path.exists(), "{target} is not there");
        seen += 1;
    }
    assert!(seen > 10, "only {seen} links were seen");
}
