//! Keys that are called by a name: where they lie, which one is meant, and what is asked for.

use super::support::*;

/// A bench whose key folder has `alice` and `carol` (RSA), `bob` (Ed25519) and `sym`.
fn with_folder() -> Bench {
    let bench = Bench::new();
    bench.run("keygen --kind ed25519 first").ok();
    for name in [
        "alice",
        "alice.pub",
        "carol",
        "carol.pub",
        "bob",
        "bob.pub",
        "sym",
    ] {
        bench.secret(&format!("keyfolder/{name}"), &bench.read(name));
        std::fs::remove_file(bench.path(name)).unwrap();
    }
    for name in ["first", "first.pub"] {
        std::fs::remove_file(bench.path("keyfolder").join(name)).unwrap();
    }
    bench.write("a.gif", GIF);
    bench
}

#[test]
fn keygen_makes_the_folder_and_both_files() {
    let bench = Bench::new();
    let made = bench
        .run("keygen --kind ed25519 me --json")
        .ok()
        .one_object();
    assert_eq!(bench.names_in("keyfolder"), ["me", "me.pub"]);
    assert_eq!(made["file"], bench.path("keyfolder/me").to_str().unwrap());
    assert_eq!(
        made["public_file"],
        bench.path("keyfolder/me.pub").to_str().unwrap()
    );
    #[cfg(unix)]
    {
        assert_eq!(mode(&bench.path("keyfolder")), 0o700);
        assert_eq!(mode(&bench.path("keyfolder/me")), 0o600);
    }
    bench
        .run("keygen --kind ed25519 me --json")
        .fails(2, "exists");
    bench.run("keygen --kind ed25519 me --force").ok();
    bench.run("keygen --kind symmetric s").ok();
    assert_eq!(bench.names_in("keyfolder"), ["me", "me.pub", "s"]);
    bench.run("keygen --kind ed25519").exits(2);
    bench.run("keygen --kind ed25519 -o k name").exits(2);
}

#[test]
fn a_hostile_name_makes_no_key_and_no_folder() {
    let bench = Bench::new();
    for name in [
        "..",
        ".",
        "",
        "../x",
        "/tmp/x",
        "a/b",
        "a\\b",
        ".hidden",
        "NUL",
        "com1.txt",
        "a.",
        "a ",
        " a",
        "a:b",
        "~",
        "a\nb",
        "\u{202e}a",
        "u\u{308}",
        "x.pub",
        "x.crt",
    ] {
        let mut command = bench.command("keygen --kind ed25519 --json");
        finish(command.arg(name)).fails(2, "bad_name");
    }
    finish(bench.command("keygen --kind ed25519").args(["--", "-x"])).exits(2);
    assert!(!bench.exists("keyfolder"));
    // Nor is one looked for.
    for name in [".hidden", "NUL", "u\u{308}"] {
        let run = finish(bench.command("key --json").arg(name));
        assert!(run.stderr.contains("key folder"), "{}", run.stderr);
        run.fails(4, "not_found");
    }
}

#[test]
fn every_word_that_takes_a_key_takes_a_name() {
    let bench = with_folder();
    bench.run("encrypt -r alice --sign bob a.gif").ok();
    bench.run("verify -i alice --from bob a.gif.secimg").ok();
    bench
        .run("decrypt -i alice --from bob -o back a.gif.secimg")
        .ok();
    bench.run("rewrap -i alice -r carol a.gif.secimg").ok();
    bench.run("verify -i carol a.gif.secimg").ok();
    bench.run("encrypt --key-file sym -o s a.gif").ok();
    bench.run("verify --key-file sym s").ok();
    assert_eq!(
        bench.run("pub alice").ok().stdout,
        bench.read("keyfolder/alice.pub")
    );
    assert_eq!(
        bench.run("pub alice.pub").ok().stdout,
        bench.read("keyfolder/alice.pub")
    );
    assert_eq!(
        bench.run("key alice --json").ok().one_object()["private"],
        true
    );
    std::fs::remove_file(bench.path("keyfolder/bob")).unwrap();
    assert_eq!(
        bench.run("key bob --json").ok().one_object()["private"],
        false
    );
}

