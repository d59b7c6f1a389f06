//! Runs of the command.

use core::time::Duration;
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::Value;

/// The command, with whatever it keeps below this folder.
pub(crate) fn command(folder: &Path) -> Command {
    housed(Command::new(env!("CARGO_BIN_EXE_secimg")), folder)
}

/// Nothing of a test gets into the user's own folders.
pub(crate) fn housed(mut command: Command, folder: &Path) -> Command {
    let state = folder.join("home");
    command
        .env("XDG_STATE_HOME", &state)
        .env("LOCALAPPDATA", &state)
        .env("HOME", &state)
        .current_dir(folder);
    command
}

/// A run of the command: its status, the objects that it printed, and what it said.
pub(crate) fn secimg(folder: &Path, args: &[&str]) -> (i32, Vec<Value>, String) {
    let run = command(folder).args(args).arg("--json").output().unwrap();
    let stdout = String::from_utf8(run.stdout).unwrap();
    let objects = stdout
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    (run.status.code().unwrap(), objects, said)
}

pub(crate) fn ok(folder: &Path, args: &[&str]) -> Vec<Value> {
    let (status, objects, said) = secimg(folder, args);
    assert_eq!(status, 0, "{args:?}: {said}");
    objects
}

/// `secimg receive`, and where it listens.
pub(crate) struct Receiving {
    child: Child,
    pub(crate) url: String,
}

pub(crate) fn receive(folder: &Path, scheme: &str, args: &[&str]) -> Receiving {
    receive_at(folder, &format!("{scheme}://127.0.0.1:0"), args).unwrap()
}

/// A receiver at this URL; nothing where it cannot be. What it says on standard error is in a file.
pub(crate) fn receive_at(folder: &Path, url: &str, args: &[&str]) -> Option<Receiving> {
    let mut all = vec!["receive", "--json", "--listen", url, "-O", "received"];
    all.extend_from_slice(args);
    let mut command = command(folder);
    command.args(all);
    start(folder, command)
}

/// A receiver where another one was: the port may be free only in a moment.
pub(crate) fn receive_again(folder: &Path, url: &str, args: &[&str]) -> Receiving {
    loop {
        if let Some(receiver) = receive_at(folder, url, args) {
            return receiver;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Starts a command that receives, and waits until it listens.
pub(crate) fn start(folder: &Path, mut command: Command) -> Option<Receiving> {
    let mut said = OpenOptions::new();
    let said = said.create(true).append(true).open(folder.join("said"));
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(said.unwrap())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    child.stdout = Some(out.into_inner());
    let object: Value = serde_json::from_str(&line).unwrap_or_default();
    // Dropped, it is waited for.
    let mut receiving = Receiving {
        child,
        url: String::new(),
    };
    object["url"].as_str()?.clone_into(&mut receiving.url);
    Some(receiving)
}

/// What receivers said in this folder.
pub(crate) fn said(folder: &Path) -> String {
    fs::read_to_string(folder.join("said")).unwrap()
}

impl Receiving {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn end(mut self, status: i32) -> Vec<Value> {
        let mut out = String::new();
        self.child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut out)
            .unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(status), "{out}");
        out.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// SIGKILL, as when the power fails.
    pub(crate) fn kill(self) {
        drop(self);
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        let _: std::io::Result<()> = self.child.kill();
        let _: std::io::Result<_> = self.child.wait();
    }
}

/// A folder with two keys and two images.
pub(crate) fn room() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    ok(at, &["keygen", "--kind", "hybrid", "-o", "doctor"]);
    ok(at, &["keygen", "--kind", "hybrid", "-o", "other"]);
    fs::write(at.join("a.gif"), b"GIF89a\x40\x01\xF0\x00\x00\x00\x00").unwrap();
    fs::write(at.join("b.raw"), vec![7; 3_000_000]).unwrap();
    folder
}

pub(crate) fn assert_arrived(folder: &Path) {
    for name in ["a.gif", "b.raw"] {
        let arrived = fs::read(folder.join("received").join(name)).unwrap();
        assert!(arrived == fs::read(folder.join(name)).unwrap(), "{name}");
    }
}
