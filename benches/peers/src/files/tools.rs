//! The commands: how each makes its key, encrypts and decrypts.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Result;

/// A command that is there, with a key of its own.
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) id: &'static str,
    pub(super) version: String,
    pub(super) encrypt: Command,
    pub(super) decrypt: Command,
    pub(super) sealed: PathBuf,
    pub(super) opened: PathBuf,
    /// How many times as fast secimg should be, encrypting and decrypting.
    pub(super) target: [Option<f64>; 2],
    pub(super) record: Option<f64>,
    /// Where gpg keeps its keys. It starts an agent for each such folder, and leaves it running.
    gpg_home: Option<PathBuf>,
}

pub(super) enum Found {
    Tool(Box<Tool>),
    /// Its name, and why it is not measured.
    Missing(&'static str, String),
}

/// secimg first, if it is there.
pub(super) fn all(secimg: &Path, folder: &Path, plain: &Path) -> Result<Vec<Found>> {
    let place = |name: &str| -> Result<Place<'_>> {
        let folder = folder.join(name);
        fs::create_dir(&folder)?;
        Ok(Place { folder, plain })
    };
    Ok(vec![
        ours(secimg, &place("secimg")?)?,
        age(&place("age")?)?,
        cms(&place("cms")?)?,
        gpg(&place("gpg")?)?,
    ])
}

/// A folder for a tool's key and its output, and what all encrypt.
struct Place<'a> {
    folder: PathBuf,
    plain: &'a Path,
}

impl Place<'_> {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn tool(
        &self,
        name: &'static str,
        version: String,
        encrypt: Command,
        decrypt: Command,
    ) -> Tool {
        Tool {
            name,
            id: name,
            version,
            encrypt,
            decrypt,
            sealed: self.file("sealed"),
            opened: self.file("opened"),
            target: [None; 2],
            record: None,
            gpg_home: None,
        }
    }
}

fn ours(program: &Path, place: &Place<'_>) -> Result<Found> {
    let Some(version) = version(program, "--version") else {
        let why = format!(
            "{} is not there: `cargo build --release --features cli`, or --secimg PATH",
            program.display()
        );
        return Ok(Found::Missing("secimg", why));
    };
    let (key, public) = (place.file("key"), place.file("key.pub"));
    let mut keygen = command(
        program,
        ["keygen", "--quiet", "--kind", "rsa", "--bits", "3072", "-o"],
    );
    done(keygen.arg(&key))?;
    let mut encrypt = command(program, ["encrypt", "--quiet", "-r"]);
    encrypt
        .arg(public)
        .arg("-o")
        .arg(place.file("sealed"))
        .arg(place.plain);
    let mut decrypt = command(program, ["decrypt", "--quiet", "-i"]);
    decrypt
        .arg(key)
        .arg("-o")
        .arg(place.file("opened"))
        .arg(place.file("sealed"));
    let tool = place.tool("secimg", version, encrypt, decrypt);
    Ok(Found::Tool(Box::new(tool)))
}

fn age(place: &Place<'_>) -> Result<Found> {
    let (Some(version), Some(_)) = (
        version("age", "--version"),
        version("age-keygen", "--version"),
    ) else {
        return Ok(missing("age", "age and age-keygen"));
    };
    let (key, public) = (place.file("key"), place.file("key.pub"));
    done(command("age-keygen", ["-o"]).arg(&key))?;
    done(command("age-keygen", ["-y", "-o"]).arg(&public).arg(&key))?;
    let mut encrypt = command("age", ["--encrypt", "-R"]);
    encrypt
        .arg(public)
        .arg("-o")
        .arg(place.file("sealed"))
        .arg(place.plain);
    let mut decrypt = command("age", ["--decrypt", "-i"]);
    decrypt
        .arg(key)
        .arg("-o")
        .arg(place.file("opened"))
        .arg(place.file("sealed"));
    let mut tool = place.tool("age", version, encrypt, decrypt);
    (tool.target, tool.record) = ([Some(1.0); 2], Some(1.5));
    Ok(Found::Tool(Box::new(tool)))
}

