//! `send --live` and `receive --live`: each image is there when it is complete, once, and under a name that says that
//! nothing of it is verified.

use core::time::Duration;
use std::env;
use std::process::ChildStdin;
use std::thread;

use super::*;

/// A series is broken so often.
fn breaks() -> usize {
    env::var("SECIMG_KILLS").map_or(4, |number| number.parse().unwrap())
}

/// Images that differ in length and content, the first of them empty.
fn image(number: usize) -> Vec<u8> {
    let byte = |at: usize| (at * 31 + at / 251 + number * 7).to_le_bytes()[0];
    (0..number * 90_000).map(byte).collect()
}

/// A sender that waits for lines, and ends with its test.
struct Live {
    child: Child,
    lines: Option<ChildStdin>,
    sent: usize,
}

impl Live {
    fn start(url: &str, more: &[&str]) -> Self {
        let doctor = key("doctor.pub");
        let fixed = ["--json", "send", "--live", "--to", url, "-r", &doctor];
        let mut child = Command::new(env!("CARGO_BIN_EXE_secimg"))
            .args(fixed)
            .args(more)
            .arg("-")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = child.stdin.take();
        Self {
            child,
            lines,
            sent: 0,
        }
    }

    /// Makes the next image, and says that it is complete.
    fn add(&mut self, room: &Room) -> usize {
        let number = self.sent;
        fs::write(room.path(&format!("{number}.raw")), image(number)).unwrap();
        self.line(&room.text(&format!("{number}.raw")));
        self.sent += 1;
        number
    }

    fn line(&mut self, name: &str) {
        let lines = self.lines.as_mut().unwrap();
        writeln!(lines, "{name}").unwrap();
        lines.flush().unwrap();
    }

