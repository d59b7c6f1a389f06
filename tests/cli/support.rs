//! A folder with keys and images, and the command run in it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use secimg::io::file::Overwrite;
use secimg::io::private::write_private;
use secimg::keys::{GenerateKind, PrivateKey, SymmetricKey};
use serde_json::Value;
use tempfile::TempDir;

/// A GIF of 320 by 240 pixels, as far as its header says.
pub(crate) const GIF: &[u8] = b"GIF89a\x40\x01\xF0\x00\x00\x00\x00";

/// `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024`
pub(crate) const WEAK: &str = "\
-----BEGIN PRIVATE KEY-----
MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBALCGIUTR0MwI00RH
TTad0AhEC8sFKG8aMfU+akjgarxRZ2mqAUiA3YBKiU18LZ2WR336mkHpJMOumI4m
GjFMlNGjM8lEZ3Fs+VCorP21CNz7Tr6HAoKIiipX5vSm/s7BbEwNAvGPzfIXTlxq
0IyV2hwUMJhAxEZULun9Lyx/21i7AgMBAAECgYBj7cpvlwdIOca/ZE3FmVjnFP5I
E8dr/bxCRO8OClzh9oNAQckwLiM2OPu5LY71Itmd63vfzAfP7srVzaQOPHgRs7EQ
lO2WCE4uNQo8v+ftDFhrstoKLn/L1bwfcQgn0cpoLD8V+vl9wIEmMegaAAdV8UYx
9mfJNVDv3R5WqKMNYQJBAORapAMHmA0JSu9FAlBHCjL5qTT2Q/+44Q5pSJkPbiRW
3F+Hyikc3FMW3yl8TkaWGkmUw/yrHh8dhaPgyPddpO0CQQDF5R9c0pD93pa31HEf
/4hlUTD0RmSCgsXQBNOSOtU2+NP2L/sWUjAAVuiE/bbz+subN3oW0gggkrj1pq+p
/KdHAkBOLa37D42B4Q2Tjxe0ri2SuCCy7iDnmr8KNQdSx5KYxFgcKJwQqT3RAIKU
bGdMCTWkvVa/2UGtu2i2a03CSoAdAkB313FOvRWhKBMN8FExl4X6FVkYFSj5AEja
2JFnlMlaKQXzqMrdkZgQHJFjOGJ7Df4PWWFOQJM7Zp8r5G2s+5wxAkAiyGv6mTKD
b1hnHY0sgvqndlYucppD714m0ODw/4YMCildF7M09ycSb/CDRZXglzXRSSg9nWUw
dHtgOVnNWyxU
-----END PRIVATE KEY-----
";
pub(crate) const WEAK_PUB: &str = "\
-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCwhiFE0dDMCNNER002ndAIRAvL
BShvGjH1PmpI4Gq8UWdpqgFIgN2ASolNfC2dlkd9+ppB6STDrpiOJhoxTJTRozPJ
RGdxbPlQqKz9tQjc+06+hwKCiIoqV+b0pv7OwWxMDQLxj83yF05catCMldocFDCY
QMRGVC7p/S8sf9tYuwIDAQAB
-----END PUBLIC KEY-----
";

/// The keys of `report/1`.
pub(crate) const REPORT_KEYS: &[&str] = &[
    "schema",
    "file",
    "verdict",
    "exit",
    "suite",
    "chunks",
    "transfer_id",
    "recipient",
    "signature",
    "items",
    "warnings",
    "error",
];

/// What a run of the command left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Run {
    /// Insists on an exit status.
    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        let stdout = String::from_utf8_lossy(&self.stdout);
        assert_eq!(
            self.status, status,
            "stderr: {}stdout: {stdout}",
            self.stderr
        );
        self
    }

    /// Insists on success.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    /// Insists on an error code in the one JSON object, and on the status that it has.
    #[track_caller]
    pub(crate) fn fails(self, status: i32, code: &str) -> Value {
        let run = self.exits(status);
        let object = run.one_object();
        assert_eq!(object["error"]["code"], code, "{object}");
        assert_eq!(object["exit"], status, "{object}");
        assert!(run.stderr.starts_with("secimg: "), "{}", run.stderr);
        object
    }

    /// Insists on one error code in each of so many JSON objects.
    #[track_caller]
    pub(crate) fn fails_all(self, status: i32, code: &str, count: usize) {
        let objects = self.exits(status).objects();
        assert_eq!(objects.len(), count, "{objects:?}");
        assert!(
            objects.iter().all(|object| object["error"]["code"] == code),
            "{objects:?}"
        );
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).expect("the output is text")
    }

    /// The JSON objects, one a line.
    #[track_caller]
    pub(crate) fn objects(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).expect("each line is an object");
        self.text().lines().map(parse).collect()
    }

    #[track_caller]
    pub(crate) fn one_object(&self) -> Value {
        let mut objects = self.objects();
        assert_eq!(objects.len(), 1, "{objects:?}");
        objects.remove(0)
    }
}

