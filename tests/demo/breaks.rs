//! Connections that break, deadlines, and receivers that cannot store what comes.

use core::time::Duration;
use std::io;
use std::net::{Shutdown, TcpListener};
use std::thread;

use super::receiving::{seal, wait_for};
use super::*;

/// Stands between a sender and a receiver, and breaks the first connection after so many bytes.
struct BreakingLine {
    url: String,
}

impl BreakingLine {
    fn to(receiver: &Receiver, after: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("tcp://{}", listener.local_addr().unwrap());
        let address = receiver.url.strip_prefix("tcp://").unwrap().to_owned();
        // It ends with the test's process.
        thread::spawn(move || {
            let most = core::iter::once(after).chain(core::iter::repeat(u64::MAX));
            for (near, most) in listener.incoming().zip(most) {
                let (near, far) = (near.unwrap(), TcpStream::connect(&address).unwrap());
                let (near_twin, far_twin) = (near.try_clone().unwrap(), far.try_clone().unwrap());
                thread::spawn(move || pass(&far_twin, &near_twin, u64::MAX));
                thread::spawn(move || pass(&near, &far, most));
            }
        });
        Self { url }
    }
}

/// Passes bytes on; where there are more than it may pass, both ends are closed.
fn pass(from: &TcpStream, to: &TcpStream, most: u64) {
    let (mut source, mut target) = (from, to);
    let passed = io::copy(&mut (&mut source).take(most), &mut target);
    let broken = passed.is_err() || passed.is_ok_and(|passed| passed == most);
    let _: io::Result<()> = to.shutdown(if broken {
        Shutdown::Both
    } else {
        Shutdown::Write
    });
    if broken {
        let _: io::Result<()> = from.shutdown(Shutdown::Both);
    }
}

#[test]
fn the_one_stream_may_break_in_the_middle() {
    let room = Room::new();
    let sealed = seal(&room, "one.secimg", &["a.png", "b.raw"]);
    let receiver = room.receive(&["-i", &key("doctor"), "--once"]);
    let line = BreakingLine::to(&receiver, 250_000);
    let sent = run(0, &["send", "--to", &line.url, &sealed]);
    assert_eq!(sent[0]["receipt"]["verdict"], "accepted");
    // A warning was said of the break; what is reported is the stream.
    let reports = receiver.end(0);
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert_eq!(reports[0]["verdict"], "verified");
    room.assert_arrived(&["a.png", "b.raw"]);
}

#[test]
fn what_is_sealed_on_the_way_goes_on_as_well() {
    let room = Room::new();
    let receiver = room.receive(&["-i", &key("doctor"), "--once"]);
    let line = BreakingLine::to(&receiver, 250_000);
    let (doctor, image) = (key("doctor.pub"), room.text("a.png"));
    let sent = run(0, &["send", "-r", &doctor, "--to", &line.url, &image]);
    assert_eq!(sent[0]["receipt"]["verdict"], "accepted");
    assert_eq!(receiver.end(0).len(), 1);
    room.assert_arrived(&["a.png"]);
}

#[test]
fn a_relay_goes_on_with_what_it_cannot_read() {
    let room = Room::new();
    let sealed = seal(&room, "one.secimg", &["a.png"]);
    let (folder, state) = (room.text("relay"), room.text("state"));
    let relay = Receiver::start(&["-O", &folder, "--state", &state, "--once"]);
    let line = BreakingLine::to(&relay, 250_000);
    let sent = run(0, &["send", "--to", &line.url, &sealed]);
    assert_eq!(sent[0]["receipt"]["verdict"], "stored");
    let stored = relay.end(0);
    assert_eq!(stored.len(), 1, "{stored:?}");
    let file = stored[0]["output"].as_str().unwrap();
    assert!(fs::read(file).unwrap() == fs::read(&sealed).unwrap());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    // What was kept on the way is not kept any longer.
    let parts = fs::read_dir(room.path("state/parts")).unwrap();
    let parts = parts.filter(|entry| {
        let path = entry.as_ref().unwrap().path();
        path.extension()
            .is_some_and(|extension| extension == "part")
    });
    assert_eq!(parts.count(), 0);
}

/// An address where nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("tcp://{}", listener.local_addr().unwrap())
}

#[test]
fn a_deadline_ends_the_waiting_for_nobody() {
    let room = Room::new();
    let (doctor, image, to) = (key("doctor.pub"), room.text("a.png"), nobody());
    let args = [
        "send",
        "-r",
        &doctor,
        "--to",
        &to,
        "--deadline",
        "1",
        &image,
    ];
    let error = &run(4, &args)[0]["error"];
    assert_eq!(error["code"], "deadline");
    // And why it was not before.
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("cannot connect"),
        "{error}"
    );
}

