//! The sender and the receiver of `examples/c` against each other, and against peers that do them no good.

use core::net::Ipv4Addr;
use core::time::Duration;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, sleep};
use std::time::Instant;

use secimg::keys::{PrivateKey, PublicKey};
use secimg::{Image, SealOptions, encrypt};
use tempfile::TempDir;

use super::examples::examples;
use super::support::pattern;
use super::toolchain::root;

/// Longer than any of this takes on a machine that does other things too.
const PATIENCE: Duration = Duration::from_mins(1);

/// Keys, images to send and a folder to receive into.
struct Bench {
    folder: TempDir,
    programs: &'static Path,
}

/// A program that runs; it does not outlive the test.
struct Running {
    child: Child,
    port: u16,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// How a program ended, and what it said.
#[derive(Debug)]
struct Ended {
    status: ExitStatus,
    out: String,
    err: String,
}

impl Running {
    /// Waits for the end, which must come by itself.
    fn end(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            sleep(Duration::from_millis(5));
        };
        let (mut out, mut err) = (String::new(), String::new());
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_string(&mut out).unwrap();
        }
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        Ended { status, out, err }
    }
}

impl Bench {
    fn new() -> Option<Self> {
        let bench = Self {
            folder: tempfile::tempdir().unwrap(),
            programs: examples()?,
        };
        fs::create_dir(bench.inbox()).unwrap();
        for key in [
            "alice.pem",
            "bob.pem",
            "sender_ed25519.pem",
            "mallory_ed25519.pem",
        ] {
            fs::copy(root().join("tests/vectors/keys").join(key), bench.path(key)).unwrap();
            fs::set_permissions(bench.path(key), fs::Permissions::from_mode(0o600)).unwrap();
        }
        Some(bench)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn inbox(&self) -> PathBuf {
        self.path("inbox")
    }

    /// What lies in the folder that is received into.
    fn received(&self) -> Vec<String> {
        let entries = fs::read_dir(self.inbox()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn image(&self, name: &str, len: usize) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, pattern(len)).unwrap();
        path
    }

    /// Starts a receiver with Alice's key and waits until it listens.
    fn receiver(&self, more: &[&str]) -> Running {
        self.receiver_with("alice.pem", "127.0.0.1", more)
    }

    fn receiver_with(&self, key: &str, address: &str, more: &[&str]) -> Running {
        let mut child = Command::new(self.programs.join("receive_image"))
            .args(["-i", key, "-d", "inbox", "-a", address, "0"])
            .args(more)
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("listening on port ");
        let Some(port) = port.and_then(|port| port.parse().ok()) else {
            let mut said = String::new();
            child
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut said)
                .unwrap();
            panic!("the receiver does not listen: {line}{said}");
        };
        // Nothing is buffered behind the line: no sender was there yet.
        child.stdout = Some(out.into_inner());
        Running { child, port }
    }

    /// Starts a sender for Alice.
    fn sender(&self, host: &str, port: u16, images: &[PathBuf], more: &[&str]) -> Running {
        let child = Command::new(self.programs.join("send_image"))
            .arg("-r")
            .arg(root().join("tests/vectors/keys/alice.pub"))
            .args(more)
            .args([host, &port.to_string()])
            .args(images)
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Running { child, port }
    }

    /// A stream for Alice, made by the library itself.
    fn stream(&self, name: &str, len: usize) -> Vec<u8> {
        let pem = fs::read(self.path("alice.pem")).unwrap();
        let alice = PrivateKey::from_pem(&pem, None).unwrap();
        let options = SealOptions::new().recipient(alice.public().recipient().unwrap());
        encrypt(&Image::new(pattern(len)).named(name), &options).unwrap()
    }
}