    /// Ends the series, and returns status, report and what people read.
    fn end(mut self) -> (Option<i32>, Vec<Value>, String) {
        drop(self.lines.take());
        let (mut report, mut error) = (Vec::new(), String::new());
        let mut stdout = self.child.stdout.take().unwrap();
        stdout.read_to_end(&mut report).unwrap();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut error).unwrap();
        let status = self.child.wait().unwrap().code();
        (status, json_lines(&report), error)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _: std::io::Result<()> = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Receiver {
    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

/// What is said of an image that was handed out, and what is there of it.
fn assert_handed_out(room: &Room, said: &Value, number: usize) {
    assert_eq!(said["schema"], "secimg/live/1", "{said}");
    assert_eq!(said["verdict"], "authentic", "{said}");
    assert_eq!(said["number"], number + 1);
    let output = Path::new(said["item"]["output"].as_str().unwrap());
    let folder = output.parent().unwrap();
    let name = folder.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("unverified-"), "{name}");
    assert_eq!(
        output.file_name().unwrap().to_str().unwrap(),
        format!("{:05}-{number}.raw", number + 1)
    );
    assert!(fs::read(output).unwrap() == image(number), "image {number}");
    // Nothing else is there but what is in the making.
    let finals = room
        .received()
        .into_iter()
        .filter(|name| !name.starts_with('.'));
    assert_eq!(finals.collect::<Vec<_>>(), [name]);
}

fn assert_all_there(room: &Room, count: usize) {
    let mut names: Vec<_> = (0..count).map(|number| format!("{number}.raw")).collect();
    names.sort();
    assert_eq!(room.received(), names);
    for number in 0..count {
        let there = fs::read(room.path("in").join(format!("{number}.raw"))).unwrap();
        assert!(there == image(number), "image {number}");
    }
}

#[test]
fn each_image_is_there_before_the_next_is_named() {
    let (clinic, clinic_pub) = (key("clinic"), key("clinic.pub"));
    for signed in [false, true] {
        let room = Room::new();
        let identity = key("doctor");
        let mut args = vec!["--live", "--once", "-i", &identity];
        let mut more = vec![];
        if signed {
            args.extend(["--from", &clinic_pub]);
            more.extend(["--sign", &clinic]);
        }
        let mut receiver = room.receive(&args);
        let mut sender = Live::start(&receiver.url, &more);
        for _ in 0..4 {
            let number = sender.add(&room);
            let said = receiver.next();
            assert_handed_out(&room, &said, number);
            assert_eq!(said["signature"].is_null(), !signed);
        }
        let (status, sent, error) = sender.end();
        assert_eq!((status, error.as_str()), (Some(0), ""));
        assert_eq!(sent[0]["verdict"], "verified");
        assert_eq!(sent[0]["items"].as_array().unwrap().len(), 4);
        let reports = receiver.end(0);
        assert_eq!(reports.len(), 1, "{reports:?}");
        assert_eq!(reports[0]["verdict"], "verified");
        assert_all_there(&room, 4);
    }
}

/// With a required signer, what nobody signed is not handed out, and the sender is refused in the end.
#[test]
fn without_the_required_signature_nothing_is_handed_out() {
    let room = Room::new();
    let clinic = key("clinic.pub");
    let receiver = room.receive(&["--live", "--once", "-i", &key("doctor"), "--from", &clinic]);
    let mut sender = Live::start(&receiver.url, &[]);
    sender.add(&room);
    let (status, ..) = sender.end();
    assert_eq!(status, Some(1));
    let reports = receiver.end(1);
    assert_eq!(reports[0]["error"]["code"], "not_signed");
    assert_eq!(reports.len(), 1);
    assert_eq!(room.received(), [""; 0]);
}

/// The receiver is killed and started again; nothing is handed out twice, and everything is there in the end.
#[test]
fn a_series_goes_on_when_its_receiver_was_killed() {
    let room = Room::new();
    let (identity, folder, state) = (key("doctor"), room.text("in"), room.text("state"));
    let args = ["--live", "-i", &identity, "--state", &state, "-O", &folder];
    let mut receiver = Receiver::start(&args);
    let url = receiver.url.clone();
    let mut sender = Live::start(&url, &[]);
    let breaks = breaks();
    for number in 0..=breaks {
        assert_eq!(sender.add(&room), number);
        // A line that was printed before would be an image that was handed out twice.
        assert_handed_out(&room, &receiver.next(), number);
        if number < breaks {
            receiver.kill();
            receiver = Receiver::again(&url, &args);
            // It says what the one before it left, and goes on with it.
            assert_eq!(receiver.next()["verdict"], "broken_off");
        }
    }
    let (status, sent, error) = sender.end();
    assert_eq!(status, Some(0), "{error}");
    assert_eq!(sent[0]["verdict"], "verified");
    assert_eq!(receiver.next()["verdict"], "verified");
    receiver.kill();
    assert_all_there(&room, breaks + 1);
    say!(
        "{breaks} receivers killed in one series: {0} of {0} images handed out once",
        breaks + 1
    );
}

/// A series whose sender is gone for good: what was handed out stays where its name says what it is, and both this
/// run and the next say so aloud.
#[test]
fn what_was_never_verified_is_never_called_so() {
    let room = Room::new();
    let identity = key("doctor");
    let args = ["--live", "--once", "--resume-within", "1", "-i", &identity];
    let mut receiver = room.receive(&args);
    let mut sender = Live::start(&receiver.url, &[]);
    sender.add(&room);
    sender.add(&room);
    assert_handed_out(&room, &receiver.next(), 0);
    assert_handed_out(&room, &receiver.next(), 1);
    drop(sender);
    let said = receiver.next();
    assert_eq!(said["verdict"], "broken_off");
    assert_eq!(said["images"], 2);
    let folder = said["folder"].as_str().unwrap().to_owned();
    let reports = receiver.end(4);
    assert_eq!(reports[0]["verdict"], "error");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    assert_eq!(room.received().len(), 1);

    let said = room.receive(&args).next();
    assert_eq!(
        (&said["verdict"], &said["images"]),
        (&"broken_off".into(), &2.into())
    );
    assert_eq!(said["folder"], folder);
    let mut people = Command::new(env!("CARGO_BIN_EXE_secimg"));
    people.args([
        "receive",
        "--listen",
        "tcp://127.0.0.1:0",
        "-O",
        &room.text("in"),
    ]);
    people.args(args).args(["--state", &room.text("state")]);
    let mut people = people.stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(people.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    people.kill().unwrap();
    people.wait().unwrap();
    assert!(
        line.contains(&folder) && line.contains("2 images handed out"),
        "{line}"
    );
    assert!(line.contains("NOT verified"), "{line}");
}

/// A name that is taken: the image is not handed out, those before it stay unverified, and nothing is overwritten.
#[test]
fn a_series_that_is_refused_leaves_its_images_unverified() {
    let room = Room::new();
    fs::create_dir(room.path("in")).unwrap();
    fs::write(room.path("in").join("1.raw"), b"older").unwrap();
    let mut receiver = room.receive(&["--live", "--once", "-i", &key("doctor")]);
    let mut sender = Live::start(&receiver.url, &[]);
    sender.add(&room);
    assert_eq!(receiver.next()["verdict"], "authentic");
    sender.add(&room);
    let said = receiver.next();
    assert_eq!(
        (&said["verdict"], &said["images"]),
        (&"unverified".into(), &1.into())
    );
    let (status, sent, _) = sender.end();
    assert_eq!(status, Some(1));
    assert_eq!(sent[0]["error"]["code"], "receipt_refused");
    let reports = receiver.end(2);
    assert_eq!(reports[0]["error"]["code"], "exists");
    assert_eq!(fs::read(room.path("in").join("1.raw")).unwrap(), b"older");
    assert_eq!(room.received().len(), 2);
}

/// What cannot be opened is named and left out; the series goes on.
#[test]
fn an_image_that_is_not_there_is_left_out() {
    let room = Room::new();
    let mut receiver = room.receive(&["--live", "--once", "-i", &key("doctor")]);
    let mut sender = Live::start(&receiver.url, &[]);
    sender.add(&room);
    assert_handed_out(&room, &receiver.next(), 0);
    sender.line(&room.text("missing.raw"));
    sender.line(&room.text("0.raw"));
    sender.line("");
    sender.add(&room);
    assert_handed_out(&room, &receiver.next(), 1);
    let (status, sent, error) = sender.end();
    assert_eq!(status, Some(4), "{error}");
    assert!(error.contains("missing.raw does not exist"), "{error}");
    assert!(error.contains("has the same name"), "{error}");
    assert_eq!(sent[0]["items"].as_array().unwrap().len(), 2);
    receiver.end(0);
    assert_all_there(&room, 2);
}

/// Files that are named go out one by one as well, and a receiver that is not live takes them like any series.
#[test]
fn a_live_series_is_a_series() {
    let room = Room::new();
    let receiver = room.receive(&["--once", "-i", &key("doctor")]);
    let (url, doctor) = (receiver.url.clone(), key("doctor.pub"));
    let (a, b) = (room.text("a.png"), room.text("b.raw"));
    let args = ["send", "--live", "--to", &url, "-r", &doctor, &a, &b];
    assert_eq!(run(0, &args)[0]["items"].as_array().unwrap().len(), 2);
    assert_eq!(receiver.end(0)[0]["items"].as_array().unwrap().len(), 2);
    room.assert_arrived(&["a.png", "b.raw"]);
}

/// A sender whose receiver says no does not wait for lines that may never come.
#[test]
fn a_refused_sender_ends_at_once() {
    let room = Room::new();
    let receiver = room.receive(&["--once", "-i", &key("stranger")]);
    let mut sender = Live::start(&receiver.url, &[]);
    sender.add(&room);
    let status = loop {
        if let Some(status) = sender.child.try_wait().unwrap() {
            break status;
        }
        thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(1));
    receiver.end(1);
}

#[test]
fn what_cannot_be_live_is_said_at_once() {
    let room = Room::new();
    let (folder, doctor) = (room.text("in"), key("doctor.pub"));
    let listen = ["receive", "--listen", "tcp://127.0.0.1:0", "-O", &folder];
    let relay = &run(2, &[&listen[..], &["--live"]].concat())[0];
    assert_eq!(relay["error"]["code"], "no_identity");
    let to = ["send", "--live", "--to", "tcp://127.0.0.1:9", "-r", &doctor];
    let (a, state) = (room.text("a.png"), room.text("state"));
    run(2, &[&to[..], &["--state", &state, &a]].concat());
    run(2, &[&to[..], &[&a, "-"]].concat());
    run(2, &["send", "--live", "--to", "tcp://127.0.0.1:9", &a]);
    // A receiver that was never there is an error at once, whatever may come from standard input.
    run(4, &[&to[..], &["-"]].concat());
}
