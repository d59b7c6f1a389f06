//! Both sides killed at any moment, and started again: every image arrives once.
//!
//! `SECIMG_KILLS=N` kills a receiver N times and a sender half as often.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::env;
use std::thread;

use super::*;

/// Deterministic, so that moments differ and a run can be repeated.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn kills() -> usize {
    env::var("SECIMG_KILLS").map_or(10, |number| number.parse().unwrap())
}

/// Images that differ, each of some chunks.
fn image(number: usize) -> Vec<u8> {
    (0..1_500_000_usize)
        .map(|at| (at * 31 + at / 251 + number * 7).to_le_bytes()[0])
        .collect()
}

impl Receiver {
    /// A receiver where another one was.
    pub(super) fn again(url: &str, args: &[&str]) -> Self {
        loop {
            // The port may be free only in a moment.
            if let Some(receiver) = Self::try_start(url, args) {
                return receiver;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// One named image and one without a name in turn: where something came twice, a file more is there.
fn send(room: &Room, url: &str, number: usize, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_secimg"));
    let doctor = key("doctor.pub");
    command
        .args([
            "--json",
            "send",
            "-r",
            &doctor,
            "--to",
            url,
            "--deadline",
            "120",
        ])
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let file = room.path(&format!("{number}.raw"));
    if more.is_empty() && number.is_multiple_of(3) {
        command.stdin(fs::File::open(file).unwrap()).arg("-");
    } else {
        command.stdin(Stdio::null()).arg(file);
    }
    command
}

/// What is there is every image once, whole, and nothing else.
fn assert_once(room: &Room, count: usize) {
    let names = room.received();
    let mut found: Vec<_> = names
        .iter()
        .map(|name| fs::read(room.path("in").join(name)).unwrap())
        .collect();
    let mut expected: Vec<_> = (0..count).map(image).collect();
    found.sort();
    expected.sort();
    assert_eq!(names.len(), count, "{names:?}");
    assert!(found == expected, "{names:?}");
}

#[test]
fn a_receiver_that_is_killed_stores_every_image_once() {
    let (room, kills) = (Room::new(), kills());
    let state = room.text("state");
    let identity = key("doctor");
    let args = ["-i", &identity, "--state", &state, "-O", &room.text("in")];
    let first = Receiver::start(&args);
    let url = first.url.clone();
    let done = AtomicBool::new(false);
    let (mut killed, mut sent) = (0, 0);
    thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let mut number = 0;
            while !done.load(Ordering::Relaxed) {
                fs::write(room.path(&format!("{number}.raw")), image(number)).unwrap();
                let output = send(&room, &url, number, &[]).output().unwrap();
                let error = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.code(), Some(0), "image {number}: {error}");
                number += 1;
            }
            number
        });
        let mut chance = Chance(1);
        let mut receiver = first;
        while killed < kills && !sender.is_finished() {
            thread::sleep(Duration::from_millis(chance.below(700)));
            receiver.kill();
            killed += 1;
            receiver = Receiver::again(&url, &args);
        }
        done.store(true, Ordering::Relaxed);
        sent = sender.join().unwrap();
        receiver.kill();
    });
    assert_eq!(killed, kills);
    // What a killed receiver left behind goes when the next one begins.
    Receiver::again(&url, &args).kill();
    assert_once(&room, sent);
    say!("{killed} receivers killed: {sent} images of {sent} arrived once");
}

#[test]
fn a_sender_that_is_killed_sends_every_image_once() {
    let (room, kills) = (Room::new(), kills().div_ceil(2));
    let (state, outgoing) = (room.text("state"), room.text("outgoing"));
    let identity = key("doctor");
    let receiver = Receiver::start(&["-i", &identity, "--state", &state, "-O", &room.text("in")]);
    let mut chance = Chance(2);
    let (mut killed, mut number) = (0, 0);
    while killed < kills {
        fs::write(room.path(&format!("{number}.raw")), image(number)).unwrap();
        loop {
            let mut child = send(&room, &receiver.url, number, &["--state", &outgoing])
                .spawn()
                .unwrap();
            thread::sleep(Duration::from_millis(chance.below(500)));
            if killed < kills && child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                killed += 1;
            }
            // Otherwise it was killed.
            if child.wait().unwrap().success() {
                break;
            }
        }
        // Once more: it says that there is nothing to do.
        let again = send(&room, &receiver.url, number, &["--state", &outgoing])
            .status()
            .unwrap();
        assert!(again.success());
        number += 1;
    }
    receiver.kill();
    assert_once(&room, number);
    let left: Vec<_> = fs::read_dir(room.path("outgoing").join("outgoing"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "secimg"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    say!("{killed} senders killed: {number} images of {number} arrived once");
}
