//! rewrap: other recipients, the same stream.

use sha2::{Digest, Sha256};

use super::support::*;

const REWRAP_KEYS: &[&str] = &[
    "schema",
    "file",
    "verdict",
    "exit",
    "suite",
    "recipients",
    "chunks",
    "sealed_bytes",
    "transfer_id",
    "output",
    "warnings",
    "in_place",
    "recovered",
    "error",
];

#[test]
fn a_stream_changes_hands_and_keeps_its_signature() {
    let bench = Bench::new();
    bench.sealed();
    let before = bench
        .run("verify -i alice a.gif.secimg --json")
        .ok()
        .one_object();
    let done = bench
        .run("rewrap -i alice -r carol.pub a.gif.secimg --json")
        .ok()
        .one_object();
    has_keys(&done, REWRAP_KEYS);
    assert_eq!(
        (&done["in_place"], &done["recovered"]),
        (&true.into(), &false.into())
    );
    assert_eq!(done["transfer_id"], before["transfer_id"]);
    bench
        .run("verify -i alice a.gif.secimg --json")
        .fails(1, "no_matching_key");
    let after = bench
        .run("verify -i carol --from bob.pub a.gif.secimg --json")
        .ok()
        .one_object();
    assert_eq!(after["items"], before["items"]);
    assert_eq!(after["signature"]["signer"], before["signature"]["signer"]);
    bench.is_tidy();
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    let bench = Bench::new();
    bench.sealed();
    set_mode(&bench.path("a.gif.secimg"), 0o640);
    std::os::unix::fs::symlink("a.gif.secimg", bench.path("link")).unwrap();
    bench.run("rewrap -i alice -r carol.pub link").ok();
    assert_eq!(mode(&bench.path("a.gif.secimg")), 0o640);
    assert!(
        std::fs::symlink_metadata(bench.path("link"))
            .unwrap()
            .is_symlink()
    );
    bench.run("verify -i carol a.gif.secimg").ok();
}

#[test]
fn every_kind_of_recipient_can_be_the_new_one() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    bench
        .run("encrypt --passphrase-file pass --context study -o s a.gif")
        .ok();
    bench
        .run("rewrap --passphrase-file pass --context study --new-key-file sym s")
        .ok();
    bench
        .run("rewrap --key-file sym --context study --new-passphrase-file pass2 s")
        .ok();
    bench
        .run("rewrap --passphrase-file pass2 --context study -r alice.pub -r carol.pub s")
        .ok();
    for key in ["alice", "carol"] {
        bench
            .run(&format!("verify -i {key} --context study s"))
            .ok();
    }
    let done = bench
        .run("rewrap -i carol --context study -r dora.pub s --json")
        .ok()
        .one_object();
    assert_eq!(done["recipients"][0]["type"], "x-wing");
    bench
        .run("rewrap -i dora --context study -r frank.pub s")
        .ok();
    bench.run("verify -i frank --context study s").ok();
    bench
        .run("rewrap -i frank --context study -r alice.pub -r dora.pub --allow-mixing s")
        .ok();
    bench.run("rewrap -i alice --context study s").exits(2);
}

#[test]
fn the_old_file_stays_when_it_goes_wrong() {
    let bench = Bench::new();
    let sealed = bench.sealed();
    for (words, status, code) in [
        ("-i carol -r carol.pub", 1, "no_matching_key"),
        ("-i alice --context x -r carol.pub", 1, "not_authentic"),
        ("-i alice -r bob.pub", 2, "wrong_key_kind"),
        ("-i alice -r carol.pub -r carol.pub", 2, "usage"),
        ("-i alice -r carol.pub --new-key-file sym", 2, "usage"),
        ("-i alice -r carol.pub -r dora.pub", 2, "usage"),
    ] {
        let run = bench.run(&format!("rewrap {words} a.gif.secimg --json"));
        has_keys(&run.fails(status, code), REWRAP_KEYS);
        assert_eq!(bench.read("a.gif.secimg"), sealed);
    }
    let trailing = [sealed.as_slice(), b"x"].concat();
    for (bytes, code) in [
        (&sealed[..sealed.len() - 1], "truncated"),
        (trailing.as_slice(), "trailing_bytes"),
        (b"text", "not_a_stream"),
    ] {
        bench.write("bad", bytes);
        bench
            .run("rewrap -i alice -r carol.pub bad --json")
            .fails(3, code);
        assert_eq!(bench.read("bad"), bytes);
    }
    bench.is_tidy();
}

#[test]
fn another_file_or_standard_output_can_take_it() {
    let bench = Bench::new();
    let sealed = bench.sealed();
    bench
        .run("rewrap -i alice -r carol.pub -o new a.gif.secimg")
        .ok();
    bench
        .run("rewrap -i alice -r carol.pub -o new a.gif.secimg --json")
        .fails(2, "exists");
    bench.run("verify -i carol new").ok();
    assert_eq!(bench.read("a.gif.secimg"), sealed);
    let piped = bench
        .feed("rewrap -i alice -r carol.pub", &sealed)
        .ok()
        .stdout;
    assert_eq!(bench.feed("decrypt -i carol", &piped).ok().stdout, GIF);
    let both = bench
        .run("rewrap -i alice -r carol.pub -o x a.gif.secimg new --json")
        .exits(2);
    assert_eq!(both.objects().len(), 2);
}

