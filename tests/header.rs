//! The C header is what `src/ffi` says, and the library exports what the header declares.
//!
//! `SECIMG_BLESS=1 cargo test --test header` writes `include/secimg.h` and `tests/abi/symbols.txt` anew.
#![cfg(feature = "capi")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use cbindgen::{Bindings, Builder, Config};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The files of `src/ffi`, in the order in which a reader of the header wants to meet them.
const ORDER: &[&str] = &[
    "status",
    "library",
    "guard",
    "memory",
    "texts",
    "private_key",
    "public_key",
    "symmetric_key",
    "certificates",
    "callbacks",
    "recipient_callbacks",
    "identity_callbacks",
    "signer_callbacks",
    "recipients",
    "identity",
    "signer",
    "trusted_signers",
    "progress",
    "seal_options",
    "open_options",
    "description",
    "frame_layout",
    "preview",
    "manifest",
    "report",
    "encrypt",
    "decrypt",
    "opened",
    "rewrap",
    "inspect",
    "redaction",
    "redact",
    "unredact",
    "strip",
    "sealer",
    "opener",
    "source",
    "reader",
    "frame",
];

/// Files that declare nothing to C.
const INNER: &[&str] = &["mod", "fail", "frame_memory", "handle", "tests"];

fn ffi_files() -> Vec<PathBuf> {
    let folder = root().join("src/ffi");
    let mut named: BTreeSet<String> = ORDER.iter().chain(INNER).map(ToString::to_string).collect();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "rs") {
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            assert!(
                named.remove(&stem),
                "src/ffi/{stem}.rs is in neither list of this test: say where in the header it belongs"
            );
        }
    }
    assert!(named.is_empty(), "not in src/ffi: {named:?}");
    let path = |stem: &&str| folder.join(format!("{stem}.rs"));
    ORDER.iter().map(path).collect()
}

/// The macros come from the manifest, and cannot lag behind it.
fn version_macros() -> String {
    let part = |name: &str, value: &str| format!("#define SECIMG_VERSION_{name} {value}\n");
    let number =
        "((SECIMG_VERSION_MAJOR << 16) | (SECIMG_VERSION_MINOR << 8) | SECIMG_VERSION_PATCH)";
    [
        "/* The version of this header; that of the library which runs is secimg_version_number(). */\n".to_owned(),
        part("MAJOR", env!("CARGO_PKG_VERSION_MAJOR")),
        part("MINOR", env!("CARGO_PKG_VERSION_MINOR")),
        part("PATCH", env!("CARGO_PKG_VERSION_PATCH")),
        part("NUMBER", number),
        format!("#define SECIMG_VERSION_STRING \"{}\"", env!("CARGO_PKG_VERSION")),
    ]
    .concat()
}

/// The module's own text, as a comment of C.
fn conventions() -> String {
    let module = fs::read_to_string(root().join("src/ffi/mod.rs")).unwrap();
    let lines = module.lines().map_while(|line| line.strip_prefix("//!"));
    let text = lines.skip_while(|line| line.trim() != "# Conventions");
    let mut comment = String::from("/*\n");
    for line in text {
        let plain = line.replace(['`', '[', ']'], "");
        let plain = plain.trim_end().trim_start_matches(" #");
        comment.extend([" *", plain, "\n"]);
    }
    comment.push_str(" */\n");
    comment
}

fn bindings() -> Bindings {
    let mut config = Config::from_file(root().join("src/ffi/cbindgen.toml")).unwrap();
    let after = config.after_includes.take().unwrap();
    let after = after.replace("@VERSION_MACROS@", &version_macros());
    config.after_includes = Some(after.replace("@CONVENTIONS@", &conventions()));
    let builder = Builder::new().with_config(config);
    let builder = ffi_files().iter().fold(builder, Builder::with_src);
    builder.generate().unwrap()
}

fn header() -> String {
    let mut bytes = Vec::new();
    bindings().write(&mut bytes);
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

fn blessing() -> bool {
    env::var_os("SECIMG_BLESS").is_some()
}

fn compare(file: &str, fresh: &str) {
    let path = root().join(file);
    if blessing() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, fresh).unwrap();
        return;
    }
    let kept = fs::read_to_string(&path)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    let differs = kept.lines().zip(fresh.lines()).position(|(a, b)| a != b);
    assert!(
        kept == fresh,
        "{file} is not fresh (first difference: line {}); SECIMG_BLESS=1 cargo test --test header writes it",
        differs.map_or_else(|| "of the end".to_owned(), |line| (line + 1).to_string()),
    );
}

/// The functions that the header declares.
fn declared(header: &str) -> BTreeSet<String> {
    let calls = header.match_indices('(').filter_map(|(at, _)| {
        let before = &header[..at];
        let start = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .map_or(0, |at| at + 1);
        let name = &before[start..];
        let line = before[before.rfind("\n\n").unwrap_or(0)..].trim_start();
        let declares = line.contains("SECIMG_API") || line.contains("SECIMG_MUST_USE");
        (declares && name.starts_with("secimg_") && before[..start].ends_with([' ', '*']))
            .then(|| name.to_owned())
    });
    calls.collect()
}

#[test]
fn the_header_is_fresh() {
    compare("include/secimg.h", &header());
}

/// A symbol that goes is a broken program somewhere: the list is changed by hand and seen in review.
#[test]
fn the_symbols_are_those_of_the_list() {
    let bindings = bindings();
    let symbols: BTreeSet<&str> = bindings.dynamic_symbols_names().collect();
    assert!(symbols.len() > 150, "{}", symbols.len());
    let list: String = symbols.iter().flat_map(|name| [*name, "\n"]).collect();
    compare("tests/abi/symbols.txt", &list);
}

/// Functions that a macro made would be missing without a word.
#[test]
fn every_exported_function_is_in_the_header() {
    let mut exported = BTreeSet::new();
    for file in ffi_files() {
        let text = fs::read_to_string(file).unwrap();
        for (at, _) in text.match_indices("#[unsafe(no_mangle)]") {
            let rest = &text[at..];
            let name = rest.split("fn ").nth(1).unwrap().split('(').next().unwrap();
            if name != "secimg_inject_panic" {
                exported.insert(name.to_owned());
            }
        }
    }
    let declared = declared(&header());
    let missing: Vec<_> = exported.difference(&declared).collect();
    assert!(missing.is_empty(), "not in the header: {missing:?}");
    assert_eq!(exported.len(), declared.len(), "declared and not exported");
    println!("{} functions", exported.len());
}

#[test]
fn the_versions_agree() {
    let header = header();
    for (name, value) in [
        ("MAJOR", env!("CARGO_PKG_VERSION_MAJOR")),
        ("MINOR", env!("CARGO_PKG_VERSION_MINOR")),
        ("PATCH", env!("CARGO_PKG_VERSION_PATCH")),
    ] {
        let macros = format!("#define SECIMG_VERSION_{name} {value}\n");
        assert!(header.contains(&macros), "{macros}");
    }
    assert!(header.contains("#define SECIMG_ABI_VERSION 1\n"));
    let number = secimg::ffi::secimg_version_number();
    let part = |text: &str| text.parse::<u32>().unwrap();
    let expected = part(env!("CARGO_PKG_VERSION_MAJOR")) << 16
        | part(env!("CARGO_PKG_VERSION_MINOR")) << 8
        | part(env!("CARGO_PKG_VERSION_PATCH"));
    assert_eq!(number, expected);
}
