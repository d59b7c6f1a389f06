//! keygen, pub, key, and who may read a key file.

use super::support::*;

pub(crate) const KEY_KEYS: &[&str] = &[
    "schema",
    "file",
    "exit",
    "kind",
    "private",
    "encrypted",
    "bits",
    "strength_bits",
    "fingerprint",
    "public_file",
    "certificates",
    "warnings",
    "error",
];

#[test]
fn keygen_writes_both_sides_and_prints_the_fingerprint() {
    let bench = Bench::new();
    let made = bench
        .run("keygen --bits 2048 -o k --json")
        .ok()
        .one_object();
    has_keys(&made, KEY_KEYS);
    assert_eq!(
        (&made["kind"], &made["bits"]),
        (&"rsa".into(), &2048.into())
    );
    assert_eq!(made["public_file"], "k.pub");
    for file in ["k", "k.pub"] {
        let key = bench.run(&format!("key {file} --json")).ok().one_object();
        has_keys(&key, KEY_KEYS);
        assert_eq!(key["fingerprint"], made["fingerprint"]);
        assert_eq!(key["private"], file == "k");
        assert_eq!(
            key["warnings"].as_array().unwrap().len(),
            1,
            "112-bit strength is said"
        );
    }
    let fingerprint = made["fingerprint"].as_str().unwrap();
    assert!(bench.run("key k").ok().text().contains(fingerprint));
    assert_eq!(bench.run("pub k").ok().stdout, bench.read("k.pub"));
    assert_eq!(bench.run("pub k.pub").ok().stdout, bench.read("k.pub"));
    bench.is_tidy();
}

#[cfg(unix)]
#[test]
fn a_private_key_is_its_owners_and_a_public_one_everybodys() {
    let bench = Bench::new();
    bench.run("keygen --kind ed25519 -o k").ok();
    assert_eq!(mode(&bench.path("k")), 0o600);
    bench.write("ordinary", b"");
    assert_eq!(mode(&bench.path("k.pub")), mode(&bench.path("ordinary")));
    bench.run("keygen --kind symmetric -o s").ok();
    assert_eq!(mode(&bench.path("s")), 0o600);
}

#[test]
fn keygen_makes_every_kind() {
    let bench = Bench::new();
    let ed25519 = bench
        .run("keygen --kind ed25519 -o e --json")
        .ok()
        .one_object();
    assert_eq!(
        (&ed25519["kind"], &ed25519["strength_bits"]),
        (&"ed25519".into(), &128.into())
    );
    let hybrid = bench
        .run("keygen --kind hybrid -o h --json")
        .ok()
        .one_object();
    assert_eq!(
        (&hybrid["kind"], &hybrid["public_file"]),
        (&"hybrid".into(), &"h.pub".into())
    );
    for file in ["h", "h.pub"] {
        let seen = bench.run(&format!("key {file} --json")).ok().one_object();
        has_keys(&seen, KEY_KEYS);
        assert_eq!(seen["fingerprint"], hybrid["fingerprint"]);
        assert_eq!(
            (&seen["kind"], &seen["strength_bits"]),
            (&"hybrid".into(), &128.into())
        );
    }
    assert_eq!(bench.run("pub h").ok().stdout, bench.read("h.pub"));
    let symmetric = bench
        .run("keygen --kind symmetric -o s --json")
        .ok()
        .one_object();
    assert_eq!(
        (&symmetric["kind"], &symmetric["bits"]),
        (&"symmetric".into(), &256.into())
    );
    assert!(symmetric["public_file"].is_null() && !bench.exists("s.pub"));
    let seen = bench.run("key s --json").ok().one_object();
    assert_eq!(seen["fingerprint"], symmetric["fingerprint"]);
    bench.run("pub s --json").fails(2, "wrong_key_kind");
    for words in [
        "--kind ed25519 --bits 2048",
        "--kind hybrid --bits 2048",
        "--kind symmetric --passphrase-file pass",
        "--bits 1024",
    ] {
        bench.run(&format!("keygen {words} -o no")).exits(2);
    }
    assert!(!bench.exists("no") && !bench.exists("no.pub"));
}

