//! The kept inputs of the fuzzers, without a fuzzer: `corpus` holds what reaches much of the code, `found`
//! what once failed.
//!
//! The bodies of the targets are those of `tests/fuzz`, where `run.sh` gives them to libFuzzer.

// One of them redacts.
#![cfg(feature = "image")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "fuzz/src/lib.rs"]
mod fuzz;
#[macro_use]
#[path = "support/say.rs"]
mod say;

use std::fs;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz")
        .join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|_| panic!("no {}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_kept_input_holds() {
    let mut count = 0;
    for (name, target) in fuzz::TARGETS {
        let kept = files(&folder("corpus").join(name));
        assert!(!kept.is_empty(), "{name} has no corpus");
        for input in &kept {
            replay(*target, input);
        }
        count += kept.len();
    }
    say!("{count} inputs of {} fuzz targets", fuzz::TARGETS.len());
}

#[test]
fn what_was_once_found_stays_mended() {
    let target = |path: &Path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        let row = fuzz::TARGETS.iter().find(|(target, _)| name == *target);
        row.unwrap_or_else(|| panic!("{name} is no target")).1
    };
    let mut count = 0;
    for of_target in files(&folder("found")) {
        for input in files(&of_target) {
            replay(target(&of_target), &input);
            count += 1;
        }
    }
    say!("{count} inputs that were once found");
}

fn replay(target: fuzz::Target, input: &Path) {
    // A failure shows this; the tests keep it to themselves otherwise.
    println!("{}", input.display());
    target(&fs::read(input).unwrap());
}

#[test]
fn every_target_is_built_and_has_a_corpus() {
    let manifest = include_str!("fuzz/Cargo.toml");
    let built = manifest.matches("[[bin]]").count();
    assert_eq!(built, fuzz::TARGETS.len());
    for (name, _) in fuzz::TARGETS {
        let path = format!("path = \"targets/{name}.rs\"");
        assert!(manifest.contains(&path), "{name}");
    }
    assert_eq!(files(&folder("corpus")).len(), fuzz::TARGETS.len());
}
