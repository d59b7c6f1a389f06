//! decrypt, verify, list and inspect where everything is right.

use super::support::*;

const ITEM_KEYS: &[&str] = &[
    "name",
    "media_type",
    "bytes",
    "sha256",
    "width",
    "height",
    "frames",
    "output",
];
const INSPECT_KEYS: &[&str] = &[
    "schema",
    "file",
    "authenticated",
    "suite",
    "chunk_size",
    "signed",
    "recipients",
    "chunks",
    "sealed_bytes",
    "transfer_id",
    "exit",
    "error",
];

/// `printf 'GIF89a\x40\x01\xF0\x00\x00\x00\x00' | sha256sum`
const GIF_SHA256: &str = "3ac3370dbf952f575771e88eaaed2bb2b98688d16c4aead5d214bf04c020861f";

#[test]
fn what_was_sealed_comes_back_for_every_kind_of_recipient() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    for (recipient, identity, kind) in [
        ("-r alice.pub -r carol.pub", "-i carol", "rsa-oaep-sha256"),
        ("-r dora.pub -r frank.pub", "-i frank", "x-wing"),
        ("-r dora.pub --key-file sym", "-i dora", "x-wing"),
        (
            "--passphrase-file pass",
            "--passphrase-file pass",
            "passphrase",
        ),
        ("--key-file sym", "--key-file sym", "raw-key"),
    ] {
        for suite in ["cbc", "gcm"] {
            bench
                .run(&format!(
                    "encrypt {recipient} --suite {suite} -o s a.gif --force"
                ))
                .ok();
            let run = bench
                .run(&format!("decrypt {identity} -o back s --force --json"))
                .ok();
            assert_eq!(bench.read("back"), GIF);
            let report = run.one_object();
            has_keys(&report, REPORT_KEYS);
            assert_eq!(report["recipient"]["type"], kind);
            assert_eq!(report["items"][0]["output"], "back");
        }
    }
    bench.is_tidy();
}

#[test]
fn the_report_says_everything() {
    let bench = Bench::new();
    bench.sealed();
    let words = "-i alice --from bob.pub a.gif.secimg --json";
    let report = bench.run(&format!("verify {words}")).ok().one_object();
    has_keys(&report, REPORT_KEYS);
    assert_eq!(
        (&report["schema"], &report["file"]),
        (&"secimg/report/1".into(), &"a.gif.secimg".into())
    );
    assert_eq!(
        (&report["verdict"], &report["exit"]),
        (&"verified".into(), &0.into())
    );
    assert_eq!(
        (&report["chunks"], &report["error"]),
        (&1.into(), &serde_json::Value::Null)
    );
    let signature = &report["signature"];
    has_keys(
        signature,
        &["algorithm", "signer", "time", "trusted", "intended"],
    );
    assert_eq!(
        (&signature["trusted"], &signature["intended"]),
        (&true.into(), &"intended".into())
    );
    let bob = bench.run("key bob.pub --json").ok().one_object();
    assert_eq!(signature["signer"], bob["fingerprint"]);
    assert!(signature["time"].as_str().unwrap().ends_with('Z'));
    let item = &report["items"][0];
    has_keys(item, ITEM_KEYS);
    assert_eq!(
        (&item["name"], &item["sha256"]),
        (&"a.gif".into(), &GIF_SHA256.into())
    );
    assert_eq!(
        (&item["width"], &item["height"]),
        (&320.into(), &240.into())
    );
    assert!(item["output"].is_null(), "verify writes nothing");
    assert_eq!(report["warnings"].as_array().unwrap().len(), 0);
    let report = bench
        .run(&format!("decrypt -O out {words}"))
        .ok()
        .one_object();
    assert_eq!(
        report["items"][0]["output"],
        std::path::Path::new("out").join("a.gif").to_str().unwrap()
    );
}

