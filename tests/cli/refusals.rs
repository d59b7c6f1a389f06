//! Streams that are not opened: the status, the code, and that nothing of them appears.

use std::time::{SystemTime, UNIX_EPOCH};

use secimg::keys::PrivateKey;
use secimg::{Image, SealOptions, encrypt};
use serde_json::Value;

use super::support::*;

/// Decrypts and verifies, and insists that both refuse alike and that nothing comes out.
#[track_caller]
fn refused(bench: &Bench, words: &str, status: i32, code: &str) -> Value {
    let verified = bench
        .run(&format!("verify {words} --json"))
        .fails(status, code);
    let decrypted = bench
        .run(&format!("decrypt {words} -O out --json"))
        .fails(status, code);
    assert_eq!(verified, decrypted);
    assert!(!bench.exists("out"), "a folder made for nothing goes again");
    bench.run(&format!("decrypt {words} -o back")).exits(status);
    assert!(!bench.exists("back"));
    let piped = bench.run(&format!("decrypt {words} -o -")).exits(status);
    assert_eq!(piped.stdout, b"");
    bench.is_tidy();
    nothing_shows(&verified);
    verified
}

#[track_caller]
fn nothing_shows(report: &Value) {
    has_keys(report, REPORT_KEYS);
    for key in ["suite", "chunks", "transfer_id", "recipient", "signature"] {
        assert!(report[key].is_null(), "{key}: {report}");
    }
    assert_eq!(report["items"].as_array().unwrap().len(), 0);
    assert!(
        !report["error"]["message"]
            .as_str()
            .unwrap()
            .contains(".gif\"")
    );
}

#[test]
fn a_wrong_key_passphrase_or_context_is_refused() {
    let bench = Bench::new();
    bench.sealed();
    refused(&bench, "-i carol a.gif.secimg", 1, "no_matching_key");
    refused(&bench, "-i dora a.gif.secimg", 1, "no_matching_key");
    bench.run("encrypt -r dora.pub -o h a.gif").ok();
    refused(&bench, "-i frank h", 1, "no_matching_key");
    refused(&bench, "-i dora --context x h", 1, "not_authentic");
    refused(
        &bench,
        "-i alice --context x a.gif.secimg",
        1,
        "not_authentic",
    );
    bench.run("encrypt --passphrase-file pass -o p a.gif").ok();
    refused(&bench, "--passphrase-file pass2 p", 1, "not_authentic");
    refused(&bench, "-i alice p", 1, "no_matching_key");
    bench.run("encrypt --key-file sym -o k a.gif").ok();
    refused(&bench, "--key-file sym2 k", 1, "no_matching_key");
    bench
        .run("encrypt --key-file sym --context one -o c a.gif")
        .ok();
    refused(&bench, "--key-file sym --context two c", 1, "not_authentic");
    refused(&bench, "--key-file sym c", 1, "not_authentic");
}

/// Seals `a.gif` for alice, signed by bob at that time.
fn signed_at(bench: &Bench, name: &str, time: u64) {
    let key = |name: &str| PrivateKey::from_pem(&bench.read(name), None).unwrap();
    let options = SealOptions::new()
        .recipient(key("alice").public().recipient().unwrap())
        .signer(key("bob").signer().unwrap())
        .signing_time(time);
    let image = Image::new(bench.read("a.gif")).named("a.gif");
    bench.write(name, &encrypt(&image, &options).unwrap());
}

#[test]
fn what_is_done_is_told_without_names() {
    let bench = Bench::new();
    bench.sealed();
    let told = |words: &str| bench.run(words).ok().stderr;
    let words = "verify -i alice a.gif.secimg";
    let silent = told(words);
    assert!(
        !silent.contains("INFO") && !silent.contains("DEBUG"),
        "{silent}"
    );
    let some = told(&format!("{words} -v"));
    assert!(some.contains("verified transfer_id="), "{some}");
    assert!(!some.contains("DEBUG"), "{some}");
    let more = told(&format!("{words} -vv"));
    assert!(more.contains("unlocked transfer_id="), "{more}");
    for line in more.lines().filter(|line| line.contains("transfer_id=")) {
        assert!(!line.contains("a.gif") && !line.contains("alice"), "{line}");
    }
    bench.run(&format!("{words} -v --quiet")).exits(2);
    bench.run(&format!("{words} -v --json")).exits(2);
}

