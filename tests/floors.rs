//! The house has floors: a file of the library imports only from floors below its own.
//! This test reads every `crate::` path in `src` and fails on an arrow that goes up or sideways.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders (or files) under `src`, with the floor each stands on.
const FLOORS: &[(&str, u32)] = &[
    ("format", 1),
    ("hash", 1),
    ("png", 1),
    ("trace", 1),
    ("crypto", 2),
    ("content", 2),
    ("image", 2),
    ("strip", 2),
    ("keys", 3),
    ("stream", 4),
    ("io", 5),
    ("oneshot", 5),
    ("preview", 5),
    ("redact", 6),
    ("transport", 6),
    ("ffi", 7),
];

fn floor_of(room: &str) -> Option<u32> {
    FLOORS
        .iter()
        .find(|(name, _)| *name == room)
        .map(|(_, floor)| *floor)
}

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The rooms that a line of code names: `crate::keys::X`, and each name in `crate::{keys, io::X}`.
fn rooms_named(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            let mut word = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if start && (c.is_alphanumeric() || c == '_') => {
                        word.push(c);
                        continue;
                    }
                    _ => {}
                }
                if !word.is_empty() {
                    rooms.push(core::mem::take(&mut word));
                    start = c == ',' && depth == 0;
                }
            }
            if !word.is_empty() {
                rooms.push(word);
            }
        } else {
            let word: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            rooms.push(word);
        }
    }
    rooms
}

fn without_comments(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn no_import_goes_up() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for file in &files {
        let inside = file.strip_prefix(&src).unwrap();
        let first = inside.components().next().unwrap().as_os_str();
        let room = first.to_str().unwrap().trim_end_matches(".rs");
        if room == "lib" || room == "bin" || room == "manual" {
            continue;
        }
        let floor = floor_of(room).unwrap_or_else(|| panic!("{room} has no floor: add it here"));
        for named in rooms_named(&without_comments(&fs::read_to_string(file).unwrap())) {
            if named == room {
                continue;
            }
            arrows += 1;
            match floor_of(&named) {
                Some(other) if other < floor => {}
                Some(other) => wrong.push(format!(
                    "{}: floor {floor} imports {named} on floor {other}",
                    inside.display()
                )),
                None => wrong.push(format!(
                    "{}: `crate::{named}` is no room; the root defines nothing",
                    inside.display()
                )),
            }
        }
    }
    assert!(
        arrows > 10,
        "only {arrows} arrows seen: is the reader blind?"
    );
    assert!(wrong.is_empty(), "arrows that go up:\n{}", wrong.join("\n"));
}

#[test]
fn the_reader_sees_every_form_of_import() {
    let seen = rooms_named("use crate::{io::X, keys::{A, B}, format};\ncrate::stream::y()");
    assert_eq!(seen, ["io", "keys", "format", "stream"]);
}

#[test]
fn the_root_defines_nothing() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let code = without_comments(&lib);
    for word in [
        "fn ",
        "struct ",
        "enum ",
        "trait ",
        "impl ",
        "macro_rules!",
        "static ",
    ] {
        assert!(
            !code.contains(word),
            "src/lib.rs defines something: `{word}`"
        );
    }
}

/// Floors 1 to 4 are machines without I/O, clock or threads: they never name what would give them one.
#[test]
fn the_core_does_no_io() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for (room, _) in FLOORS.iter().filter(|(_, floor)| *floor <= 4) {
        let mut files = Vec::new();
        // A room is a folder, or one file.
        if src.join(room).is_dir() {
            rust_files(&src.join(room), &mut files);
        } else {
            files.push(src.join(room).with_extension("rs"));
        }
        for file in files {
            let text = without_comments(&fs::read_to_string(&file).unwrap());
            for word in [
                "std::io",
                "std::fs",
                "std::net",
                "std::thread",
                "std::env",
                "std::process",
                "SystemTime",
                "Instant",
                "println!",
            ] {
                let test_only = file.to_string_lossy().contains("tests");
                assert!(
                    test_only || !text.contains(word),
                    "{}: {word}",
                    file.display()
                );
            }
            seen += 1;
        }
    }
    assert!(seen > 50, "only {seen} files seen");
}

/// Where `unsafe` may stand: pointers from C, and the processors' own instructions, behind a safe twin.
const UNSAFE_ROOMS: &[&str] = &[
    "ffi",
    "crypto/lanes/aarch64",
    "crypto/lanes/aarch64.rs",
    "crypto/lanes/x86_64",
    "crypto/lanes/x86_64.rs",
];

/// Every other module forbids what would need it.
#[test]
fn unsafe_stands_in_two_rooms() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut wrong = Vec::new();
    for file in &files {
        let inside = file.strip_prefix(&src).unwrap();
        let text = without_comments(&fs::read_to_string(file).unwrap());
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        let allowed = UNSAFE_ROOMS.iter().any(|room| inside.starts_with(room));
        if !allowed && words.into_iter().any(|word| word == "unsafe") {
            wrong.push(inside.display().to_string());
        }
    }
    assert!(
        wrong.is_empty(),
        "unsafe outside {UNSAFE_ROOMS:?}: {wrong:?}"
    );
    // On the way to a room, and nowhere else, the compiler does not forbid it.
    let without = [
        ("lib.rs", BTreeSet::from(["ffi", "crypto"])),
        ("crypto/mod.rs", BTreeSet::from(["lanes"])),
        ("crypto/lanes/mod.rs", BTreeSet::from(["aarch64", "x86_64"])),
    ];
    for (file, expected) in without {
        let text = fs::read_to_string(src.join(file)).unwrap();
        assert_eq!(modules_that_allow_unsafe(&text), expected, "{file}");
    }
}

/// The modules that a file declares without forbidding unsafe code, test modules aside.
fn modules_that_allow_unsafe(text: &str) -> BTreeSet<&str> {
    let mut allowing = BTreeSet::new();
    let mut attributes = String::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            attributes.push_str(line);
            continue;
        }
        let declared = line.trim_start_matches("pub ").strip_prefix("mod ");
        if let Some(name) = declared.and_then(|name| name.strip_suffix(';')) {
            let test_only = attributes.contains("cfg(test)");
            if !test_only && !attributes.contains("forbid(unsafe_code)") {
                allowing.insert(name);
            }
        }
        attributes.clear();
    }
    allowing
}
