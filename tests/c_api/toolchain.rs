//! The compilers that are here, and how they are called.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Every source is compiled with these: a header that warns is a header that nobody wants.
const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Says that something is not checked; fails where that must not be.
pub(crate) fn skipped(what: &str) {
    assert!(
        std::env::var_os("SECIMG_REQUIRE_TOOLS").is_none(),
        "SECIMG_REQUIRE_TOOLS is set: {what}"
    );
    say!("SKIPPED: {what}");
}

/// Tells whether a command is here and answers to `--version`, and what.
pub(crate) fn version(command: &str) -> Option<String> {
    let out = Command::new(command).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&out.stdout);
    out.status
        .success()
        .then(|| text.lines().next().unwrap_or_default().to_owned())
}

/// A C compiler, and the C++ compiler of the same make.
#[derive(Debug, Clone)]
pub(crate) struct Compiler {
    pub(crate) c: &'static str,
    pub(crate) cpp: &'static str,
}

/// The compilers that are here: the system's first, each make once.
pub(crate) fn compilers() -> &'static [Compiler] {
    static FOUND: OnceLock<Vec<Compiler>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut makes = Vec::new();
        let mut found = Vec::new();
        for (c, cpp) in [("cc", "c++"), ("gcc", "g++"), ("clang", "clang++")] {
            let Some(make) = version(c) else { continue };
            // `cc` names itself, whoever it is.
            let make = make.replace(c, "");
            if !makes.contains(&make) {
                makes.push(make);
                found.push(Compiler { c, cpp });
            }
        }
        if found.is_empty() {
            skipped("no C compiler");
        }
        found
    })
}

/// The compiler that programs are made with, if there is one.
pub(crate) fn compiler() -> Option<&'static Compiler> {
    compilers().first()
}

/// Runs a command; what it says is shown where it fails.
pub(crate) fn run(command: &mut Command) -> Output {
    let out = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        out.status.success(),
        "{command:?}: {}\n{}{}",
        out.status,
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    out
}

/// Calls a compiler with the strict warnings, the header's folder and that of the tests' own headers.
pub(crate) fn compile<I, S>(compiler: &str, standard: &str, include: &Path, arguments: I)
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    run(Command::new(compiler)
        .arg(format!("-std={standard}"))
        .args(STRICT)
        .arg("-I")
        .arg(include)
        .arg("-I")
        .arg(root().join("tests/c/support"))
        .args(arguments));
}

/// The files of a folder with this ending, in the order of their names.
pub(crate) fn sources(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension() == Some(OsStr::new(extension)))
        .collect();
    found.sort();
    found
}

/// A path's last component without its ending.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}
