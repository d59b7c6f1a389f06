//! The examples of `examples/c`, built as a reader would build them, and run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use super::library::{Link, library};
use super::toolchain::{compile, compiler, root, run, skipped, version};

/// The programs, and what they are made of.
const PROGRAMS: [(&str, &[&str]); 4] = [
    ("roundtrip", &["roundtrip.c"]),
    ("selftest", &["selftest.c"]),
    ("send_image", &["send_image.c", "net.c"]),
    (
        "receive_image",
        &["receive_image.c", "incoming.c", "inbox.c", "net.c"],
    ),
];

/// The folder with the built examples, if there is a compiler.
pub(crate) fn examples() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<TempDir>> = OnceLock::new();
    BUILT.get_or_init(build).as_ref().map(TempDir::path)
}

fn build() -> Option<TempDir> {
    let compiler = compiler()?;
    let folder = tempfile::tempdir().unwrap();
    for (name, files) in PROGRAMS {
        let program = folder.path().join(name).display().to_string();
        let mut arguments = vec!["-O1".to_owned(), "-o".to_owned(), program];
        arguments.extend(files.iter().map(|&file| source(file).display().to_string()));
        arguments.extend(library().arguments(Link::Static));
        compile(compiler.c, "c99", &library().include, arguments);
    }
    Some(folder)
}

fn source(file: &str) -> PathBuf {
    root().join("examples/c").join(file)
}

#[test]
fn the_round_trip_and_the_self_check_pass() {
    let Some(folder) = examples() else { return };
    let out = run(&mut Command::new(folder.join("roundtrip")));
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(
        said.starts_with("27 bytes sealed as ") && said.ends_with("opened and equal\n"),
        "{said}"
    );
    let out = run(Command::new(folder.join("selftest")).arg("quick"));
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(said.ends_with("\nPASS\n"), "{said}");
    let counts = said.lines().rev().nth(1).unwrap_or_default();
    say!("examples: {counts}");
}

#[test]
fn the_makefile_builds_all_of_them() {
    if compiler().is_none() {
        return;
    }
    if version("make").is_none() {
        skipped("no make");
        return;
    }
    // In a copy, for it builds beside the sources.
    let folder = tempfile::tempdir().unwrap();
    for entry in root().join("examples/c").read_dir().unwrap() {
        let from = entry.unwrap().path();
        // What somebody built there is not wanted.
        let wanted = from.extension().is_some_and(|end| end == "c" || end == "h");
        if wanted || from.ends_with("Makefile") {
            std::fs::copy(&from, folder.path().join(from.file_name().unwrap())).unwrap();
        }
    }
    let libraries = library().shared.parent().unwrap();
    run(Command::new("make")
        .arg("--silent")
        .arg(format!("LIBDIR={}", libraries.display()))
        .arg(format!("INCLUDEDIR={}", library().include.display()))
        .current_dir(folder.path())
        .env_remove("MAKEFLAGS"));
    for (name, _) in PROGRAMS {
        assert!(folder.path().join(name).is_file(), "make built no {name}");
    }
    run(&mut Command::new(folder.path().join("roundtrip")));
}