#[test]
fn keygen_overwrites_neither_side() {
    let bench = Bench::new();
    bench.write("k.pub", b"precious");
    bench
        .run("keygen --kind ed25519 -o k --json")
        .fails(2, "exists");
    assert!(!bench.exists("k"));
    let alice = bench.read("alice");
    bench
        .run("keygen --kind ed25519 -o alice --json")
        .fails(2, "exists");
    assert_eq!(bench.read("alice"), alice);
    bench.run("keygen --kind ed25519 -o alice --force").ok();
    assert_ne!(bench.read("alice"), alice);
}

#[test]
fn an_encrypted_key_needs_its_passphrase() {
    let bench = Bench::new();
    bench
        .run("keygen --bits 2048 --passphrase-file pass -o k")
        .ok();
    bench
        .run("keygen --kind hybrid --passphrase-file pass -o h")
        .ok();
    assert!(
        bench
            .read("h")
            .starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    );
    bench.write("h.gif", GIF);
    bench.run("encrypt -r h.pub h.gif").ok();
    bench
        .run("verify -i h --key-passphrase-file pass h.gif.secimg")
        .ok();
    assert!(
        bench
            .read("k")
            .starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    );
    bench.write("a.gif", GIF);
    bench.run("encrypt -r k.pub a.gif").ok();
    bench
        .run("verify -i k --key-passphrase-file pass a.gif.secimg")
        .ok();
    let wrong = "verify -i k --key-passphrase-file pass2 a.gif.secimg --json";
    bench.run(wrong).fails(1, "wrong_key_passphrase");
    let key = bench
        .run("key k --key-passphrase-file pass --json")
        .ok()
        .one_object();
    assert_eq!(key["encrypted"], true);
}

#[test]
fn keys_that_are_no_good_are_told_apart() {
    let bench = Bench::new();
    bench.secret("weak", WEAK.as_bytes());
    bench.secret("weak.pub", WEAK_PUB.as_bytes());
    bench.secret("text", b"no key at all");
    bench.secret("empty", b"");
    for (file, status, code) in [
        ("weak", 3, "weak_key"),
        ("weak.pub", 3, "weak_key"),
        ("text", 3, "malformed_key"),
        ("empty", 3, "malformed_key"),
        ("missing", 4, "not_found"),
        (".", 2, "is_folder"),
    ] {
        has_keys(
            &bench.run(&format!("key {file} --json")).fails(status, code),
            KEY_KEYS,
        );
    }
    let two = bench.run("key text alice --json").exits(3);
    assert_eq!(two.objects().len(), 2, "all are tried");
}

#[cfg(unix)]
#[test]
fn a_private_key_that_others_can_read_is_refused() {
    let bench = Bench::new();
    bench.sealed();
    bench.write("a.gif", GIF);
    bench.run("encrypt --key-file sym -o s.secimg a.gif").ok();
    bench
        .run("encrypt --passphrase-file pass -o p.secimg a.gif")
        .ok();
    for (secret, words) in [
        ("alice", "verify -i alice a.gif.secimg"),
        ("alice", "key alice"),
        ("sym", "verify --key-file sym s.secimg"),
        ("sym", "encrypt --key-file sym --force a.gif"),
        ("sym", "key sym"),
        ("pass", "verify --passphrase-file pass p.secimg"),
        ("pass", "encrypt --passphrase-file pass --force a.gif"),
        ("bob", "encrypt -r alice.pub --sign bob --force a.gif"),
    ] {
        set_mode(&bench.path(secret), 0o640);
        let refused = bench.run(&format!("{words} --json")).fails(2, "shared_key");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains("--allow-shared-key"), "{message}");
        bench.run(&format!("{words} --allow-shared-key")).ok();
        set_mode(&bench.path(secret), 0o600);
    }
    // A public key is for everybody.
    set_mode(&bench.path("alice.pub"), 0o666);
    bench.run("key alice.pub").ok();
    // What is wrong with it here is that it is public.
    bench
        .run("verify -i alice.pub a.gif.secimg --json")
        .fails(2, "wrong_key_kind");
}
