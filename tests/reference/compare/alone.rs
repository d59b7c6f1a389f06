//! The reference is alone: it shares no code with the library.

use std::fs;
use std::path::Path;

/// The word that only `compare` may use; in two parts, so that this line is none of its uses.
const LIBRARY: &str = concat!("sec", "img::");

#[test]
fn the_reference_does_not_use_the_library() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let (mut alone, mut lines) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            let code = line.trim_start();
            let uses = code.contains(LIBRARY)
                || code.starts_with(concat!("use sec", "img"))
                || code.starts_with(concat!("extern crate sec", "img"))
                || code.contains("../src/")
                || code.contains("support::");
            assert!(!uses, "{}: {line}", path.display());
            lines += 1;
        }
        alone += 1;
    }
    assert!(alone > 10, "the reference has {alone} files");
    say!("reference: {lines} lines in {alone} files, none of which names the library");
}