/// Every key is there, also where its value is not known, and there are no others.
#[track_caller]
pub(crate) fn has_keys(object: &Value, keys: &[&str]) {
    let found: Vec<_> = object.as_object().expect("an object").keys().collect();
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    assert_eq!(found, keys);
}

/// A folder with the keys `alice`, `carol` (RSA), `dora`, `frank` (hybrid), `bob`, `eve` (Ed25519), each
/// with its `.pub`, and `sym`, `sym2` (symmetric), `pass`, `pass2` (passphrases).
pub(crate) struct Bench {
    folder: TempDir,
}

/// Names and texts of the key files, made once.
fn key_files() -> &'static [(String, String)] {
    static FILES: OnceLock<Vec<(String, String)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let rsa = GenerateKind::Rsa { bits: 2048 };
        let mut files = Vec::new();
        for (name, kind) in [
            ("alice", rsa),
            ("carol", rsa),
            ("dora", GenerateKind::XWing),
            ("frank", GenerateKind::XWing),
            ("bob", GenerateKind::Ed25519),
            ("eve", GenerateKind::Ed25519),
        ] {
            let key = PrivateKey::generate(kind).unwrap();
            files.push((name.to_owned(), key.to_pem().unwrap().to_string()));
            files.push((format!("{name}.pub"), key.public().to_pem()));
        }
        for name in ["sym", "sym2"] {
            let key = SymmetricKey::generate().unwrap();
            files.push((name.to_owned(), key.to_file_text().to_string()));
        }
        files.push(("pass".to_owned(), "correct horse\n".to_owned()));
        files.push(("pass2".to_owned(), "battery staple\n".to_owned()));
        files
    })
}

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Self {
            folder: TempDir::new().unwrap(),
        };
        for (name, text) in key_files() {
            bench.secret(name, text.as_bytes());
        }
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Writes a file that only its owner can read.
    pub(crate) fn secret(&self, name: &str, bytes: &[u8]) {
        write_private(&self.path(name), bytes, Overwrite::Refuse).unwrap();
    }

    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect(name)
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        fs::symlink_metadata(self.path(name)).is_ok()
    }

    /// What is in a folder, sorted; temporary files too.
    pub(crate) fn names_in(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry.unwrap().file_name().into_string().unwrap()
        };
        let mut names: Vec<_> = entries.map(name).collect();
        names.sort_unstable();
        names
    }

    /// No temporary file was left in the bench's own folder.
    #[track_caller]
    pub(crate) fn is_tidy(&self) {
        let names = self.names_in(".");
        assert!(
            !names.iter().any(|name| name.starts_with(".secimg-")),
            "{names:?}"
        );
    }

    /// The command with arguments that are separated by spaces.
    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_secimg"));
        command
            .current_dir(self.folder.path())
            // Nobody's own keys.
            .env("SECIMG_KEYS", self.path("keyfolder"))
            .env("XDG_STATE_HOME", self.path("statefolder"))
            .env("LOCALAPPDATA", self.path("statefolder"))
            .args(words.split_whitespace());
        command
    }

    #[track_caller]
    pub(crate) fn run(&self, words: &str) -> Run {
        finish(self.command(words).stdin(Stdio::null()))
    }

    /// The command with bytes on its standard input.
    #[track_caller]
    pub(crate) fn feed(&self, words: &str, input: &[u8]) -> Run {
        let mut command = self.command(words);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        // A command that fails early does not read everything.
        let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        run_of(output)
    }

    /// A sealed image: `a.gif` for alice, signed by bob.
    pub(crate) fn sealed(&self) -> Vec<u8> {
        if !self.exists("a.gif") {
            self.write("a.gif", GIF);
        }
        self.run("encrypt -r alice.pub --sign bob a.gif --force")
            .ok();
        self.read("a.gif.secimg")
    }
}

#[track_caller]
pub(crate) fn finish(command: &mut Command) -> Run {
    run_of(command.output().expect("the command starts"))
}

fn run_of(output: std::process::Output) -> Run {
    Run {
        // A signal is no exit status.
        status: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).expect("messages are text"),
    }
}

/// The mode of a file.
#[cfg(unix)]
pub(crate) fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[cfg(unix)]
pub(crate) fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
