//! The command as a process: receivers in the background, senders that are waited for.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;

use crate::process;

/// The binary, a key that all share, and a home of its own.
#[derive(Clone)]
pub(crate) struct Secimg {
    path: PathBuf,
    key: PathBuf,
    home: PathBuf,
}

impl Secimg {
    pub(crate) const fn new(path: PathBuf, key: PathBuf, home: PathBuf) -> Self {
        Self { path, key, home }
    }

    /// `secimg WORD --key-file KEY`, with JSON on standard output.
    pub(crate) fn command(&self, word: &str) -> Command {
        let mut command = Command::new(&self.path);
        self.equip(&mut command, word);
        command
    }

    /// The same, started by a shell after `prelude`, which sets limits.
    pub(crate) fn command_after(&self, prelude: &str, word: &str) -> Command {
        let mut command = Command::new("sh");
        let script = format!("{prelude}; exec \"$@\"");
        command.arg("-c").arg(script).arg("sh").arg(&self.path);
        self.equip(&mut command, word);
        command
    }

    fn equip(&self, command: &mut Command, word: &str) {
        command
            .args(["--json", word, "--key-file"])
            .arg(&self.key)
            .env("HOME", &self.home)
            .env_remove("XDG_STATE_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
    }

    /// A receiver with a folder, and `args` beside it.
    pub(crate) fn receive(&self, folder: &Path, args: &[&str]) -> Receiver {
        let mut command = self.command("receive");
        command.args(["--listen", "tcp://127.0.0.1:0", "-O"]);
        command.arg(folder).args(args);
        Receiver::start(command).expect("a receiver that listens")
    }
}

/// A receiver that listens.
pub(crate) struct Receiver {
    pub(crate) url: String,
    child: Child,
    reports: Arc<Mutex<Vec<Value>>>,
    errors: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Receiver {
    /// Starts it and waits until it listens; nothing where it does not come to that.
    pub(crate) fn start(mut command: Command) -> Option<Self> {
        let mut child = command.spawn().expect("the command starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut stderr = child.stderr.take().expect("piped");
        let mut line = String::new();
        let read = stdout.read_line(&mut line);
        let first: Option<Value> = serde_json::from_str(&line).ok().filter(|_| read.is_ok());
        let url = first.and_then(|line| line["url"].as_str().map(str::to_owned));
        let Some(url) = url else {
            drop(child.wait());
            return None;
        };
        let (reports, errors) = (Arc::default(), Arc::default());
        let readers = vec![
            thread::spawn({
                let reports: Arc<Mutex<Vec<Value>>> = Arc::clone(&reports);
                move || keep_lines(stdout, &reports)
            }),
            thread::spawn({
                let errors: Arc<Mutex<String>> = Arc::clone(&errors);
                move || {
                    let mut text = String::new();
                    let _ = stderr.read_to_string(&mut text);
                    errors.lock().expect("no panic").push_str(&text);
                }
            }),
        ];
        Some(Self {
            url,
            child,
            reports,
            errors,
            readers,
        })
    }

    /// Where it listens, without the scheme.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("tcp://").unwrap_or(&self.url)
    }

    /// A figure of its memory in KiB.
    pub(crate) fn memory(&self, field: &str) -> u64 {
        process::of(&self.child.id().to_string(), field)
    }

    pub(crate) fn processor_time(&self) -> Duration {
        process::processor_time(&self.child.id().to_string())
    }

    pub(crate) fn threads(&self) -> usize {
        fs::read_dir(format!("/proc/{}/task", self.child.id())).map_or(0, Iterator::count)
    }

    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Takes what it has reported since the last time.
    pub(crate) fn reports(&self) -> Vec<Value> {
        core::mem::take(&mut self.reports.lock().expect("no panic"))
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.end();
    }

    /// Ctrl-C, and waits for the end. Returns what it said to people.
    pub(crate) fn stop(mut self) -> String {
        let id = self.child.id().to_string();
        while self.is_running() {
            let sent = Command::new("kill").args(["-INT", &id]).status();
            assert!(sent.is_ok_and(|status| status.success()), "kill");
            thread::sleep(Duration::from_millis(200));
        }
        self.end();
        core::mem::take(&mut self.errors.lock().expect("no panic"))
    }

    fn end(&mut self) -> ExitStatus {
        let status = self.child.wait().expect("it was started");
        for reader in self.readers.drain(..) {
            drop(reader.join());
        }
        status
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // One that was not stopped is of a row that failed.
        let _: std::io::Result<()> = self.child.kill();
        drop(self.child.wait());
    }
}

fn keep_lines(stdout: impl BufRead, reports: &Mutex<Vec<Value>>) {
    for line in stdout.lines().map_while(Result::ok) {
        if let Ok(report) = serde_json::from_str(&line) {
            reports.lock().expect("no panic").push(report);
        }
    }
}

/// What a report says of what went wrong.
pub(crate) fn error_of(report: &Value) -> String {
    let error = &report["error"];
    match (error["code"].as_str(), error["message"].as_str()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        _ => report["verdict"].as_str().unwrap_or("nothing").to_owned(),
    }
}
