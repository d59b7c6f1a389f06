//! rewrap: other recipients, the same stream.

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
    for (bytes, code) in [
        (&sealed[..sealed.len() - 1], "truncated"),
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