#[test]
fn a_signature_that_is_too_old_or_ahead_is_refused() {
    let bench = Bench::new();
    bench.sealed();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = since.as_secs();
    let from = "-i alice --from bob.pub";
    bench
        .run(&format!("verify {from} --signed-within 1h a.gif.secimg"))
        .ok();
    // Whoever is an hour late is refused, by minutes, hours and days, and says when without the option.
    signed_at(&bench, "old", now - 3600);
    for short in ["10m", "59m", "30m 30s"] {
        let words = ["verify", "-i", "alice", "--from", "bob.pub", "--json"];
        let mut command = bench.command(&words.join(" "));
        let run = finish(command.args(["--signed-within", short, "old"]));
        let report = run.fails(1, "stale_signature");
        nothing_shows(&report);
    }
    refused(
        &bench,
        &format!("{from} --signed-within 50m old"),
        1,
        "stale_signature",
    );
    for long in ["61m", "2h", "7d"] {
        bench
            .run(&format!("verify {from} --signed-within {long} old"))
            .ok();
    }
    // A clock may be a little ahead.
    signed_at(&bench, "ahead", now + 200);
    bench
        .run(&format!("verify {from} --signed-within 1s ahead"))
        .ok();
    signed_at(&bench, "future", now + 7200);
    refused(
        &bench,
        &format!("{from} --signed-within 365d future"),
        1,
        "stale_signature",
    );
    bench.run("verify -i alice --signed-within 1h old").exits(2);
    bench
        .run(&format!("verify {from} --signed-within soon old"))
        .exits(2);
}

#[test]
fn a_wrong_or_missing_signer_is_refused() {
    let bench = Bench::new();
    bench.sealed();
    refused(
        &bench,
        "-i alice --from eve.pub a.gif.secimg",
        1,
        "untrusted_signer",
    );
    // Who signed is part of the stream, and nothing of a refused one appears.
    let signer = bench
        .run("verify -i alice a.gif.secimg --json")
        .ok()
        .one_object()["signature"]["signer"]
        .as_str()
        .map(str::to_owned);
    let report = bench.run("verify -i alice --from eve.pub a.gif.secimg --json");
    let message = report.one_object()["error"]["message"].to_string();
    assert!(
        signer.is_some_and(|signer| !message.contains(&signer)),
        "{message}"
    );
    bench
        .run("verify -i alice --from eve.pub --from bob.pub a.gif.secimg")
        .ok();
    bench.run("encrypt -r alice.pub -o u a.gif").ok();
    refused(&bench, "-i alice --from bob.pub u", 1, "not_signed");
}

#[test]
fn every_flipped_byte_is_noticed() {
    let bench = Bench::new();
    let sealed = bench.sealed();
    for at in [
        sealed.len() - 1,
        sealed.len() - 100,
        sealed.len() - 300,
        4200,
        60,
    ] {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        bench.write("a.gif.secimg", &changed);
        let run = bench.run("decrypt -i alice -O out a.gif.secimg --json");
        assert!([1, 3].contains(&run.status), "byte {at}: {run:?}");
        nothing_shows(&run.one_object());
        assert!(!bench.exists("out"));
    }
    let mut changed = sealed.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    bench.write("a.gif.secimg", &changed);
    refused(&bench, "-i alice a.gif.secimg", 1, "not_authentic");
}