/// Half of the block is overwritten, and the backup has the old one: what a power failure may leave.
fn interrupted(bench: &Bench) -> Vec<u8> {
    let sealed = bench.sealed();
    let (head, frame) = (&sealed[..81], &sealed[81..81 + 4 + 4096]);
    let sha256 = |bytes: &[u8]| <[u8; 32]>::from(Sha256::digest(bytes));
    let mut backup = b"\x89SIMB\r\n\x1a".to_vec();
    backup.extend_from_slice(&sha256(head));
    backup.extend_from_slice(&81_u64.to_be_bytes());
    backup.extend_from_slice(&4100_u32.to_be_bytes());
    backup.extend_from_slice(frame);
    backup.extend_from_slice(&sha256(&backup));
    bench.write("a.gif.secimg.rewrap-backup", &backup);
    let mut half = sealed.clone();
    half[85..2000].fill(0x5A);
    bench.write("a.gif.secimg", &half);
    sealed
}

#[test]
fn an_interrupted_rewrap_is_read_as_before_and_undone_by_the_next() {
    let bench = Bench::new();
    let sealed = interrupted(&bench);
    let half = bench.read("a.gif.secimg");
    for words in [
        "verify -i alice",
        "list -i alice",
        "inspect",
        "decrypt -i alice -o out",
    ] {
        let run = bench.run(&format!("{words} a.gif.secimg")).ok();
        assert!(
            run.stderr.contains("warning: a rewrap"),
            "{words}: {}",
            run.stderr
        );
    }
    assert_eq!(bench.read("out"), GIF);
    let copied = bench
        .run("rewrap -i alice -r carol.pub -o copy a.gif.secimg --json")
        .ok()
        .one_object();
    assert_eq!(
        (&copied["in_place"], &copied["recovered"]),
        (&false.into(), &false.into())
    );
    bench.run("verify -i carol copy").ok();
    assert_eq!(bench.read("a.gif.secimg"), half, "readers write nothing");
    bench
        .run("rewrap -i carol -r carol.pub a.gif.secimg --json")
        .fails(1, "no_matching_key");
    assert_eq!(bench.read("a.gif.secimg"), sealed, "recovery needs no key");
    assert!(!bench.exists("a.gif.secimg.rewrap-backup"));
    interrupted(&bench);
    let done = bench
        .run("rewrap -i alice -r carol.pub a.gif.secimg --json")
        .ok()
        .one_object();
    assert_eq!(
        (&done["in_place"], &done["recovered"]),
        (&true.into(), &true.into())
    );
    bench.run("verify -i carol a.gif.secimg").ok();
    assert!(!bench.exists("a.gif.secimg.rewrap-backup"));
}

#[test]
fn what_stands_where_the_backup_must_be_is_left_alone() {
    let bench = Bench::new();
    let sealed = bench.sealed();
    bench.write("a.gif.secimg.rewrap-backup", b"My notes");
    let failed = bench
        .run("rewrap -i alice -r carol.pub a.gif.secimg --json")
        .fails(2, "foreign_backup");
    has_keys(&failed, REWRAP_KEYS);
    assert!(failed["in_place"].is_null() && failed["recovered"].is_null());
    assert_eq!(bench.read("a.gif.secimg.rewrap-backup"), b"My notes");
    assert_eq!(bench.read("a.gif.secimg"), sealed);
    bench.run("verify -i alice a.gif.secimg").ok();
}

/// The command as it is shipped, killed at random moments: before, while and after it rewraps.
#[cfg(unix)]
#[test]
fn a_killed_command_leaves_one_of_the_two() {
    const KILLS: usize = 60;
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    bench.run("encrypt --key-file sym -o s a.gif").ok();
    let (mut interrupted, mut done, mut before) = (0, 0, 0);
    let mut random = u64::from(std::process::id()) | 1;
    let mut key = "sym";
    for _ in 0..KILLS {
        let other = if key == "sym" { "sym2" } else { "sym" };
        let words = format!("rewrap --key-file {key} --new-key-file {other} s --quiet");
        let mut child = bench.command(&words).spawn().unwrap();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::sleep(core::time::Duration::from_micros(random % 30_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let left = bench.exists("s.rewrap-backup");
        let opens = |key: &str| bench.run(&format!("verify --key-file {key} s")).status == 0;
        match (opens(key), opens(other)) {
            (true, false) if left => interrupted += 1,
            (true, false) => before += 1,
            (false, true) => {
                done += 1;
                key = other;
            }
            both => panic!("opens for {both:?}"),
        }
        bench
            .run(&format!("rewrap --key-file {key} --new-key-file {key} s"))
            .ok();
        assert!(!bench.exists("s.rewrap-backup"));
    }
    say!(
        "{KILLS} kills of `secimg rewrap`: {before} before it began, {interrupted} within, {done} after; all opened"
    );
    bench.is_tidy();
}

/// The backup does not fit on the disk.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_stream_as_it_was() {
    let bench = Bench::new();
    let sealed = bench.sealed();
    let script = "trap '' XFSZ; ulimit -f 4; exec \"$@\"";
    let words = [
        "rewrap",
        "-i",
        "alice",
        "-r",
        "carol.pub",
        "a.gif.secimg",
        "--json",
    ];
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_secimg")])
        .args(words)
        .current_dir(bench.path("."));
    let failed = finish(&mut command).fails(4, "io");
    has_keys(&failed, REWRAP_KEYS);
    assert_eq!(bench.read("a.gif.secimg"), sealed);
    assert!(!bench.exists("a.gif.secimg.rewrap-backup"));
    bench.is_tidy();
}
