//! What comes into the dependency tree. `.ci/deny` knows more; this holds the most important rules in every run.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
#[path = "support/say.rs"]
mod say;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Crates that build C, and `-sys` crates that only declare what the system has and build nothing.
const BUILDERS: [&str; 6] = ["bindgen", "cc", "cmake", "pkg-config", "ring", "vcpkg"];
const DECLARATIONS: [&str; 2] = ["linux-raw-sys", "windows-sys"];
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// A line of `cargo tree`.
struct Crate {
    name: String,
    licence: String,
    features: Vec<String>,
}

/// What a program that uses the library builds on this platform: no development dependencies.
fn tree(features: &[&str]) -> Vec<Crate> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal,build"])
        .args(["--prefix", "none", "--no-dedupe", "--format", "{p}|{l}|{f}"])
        .args(features)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree: {errors}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines: BTreeSet<&str> = lines.lines().collect();
    lines.into_iter().map(parse).collect()
}

fn parse(line: &str) -> Crate {
    let [package, licence, features] = *line.split('|').collect::<Vec<_>>() else {
        panic!("not a line of cargo tree: {line}");
    };
    Crate {
        name: package.split(' ').next().unwrap().to_owned(),
        licence: licence.to_owned(),
        features: features.split(',').map(str::to_owned).collect(),
    }
}

/// The default tree, and that of the command where it is built. Of a feature that is not built, cargo may not have the crates.
fn trees() -> Vec<(&'static str, Vec<Crate>)> {
    let mut trees = vec![("default", tree(&[]))];
    if cfg!(feature = "cli") {
        trees.push(("cli", tree(&["--features", "cli"])));
    }
    trees
}

fn builds_c(name: &str) -> bool {
    let sys = name.ends_with("-sys") && !DECLARATIONS.contains(&name);
    sys || BUILDERS.contains(&name)
}

#[test]
fn nothing_builds_c() {
    for (name, tree) in trees() {
        assert!(tree.len() > 50, "only {} crates seen", tree.len());
        for found in &tree {
            let builds = builds_c(&found.name);
            assert!(!builds, "{} is in the {name} tree", found.name);
        }
        say!("{name}: {} crates, none of which builds C", tree.len() - 1);
    }
}

/// The one feature that builds C brings AWS-LC and nothing else that does.
#[test]
#[cfg(feature = "aws-lc")]
fn aws_lc_is_all_that_builds_c() {
    let tree = tree(&["--features", "aws-lc"]);
    let builders: BTreeSet<_> = tree.iter().map(|found| &*found.name).collect();
    let builders = builders.into_iter().filter(|name| builds_c(name));
    let expected = ["aws-lc-sys", "cc", "cmake", "pkg-config"];
    assert!(builders.eq(expected), "is the reader blind?");
}

#[test]
fn rsa_has_no_pkcs1v15() {
    for (name, tree) in trees() {
        let rsa: Vec<_> = tree.iter().filter(|found| found.name == "rsa").collect();
        assert_eq!(rsa.len(), 1, "{name}");
        let features = &rsa[0].features;
        assert!(
            features.iter().any(|feature| feature == "pkcs5"),
            "is the reader blind?"
        );
        assert!(
            !features.iter().any(|feature| feature == "pkcs1v15"),
            "{name}"
        );
    }
}

/// The lock file names every crate of every feature and platform, also of the tests.
#[test]
fn every_crate_is_from_crates_io() {
    let lock = read("Cargo.lock");
    let mut count = 0;
    for package in lock.split("[[package]]").skip(1) {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key))?;
            line.strip_prefix(" = \"")?.strip_suffix('"')
        };
        let name = value("name").unwrap();
        if name == env!("CARGO_PKG_NAME") {
            assert_eq!(value("source"), None);
            continue;
        }
        assert_eq!(value("source"), Some(CRATES_IO), "{name}");
        assert_eq!(value("checksum").map(str::len), Some(64), "{name}");
        count += 1;
    }
    assert!(
        count > 100,
        "only {count} crates seen: is the reader blind?"
    );
}

#[test]
fn no_version_is_a_wildcard() {
    let manifest = read("Cargo.toml");
    assert!(manifest.contains("[dependencies]"));
    for line in manifest.lines().filter(|line| !line.starts_with('[')) {
        assert!(!line.contains("\"*\""), "{line}");
        assert!(!line.contains("git ="), "{line}");
    }
}

/// The list in `.deny.toml`, so that there is one.
fn allowed() -> BTreeSet<String> {
    let rules = read(".deny.toml");
    let (_, list) = rules.split_once("\nallow = [").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    let quoted = list.split('"').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// Whether a licence expression can be met: one side of each OR, both of each AND.
fn is_met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let expression = expression.replace('/', " OR ");
    expression.split(" AND ").all(|part| {
        let part = part.trim_matches(['(', ')', ' ']);
        part.split(" OR ").any(|word| allowed.contains(word.trim()))
    })
}

#[test]
fn every_licence_is_allowed() {
    let allowed = allowed();
    for (name, tree) in trees() {
        for found in &tree {
            let met = is_met(&found.licence, &allowed);
            assert!(met, "{}: {} in the {name} tree", found.name, found.licence);
        }
    }
}

#[test]
fn licence_expressions_are_read() {
    let allowed = ["MIT", "Unicode-3.0"].map(str::to_owned).into();
    for (expression, met) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("Apache-2.0 OR MIT", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND OpenSSL", false),
        ("GPL-3.0-or-later", false),
        ("MIT-0", false),
        ("", false),
    ] {
        assert_eq!(is_met(expression, &allowed), met, "{expression}");
    }
}
