//! The library that C programs link with: the one that cargo built beside this test program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::toolchain::{root, run};

/// The libraries and the header's folder.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) archive: PathBuf,
    pub(crate) shared: PathBuf,
    pub(crate) include: PathBuf,
}

/// How the library is linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    Static,
    Shared,
}

#[cfg(target_os = "macos")]
const SHARED: &str = "libsecimg.dylib";
#[cfg(not(target_os = "macos"))]
const SHARED: &str = "libsecimg.so";

/// What `cargo rustc -- --print native-static-libs` names here.
#[cfg(target_os = "macos")]
const NATIVE: &[&str] = &["-liconv", "-lSystem", "-lc", "-lm"];
#[cfg(not(target_os = "macos"))]
const NATIVE: &[&str] = &[
    "-lgcc_s",
    "-lutil",
    "-lrt",
    "-lpthread",
    "-lm",
    "-ldl",
    "-lc",
];

impl Library {
    /// The arguments at the end of a command that links with it.
    pub(crate) fn arguments(&self, link: Link) -> Vec<String> {
        let mut arguments = Vec::new();
        match link {
            Link::Static => {
                arguments.push(self.archive.display().to_string());
                arguments.extend(NATIVE.iter().map(|&name| name.to_owned()));
            }
            Link::Shared => {
                let folder = self.shared.parent().unwrap().display();
                arguments.push(self.shared.display().to_string());
                arguments.push(format!("-Wl,-rpath,{folder}"));
            }
        }
        arguments.push("-lpthread".to_owned());
        arguments
    }
}

/// Finds the library, and builds it where it is not beside this program.
pub(crate) fn library() -> &'static Library {
    static FOUND: OnceLock<Library> = OnceLock::new();
    FOUND.get_or_init(|| {
        let here = std::env::current_exe().unwrap();
        let folder = here.parent().unwrap().to_owned();
        let (archive, shared) = beside(&folder).unwrap_or_else(|| built(&folder));
        Library {
            archive: lighter(archive),
            shared,
            include: root().join("include"),
        }
    })
}

/// `cargo test` leaves them, without a hash in their names, in the folder of the test programs. A build with other
/// features leaves others there, maybe without the C API.
fn beside(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let found = (folder.join("libsecimg.a"), folder.join(SHARED));
    (has_api(&found.0) && has_api(&found.1)).then_some(found)
}

/// The archive without what is for debuggers, more than half of it, which would be copied into each program. Where there
/// is no tool to take it out, the archive itself.
fn lighter(archive: PathBuf) -> PathBuf {
    let light = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libsecimg.a");
    // Renamed when it is whole: other runs of the tests may be linking with it.
    let unfinished = light.with_extension(format!("{}.a", std::process::id()));
    let stripped = Command::new("strip")
        .args(["-S", "-o"])
        .args([&unfinished, &archive])
        .status();
    match stripped {
        Ok(status) if status.success() => {
            fs::rename(&unfinished, &light).unwrap();
            light
        }
        _ => archive,
    }
}

fn has_api(path: &Path) -> bool {
    let name = b"secimg_abi_version";
    fs::read(path).is_ok_and(|bytes| bytes.windows(name.len()).any(|window| window == name))
}

/// Has cargo build them, in the profile of this program.
fn built(folder: &Path) -> (PathBuf, PathBuf) {
    let profile = folder.parent().and_then(Path::file_name).unwrap();
    let profile = match profile.to_str().unwrap() {
        "debug" => "dev",
        other => other,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let out = run(Command::new(cargo)
        .args(["rustc", "--locked", "--lib", "--profile", profile])
        .args(["--crate-type", "staticlib", "--crate-type", "cdylib"])
        .arg("--message-format=json")
        .current_dir(root()));
    let files: Vec<PathBuf> = String::from_utf8(out.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "secimg")
        .filter_map(|message| message["filenames"].as_array().cloned())
        .flatten()
        .filter_map(|name| name.as_str().map(PathBuf::from))
        .collect();
    let find = |name: &str| {
        let found = files.iter().find(|path| path.ends_with(name)).cloned();
        found.unwrap_or_else(|| panic!("cargo made no {name}: {files:?}"))
    };
    (find("libsecimg.a"), find(SHARED))
}