#[test]
fn people_are_told_too() {
    let bench = Bench::new();
    bench.sealed();
    let run = bench.run("verify -i alice a.gif.secimg").ok();
    let text = run.text();
    for part in [
        "a.gif.secimg: verified, 1 image",
        "320 x 240",
        GIF_SHA256,
        "signed by sha256:",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(
        run.stderr
            .contains("warning: signed, but no trusted signer was named")
    );
    let quiet = bench.run("verify -i alice a.gif.secimg --quiet").ok();
    assert_eq!((quiet.text().as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn inspect_needs_no_key() {
    let bench = Bench::new();
    let sealed = bench.sealed();
    let object = bench.run("inspect a.gif.secimg --json").ok().one_object();
    has_keys(&object, INSPECT_KEYS);
    assert_eq!(
        (&object["authenticated"], &object["signed"]),
        (&false.into(), &true.into())
    );
    assert_eq!(object["suite"], "aes-256-cbc+hmac-sha-256");
    assert_eq!(
        (&object["chunk_size"], &object["chunks"]),
        (&65536.into(), &1.into())
    );
    assert_eq!(object["sealed_bytes"], sealed.len());
    has_keys(&object["recipients"][0], &["type", "key_id"]);
    let report = bench
        .run("verify -i alice a.gif.secimg --json")
        .ok()
        .one_object();
    assert_eq!(object["transfer_id"], report["transfer_id"]);
    assert_eq!(object["recipients"][0], report["recipient"]);
    let piped = bench.feed("inspect --json", &sealed).ok().one_object();
    assert_eq!(piped["transfer_id"], report["transfer_id"]);
    let damaged = bench
        .feed("inspect --json", &sealed[..sealed.len() - 1])
        .fails(3, "truncated");
    has_keys(&damaged, INSPECT_KEYS);
    assert!(
        bench
            .run("inspect a.gif.secimg")
            .ok()
            .text()
            .contains("rsa-oaep-sha256")
    );
}

#[test]
fn list_reads_the_index_or_all() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    bench.write("b.bin", &vec![0; 300_000]);
    bench
        .run("encrypt -r alice.pub --sign bob -o s a.gif b.bin")
        .ok();
    let from_file = bench.run("list -i alice s --json").ok().one_object();
    let piped = bench
        .feed("list -i alice --json", &bench.read("s"))
        .ok()
        .one_object();
    has_keys(&from_file, REPORT_KEYS);
    has_keys(&piped, REPORT_KEYS);
    assert_eq!(
        (&from_file["verdict"], &piped["verdict"]),
        (&"authentic".into(), &"verified".into())
    );
    assert_eq!(from_file["items"], piped["items"]);
    assert_eq!(from_file["items"][1]["bytes"], 300_000);
    assert_eq!(from_file["items"][0]["sha256"], GIF_SHA256);
    let checked = bench
        .run("list -i alice --from bob.pub s --json")
        .ok()
        .one_object();
    assert_eq!(checked["signature"]["trusted"], true);
    bench
        .run("list -i alice --from eve.pub s --json")
        .fails(1, "untrusted_signer");
    bench
        .run("list -i carol s --json")
        .fails(1, "no_matching_key");
    let text = bench.run("list -i alice s").ok();
    assert!(text.text().contains("b.bin") && text.stderr.contains("authentic only"));
}

#[test]
fn the_context_is_bound_and_not_stored() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    bench
        .run("encrypt --key-file sym --context study-1 a.gif")
        .ok();
    bench
        .run("verify --key-file sym --context study-1 a.gif.secimg")
        .ok();
    let sealed = bench.read("a.gif.secimg");
    assert!(!sealed.windows(7).any(|window| window == b"study-1"));
}

#[test]
fn who_was_not_meant_is_told_and_can_insist() {
    let bench = Bench::new();
    bench.sealed();
    bench.run("rewrap -i alice -r carol.pub a.gif.secimg").ok();
    let words = "verify -i carol --from bob.pub a.gif.secimg --json";
    let report = bench.run(words).ok().one_object();
    assert_eq!(report["signature"]["intended"], "not_intended");
    assert_eq!(report["warnings"].as_array().unwrap().len(), 1);
    let refused = bench
        .run(&format!("{words} --require-intended"))
        .fails(1, "not_intended");
    has_keys(&refused, REPORT_KEYS);
    assert_eq!(refused["verdict"], "refused");
    bench
        .run("decrypt -i carol --require-intended -O out a.gif.secimg")
        .exits(1);
    assert!(!bench.exists("out"));
    // Nobody's word is no word.
    bench.run("encrypt -r alice.pub a.gif --force").ok();
    bench
        .run("verify -i alice --require-intended a.gif.secimg --json")
        .fails(1, "not_intended");
}
