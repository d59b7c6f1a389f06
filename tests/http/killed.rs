//! A receiver that is killed at any moment, and started again: every image arrives once.
//!
//! `SECIMG_KILLS=N` kills it N times.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::time::Duration;
use std::path::Path;
use std::process::Stdio;
use std::{env, fs, thread};

use super::running::*;
use super::support::*;

const SENDERS: usize = 4;

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

/// Images that differ, each of two pieces of an upload.
fn image(number: usize) -> Vec<u8> {
    (0..1_500_000_usize)
        .map(|at| (at * 31 + at / 251 + number * 7).to_le_bytes()[0])
        .collect()
}

/// Named and nameless in turn: where something came twice, a file more is there.
fn send(folder: &Path, url: &str, number: usize) {
    let name = format!("{number}.raw");
    fs::write(folder.join(&name), image(number)).unwrap();
    let mut command = command(folder);
    command.args(["send", "--json", "-r", "doctor.pub", "--to", url]);
    command.args(["--deadline", "120"]).stdin(Stdio::null());
    if number.is_multiple_of(3) {
        let file = fs::File::open(folder.join(&name)).unwrap();
        command.stdin(file).arg("-");
    } else {
        command.arg(&name);
    }
    let run = command.output().unwrap();
    let error = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(0), "image {number}: {error}");
    fs::remove_file(folder.join(name)).unwrap();
}

/// What is there is every image once, whole, and nothing else.
fn assert_once(folder: &Path, count: usize) {
    let entries = fs::read_dir(folder.join("received")).unwrap();
    let mut found: Vec<_> = entries
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect();
    let mut expected: Vec<_> = (0..count).map(image).collect();
    found.sort();
    expected.sort();
    assert_eq!(found.len(), count);
    assert!(found == expected, "images differ");
}

#[test]
fn a_receiver_over_http_that_is_killed_stores_every_image_once() {
    let kills = env::var("SECIMG_KILLS").map_or(8, |number| number.parse().unwrap());
    let room = room();
    let folder = room.path();
    // Without --state: the folder that it has by default is enough.
    let args = ["-i", "doctor"];
    let first = receive(folder, "http", &args);
    let url = first.url.clone();
    let (done, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut killed = 0;
    thread::scope(|scope| {
        let one = || {
            while !done.load(Ordering::Relaxed) {
                send(folder, &url, next.fetch_add(1, Ordering::Relaxed));
            }
        };
        // One of them is usually at work when the receiver goes.
        let senders: Vec<_> = (0..SENDERS).map(|_| scope.spawn(one)).collect();
        let is_lost = || senders.iter().any(thread::ScopedJoinHandle::is_finished);
        let ends = Done(&done);
        let mut chance = Chance(3);
        let mut receiver = first;
        while killed < kills && !is_lost() {
            thread::sleep(Duration::from_millis(chance.below(700)));
            receiver.kill();
            killed += 1;
            receiver = receive_again(folder, &url, &args);
        }
        drop(ends);
        for sender in senders {
            sender.join().unwrap();
        }
        receiver.kill();
    });
    let sent = next.into_inner();
    assert_eq!(killed, kills);
    // What a killed receiver left behind goes when the next one begins.
    receive_again(folder, &url, &args).kill();
    assert_once(folder, sent);
    assert!(!said(folder).contains("panicked"), "{}", said(folder));
    say!("{killed} receivers over HTTP killed: {sent} images of {sent} arrived once");
}

/// Its name was told to a sender, who comes back with it.
#[test]
fn an_upload_of_which_nothing_came_yet_outlives_its_server() {
    let stream = sealed(3);
    let server = Kind::opening().serve();
    let at = server.begin(stream.len());
    let folder = server.into_folder();
    // A PUT that was running when its server was killed: nobody can name it.
    let digits = "0123456789abcdef0123456789abcdef";
    let left = folder
        .path()
        .join("parts")
        .join(format!("{digits}-open.part"));
    fs::write(&left, b"what came of it").unwrap();
    let server = Kind::opening().serve_in(folder);
    assert!(!left.exists());
    assert_eq!(
        server.tus("HEAD", &at, &[], b"").headers["upload-offset"],
        "0"
    );
    assert_eq!(server.patch(&at, 0, &stream).status, 204);
    assert_eq!(server.opened.images.lock().unwrap().len(), 3);
    assert_eq!(server.parts(), 0);
}