/// AES-256-CBC as secimg, and no authentication at all.
fn cms(place: &Place<'_>) -> Result<Found> {
    let Some(version) = version("openssl", "version") else {
        return Ok(missing("openssl cms", "openssl"));
    };
    let (key, certificate) = (place.file("key"), place.file("certificate"));
    let mut request = command(
        "openssl",
        [
            "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-days", "30",
        ],
    );
    request
        .args(["-subj", "/CN=peers", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate);
    done(&mut request)?;
    let mut encrypt = command(
        "openssl",
        ["cms", "-encrypt", "-binary", "-stream", "-outform", "DER"],
    );
    encrypt
        .args(["-aes-256-cbc", "-in"])
        .arg(place.plain)
        .arg("-out")
        .arg(place.file("sealed"));
    encrypt.arg(&certificate);
    let mut decrypt = command(
        "openssl",
        ["cms", "-decrypt", "-binary", "-inform", "DER", "-in"],
    );
    decrypt
        .arg(place.file("sealed"))
        .arg("-out")
        .arg(place.file("opened"));
    decrypt
        .arg("-inkey")
        .arg(key)
        .arg("-recip")
        .arg(certificate);
    let mut tool = place.tool("openssl cms", version, encrypt, decrypt);
    (tool.id, tool.target) = ("openssl-cms", [Some(1.5), Some(8.0)]);
    Ok(Found::Tool(Box::new(tool)))
}

/// Told not to compress, which would cost it most of its time and gain nothing on noise.
fn gpg(place: &Place<'_>) -> Result<Found> {
    const KEY: &str = "%no-protection\nKey-Type: RSA\nKey-Length: 3072\nKey-Usage: sign\n\
        Subkey-Type: RSA\nSubkey-Length: 3072\nSubkey-Usage: encrypt\nName-Real: peers\nExpire-Date: 0\n%commit\n";
    let Some(version) = version("gpg", "--version") else {
        return Ok(missing("gpg", "gpg"));
    };
    let home = place.file("home");
    private_folder(&home)?;
    let gpg = || {
        let mut gpg = command("gpg", ["--batch", "--quiet", "--trust-model", "always"]);
        gpg.env("GNUPGHOME", &home);
        gpg
    };
    let mut encrypt = gpg();
    encrypt.args([
        "--compress-algo",
        "none",
        "--cipher-algo",
        "AES256",
        "-r",
        "peers",
        "-o",
    ]);
    encrypt
        .arg(place.file("sealed"))
        .arg("--encrypt")
        .arg(place.plain);
    let mut decrypt = gpg();
    decrypt
        .arg("-o")
        .arg(place.file("opened"))
        .arg("--decrypt")
        .arg(place.file("sealed"));
    let mut tool = place.tool("gpg", version, encrypt, decrypt);
    tool.gpg_home = Some(home.clone());
    fs::write(place.file("parameters"), KEY)?;
    done(gpg().arg("--generate-key").arg(place.file("parameters")))?;
    Ok(Found::Tool(Box::new(tool)))
}

/// Ends the agent, of this folder only.
impl Drop for Tool {
    fn drop(&mut self) {
        let Some(home) = &self.gpg_home else {
            return;
        };
        let mut kill = command("gpgconf", ["--kill", "all"]);
        if let Err(error) = done(kill.env("GNUPGHOME", home)) {
            eprintln!("an agent of gpg may be left over: {error}");
        }
    }
}

fn private_folder(path: &Path) -> Result {
    use std::os::unix::fs::DirBuilderExt;
    Ok(fs::DirBuilder::new().mode(0o700).create(path)?)
}

fn missing(name: &'static str, programs: &str) -> Found {
    Found::Missing(name, format!("{programs} not found"))
}

fn command<const N: usize>(program: impl AsRef<OsStr>, words: [&str; N]) -> Command {
    let mut command = Command::new(program);
    command.args(words);
    command
}

/// The first line of what a program says of itself, if it is there.
fn version(program: impl AsRef<OsStr>, word: &str) -> Option<String> {
    let output = Command::new(program)
        .arg(word)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().next().unwrap_or_default().trim().to_owned();
    output.status.success().then_some(line)
}

/// Runs what must succeed.
fn done(command: &mut Command) -> Result {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(format!("{}: {}", command.get_program().display(), words.trim()).into())
}
