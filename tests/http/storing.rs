//! A receiver that cannot store: both sides say so, and nothing that was acknowledged is lost.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use super::running::*;
use super::support::*;

const SENTENCE: &str =
    "the receiver could not store the stream: nothing was accepted; keep the images";
const NO_ROOM: &str = "no room for the stream now: nothing was accepted; keep the images";

/// `secimg send`, which tries as long as it takes.
struct Sending {
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Sending {
    fn to(folder: &Path, url: &str) -> Self {
        let mut command = command(folder);
        command.args(["send", "-r", "doctor.pub", "--to", url]);
        command.args(["--deadline", "120", "a.gif", "b.raw"]);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        Self { child, said }
    }

    /// What it says next.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line
    }

    /// The images are stored, and it knows.
    fn arrives(mut self, folder: &Path) {
        let mut said = String::new();
        self.said.read_to_string(&mut said).unwrap();
        assert!(self.child.wait().unwrap().success(), "{said}");
        assert_arrived(folder);
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        let _: std::io::Result<()> = self.child.kill();
        let _: std::io::Result<_> = self.child.wait();
    }
}

/// The sender hears the sentence and keeps trying; the receiver's own words stay with the receiver.
fn assert_held_up(sending: &mut Sending, folder: &Path, sentence: &str) {
    let heard = sending.line();
    assert!(
        heard.contains("507") && heard.contains(sentence) && heard.contains("trying again"),
        "{heard}"
    );
    let inbox = folder.to_str().unwrap();
    assert!(
        !heard.contains(inbox) && !heard.contains("received"),
        "{heard}"
    );
}

#[test]
fn a_folder_that_vanished_or_became_something_else_is_said_to_both() {
    for becomes_a_file in [false, true] {
        let folder = room();
        let at = folder.path();
        let receiver = receive(at, "http", &["-i", "doctor"]);
        let inbox = at.join("received");
        fs::remove_dir(&inbox).unwrap();
        if becomes_a_file {
            fs::write(&inbox, b"no folder").unwrap();
        }
        // Who has no time to wait hears it at once.
        let args = ["send", "-r", "doctor.pub", "--to", &receiver.url, "a.gif"];
        let (status, objects, heard) = secimg(at, &args);
        assert_eq!(status, 4, "{heard}");
        assert_eq!(objects[0]["error"]["code"], "not_stored", "{objects:?}");
        assert!(heard.contains(SENTENCE), "{heard}");
        // Who has, waits until it is mended.
        let mut sending = Sending::to(at, &receiver.url);
        assert_held_up(&mut sending, at, SENTENCE);
        let said = said(at);
        assert!(said.contains("received"), "{said}");
        if becomes_a_file {
            fs::remove_file(&inbox).unwrap();
        }
        fs::create_dir(&inbox).unwrap();
        sending.arrives(at);
    }
}

#[test]
fn a_state_folder_that_vanished_is_said_to_the_sender() {
    let folder = room();
    let at = folder.path();
    let receiver = receive(at, "http", &["-i", "doctor", "--state", "state"]);
    let (state, away) = (at.join("state"), at.join("away"));
    fs::rename(&state, &away).unwrap();
    let mut sending = Sending::to(at, &receiver.url);
    assert_held_up(&mut sending, at, SENTENCE);
    fs::rename(&away, &state).unwrap();
    sending.arrives(at);
}

/// A limit on the length of files stands for a disk that takes no more, from root neither.
#[test]
fn a_disk_that_takes_no_more_is_said_to_the_sender() {
    let folder = room();
    let at = folder.path();
    let program = env!("CARGO_BIN_EXE_secimg");
    let listen = "receive --json --listen http://127.0.0.1:0 -O received -i doctor";
    let script = format!("trap '' XFSZ; ulimit -f 1000; exec '{program}' {listen}");
    let mut shell = housed(Command::new("sh"), at);
    shell.args(["-c", &script]);
    let receiver = start(at, shell).unwrap();
    let mut sending = Sending::to(at, &receiver.url);
    assert_held_up(&mut sending, at, SENTENCE);
    let url = receiver.url.clone();
    receiver.kill();
    assert!(fs::read_dir(at.join("received")).unwrap().next().is_none());
    // With room in the same place the same sender goes on.
    let _receiver = receive_again(at, &url, &["-i", "doctor"]);
    sending.arrives(at);
}

#[test]
fn every_way_of_sending_hears_the_same() {
    let stream = sealed(2);
    let kind = Kind::opening();
    *kind.opened.full.lock().unwrap() = true;
    let server = kind.serve();
    let put = server.ask("PUT", "/x", &[], &stream);
    let at = server.begin(stream.len());
    let patched = server.patch(&at, 0, &stream);
    let receipt = server.ask("GET", &format!("{at}/receipt"), &[], b"");
    for answer in [put, patched, receipt] {
        assert_eq!(answer.status, 507, "{answer:?}");
        assert!(answer.text().contains(NO_ROOM), "{answer:?}");
        assert!(answer.headers["content-type"].starts_with("text/plain"));
        assert!(answer.headers.contains_key("retry-after"));
    }
    // What came is kept, and taken when there is room.
    *server.opened.full.lock().unwrap() = false;
    let receipt = server.ask("GET", &format!("{at}/receipt"), &[], b"");
    assert_eq!(receipt.status, 200, "{receipt:?}");
    assert_eq!(server.opened.images.lock().unwrap().len(), 2);
}