#[test]
fn a_file_of_that_name_is_meant_first() {
    let bench = with_folder();
    bench.secret("alice", b"no key");
    bench
        .run("verify -i alice s --json")
        .fails(3, "malformed_key");
    bench
        .run("encrypt -r alice a.gif --json")
        .fails(3, "malformed_key");
    std::fs::remove_file(bench.path("alice")).unwrap();
    // A folder is no key, so it is not meant.
    std::fs::create_dir(bench.path("alice")).unwrap();
    bench.run("encrypt -r alice a.gif").ok();
    std::fs::create_dir(bench.path("nobody")).unwrap();
    bench
        .run("encrypt -r nobody a.gif --json")
        .fails(2, "is_folder");
    let none = bench.run("encrypt -r stranger a.gif --json");
    assert!(none.stderr.contains("keyfolder"), "{}", none.stderr);
    none.fails(4, "not_found");
    bench
        .run("encrypt -r ./carol a.gif --json")
        .fails(4, "not_found");
}

#[test]
fn keys_are_listed_with_what_is_wrong_with_them() {
    let bench = with_folder();
    bench
        .run("keygen --bits 2048 --passphrase-file pass locked")
        .ok();
    bench
        .run("keygen --bits 2048 --passphrase-file pass alone")
        .ok();
    std::fs::remove_file(bench.path("keyfolder/alone.pub")).unwrap();
    bench.secret("keyfolder/friend.pub", &bench.read("eve.pub"));
    let objects = bench.run("keys --json").ok().objects();
    let seen = |name: &str| {
        let file = bench.path("keyfolder").join(name);
        let one = objects.iter().find(|o| o["file"] == file.to_str().unwrap());
        one.unwrap_or_else(|| panic!("{name} in {objects:?}"))
            .clone()
    };
    assert_eq!(objects.len(), 7);
    for object in &objects {
        has_keys(object, super::keys::KEY_KEYS);
    }
    for (name, kind, private, encrypted) in [
        ("alice", "rsa", true, Some(false)),
        ("locked", "rsa", true, Some(true)),
        ("bob", "ed25519", true, Some(false)),
        ("sym", "symmetric", true, Some(false)),
        ("friend.pub", "ed25519", false, None),
    ] {
        let key = seen(name);
        assert_eq!(key["kind"], kind, "{name}");
        assert_eq!(key["private"], private, "{name}");
        assert_eq!(key["encrypted"].as_bool(), encrypted, "{name}");
        assert!(key["fingerprint"].as_str().unwrap().starts_with("sha256:"));
    }
    assert_eq!(
        seen("alice")["public_file"],
        bench.path("keyfolder/alice.pub").to_str().unwrap()
    );
    let alone = seen("alone");
    assert_eq!(
        (&alone["encrypted"], &alone["kind"]),
        (&true.into(), &serde_json::Value::Null)
    );
    let text = bench.run("keys").ok().text();
    assert_eq!(text.lines().count(), 7, "{text}");

    bench.secret("keyfolder/junk", b"no key");
    let run = bench.run("keys --json").exits(3);
    assert_eq!(run.objects().len(), 8, "the rest is listed");
    assert!(run.stderr.contains("junk"));
}

#[test]
fn an_empty_folder_and_none_are_said() {
    let bench = Bench::new();
    assert!(bench.run("keys").ok().text().contains("no key folder"));
    assert_eq!(bench.run("keys --json").ok().stdout, b"");
    let sealed = bench.sealed();
    bench.write("s", &sealed);
    for command in ["decrypt", "verify", "list", "rewrap -r carol.pub"] {
        let run = bench.run(&format!("{command} s --json"));
        assert!(run.stderr.contains("keyfolder"), "{}", run.stderr);
        run.fails(2, "no_identity");
    }
    bench.run("keygen --kind ed25519 signer").ok();
    bench.run("decrypt s --json").fails(2, "no_identity");
}

#[test]
fn without_identities_the_key_that_fits_opens() {
    let bench = with_folder();
    bench.run("encrypt -r alice --sign bob -o s a.gif").ok();
    bench.run("encrypt --key-file sym -o t a.gif").ok();
    bench.run("decrypt --from bob -o back s").ok();
    assert_eq!(bench.read("back"), GIF);
    bench.run("verify s t").ok();
    bench.run("list s t").ok();
    bench.run("rewrap -r carol s").ok();
    let report = bench.run("verify s --json").ok().one_object();
    assert_eq!(report["signature"]["intended"], "not_intended");
    // A stream for somebody else, and one for a passphrase.
    for name in ["carol", "carol.pub"] {
        std::fs::remove_file(bench.path("keyfolder").join(name)).unwrap();
    }
    bench.run("verify s --json").fails(1, "no_matching_key");
    bench.run("encrypt --passphrase-file pass -o p a.gif").ok();
    bench.run("verify p --json").fails(1, "no_matching_key");
}