#[test]
fn a_deadline_ends_the_waiting_for_somebody_who_says_nothing() {
    let room = Room::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("tcp://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for link in listener.incoming() {
            thread::spawn(move || io::copy(&mut link.unwrap(), &mut io::sink()).map(drop));
            // Reads all, and holds the connection open.
        }
    });
    let (doctor, image) = (key("doctor.pub"), room.text("a.png"));
    let sealed = seal(&room, "one.secimg", &["a.png"]);
    for args in [vec!["-r", doctor.as_str(), &image], vec![&sealed]] {
        let args = [&["send", "--to", &to, "--deadline", "1"], args.as_slice()].concat();
        assert_eq!(run(4, &args)[0]["error"]["code"], "deadline");
    }
}

#[test]
fn a_receiver_that_comes_before_the_deadline_gets_it() {
    let room = Room::new();
    let (doctor, image, to) = (key("doctor.pub"), room.text("a.png"), nobody());
    let identity = key("doctor");
    thread::scope(|scope| {
        let args = [
            "send",
            "-r",
            &doctor,
            "--to",
            &to,
            "--deadline",
            "100",
            &image,
        ];
        let sender = scope.spawn(move || run(0, &args));
        // The first call finds nobody; that one was made is not seen from here.
        thread::sleep(Duration::from_millis(300));
        let args = ["-i", &identity, "--once", "-O", &room.text("in")];
        let receiver = Receiver::try_start(&to, &args).unwrap();
        sender.join().unwrap();
        receiver.end(0);
    });
    room.assert_arrived(&["a.png"]);
}

/// A disk that takes `b.raw` and not `a.png`: files may not grow beyond some blocks of 512 or 1024 bytes.
#[cfg(unix)]
#[test]
fn what_does_not_fit_on_the_disk_is_not_acknowledged() {
    let room = Room::new();
    let limited = "trap '' XFSZ; ulimit -f 180; exec \"$@\"";
    let (identity, state, folder) = (key("doctor"), room.text("state"), room.text("in"));
    let receive = [
        "-i",
        &identity,
        "--state",
        &state,
        "--count",
        "2",
        "--resume-within",
        "0",
        "-O",
        &folder,
    ];
    let receiver = Receiver::start_after(limited, &receive);
    let (doctor, long, short) = (key("doctor.pub"), room.text("a.png"), room.text("b.raw"));
    let send = |image: &str| {
        let args = [
            "--json",
            "send",
            "-r",
            &doctor,
            "--to",
            &receiver.url,
            image,
        ];
        let sent = secimg(&args);
        let report = json_lines(&sent.stdout).remove(0);
        (sent.status.code().unwrap(), report["error"].clone())
    };
    let (status, error) = send(&long);
    assert_eq!(
        (status, &error["code"]),
        (4, &"not_stored".into()),
        "{error}"
    );
    assert_eq!(send(&short).0, 0);
    let reports = receiver.end(4);
    assert_eq!(reports[0]["error"]["code"], "io", "{reports:?}");
    assert_eq!(reports[1]["verdict"], "verified", "{reports:?}");
    // Nothing half-written, and nothing in its name.
    room.assert_arrived(&["b.raw"]);
}

/// The folder goes in the middle of a stream.
#[cfg(unix)]
#[test]
fn a_folder_that_vanishes_loses_nothing_that_was_acknowledged() {
    let room = Room::new();
    let sealed = fs::read(seal(&room, "one.secimg", &["a.png"])).unwrap();
    let (doctor, short) = (key("doctor.pub"), room.text("b.raw"));
    let receiver = room.receive(&["-i", &key("doctor"), "--count", "2"]);
    run(0, &["send", "-r", &doctor, "--to", &receiver.url, &short]);
    let mut link = receiver.dial();
    link.write_all(&sealed[..200_000]).unwrap();
    wait_for("the transfer begins", || room.received().len() == 2);
    fs::rename(room.path("in"), room.path("aside")).unwrap();
    link.write_all(&sealed[200_000..]).unwrap();
    link.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    link.read_to_end(&mut answer).unwrap();
    assert_eq!(answer.get(8), Some(&4), "not stored: {answer:?}");
    let reports = receiver.end(4);
    assert_eq!(reports[1]["verdict"], "error", "{reports:?}");
    assert!(!room.path("in").exists());
    let kept = fs::read(room.path("aside/b.raw")).unwrap();
    assert!(kept == fs::read(&short).unwrap());
    let names = fs::read_dir(room.path("aside")).unwrap();
    let finals = names.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        !name.to_string_lossy().starts_with(".secimg-")
    });
    assert_eq!(finals.count(), 1);
}