fn connect(port: u16) -> TcpStream {
    let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.set_write_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// Sends bytes, and reads the receiver's word. A receiver that has refused may not take all of them.
fn offer(port: u16, pieces: &[&[u8]]) -> String {
    let mut socket = connect(port);
    for piece in pieces {
        if socket.write_all(piece).is_err() {
            break;
        }
    }
    let _gone = socket.shutdown(Shutdown::Write);
    let mut answer = String::new();
    // It may also be reset.
    let _reset = socket.read_to_string(&mut answer);
    answer
}

#[test]
fn images_go_from_the_sender_to_the_receiver() {
    let Some(bench) = Bench::new() else { return };
    let images = [
        bench.image("empty.raw", 0),
        bench.image("dose é.raw", 70_000),
        bench.image("large.raw", 9_000_001),
    ];
    let trusted = root().join("tests/vectors/keys/sender_ed25519.pub");
    let signer = PublicKey::from_pem(&fs::read(&trusted).unwrap()).unwrap();
    for (address, host) in [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("127.0.0.1", "localhost"),
    ] {
        if address == "::1" && TcpListener::bind("[::1]:0").is_err() {
            say!("SKIPPED: this machine has no IPv6");
            continue;
        }
        let receiver = bench.receiver_with(
            "alice.pem",
            address,
            &["--once", "-f", trusted.to_str().unwrap()],
        );
        let sent = bench
            .sender(host, receiver.port, &images, &["-s", "sender_ed25519.pem"])
            .end();
        assert!(sent.status.success(), "{sent:?}");
        assert!(sent.out.starts_with("3 image(s) stored, "), "{sent:?}");
        let got = receiver.end();
        assert!(got.status.success(), "{got:?}");
        assert!(
            got.out
                .contains(&format!("signed by {}, trusted", signer.fingerprint())),
            "{got:?}"
        );
        assert!(
            got.out.contains("dose é.raw 70000 bytes sha256:"),
            "{got:?}"
        );
        assert_eq!(bench.received(), ["dose é.raw", "empty.raw", "large.raw"]);
        for image in &images {
            let stored = bench.inbox().join(image.file_name().unwrap());
            assert!(
                fs::read(&stored).unwrap() == fs::read(image).unwrap(),
                "{}",
                stored.display()
            );
            fs::remove_file(stored).unwrap();
        }
    }
}

#[test]
fn many_senders_at_once_are_served() {
    let Some(bench) = Bench::new() else { return };
    let receiver = bench.receiver(&[]);
    let senders: Vec<Running> = (0..8)
        .map(|number| {
            let image = bench.image(&format!("image {number}.raw"), 300_000 + number);
            bench.sender("127.0.0.1", receiver.port, &[image], &[])
        })
        .collect();
    // One that says nothing holds nobody up.
    let silent = connect(receiver.port);
    for sender in senders {
        let sent = sender.end();
        assert!(sent.status.success(), "{sent:?}");
    }
    drop(silent);
    assert_eq!(bench.received().len(), 8);
}

/// A receiver that refuses: it says so, it ends with 1, and it keeps nothing.
fn refused(bench: &Bench, receiver: Running, sent: &Ended, why: &str) {
    assert_eq!(sent.status.code(), Some(1), "{sent:?}");
    let got = receiver.end();
    assert_eq!(got.status.code(), Some(1), "{got:?}");
    assert!(got.err.contains(why), "not {why}: {got:?}");
    assert!(!got.out.contains("bytes"), "{got:?}");
    assert_eq!(bench.received(), Vec::<String>::new());
}

#[test]
fn what_is_not_for_the_receiver_is_refused() {
    let Some(bench) = Bench::new() else { return };
    // Long enough that the sender is still sending when it is refused.
    let images = [bench.image("slice.raw", 20_000_000)];
    let receiver = bench.receiver_with("bob.pem", "127.0.0.1", &["--once"]);
    let sent = bench.sender("127.0.0.1", receiver.port, &images, &[]).end();
    refused(&bench, receiver, &sent, "SECIMG_ERR_NO_MATCHING_KEY");

    let trusted = root().join("tests/vectors/keys/sender_ed25519.pub");
    for signer in [None, Some("mallory_ed25519.pem")] {
        let receiver = bench.receiver(&["--once", "-f", trusted.to_str().unwrap()]);
        let more: Vec<&str> = signer.iter().flat_map(|key| ["-s", *key]).collect();
        let sent = bench
            .sender("127.0.0.1", receiver.port, &images, &more)
            .end();
        refused(&bench, receiver, &sent, "SECIMG_ERR_SIGNER");
    }
}

#[test]
fn a_name_that_is_taken_or_evil_stores_nothing() {
    let Some(bench) = Bench::new() else { return };
    fs::write(bench.inbox().join("slice.raw"), "older").unwrap();
    let images = [bench.image("first.raw", 10), bench.image("slice.raw", 10)];
    let receiver = bench.receiver(&["--once"]);
    let sent = bench.sender("127.0.0.1", receiver.port, &images, &[]).end();
    assert_eq!(sent.status.code(), Some(1), "{sent:?}");
    assert!(receiver.end().err.contains("taken already"));
    // All of a stream or nothing of it.
    assert_eq!(bench.received(), ["slice.raw"]);
    assert_eq!(fs::read(bench.inbox().join("slice.raw")).unwrap(), b"older");
    fs::remove_file(bench.inbox().join("slice.raw")).unwrap();
    for name in ["../alice.pem", "/tmp/x", "a/b", "..", "nul"] {
        let receiver = bench.receiver(&["--once"]);
        let answer = offer(receiver.port, &[&bench.stream(name, 10)]);
        assert_eq!(answer, "refused\n", "{name}");
        assert_eq!(receiver.end().status.code(), Some(1), "{name}");
        assert_eq!(bench.received(), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_stream_in_pieces_is_taken_and_one_with_trouble_is_not() {
    let Some(bench) = Bench::new() else { return };
    let sealed = bench.stream("slice.raw", 3000);
    let receiver = bench.receiver(&["--once"]);
    let pieces: Vec<&[u8]> = sealed.chunks(1).collect();
    assert_eq!(offer(receiver.port, &pieces), "stored\n");
    assert!(receiver.end().status.success());
    assert!(fs::read(bench.inbox().join("slice.raw")).unwrap() == pattern(3000));
    fs::remove_file(bench.inbox().join("slice.raw")).unwrap();

    let mut changed = sealed.clone();
    *changed.last_mut().unwrap() ^= 1;
    let cases: [(&[u8], &str); 6] = [
        (
            b"GET / HTTP/1.1\r\nHost: example\r\n\r\n",
            "SECIMG_ERR_FORMAT",
        ),
        (&pattern(200_000), "SECIMG_ERR_FORMAT"),
        (b"", "SECIMG_ERR_TRUNCATED"),
        (&sealed[..sealed.len() / 2], "SECIMG_ERR_TRUNCATED"),
        (&sealed[..sealed.len() - 1], "SECIMG_ERR_TRUNCATED"),
        (&changed, "SECIMG_ERR_NOT_AUTHENTIC"),
    ];
    for (bytes, why) in cases {
        let receiver = bench.receiver(&["--once"]);
        let answer = offer(receiver.port, &[bytes]);
        assert!(
            answer == "refused\n" || answer.is_empty(),
            "{why}: {answer}"
        );
        let got = receiver.end();
        assert_eq!(got.status.code(), Some(1), "{why}: {got:?}");
        assert!(got.err.contains(why), "not {why}: {got:?}");
        assert_eq!(bench.received(), Vec::<String>::new(), "{why}");
    }
}

/// Waits until the receiver writes a large image.
fn wait_for_part(bench: &Bench) {
    let deadline = Instant::now() + PATIENCE;
    let large = |name: &String| {
        fs::metadata(bench.inbox().join(name)).is_ok_and(|about| about.len() > 100_000)
    };
    while !bench.received().iter().any(large) {
        assert!(Instant::now() < deadline, "nothing arrives");
        sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_sender_that_is_killed_leaves_nothing() {
    let Some(bench) = Bench::new() else { return };
    let receiver = bench.receiver(&["--once"]);
    let mut sender = bench.sender(
        "127.0.0.1",
        receiver.port,
        &[bench.image("slice.raw", 150_000_000)],
        &[],
    );
    wait_for_part(&bench);
    sender.child.kill().unwrap();
    let got = receiver.end();
    assert_eq!(got.status.code(), Some(1), "{got:?}");
    let told = got.err.contains("SECIMG_ERR_TRUNCATED") || got.err.contains("gone away");
    assert!(told, "{got:?}");
    assert_eq!(bench.received(), Vec::<String>::new());
}

#[test]
fn a_receiver_that_is_killed_is_noticed() {
    let Some(bench) = Bench::new() else { return };
    let mut receiver = bench.receiver(&["--once"]);
    let sender = bench.sender(
        "127.0.0.1",
        receiver.port,
        &[bench.image("slice.raw", 150_000_000)],
        &[],
    );
    wait_for_part(&bench);
    receiver.child.kill().unwrap();
    let sent = sender.end();
    assert_eq!(sent.status.code(), Some(1), "{sent:?}");
    assert!(
        sent.err.contains("gone away") || sent.err.contains("no answer"),
        "{sent:?}"
    );
    // A process that is killed cleans nothing up; but what it leaves has no final name.
    let all_parts = bench
        .received()
        .iter()
        .all(|name| Path::new(name).extension().is_some_and(|end| end == "part"));
    assert!(all_parts, "{:?}", bench.received());
}

#[test]
fn peers_that_hang_up_or_say_nothing_are_given_up() {
    let Some(bench) = Bench::new() else { return };
    let image = bench.image("slice.raw", 5_000_000);
    // A receiver that takes a little and hangs up, one that answers something else, one that says nothing.
    for behaviour in [
        "hangs up",
        "talks nonsense",
        "is silent",
        "takes all and is silent",
    ] {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let peer = thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            match behaviour {
                "hangs up" => {
                    let mut some = [0; 5000];
                    socket.read_exact(&mut some).unwrap();
                }
                "talks nonsense" => {
                    socket.read_to_end(&mut Vec::new()).unwrap();
                    socket.write_all(&[b'?'; 3000]).unwrap();
                }
                "is silent" => sleep(Duration::from_secs(3)),
                _ => {
                    socket.read_to_end(&mut Vec::new()).unwrap();
                    sleep(Duration::from_secs(3));
                }
            }
        });
        let start = Instant::now();
        let sent = bench
            .sender(
                "127.0.0.1",
                port,
                core::slice::from_ref(&image),
                &["-t", "1"],
            )
            .end();
        assert_eq!(sent.status.code(), Some(1), "{behaviour}: {sent:?}");
        assert!(
            sent.err.starts_with("send_image: 127.0.0.1: "),
            "{behaviour}: {sent:?}"
        );
        assert!(start.elapsed() < Duration::from_secs(20), "{behaviour}");
        peer.join().unwrap();
    }
    // Nobody listens.
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let sent = bench
        .sender("127.0.0.1", port, &[image], &["-t", "1"])
        .end();
    assert!(sent.err.contains("cannot connect"), "{sent:?}");
    // A sender that says nothing, or not all.
    for begun in [0, 100] {
        let receiver = bench.receiver(&["--once", "-t", "1"]);
        let mut socket = connect(receiver.port);
        socket
            .write_all(&bench.stream("slice.raw", 3000)[..begun])
            .unwrap();
        let got = receiver.end();
        assert_eq!(got.status.code(), Some(1), "{got:?}");
        assert!(got.err.contains("the sender is silent"), "{got:?}");
        assert_eq!(bench.received(), Vec::<String>::new());
    }
}

#[test]
fn wrong_usage_is_told_from_failure() {
    let Some(bench) = Bench::new() else { return };
    let ended = |program: &str, words: &[&str]| {
        let mut command = Command::new(bench.programs.join(program));
        let out = command
            .args(words)
            .current_dir(bench.folder.path())
            .output()
            .unwrap();
        out.status.code()
    };
    for words in [
        &[][..],
        &["-i", "alice.pem", "0"],
        &["-i", "alice.pem", "-d", "inbox", "-t", "0", "0"],
    ] {
        assert_eq!(ended("receive_image", words), Some(2), "{words:?}");
    }
    for words in [
        &[][..],
        &["host", "1", "image"],
        &["-x", "y", "host", "1", "image"],
    ] {
        assert_eq!(ended("send_image", words), Some(2), "{words:?}");
    }
    // A key file that others can read is no key file.
    fs::set_permissions(bench.path("alice.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(
        ended("receive_image", &["-i", "alice.pem", "-d", "inbox", "0"]),
        Some(1)
    );
}
