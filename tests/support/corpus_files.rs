//! Real images: where they lie, and what is there.

use std::path::{Path, PathBuf};

/// All files in a folder and below, in the order of their names.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Where the real images lie, or nothing, said loudly.
pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("SECIMG_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("SECIMG_REQUIRE_CORPUS").is_none(),
        "SECIMG_REQUIRE_CORPUS is set and there is no corpus at {}",
        folder.display()
    );
    say!(
        "SKIPPED: no corpus at {}; set SECIMG_CORPUS",
        folder.display()
    );
    None
}
