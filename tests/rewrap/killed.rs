//! A process that does nothing but rewrap one file, killed at random moments.

use core::time::Duration;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;

use super::*;

const FILE: &str = "SECIMG_TEST_REWRAPPED";
const KILLS: usize = 150;

/// What was found after the kills.
#[derive(Debug, Default)]
struct Tally {
    between: usize,
    torn_backup: usize,
    nothing_left: usize,
    old: usize,
    new: usize,
}

fn start(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::child_rewraps_for_ever"])
        .env(FILE, path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Does its work only when started by the test below: the block passes from key 1 to key 2 and back.
#[test]
fn child_rewraps_for_ever() {
    let Some(path) = std::env::var_os(FILE).map(PathBuf::from) else {
        return;
    };
    for round in 0_u64.. {
        let (from, to) = if round % 2 == 0 { (1, 2) } else { (2, 1) };
        // Who was killed may have left it with either.
        let done = rewrap_file(&path, &identity(from), &recipients([to]));
        drop(done);
        // It is at work: the killer may begin.
        if round == 0 {
            fs::write(path.with_file_name("started"), "").unwrap();
        }
    }
}

#[test]
fn a_killed_rewrap_leaves_the_old_recipients_or_the_new_ones() {
    let bench = Bench::new();
    let payload_at = HEAD + frame_of(&bench.sealed).len();
    let mut tally = Tally::default();
    // Any distribution will do; what one run does not meet the next one may.
    let mut random = u64::from(std::process::id()) | 1;
    for kill in 0..KILLS {
        let started = bench.path.with_file_name("started");
        let _: std::io::Result<()> = fs::remove_file(&started);
        let mut child = start(&bench.path);
        while !started.exists() {
            assert!(
                child.try_wait().unwrap().is_none(),
                "the child ended by itself"
            );
            sleep(Duration::from_micros(100));
        }
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        sleep(Duration::from_micros(random % 15_000));
        child.kill().unwrap();
        child.wait().unwrap();
        look(&bench, payload_at, &mut tally);
        let key = if opens(&bench.path, 1) { 1 } else { 2 };
        let report = rewrap_file(&bench.path, &identity(key), &recipients([key])).unwrap();
        assert!(report.in_place, "kill {kill}");
        assert!(opens(&bench.path, key));
        assert_eq!(bench.names(), ["a.secimg", "started"]);
    }
    let Tally {
        between,
        torn_backup,
        nothing_left,
        old,
        new,
    } = tally;
    say!(
        "{KILLS} kills of a process that rewraps: {between} left a whole backup, {torn_backup} a torn one, \
         {nothing_left} none; {old} opened for key 1, {new} for key 2, 0 for neither"
    );
}

/// Without a key and without recovery a reader opens it for one of the two, and only the block has changed.
fn look(bench: &Bench, payload_at: usize, tally: &mut Tally) {
    let now = fs::read(&bench.path).unwrap();
    assert_eq!(now.len(), bench.sealed.len());
    assert_eq!(now[..HEAD + 4], bench.sealed[..HEAD + 4]);
    assert_eq!(now[payload_at..], bench.sealed[payload_at..]);
    if SealedFile::open(&bench.path).unwrap().is_interrupted() {
        tally.between += 1;
    } else if bench.backup().exists() {
        tally.torn_backup += 1;
    } else {
        tally.nothing_left += 1;
    }
    match (opens(&bench.path, 1), opens(&bench.path, 2)) {
        (true, false) => tally.old += 1,
        (false, true) => tally.new += 1,
        both => panic!("opens for {both:?}"),
    }
}
