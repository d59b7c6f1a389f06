//! What the library shows to a linker, and that each of it is tested.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use super::library::library;
use super::toolchain::{root, run, skipped, sources, version};

/// The functions that the header declares.
fn declared() -> BTreeSet<String> {
    let header = fs::read_to_string(library().include.join("secimg.h")).unwrap();
    functions(&without_comments(&header)).collect()
}

fn without_comments(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((code, comment)) = rest.split_once("/*") {
        kept.push_str(code);
        rest = comment.split_once("*/").map_or("", |(_, behind)| behind);
    }
    kept + rest
}

/// The names that begin with `secimg_` and stand before a parenthesis.
fn functions(code: &str) -> impl Iterator<Item = String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    code.match_indices('(').filter_map(move |(at, _)| {
        let name = code[..at].rsplit(|c| !is_word(c)).next()?;
        name.starts_with("secimg_").then(|| name.to_owned())
    })
}

#[test]
fn the_shared_library_exports_the_header_and_nothing_else() {
    if !cfg!(target_os = "linux") || version("nm").is_none() {
        skipped("no nm for this system's libraries");
        return;
    }
    let mut nm = Command::new("nm");
    let out = run(nm.args(["-D", "--defined-only"]).arg(&library().shared));
    let exported: BTreeSet<String> = String::from_utf8(out.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .map(|name| name.split('@').next().unwrap().to_owned())
        .collect();
    assert_eq!(exported, declared());
    say!("{} symbols, each in the header", exported.len());
}

#[test]
fn every_function_is_called_as_it_must_not_be() {
    let called: BTreeSet<String> = sources(&root().join("tests/c"), "c")
        .iter()
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("abuse_")
        })
        .flat_map(|path| functions(&fs::read_to_string(path).unwrap()).collect::<Vec<_>>())
        .collect();
    let declared = declared();
    assert!(
        declared.len() > 150,
        "the header was not read: {declared:?}"
    );
    let missing: Vec<&String> = declared.difference(&called).collect();
    assert!(missing.is_empty(), "not in tests/c/abuse_*.c: {missing:?}");
    say!("{} functions of the header, each abused", declared.len());
}