/// There is no terminal: whoever asked would fail, and say so.
#[test]
fn a_passphrase_is_asked_for_only_when_the_key_fits() {
    let bench = with_folder();
    for name in ["mine", "other"] {
        bench
            .run(&format!("keygen --bits 2048 --passphrase-file pass {name}"))
            .ok();
    }
    bench.run("encrypt -r alice -o s a.gif").ok();
    let run = bench.run("verify s").ok();
    assert!(!run.stderr.contains("assphrase"), "{}", run.stderr);
    bench.run("encrypt -r mine -o t a.gif").ok();
    let run = bench.run("verify t --json");
    run.fails(2, "passphrase_needed");
    bench.run("verify --key-passphrase-file pass t").ok();
    bench
        .run("verify --key-passphrase-file pass2 t --json")
        .fails(1, "wrong_key_passphrase");
    // Of a key without its public side nobody knows what it opens.
    std::fs::remove_file(bench.path("keyfolder/other.pub")).unwrap();
    let run = bench.run("verify s").ok();
    assert!(run.stderr.contains("other") && run.stderr.contains("left out"));
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_not_ones_own_is_refused() {
    let bench = with_folder();
    bench.run("encrypt -r alice -o s a.gif").ok();
    for bits in [0o777, 0o720, 0o702] {
        set_mode(&bench.path("keyfolder"), bits);
        for words in [
            "keys",
            "keygen --kind ed25519 x",
            "key alice",
            "pub alice",
            "encrypt -r alice -o u a.gif",
            "encrypt --key-file sym -o u a.gif",
            "verify s",
            "verify -i alice s",
            "list s",
        ] {
            bench.run(&format!("{words} --json")).fails(2, "shared_key");
        }
        bench.run("verify --allow-shared-key s").ok();
        bench
            .run("encrypt -r alice --allow-shared-key -o t a.gif --force")
            .ok();
        bench.run("keys --allow-shared-key").ok();
    }
    assert_eq!(bench.names_in("keyfolder").len(), 7);
    // One that others can list is told, once.
    set_mode(&bench.path("keyfolder"), 0o755);
    let run = bench
        .run("encrypt -r alice -r carol --sign bob -o t a.gif --force")
        .ok();
    assert_eq!(
        run.stderr.matches("others can see").count(),
        1,
        "{}",
        run.stderr
    );
    let objects = bench.run("keys --json").ok().objects();
    assert!(
        objects[0]["warnings"]
            .to_string()
            .contains("others can see")
    );
    assert_eq!(bench.run("verify s --quiet").ok().stderr, "");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_left_out_and_told() {
    let bench = with_folder();
    bench.run("encrypt -r alice -o s a.gif").ok();
    bench.run("encrypt -r carol -o t a.gif").ok();
    set_mode(&bench.path("keyfolder/alice"), 0o644);
    let run = bench.run("verify s");
    assert!(run.stderr.contains("left out") && run.stderr.contains("chmod 600"));
    run.exits(1);
    bench.run("verify t").ok();
    bench.run("verify --allow-shared-key s").ok();
    bench.run("verify -i alice s --json").fails(2, "shared_key");
    bench.run("keys --json").exits(2);
}

#[cfg(target_os = "linux")]
#[test]
fn the_folder_is_where_the_platform_has_its_configuration() {
    let bench = Bench::new();
    let run = |variables: &[(&str, &str)], name: &str| {
        let mut command = bench.command("keygen --kind ed25519");
        command
            .arg(name)
            .env_remove("SECIMG_KEYS")
            .env_remove("XDG_CONFIG_HOME");
        for (variable, value) in variables {
            command.env(variable, bench.path(value));
        }
        finish(&mut command).ok();
    };
    run(&[("HOME", "home"), ("XDG_CONFIG_HOME", "xdg")], "a");
    assert_eq!(bench.names_in("xdg/secimg/keys"), ["a", "a.pub"]);
    run(&[("HOME", "home")], "b");
    assert_eq!(bench.names_in("home/.config/secimg/keys"), ["b", "b.pub"]);
    run(&[("HOME", "home"), ("SECIMG_KEYS", "own")], "c");
    assert_eq!(bench.names_in("own"), ["c", "c.pub"]);
}
