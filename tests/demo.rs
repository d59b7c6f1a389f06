//! The commands that talk to other machines, as processes: `demo`, `send`, `receive`.

#![cfg(feature = "cli")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, and its helpers are part of the test"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::OnceLock;

use secimg::io::SealWriter;
use secimg::keys::PublicKey;
use secimg::stream::{ImageDescription, SealOptions};
use serde_json::Value;
use tempfile::TempDir;

#[path = "support/say.rs"]
#[macro_use]
mod say;

#[path = "demo/breaks.rs"]
mod breaks;
#[path = "demo/killed.rs"]
mod killed;
#[path = "demo/live.rs"]
mod live;
#[path = "demo/receipts.rs"]
mod receipts;
#[path = "demo/receiving.rs"]
mod receiving;

fn secimg(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_secimg"))
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Runs a command that must end with this status, and returns what it printed, line by line.
fn run(status: i32, args: &[&str]) -> Vec<Value> {
    let output = secimg(&[&["--json"], args].concat());
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{args:?}: {error}");
    json_lines(&output.stdout)
}

fn json_lines(stdout: &[u8]) -> Vec<Value> {
    let text = core::str::from_utf8(stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Keys that all tests share, since they take a while to make.
fn keys() -> &'static Path {
    static KEYS: OnceLock<TempDir> = OnceLock::new();
    let make = || {
        // What is static is never dropped: this stays in the build folder.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let key = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        for name in ["doctor", "stranger"] {
            run(0, &["keygen", "--bits", "2048", "-o", &key(name)]);
        }
        run(0, &["keygen", "--kind", "ed25519", "-o", &key("clinic")]);
        folder
    };
    KEYS.get_or_init(make).path()
}

fn key(name: &str) -> String {
    keys().join(name).to_str().unwrap().to_owned()
}

/// A folder with images, and one for what is received.
struct Room {
    folder: TempDir,
}

impl Room {
    fn new() -> Self {
        let room = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::write(
            room.path("a.png"),
            [&b"\x89PNG\r\n\x1a\n"[..], &vec![1; 300_000]].concat(),
        )
        .unwrap();
        fs::write(
            room.path("b.raw"),
            (0..=255).cycle().take(70_000).collect::<Vec<u8>>(),
        )
        .unwrap();
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Names of what was received; the folder is absent where nothing was.
    fn received(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path("in")) else {
            return Vec::new();
        };
        let mut names: Vec<_> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn assert_arrived(&self, names: &[&str]) {
        assert_eq!(self.received(), names);
        for name in names {
            let (sent, received) = (self.path(name), self.path("in").join(name));
            assert!(
                fs::read(sent).unwrap() == fs::read(received).unwrap(),
                "{name}"
            );
        }
    }

    /// Starts a receiver and waits until it listens.
    fn receive(&self, args: &[&str]) -> Receiver {
        Receiver::start(&[args, &["-O", &self.text("in")]].concat())
    }

    /// Seals an image under a name that no command would store.
    fn sealed_as(&self, name: &str) -> String {
        let pem = fs::read(key("doctor.pub")).unwrap();
        let recipient = PublicKey::from_pem(&pem).unwrap().recipient().unwrap();
        let file = fs::File::create_new(self.path("evil.secimg")).unwrap();
        let mut writer = SealWriter::new(file, &SealOptions::new().recipient(recipient)).unwrap();
        let description = ImageDescription::new().named(name);
        writer.add_image(&b"evil"[..], &description, None).unwrap();
        writer.finish().unwrap();
        self.text("evil.secimg")
    }
}

/// A receiver in the background, which ends with its test.
struct Receiver {
    child: Child,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl Receiver {
    fn start(args: &[&str]) -> Self {
        Self::try_start("tcp://127.0.0.1:0", args).unwrap()
    }

    /// Nothing where it does not come to listening.
    fn try_start(url: &str, args: &[&str]) -> Option<Self> {
        Self::of(Command::new(env!("CARGO_BIN_EXE_secimg")), url, args)
    }

    /// Started by a shell script that ends in `exec "$@"`.
    #[cfg(unix)]
    fn start_after(script: &str, args: &[&str]) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh", env!("CARGO_BIN_EXE_secimg")]);
        Self::of(shell, "tcp://127.0.0.1:0", args).unwrap()
    }

    fn of(mut command: Command, url: &str, args: &[&str]) -> Option<Self> {
        let mut child = command
            .args(["--json", "receive", "--listen", url])
            .args(args)
            // Nobody's own state.
            .env("XDG_STATE_HOME", keys().join("state"))
            .env("LOCALAPPDATA", keys().join("state"))
            .env("HOME", keys().join("state"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        if line["schema"] != "secimg/listening/1" {
            child.wait().unwrap();
            return None;
        }
        let url = line["url"].as_str().unwrap().to_owned();
        Some(Self { child, stdout, url })
    }

    fn dial(&self) -> TcpStream {
        TcpStream::connect(self.url.strip_prefix("tcp://").unwrap()).unwrap()
    }

    /// Sends Ctrl-C.
    #[cfg(unix)]
    fn interrupt(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Sends Ctrl-C again and again: signals that come too quickly are one.
    #[cfg(unix)]
    fn interrupt_until_it_ends(&mut self) {
        while self.child.try_wait().unwrap().is_none() {
            self.interrupt();
            std::thread::sleep(core::time::Duration::from_millis(50));
        }
    }

    /// Waits for the end, and returns the reports.
    fn end(mut self, status: i32) -> Vec<Value> {
        let mut rest = Vec::new();
        self.stdout.read_to_end(&mut rest).unwrap();
        let mut error = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut error)
            .unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(status), "{error}");
        json_lines(&rest)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // Only a test that failed leaves one running.
        let _: std::io::Result<()> = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_demonstration_needs_nothing_but_the_binary() {
    let elsewhere = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_secimg"))
        .arg("demo")
        .current_dir(elsewhere.path())
        .env("TMPDIR", elsewhere.path())
        .env("TMP", elsewhere.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}{error}");
    assert_eq!(text.matches("bytes, identical").count(), 3, "{text}");
    assert_eq!(text.matches("refused: ").count(), 3, "{text}");
    assert!(text.contains("Everything is as it must be."), "{text}");
    assert_eq!(error, "");

    let folder = fs::read_dir(elsewhere.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    for name in ["landscape.jpg", "phantom.png", "phantom.dcm"] {
        let of = |kind: &str| fs::read(folder.join(kind).join(name)).unwrap();
        assert!(of("originals") == of("received"), "{name}");
    }
    // What it says can be looked at can be looked at.
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (identity, sender) = (file("keys/receiver"), file("keys/sender.pub"));
    let report = run(
        0,
        &[
            "verify",
            "-i",
            &identity,
            "--from",
            &sender,
            &file("pictures.secimg"),
        ],
    );
    assert_eq!(report[0]["items"].as_array().unwrap().len(), 3);
    assert_eq!(report[0]["signature"]["trusted"], true);
}

#[test]
fn the_demonstration_takes_files_too() {
    let room = Room::new();
    fs::write(room.path("empty.raw"), b"").unwrap();
    let files = [
        room.text("a.png"),
        room.text("b.raw"),
        room.text("empty.raw"),
    ];
    let report = &run(0, &["demo", &files[0], &files[1], &files[2]])[0];
    assert_eq!(report["schema"], "secimg/demo/1");
    assert_eq!(report["verdict"], "verified");
    assert_eq!(report["trusted"], true);
    let items = report["items"].as_array().unwrap();
    for (item, file) in items.iter().zip(&files) {
        assert_eq!(item["identical"], true);
        let received = fs::read(item["output"].as_str().unwrap()).unwrap();
        assert!(received == fs::read(file).unwrap());
    }
    let refusals = report["refusals"].as_array().unwrap();
    assert!(refusals.len() == 3 && refusals.iter().all(|refusal| refusal["refused"] == true));
    fs::remove_dir_all(report["folder"].as_str().unwrap()).unwrap();

    let report = &run(4, &["demo", &room.text("missing.png")])[0];
    assert_eq!(report["verdict"], "error");
    assert_eq!(report["folder"], Value::Null);
}

#[test]
fn images_arrive_with_proof_on_both_sides() {
    for suite in ["cbc", "gcm"] {
        let room = Room::new();
        let receiver = room.receive(&[
            "-i",
            &key("doctor"),
            "--from",
            &key("clinic.pub"),
            "--context",
            "study",
            "--once",
        ]);
        let (to, sign) = (receiver.url.clone(), key("clinic"));
        let (a, b, doctor) = (room.text("a.png"), room.text("b.raw"), key("doctor.pub"));
        let sent = run(
            0,
            &[
                "send",
                "-r",
                &doctor,
                "--sign",
                &sign,
                "--suite",
                suite,
                "--context",
                "study",
                "--to",
                &to,
                &a,
                &b,
            ],
        );
        let arrived = receiver.end(0);
        room.assert_arrived(&["a.png", "b.raw"]);
        assert!(sent.len() == 1 && arrived.len() == 1);
        let (sent, arrived) = (&sent[0], &arrived[0]);
        for report in [sent, arrived] {
            assert_eq!(report["schema"], "secimg/report/1");
            assert_eq!(report["verdict"], "verified");
            assert_eq!(report["error"], Value::Null);
        }
        assert_eq!(sent["file"], to);
        assert_eq!(sent["transfer_id"], arrived["transfer_id"]);
        assert_eq!(sent["suite"], arrived["suite"]);
        assert_eq!(sent["signature"]["signer"], arrived["signature"]["signer"]);
        for (sent, arrived) in sent["items"]
            .as_array()
            .unwrap()
            .iter()
            .zip(arrived["items"].as_array().unwrap())
        {
            for field in ["name", "media_type", "bytes", "sha256", "width"] {
                assert_eq!(sent[field], arrived[field], "{field}");
            }
        }
        assert_eq!(sent["receipt"]["verdict"], "accepted");
        assert_eq!(sent["receipt"]["tag"], true);
        assert_eq!(sent["receipt"]["signature"], Value::Null);
        let keys = |report: &Value| -> Vec<String> {
            let keys = report.as_object().unwrap().keys();
            keys.filter(|key| *key != "receipt").cloned().collect()
        };
        assert_eq!(keys(sent), keys(arrived));
    }
}

#[test]
fn people_are_told_in_words() {
    let room = Room::new();
    let receiver = room.receive(&["-i", &key("doctor"), "--once"]);
    let output = secimg(&[
        "send",
        "-r",
        &key("doctor.pub"),
        "--to",
        &receiver.url,
        &room.text("a.png"),
    ]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("1 image verified and stored, confirmed by a holder of the key"),
        "{text}"
    );
    receiver.end(0);
}

#[test]
fn a_wrong_identity_gets_nothing_and_the_sender_knows() {
    let room = Room::new();
    let receiver = room.receive(&["-i", &key("stranger"), "--once"]);
    let sent = run(
        1,
        &[
            "send",
            "-r",
            &key("doctor.pub"),
            "--to",
            &receiver.url,
            &room.text("a.png"),
        ],
    );
    assert_eq!(sent[0]["error"]["code"], "receipt_refused");
    assert_eq!(sent[0]["verdict"], "refused");
    let arrived = receiver.end(1);
    assert_eq!(arrived[0]["error"]["code"], "no_matching_key");
    assert_eq!(arrived[0]["items"].as_array().unwrap().len(), 0);
    assert_eq!(room.received(), [""; 0]);
}

#[test]
fn a_stream_that_is_not_signed_by_the_right_one_is_refused() {
    let room = Room::new();
    let receiver = room.receive(&[
        "-i",
        &key("doctor"),
        "--from",
        &key("clinic.pub"),
        "--count",
        "2",
    ]);
    let (to, doctor, image) = (receiver.url.clone(), key("doctor.pub"), room.text("a.png"));
    run(1, &["send", "-r", &doctor, "--to", &to, &image]);
    run(
        1,
        &[
            "send",
            "-r",
            &doctor,
            "--sign",
            &key("stranger"),
            "--to",
            &to,
            &image,
        ],
    );
    let arrived = receiver.end(1);
    assert_eq!(arrived[0]["error"]["code"], "not_signed");
    assert_eq!(arrived[1]["error"]["code"], "untrusted_signer");
    assert_eq!(room.received(), [""; 0]);
}

#[test]
fn an_evil_name_leaves_no_folder() {
    for name in [
        "../evil.png",
        "/tmp/evil.png",
        "..\\evil.png",
        "CON",
        "a\u{202e}gnp.png",
    ] {
        let room = Room::new();
        let sealed = room.sealed_as(name);
        let receiver = room.receive(&["-i", &key("doctor"), "--once"]);
        let sent = run(1, &["send", "--to", &receiver.url, &sealed]);
        assert_eq!(sent[0]["error"]["code"], "receipt_refused");
        let arrived = receiver.end(3);
        assert_eq!(arrived[0]["error"]["code"], "bad_name", "{name:?}");
        assert_eq!(room.received(), [""; 0]);
        assert!(!room.path("evil.png").exists());
    }
}

#[test]
fn an_existing_file_stays_unless_forced() {
    let room = Room::new();
    fs::create_dir(room.path("in")).unwrap();
    fs::write(room.path("in/a.png"), b"older").unwrap();
    let (doctor, image, other) = (key("doctor.pub"), room.text("a.png"), room.text("b.raw"));
    let receiver = room.receive(&["-i", &key("doctor"), "--count", "2"]);
    // The second image is refused with the first: a stream is stored whole or not at all.
    run(
        1,
        &["send", "-r", &doctor, "--to", &receiver.url, &image, &other],
    );
    assert_eq!(room.received(), ["a.png"]);
    assert_eq!(fs::read(room.path("in/a.png")).unwrap(), b"older");
    // The receiver goes on.
    run(0, &["send", "-r", &doctor, "--to", &receiver.url, &other]);
    let arrived = receiver.end(2);
    assert_eq!(arrived[0]["error"]["code"], "exists");
    assert_eq!(arrived[1]["verdict"], "verified");

    let receiver = room.receive(&["-i", &key("doctor"), "--once", "--force"]);
    run(0, &["send", "-r", &doctor, "--to", &receiver.url, &image]);
    receiver.end(0);
    room.assert_arrived(&["a.png", "b.raw"]);
}

#[test]
fn a_relay_stores_and_the_recipient_opens() {
    let room = Room::new();
    let sealed = room.text("series.secimg");
    let (a, b, doctor) = (room.text("a.png"), room.text("b.raw"), key("doctor.pub"));
    run(0, &["encrypt", "-r", &doctor, "-o", &sealed, &a, &b]);
    let relay = Receiver::start(&["-O", &room.text("relay"), "--count", "3"]);
    // Sent twice: the sender may have missed the receipt.
    for _ in 0..2 {
        let sent = run(0, &["send", "--to", &relay.url, &sealed]);
        assert_eq!(sent[0]["verdict"], "sent");
        assert_eq!(
            sent[0]["warnings"][0],
            "stored by a relay, not confirmed by the recipient"
        );
    }
    // Who seals on the way wants the recipient's word, and a relay's is none.
    let sent = run(1, &["send", "-r", &doctor, "--to", &relay.url, &a]);
    assert_eq!(sent[0]["error"]["code"], "not_confirmed");
    let stored = relay.end(0);
    assert_eq!(stored.len(), 3);
    let file = stored[0]["output"].as_str().unwrap();
    let id = stored[0]["transfer_id"].as_str().unwrap();
    assert!(file.ends_with(&format!("{id}.secimg")), "{file}");
    assert!(fs::read(file).unwrap() == fs::read(&sealed).unwrap());
    assert_eq!(stored[1]["output"], stored[0]["output"]);

    let receiver = room.receive(&["-i", &key("doctor"), "--once"]);
    let sent = run(0, &["send", "--to", &receiver.url, file]);
    assert_eq!(sent[0]["verdict"], "sent");
    assert_eq!(receiver.end(0)[0]["transfer_id"], id);
    room.assert_arrived(&["a.png", "b.raw"]);
}

#[test]
fn a_relay_takes_no_other_stream_of_the_same_name() {
    let room = Room::new();
    let sealed = room.text("one.secimg");
    run(
        0,
        &[
            "encrypt",
            "-r",
            &key("doctor.pub"),
            "-o",
            &sealed,
            &room.text("a.png"),
        ],
    );
    let whole = fs::read(&sealed).unwrap();
    let mut changed = whole.clone();
    let at = changed.len() - 20;
    changed[at] ^= 1;
    fs::write(room.path("changed.secimg"), &changed).unwrap();
    let relay = Receiver::start(&["-O", &room.text("relay"), "--count", "2"]);
    run(0, &["send", "--to", &relay.url, &sealed]);
    run(
        1,
        &["send", "--to", &relay.url, &room.text("changed.secimg")],
    );
    let stored = relay.end(2);
    assert_eq!(stored[1]["error"]["code"], "exists");
    assert!(fs::read(stored[0]["output"].as_str().unwrap()).unwrap() == whole);
    assert_eq!(fs::read_dir(room.path("relay")).unwrap().count(), 1);
}

#[test]
fn who_only_knocks_is_no_stream() {
    let room = Room::new();
    let receiver = room.receive(&["-i", &key("doctor"), "--once"]);
    drop(receiver.dial());
    receiver
        .dial()
        .write_all(b"GET / HTTP/1.1\r\n\r\n")
        .unwrap();
    run(
        0,
        &[
            "send",
            "-r",
            &key("doctor.pub"),
            "--to",
            &receiver.url,
            &room.text("a.png"),
        ],
    );
    let arrived = receiver.end(0);
    // Who was still being answered when the one stream came may not be mentioned.
    let (streams, others): (Vec<_>, Vec<_>) = arrived
        .iter()
        .partition(|report| report["verdict"] == "verified");
    assert_eq!(streams.len(), 1);
    let knocked = |report: &&Value| {
        ["not_a_stream", "truncated", "io"].contains(&report["error"]["code"].as_str().unwrap())
    };
    assert!(others.iter().all(knocked), "{others:?}");
}

#[test]
fn a_stream_that_breaks_off_leaves_no_image() {
    let room = Room::new();
    let sealed = room.text("cut.secimg");
    run(
        0,
        &[
            "encrypt",
            "-r",
            &key("doctor.pub"),
            "-o",
            &sealed,
            &room.text("a.png"),
        ],
    );
    let whole = fs::read(&sealed).unwrap();
    let receiver = room.receive(&["-i", &key("doctor"), "--count", "2", "--resume-within", "0"]);
    receiver.dial().write_all(&whole[..200_000]).unwrap();
    receiver
        .dial()
        .write_all(&whole[..whole.len() - 1])
        .unwrap();
    let arrived = receiver.end(4);
    assert!(
        arrived
            .iter()
            .all(|report| report["error"]["code"] == "truncated"),
        "{arrived:?}"
    );
    assert_eq!(room.received(), [""; 0]);
}

#[test]
fn what_is_too_long_is_refused() {
    let room = Room::new();
    let receiver = room.receive(&["-i", &key("doctor"), "--once", "--max-size", "100000"]);
    let (doctor, image) = (key("doctor.pub"), room.text("a.png"));
    run(1, &["send", "-r", &doctor, "--to", &receiver.url, &image]);
    assert_eq!(receiver.end(3)[0]["error"]["code"], "too_long");
    assert_eq!(room.received(), [""; 0]);
}

#[test]
fn what_cannot_be_sent_is_said_before_anybody_is_called() {
    let room = Room::new();
    let (doctor, image) = (key("doctor.pub"), room.text("a.png"));
    // Nobody listens here: a call would end with status 4.
    let to = "tcp://127.0.0.1:9";
    let code = |status, args: &[&str]| run(status, args)[0]["error"]["code"].clone();
    assert_eq!(code(3, &["send", "--to", to, &image]), "not_a_stream");
    assert_eq!(
        code(2, &["send", "--sign", &key("clinic"), "--to", to, &image]),
        "no_recipient"
    );
    assert_eq!(
        code(
            4,
            &["send", "-r", &doctor, "--to", to, &room.text("no.png")]
        ),
        "not_found"
    );
    fs::create_dir(room.path("other")).unwrap();
    fs::copy(&image, room.path("other/a.png")).unwrap();
    let twice = [
        "send",
        "-r",
        &doctor,
        "--to",
        to,
        &image,
        &room.text("other/a.png"),
    ];
    assert_eq!(code(2, &twice), "usage");
    for bad in ["127.0.0.1:9", "ftp://127.0.0.1:9", "tcp://127.0.0.1"] {
        assert_eq!(
            code(2, &["send", "-r", &doctor, "--to", bad, &image]),
            "bad_address"
        );
    }
    assert_eq!(
        code(4, &["send", "-r", &doctor, "--to", to, &image]),
        "connection"
    );
    let relay = [
        "receive",
        "--listen",
        "tcp://127.0.0.1:0",
        "--from",
        &doctor,
        "-O",
        &room.text("in"),
    ];
    assert_eq!(code(2, &relay), "no_identity");
    let taken = room.receive(&["-i", &key("doctor")]);
    let second = [
        "receive",
        "-i",
        &key("doctor"),
        "--listen",
        &taken.url,
        "-O",
        &room.text("in"),
    ];
    assert_eq!(code(4, &second), "connection");
}

/// Ctrl-C in the middle of a stream.
#[cfg(unix)]
#[test]
fn a_receiver_that_is_stopped_takes_its_temporary_files_along() {
    let room = Room::new();
    let sealed = room.text("half.secimg");
    run(
        0,
        &[
            "encrypt",
            "-r",
            &key("doctor.pub"),
            "-o",
            &sealed,
            &room.text("a.png"),
        ],
    );
    let mut receiver = room.receive(&["-i", &key("doctor")]);
    let mut link = receiver.dial();
    link.write_all(&fs::read(&sealed).unwrap()[..200_000])
        .unwrap();
    while room.received().is_empty() {
        std::thread::sleep(core::time::Duration::from_millis(10));
    }
    assert!(room.received()[0].starts_with(".secimg-"));
    // Once would let it end by itself, and the rest of this stream does not come.
    receiver.interrupt_until_it_ends();
    receiver.end(130);
    assert_eq!(room.received(), [""; 0]);
}
