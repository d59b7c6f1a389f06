//! `secimg receive` with many senders, with senders that mean harm, and with Ctrl-C.

use std::thread;

use super::*;

pub(crate) fn seal(room: &Room, name: &str, images: &[&str]) -> String {
    let sealed = room.text(name);
    let files: Vec<_> = images.iter().map(|image| room.text(image)).collect();
    let doctor = key("doctor.pub");
    let mut args = vec!["encrypt", "-r", &doctor, "-o", &sealed];
    args.extend(files.iter().map(String::as_str));
    run(0, &args);
    sealed
}

pub(crate) fn wait_for(what: &str, happened: impl Fn() -> bool) {
    for _ in 0..2000 {
        if happened() {
            return;
        }
        thread::sleep(core::time::Duration::from_millis(10));
    }
    panic!("it never happened: {what}");
}

#[test]
fn senders_at_the_same_time_are_all_received() {
    let room = Room::new();
    let names: Vec<_> = (0..8).map(|number| format!("{number}.raw")).collect();
    for (number, name) in names.iter().enumerate() {
        let bytes: Vec<u8> = (0..=250)
            .cycle()
            .skip(number)
            .take(number * 200_000)
            .collect();
        fs::write(room.path(name), bytes).unwrap();
    }
    let receiver = room.receive(&["-i", &key("doctor"), "--count", "8"]);
    thread::scope(|scope| {
        for name in &names {
            let (room, to) = (&room, &receiver.url);
            scope.spawn(move || {
                let (doctor, image) = (key("doctor.pub"), room.text(name));
                run(0, &["send", "-r", &doctor, "--to", to, &image]);
            });
        }
    });
    let reports = receiver.end(0);
    assert_eq!(reports.len(), 8);
    assert!(reports.iter().all(|report| report["verdict"] == "verified"));
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    room.assert_arrived(&names);
}

