//! `-R FILE`: whom it names, and what is said when it does not.

use secimg::keys::{GenerateKind, PrivateKey};

use super::support::*;

#[test]
fn a_file_names_one_recipient_a_line() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    std::fs::create_dir(bench.path("team")).unwrap();
    // Counted from the file's own folder, wherever the command runs.
    bench.write("team/ward", b"# the ward\r\n\n  ../alice.pub\r\ncarol\n");
    bench.run("keygen --kind ed25519 x").ok();
    bench.secret("keyfolder/carol.pub", &bench.read("carol.pub"));
    bench.run("encrypt -R team/ward -o s a.gif").ok();
    for key in ["alice", "carol"] {
        bench.run(&format!("verify -i {key} s")).ok();
    }
    let count = |file: &str| {
        let object = bench
            .run(&format!("inspect {file} --json"))
            .ok()
            .one_object();
        object["recipients"].as_array().unwrap().len()
    };
    assert_eq!(count("s"), 2);
    // Lists overlap: each key counts once.
    bench.write("all", b"alice.pub\ncarol.pub\nalice.pub\n");
    bench
        .run("encrypt -r alice.pub -R all -R team/ward -o t a.gif")
        .ok();
    assert_eq!(count("t"), 2);
    bench.run("encrypt -r alice.pub -o u a.gif").ok();
    bench.run("rewrap -i alice -R all u").ok();
    assert_eq!(count("u"), 2);
}

#[test]
fn a_file_may_be_the_keys_themselves() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    let keys = [
        bench.read("alice.pub"),
        b"and Carol:\n".to_vec(),
        bench.read("carol.pub"),
    ];
    bench.write("keys.pem", &keys.concat());
    bench.run("encrypt -R keys.pem -o s a.gif").ok();
    bench.run("verify -i carol s").ok();
    bench.run("verify -i alice s").ok();
}

#[test]
fn what_is_wrong_is_said_with_file_and_line() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    let pem = |name: &str| String::from_utf8(bench.read(name)).unwrap();
    for (text, status, code, line) in [
        ("# ok\nnone.pub\n".to_owned(), 4, "not_found", "line 2"),
        (
            "alice.pub\nbob.pub".to_owned(),
            2,
            "wrong_key_kind",
            "line 2",
        ),
        ("alice".to_owned(), 2, "wrong_key_kind", "line 1"),
        (".".to_owned(), 2, "is_folder", "line 1"),
        ("a\u{1b}[31m".to_owned(), 3, "malformed_key", "line 1"),
        ("# nobody".to_owned(), 2, "no_recipient", ""),
        (
            pem("alice.pub") + &pem("alice"),
            2,
            "wrong_key_kind",
            "line 10",
        ),
        (pem("bob.pub"), 2, "wrong_key_kind", "line 1"),
        (
            pem("alice.pub").replace("END", "ENDE"),
            3,
            "malformed_key",
            "line 1",
        ),
    ] {
        bench.write("team", text.as_bytes());
        let run = bench.run("encrypt -R team a.gif --json");
        assert!(
            run.stderr.contains("team") && run.stderr.contains(line),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains('\u{1b}'));
        run.fails(status, code);
    }
    bench.write("team", &vec![b'#'; 300 << 10]);
    bench
        .run("encrypt -R team a.gif --json")
        .fails(2, "too_large");
    bench
        .run("encrypt -R none a.gif --json")
        .fails(4, "not_found");
    bench.run("encrypt -R . a.gif --json").fails(2, "is_folder");
    bench.run("encrypt -R team -p a.gif").exits(2);
    bench
        .run("encrypt -R team --passphrase-file pass a.gif")
        .exits(2);
    assert!(!bench.exists("a.gif.secimg"));
}

#[test]
fn more_than_a_stream_can_have_are_refused() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    let mut keys = String::new();
    for count in 1..=33 {
        let key = PrivateKey::generate(GenerateKind::Rsa { bits: 2048 }).unwrap();
        keys += &key.public().to_pem();
        if count == 32 {
            bench.write("team", keys.as_bytes());
            bench.run("encrypt -R team -o s a.gif").ok();
        }
    }
    bench.write("team", keys.as_bytes());
    let run = bench.run("encrypt -R team a.gif --json");
    assert!(run.stderr.contains("at most 32"), "{}", run.stderr);
    run.fails(2, "usage");
}