#[test]
fn damage_is_said_with_its_place() {
    let bench = Bench::new();
    let sealed = bench.sealed();
    bench.write("cut", &sealed[..sealed.len() - 1]);
    let cut = refused(&bench, "-i alice cut", 3, "truncated");
    assert_eq!(cut["verdict"], "damaged");
    bench.write("long", &[sealed.as_slice(), b"x"].concat());
    let long = refused(&bench, "-i alice long", 3, "trailing_bytes");
    assert_eq!(long["error"]["offset"], sealed.len());
    bench.write("text", b"This is no stream, it is a text.");
    refused(&bench, "-i alice text", 3, "not_a_stream");
    bench.write("empty", b"");
    refused(&bench, "-i alice empty", 3, "truncated");
    let mut version = sealed.clone();
    version[12] = 2;
    bench.write("version", &version);
    refused(&bench, "-i alice version", 3, "unsupported");
    for file in ["cut", "long"] {
        let run = bench.run(&format!("list -i alice {file} --json"));
        assert!([1, 3].contains(&run.status), "{run:?}");
        nothing_shows(&run.one_object());
    }
}

#[test]
fn wrong_usage_and_missing_files_are_not_the_streams_fault() {
    let bench = Bench::new();
    bench.sealed();
    bench.secret("weak", WEAK.as_bytes());
    for (words, status, code) in [
        ("a.gif.secimg", 2, "no_identity"),
        ("-i bob a.gif.secimg", 2, "wrong_key_kind"),
        ("-i alice.pub a.gif.secimg", 2, "wrong_key_kind"),
        ("-i sym a.gif.secimg", 2, "wrong_key_kind"),
        ("-i alice --from bob a.gif.secimg", 2, "wrong_key_kind"),
        ("-i alice --from dora.pub a.gif.secimg", 2, "wrong_key_kind"),
        ("-i alice .", 2, "is_folder"),
        ("-i weak a.gif.secimg", 3, "weak_key"),
        ("-i alice none.secimg", 4, "not_found"),
    ] {
        let report = refused(&bench, words, status, code);
        assert_eq!(
            report["verdict"],
            if status == 3 { "damaged" } else { "error" }
        );
    }
}

#[test]
fn of_two_streams_the_good_one_is_opened_and_the_first_failure_decides() {
    let bench = Bench::new();
    let sealed = bench.sealed();
    bench.write("cut", &sealed[..100]);
    let run = bench
        .run("decrypt -i alice -O out cut none a.gif.secimg --json")
        .exits(3);
    let verdicts: Vec<_> = run.objects().iter().map(|o| o["verdict"].clone()).collect();
    assert_eq!(verdicts, ["damaged", "error", "verified"]);
    assert_eq!(bench.names_in("out"), ["a.gif"]);
    bench.run("verify -i alice none cut a.gif.secimg").exits(4);
    let all = bench.run("verify cut a.gif.secimg --json").exits(2);
    assert_eq!(
        all.objects().len(),
        2,
        "one object for each input, also when none was read"
    );
}

/// What somebody keeps and what did not get there is told; a reader that has gone away is none of it.
#[cfg(target_os = "linux")]
#[test]
fn a_report_that_is_lost_is_a_failure() {
    let bench = Bench::new();
    bench.sealed();
    for words in [
        "inspect a.gif.secimg",
        "inspect a.gif.secimg --json",
        "verify -i alice a.gif.secimg",
        "key alice.pub",
    ] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = bench.command(words).stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(4), "{words}: {said}");
        assert!(
            said.contains("writing the report failed"),
            "{words}: {said}"
        );
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let gone = bench.command(words).stdout(writer).output().unwrap();
        assert_eq!(gone.status.code(), Some(0), "{words}");
    }
    // What failed before is told first.
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let status = bench.command("inspect none --json").stdout(full).status();
    assert_eq!(status.unwrap().code(), Some(4));
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let status = bench
        .command("verify a.gif.secimg --json")
        .stdout(full)
        .status();
    assert_eq!(status.unwrap().code(), Some(2), "no identity");
}

/// A build without HTTP says what it takes, and looks for no file of that name.
#[cfg(not(feature = "http"))]
#[test]
fn a_url_needs_a_build_with_http() {
    let bench = Bench::new();
    for words in [
        "list -i alice",
        "verify -i alice",
        "decrypt -i alice -O out",
        "inspect",
    ] {
        let words = format!("{words} http://127.0.0.1:1/x --json");
        let report = bench.run(&words).fails(2, "usage");
        let message = report["error"]["message"].as_str().unwrap();
        assert!(message.contains("--features cli,http"), "{message}");
    }
}