/// Two series with the same two names: one is stored whole, and nothing of the other.
#[test]
fn of_two_senders_with_the_same_names_one_wins() {
    let rooms = [Room::new(), Room::new()];
    for (room, fill) in rooms.iter().zip([1, 2]) {
        for name in ["a.png", "b.raw"] {
            fs::write(room.path(name), vec![fill; 500_000]).unwrap();
        }
    }
    let receiver = rooms[0].receive(&["-i", &key("doctor"), "--count", "2"]);
    let statuses: Vec<_> = thread::scope(|scope| {
        let send = |room: &Room| {
            let (doctor, a, b) = (key("doctor.pub"), room.text("a.png"), room.text("b.raw"));
            let sent = secimg(&["send", "-r", &doctor, "--to", &receiver.url, &a, &b]);
            sent.status.code().unwrap()
        };
        let senders: Vec<_> = rooms
            .iter()
            .map(|room| scope.spawn(move || send(room)))
            .collect();
        senders.into_iter().map(|s| s.join().unwrap()).collect()
    });
    let winner = statuses.iter().position(|status| *status == 0).unwrap();
    assert_eq!(statuses[1 - winner], 1, "{statuses:?}");
    receiver.end(2);
    assert_eq!(rooms[0].received(), ["a.png", "b.raw"]);
    for name in ["a.png", "b.raw"] {
        let stored = fs::read(rooms[0].path("in").join(name)).unwrap();
        assert!(
            stored == fs::read(rooms[winner].path(name)).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn a_stream_that_comes_again_is_not_stored_again() {
    let room = Room::new();
    let sealed = seal(&room, "one.secimg", &["a.png"]);
    let receiver = room.receive(&["-i", &key("doctor"), "--count", "2"]);
    run(0, &["send", "--to", &receiver.url, &sealed]);
    room.assert_arrived(&["a.png"]);
    // Even where the image is gone meanwhile: whoever replays a stream cannot bring it back.
    fs::remove_file(room.path("in/a.png")).unwrap();
    let sent = run(0, &["send", "--to", &receiver.url, &sealed]);
    assert_eq!(sent[0]["receipt"]["verdict"], "accepted_before");
    let reports = receiver.end(0);
    assert_eq!(reports[1]["verdict"], "accepted_before");
    assert_eq!(reports[1]["transfer_id"], reports[0]["transfer_id"]);
    assert_eq!(room.received(), [""; 0]);
}

/// A receiver that was killed, and started again with the same state.
#[test]
fn a_killed_receiver_still_knows_what_it_accepted() {
    let room = Room::new();
    let (one, two) = (
        seal(&room, "one.secimg", &["a.png"]),
        seal(&room, "two.secimg", &["b.raw"]),
    );
    let state = room.text("state");
    let identity = key("doctor");
    let options = ["-i", &identity, "--state", &state];
    let mut receiver = room.receive(&options);
    run(0, &["send", "--to", &receiver.url, &one]);
    // While it runs the folder is its own.
    let other = room.text("other");
    let in_use = [
        &[
            "receive",
            "--listen",
            "tcp://127.0.0.1:0",
            "-O",
            other.as_str(),
        ],
        options.as_slice(),
    ]
    .concat();
    assert_eq!(run(2, &in_use)[0]["error"]["code"], "in_use");
    receiver.child.kill().unwrap();
    receiver.child.wait().unwrap();

    let receiver = room.receive(&[options.as_slice(), &["--count", "2"]].concat());
    let again = run(0, &["send", "--to", &receiver.url, &one]);
    assert_eq!(again[0]["receipt"]["verdict"], "accepted_before");
    let new = run(0, &["send", "--to", &receiver.url, &two]);
    assert_eq!(new[0]["receipt"]["verdict"], "accepted");
    receiver.end(0);
    room.assert_arrived(&["a.png", "b.raw"]);

    let file = room.path("state/accepted");
    let mut bytes = fs::read(&file).unwrap();
    bytes[20] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert_eq!(run(3, &in_use)[0]["error"]["code"], "damaged_state");
}

#[test]
fn guessing_passphrases_ends_soon() {
    let room = Room::new();
    for (name, words) in [("right", "open sesame"), ("wrong", "open barley")] {
        fs::write(room.path(name), words).unwrap();
    }
    let send = |with: &str, to: &str| {
        let (with, image) = (room.text(with), room.text("a.png"));
        let args = [
            "send",
            "--allow-shared-key",
            "--passphrase-file",
            &with,
            "--to",
            to,
            &image,
        ];
        secimg(&args).status.code().unwrap()
    };
    let right = room.text("right");
    let guarded = [
        "--allow-shared-key",
        "--passphrase-file",
        &right,
        "--max-failures",
        "2",
    ];
    let receiver = room.receive(&[guarded.as_slice(), &["--count", "2"]].concat());
    assert_eq!(send("wrong", &receiver.url), 1);
    assert_eq!(send("wrong", &receiver.url), 1);
    let reports = receiver.end(1);
    assert!(
        reports
            .iter()
            .all(|r| r["error"]["code"] == "not_authentic")
    );

    let mut receiver = room.receive(&guarded);
    for _ in 0..2 {
        assert_eq!(send("wrong", &receiver.url), 1);
    }
    // Its own passphrase is not even tried any more.
    assert_ne!(send("right", &receiver.url), 0);
    receiver.child.kill().unwrap();
    assert_eq!(room.received(), [""; 0]);
}

/// The rest of what has begun still comes.
#[cfg(unix)]
#[test]
fn ctrl_c_lets_a_running_transfer_end() {
    let room = Room::new();
    let sealed = fs::read(seal(&room, "one.secimg", &["a.png"])).unwrap();
    let receiver = room.receive(&["-i", &key("doctor")]);
    let mut link = receiver.dial();
    link.write_all(&sealed[..200_000]).unwrap();
    wait_for("the transfer begins", || !room.received().is_empty());
    receiver.interrupt();
    let address = receiver.url.strip_prefix("tcp://").unwrap().to_owned();
    wait_for("nobody listens", || TcpStream::connect(&address).is_err());
    link.write_all(&sealed[200_000..]).unwrap();
    let mut receipt = Vec::new();
    link.read_to_end(&mut receipt).unwrap();
    assert_eq!(receipt.get(8), Some(&1), "{receipt:?}");
    let reports = receiver.end(130);
    // Whoever knocked to see whether somebody listens may be reported too.
    let verified = reports.iter().filter(|r| r["verdict"] == "verified");
    assert_eq!(verified.count(), 1, "{reports:?}");
    room.assert_arrived(&["a.png"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_no_empty_folder() {
    for existed in [false, true] {
        let room = Room::new();
        if existed {
            fs::create_dir(room.path("in")).unwrap();
        }
        let receiver = room.receive(&["-i", &key("doctor")]);
        let idle = receiver.dial();
        assert!(room.path("in").is_dir());
        receiver.interrupt();
        assert_eq!(
            receiver.end(130).len(),
            0,
            "who only knocked is not mentioned"
        );
        assert_eq!(room.path("in").exists(), existed);
        drop(idle);
    }
}

/// A transfer that does not go on ends with the grace period.
#[cfg(unix)]
#[test]
fn ctrl_c_does_not_wait_for_ever() {
    let room = Room::new();
    let sealed = fs::read(seal(&room, "one.secimg", &["a.png"])).unwrap();
    let receiver = room.receive(&["-i", &key("doctor"), "--grace", "0"]);
    let mut link = receiver.dial();
    link.write_all(&sealed[..200_000]).unwrap();
    wait_for("the transfer begins", || !room.received().is_empty());
    receiver.interrupt();
    let reports = receiver.end(130);
    assert_eq!(reports[0]["error"]["code"], "stopped");
    assert!(!room.path("in").exists());
}

#[cfg(target_os = "linux")]
fn resident(receiver: &Receiver) -> u64 {
    let path = format!("/proc/{}/status", receiver.child.id());
    let status = fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.unwrap()
        .trim()
        .strip_suffix(" kB")
        .unwrap()
        .parse()
        .unwrap()
}

/// Silent from the start, or in the middle of the header.
#[cfg(target_os = "linux")]
#[test]
fn five_hundred_idle_connections_cost_little_and_keep_nobody_out() {
    let room = Room::new();
    let sealed = fs::read(seal(&room, "one.secimg", &["a.png"])).unwrap();
    let limits = [
        "--max-connections",
        "600",
        "--max-per-peer",
        "600",
        "--header-timeout",
        "600",
        "--idle-timeout",
        "600",
        "--once",
    ];
    let receiver = room.receive(&[&["-i", &key("doctor")], limits.as_slice()].concat());
    let before = resident(&receiver);
    let idle: Vec<_> = (0..500)
        .map(|number| {
            let mut link = receiver.dial();
            // None of them gets as far as the magic: that would be the one stream.
            link.write_all(&sealed[..number % 8]).unwrap();
            link
        })
        .collect();
    let threads = || {
        fs::read_dir(format!("/proc/{}/task", receiver.child.id()))
            .unwrap()
            .count()
    };
    wait_for("all of them have their thread", || threads() > 500);
    let after = resident(&receiver);
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
    room.assert_arrived(&["a.png"]);
    say!(
        "500 idle connections: {before} KiB before, {after} KiB with them, and a stream was received"
    );
    assert!(after - before < 64 << 10, "{before} to {after} KiB");
    drop(idle);
    receiver.end(0);
}
